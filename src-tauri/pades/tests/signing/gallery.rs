//! One document for every act, signed with a fixed key at a fixed time: what `golden` compares and `pictures` draws.

use antin_pades::{Act, CertifiedCopy, CopyForm, CopySource, Disputed, Initial, Mark, Plain};

use crate::{
    chains::{appendix, incoming, initial, place},
    foreign::{number, seal},
    letter::{approve, elsewhere, image, issue, read, signed},
    pki::{Pki, Signer},
};

/// An act that was done.
pub(crate) struct Shown {
    /// In file names.
    pub(crate) name: &'static str,
    /// The document before it.
    pub(crate) before: Vec<u8>,
    /// And after it.
    pub(crate) after: Vec<u8>,
    /// The pages it is seen on, from 1.
    pub(crate) pages: &'static [usize],
}

pub(crate) fn copy(form: CopyForm, source: CopySource) -> Act {
    Act::Copy(CertifiedCopy {
        form,
        source,
        agency: "Ủy ban nhân dân tỉnh Thừa Thiên Huế".into(),
    })
}

/// Every act, without time-stamps, which no authority gives twice.
pub(crate) fn all(pki: &Pki) -> Vec<Shown> {
    let signer = Signer::fixed();
    let sign = |pdf: &[u8], act: Act| signed(pki, pdf, &signer, act, false);
    let mut shown = Vec::new();
    let mut add = |name, before: &[u8], act, pages| {
        let after = sign(before, act);
        shown.push(Shown {
            name,
            before: before.to_vec(),
            after: after.clone(),
            pages,
        });
        after
    };
    let draft = read("directive.pdf");
    let comment = Initial {
        mark: Mark::Comment(
            "Đồng ý trình ký; đề nghị bổ sung nơi nhận: Sở Tài chính, Kho bạc Nhà nước tỉnh."
                .into(),
        ),
        place: Some(place(0, 300.0, 20.0, 560.0, 60.0)),
        ..initial()
    };
    add("comment", &draft, Act::Initial(comment), &[1]);
    let first = add("initial", &draft, Act::Initial(initial()), &[3]);
    let approved = add("approve", &first, Act::Approve(approve()), &[3]);
    let issued = add("issue", &approved, Act::Issue(issue()), &[1, 3]);
    let arrived = add("incoming", &issued, Act::Incoming(incoming()), &[1]);
    add(
        "plain-invisible",
        &arrived,
        Act::Plain(Plain::default()),
        &[],
    );
    let visible = Plain {
        appearance: Some((elsewhere().place, image("signature.png"))),
    };
    let own = add("plain", &read("giay-moi.pdf"), Act::Plain(visible), &[1]);
    let by_hand = sign(&draft, Act::Plain(Plain::default()));
    let numbered = add("number", &by_hand, number(Disputed::Refuse), &[1]);
    add("seal", &numbered, seal(Disputed::Refuse), &[3]);
    add("incoming-corner", &own, Act::Incoming(incoming()), &[1]);
    let page = read("giay-moi.pdf");
    add("appendix", &page, appendix(), &[1]);
    let copies = [
        ("copy-sao-y", CopyForm::Full, CopySource::Paper),
        ("copy-sao-luc", CopyForm::OfCopy, CopySource::PaperCopy),
        ("copy-trich-sao", CopyForm::Extract, CopySource::Electronic),
    ];
    for (name, form, source) in copies {
        add(name, &page, copy(form, source), &[1]);
    }
    shown
}

//! Letters that other programs signed: what they allow is said before, and what is done to them leaves them valid.

use std::process::Command;

use antin_pades::{
    Act, Disputed, Error, Number, Plain, Seal, Signing, TextPlace, Verdict, field_name,
    report::ActKind,
};
use antin_pdf::{Dictionary, Document, Object, StringFormat, Update};

use crate::{
    acts::write,
    chains::{allowed, appendix, incoming, initial, judged, own, report, text},
    judges::{assert_good, pdfsig_valid, pyhanko, python, qpdf},
    letter::{approve, elsewhere, image, prepared, read, signed},
    pki::{Pki, run},
};

/// The Directive as pyHanko signs it: `meta` is Python for the signature's metadata, `field` for its field.
fn elsewhere_signed(pki: &Pki, name: &str, meta: &str, field: &str) -> Vec<u8> {
    let script = format!(
        "
import sys
from pyhanko.sign import signers, fields
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
key, cert, chain, source, target = sys.argv[1:]
signer = signers.SimpleSigner.load(key, cert, ca_chain_files=(chain,))
with open(source, 'rb') as data, open(target, 'wb') as out:
    writer = IncrementalPdfFileWriter(data)
    fields.append_signature_field(writer, fields.SigFieldSpec('Signature1'{field}))
    signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name='Signature1'{meta}), signer=signer, output=out)
"
    );
    let source = pki.path("source.pdf");
    std::fs::write(&source, read("directive.pdf")).unwrap();
    let mut command = Command::new(python());
    command.args(["-c", &script]);
    command.args(["leader.key", "leader.pem", "sub.pem"].map(|name| pki.path(name)));
    run(command.arg(&source).arg(pki.path(name)));
    std::fs::read(pki.path(name)).unwrap()
}

#[test]
fn letters_signed_elsewhere_say_what_they_allow() {
    let pki = Pki::make();
    let seal = pki.signer("seal");
    let stamp = || Act::Incoming(incoming());
    let visible = || {
        Act::Plain(Plain {
            appearance: Some((elsewhere().place, image("signature.png"))),
        })
    };

    // adbe.pkcs7.detached, no certification: a visible stamp is allowed.
    let free = elsewhere_signed(&pki, "free.pdf", "", "");
    let said = allowed(&free);
    assert_eq!((said.signing, said.certification), (Signing::Free, None));
    assert_eq!(said.signed, ["Signature1"]);
    let stamped = signed(&pki, &free, &seal, stamp(), false);
    judged(
        &pki,
        "free-incoming.pdf",
        &stamped,
        &["Signature1", field_name::INCOMING],
    );
    assert!(text(&pki, "free-incoming.pdf", "1").contains("Số: 1234"));
    let plain = signed(&pki, &free, &seal, visible(), false);
    judged(&pki, "free-plain.pdf", &plain, &["Signature1", "Ky1"]);

    for level in [2, 3] {
        let meta = format!(", certify=True, docmdp_permissions=fields.MDPPerm({level})");
        let pdf = elsewhere_signed(&pki, "certified.pdf", &meta, "");
        let said = allowed(&pdf);
        assert_eq!(
            (said.signing, said.certification),
            (Signing::Invisible, Some(level))
        );
        let stamped = signed(&pki, &pdf, &seal, stamp(), false);
        let name = format!("certified{level}-incoming.pdf");
        judged(&pki, &name, &stamped, &["Signature1", field_name::INCOMING]);
        let plain = signed(&pki, &pdf, &seal, Act::Plain(Plain::default()), false);
        judged(&pki, "certified-plain.pdf", &plain, &["Signature1", "Ky1"]);
        let refused = prepared(&pdf, &seal, visible());
        assert!(matches!(refused, Err(Error::OnlyInvisible)), "{refused:?}");
        let refused = prepared(&pdf, &seal, appendix());
        assert!(matches!(refused, Err(Error::OnlyInvisible)), "{refused:?}");
    }

    let meta = ", certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES";
    let lock = ", field_mdp_spec=fields.FieldMDPSpec(fields.FieldMDPAction.ALL), doc_mdp_update_value=fields.MDPPerm.NO_CHANGES";
    for (meta, field) in [(meta, ""), ("", lock)] {
        let pdf = elsewhere_signed(&pki, "final.pdf", meta, field);
        let said = allowed(&pdf);
        assert_eq!(
            (said.signing, said.certification),
            (Signing::Nothing, Some(1)),
            "{field}"
        );
        assert!(said.empty.is_empty());
        for act in [
            stamp(),
            visible(),
            Act::Plain(Plain::default()),
            appendix(),
            Act::Initial(initial()),
        ] {
            let refused = prepared(&pdf, &seal, act);
            assert!(matches!(refused, Err(Error::Locked)), "{refused:?}");
        }
    }
}

/// Number and date at the Directive's blanks.
pub(crate) fn number(disputed: Disputed) -> Act {
    let fields = approve().fields.unwrap();
    let text = |text: &str, place: TextPlace| (text.to_owned(), place);
    Act::Number(Number {
        texts: vec![
            text("77", fields.number),
            text("26", fields.day.unwrap()),
            text("12", fields.month.unwrap()),
        ],
        disputed,
    })
}

pub(crate) fn seal(disputed: Disputed) -> Act {
    Act::Seal(Seal {
        image: image("seal.png"),
        place: approve().fields.unwrap().seal,
        disputed,
    })
}

/// The Directive signed with `adbe.pkcs7.detached`, the SignedData made by OpenSSL, as iText writes it.
fn signed_by_openssl(pki: &Pki, digest: &str) -> Vec<u8> {
    let pdf = read("directive.pdf");
    let document = Document::from_bytes(pdf.clone()).unwrap();
    let mut update = Update::new(&document);
    let name = |value: &str| Object::Name(value.as_bytes().to_vec());
    let signature = update.reserve();
    let mut widget = Dictionary::new();
    let page = document.page(0).unwrap();
    for (key, value) in [
        ("Type", name("Annot")),
        ("Subtype", name("Widget")),
        ("FT", name("Sig")),
        (
            "T",
            Object::String(b"chuky0".to_vec(), StringFormat::Literal),
        ),
        ("Rect", Object::Array(vec![0.into(); 4])),
        ("F", 132.into()),
        ("P", Object::Reference(page.id)),
        ("V", Object::Reference(signature)),
    ] {
        widget.set(key, value);
    }
    let widget = Object::Reference(update.add(Object::Dictionary(widget)));
    let mut dict = update.dictionary(page.id).unwrap();
    dict.set("Annots", Object::Array(vec![widget.clone()]));
    update.set(page.id, Object::Dictionary(dict));
    let mut form = Dictionary::new();
    form.set("Fields", Object::Array(vec![widget]));
    form.set("SigFlags", 3);
    let mut catalog = document.catalog().unwrap();
    catalog.set("AcroForm", Object::Dictionary(form));
    update.set(document.root_id(), Object::Dictionary(catalog));
    let zeros = "0".repeat(16_000);
    let blank = " ".repeat(40);
    let raw = format!(
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[{blank}]/Contents<{zeros}>>>"
    );
    update.set_raw(signature, raw.into_bytes());
    let mut all = [pdf, update.write().unwrap().bytes].concat();
    let find = |all: &[u8], what: &[u8]| {
        all.windows(what.len())
            .rposition(|window| window == what)
            .unwrap()
    };
    let (range, start) = (
        find(&all, b"/ByteRange[") + 11,
        find(&all, b"/Contents<000") + 9,
    );
    let end = start + zeros.len() + 2;
    let value = format!("0 {start} {end} {}", all.len() - end);
    all[range..range + value.len()].copy_from_slice(value.as_bytes());
    let (content, cms) = (pki.path("content"), pki.path("cms"));
    std::fs::write(&content, [&all[..start], &all[end..]].concat()).unwrap();
    let mut command = Command::new("openssl");
    command.args(["cms", "-sign", "-binary", "-outform", "DER", "-md", digest]);
    for (option, file) in [
        ("-in", &content),
        ("-out", &cms),
        ("-signer", &pki.path("leader.pem")),
        ("-inkey", &pki.path("leader.key")),
        ("-certfile", &pki.path("sub.pem")),
    ] {
        command.arg(option).arg(file);
    }
    run(&mut command);
    for (at, byte) in std::fs::read(&cms).unwrap().iter().enumerate() {
        let digits = format!("{byte:02x}");
        all[start + 1 + 2 * at..start + 3 + 2 * at].copy_from_slice(digits.as_bytes());
    }
    all
}

/// Number and date, then the seal, each a signature of its own: every judge calls all of them good.
fn issued_by_hand(pki: &Pki, name: &str, pdf: &[u8], before: &[&str]) {
    let clerk = pki.signer("seal");
    let numbered = signed(pki, pdf, &clerk, number(Disputed::Refuse), true);
    let sealed = signed(pki, &numbered, &clerk, seal(Disputed::Refuse), true);
    let fields = [before, &[field_name::NUMBER, field_name::SEAL]].concat();
    judged(pki, name, &sealed, &fields);
    pdfsig_valid(&pki.path(name), fields.len());
    let first = text(pki, name, "1");
    assert!(
        first.contains("77") && first.contains("/2014/CT-UBND"),
        "{first}"
    );
    assert!(first.contains("ngày 26 tháng 12"), "{first}");
    let acts: Vec<_> = report(pki, &sealed)
        .signatures
        .iter()
        .map(|one| one.act)
        .collect();
    assert_eq!(acts[before.len()..], [ActKind::Number, ActKind::Issue]);
    for act in [number(Disputed::Draw), seal(Disputed::Draw)] {
        let again = prepared(&sealed, &clerk, act);
        assert!(
            matches!(&again, Err(Error::AlreadyFilled { .. })),
            "{again:?}"
        );
    }
}

#[test]
fn unprepared_letters_are_issued() {
    let pki = Pki::make();
    let clerk = pki.signer("seal");
    for act in [number(Disputed::Draw), seal(Disputed::Draw)] {
        let refused = prepared(&read("directive.pdf"), &clerk, act);
        assert!(
            matches!(refused, Err(Error::NotApproved { .. })),
            "{refused:?}"
        );
    }
    let pdf = elsewhere_signed(&pki, "by-pyhanko.pdf", "", "");
    issued_by_hand(&pki, "by-pyhanko-issued.pdf", &pdf, &["Signature1"]);
    for digest in ["sha256", "sha1"] {
        let pdf = signed_by_openssl(&pki, digest);
        assert_eq!(allowed(&pdf).signing, Signing::Free);
        if digest == "sha256" {
            issued_by_hand(&pki, "by-openssl-issued.pdf", &pdf, &["chuky0"]);
        } else {
            // Our validator calls SHA-1 weak, not invalid.
            let sealed = signed(&pki, &pdf, &clerk, seal(Disputed::Refuse), false);
            own(&pki, &sealed);
            assert!(report(&pki, &sealed).signatures[0].weak);
        }
    }
}

#[test]
fn a_leader_signs_what_others_signed_elsewhere() {
    let pki = Pki::make();
    let pdf = elsewhere_signed(&pki, "others.pdf", "", "");
    let leader = pki.signer("curve");
    let approved = signed(&pki, &pdf, &leader, Act::Approve(approve()), true);
    judged(
        &pki,
        "others-approved.pdf",
        &approved,
        &["Signature1", field_name::LEADER],
    );
    let again = prepared(&approved, &leader, Act::Approve(approve()));
    assert!(
        matches!(&again, Err(Error::AlreadySigned { field }) if field == field_name::LEADER),
        "{again:?}"
    );
    issued_by_hand(
        &pki,
        "others-issued.pdf",
        &approved,
        &["Signature1", field_name::LEADER],
    );
}

/// pyHanko: an empty visible field beside its own signature.
fn with_field(rect: &str, page: usize, more: &str) -> String {
    format!(
        "))\n    fields.append_signature_field(writer, fields.SigFieldSpec('Kept', on_page={page}, box={rect}{more}"
    )
}

#[test]
fn a_seal_goes_into_the_field_that_was_kept() {
    let pki = Pki::make();
    let clerk = pki.signer("seal");
    let place = approve().fields.unwrap().seal.rect;
    let at = format!("({}, {}, {}, {})", place.x0, place.y0, place.x1, place.y1);
    let elsewhere = "(300, 500, 400, 600)";
    let certify = ", certify=True, docmdp_permissions=fields.MDPPerm.FILL_FORMS";
    let lock =
        ", field_mdp_spec=fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, fields=['Other'])";
    for (index, (meta, rect, page, more)) in [
        (certify, at.as_str(), 2, ""),
        // Where nothing new may be drawn, the only empty field is the one that is meant.
        (certify, elsewhere, 0, ""),
        ("", at.as_str(), 2, lock),
    ]
    .into_iter()
    .enumerate()
    {
        let pdf = elsewhere_signed(&pki, "kept.pdf", meta, &with_field(rect, page, more));
        assert_eq!(allowed(&pdf).empty, ["Kept"]);
        let sealed = signed(&pki, &pdf, &clerk, seal(Disputed::Refuse), false);
        let name = format!("kept{index}.pdf");
        let verdicts = judged(&pki, &name, &sealed, &["Signature1", "Kept"]);
        assert_eq!(
            verdicts[1]["locked"].is_array(),
            !more.is_empty(),
            "{}",
            verdicts[1]
        );
        pdfsig_valid(&pki.path(&name), 2);
        assert_eq!(report(&pki, &sealed).signatures[1].act, ActKind::Issue);
    }
    // A field elsewhere, or one that makes demands, is not the seal's.
    let demands = ", seed_value_dict=fields.SigSeedValueSpec(reasons=['Duyet'])";
    for (rect, page, more) in [(elsewhere, 0, ""), (at.as_str(), 2, demands)] {
        let pdf = elsewhere_signed(&pki, "kept.pdf", "", &with_field(rect, page, more));
        let sealed = signed(&pki, &pdf, &clerk, seal(Disputed::Refuse), false);
        judged(
            &pki,
            "kept-new.pdf",
            &sealed,
            &["Signature1", field_name::SEAL],
        );
    }
}

/// The Cipher Committee's own way: certified, and then sealed in a new field.
#[test]
fn what_validators_dispute_is_done_only_when_asked() {
    let pki = Pki::make();
    let clerk = pki.signer("seal");
    for level in [2, 3] {
        let meta = format!(", certify=True, docmdp_permissions=fields.MDPPerm({level})");
        let pdf = elsewhere_signed(&pki, "certified.pdf", &meta, "");
        for act in [number(Disputed::Refuse), seal(Disputed::Refuse)] {
            let refused = prepared(&pdf, &clerk, act);
            assert!(matches!(refused, Err(Error::OnlyInvisible)), "{refused:?}");
        }
        let numbered = signed(&pki, &pdf, &clerk, number(Disputed::Draw), false);
        let sealed = signed(&pki, &numbered, &clerk, seal(Disputed::Draw), false);
        let name = format!("disputed{level}.pdf");
        let file = write(&pki, &name, &sealed);
        let said = report(&pki, &sealed);
        for one in &said.signatures {
            assert!(
                matches!(one.verdict, Verdict::Valid | Verdict::ModifiedAllowed),
                "{one:#?}"
            );
        }
        pdfsig_valid(&file, 3);
        qpdf(&file);
        let verdicts = pyhanko(&pki, &file);
        assert_eq!(verdicts[0]["intact"], true);
        assert_eq!(
            verdicts[0]["docmdp_ok"], false,
            "pyHanko is stricter: {}",
            verdicts[0]
        );
        assert_good(&verdicts[2], field_name::SEAL, "ENTIRE_FILE", "NONE");
    }
    let meta = ", certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES";
    let pdf = elsewhere_signed(&pki, "final.pdf", meta, "");
    let all = ", field_mdp_spec=fields.FieldMDPSpec(fields.FieldMDPAction.ALL)";
    let locked = elsewhere_signed(&pki, "locked.pdf", "", all);
    for (pdf, act) in [
        (&pdf, seal(Disputed::Draw)),
        (&locked, number(Disputed::Draw)),
    ] {
        let refused = prepared(pdf, &clerk, act);
        assert!(matches!(refused, Err(Error::Locked)), "{refused:?}");
    }
}

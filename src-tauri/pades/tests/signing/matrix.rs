//! Every act, level and kind of key, in chains of acts: each row signs a letter as offices do, with another key and another
//! level at each step.
//!
//! The whole product takes minutes. Seven rows show every pair of act, level and key (asserted); `ANTIN_MATRIX=full` runs all
//! of it.

use std::{collections::BTreeSet, path::PathBuf};

use antin_pades::{
    Act, CertifiedCopy, CopyForm, CopySource, Disputed, Extras, Initial, Mark, Plain,
    ValidationData, extend, prepare_with,
};
use antin_pdf::{Document, FieldKind, Object};

use crate::{
    acts::write,
    chains::{appendix, incoming, initial, own, place},
    foreign::{number, seal},
    judges::{ltv_all, pdfsig_says, pyhanko_all, qpdf},
    letter::{approve, elsewhere, image, issue, read, request},
    levels::data,
    pki::Pki,
};

const KEYS: [&str; 7] = [
    "leader", "rsa3072", "rsa4096", "pss", "curve", "p384", "pss-only",
];
/// NSS, and so poppler 22, does not verify with a key that its certificate keeps for RSASSA-PSS; OpenSSL and pyHanko do.
const NOT_IN_NSS: &str = "pss-only";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    B,
    T,
    Lt,
    Lta,
}

const LEVELS: [Level; 4] = [Level::B, Level::T, Level::Lt, Level::Lta];

/// The acts of each chain, over the draft it begins with. Later acts of a chain stand on the earlier ones.
fn chains() -> Vec<(&'static str, Vec<Act>)> {
    let comment = Initial {
        mark: Mark::Comment("Đồng ý.".into()),
        place: Some(place(0, 300.0, 20.0, 560.0, 60.0)),
        ..initial()
    };
    let visible = Plain {
        appearance: Some((elsewhere().place, image("signature.png"))),
    };
    let copy = CertifiedCopy {
        form: CopyForm::Full,
        source: CopySource::Paper,
        agency: "Ủy ban nhân dân tỉnh Thừa Thiên Huế".into(),
    };
    vec![
        (
            "directive.pdf",
            vec![
                Act::Initial(initial()),
                Act::Initial(comment),
                Act::Approve(approve()),
                Act::Issue(issue()),
                Act::Incoming(incoming()),
                appendix(),
                Act::Plain(Plain::default()),
            ],
        ),
        (
            "directive.pdf",
            vec![
                Act::Plain(visible),
                Act::Approve(approve()),
                number(Disputed::Refuse),
                seal(Disputed::Refuse),
                Act::Incoming(incoming()),
            ],
        ),
        ("giay-moi.pdf", vec![Act::Copy(copy)]),
    ]
}

/// One act at one level: the signature's revision, and for B-LTA that of its archive time-stamp.
fn signed(
    pki: &Pki,
    pdf: Vec<u8>,
    key: &str,
    act: Act,
    level: Level,
    data: &ValidationData,
) -> Vec<u8> {
    let signer = pki.signer(key);
    let document = Document::from_bytes(pdf.clone()).unwrap();
    let extras = Extras {
        validation: (level >= Level::Lt).then_some(data),
        ..Extras::default()
    };
    let mut order = request(&signer, act);
    order.timestamp = level >= Level::T;
    let prepared = prepare_with(&document, &order, pdf.as_slice(), extras).unwrap();
    let signature = pki.sign(&signer, &prepared);
    let token = (level >= Level::T).then(|| pki.timestamp(&signature));
    let update = prepared.finish(&signature, token.as_deref()).unwrap();
    let pdf = [pdf, update.bytes].concat();
    if level < Level::Lta {
        return pdf;
    }
    let document = Document::from_bytes(pdf.clone()).unwrap();
    let prepared = extend::prepare_timestamp(&document, data, pdf.as_slice(), 0).unwrap();
    let token = pki.timestamp_over(prepared.imprint());
    let update = prepared.finish(&token).unwrap();
    [pdf, update.bytes].concat()
}

/// What tools of the VGCA family demand (they count `%%EOF`): the last signature covers the file to its end, and between
/// the ends of two neighbouring signatures there is one `%%EOF` and no more.
#[track_caller]
pub(crate) fn every_revision_ends_in_a_signature(pdf: &[u8], draft: usize) {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let mut ends = BTreeSet::from([draft]);
    for field in document.fields().unwrap() {
        let value = field.value.unwrap_or(Object::Null);
        let Object::Dictionary(dict) = document.resolve(&value).unwrap() else {
            continue;
        };
        assert_eq!(field.kind, FieldKind::Signature);
        let Object::Array(range) = document.entry(&dict, b"ByteRange").unwrap() else {
            panic!("no ByteRange")
        };
        let number = |at: usize| usize::try_from(range[at].as_i64().unwrap()).unwrap();
        ends.insert(number(2) + number(3));
    }
    let ends: Vec<_> = ends.into_iter().collect();
    assert_eq!(ends.last(), Some(&pdf.len()), "no unsigned tail");
    for pair in ends.windows(2) {
        let between = &pdf[pair[0]..pair[1]];
        let count = between.windows(5).filter(|one| one == b"%%EOF").count();
        assert_eq!(count, 1, "one act, one %%EOF");
    }
}

#[test]
fn every_act_level_and_key() {
    let full = std::env::var_os("ANTIN_MATRIX").is_some_and(|value| value == "full");
    let pki = Pki::make();
    pki.more_keys();
    let data = data(&pki);
    let mut pairs = BTreeSet::new();
    let mut made: Vec<(PathBuf, Vec<Level>)> = Vec::new();
    let rows = if full {
        KEYS.len() * LEVELS.len()
    } else {
        KEYS.len()
    };
    for row in 0..rows {
        let mut step = 0;
        for (index, (draft, acts)) in chains().into_iter().enumerate() {
            let draft = read(draft);
            let mut pdf = draft.clone();
            let mut levels = Vec::new();
            let mut unknown = 0;
            for act in acts {
                let key = KEYS[(row + step) % KEYS.len()];
                let level = LEVELS[if full {
                    (row / KEYS.len() + step) % LEVELS.len()
                } else {
                    (row + step / 2) % LEVELS.len()
                }];
                let name = format!("{:?}", act.kind());
                pairs.insert((name.clone(), key.to_owned()));
                pairs.insert((name, format!("{level:?}")));
                pairs.insert((key.to_owned(), format!("{level:?}")));
                pdf = signed(&pki, pdf, key, act, level, &data);
                levels.push(level);
                unknown += usize::from(key == NOT_IN_NSS);
                step += 1;
            }
            every_revision_ends_in_a_signature(&pdf, draft.len());
            own(&pki, &pdf);
            let file = write(&pki, &format!("matrix-{row}-{index}.pdf"), &pdf);
            qpdf(&file);
            pdfsig_says(&file, levels.len() - unknown, unknown);
            made.push((file, levels));
        }
    }
    // Nine acts as reports name them (a seal of either kind is an issue).
    assert_eq!(pairs.len(), 9 * (7 + 4) + 7 * 4, "every pair is shown");

    let files: Vec<PathBuf> = made.iter().map(|(file, _)| file.clone()).collect();
    let verdicts = pyhanko_all(&pki, &files);
    for (file, levels) in &made {
        let name = file.to_str().unwrap();
        let own = verdicts.iter().filter(|verdict| verdict["file"] == name);
        let (stamps, signatures): (Vec<_>, Vec<_>) =
            own.partition(|verdict| verdict["field"].as_str().unwrap().starts_with("ThoiGian"));
        assert_eq!(signatures.len(), levels.len(), "{name}");
        let archived = levels.iter().filter(|level| **level == Level::Lta).count();
        assert_eq!(stamps.len(), archived, "{name}");
        for (verdict, level) in signatures.iter().zip(levels) {
            for key in ["intact", "valid", "trusted", "docmdp_ok", "bottom_line"] {
                assert_eq!(verdict[key], true, "{key} in {verdict}");
            }
            let stamped = if *level == Level::B { None } else { Some(true) };
            assert_eq!(verdict["timestamp_valid"].as_bool(), stamped, "{verdict}");
        }
        for stamp in stamps {
            assert_eq!(stamp["bottom_line"], true, "{stamp}");
        }
    }
    // With revocation required and nothing fetched: who has validation data in the file.
    let long: Vec<PathBuf> = made
        .iter()
        .filter(|(_, levels)| levels.iter().any(|level| *level >= Level::Lt))
        .map(|(file, _)| file.clone())
        .collect();
    for line in ltv_all(&pki, &long, "lt") {
        if line["store"].is_null() {
            assert_eq!(line["good"], true, "{line}");
        } else {
            assert_eq!(line["store"]["crls"], 2, "{line}");
        }
    }
}

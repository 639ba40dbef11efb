//! Letters with an owner password: signed as its permissions allow, and judged by others.

use std::process::Command;

use antin_pades::{Act, Error, Plain, Signing, Verdict, field_name, later, validate};
use antin_pdf::{Document, Object, Update};
use antin_pkix::{Certificate, Evidence, TrustStore};

use crate::{
    acts::write,
    chains::allowed,
    handmade,
    judges::{assert_good, ltv, pdfsig, pyhanko, qpdf},
    letter::{TIME, approve, elsewhere, issue, prepared, read, signed},
    levels::{archived, data},
    pki::{Pki, run},
};

/// A letter as qpdf encrypts it.
fn encrypted(pki: &Pki, letter: &[u8], user: &str, options: &[&str], more: &[&str]) -> Vec<u8> {
    let (source, pdf) = (pki.path("source.pdf"), pki.path("encrypted.pdf"));
    std::fs::write(&source, letter).unwrap();
    let mut command = Command::new("qpdf");
    command
        .args(more)
        .args(["--allow-weak-crypto", "--encrypt", user, "chu-so-huu"]);
    run(command.args(options).arg("--").arg(&source).arg(&pdf));
    std::fs::read(&pdf).unwrap()
}

fn report(pki: &Pki, pdf: &[u8]) -> antin_pades::Report {
    let root = Certificate::from_der(&std::fs::read(pki.path("root.der")).unwrap()).unwrap();
    let trust = TrustStore {
        anchors: vec![root],
        intermediates: Vec::new(),
    };
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    validate(&document, &trust, &Evidence::default(), TIME)
}

/// Approves and issues, and lets all judges look.
#[track_caller]
fn survives(name: &str, options: &[&str], more: &[&str]) {
    let pki = Pki::make();
    let pdf = encrypted(&pki, &read("directive.pdf"), "", options, more);
    let act = Act::Approve(approve());
    let approved = signed(&pki, &pdf, &pki.signer("leader"), act, true);
    let act = Act::Issue(issue());
    let issued = signed(&pki, &approved, &pki.signer("seal"), act, false);
    let appended = &issued[pdf.len()..];
    for clear in [&b"Phan Ng\xE1\xBB\x8Dc"[..], b"D:2026", b"/Helv"] {
        assert!(
            !appended.windows(clear.len()).any(|window| window == clear),
            "{name}: text in clear"
        );
    }
    let file = write(&pki, &format!("{name}.pdf"), &issued);
    let verdicts = pyhanko(&pki, &file);
    assert_eq!(verdicts.len(), 2);
    assert_good(
        &verdicts[0],
        field_name::LEADER,
        "ENTIRE_REVISION",
        "FORM_FILLING",
    );
    assert_good(&verdicts[1], field_name::SEAL, "ENTIRE_FILE", "NONE");
    pdfsig(&file, 2);
    qpdf(&file);
    let report = report(&pki, &issued);
    // As of a letter that is not encrypted: its fields were filled in after the leader signed.
    assert_eq!(report.verdict, Verdict::ModifiedAllowed, "{report:#?}");
    assert_eq!(report.signatures.len(), 2);
}

#[test]
fn rc4_of_128_bits() {
    survives(
        "rc4",
        &["128", "--use-aes=n"],
        &["--object-streams=disable"],
    );
}

#[test]
fn aes_128() {
    survives(
        "aes128",
        &["128", "--use-aes=y"],
        &["--object-streams=generate"],
    );
}

#[test]
fn aes_256() {
    survives("aes256", &["256"], &["--object-streams=disable"]);
}

#[test]
fn aes_256_with_object_streams_and_clear_metadata() {
    survives(
        "aes256-streams",
        &["256", "--cleartext-metadata"],
        &["--object-streams=generate"],
    );
}

/// The time-stamp goes into the hole, which is in clear; the archive's streams are encrypted as all others.
#[test]
fn stamped_later_and_archived() {
    let pki = Pki::make();
    for (name, way) in [("stamped-aes128", "128"), ("stamped-aes256", "256")] {
        let options: &[&str] = match way {
            "128" => &["128", "--use-aes=y"],
            way => &[way],
        };
        let pdf = encrypted(&pki, &read("directive.pdf"), "", options, &[]);
        let act = Act::Approve(approve());
        let mut stamped = signed(&pki, &pdf, &pki.signer("leader"), act, false);
        let document = Document::from_bytes(stamped.clone()).unwrap();
        let value = later::waiting(&document, field_name::LEADER).unwrap();
        let patch = later::insert(&document, field_name::LEADER, &pki.timestamp(&value)).unwrap();
        let before = stamped.len();
        assert!(patch.apply(&mut stamped));
        assert_eq!(stamped.len(), before);
        let archive = archived(&pki, &stamped, &data(&pki));
        let file = write(&pki, &format!("{name}.pdf"), &archive);
        let judged = ltv(&pki, &file, "lta");
        assert_eq!(judged[0]["stamps"].as_array().unwrap().len(), 1, "{name}");
        assert_eq!(judged[1]["good"], true, "{name}: {}", judged[1]);
        qpdf(&file);
        let report = report(&pki, &archive);
        assert_eq!(report.verdict, Verdict::Valid, "{name}: {report:#?}");
        assert!(
            report.signatures[0].timestamps[0].intact,
            "{name}: {report:#?}"
        );
    }
}

/// A page with an empty signature field of another program.
fn handmade_field() -> Vec<u8> {
    let pdf = handmade::table();
    let document = Document::from_bytes(pdf.clone()).unwrap();
    let mut update = Update::new(&document);
    let page = document.page(0).unwrap();
    let widget = b"<</FT/Sig/T(NguoiKy)/Type/Annot/Subtype/Widget/Rect[300 100 450 180]/F 4>>";
    let Ok(Object::Dictionary(mut widget)) = antin_pdf::parse_object(widget) else {
        panic!("a dictionary");
    };
    widget.set("P", Object::Reference(page.id));
    let widget = update.add(Object::Dictionary(widget));
    // The form's fields and the page's annotations are arrays of their own.
    for list in [(8, 0), (5, 0)] {
        let mut items = update.get(list).unwrap().as_array().unwrap().clone();
        items.push(Object::Reference(widget));
        update.set(list, Object::Array(items));
    }
    [&pdf[..], &update.write().unwrap().bytes].concat()
}

#[test]
fn the_owner_is_asked() {
    let pki = Pki::make();
    let (leader, seal) = (pki.signer("leader"), pki.signer("seal"));
    let plain = || Act::Plain(Plain { appearance: None });
    let draft = read("directive.pdf");

    let nothing = encrypted(&pki, &draft, "", &["256", "--modify=none"], &[]);
    assert_eq!(allowed(&nothing).signing, Signing::Nothing);
    for act in [Act::Approve(approve()), plain()] {
        let refused = prepared(&nothing, &leader, act);
        assert!(matches!(refused, Err(Error::OwnerForbids)), "{refused:?}");
    }

    // Existing fields may be filled in, none created.
    let form = encrypted(&pki, &draft, "", &["256", "--modify=form"], &[]);
    assert!(allowed(&form).owner_forbids);
    let refused = prepared(&form, &leader, Act::Approve(approve()));
    assert!(matches!(refused, Err(Error::OwnerForbids)), "{refused:?}");

    // One that waits for somebody is signed, and nothing beside it is made.
    let waiting = encrypted(&pki, &handmade_field(), "", &["256", "--modify=form"], &[]);
    let said = allowed(&waiting);
    assert_eq!(
        (said.signing, said.empty),
        (Signing::Prepared, vec!["NguoiKy".to_owned()])
    );
    let signed = signed(&pki, &waiting, &leader, Act::Approve(elsewhere()), false);
    let report = report(&pki, &signed);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(report.signatures[0].field, "NguoiKy");
    let fields = |pdf: &[u8]| {
        Document::from_bytes(pdf.to_vec())
            .unwrap()
            .fields()
            .unwrap()
            .len()
    };
    assert_eq!(fields(&signed), fields(&waiting));
    let file = write(&pki, "owner-fills.pdf", &signed);
    assert_good(&pyhanko(&pki, &file)[0], "NguoiKy", "ENTIRE_FILE", "NONE");
    pdfsig(&file, 1);
    qpdf(&file);
    for act in [plain(), Act::Approve(approve())] {
        let refused = prepared(&signed, &seal, act);
        assert!(matches!(refused, Err(Error::OwnerForbids)), "{refused:?}");
    }

    let locked = encrypted(&pki, &draft, "nguoi-doc", &["256"], &[]);
    let refused = prepared(&locked, &seal, plain());
    assert!(
        matches!(refused, Err(Error::Pdf(antin_pdf::Error::PasswordNeeded))),
        "{refused:?}"
    );
}

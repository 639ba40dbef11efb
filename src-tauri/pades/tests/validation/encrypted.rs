//! Signed letters with an owner password, and what later revisions do to their encryption.

use crate::letter::{approve, read, signed};
use crate::pki::{Pki, run};
use antin_pades::report::ModificationKind as Kind;
use antin_pades::{Act, Report, Verdict, validate};
use antin_pdf::{Dictionary, Document, Object, Stream, Update, serialise};
use antin_pkix::{Evidence, TrustStore};
use std::process::Command;

/// A letter as qpdf rewrites it, signed.
fn approved(pki: &Pki, options: &[&str]) -> Vec<u8> {
    let (source, pdf) = (pki.path("source.pdf"), pki.path("rewritten.pdf"));
    std::fs::write(&source, read("directive.pdf")).unwrap();
    let mut command = Command::new("qpdf");
    command.arg("--object-streams=disable").args(options);
    run(command.arg(&source).arg(&pdf));
    let act = Act::Approve(approve());
    signed(
        pki,
        &std::fs::read(&pdf).unwrap(),
        &pki.signer("leader"),
        act,
        false,
    )
}

const LOCKED: [&str; 5] = ["--encrypt", "", "chu-so-huu", "256", "--"];

fn judge(pdf: &[u8]) -> Report {
    let at = time::macros::datetime!(2026-11-24 10:00 +7);
    match Document::from_bytes(pdf.to_vec()) {
        Ok(document) => validate(&document, &TrustStore::default(), &Evidence::default(), at),
        Err(error) => Report::unopened(&error, at),
    }
}

fn encryption(pdf: &[u8]) -> (Object, Dictionary) {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let entry = document.trailer().get(b"Encrypt").unwrap().clone();
    let dict = document.resolve(&entry).unwrap().as_dict().unwrap().clone();
    (entry, dict)
}

/// One more revision: perhaps an object, and a trailer with another `/Encrypt`.
fn continued(pdf: &[u8], object: Option<(u32, &Object)>, encrypt: &Object) -> Vec<u8> {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let mut trailer = document.trailer().clone();
    let startxref = document.revisions().last().unwrap().startxref;
    trailer.set("Prev", i64::try_from(startxref).unwrap());
    trailer.set("Encrypt", encrypt.clone());
    let mut all = pdf.to_vec();
    let mut section = b"xref\n".to_vec();
    match object {
        Some((number, object)) => {
            section.extend(format!("{number} 1\n{:010} 00000 n \n", all.len()).bytes());
            all.extend(format!("{number} 0 obj\n").bytes());
            all.extend(serialise(object).unwrap());
            all.extend(b"\nendobj\n");
        }
        None => section.extend(b"0 0\n"),
    }
    let at = all.len();
    section.extend(b"trailer\n");
    section.extend(serialise(&Object::Dictionary(trailer)).unwrap());
    section.extend(format!("\nstartxref\n{at}\n%%EOF\n").bytes());
    [all, section].concat()
}

#[track_caller]
fn falls(pdf: &[u8], what: &str) {
    let report = judge(pdf);
    assert_eq!(
        report.verdict,
        Verdict::ModifiedDisallowed,
        "{what}: {report:#?}"
    );
    let kinds: Vec<Kind> = report.signatures[0]
        .modifications
        .iter()
        .map(|one| one.kind)
        .collect();
    assert!(kinds.contains(&Kind::Encryption), "{what}: {kinds:?}");
}

#[test]
fn encryption_added_after_signing() {
    let pki = Pki::make();
    let plain = approved(&pki, &[]);
    assert_eq!(judge(&plain).verdict, Verdict::Valid);
    let (_, dict) = encryption(&approved(&pki, &LOCKED));
    // With every string decrypted the file cannot be read at all.
    let report = judge(&continued(&plain, None, &Object::Dictionary(dict.clone())));
    assert_eq!(report.verdict, Verdict::Malformed, "{report:#?}");
    // With the strings in clear it can, and every stream is another.
    let mut streams = dict.clone();
    streams.remove(b"StrF");
    falls(
        &continued(&plain, None, &Object::Dictionary(streams)),
        "streams",
    );
    // With everything in clear nothing is another, and still nobody has a reason to do it.
    let mut nothing = dict;
    nothing.remove(b"StrF");
    nothing.remove(b"StmF");
    falls(
        &continued(&plain, None, &Object::Dictionary(nothing)),
        "nothing",
    );
}

#[test]
fn encryption_removed_or_changed_after_signing() {
    let pki = Pki::make();
    let locked = approved(&pki, &LOCKED);
    assert_eq!(judge(&locked).verdict, Verdict::Valid);
    let (entry, dict) = encryption(&locked);
    falls(&continued(&locked, None, &Object::Null), "removed");
    let mut clear = dict.clone();
    clear.remove(b"StrF");
    falls(
        &continued(&locked, None, &Object::Dictionary(clear.clone())),
        "strings in clear",
    );
    // The trailer says the same, and the object that it names says something else.
    let number = entry.as_reference().unwrap().0;
    falls(
        &continued(&locked, Some((number, &Object::Dictionary(clear))), &entry),
        "in its place",
    );
    // Removed, and put back: what stands at the end is as before, but between it was not.
    let back = continued(&continued(&locked, None, &Object::Null), None, &entry);
    falls(&back, "removed and put back");
    // Written anew, meaning the same.
    let same = continued(&locked, None, &Object::Dictionary(dict));
    assert_eq!(judge(&same).verdict, Verdict::Valid, "{:#?}", judge(&same));
}

#[test]
fn changes_in_encrypted_files_are_seen_as_in_others() {
    let pki = Pki::make();
    let locked = approved(&pki, &LOCKED);
    let document = Document::from_bytes(locked.clone()).unwrap();
    let page = document.page(0).unwrap();
    let mut update = Update::new(&document);
    let content = Stream::new(Dictionary::new(), b"0 g 0 0 100 100 re f".to_vec());
    let content = update.add(Object::Stream(content));
    let mut dict = page.dict.clone();
    dict.set("Contents", Object::Reference(content));
    update.set(page.id, Object::Dictionary(dict));
    let report = judge(&[&locked[..], &update.write().unwrap().bytes].concat());
    assert_eq!(report.verdict, Verdict::ModifiedDisallowed, "{report:#?}");

    // A stream in clear among encrypted ones (PDFex) is read as every reader reads it, and seen as well.
    let mut update = Update::new(&document);
    let mut own = Dictionary::new();
    own.set("Filter", Object::Name(b"Crypt".to_vec()));
    let content = update.add(Object::Stream(Stream::new(
        own,
        b"0 g 0 0 100 100 re f".to_vec(),
    )));
    let mut dict = page.dict.clone();
    dict.set("Contents", Object::Reference(content));
    update.set(page.id, Object::Dictionary(dict));
    let appended = update.write().unwrap().bytes;
    assert!(
        appended.windows(10).any(|window| window == b"100 100 re"),
        "in clear"
    );
    let report = judge(&[&locked[..], &appended].concat());
    assert_eq!(report.verdict, Verdict::ModifiedDisallowed, "{report:#?}");

    let mut damaged = locked.clone();
    damaged[2000] ^= 1;
    assert!(!matches!(
        judge(&damaged).verdict,
        Verdict::Valid | Verdict::ModifiedAllowed
    ));
}

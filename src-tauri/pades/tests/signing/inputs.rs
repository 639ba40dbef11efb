//! The Directive as other programs would have written it.

use std::process::Command;

use antin_pades::{Act, field_name};

use crate::{
    acts::write,
    judges::{assert_good, pdfsig, pyhanko, qpdf},
    letter::{approve, issue, read, signed},
    pki::{Pki, run},
};

/// Rewrites the Directive with qpdf, signs it twice and lets the judges look.
#[track_caller]
fn survives(name: &str, options: &[&str]) {
    let pki = Pki::make();
    let (source, pdf) = (pki.path("source.pdf"), pki.path("rewritten.pdf"));
    std::fs::write(&source, read("directive.pdf")).unwrap();
    run(Command::new("qpdf").args(options).arg(&source).arg(&pdf));
    let approved = signed(
        &pki,
        &std::fs::read(&pdf).unwrap(),
        &pki.signer("leader"),
        Act::Approve(approve()),
        false,
    );
    let issued = signed(
        &pki,
        &approved,
        &pki.signer("seal"),
        Act::Issue(issue()),
        false,
    );
    let file = write(&pki, name, &issued);
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
}

#[test]
fn cross_reference_streams() {
    survives("streams.pdf", &["--object-streams=generate"]);
}

#[test]
fn linearised() {
    survives(
        "linearised.pdf",
        &["--linearize", "--object-streams=disable"],
    );
}

#[test]
fn linearised_with_streams() {
    survives(
        "linearised-streams.pdf",
        &["--linearize", "--object-streams=generate"],
    );
}

#[test]
fn turned_pages() {
    survives("turned.pdf", &["--rotate=+90:1", "--rotate=+270:3"]);
}

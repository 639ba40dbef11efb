//! The Directive as other programs would have written it.

use std::process::Command;

use antin_pades::{Act, Approve, field_name};

use crate::{
    acts::write,
    handmade,
    judges::{assert_good, pdfsig, pyhanko, qpdf},
    letter::{approve, elsewhere, issue, read, signed},
    pki::{Pki, run},
};

/// Signs twice and lets the judges look. `suffix` is behind the fields' names.
#[track_caller]
fn survives(pki: &Pki, name: &str, pdf: &[u8], act: Approve, suffix: &str) {
    let approved = signed(pki, pdf, &pki.signer("leader"), Act::Approve(act), false);
    let issued = signed(
        pki,
        &approved,
        &pki.signer("seal"),
        Act::Issue(issue()),
        false,
    );
    let file = write(pki, name, &issued);
    let verdicts = pyhanko(pki, &file);
    assert_eq!(verdicts.len(), 2);
    let leader = format!("{}{suffix}", field_name::LEADER);
    assert_good(&verdicts[0], &leader, "ENTIRE_REVISION", "FORM_FILLING");
    assert_good(
        &verdicts[1],
        &format!("{}{suffix}", field_name::SEAL),
        "ENTIRE_FILE",
        "NONE",
    );
    pdfsig(&file, 2);
    qpdf(&file);
}

/// The Directive as qpdf rewrites it.
#[track_caller]
fn rewritten(name: &str, options: &[&str]) {
    let pki = Pki::make();
    let (source, pdf) = (pki.path("source.pdf"), pki.path("rewritten.pdf"));
    std::fs::write(&source, read("directive.pdf")).unwrap();
    run(Command::new("qpdf").args(options).arg(&source).arg(&pdf));
    survives(&pki, name, &std::fs::read(&pdf).unwrap(), approve(), "");
}

#[test]
fn a_form_of_its_own() {
    let (pki, pdf) = (Pki::make(), handmade::table());
    survives(&pki, "form.pdf", &pdf, elsewhere(), "2");
}

#[test]
fn a_hybrid_file() {
    let (pki, pdf) = (Pki::make(), handmade::hybrid());
    qpdf(&write(&pki, "hybrid-source.pdf", &pdf));
    survives(&pki, "hybrid.pdf", &pdf, elsewhere(), "2");
}

#[test]
fn cross_reference_streams() {
    rewritten("streams.pdf", &["--object-streams=generate"]);
}

#[test]
fn linearised() {
    rewritten(
        "linearised.pdf",
        &["--linearize", "--object-streams=disable"],
    );
}

#[test]
fn linearised_with_streams() {
    rewritten(
        "linearised-streams.pdf",
        &["--linearize", "--object-streams=generate"],
    );
}

#[test]
fn turned_pages() {
    rewritten("turned.pdf", &["--rotate=+90:1", "--rotate=+270:3"]);
}

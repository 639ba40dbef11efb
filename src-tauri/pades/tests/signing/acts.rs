//! Each act over the Directive.

use antin_pades::{Act, Plain, field_name};

use crate::{
    judges::{assert_good, pdfsig, pyhanko, qpdf},
    letter::{approve, elsewhere, image, issue, read, signed},
    pki::Pki,
};

/// `ANTIN_KEEP` names a folder where signed files are left to be looked at.
pub(crate) fn write(pki: &Pki, name: &str, pdf: &[u8]) -> std::path::PathBuf {
    let path = pki.path(name);
    std::fs::write(&path, pdf).unwrap();
    if let Some(folder) = std::env::var_os("ANTIN_KEEP") {
        std::fs::write(std::path::Path::new(&folder).join(name), pdf).unwrap();
    }
    path
}

#[test]
fn approved_then_issued() {
    let pki = Pki::make();
    let approved = signed(
        &pki,
        &read("directive.pdf"),
        &pki.signer("leader"),
        Act::Approve(approve()),
        true,
    );
    let file = write(&pki, "approved.pdf", &approved);
    let verdicts = pyhanko(&pki, &file);
    assert_eq!(
        verdicts.len(),
        1,
        "the prepared fields are not signatures: {verdicts:?}"
    );
    assert_good(&verdicts[0], field_name::LEADER, "ENTIRE_FILE", "NONE");
    assert_eq!(verdicts[0]["certification"], 2);
    assert_eq!(verdicts[0]["timestamp_valid"], true);
    pdfsig(&file, 1);
    qpdf(&file);

    let issued = signed(
        &pki,
        &approved,
        &pki.signer("seal"),
        Act::Issue(issue()),
        true,
    );
    let file = write(&pki, "issued.pdf", &issued);
    let verdicts = pyhanko(&pki, &file);
    assert_eq!(verdicts.len(), 2);
    assert_good(
        &verdicts[0],
        field_name::LEADER,
        "ENTIRE_REVISION",
        "FORM_FILLING",
    );
    assert_good(&verdicts[1], field_name::SEAL, "ENTIRE_FILE", "NONE");
    let locked = serde_json::json!([field_name::NUMBER, field_name::DAY, field_name::MONTH]);
    assert_eq!(verdicts[1]["locked"], locked);
    assert_eq!(verdicts[1]["timestamp_valid"], true);
    pdfsig(&file, 2);
    qpdf(&file);
    let text = crate::pki::run(
        std::process::Command::new("pdftotext")
            .args(["-layout", "-l", "1"])
            .arg(&file)
            .arg("-"),
    );
    assert!(
        text.contains("77") && text.contains("/2014/CT-UBND"),
        "{text}"
    );
}

#[test]
fn curves_and_no_timestamp() {
    let pki = Pki::make();
    let signer = pki.signer("curve");
    let approved = signed(
        &pki,
        &read("cong-van.pdf"),
        &signer,
        Act::Approve(elsewhere()),
        false,
    );
    let issued = signed(&pki, &approved, &signer, Act::Issue(issue()), false);
    let file = write(&pki, "curve.pdf", &issued);
    let verdicts = pyhanko(&pki, &file);
    assert_good(
        &verdicts[0],
        field_name::LEADER,
        "ENTIRE_REVISION",
        "FORM_FILLING",
    );
    assert_good(&verdicts[1], field_name::SEAL, "ENTIRE_FILE", "NONE");
    assert!(verdicts[1]["timestamp_valid"].is_null());
    pdfsig(&file, 2);
    qpdf(&file);
}

#[test]
fn plain_visible_and_invisible() {
    let pki = Pki::make();
    let once = signed(
        &pki,
        &read("giay-moi.pdf"),
        &pki.signer("leader"),
        Act::Plain(Plain::default()),
        false,
    );
    let appearance = Some((elsewhere().place, image("signature.png")));
    let twice = signed(
        &pki,
        &once,
        &pki.signer("seal"),
        Act::Plain(Plain { appearance }),
        false,
    );
    let file = write(&pki, "plain.pdf", &twice);
    let verdicts = pyhanko(&pki, &file);
    assert_good(&verdicts[0], "Ky1", "ENTIRE_REVISION", "FORM_FILLING");
    assert_good(&verdicts[1], "Ky2", "ENTIRE_FILE", "NONE");
    pdfsig(&file, 2);
    qpdf(&file);
}

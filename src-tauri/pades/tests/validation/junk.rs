//! Bytes before the header, as a broken data URL leaves them (21 in one real letter), and other damage in transit.

use crate::letter::{approve, read, signed};
use crate::pki::{Pki, run};
use antin_pades::report::{Coverage, Integrity, Junk, Problem};
use antin_pades::{Act, Report, Verdict, validate};
use antin_pdf::Document;
use antin_pkix::{Evidence, TrustStore};
use std::process::Command;

const JUNK: &[u8] = b"data:application/pdf;";

fn judge(pdf: &[u8]) -> Report {
    let at = time::macros::datetime!(2026-11-24 10:00 +7);
    match Document::from_bytes_after_junk(pdf.to_vec()) {
        Ok(document) => validate(&document, &TrustStore::default(), &Evidence::default(), at),
        Err(error) => Report::unopened(&error, at),
    }
}

fn approved(pki: &Pki) -> Vec<u8> {
    let act = Act::Approve(approve());
    signed(
        pki,
        &read("directive.pdf"),
        &pki.signer("leader"),
        act,
        false,
    )
}

#[test]
fn what_nobody_signed_is_told_and_never_valid() {
    let pki = Pki::make();
    let clean = approved(&pki);
    let report = judge(&clean);
    assert_eq!((report.verdict, report.junk), (Verdict::Valid, None));

    let report = judge(&[JUNK, &clean].concat());
    assert_eq!(report.verdict, Verdict::NotCoveringWholeFile, "{report:#?}");
    let told = Junk {
        bytes: 21,
        covered: false,
        otherwise: Verdict::Valid,
    };
    assert_eq!(report.junk, Some(told));
    let one = &report.signatures[0];
    assert_eq!(
        (one.integrity, one.coverage),
        (Integrity::Intact, Coverage::Partial)
    );
    assert_eq!(
        one.detail.as_deref(),
        Some("21 bytes before the header are not covered")
    );

    // More than transport has been at work: the junk does not hide it.
    let mut changed = clean.clone();
    changed[3000] ^= 1;
    let report = judge(&[JUNK, &changed].concat());
    assert_ne!(report.junk.map(|junk| junk.otherwise), Some(Verdict::Valid));
    assert!(report.verdict > Verdict::ModifiedAllowed, "{report:#?}");

    let report = judge(&[JUNK, &read("directive.pdf")].concat());
    assert_eq!(report.verdict, Verdict::Unsigned);
    assert_eq!(
        report.junk.map(|junk| (junk.bytes, junk.covered)),
        Some((21, false))
    );
}

/// Signs once more with everything shifted: the ByteRange counts from the file's first byte and covers the junk.
fn signed_over_junk(pki: &Pki, clean: &[u8]) -> Vec<u8> {
    let find = |bytes: &[u8], what: &[u8]| {
        bytes
            .windows(what.len())
            .rposition(|window| window == what)
            .unwrap()
    };
    let mut file = [JUNK, clean].concat();
    let range = find(&file, b"/ByteRange");
    let close = range + file[range..].iter().position(|byte| *byte == b']').unwrap();
    let open = find(&file, b"/Contents") + "/Contents".len();
    let end = open + file[open..].iter().position(|byte| *byte == b'>').unwrap() + 1;
    let value = format!("/ByteRange[0 {open} {end} {}", file.len() - end);
    assert!(value.len() <= close - range);
    file[range..close].fill(b' ');
    file[range..range + value.len()].copy_from_slice(value.as_bytes());
    let (data, cms) = (pki.path("covered"), pki.path("covered.cms"));
    std::fs::write(&data, [&file[..open], &file[end..]].concat()).unwrap();
    let mut command = Command::new("openssl");
    command.args([
        "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER",
    ]);
    command.arg("-signer").arg(pki.path("leader.pem"));
    command.arg("-inkey").arg(pki.path("leader.key"));
    run(command.arg("-in").arg(&data).arg("-out").arg(&cms));
    let mut digits: Vec<u8> = std::fs::read(&cms)
        .unwrap()
        .iter()
        .flat_map(|byte| format!("{byte:02x}").into_bytes())
        .collect();
    digits.resize(end - open - 2, b'0');
    file[open + 1..end - 1].copy_from_slice(&digits);
    file
}

#[test]
fn what_the_signer_covered_is_told_and_valid() {
    let pki = Pki::make();
    let file = signed_over_junk(&pki, &approved(&pki));
    let report = judge(&file);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(report.signatures[0].coverage, Coverage::WholeFile);
    let told = Junk {
        bytes: 21,
        covered: true,
        otherwise: Verdict::Valid,
    };
    assert_eq!(report.junk, Some(told));

    let mut other = file.clone();
    other[0] ^= 1;
    assert_eq!(judge(&other).verdict, Verdict::Invalid, "it is covered");
    let without = judge(&file[JUNK.len()..]);
    assert!(without.verdict > Verdict::ModifiedAllowed, "{without:#?}");
    let more = judge(&[b"x", &file[..]].concat());
    assert!(more.verdict > Verdict::ModifiedAllowed, "{more:#?}");
}

#[test]
fn other_damage_is_named_and_nothing_repaired() {
    let pki = Pki::make();
    let clean = approved(&pki);
    let at = clean
        .windows(9)
        .rposition(|window| window == b"startxref")
        .unwrap();
    let mut no_tail = clean.clone();
    no_tail[at..at + 9].copy_from_slice(b"startxxxx");
    let crlf: Vec<u8> = clean
        .iter()
        .flat_map(|byte| {
            if *byte == b'\n' {
                b"\r\n".to_vec()
            } else {
                vec![*byte]
            }
        })
        .collect();
    for (name, bytes) in [
        ("no startxref", no_tail.as_slice()),
        ("cut short", &clean[..clean.len() / 2]),
        ("line ends converted", &crlf),
        (
            "offsets that do not count from the header",
            &[b"%PDF-1.4\n", &clean[..]].concat(),
        ),
    ] {
        let report = judge(bytes);
        assert_eq!(report.verdict, Verdict::Malformed, "{name}: {report:#?}");
        assert!(
            matches!(report.problem, Some(Problem::Damaged { .. })),
            "{name}"
        );
    }
}

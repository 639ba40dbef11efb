//! Letters as they really are (127 signatures in 53 public letters were looked at): the signer's certificate alone in the
//! signature, nothing about revocation in the file, SHA-1, BER, five signatures, junk before the header, clocks seven
//! hours off. What `antin verify` says of each on a terminal stands beside this file, in both languages, for people to
//! read: `ANTIN_BLESS=1 cargo test -p antin --test letters` writes it anew.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod letters {
    pub(crate) mod real;
}

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use letters::real::{Form, Letters};
use serde_json::Value;

/// `antin` in an office of the letters' world.
fn antin(letters: &Letters, office: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antin"));
    command.arg("--office").arg(office).args(words);
    command.current_dir(letters.folder()).output().unwrap()
}

/// What is said of a file in one language; its exit code is checked.
#[track_caller]
fn said(letters: &Letters, office: &Path, language: &str, words: &[&str], code: i32) -> String {
    let words = [&["--lang", language, "verify"], words].concat();
    let output = antin(letters, office, &words);
    let text = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}{err}");
    letters.without_today(&text)
}

/// Holds what is said in both languages to the text beside this file.
#[track_caller]
fn reads(letters: &Letters, office: &Path, name: &str, words: &[&str], code: i32) {
    for language in ["vi", "en"] {
        let said = said(letters, office, language, words, code);
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/letters")
            .join(format!("{name}.{language}.txt"));
        if std::env::var_os("ANTIN_BLESS").is_some() {
            fs::write(&path, &said).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(said == kept, "{}:\n{said}\nis not\n{kept}", path.display());
    }
}

fn row(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_commonest_letter_is_told_at_once_and_one_act_makes_it_green() {
    let letters = Letters::new();
    // As in the field: the office knows VGCA's issuers, the letter brings nothing but the signer's certificate.
    let office = letters.office("bundled", true);
    letters.write("thường gặp.pdf", &[letters.sign(Form::ADBE)]);
    let file = "thường gặp.pdf";
    reads(&letters, &office, "common", &[file], 2);

    // Without a network the cause is said, and nothing else changes.
    letters.network(false);
    reads(
        &letters,
        &office,
        "common-no-network",
        &["--fetch", file],
        2,
    );
    letters.network(true);
    reads(
        &letters,
        &letters.office("bundled-2", true),
        "common-fetched",
        &["--fetch", file],
        0,
    );
    let fetched = antin(&letters, &office, &["--json", "verify", "--fetch", file]);
    assert_eq!(fetched.status.code(), Some(0));
    let row = row(&fetched);
    assert_eq!(row["missing"], Value::Array(Vec::new()));
    assert_eq!(row["fetched"][0]["outcome"], "got", "{row}");
    // From now on offline too.
    letters.network(false);
    reads(&letters, &office, "common-kept", &[file], 0);
}

#[test]
fn an_issuer_that_nobody_bundled_is_fetched_and_never_believed_by_itself() {
    let letters = Letters::new();
    let office = letters.office("bare", false);
    letters.write("lạ.pdf", &[letters.sign(Form::ADBE)]);
    reads(&letters, &office, "issuer-missing", &["lạ.pdf"], 2);
    reads(
        &letters,
        &letters.office("bare-2", false),
        "issuer-fetched",
        &["--fetch", "lạ.pdf"],
        0,
    );

    // An office that does not trust the root fetches the issuer and still does not know the signer.
    let stranger = letters.office("stranger", false);
    letters.distrust(&stranger);
    let output = antin(
        &letters,
        &stranger,
        &["--json", "verify", "--fetch", "lạ.pdf"],
    );
    assert_eq!(output.status.code(), Some(2));
    let row = row(&output);
    assert_eq!(
        row["signatures"][0]["sub_indication"],
        "NO_CERTIFICATE_CHAIN_FOUND"
    );
    assert!(row["trust_data"]["demo"] == false, "{row}");
}

#[test]
fn old_digests_and_old_encodings_are_judged_and_named() {
    let letters = Letters::new();
    let office = letters.office("office", true);
    letters.write(
        "sha1.pdf",
        &[letters.sign(Form {
            digest: "sha1",
            ..Form::ADBE
        })],
    );
    reads(&letters, &office, "sha1", &["--fetch", "sha1.pdf"], 0);
    let ber = Form {
        indefinite: true,
        ..Form::ADBE
    };
    letters.write("ber.pdf", &[letters.sign(ber), letters.seal(Form::CADES)]);
    reads(
        &letters,
        &office,
        "ber-and-etsi",
        &["--fetch", "ber.pdf"],
        0,
    );
}

#[test]
fn number_day_month_leader_and_seal_are_signatures_of_their_own() {
    let letters = Letters::new();
    let office = letters.office("office", true);
    let five = [
        letters.sign(Form::ADBE),
        letters.seal(Form::ADBE),
        letters.seal(Form::ADBE),
        letters.seal(Form::ADBE),
        letters.seal(Form::CADES),
    ];
    letters.write("năm chữ ký.pdf", &five);
    reads(&letters, &office, "five", &["--fetch", "năm chữ ký.pdf"], 0);
}

#[test]
fn damage_on_the_way_is_told_from_forgery() {
    let letters = Letters::new();
    let office = letters.office("office", true);
    let whole = letters.write("gốc.pdf", &[letters.sign(Form::ADBE)]);
    // What a broken decoder of a data URL left before the header of a real letter.
    let junk = [
        b"data:application/pdf;".as_slice(),
        &fs::read(whole).unwrap(),
    ]
    .concat();
    fs::write(letters.folder().join("rác.pdf"), junk).unwrap();
    reads(&letters, &office, "junk", &["rác.pdf"], 1);
}

#[test]
fn a_clock_seven_hours_off_is_no_forgery() {
    let letters = Letters::new();
    let office = letters.office("office", true);
    letters.write("bảy giờ.pdf", &[letters.sign(Form::LOCAL_AS_UTC)]);
    reads(
        &letters,
        &office,
        "seven-hours",
        &["--fetch", "bảy giờ.pdf"],
        0,
    );
    let stamped = Form {
        stamped: true,
        ..Form::LOCAL_AS_UTC
    };
    letters.write("có dấu.pdf", &[letters.sign(stamped)]);
    reads(
        &letters,
        &office,
        "seven-hours-stamped",
        &["--fetch", "có dấu.pdf"],
        0,
    );
}

/// Same file, trust, evidence and time: the same bytes, wherever and however it is asked.
#[test]
fn the_same_evidence_gives_the_same_report_everywhere() {
    let letters = Letters::new();
    let stamped = Form {
        stamped: true,
        ..Form::CADES
    };
    letters.write(
        "letter.pdf",
        &[letters.sign(Form::ADBE), letters.seal(stamped)],
    );
    letters.write(
        "other.pdf",
        &[letters.sign(Form {
            digest: "sha1",
            ..Form::ADBE
        })],
    );
    let [letter, other] = ["letter.pdf", "other.pdf"].map(|name| letters.folder().join(name));
    let first = letters.office("first", true);
    let files = [letter.to_str().unwrap(), other.to_str().unwrap()];
    let at = letters.now();
    let words = |more: &[&'static str]| -> Vec<String> {
        let words = ["--json", "verify", "--at", &at];
        let words = words.iter().chain(more).chain(&files);
        words.map(|word| (*word).to_owned()).collect()
    };
    let run = |office: &Path, words: &[String], env: &[(&str, &str)], folder: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_antin"));
        command.arg("--office").arg(office).args(words);
        command.envs(env.iter().copied()).current_dir(folder);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let here = letters.folder();
    run(&first, &words(&["--fetch"]), &[], here);
    let report = run(&first, &words(&[]), &[], here);
    assert!(!report.contains("fetched"), "nothing was missing: {report}");
    assert_eq!(report.lines().count(), 2);

    // With a network and without, whether it is used or not.
    assert_eq!(run(&first, &words(&["--fetch"]), &[], here), report);
    letters.network(false);
    assert_eq!(run(&first, &words(&["--fetch"]), &[], here), report);
    assert_eq!(run(&first, &words(&["--offline"]), &[], here), report);

    // In another place, language and time zone, from another folder.
    let elsewhere = [
        ("TZ", "America/Adak"),
        ("LANG", "tr_TR.UTF-8"),
        ("LC_ALL", "ar_EG"),
        ("ANTIN_LANG", "en"),
    ];
    assert_eq!(run(&first, &words(&[]), &elsewhere, Path::new("/")), report);

    // On another machine: another office's folder, with the evidence brought along under other names.
    let second = letters.office("second", true);
    let brought = letters.folder().join("brought");
    fs::create_dir(&brought).unwrap();
    let mut kept: Vec<PathBuf> = fs::read_dir(first.join("evidence"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    kept.sort();
    assert!(!kept.is_empty());
    for (index, path) in kept.iter().rev().enumerate() {
        fs::copy(path, brought.join(format!("{index:03}.bin"))).unwrap();
    }
    fs::write(brought.join("ghi chú.txt"), "not evidence").unwrap();
    let mut by_folder = words(&[]);
    by_folder.insert(2, format!("--evidence={}", brought.display()));
    assert_eq!(run(&second, &by_folder, &elsewhere, &brought), report);

    // Two at once.
    let both: Vec<_> = std::thread::scope(|scope| {
        let threads =
            [&first, &first].map(|office| scope.spawn(|| run(office, &words(&[]), &[], here)));
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(both.iter().all(|one| *one == report));
}

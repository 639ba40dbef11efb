//! Long-term levels and time-stamps through the real `antin`: what the file must carry, and that nobody waits for an authority.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use antin_ops::clock;
use antin_testkit::Pki;
use antin_testkit::office::LEADER;
use antin_testkit::responder::Listener;
use antin_testkit::world::PROVINCE;
use serde_json::{Value, json};

use crate::fixture::{Stage, line, root, run, sample, text, utf8};
use crate::judges;

/// pyHanko's verdict on a long-term level with nothing but the root: the store first, then each signature.
#[track_caller]
fn long_term(stage: &Stage, file: &Path, level: &str) -> Vec<Value> {
    let python = std::env::var_os("ANTIN_JUDGES")
        .map_or_else(|| root().join("target/judges/bin/python"), PathBuf::from);
    let said = run(Command::new(python)
        .arg(root().join("tests/judges/pyhanko_ltv.py"))
        .arg(file)
        .args(["--level", level, "--trust"])
        .arg(stage.world.pki().root().path()));
    let rows: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    for verdict in &rows[1..] {
        assert_eq!(verdict["good"], true, "{level}: {verdict}");
    }
    rows
}

fn eofs(file: &Path) -> usize {
    let bytes = fs::read(file).unwrap();
    bytes.windows(5).filter(|window| window == b"%%EOF").count()
}

fn draft(stage: &Stage, name: &str) -> PathBuf {
    let file = stage.path(name);
    fs::copy(sample("giay-moi.pdf"), &file).unwrap();
    file
}

#[track_caller]
fn sign(stage: &Stage, file: &Path, level: &[&str]) -> Value {
    let words = [&["sign", "--pin-stdin"], level, &["--", utf8(file)]].concat();
    stage.done(&PROVINCE, &words, &line(LEADER.pin))
}

/// Makes the authority `on`, `off` or slow, by the responder's own switch.
pub(crate) fn authority(stage: &Stage, state: &str) {
    let url = stage.world.pki().tsa_url();
    let host = url.trim_start_matches("http://").trim_end_matches("/tsa");
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "POST /switch/tsa/{state} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 204"), "{answer}");
}

#[test]
fn validation_data_travel_in_the_signature_s_own_revision() {
    let stage = Stage::new();
    let file = draft(&stage, "-dài hạn #1.pdf");
    let before = eofs(&file);
    let signed = sign(&stage, &file, &["--level", "lt"]);
    assert_eq!(signed["timestamped"], true);
    assert_eq!(eofs(&file), before + 1, "one act, one revision");
    let rows = long_term(&stage, &file, "lt");
    assert_eq!(rows[0]["stamps"], json!([]));
    judges::pdfsig(&file, 1);
    judges::qpdf(&file);

    // Everything is there: nothing is added.
    let same = fs::read(&file).unwrap();
    let extended = stage.done(
        &PROVINCE,
        &["extend", "--level", "lt", "--", utf8(&file)],
        "",
    );
    assert_eq!(extended["field"], Value::Null, "{extended}");
    assert_eq!(fs::read(&file).unwrap(), same);
}

/// The office wants RSASSA-PSS of a key that could do both; the token makes it.
#[test]
fn an_office_that_wants_pss_gets_it() {
    let stage = Stage::new();
    stage.change_office(|config| config["signers"][0]["rsa_pss"] = true.into());
    let letter = stage.issued("directive.pdf");
    let file = stage.export(&letter, "pss.pdf");
    let judged = judges::pyhanko(stage.world.pki(), &file);
    judges::assert_good(&judged[0], "ChuKy", "ENTIRE_REVISION", "FORM_FILLING");
    assert_eq!(judged[0]["mechanism"], "rsassa_pss");
    judges::assert_good(&judged[1], "Dau", "ENTIRE_FILE", "NONE");
    assert_eq!(judged[1]["mechanism"], "sha256_rsa");
    judges::pdfsig(&file, 2);
    judges::qpdf(&file);
}

#[test]
fn archived_at_signing_and_renewed() {
    let stage = Stage::new();
    let file = draft(&stage, "lưu trữ.pdf");
    let before = eofs(&file);
    sign(&stage, &file, &["--level", "lta"]);
    assert_eq!(eofs(&file), before + 2, "signature, then time-stamp");
    let rows = long_term(&stage, &file, "lta");
    assert_eq!(rows[0]["stamps"].as_array().unwrap().len(), 1);
    let renewed = stage.done(&PROVINCE, &["extend", utf8(&file)], "");
    assert!(renewed["bytesAppended"].as_u64().unwrap() > 0);
    assert_eq!(eofs(&file), before + 3, "one more");
    let rows = long_term(&stage, &file, "lta");
    assert_eq!(rows[0]["stamps"].as_array().unwrap().len(), 2);
    judges::qpdf(&file);
    let judged = judges::pyhanko(stage.world.pki(), &file);
    judges::assert_good(&judged[0], "Ky1", "ENTIRE_REVISION", "LTA_UPDATES");
}

#[test]
fn an_issued_letter_is_extended() {
    let stage = Stage::new();
    let letter = stage.issued("directive.pdf");
    let file = stage.export(&letter, "phát hành.pdf");
    let extended = stage.done(&PROVINCE, &["extend", "--level", "lt", utf8(&file)], "");
    assert_eq!(extended["field"], Value::Null, "a store, no time-stamp");
    assert!(extended["bytesAppended"].as_u64().unwrap() > 0);
    let rows = long_term(&stage, &file, "lt");
    assert_eq!(rows.len(), 3, "leader and seal");
    assert_eq!(rows[0]["stamps"], json!([]));
    judges::qpdf(&file);
}

#[test]
fn nobody_waits_for_an_authority_and_the_time_stamp_comes_later() {
    let stage = Stage::new();
    authority(&stage, "off");
    let letter = stage.approved("directive.pdf");
    let before = stage.export(&letter, "trước.pdf");
    let judged = judges::pyhanko(stage.world.pki(), &before);
    assert_eq!(judged[0]["timestamp_valid"], Value::Null);
    let file = draft(&stage, "tệp ngoài.pdf");
    let signed = sign(&stage, &file, &[]);
    assert_eq!(signed["timestamped"], false);
    let length = fs::metadata(&file).unwrap().len();

    let waits = stage.done(&PROVINCE, &["sync"], "");
    assert_eq!(waits["timestamps"]["stamped"], 0, "{waits}");
    assert_eq!(waits["timestamps"]["waiting"], 2, "{waits}");
    authority(&stage, "on");
    let mut stamped = 0;
    // What was tried in vain waits two seconds longer each time.
    for _ in 0..40 {
        let run = stage.done(&PROVINCE, &["sync"], "");
        stamped += run["timestamps"]["stamped"].as_u64().unwrap();
        if run["timestamps"]["waiting"] == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    assert_eq!(stamped, 2);
    let after = stage.export(&letter, "sau.pdf");
    assert_eq!(
        fs::metadata(&after).unwrap().len(),
        fs::metadata(&before).unwrap().len(),
        "no revision, not a byte"
    );
    assert_eq!(fs::metadata(&file).unwrap().len(), length);
    for (path, field) in [(&after, "ChuKy"), (&file, "Ky1")] {
        let judged = judges::pyhanko(stage.world.pki(), path);
        judges::assert_good(&judged[0], field, "ENTIRE_FILE", "NONE");
        judges::pdfsig(path, 1);
        judges::qpdf(path);
    }
    // The clerk goes on from there.
    let row = stage.row_of(&["letter", "list"], &letter);
    assert_eq!(text(&row, "state"), "signed");
}

/// A slow authority costs the signer a moment, a foreign one is not believed, and the next one is asked.
#[test]
fn authorities_are_asked_in_turn_and_none_is_waited_for() {
    let stage = Stage::new();
    let (slow, foreign) = (stage.path("chậm.pdf"), draft(&stage, "lạ.pdf"));
    fs::copy(sample("giay-moi.pdf"), &slow).unwrap();
    // Longer than any patience: it would never end if it were waited for.
    authority(&stage, "slow/3600000");
    let signed = sign(&stage, &slow, &[]);
    assert_eq!(signed["timestamped"], false);
    authority(&stage, "on");

    // The same names as the real authority's, other keys.
    let listener = Listener::bind(0).unwrap();
    let folder = stage.path("pki-lạ");
    let pki = Pki::create(&folder, &listener.url(), clock::now()).unwrap();
    let pki = Arc::new(pki);
    let _services = listener.serve(Arc::clone(&pki), Box::new(clock::now));
    let real = stage.world.pki().tsa_url();
    stage.change_office(|config| config["tsa"] = json!([pki.tsa_url()]));
    let words = ["sign", "--pin-stdin", "--level", "t", utf8(&foreign)];
    let refused = stage.json(&PROVINCE, &words, &line(LEADER.pin)).ended(1);
    assert_eq!(
        refused.row()["error"]["code"],
        "TimestampUnavailable",
        "{refused}"
    );
    stage.change_office(|config| config["tsa"] = json!([pki.tsa_url(), real]));
    let signed = sign(&stage, &foreign, &[]);
    assert_eq!(signed["timestamped"], true);
    let judged = judges::pyhanko(stage.world.pki(), &foreign);
    judges::assert_good(&judged[0], "Ky1", "ENTIRE_FILE", "NONE");
}

/// What was signed after the file was noted covers the hole: the queue gives it up and leaves the file alone.
#[test]
fn a_file_signed_again_meanwhile_is_left_alone() {
    let stage = Stage::new();
    authority(&stage, "off");
    let file = draft(&stage, "hai chữ ký.pdf");
    sign(&stage, &file, &[]);
    sign(&stage, &file, &["--level", "b"]);
    let twice = fs::read(&file).unwrap();
    authority(&stage, "on");
    let run = stage.done(&PROVINCE, &["sync"], "");
    assert_eq!(
        run["timestamps"],
        json!({ "stamped": 0, "waiting": 0, "overdue": 0 })
    );
    assert_eq!(fs::read(&file).unwrap(), twice);
    judges::pdfsig(&file, 2);
}

#[test]
fn a_time_stamp_is_put_into_a_single_file_on_demand() {
    let stage = Stage::new();
    let file = draft(&stage, "📄 một tệp.pdf");
    authority(&stage, "off");
    sign(&stage, &file, &[]);
    let unstamped = fs::read(&file).unwrap();
    let words = ["extend", "--level", "t", utf8(&file)];
    let refused = stage.json(&PROVINCE, &words, "").ended(1).row();
    assert_eq!(refused["error"]["code"], "TimestampUnavailable");
    assert_eq!(fs::read(&file).unwrap(), unstamped);
    authority(&stage, "on");
    let stamped = stage.done(&PROVINCE, &words, "");
    assert_eq!(
        (&stamped["field"], &stamped["bytesAppended"]),
        (&json!("Ky1"), &json!(0))
    );
    let judged = judges::pyhanko(stage.world.pki(), &file);
    judges::assert_good(&judged[0], "Ky1", "ENTIRE_FILE", "NONE");
}

#[test]
fn what_cannot_be_extended_is_said() {
    let stage = Stage::new();
    let file = draft(&stage, "chưa ký.pdf");
    let mode = fs::metadata(&file).unwrap().permissions();
    fs::set_permissions(&file, PermissionsExt::from_mode(0o444)).unwrap();
    let words = ["sign", "--pin-stdin", "--", utf8(&file)];
    let refused = stage.json(&PROVINCE, &words, &line(LEADER.pin)).ended(1);
    assert_eq!(refused.row()["error"]["code"], "FileReadOnly", "{refused}");
    fs::set_permissions(&file, mode).unwrap();
    let refused = stage
        .json(&PROVINCE, &["extend", utf8(&file)], "")
        .ended(1)
        .row();
    assert_eq!(refused["error"]["code"], "SignatureMissing");
    sign(&stage, &file, &["--level", "t"]);
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() / 3;
    bytes[at] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let refused = stage
        .json(&PROVINCE, &["extend", utf8(&file)], "")
        .ended(1)
        .row();
    let code = text(&refused["error"], "code");
    assert!(
        ["SignaturesAltered", "DocumentDamaged"].contains(&code.as_str()),
        "{refused}"
    );
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

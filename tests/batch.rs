//! Many files, one login: what is wrong with one does not stop the others, what is wrong with the token stops all.

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use antin_testkit::office::LEADER;
use antin_testkit::world::PROVINCE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fixture::{Answer, Stage, assert_same, files, line, sample, text, utf8};
use crate::judges;

/// Copies of a letter, ten times as fast to sign as the Directive.
pub(crate) fn letters(stage: &Stage, folder: &str, names: &[&str]) -> Vec<PathBuf> {
    let folder = stage.path(folder);
    fs::create_dir(&folder).unwrap();
    let copy = |name: &&str| {
        let path = folder.join(name);
        fs::copy(sample("cong-van.pdf"), &path).unwrap();
        path
    };
    names.iter().map(copy).collect()
}

/// Signs files of the office's leader without a time-stamp.
#[track_caller]
fn sign(stage: &Stage, more: &[&str], files: &[PathBuf]) -> Answer {
    let files: Vec<_> = files.iter().map(|file| utf8(file)).collect();
    let words = [
        &["sign", "--pin-stdin", "--level", "b"],
        more,
        &["--"],
        &files,
    ]
    .concat();
    stage.json(&PROVINCE, &words, &line(LEADER.pin))
}

/// What became of each file, in a word: signed, already, left, or the refusal's code.
pub(crate) fn words(rows: &[Value]) -> Vec<String> {
    let word = |row: &Value| match row {
        row if row["already"] == true => "already".to_owned(),
        row if row["left"] == true => "left".to_owned(),
        row if row["error"].is_object() => text(&row["error"], "code"),
        row => row["field"].as_str().map_or("?", |_| "signed").to_owned(),
    };
    rows.iter()
        .filter(|row| row["summary"].is_null())
        .map(word)
        .collect()
}

/// How many signatures a file carries; `antin verify` finds each of them whole.
#[track_caller]
pub(crate) fn signatures(stage: &Stage, file: &Path) -> usize {
    let verified = stage.json(&PROVINCE, &["verify", "--offline", "--", utf8(file)], "");
    let report = verified.row();
    let all = report["signatures"].as_array().unwrap();
    for one in all {
        assert_eq!(one["integrity"], "intact", "{one}");
    }
    all.len()
}

/// A batch goes on where it stopped: the file itself says whether it was signed.
#[test]
fn the_same_command_again_signs_what_is_not_signed_yet() {
    let stage = Stage::new();
    let names = ["1.pdf", "2.pdf", "3.pdf", "4.pdf", "5.pdf"];
    let all = letters(&stage, "lô", &names);
    let first = sign(&stage, &[], &all[..4]).ended(0);
    assert_eq!(words(&first.rows()), ["signed"; 4]);

    // One stays, one is replaced by a fresh draft, one is signed by another act, one is changed.
    fs::copy(sample("cong-van.pdf"), &all[1]).unwrap();
    let comment = ["--act", "initial", "--comment", "Đã xem"];
    assert_eq!(
        words(&sign(&stage, &comment, &all[2..3]).ended(0).rows()),
        ["signed"]
    );
    let mut changed = fs::read(&all[3]).unwrap();
    changed[2000] ^= 1;
    fs::write(&all[3], &changed).unwrap();
    let kept = fs::read(&all[0]).unwrap();

    let again = sign(&stage, &[], &all).ended(1);
    let rows = again.rows();
    assert_eq!(
        words(&rows)[..3],
        ["already", "signed", "signed"],
        "{again}"
    );
    assert!(
        ["SignaturesAltered", "DocumentDamaged"].contains(&words(&rows)[3].as_str()),
        "{again}"
    );
    assert_eq!(words(&rows)[4], "signed");
    assert_same(&fs::read(&all[0]).unwrap(), &kept, "what was passed over");
    assert_same(&fs::read(&all[3]).unwrap(), &changed, "what was refused");
    let counted: Vec<_> = [0, 1, 2, 4].map(|at| signatures(&stage, &all[at])).to_vec();
    assert_eq!(counted, [1, 1, 3, 1]);

    // Whoever wants a second signature says so; a file by itself is signed as often as it is asked for.
    assert_eq!(
        words(&sign(&stage, &["--again"], &all[..2]).ended(0).rows()),
        ["signed"; 2]
    );
    assert_eq!(
        words(&sign(&stage, &[], &all[..1]).ended(0).rows()),
        ["signed"]
    );
    assert_eq!(signatures(&stage, &all[0]), 3);

    // In words for people: a line each, then all of them, with one sentence for a cause.
    let files: Vec<_> = all[3..].iter().map(|file| utf8(file)).collect();
    let spoken = stage.antin(
        &PROVINCE,
        &[&["sign", "--pin-stdin", "--level", "b"], &files[..]].concat(),
        &line(LEADER.pin),
    );
    let spoken = spoken.ended(1);
    assert!(spoken.out.contains("Đã ký từ trước, bỏ qua"), "{spoken}");
    assert!(
        spoken
            .out
            .contains("Tổng hợp 2 tệp: 0 đã ký, 1 đã ký từ trước, 1 không ký được, 0 chưa ký."),
        "{spoken}"
    );
    assert!(
        spoken.out.contains("✗") && spoken.out.contains("4.pdf"),
        "{spoken}"
    );
}

/// Every name a file system allows, in one batch; a folder stands for its PDFs, a file named twice is signed once.
#[test]
fn any_file_name_in_a_batch() {
    let stage = Stage::new();
    let long = format!("{}.pdf", "ệ".repeat(82));
    let names = [
        "-rf.pdf",
        "Quye\u{302}\u{301}t đi\u{323}nh.pdf",
        "Quyết định.pdf",
        "#77 % & ; $HOME `id`.pdf",
        "📄 giấy mời 🇻🇳.pdf",
        "  hai đầu  .pdf",
        "xuống\ndòng.PDF",
        long.as_str(),
    ];
    let all = letters(&stage, "-tên lạ", &names);
    let folder = all[0].parent().unwrap().to_path_buf();
    let odd = folder.join(std::ffi::OsStr::from_bytes(b"kh\xf4ng UTF-8.pdf"));
    fs::copy(sample("cong-van.pdf"), &odd).unwrap();
    fs::write(folder.join("bảng.xlsx"), b"PK").unwrap();
    fs::create_dir(folder.join("trong")).unwrap();
    fs::copy(sample("cong-van.pdf"), folder.join("trong/khác.pdf")).unwrap();
    let signed = sign(&stage, &[], &[folder.clone(), all[0].clone()]).ended(0);
    assert_eq!(words(&signed.rows()), ["signed"; 9], "{signed}");
    for file in all.iter().chain([&odd]) {
        judges::pdfsig(file, 1);
    }
    let within = fs::read(folder.join("trong/khác.pdf")).unwrap();
    assert_same(
        &within,
        &fs::read(sample("cong-van.pdf")).unwrap(),
        "a folder within",
    );
    assert_eq!(files(&folder).len(), 11, "nothing is left beside them");

    // From within the folder, where a name begins with a dash.
    let mut antin = stage.world.antin(&PROVINCE);
    let child = antin
        .args([
            "--json",
            "sign",
            "--pin-stdin",
            "--level",
            "b",
            "--",
            "-rf.pdf",
        ])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(line(LEADER.pin).as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    judges::pdfsig(&all[0], 2);
}

#[test]
fn a_file_that_is_not_what_was_shown_is_refused() {
    let stage = Stage::new();
    let all = letters(&stage, "lô", &["1.pdf", "2.pdf"]);
    let digest = |file: &Path| {
        let digest = Sha256::digest(fs::read(file).unwrap());
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let shown: Vec<_> = all.iter().map(|file| digest(file)).collect();
    let mut other = fs::read(&all[1]).unwrap();
    other.extend(b"\n");
    fs::write(&all[1], &other).unwrap();
    let expect: Vec<_> = shown
        .iter()
        .flat_map(|hex| ["--expect-sha256", hex])
        .collect();
    let answer = sign(&stage, &expect, &all).ended(1);
    assert_eq!(
        words(&answer.rows()),
        ["signed", "DocumentNotAsShown"],
        "{answer}"
    );
    assert_same(&fs::read(&all[1]).unwrap(), &other, "the file that changed");
    let missing = sign(&stage, &expect[..2], &all).ended(1);
    assert_eq!(missing.row()["error"]["code"], "DocumentNotAsShown");
}

/// The leader signs letters of the office in a batch, and goes on where it stopped.
#[test]
fn letters_of_the_office_in_a_batch() {
    let stage = Stage::new();
    let ids =
        ["cong-van.pdf", "giay-moi.pdf", "directive.pdf"].map(|name| stage.add(&sample(name)));
    let words = |ids: &[String]| {
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        let words = [&["sign", "--act", "approve", "--pin-stdin"], &ids[..]].concat();
        stage.json(&PROVINCE, &words, &line(LEADER.pin))
    };
    let first = words(&ids[..2]).ended(0).rows();
    assert_eq!(first[0]["state"], "signed", "{first:?}");
    assert_eq!(first[2]["summary"]["signed"], 2);
    let unknown = "0196f0f2-0000-7000-8000-000000000000".to_owned();
    let list = [ids.to_vec(), vec![unknown]].concat();
    let again = words(&list).ended(1).rows();
    assert_eq!(again[0]["already"], true, "{again:?}");
    assert_eq!(again[2]["state"], "signed", "{again:?}");
    assert_eq!(again[3]["error"]["code"], "LetterUnknown", "{again:?}");
    assert_eq!(
        again[4]["summary"],
        json!({ "files": 4, "signed": 1, "already": 2, "refused": { "LetterUnknown": 1 }, "left": 0, "endedBy": null })
    );
}

#[test]
fn three_files_of_which_one_is_no_pdf() {
    let stage = Stage::new();
    let folder = stage.path("lô");
    fs::create_dir(&folder).unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let letters = ["cong-van.pdf", "giay-moi.pdf"].map(|name| fs::read(sample(name)).unwrap());
    let first = put("1 công văn.pdf", &letters[0]);
    let wrong = put("2 bảng tính.xlsx", b"PK\x03\x04 no PDF at all");
    let last = put("3 giấy mời.pdf", &letters[1]);
    let words = [
        "sign",
        "--pin-stdin",
        utf8(&first),
        utf8(&wrong),
        utf8(&last),
    ];

    // A wrong PIN stops everything before the first file: it must not be tried three times.
    let refused = stage.json(&PROVINCE, &words, &line("00001111")).ended(1);
    let code = text(&refused.row()["error"], "code");
    assert!(code.starts_with("PinIncorrect"), "{refused}");
    assert_same(&fs::read(&first).unwrap(), &letters[0], "the first file");

    // The PIN is read once and one line of it: one login signs them all.
    let answer = stage.json(&PROVINCE, &words, &line(LEADER.pin)).ended(1);
    let [signed, refused, signed_too, sum] = answer.rows().try_into().expect("a row each, and all");
    for (row, file, before) in [
        (&signed, &first, &letters[0]),
        (&signed_too, &last, &letters[1]),
    ] {
        assert_eq!(row["file"], utf8(file));
        assert_eq!(row["signer"], "Phan Ngọc Thọ");
        assert_eq!(row["timestamped"], true);
        let after = fs::read(file).unwrap();
        assert_same(
            &after[..before.len()],
            before,
            "the file before is a prefix",
        );
        let grown = row["bytesAppended"].as_u64().unwrap();
        assert_eq!(after.len() as u64, before.len() as u64 + grown);
        let [verdict] = judges::pyhanko(stage.world.pki(), file)
            .try_into()
            .expect("one signature");
        judges::assert_good(&verdict, &text(row, "field"), "ENTIRE_FILE", "NONE");
        judges::pdfsig(file, 1);
    }
    assert_eq!(
        sum["summary"],
        json!({ "files": 3, "signed": 2, "already": 0, "refused": { "DocumentNotPdf": 1 }, "left": 0, "endedBy": null })
    );
    assert_eq!(refused["file"], utf8(&wrong));
    assert_eq!(refused["error"]["code"], "DocumentNotPdf");
    assert_same(
        &fs::read(&wrong).unwrap(),
        b"PK\x03\x04 no PDF at all",
        "what is no PDF",
    );
    assert_eq!(files(&folder).len(), 3, "nothing is left beside them");

    let verified = stage.json(
        &PROVINCE,
        &["verify", "--fetch", utf8(&first), utf8(&last)],
        "",
    );
    for row in verified.ended(0).rows() {
        assert_eq!(row["word"], "valid", "{row}");
    }
}

//! The acts on files through `antin sign --act …`, with real tokens in a world of their own.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};

use antin_testkit::{
    office::{CLERK, LEADER},
    world::{DemoAgency, PROVINCE, Programs, RECEIVERS, World},
};
use serde_json::Value;

struct Desk {
    world: World,
    folder: tempfile::TempDir,
}

fn letters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/letter")
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let programs = Programs::beside_this().unwrap();
        let world = World::create(&folder.path().join("world"), &letters(), programs).unwrap();
        Desk { world, folder }
    }

    fn file(&self, sample: &str, name: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::copy(letters().join(sample), &path).unwrap();
        path.display().to_string()
    }

    /// The one JSON object that `antin` answers with.
    #[track_caller]
    fn answer(&self, agency: &DemoAgency, words: &[&str], pin: &str) -> Value {
        let output = self
            .world
            .run(agency, &[&["--json"], words].concat(), pin)
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&output.stderr)))
    }

    #[track_caller]
    fn sign(&self, agency: &DemoAgency, words: &[&str], pin: &str) -> Value {
        self.answer(
            agency,
            &[&["sign", "--pin-stdin", "--level", "b"], words].concat(),
            pin,
        )
    }

    /// Field by field: none of the file's signatures is broken.
    #[track_caller]
    fn fields(&self, file: &str) -> Vec<String> {
        let report = self.answer(&PROVINCE, &["verify", "--offline", file], "");
        let signatures = report["signatures"].as_array().unwrap();
        signatures
            .iter()
            .map(|one| {
                let verdict = one["verdict"].as_str().unwrap();
                assert!(matches!(verdict, "valid" | "modified-allowed"), "{one}");
                one["field"].as_str().unwrap().to_owned()
            })
            .collect()
    }
}

#[test]
fn from_the_initial_to_the_incoming_stamp() {
    let desk = Desk::new();
    let draft = desk.file("directive.pdf", "draft.pdf");
    let picture = letters().join("signature.png").display().to_string();
    let clerk = [
        "--act",
        "initial",
        "--token",
        CLERK.label,
        "--image",
        &picture,
        &draft,
    ];
    assert_eq!(desk.sign(&PROVINCE, &clerk, CLERK.pin)["field"], "KyNhayA");

    let added = desk.answer(&PROVINCE, &["letter", "add", &draft], "");
    let letter = added["letter"]
        .as_str()
        .unwrap_or_else(|| panic!("{added}"));
    let approved = desk.answer(
        &PROVINCE,
        &["sign", "--act", "approve", "--pin-stdin", letter],
        LEADER.pin,
    );
    assert_eq!(approved["state"], "signed", "{approved}");
    let out = desk
        .folder
        .path()
        .join("approved.pdf")
        .display()
        .to_string();
    desk.world
        .run(&PROVINCE, &["letter", "export", letter, &out], "")
        .unwrap();
    let stamp = [
        "--act",
        "incoming",
        "--number",
        "1234",
        "--day",
        "29/12/2014",
        "--agency",
        RECEIVERS[0].name,
        &out,
    ];
    assert_eq!(desk.sign(&PROVINCE, &stamp, CLERK.pin)["field"], "DauDen");
    let fields = desk.fields(&out);
    assert_eq!(fields, ["KyNhayA", "ChuKy", "DauDen"]);
}

/// Nobody prepared it for number and seal: they are signatures of their own.
#[test]
fn a_letter_signed_elsewhere_is_issued() {
    let desk = Desk::new();
    let letter = desk.file("directive.pdf", "elsewhere.pdf");
    let number = ["--act", "number", "--number", "77", "--day", "26/12/2014"];
    let number = [&number[..], &[&letter]].concat();
    let refused = desk.sign(&PROVINCE, &number, CLERK.pin);
    assert_eq!(refused["error"]["code"], "LeaderSignatureMissing");
    desk.sign(&PROVINCE, &[&letter], LEADER.pin);
    let said = desk.answer(&PROVINCE, &["sign", "--dry-run", &letter], "");
    assert_eq!(
        (&said["signing"], &said["signed"][0]),
        (&"free".into(), &"Ky1".into())
    );
    let mut wrong = number.clone();
    wrong[5] = "26/12/2015";
    let refused = desk.sign(&PROVINCE, &wrong, CLERK.pin);
    assert_eq!(refused["error"]["code"], "LetterYearDiffers");
    assert_eq!(desk.sign(&PROVINCE, &number, CLERK.pin)["field"], "So");
    let seal = ["--act", "seal", &letter];
    assert_eq!(desk.sign(&PROVINCE, &seal, CLERK.pin)["field"], "Dau");
    assert_eq!(desk.fields(&letter), ["Ky1", "So", "Dau"]);
    let again = desk.sign(&PROVINCE, &seal, CLERK.pin);
    assert_eq!(again["error"]["code"], "FieldsAlreadyFilled");
}

#[test]
fn appendices_copies_and_what_is_refused() {
    let desk = Desk::new();
    let appendix = desk.file("cong-van.pdf", "appendix.pdf");
    let words = [
        "--act",
        "appendix",
        "--number",
        "77/2014/CT-UBND",
        &appendix,
    ];
    assert_eq!(desk.sign(&PROVINCE, &words, CLERK.pin)["field"], "PhuLuc");
    assert_eq!(desk.fields(&appendix), ["PhuLuc"]);

    let copy = |file: &str, form: &str, of: &str| {
        desk.sign(
            &PROVINCE,
            &["--act", "copy", "--form", form, "--of", of, file],
            CLERK.pin,
        )
    };
    let scan = desk.file("giay-moi.pdf", "scan.pdf");
    let before = std::fs::read(&scan).unwrap();
    assert_eq!(
        copy(&scan, "sao-y", "electronic")["error"]["code"],
        "CopyForbidden"
    );
    assert_eq!(
        copy(&scan, "sao-luc", "paper")["error"]["code"],
        "CopyForbidden"
    );
    assert_eq!(
        copy(&appendix, "trich-sao", "electronic")["error"]["code"],
        "CopyOfSigned"
    );
    assert_eq!(
        std::fs::read(&scan).unwrap(),
        before,
        "a refusal leaves the file alone"
    );
    assert_eq!(copy(&scan, "sao-y", "paper")["field"], "BanSao");

    let said = desk.answer(&PROVINCE, &["sign", "--dry-run", &appendix], "");
    assert_eq!(
        (&said["signing"], &said["signed"][0]),
        (&"free".into(), &"PhuLuc".into())
    );
}

/// One line of text; its letters are known by the font's `ToUnicode` alone.
fn marked(mark: &str) -> String {
    let codes: String = (0..mark.chars().count())
        .map(|at| format!("{:02X}", at + 33))
        .collect();
    let map: String = mark
        .encode_utf16()
        .enumerate()
        .map(|(at, unit)| format!("<{:02X}> <{unit:04X}>\n", at + 33))
        .collect();
    let content = format!("BT /F 14 Tf 90 700 Td <{codes}> Tj ET");
    let map = format!(
        "begincmap 1 begincodespacerange <00> <FF> endcodespacerange {} beginbfchar\n{map}endbfchar endcmap",
        mark.chars().count()
    );
    let stream = |data: &str| format!("<< /Length {} >>\nstream\n{data}\nendstream", data.len());
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
            .to_owned(),
        stream(&content),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>".to_owned(),
        stream(&map),
    ];
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut xref = "0000000000 65535 f\r\n".to_owned();
    for (number, body) in (1..).zip(objects) {
        xref += &format!("{:010} 00000 n\r\n", pdf.len());
        pdf += &format!("{number} 0 obj\n{body}\nendobj\n");
    }
    let start = pdf.len();
    pdf + &format!(
        "xref\n0 7\n{xref}trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    )
}

#[test]
fn secret_letters_are_refused_whatever_the_act() {
    let desk = Desk::new();
    let path = desk.folder.path().join("secret.pdf");
    std::fs::write(&path, marked("TỐI MẬT")).unwrap();
    let file = path.display().to_string();
    for act in [
        &["--act", "plain"][..],
        &["--act", "appendix", "--number", "05/BC-BNV"],
    ] {
        let words = [act, &["--token", LEADER.label, &file]].concat();
        let refused = desk.sign(&PROVINCE, &words, LEADER.pin);
        assert_eq!(refused["error"]["code"], "LetterSecret", "{refused}");
    }
    std::fs::write(&path, marked("THƯỜNG")).unwrap();
    let signed = desk.sign(&PROVINCE, &["--token", LEADER.label, &file], LEADER.pin);
    assert_eq!(signed["field"], "Ky1", "{signed}");
}

#[test]
fn a_letter_with_an_owner_password() {
    let desk = Desk::new();
    let encrypted = |name: &str, user: &str, options: &[&str]| {
        let (source, path) = (
            letters().join("directive.pdf"),
            desk.folder.path().join(name),
        );
        let mut command = std::process::Command::new("qpdf");
        command
            .args(["--encrypt", user, "chu-so-huu", "256"])
            .args(options);
        let status = command.arg("--").arg(source).arg(&path).status().unwrap();
        assert!(status.success());
        path.display().to_string()
    };
    let said = |program: &str, words: &[&str]| {
        let output = std::process::Command::new(program)
            .args(words)
            .output()
            .unwrap();
        assert!(output.status.success(), "{program} {words:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let file = encrypted("chủ.pdf", "", &[]);
    let before = std::fs::read(&file).unwrap();
    let plainly = |file: &str| desk.sign(&PROVINCE, &["--token", CLERK.label, file], CLERK.pin);
    let first = plainly(&file);
    let second = plainly(&file);
    assert_ne!(first["field"], second["field"], "{first} {second}");
    let after = std::fs::read(&file).unwrap();
    assert!(
        after.starts_with(&before),
        "signed bytes are never rewritten"
    );
    assert_eq!(desk.fields(&file).len(), 2);
    let judged = said("pdfsig", &["-nocert", &file]);
    assert_eq!(judged.matches("Signature is Valid.").count(), 2, "{judged}");
    let checked = said("qpdf", &["--check", &file]);
    assert!(
        checked.contains("No syntax or stream encoding errors"),
        "{checked}"
    );

    for (file, code) in [
        (
            encrypted("cấm.pdf", "", &["--modify=none"]),
            "DocumentOwnerForbids",
        ),
        (encrypted("khóa.pdf", "nguoi-doc", &[]), "DocumentEncrypted"),
    ] {
        let before = std::fs::read(&file).unwrap();
        let refused = plainly(&file);
        assert_eq!(refused["error"]["code"], code, "{refused}");
        assert!(
            std::fs::read(&file).unwrap() == before,
            "the file is as it was"
        );
    }
}

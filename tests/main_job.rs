//! The main job: approved, numbered and sealed, dispatched to three, received, verified, accepted, receipted. At every
//! station the file goes before judges who know nothing of us.

use std::fs;
use std::path::Path;

use antin_testkit::office::{CLERK, LEADER};
use antin_testkit::world::{DemoAgency, PROVINCE, RECEIVERS};
use serde_json::Value;

use crate::fixture::{Stage, antin_anywhere, assert_same, line, run, sample, text, utf8};
use crate::judges;

#[test]
fn a_letter_goes_the_whole_way() {
    let stage = Stage::new();
    let letter = signs_and_issues(&stage);
    dispatches(&stage, &letter);
    for agency in &RECEIVERS {
        receives(&stage, agency, &letter);
    }
    receipts_come_back(stage, &letter);
}

/// Somebody signed it elsewhere before the leader did, so nothing is prepared: number and date, then the seal, are
/// signatures of their own, from one PIN and in one write.
#[test]
fn a_letter_that_nobody_prepared_is_issued() {
    let stage = Stage::new();
    let draft = stage.path("đã có chữ ký.pdf");
    fs::copy(sample("directive.pdf"), &draft).unwrap();
    let words = ["sign", "--pin-stdin", "--token", CLERK.label, utf8(&draft)];
    stage.done(&PROVINCE, &words, &line(CLERK.pin));
    let letter = stage.add(&draft);
    let words = ["sign", "--act", "approve", "--pin-stdin", &letter];
    let signed = stage.done(&PROVINCE, &words, &line(LEADER.pin));
    assert_eq!(signed["state"], "signed");
    let words = ["issue", "--pin-stdin", &letter];
    let issued = stage.done(&PROVINCE, &words, &line(CLERK.pin));
    assert_eq!(issued["state"], "issued");
    let file = stage.export(&letter, "phát hành.pdf");
    let judged = judges::pyhanko(stage.world.pki(), &file);
    assert_eq!(judged.len(), 4);
    for (verdict, field) in judged.iter().zip(["Ky1", "ChuKy", "So"]) {
        judges::assert_good(verdict, field, "ENTIRE_REVISION", "FORM_FILLING");
    }
    judges::assert_good(&judged[3], "Dau", "ENTIRE_FILE", "NONE");
    judges::pdfsig(&file, 4);
    judges::qpdf(&file);
}

fn signs_and_issues(stage: &Stage) -> String {
    let draft = sample("directive.pdf");
    let added = stage.done(&PROVINCE, &["letter", "add", utf8(&draft)], "");
    assert_eq!(added["state"], "waiting");
    assert_eq!(added["pages"], 3);
    let letter = text(&added, "letter");

    let words = ["sign", "--act", "approve", "--pin-stdin", &letter];
    let signed = stage.done(&PROVINCE, &words, &line(LEADER.pin));
    assert_eq!(signed["state"], "signed");
    assert_eq!(signed["signer"], "Phan Ngọc Thọ");
    let approved = stage.export(&letter, "approved.pdf");

    let issued = stage.done(
        &PROVINCE,
        &["issue", "--pin-stdin", &letter],
        &line(CLERK.pin),
    );
    assert_eq!(issued["state"], "issued");
    assert_eq!(issued["code"], "77/2014/CT-UBND");
    assert_eq!(issued["date"], "26/12/2014");
    let issued = stage.export(&letter, "issued.pdf");

    one_revision_an_act(&[&draft, &approved, &issued]);
    let pki = stage.world.pki();
    let [leader] = judges::pyhanko(pki, &approved)
        .try_into()
        .expect("one signature");
    judges::assert_good(&leader, "ChuKy", "ENTIRE_FILE", "NONE");
    let [leader, seal] = judges::pyhanko(pki, &issued)
        .try_into()
        .expect("two signatures");
    judges::assert_good(&leader, "ChuKy", "ENTIRE_REVISION", "FORM_FILLING");
    assert_eq!(
        leader["certification"], 2,
        "the leader certifies with P=2: {leader}"
    );
    judges::assert_good(&seal, "Dau", "ENTIRE_FILE", "NONE");
    for (file, signatures) in [(&approved, 1), (&issued, 2)] {
        judges::pdfsig(file, signatures);
        judges::qpdf(file);
    }
    let page = judges::page_text(&issued);
    assert!(
        page.replace(' ', "").contains("Số:77/2014/CT-UBND"),
        "{page}"
    );
    assert!(
        page.contains("Thừa Thiên Huế, ngày 26 tháng 12 năm 2014"),
        "{page}"
    );
    letter
}

/// The file before each act is a strict prefix of the file after it, and each act adds exactly one `%%EOF`.
fn one_revision_an_act(stations: &[&Path]) {
    let files: Vec<Vec<u8>> = stations
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    for pair in files.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        assert!(after.len() > before.len(), "the act added something");
        let (prefix, added) = after.split_at(before.len());
        assert_same(prefix, before, "the file before is a prefix");
        let ends = added.windows(5).filter(|bytes| bytes == b"%%EOF").count();
        assert_eq!(ends, 1, "one revision an act");
        assert!(
            added.trim_ascii_end().ends_with(b"%%EOF"),
            "nothing follows it"
        );
    }
}

fn dispatches(stage: &Stage, letter: &str) {
    // The directory comes with the first synchronisation.
    stage.done(&PROVINCE, &["sync"], "");
    let to = RECEIVERS.map(|agency| agency.id).join(",");
    let words = ["dispatch", "--to", &to, letter];
    let rows = stage.all(&PROVINCE, &words);
    assert_eq!(rows[0]["state"], "queued", "durable before it leaves");
    assert_eq!(rows[1]["reached"], true);
    assert_eq!(rows[1]["sent"], 1);
    assert_eq!(rows[1]["waiting"], 0);

    let row = stage.row_of(&["outbox"], letter);
    assert_eq!(row["state"], "sent");
    assert_eq!(row["code"], "77/2014/CT-UBND");
    assert_eq!(
        row["receipts"], 1,
        "sent is what a verified receipt says: {row}"
    );
    assert_eq!(stage.row_of(&["letter", "list"], letter)["state"], "sent");
    assert_eq!(states(&row), ["relayed"; 3]);
}

fn states(row: &Value) -> Vec<&str> {
    let deliveries = row["deliveries"].as_array().unwrap();
    deliveries
        .iter()
        .map(|delivery| delivery["state"].as_str().unwrap())
        .collect()
}

fn receives(stage: &Stage, agency: &DemoAgency, letter: &str) {
    let synced = stage.done(agency, &["sync"], "");
    assert_eq!(synced["received"], 1);
    let inbox = stage.done(agency, &["inbox"], "");
    assert_eq!(inbox["state"], "new");
    assert_eq!(inbox["code"], "77/2014/CT-UBND");
    assert_eq!(inbox["from"], PROVINCE.name);
    assert_eq!(inbox["verdict"], "valid", "judged where it arrives");
    let delivery = text(&inbox, "delivery");

    let arrived = stage.path(&format!("{}.pdf", agency.folder));
    let words = ["inbox", "export", &delivery, utf8(&arrived)];
    stage.antin(agency, &words, "").ended(0);
    let sent = fs::read(stage.path("issued.pdf")).unwrap();
    assert_same(
        &fs::read(&arrived).unwrap(),
        &sent,
        "what arrives is what was issued",
    );
    let verified = stage.done(agency, &["verify", utf8(&arrived)], "");
    assert_eq!(verified["word"], "valid");

    stage.done(&PROVINCE, &["sync"], "");
    let row = stage.row_of(&["outbox"], letter);
    assert!(
        states(&row).contains(&"arrived"),
        "arrival is told before anybody decides: {row}"
    );

    let accepted = stage.done(agency, &["inbox", "accept", &delivery], "");
    assert_eq!(accepted["state"], "accepted");
    assert_eq!(
        accepted["arrivalNumber"], "1",
        "the register of each office begins at 1"
    );
    let again = stage
        .json(agency, &["inbox", "accept", &delivery], "")
        .ended(1);
    assert_eq!(
        again.row()["error"]["code"],
        "AlreadyDecided",
        "a decision is made once"
    );
    stage.done(agency, &["sync"], "");
}

/// The receipts are judged by the office, then by OpenSSL and by anyone, with every server off.
fn receipts_come_back(stage: Stage, letter: &str) {
    stage.done(&PROVINCE, &["sync"], "");
    let row = stage.row_of(&["outbox"], letter);
    assert_eq!(row["receipts"], 7, "{row}");
    assert_eq!(states(&row), ["accepted"; 3]);
    let receipts = stage.all(&PROVINCE, &["receipt", "list"]);
    assert!(
        receipts.iter().all(|receipt| receipt["verified"] == true),
        "{receipts:?}"
    );
    let places: Vec<&Value> = receipts.iter().map(|receipt| &receipt["seq"]).collect();
    assert_eq!(places, [1, 2, 3, 4, 5, 6, 7], "a chain without a gap");

    let folder = stage.path("receipts");
    let files = stage.all(&PROVINCE, &["receipt", "export", utf8(&folder)]);
    let (pki, programs) = (
        stage.world.pki().dir().to_path_buf(),
        stage.world.programs().clone(),
    );
    let kept = stage.path("pki");
    run(std::process::Command::new("cp")
        .arg("-r")
        .arg(&pki)
        .arg(&kept));
    let Stage { world, folder } = stage;
    drop(world);

    let (root, sub) = (kept.join("root.crt"), kept.join("sub.crt"));
    let mut told = Vec::new();
    for file in &files {
        let path = text(file, "file");
        let words = [
            "--json",
            "receipt",
            "verify",
            &path,
            "--trust",
            utf8(&root),
            "--trust",
            utf8(&sub),
        ];
        let judged = antin_anywhere(&programs, &words).ended(0).row();
        let statement = &judged["statement"];
        assert_eq!(
            judged["issuer"],
            "Hệ thống quản lý văn bản và điều hành tỉnh (DEMO)"
        );
        assert_eq!(statement["docKey"], "H57,2014/12/26,77/2014/CT-UBND");
        assert_eq!(
            *statement,
            judges::openssl_statement(&kept, Path::new(&path)),
            "OpenSSL reads the same"
        );
        told.push((text(statement, "type"), statement["recipient"].clone()));
    }
    let mut expected = vec![("SubmissionAcceptance".to_owned(), Value::Null)];
    for agency in &RECEIVERS {
        for kind in ["Arrival", "Acceptance"] {
            expected.push((kind.to_owned(), agency.id.into()));
        }
    }
    assert_eq!(told, expected);

    let words = ["receipt", "verify", &text(&files[0], "file")];
    let stranger = antin_anywhere(&programs, &words).ended(1);
    assert!(
        stranger
            .err
            .starts_with("Giấy báo của hệ thống không xác minh được"),
        "without the root nobody vouches for it: {stranger}"
    );
    drop(folder);
}

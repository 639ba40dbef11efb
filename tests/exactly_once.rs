//! Whatever is killed, whenever: nothing is lost, nothing goes out twice.
//!
//! The client and the province are killed with `SIGKILL` at moments spread over their work; then they are left in peace
//! and everything must be there exactly once, receipts included.

use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use antin_testkit::process::Guard;
use antin_testkit::world::{PROVINCE, RECEIVERS};
use serde_json::Value;

use crate::fixture::{Stage, text};

#[test]
fn a_client_killed_at_any_moment_sends_once() {
    let stage = Stage::new();
    let letters = ["directive.pdf", "cong-van.pdf", "giay-moi.pdf"].map(|name| stage.issued(name));
    // One peaceful run gives the directory and shows how long a run is, to spread the killings over it.
    let began = Instant::now();
    stage.done(&PROVINCE, &["sync"], "");
    let run = began.elapsed().max(Duration::from_millis(10)) * 4;

    let to = RECEIVERS.map(|agency| agency.id).join(",");
    for (n, letter) in letters.iter().enumerate() {
        for round in 0..4 {
            let moment = run * (4 * u32::try_from(n).unwrap() + round + 1) / 14;
            // A clerk whose program vanished gives the order again; whoever has it already is not sent it twice.
            killed_after(&stage, &["dispatch", "--to", &to, letter], moment);
        }
        killed_after(&stage, &["sync"], run / 3);
    }
    for letter in &letters {
        let words = ["dispatch", "--to", &to, letter];
        let answer = stage.json(&PROVINCE, &words, "");
        if answer.code != Some(0) {
            let refusal = answer.ended(1).row();
            assert_eq!(
                refusal["error"]["code"], "LetterWrongState",
                "only because it is on its way: {refusal}"
            );
        }
    }
    everything_is_there_once(&stage, &letters);
}

#[test]
fn a_province_killed_at_any_moment_takes_once() {
    let mut stage = Stage::new();
    let letters = ["directive.pdf", "giay-moi.pdf"].map(|name| stage.issued(name));
    stage.done(&PROVINCE, &["sync"], "");
    let to = RECEIVERS.map(|agency| agency.id).join(",");
    for letter in &letters {
        let words = ["dispatch", "--queue-only", "--to", &to, letter];
        assert_eq!(stage.done(&PROVINCE, &words, "")["state"], "queued");
    }
    for round in 0..6 {
        let mut client = spawn(&stage, &["sync"]);
        sleep(Duration::from_millis(8 * round + 4));
        stage.world.kill_province();
        // With nobody there it gives up by itself and says so; what it had not finished waits.
        assert!(client.child().wait().unwrap().success(), "round {round}");
        stage.world.start_province().unwrap();
    }
    everything_is_there_once(&stage, &letters);
}

fn spawn(stage: &Stage, words: &[&str]) -> Guard {
    let mut command = stage.world.antin(&PROVINCE);
    command
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Guard::spawn(command).unwrap()
}

fn killed_after(stage: &Stage, words: &[&str], moment: Duration) {
    let mut client = spawn(stage, words);
    sleep(moment);
    client.kill();
}

/// Left in peace, the outbox is drained; then the server, the receivers and the sender each tell the same story.
#[track_caller]
fn everything_is_there_once(stage: &Stage, letters: &[String]) {
    let watched = stage.json(&PROVINCE, &["sync", "--watch"], "").ended(0);
    assert_eq!(watched.rows().last().unwrap()["waiting"], 0, "{watched}");

    let dispatches = stage.all(&PROVINCE, &["outbox"]);
    assert_eq!(dispatches.len(), letters.len(), "one order each");
    let sent = i64::try_from(letters.len()).unwrap();
    assert_eq!(asked(stage, "SELECT count(*) FROM dispatch"), sent);
    assert_eq!(
        asked(stage, "SELECT count(DISTINCT doc_key) FROM dispatch"),
        sent
    );
    assert_eq!(asked(stage, "SELECT count(*) FROM delivery"), 3 * sent);
    let acceptances = "SELECT count(*) FROM receipt WHERE kind = 'SubmissionAcceptance'";
    assert_eq!(asked(stage, acceptances), sent);

    for agency in &RECEIVERS {
        let synced = stage.done(agency, &["sync"], "");
        assert_eq!(synced["received"], letters.len(), "{}", agency.name);
        for incoming in stage.all(agency, &["inbox"]) {
            assert_eq!(incoming["verdict"], "valid", "{incoming}");
            assert_eq!(incoming["duplicateOf"], Value::Null, "{incoming}");
        }
    }
    stage.done(&PROVINCE, &["sync"], "");
    for letter in letters {
        let row = stage.row_of(&["outbox"], letter);
        assert_eq!(row["state"], "sent", "{row}");
        assert_eq!(
            row["receipts"], 4,
            "accepted once, arrived three times: {row}"
        );
    }
    let receipts = stage.all(&PROVINCE, &["receipt", "list"]);
    let places: Vec<u64> = receipts
        .iter()
        .map(|r| r["seq"].as_u64().unwrap())
        .collect();
    let whole: Vec<u64> = (1..=4 * letters.len() as u64).collect();
    assert_eq!(places, whole, "one chain without a gap");

    let folder = stage.path("receipts");
    for file in stage.all(&PROVINCE, &["receipt", "export", folder.to_str().unwrap()]) {
        let words = ["receipt", "verify", &text(&file, "file")];
        stage.done(&PROVINCE, &words, "");
    }
}

/// What the province's own database says.
pub(crate) fn asked(stage: &Stage, question: &str) -> i64 {
    let path = stage.world.folder().join("province/province.db");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(path, flags).unwrap();
    database.query_row(question, [], |row| row.get(0)).unwrap()
}

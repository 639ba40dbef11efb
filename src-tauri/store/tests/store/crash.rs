//! A child process works on the outbox and says what has been acknowledged; it is killed in the middle, again and again.
//! After every kill, everything it had acknowledged is there.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use antin_records::{DispatchId, DispatchManifest, ReceiptKind, Urgency};
use antin_store::{OutboxState, Store};

use super::sample::{LEASE, NOW, enqueue, later, receipt};

/// Set in the child; names the store's folder.
const CHILD: &str = "ANTIN_STORE_CRASH_CHILD";
const KILLS: usize = 25;

/// The child's work. Without the variable it is a test that does nothing.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(CHILD) else {
        return;
    };
    let store = Store::open(Path::new(&dir)).unwrap();
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| {
        writeln!(out, "\n@{line}").unwrap();
        out.flush().unwrap();
    };
    let first = u32::try_from(store.dispatches().unwrap().len()).unwrap();
    for number in first + 1.. {
        let frozen = enqueue(&store, number, Urgency::Normal, NOW);
        say(format!(
            "{} queued",
            DispatchManifest::parse(&frozen.bytes).unwrap().dispatch_id
        ));
        let Some(mut claim) = store.claim_due(NOW, LEASE).unwrap() else {
            continue;
        };
        let id = claim.dispatch.id;
        if claim.dispatch.state != OutboxState::Unknown {
            store.upload_started(&mut claim, NOW).unwrap();
            say(format!("{id} uploading"));
            store.upload_complete(&mut claim, NOW).unwrap();
            say(format!("{id} uploaded"));
        }
        store.submit_started(&mut claim, NOW).unwrap();
        say(format!("{id} submitting"));
        let proof = receipt(
            &claim.dispatch.manifest,
            u64::from(number),
            ReceiptKind::SubmissionAcceptance,
            None,
        );
        store.submitted(claim, &proof, later(1)).unwrap();
        say(format!("{id} submitted"));
    }
}

#[test]
fn what_was_acknowledged_survives_being_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    for kill in 0..KILLS {
        run_and_kill(dir.path(), 1 + kill * 3 % 17, &mut acknowledged);
        let store = Store::open(dir.path()).unwrap();
        for (id, state) in &acknowledged {
            let held = store
                .dispatch(*id)
                .unwrap_or_else(|error| panic!("{id} ({state}) is lost: {error}"));
            let rank = rank_of(held.state);
            assert!(
                rank >= rank_of_key(state),
                "{id} was {state} and is {:?}",
                held.state
            );
            assert_ne!(
                held.state,
                OutboxState::Submitting,
                "nobody is submitting now"
            );
            assert_eq!(
                held.state == OutboxState::Submitted,
                !store.receipts(*id).unwrap().is_empty(),
                "state and receipt are one"
            );
            assert!(store.has_blob(held.content));
        }
    }
    assert!(
        acknowledged.len() >= KILLS / 2,
        "the children did get somewhere: {}",
        acknowledged.len()
    );
    assert!(acknowledged.values().any(|state| state == "submitted"));
    let owners = std::fs::read_dir(dir.path().join("owners"))
        .unwrap()
        .count();
    assert_eq!(owners, 0, "dead owners are swept up");
}

fn run_and_kill(dir: &Path, lines: usize, acknowledged: &mut BTreeMap<DispatchId, String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::crash::child", "--nocapture"])
        .env(CHILD, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut note = |line: &str| {
        let (id, state) = line.split_once(' ').unwrap();
        acknowledged.insert(id.parse().unwrap(), state.to_owned());
    };
    out.by_ref()
        .filter(|line| line.starts_with('@'))
        .take(lines)
        .for_each(|line| note(&line[1..]));
    // SIGKILL on Unix.
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died was acknowledged too; a last line may be cut.
    out.filter(|line| line.starts_with('@'))
        .filter(|line| rank_of_key(line.split(' ').nth(1).unwrap_or("")) > 0)
        .for_each(|line| note(&line[1..]));
}

fn rank_of(state: OutboxState) -> u8 {
    match state {
        OutboxState::Queued => 1,
        OutboxState::Uploading => 2,
        OutboxState::Uploaded => 3,
        OutboxState::Submitting | OutboxState::Unknown => 4,
        OutboxState::Submitted => 5,
        _ => 0,
    }
}

fn rank_of_key(key: &str) -> u8 {
    OutboxState::from_key(key).map_or(0, rank_of)
}

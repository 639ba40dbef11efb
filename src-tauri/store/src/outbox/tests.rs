use std::collections::{BTreeMap, BTreeSet};

use super::{Event as E, OutboxState as S, *};

/// Every pair of state and event with its outcome, `·` where it is refused. Written by hand, so that a slip in the table
/// shows: columns are the states in order, the letters their initials (Sealed, Queued, uploadinG, uPloaded, subMitting,
/// Unknown, Auth-wait, Blocked, submitteD, cLosed, Cancelled).
const EXPECTED: &str = "
Enqueue        Q · · · · · · · · · ·
UploadStarted  · G G G · · · · · · ·
UploadComplete · · P · · · · · · · ·
ContentMissing · · · · Q · · · · · ·
SubmitStarted  · · · M · M · · · · ·
ReceiptStored  · D D D D D D D D L ·
OutcomeUnknown · · · · U U · · · · ·
Transient      · Q G P P U · · · · ·
AuthRefused    · A A A A A · · · · ·
AuthRestored   · · · · · · Q · · · ·
Refused        · B B B B B · · · · ·
Repaired       · · · · · · · Q · · ·
Cancel         C C C C · · C C · · ·
Settled        · · · · · · · · L · ·
Restarted      S Q G P U U A B D L C
";

fn letter(state: Option<OutboxState>) -> &'static str {
    match state {
        None => "·",
        Some(S::Sealed) => "S",
        Some(S::Queued) => "Q",
        Some(S::Uploading) => "G",
        Some(S::Uploaded) => "P",
        Some(S::Submitting) => "M",
        Some(S::Unknown) => "U",
        Some(S::AuthWait) => "A",
        Some(S::Blocked) => "B",
        Some(S::Submitted) => "D",
        Some(S::Closed) => "L",
        Some(S::Cancelled) => "C",
    }
}

#[test]
fn every_pair_is_as_expected() {
    let rows = Event::ALL.map(|event| {
        let cells = OutboxState::ALL.map(|state| letter(state.after(event)));
        format!("{:<14} {}\n", format!("{event:?}"), cells.join(" "))
    });
    assert_eq!(rows.concat(), EXPECTED.trim_start());
}

#[test]
fn no_pair_is_in_the_table_twice() {
    let pairs: BTreeSet<_> = TABLE
        .iter()
        .map(|(state, event, _)| (*state, *event))
        .collect();
    assert_eq!(pairs.len(), TABLE.len());
}

#[test]
fn nothing_that_may_have_left_can_be_cancelled() {
    for state in [S::Submitting, S::Unknown, S::Submitted, S::Closed] {
        assert_eq!(state.after(E::Cancel), None, "{state:?}");
    }
}

#[test]
fn a_pending_dispatch_always_has_a_way_to_submitted() {
    let mut reaches: BTreeMap<OutboxState, bool> = OutboxState::ALL
        .map(|state| (state, state == S::Submitted))
        .into();
    for _ in OutboxState::ALL {
        for (state, _, next) in TABLE {
            if reaches[next] {
                reaches.insert(*state, true);
            }
        }
    }
    for state in OutboxState::ALL
        .into_iter()
        .filter(|state| state.is_pending())
    {
        assert!(reaches[&state], "{state:?} is a dead end");
    }
}

#[test]
fn keys_are_unique() {
    for state in OutboxState::ALL {
        assert_eq!(OutboxState::from_key(state.key()), Some(state));
    }
}

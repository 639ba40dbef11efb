//! When a signature was made, and how well that is proven.

use super::{Answer, evidence};
use crate::clock;
use crate::message::Language;
use antin_pades::report::{Level, ProofKind, SignatureReport, Trust as Standing};
use time::{Duration, OffsetDateTime};

pub(super) fn of(
    language: Language,
    signature: &SignatureReport,
    judged_at: OffsetDateTime,
) -> (Answer, String) {
    let broken = signature.timestamps.iter().any(|t| !t.intact);
    match (signature.time_proven, signature.claimed_time) {
        (true, claimed) => (Answer::Yes, proven(language, signature, claimed)),
        (false, _) if broken => (Answer::No, evidence(language, "bad-timestamp", &[])),
        (false, Some(claimed)) => {
            // A signature cannot be younger than the look at it: the clock of a tool that writes local time as UTC.
            let key = match claimed > judged_at && is_local_as_utc(claimed, judged_at) {
                true => "claimed-seven-hours",
                false if claimed > judged_at => "claimed-future",
                false => unproven(signature).unwrap_or("claimed"),
            };
            let facts = [
                ("time", clock::spoken(claimed)),
                (
                    "stamp",
                    stamp(signature).map(clock::spoken).unwrap_or_default(),
                ),
            ];
            let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
            (Answer::Warn, evidence(language, key, &facts))
        }
        (false, None) => (Answer::Unknown, evidence(language, "no-time", &[])),
    }
}

/// The proof, and whether the file itself will bear it out for long.
fn proven(
    language: Language,
    signature: &SignatureReport,
    claimed: Option<OffsetDateTime>,
) -> String {
    let proven = clock::spoken(signature.best_time);
    let claimed = claimed.filter(|claimed| is_local_as_utc(*claimed, signature.best_time));
    let by = signature.proof.as_ref().map(|proof| proof.kind);
    let key = match (claimed, by) {
        (Some(_), _) => "timestamp-seven-hours",
        (None, Some(ProofKind::DocumentTimestamp)) => "timestamp-document",
        (None, Some(ProofKind::LaterSignature)) => "timestamp-later",
        (None, _) => "timestamp",
    };
    let claimed = claimed.map(clock::spoken).unwrap_or_default();
    let facts = [("time", proven.as_str()), ("claimed", claimed.as_str())];
    let mut text = evidence(language, key, &facts);
    let kept = match signature.level {
        Level::BasicLt => Some("kept"),
        Level::BasicLta => Some("archived"),
        Level::Cms | Level::BasicB | Level::BasicT => None,
    };
    if let Some(kept) = kept {
        text += "; ";
        text += &evidence(language, kept, &[]);
    }
    text
}

/// There is a time-stamp, and it proves nothing.
fn unproven(signature: &SignatureReport) -> Option<&'static str> {
    let stamps = || signature.timestamps.iter();
    if stamps().any(|stamp| stamp.trust == Standing::Untrusted) {
        Some("claimed-stamp-untrusted")
    } else {
        stamps().next().map(|_| "claimed-stamp-unverified")
    }
}

fn stamp(signature: &SignatureReport) -> Option<OffsetDateTime> {
    signature.timestamps.iter().find_map(|stamp| stamp.time)
}

/// Whether a claimed time is ahead of a true one by Việt Nam's offset: some tools write local time as UTC (domain.md
/// §6.6). Without a time-stamp the true one is only known not to be later than the look at the file.
fn is_local_as_utc(claimed: OffsetDateTime, true_time: OffsetDateTime) -> bool {
    (Duration::hours(6)..=Duration::hours(8)).contains(&(claimed - true_time))
}

//! Proofs of existence: what shows that a signature was there at a time, and what shows that it was not yet there
//! (EN 319 102-1, 5.4, 5.5.4, 5.6.2).
//!
//! The file is gone through from its end to its beginning. The last time-stamp is believed if its authority is good now;
//! each one before it if its authority was good when the next one proves that it existed. So a chain of document
//! time-stamps outlives its authorities, as long as each was renewed in time (5.6.2.4).

use std::cmp::Reverse;

use antin_cades::{SignedDataReport, TimestampReport};
use antin_pkix::{PathReport, PathStatus, Reason, Usage};
use time::{Duration, OffsetDateTime};

use super::Examined;
use super::trust::{World, trust_of};
use crate::report::{Integrity, ProofFacts, ProofKind, SignatureKind, TimestampFacts, Trust};

/// Time-stamps whose authority is judged in one document; a letter has a dozen. Two hundred signatures could carry eight
/// each, every one with a path to be searched and lists to be hashed. What is beyond proves nothing.
const STAMP_LIMIT: usize = 256;

/// What is known about the time of one signature.
#[derive(Default, Clone)]
pub(super) struct Known {
    /// It existed at this time.
    pub(super) existed: Option<ProofFacts>,
    /// It did not exist yet at this time: it is over a time-stamp that was made then.
    pub(super) made_after: Option<OffsetDateTime>,
    /// Its own time-stamps; a document time-stamp is its own.
    pub(super) stamps: Vec<TimestampFacts>,
    /// The signer's path at the time of its own time-stamp, if it was asked for.
    pub(super) path: Option<(OffsetDateTime, PathReport)>,
}

/// A proof about everything in earlier revisions.
struct Cover {
    revision: usize,
    facts: ProofFacts,
}

/// Examines all time-stamps.
pub(super) fn all(examined: &[Examined], world: &World<'_>) -> Vec<Known> {
    let mut known = vec![Known::default(); examined.len()];
    let mut covers: Vec<Cover> = Vec::new();
    let mut room = STAMP_LIMIT;
    let mut order: Vec<usize> = (0..examined.len()).collect();
    let revision = |index: usize| examined.get(index).and_then(|one| one.coverage.revision);
    order.sort_by_key(|index| Reverse(revision(*index)));
    for index in order {
        let Some(one) = examined.get(index) else {
            continue;
        };
        let covered = covers
            .iter()
            .filter(|cover| revision(index).is_some_and(|own| own < cover.revision))
            .min_by_key(|cover| cover.facts.time)
            .map(|cover| cover.facts.clone());
        let control = covered.as_ref().map_or(world.at, |facts| facts.time);
        let stamps = stamps(one, world, control, &mut room);
        let own = stamps
            .iter()
            .filter(|facts| facts.intact && facts.trust == Trust::Trusted)
            .filter_map(|facts| facts.time)
            .min();
        let existed = [own.map(|time| own_proof(one, time)), covered]
            .into_iter()
            .flatten()
            .min_by_key(|facts| facts.time);
        let path = own
            .filter(|_| one.integrity.kind == SignatureKind::Signature)
            .and_then(|time| Some((time, world.path_of(one, time)?)));
        if let (Some(time), Some(revision)) = (own, one.coverage.revision)
            && covers_what_is_before(one, path.as_ref())
        {
            let kind = match one.integrity.kind {
                SignatureKind::DocumentTimestamp => ProofKind::DocumentTimestamp,
                SignatureKind::Signature => ProofKind::LaterSignature,
            };
            let field = one.found.field.clone();
            let facts = ProofFacts { kind, field, time };
            covers.push(Cover { revision, facts });
        }
        if let Some(known) = known.get_mut(index) {
            *known = Known {
                existed,
                made_after: None,
                stamps,
                path,
            };
        }
    }
    made_after(examined, &mut known);
    known
}

fn own_proof(one: &Examined, time: OffsetDateTime) -> ProofFacts {
    ProofFacts {
        kind: match one.integrity.kind {
            SignatureKind::DocumentTimestamp => ProofKind::DocumentTimestamp,
            SignatureKind::Signature => ProofKind::SignatureTimestamp,
        },
        field: one.found.field.clone(),
        time,
    }
}

/// A signature is over every byte of the revisions before it, so a time-stamp in one of them is older than it.
fn made_after(examined: &[Examined], known: &mut [Known]) {
    let older: Vec<(usize, OffsetDateTime)> = examined
        .iter()
        .zip(known.iter())
        .filter(|(one, _)| one.is_over_its_revision())
        .filter_map(|(one, known)| {
            let trusted = known
                .stamps
                .iter()
                .filter(|facts| facts.intact && facts.trust == Trust::Trusted);
            Some((
                one.coverage.revision?,
                trusted.filter_map(|facts| facts.time).max()?,
            ))
        })
        .collect();
    for (one, known) in examined.iter().zip(known) {
        let own = one.coverage.revision.filter(|_| one.is_over_its_revision());
        known.made_after = older
            .iter()
            .filter(|(revision, _)| own.is_some_and(|own| *revision < own))
            .map(|(_, time)| *time)
            .max();
    }
}

/// Does a time-stamp of this prove that what it is over existed? A document time-stamp is directly over it. A
/// signature's is over the signature value, which binds the rest only if the key is the signer's: with a key made for the
/// purpose, one value can be made to fit other bytes.
fn covers_what_is_before(one: &Examined, path: Option<&(OffsetDateTime, PathReport)>) -> bool {
    one.is_over_its_revision()
        && match one.integrity.kind {
            SignatureKind::DocumentTimestamp => true,
            SignatureKind::Signature => path.is_some_and(|(_, path)| path.is_trusted()),
        }
}

fn stamps(
    one: &Examined,
    world: &World<'_>,
    control: OffsetDateTime,
    room: &mut usize,
) -> Vec<TimestampFacts> {
    let mut judge = |token, around| {
        let allowed = *room > 0;
        *room = room.saturating_sub(1);
        judge(token, around, allowed.then_some(world), control)
    };
    if let Some(token) = &one.integrity.timestamp {
        let facts = judge(token, None);
        let intact = one.integrity.integrity == Integrity::Intact;
        return vec![TimestampFacts { intact, ..facts }];
    }
    let data = one.integrity.signed_data.as_ref();
    one.integrity.signer().map_or_else(Vec::new, |signer| {
        signer
            .timestamps
            .iter()
            .map(|token| judge(token, data))
            .collect()
    })
}

/// Judges a token that is proven to have existed at `control`. Its authority must have been good then: what a key
/// signs after it was stolen can say any time.
fn judge(
    report: &TimestampReport,
    around: Option<&SignedDataReport>,
    world: Option<&World<'_>>,
    control: OffsetDateTime,
) -> TimestampFacts {
    let certificate = report
        .signer()
        .and_then(|signer| signer.certificate.as_ref());
    let time = report.token.as_ref().map(|token| token.generated_at);
    let mut facts = TimestampFacts {
        time,
        intact: report.is_intact(),
        authority: certificate.map(|certificate| certificate.subject().to_string()),
        trust: Trust::Unverified,
        judged_at: control,
        status: "not-examined",
    };
    let (Some(world), Some(certificate), Some(time)) = (world, certificate, time) else {
        return facts;
    };
    let data: Vec<&SignedDataReport> = around.into_iter().chain([&report.signed_data]).collect();
    let path_at = |at| world.path(certificate, &data, Usage::TimeStamping, at);
    let mut path = path_at(control);
    if let Some(before) = retired(&path, time) {
        path = path_at(before);
        facts.judged_at = before;
    }
    facts.status = path.status.name();
    let in_force = (certificate.not_before()..=certificate.not_after()).contains(&time);
    facts.trust = match trust_of(&path.status, false) {
        // It says that it was made before its key was certified, or after it is known to exist.
        Trust::Trusted if !in_force || time > control => Trust::Untrusted,
        trust => trust,
    };
    facts
}

/// RFC 3161 §4 (1): an authority that was taken out of service, its key unharmed, leaves what it stamped until then. That
/// is said with a reason; without one, and `Unspecified` cannot be told from none, all its stamps fall.
fn retired(path: &PathReport, time: OffsetDateTime) -> Option<OffsetDateTime> {
    let PathStatus::Revoked {
        index: 0,
        at,
        reason: Reason::AffiliationChanged | Reason::Superseded | Reason::CessationOfOperation,
    } = path.status
    else {
        return None;
    };
    let before = at - Duration::SECOND;
    (time <= before).then_some(before)
}

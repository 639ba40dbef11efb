//! Judging the signatures of a document, EN 319 102-1 over what EN 319 142-1 and ISO 32000 put around it.
//!
//! Each signature is found through its field (`found`), its ByteRange is held against the file (`coverage`), its
//! CMS against the bytes (`integrity`), what was done after it against what it permits (`permission`, `changes`), and
//! its certificate against trust and evidence (`trust`, with what the file carries: `security_store`) at the best time
//! that is proven (`proof`). All findings are data; nothing here stops at the first.

mod changes;
mod coverage;
mod facts;
mod found;
mod integrity;
mod level;
mod permission;
mod proof;
mod security_store;
mod trust;

use antin_pdf::Document;
use antin_pkix::{Evidence, TrustStore};
use time::OffsetDateTime;

use crate::report::{self, Coverage, Integrity, Report, SignatureReport, Trust, Verdict};

/// Signatures examined in one document. A letter has half a dozen.
const SIGNATURE_LIMIT: usize = 200;
/// Bytes that all signatures together may be over: each costs a pass over its own. Two hundred letters of 10 MB each in
/// one would fit; two hundred signatures over 100 MB would take a minute, and are nobody's letter.
const COVERED_LIMIT: usize = 2 << 30;
/// Passes over the file that are always made, however large it is.
const PASSES: usize = 8;

/// Examines all signatures of `document` and says what is known about them at `at`.
///
/// `trust` and `evidence` are what the caller has; what the file carries itself (certificates, DSS) is added. Nothing is
/// fetched. The same arguments give the same report.
#[must_use]
pub fn validate(
    document: &Document,
    trust: &TrustStore,
    evidence: &Evidence,
    at: OffsetDateTime,
) -> Report {
    let mut report = Report {
        verdict: Verdict::Unsigned,
        trust: Trust::Unverified,
        judged_at: at,
        revisions: document.revisions().len(),
        certification: None,
        problem: None,
        junk: None,
        signatures: Vec::new(),
    };
    let found = match found::signatures(document) {
        Ok(found) => found,
        Err(error) => {
            let (verdict, problem) = report::problem(&error);
            return Report {
                verdict,
                problem: Some(problem),
                ..report
            };
        }
    };
    if found.is_empty()
        && let Some(what) = lost_signature(document)
    {
        return Report {
            verdict: Verdict::Malformed,
            problem: Some(report::Problem::Damaged { what }),
            ..report
        };
    }
    let found: Vec<_> = found
        .into_iter()
        .map(|found| (coverage::examine(document, &found), found))
        .collect();
    if let Some(what) = beyond_budget(&found, document.bytes().len()) {
        return Report {
            verdict: Verdict::Refused,
            problem: Some(report::Problem::TooBig { what }),
            ..report
        };
    }
    let store = security_store::read(document);
    let mut evidence = evidence.clone();
    evidence.crls.extend(store.evidence.crls.iter().cloned());
    evidence.ocsp.extend(store.evidence.ocsp.iter().cloned());

    let examined: Vec<Examined> = found
        .into_iter()
        .map(|(coverage, found)| Examined::new(document, found, coverage))
        .collect();
    report.certification = examined.iter().find_map(|one| one.permission.own_level);
    let world = trust::World {
        trust,
        evidence: &evidence,
        certificates: &store.certificates,
        at,
    };
    let known = proof::all(&examined, &world);
    let levels = level::Levels::new(document, &examined, &store, &trust.anchors);
    let mut signatures: Vec<SignatureReport> = examined
        .iter()
        .zip(&known)
        .map(|(one, known)| trust::conclude(one, known, levels.of(one), &world))
        .collect();
    signatures.sort_by_key(|one| one.revision.unwrap_or(usize::MAX));
    if let Some(worst) = signatures.iter().map(|one| one.verdict).max() {
        report.verdict = worst;
    }
    if let Some(least) = signatures.iter().map(|one| one.trust).max() {
        report.trust = least;
    }
    report.signatures = signatures;
    report.junk = junk(document, &examined);
    report
}

/// A signature in bytes that belong to no revision: the end of the file is lost or damaged, and to call what is left
/// unsigned would be half the truth.
fn lost_signature(document: &Document) -> Option<String> {
    const MARK: &[u8] = b"/ByteRange";
    let tail = document.orphan_tail()?;
    let start = usize::try_from(tail.start).ok()?;
    let bytes = document.bytes().get(start..)?;
    let marked = bytes.windows(MARK.len()).any(|window| window == MARK);
    marked.then(|| {
        format!(
            "bytes {}–{} belong to no revision and hold a signature",
            tail.start, tail.end
        )
    })
}

fn junk(document: &Document, examined: &[Examined]) -> Option<report::Junk> {
    let bytes = u64::try_from(document.junk().len()).unwrap_or(u64::MAX);
    let otherwise = examined.iter().map(Examined::verdict_without_junk).max();
    let covered = |one: &Examined| one.coverage.junk == coverage::Junk::Covered;
    (bytes > 0).then(|| report::Junk {
        bytes,
        covered: !examined.is_empty() && examined.iter().all(covered),
        otherwise: otherwise.unwrap_or(Verdict::Unsigned),
    })
}

/// Why these signatures are too many to examine. None is left out instead: the one left out could be the bad one.
fn beyond_budget(found: &[(coverage::Covered, found::Found)], size: usize) -> Option<String> {
    if found.len() > SIGNATURE_LIMIT {
        return Some(format!(
            "{} signatures, {SIGNATURE_LIMIT} at most",
            found.len()
        ));
    }
    let limit = COVERED_LIMIT.max(size.saturating_mul(PASSES));
    let covered = found
        .iter()
        .filter_map(|(coverage, _)| coverage.ranges.as_ref())
        .flatten()
        .fold(0, |sum: usize, range| sum.saturating_add(range.len()));
    (covered > limit).then(|| format!("signatures over {covered} bytes, {limit} at most"))
}

/// A signature with everything but trust.
struct Examined {
    found: found::Found,
    coverage: coverage::Covered,
    integrity: integrity::Checked,
    permission: permission::Permission,
    modifications: Vec<report::Modification>,
}

impl Examined {
    fn new(document: &Document, found: found::Found, coverage: coverage::Covered) -> Self {
        let integrity = integrity::examine(document, &found, &coverage);
        let permission = permission::read(document, &found, coverage.revision);
        let end = coverage.ranges.as_ref().map(|[_, second]| second.end);
        let modifications = match coverage.revision.zip(end) {
            Some((revision, end)) if integrity.integrity == Integrity::Intact => {
                changes::since(document, revision, &permission, &found, end)
            }
            _ => Vec::new(),
        };
        Self {
            found,
            coverage,
            integrity,
            permission,
            modifications,
        }
    }

    /// Its bytes are all of its revision, so that it says something about every revision before.
    fn is_over_its_revision(&self) -> bool {
        self.integrity.integrity == Integrity::Intact
            && matches!(
                self.coverage.coverage,
                Coverage::WholeFile | Coverage::WholeRevision
            )
    }

    /// Integrity in one word.
    fn verdict(&self) -> Verdict {
        match self.verdict_without_junk() {
            // Nobody signed what stands before the header, and there are readers who look there.
            Verdict::Valid | Verdict::ModifiedAllowed
                if self.coverage.junk == coverage::Junk::LeftOut =>
            {
                Verdict::NotCoveringWholeFile
            }
            verdict => verdict,
        }
    }

    /// As [`verdict`](Self::verdict), of the document from its header on.
    fn verdict_without_junk(&self) -> Verdict {
        match self.integrity.integrity {
            Integrity::Malformed => return Verdict::Malformed,
            Integrity::Intact => {}
            // An impossible check is no failed one (design §2, 6).
            Integrity::Unsupported | Integrity::NoCertificate => return Verdict::Refused,
            Integrity::ContentChanged | Integrity::SignatureBroken => return Verdict::Invalid,
        }
        match self.coverage.coverage {
            Coverage::Malformed => return Verdict::Malformed,
            Coverage::Partial => return Verdict::NotCoveringWholeFile,
            Coverage::WholeFile | Coverage::WholeRevision => {}
        }
        if self.modifications.iter().any(|one| !one.permitted) {
            Verdict::ModifiedDisallowed
        } else if self.modifications.iter().any(|one| !one.kind.is_neutral()) {
            Verdict::ModifiedAllowed
        } else {
            Verdict::Valid
        }
    }
}

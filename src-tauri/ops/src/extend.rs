//! *Bổ sung dữ liệu xác minh*: what makes a signature outlive its certificates (EN 319 142-1: B-LT, B-LTA).
//!
//! What says that the certificates were good is gathered and written into the file: for B-LT alone, for B-LTA together with
//! an archive time-stamp over everything. B-LT writes nothing where nothing is missing, and stands on a time-stamp: where a
//! signature has none, the archive time-stamp is it. Tools of the VGCA family call validation data alone a change, since no
//! signature ends the revision; who must please them takes B-LTA, or signs with B-LT at once.

use crate::{
    clock,
    error::{Code, Error, Result},
    replace::{self, Seen},
    sign::pades_error,
    signer::subject,
    timestamp::{self, Over, Patience},
    trust::{Network, Trust},
    verify,
};
use antin_pades::{
    ValidationData, Verdict,
    extend::{Leaf, leaves, prepare_timestamp, store},
    report::{Level as Reached, Report, SignatureKind, Trust as Standing},
    validate,
};
use antin_pdf::Document;
use antin_pkix::{Certificate, Evidence, PathStatus, validate_path};
use std::{
    fs::File,
    path::{Path, PathBuf},
};
use time::OffsetDateTime;

/// What is to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// B-T: a time-stamp in the room the last signature kept for it.
    T,
    /// B-LT: validation data, where they are missing.
    Lt,
    /// B-LTA: validation data and one more archive time-stamp.
    Lta,
}

/// Files to be extended, in place.
pub struct ExtendOrder<'a> {
    /// What is to be added.
    pub level: Level,
    /// Time-stamp authorities, tried in turn.
    pub authorities: &'a [String],
    /// The files.
    pub files: &'a [PathBuf],
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extended {
    /// Where the result is.
    pub path: PathBuf,
    /// The field of the time-stamp; `None` if none was added.
    pub field: Option<String>,
    /// Bytes appended.
    pub grown: usize,
}

/// Extends files. `each` hears of every file as it is done or refused; a bad file does not end the run.
pub fn extend_files(
    trust: &Trust,
    order: &ExtendOrder<'_>,
    each: &mut dyn FnMut(&Path, Result<Extended>),
) {
    for file in order.files {
        let outcome = extend_file(trust, order.authorities, order.level, file);
        each(file, outcome.map_err(|e| e.about(file)));
    }
}

/// Extends one file in place.
///
/// # Errors
/// [`Code::SignatureMissing`], [`Code::SignaturesAltered`], [`Code::EvidenceMissing`], [`Code::TimestampUnavailable`],
/// those of reading and replacing the file, which is then what it was.
pub fn extend_file(
    trust: &Trust,
    authorities: &[String],
    level: Level,
    file: &Path,
) -> Result<Extended> {
    let now = clock::now();
    let seen = Seen::of(file)?;
    replace::may_replace(file)?;
    let document =
        Document::open(file).map_err(|e| verify::pdf_error(e, &file.display().to_string()))?;
    let report = validate(&document, trust.store(), &Evidence::default(), now);
    intact(&report).map_err(|e| e.about(file))?;
    let nothing = Extended {
        path: file.to_path_buf(),
        field: None,
        grown: 0,
    };
    if level == Level::T {
        drop(document);
        let field = timestamp::stamp_last(authorities, trust, file)?;
        return Ok(Extended { field, ..nothing });
    }
    if level == Level::Lt && is_long_term(&report) {
        return Ok(nothing);
    }
    let leaves = leaves(&document).map_err(pades_error)?;
    let data = gather(trust, &leaves, now)?;
    let (bytes, field) = if level == Level::Lt && is_timestamped(&report) {
        let Some(bytes) = store(&document, &data).map_err(pades_error)? else {
            return Ok(nothing);
        };
        (bytes, None)
    } else {
        let update = archive(trust, authorities, file, &document, &data)?;
        (update.bytes, Some(update.field))
    };
    // A mapped file cannot be replaced on Windows.
    drop(document);
    let path = replace::append(file, &seen, &bytes, file)?;
    Ok(Extended {
        path,
        field,
        grown: bytes.len(),
    })
}

/// Whether every signature has a time-stamp that somebody can be asked about.
fn is_timestamped(report: &Report) -> bool {
    let mut signatures = report
        .signatures
        .iter()
        .filter(|one| one.kind == SignatureKind::Signature);
    signatures.all(|one| one.time_proven || one.timestamps.iter().any(|stamp| stamp.intact))
}

/// Only what holds is worth being kept for long.
fn intact(report: &Report) -> Result<()> {
    match report.verdict {
        Verdict::Valid | Verdict::ModifiedAllowed => Ok(()),
        Verdict::Unsigned => Err(Error::new(Code::SignatureMissing).with("file", "")),
        _ => Err(Error::new(Code::SignaturesAltered).with("file", "")),
    }
}

/// Whether the file itself proves every signature: nothing but it and the anchors was asked.
fn is_long_term(report: &Report) -> bool {
    report
        .signatures
        .iter()
        .filter(|one| one.kind == SignatureKind::Signature)
        .all(|one| one.level >= Reached::BasicT && one.trust == Standing::Trusted)
}

fn archive(
    trust: &Trust,
    authorities: &[String],
    file: &Path,
    document: &Document,
    data: &ValidationData,
) -> Result<antin_pades::IncrementalUpdate> {
    let mut least_room = 0;
    loop {
        let original = File::open(file).map_err(|e| replace::unreadable(file, e))?;
        let prepared =
            prepare_timestamp(document, data, original, least_room).map_err(pades_error)?;
        let token = timestamp::fetch(
            authorities,
            Over::Digest(prepared.imprint()),
            trust,
            Patience::Long,
        )?;
        match prepared.finish(&token) {
            // Once: the next token has the same certificates.
            Err(antin_pades::Error::HoleTooSmall { needed, .. }) if least_room == 0 => {
                least_room = needed.saturating_mul(2);
            }
            other => return other.map_err(pades_error),
        }
    }
}

/// Certificates, CRLs and OCSP responses for the paths of `leaves`, fetched where they are not at hand.
///
/// # Errors
/// [`Code::CertificateUntrusted`] for a path that leads nowhere, [`Code::EvidenceMissing`] where nothing says whether a
/// certificate of it was revoked.
pub(crate) fn gather(
    trust: &Trust,
    leaves: &[Leaf],
    now: OffsetDateTime,
) -> Result<ValidationData> {
    let mut data = ValidationData::default();
    for leaf in leaves {
        let of = |code| Error::new(code).with("subject", subject(&leaf.certificate));
        // A certificate that has ended is judged in its last moment; its lists are today's.
        let at = now.min(leaf.certificate.not_after());
        let judge = |evidence: &Evidence| {
            validate_path(
                &leaf.certificate,
                &leaf.beside,
                trust.store(),
                evidence,
                at,
                leaf.usage,
            )
        };
        let chain = judge(&Evidence::default()).chain;
        let needed: Vec<Certificate> = chain
            .iter()
            .filter(|certificate| !certificate.is_self_issued())
            .cloned()
            .collect();
        let evidence = trust.evidence(&needed, Network::Online, now);
        match judge(&evidence).status {
            PathStatus::Trusted | PathStatus::Revoked { .. } => {}
            PathStatus::RevocationUnknown { .. } => return Err(of(Code::EvidenceMissing)),
            PathStatus::NoPath { .. } => return Err(of(Code::CertificateUntrusted)),
            _ => return Err(of(Code::CertificateNotForSigning)),
        }
        data.merge(ValidationData {
            certificates: chain.iter().skip(1).map(|c| c.der().to_vec()).collect(),
            crls: evidence.crls,
            ocsp: evidence.ocsp,
        });
    }
    Ok(data)
}

//! What a file's own signatures say: whether they still hold, and who signed it last.

use crate::{
    clock,
    error::{Code, Error, Result},
    signer::Holder,
    trust::Trust,
};
use antin_pades::{
    Report, Verdict,
    report::{Coverage, Integrity, SignatureKind},
    validate,
};
use antin_pdf::{Document, Field, FieldKind};
use antin_pkix::Evidence;

/// A signature by this key that nothing but its own time-stamps follows.
pub(super) struct Last {
    pub(super) field: String,
    pub(super) timestamped: bool,
    /// An archive time-stamp follows it.
    pub(super) archived: bool,
}

/// Judges the signatures that are there; `None` where there are none.
///
/// # Errors
/// [`Code::SignaturesAltered`]: nobody's name goes under what was changed after somebody signed it.
pub(super) fn look(document: &Document, trust: &Trust) -> Result<Option<Report>> {
    let carries = |field: &Field| field.kind == FieldKind::Signature && field.value.is_some();
    // What cannot be read here is refused where the signature is prepared, with its reason.
    let fields = document.fields().unwrap_or_default();
    if !fields.iter().any(carries) {
        return Ok(None);
    }
    let report = validate(document, trust.store(), &Evidence::default(), clock::now());
    let broken = report.signatures.iter().any(|one| {
        matches!(
            one.integrity,
            Integrity::ContentChanged | Integrity::SignatureBroken
        )
    });
    if broken {
        return Err(Error::new(Code::SignaturesAltered).with("file", ""));
    }
    Ok(Some(report))
}

/// The last signature, if this holder made it for this reason and nothing was changed since: it verifies, and it, or a
/// document time-stamp after it, covers the file to its end.
pub(super) fn last(report: &Report, holder: &Holder, reason: &str) -> Option<Last> {
    let all = &report.signatures;
    let to_the_end = all
        .iter()
        .any(|one| one.coverage == Coverage::WholeFile && one.integrity == Integrity::Intact);
    let signatures = all
        .iter()
        .filter(|one| one.kind == SignatureKind::Signature);
    let last = signatures.max_by_key(|one| one.revision)?;
    let own = last
        .signer
        .as_ref()
        .is_some_and(|signer| signer.sha256 == holder.certificate.fingerprint_hex());
    let holds = last.integrity == Integrity::Intact && last.verdict == Verdict::Valid;
    let same_act = last.reason.as_deref().unwrap_or_default() == reason;
    let archived = all
        .iter()
        .any(|one| one.kind == SignatureKind::DocumentTimestamp && one.revision > last.revision);
    (own && holds && same_act && to_the_end).then(|| Last {
        field: last.field.clone(),
        timestamped: last.timestamps.iter().any(|one| one.intact),
        archived,
    })
}

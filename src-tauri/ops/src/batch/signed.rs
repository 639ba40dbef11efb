//! What a file's own signatures say about who signed it last.

use crate::{clock, signer::Holder, trust::Trust};
use antin_pades::{
    Verdict,
    report::{Coverage, Integrity, SignatureKind},
    validate,
};
use antin_pdf::{Document, FieldKind};
use antin_pkix::Evidence;

/// A signature by this key that nothing but its own time-stamps follows.
pub(super) struct Last {
    pub(super) field: String,
    pub(super) timestamped: bool,
    /// An archive time-stamp follows it.
    pub(super) archived: bool,
}

/// The document's last signature, if this holder made it for this reason and nothing was changed since: it verifies, and
/// it, or a document time-stamp after it, covers the file to its end.
pub(super) fn last(
    document: &Document,
    trust: &Trust,
    holder: &Holder,
    reason: &str,
) -> Option<Last> {
    let fields = document.fields().ok()?;
    let carries =
        |field: &antin_pdf::Field| field.kind == FieldKind::Signature && field.value.is_some();
    if !fields.iter().any(carries) {
        return None;
    }
    let report = validate(document, trust.store(), &Evidence::default(), clock::now());
    let to_the_end = report
        .signatures
        .iter()
        .any(|one| one.coverage == Coverage::WholeFile && one.integrity == Integrity::Intact);
    let signatures = report
        .signatures
        .iter()
        .filter(|one| one.kind == SignatureKind::Signature);
    let last = signatures.max_by_key(|one| one.revision)?;
    let own = last
        .signer
        .as_ref()
        .is_some_and(|signer| signer.sha256 == holder.certificate.fingerprint_hex());
    let holds = last.integrity == Integrity::Intact && last.verdict == Verdict::Valid;
    let same_act = last.reason.as_deref().unwrap_or_default() == reason;
    (own && holds && same_act && to_the_end).then(|| Last {
        field: last.field.clone(),
        timestamped: last.timestamps.iter().any(|one| one.intact),
        archived: report.signatures.iter().any(|one| {
            one.kind == SignatureKind::DocumentTimestamp && one.revision > last.revision
        }),
    })
}

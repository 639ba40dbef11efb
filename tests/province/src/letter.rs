//! Whether a letter may pass: its signatures hold, and nothing was changed that they forbid.

use antin_pades::{Report, Verdict, validate};
use antin_pdf::Document;
use antin_pkix::{Evidence, TrustStore};
use serde::Serialize;
use time::OffsetDateTime;

/// The one doubt that does not stop a letter: nothing usable is known about revocation. The server fetches no evidence;
/// receivers judge that again, each with its own.
const TOLERATED: &str = "TRY_LATER";

/// Why a letter may not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{indication}: {detail}")]
pub struct SignatureProblem {
    /// The verdict of the document, or the sub-indication of EN 319 102-1 of the signature.
    pub indication: String,
    /// What exactly is wrong.
    pub detail: String,
}

/// Judges a letter as it is offered: there is a signature; every one is intact and leads to an authority of the province's
/// trust, or to an expired or revoked certificate only where a time-stamp proves it older; later changes are permitted ones.
pub fn verify_letter(
    bytes: &[u8],
    trust: &TrustStore,
    at: OffsetDateTime,
) -> Result<(), SignatureProblem> {
    let document = Document::from_bytes(bytes.to_vec()).map_err(|error| SignatureProblem {
        indication: "FORMAT_FAILURE".to_owned(),
        detail: error.to_string(),
    })?;
    judge(&validate(&document, trust, &Evidence::default(), at))
}

fn judge(report: &Report) -> Result<(), SignatureProblem> {
    for signature in &report.signatures {
        let Some(doubt) = signature
            .sub_indication
            .map(|doubt| name(&doubt))
            .filter(|doubt| doubt != TOLERATED)
        else {
            continue;
        };
        let reason = signature.detail.as_ref().or(signature.path.detail.as_ref());
        let detail = reason.map_or_else(
            || signature.field.clone(),
            |reason| format!("{}: {reason}", signature.field),
        );
        return Err(SignatureProblem {
            indication: doubt,
            detail,
        });
    }
    match report.verdict {
        Verdict::Valid | Verdict::ModifiedAllowed => Ok(()),
        verdict => Err(SignatureProblem {
            indication: name(&verdict),
            detail: report.problem.as_ref().map_or_else(
                || "the document as a whole".to_owned(),
                |problem| format!("{problem:?}"),
            ),
        }),
    }
}

/// A value of the report by the name it has in the report's JSON.
fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "UNKNOWN".to_owned(),
    }
}

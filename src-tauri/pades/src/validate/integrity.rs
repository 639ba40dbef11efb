//! The CMS in `/Contents` against the bytes of the ByteRange.

use antin_cades::{
    Check, Content, SignedDataReport, SignerReport, Structure, TimestampReport, Trailing,
    verify_signed_data, verify_timestamp,
};
use antin_pdf::{Document, Object};
use antin_pkix::{Certificate, DigestAlgorithm};

use super::coverage::Covered;
use super::found::Found;
use crate::report::{Integrity, SignatureKind};

/// What was found about the CMS.
pub(super) struct Checked {
    pub(super) kind: SignatureKind,
    pub(super) integrity: Integrity,
    pub(super) detail: Option<String>,
    /// The CMS could be read.
    pub(super) signed_data: Option<SignedDataReport>,
    /// For a document time-stamp: what it says about the bytes.
    pub(super) timestamp: Option<TimestampReport>,
}

impl Checked {
    pub(super) fn signer(&self) -> Option<&SignerReport> {
        self.signed_data
            .as_ref()
            .and_then(SignedDataReport::sole_signer)
    }

    pub(super) fn certificate(&self) -> Option<&Certificate> {
        self.signer()?.certificate.as_ref()
    }
}

pub(super) fn examine(document: &Document, found: &Found, coverage: &Covered) -> Checked {
    let sub_filter = found.sub_filter.as_str();
    let is_timestamp = sub_filter == "ETSI.RFC3161";
    let kind = if is_timestamp {
        SignatureKind::DocumentTimestamp
    } else {
        SignatureKind::Signature
    };
    let malformed = |detail: String| Checked {
        kind,
        integrity: Integrity::Malformed,
        detail: Some(detail),
        signed_data: None,
        timestamp: None,
    };
    let Some([first, second]) = coverage.ranges.clone() else {
        return malformed(coverage.detail.clone().unwrap_or_default());
    };
    let cms = match found.dict.get(b"Contents") {
        Ok(Object::String(bytes, _)) => bytes.as_slice(),
        _ => return malformed("Contents is not a string".to_owned()),
    };
    let bytes = document.bytes();
    let (Some(first), Some(second)) = (bytes.get(first), bytes.get(second)) else {
        return malformed("ByteRange leaves the file".to_owned());
    };
    let parts = [first, second];
    let mut timestamp = None;
    let report = match sub_filter {
        "adbe.pkcs7.detached" | "ETSI.CAdES.detached" => {
            verify_signed_data(cms, Content::Detached(&parts))
        }
        "adbe.pkcs7.sha1" => verify_signed_data(cms, Content::Attached),
        "ETSI.RFC3161" => {
            let report = verify_timestamp(cms, &parts);
            let signed_data = report.signed_data.clone();
            timestamp = Some(report);
            signed_data
        }
        other => return malformed(format!("SubFilter {other:?} is not examined")),
    };
    let (integrity, detail) = judge(&report, timestamp.as_ref(), sub_filter, &parts);
    Checked {
        kind,
        integrity,
        detail,
        signed_data: Some(report),
        timestamp,
    }
}

fn judge(
    report: &SignedDataReport,
    timestamp: Option<&TimestampReport>,
    sub_filter: &str,
    parts: &[&[u8]],
) -> (Integrity, Option<String>) {
    let malformed = |why: &str| (Integrity::Malformed, Some(why.to_owned()));
    if let Structure::Malformed(why) = &report.structure {
        return malformed(why);
    }
    if let Trailing::Foreign(count) = report.trailing {
        return malformed(&format!("{count} foreign bytes follow the CMS in Contents"));
    }
    let Some(signer) = report.sole_signer() else {
        return malformed(&format!(
            "{} signers where one must be",
            report.signers.len()
        ));
    };
    if let Some(timestamp) = timestamp {
        match &timestamp.imprint {
            Check::Passed => {}
            Check::Unsupported(oid) => return (Integrity::Unsupported, Some(oid.clone())),
            Check::NotExamined | Check::Absent => return malformed("no TSTInfo inside"),
            Check::Failed => return (Integrity::ContentChanged, None),
        }
    }
    // adbe.pkcs7.sha1: what is signed is the SHA-1 of the bytes (ISO 32000-1, 12.8.3.3.1).
    if sub_filter == "adbe.pkcs7.sha1"
        && report.content.as_deref() != Some(DigestAlgorithm::Sha1.digest(parts).as_slice())
    {
        return (Integrity::ContentChanged, None);
    }
    judge_signer(signer)
}

fn judge_signer(signer: &SignerReport) -> (Integrity, Option<String>) {
    if signer.is_intact() {
        return (Integrity::Intact, None);
    }
    let failed = |what: &str| Some(format!("{what} does not match"));
    if signer.has_signed_attributes && signer.message_digest == Check::Failed {
        return (Integrity::ContentChanged, None);
    }
    if signer.signature == Check::Failed {
        return (Integrity::SignatureBroken, failed("the signature value"));
    }
    if signer.signing_certificate == Check::Failed {
        return (Integrity::SignatureBroken, failed("signing-certificate"));
    }
    if signer.content_type == Check::Failed {
        return (Integrity::SignatureBroken, failed("content-type"));
    }
    if signer.certificate.is_none() {
        return (Integrity::NoCertificate, None);
    }
    if signer.is_unsupported() {
        let oids = format!("{} with {}", signer.signature_oid, signer.digest_oid);
        return (Integrity::Unsupported, Some(oids));
    }
    (
        Integrity::Malformed,
        Some("message-digest is missing".to_owned()),
    )
}

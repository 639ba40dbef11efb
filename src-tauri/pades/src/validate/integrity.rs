//! The CMS in `/Contents` against the bytes of the ByteRange.

use antin_cades::{
    Check, Content, SignedDataReport, SignerReport, Structure, TimestampReport, Trailing,
    verify_signed_data, verify_timestamp_of,
};
use antin_pdf::{Document, Object, StringFormat};
use antin_pkix::{Certificate, DigestAlgorithm, Pieces, SignatureAlgorithm};
use std::ops::Range;

use super::coverage::{Covered, Junk};
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
    let (cms, hexadecimal) = match found.dict.get(b"Contents") {
        Ok(Object::String(bytes, format)) => {
            (bytes.as_slice(), *format == StringFormat::Hexadecimal)
        }
        _ => return malformed("Contents is not a string".to_owned()),
    };
    let length = document.bytes().len();
    if first.end > length || second.end > length {
        return malformed("ByteRange leaves the file".to_owned());
    }
    let covered = CoveredBytes {
        document,
        junk: match coverage.junk {
            Junk::Covered => document.junk(),
            Junk::None | Junk::LeftOut => &[],
        },
        ranges: [first, second],
    };
    let mut timestamp = None;
    let report = match sub_filter {
        "adbe.pkcs7.detached" | "ETSI.CAdES.detached" => {
            verify_signed_data(cms, Content::Pieces(&covered))
        }
        "adbe.pkcs7.sha1" => verify_signed_data(cms, Content::Attached),
        "ETSI.RFC3161" => {
            let report = verify_timestamp_of(cms, &covered);
            let signed_data = report.signed_data.clone();
            timestamp = Some(report);
            signed_data
        }
        other => return malformed(format!("SubFilter {other:?} is not examined")),
    };
    let (integrity, mut detail) = judge(&report, timestamp.as_ref(), sub_filter, &covered);
    // Whatever follows the CMS in its hole is signed by nobody. Hexadecimal digits are seen by nobody either: writers leave
    // the rest of a buffer there, the letter is as it was signed, and every other validator says so. It is told.
    if let Trailing::Foreign(count) = report.trailing {
        let told = format!("{count} foreign bytes follow the CMS in Contents");
        if !hexadecimal {
            return malformed(told);
        }
        detail.get_or_insert(told);
    }
    Checked {
        kind,
        integrity,
        detail,
        signed_data: Some(report),
        timestamp,
    }
}

/// What a ByteRange covers, read window by window.
#[derive(Debug)]
struct CoveredBytes<'a> {
    document: &'a Document,
    /// Before the header.
    junk: &'a [u8],
    ranges: [Range<usize>; 2],
}

impl Pieces for CoveredBytes<'_> {
    fn size(&self) -> usize {
        self.ranges.iter().map(Range::len).sum::<usize>() + self.junk.len()
    }

    fn each(&self, take: &mut dyn FnMut(&[u8])) {
        take(self.junk);
        for range in &self.ranges {
            self.document.windows(range.clone()).for_each(&mut *take);
        }
    }
}

fn judge(
    report: &SignedDataReport,
    timestamp: Option<&TimestampReport>,
    sub_filter: &str,
    covered: &CoveredBytes<'_>,
) -> (Integrity, Option<String>) {
    let malformed = |why: &str| (Integrity::Malformed, Some(why.to_owned()));
    if let Structure::Malformed(why) = &report.structure {
        return malformed(why);
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
        && report.content.as_deref() != Some(DigestAlgorithm::Sha1.digest_of(covered).as_slice())
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
    if let Some(why) = misplaced(signer) {
        return (Integrity::Malformed, Some(why));
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

/// An identifier that names something, but nothing that could stand in its place. That is wrong, not unknown.
fn misplaced(signer: &SignerReport) -> Option<String> {
    // Arcs of named curves: ANSI X9.62 and SEC 2.
    let is_curve = |oid: &str| oid.starts_with("1.2.840.10045.3.") || oid.starts_with("1.3.132.0.");
    let is_digest = |oid: &str| DigestAlgorithm::from_oid(oid).is_some();
    let (digest, signature) = (signer.digest_oid.as_str(), signer.signature_oid.as_str());
    if SignatureAlgorithm::is_identifier(digest) || is_curve(digest) {
        Some(format!("digestAlgorithm {digest} is no digest"))
    } else if is_digest(signature) || is_curve(signature) {
        Some(format!("signatureAlgorithm {signature} is no signature"))
    } else {
        None
    }
}

//! What a bundle's JSON text holds. It is read only after its signature has been verified, and still with care.

use super::{Anchor, Bundle, ReceiptKey, hex, invalid};
use crate::error::{Error, Result};
use antin_pkix::Certificate;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// Authorities of a whole country are some dozens.
const CERTIFICATES: usize = 256;
/// Each province has a document system, and two keys while one takes over.
const RECEIPT_KEYS: usize = 256;

/// A field this program does not know may change what the others mean: it is refused, as an unknown format is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    version: u64,
    #[serde(with = "time::serde::rfc3339")]
    issued: OffsetDateTime,
    certificates: Vec<Entry>,
    receipt_keys: Vec<Pin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// For whoever reads the file.
    #[serde(rename = "name")]
    _name: String,
    role: Role,
    purposes: Vec<Use>,
    sha256: String,
    der: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Role {
    Anchor,
    Intermediate,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Use {
    Signing,
    TimeStamp,
    Receipt,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    name: String,
    spki_sha256: String,
}

pub(super) fn read(text: &[u8]) -> Result<Bundle> {
    let contents: Contents =
        serde_json::from_slice(text).map_err(|e| because("bundle-contents", e))?;
    if contents.certificates.len() > CERTIFICATES || contents.receipt_keys.len() > RECEIPT_KEYS {
        return Err(invalid("bundle-contents"));
    }
    let mut bundle = Bundle {
        version: contents.version,
        issued: contents.issued,
        anchors: Vec::new(),
        intermediates: Vec::new(),
        receipt_keys: Vec::new(),
    };
    for entry in contents.certificates {
        let certificate = certificate(&entry)?;
        let is_for = |purpose| entry.purposes.contains(&purpose);
        match entry.role {
            Role::Anchor => bundle.anchors.push(Anchor {
                certificate,
                documents: is_for(Use::Signing) && is_for(Use::TimeStamp),
                receipts: is_for(Use::Receipt),
            }),
            Role::Intermediate => bundle.intermediates.push(certificate),
        }
    }
    for pin in contents.receipt_keys {
        bundle.receipt_keys.push(ReceiptKey {
            name: pin.name,
            sha256: digest(&pin.spki_sha256).ok_or_else(|| invalid("bundle-contents"))?,
        });
    }
    Ok(bundle)
}

fn certificate(entry: &Entry) -> Result<Certificate> {
    let der = STANDARD
        .decode(&entry.der)
        .map_err(|e| because("bundle-contents", e))?;
    if digest(&entry.sha256) != Some(hex(&Sha256::digest(&der))) {
        return Err(invalid("bundle-contents"));
    }
    Certificate::from_der(&der).map_err(|e| because("bundle-contents", e))
}

/// A SHA-256 in hexadecimal of either case, in lower case.
pub(crate) fn digest(text: &str) -> Option<String> {
    let hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then(|| text.to_ascii_lowercase())
}

fn because(why: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::caused(crate::error::Code::TrustBundleInvalid, cause)
        .with("why", why)
        .with("file", "")
}

//! The signed trust bundle: which authorities this program believes, in one file that a key of the project signed.
//!
//! A file is two lines and a JSON text. The first line names the format, the second the signing key and its Ed25519
//! signature over the first line and the JSON text exactly as they stand. Ed25519 rather than CMS: the key is one of
//! ours, compiled in, so there is no path to be judged; and nothing of the file but those two lines is parsed before
//! the signature has been verified.
//!
//! One bundle is part of the program. A newer one can be imported into an office; its version never goes down.
//! How a bundle is made, and how its key is changed: `ops/trust/README.md`.

mod contents;

use crate::{
    error::{Code, Error, Result},
    fresh,
    replace::{self, unreadable, unwritable},
};
use antin_pkix::Certificate;
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};
use time::OffsetDateTime;

/// The bundle that is part of the program.
const SHIPPED: &[u8] = include_bytes!("../trust/vgca.bundle");

/// Keys whose signature on a bundle counts. Two while one takes over from the other.
const KEYS: &[[u8; 32]] = &[*include_bytes!("../trust/bundle-key.pub")];

/// The only format there is. Its number is part of what is signed.
const FORMAT: &str = "antin-trust 1";
/// A bundle of eight authorities has 20 KB; a country's trust list has less than this.
const BUNDLE_BYTES: u64 = 1 << 20;
/// Name of an imported bundle in an office.
const IMPORTED: &str = "trust.bundle";

/// What a trust anchor is believed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signatures of people and agencies, and the time-stamps on them.
    Documents,
    /// Receipts of a document system.
    Receipts,
}

/// A trust anchor and what it is believed for.
#[derive(Clone, Debug)]
struct Anchor {
    certificate: Certificate,
    documents: bool,
    receipts: bool,
}

/// A bundle whose signature holds.
#[derive(Clone, Debug)]
pub struct Bundle {
    version: u64,
    issued: OffsetDateTime,
    anchors: Vec<Anchor>,
    intermediates: Vec<Certificate>,
    receipt_keys: Vec<ReceiptKey>,
}

/// A key that signs receipts, known by the digest of its SubjectPublicKeyInfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptKey {
    /// Whose it is.
    pub name: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

impl Bundle {
    /// The bundle that is part of the program.
    ///
    /// # Errors
    /// [`Code::TrustBundleInvalid`] never occurs in a program whose tests passed.
    pub fn shipped() -> Result<Bundle> {
        Bundle::read(SHIPPED, KEYS)
    }

    /// The newest bundle an office has: the program's own, or the one imported.
    ///
    /// # Errors
    /// [`Code::TrustBundleInvalid`] when the imported one is damaged: to fall back to an older one in silence could
    /// bring back an authority that the newer one had removed.
    pub fn of_office(folder: &Path) -> Result<Bundle> {
        newest(folder, KEYS)
    }

    /// It goes up with every bundle and never down.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When it was signed.
    #[must_use]
    pub fn issued(&self) -> OffsetDateTime {
        self.issued
    }

    /// The anchors believed for a purpose.
    ///
    /// Path validation knows one set of anchors for signatures and their time-stamps: an anchor that the bundle
    /// believes for only one of the two is believed for neither.
    pub(crate) fn anchors(&self, purpose: Purpose) -> impl Iterator<Item = &Certificate> {
        let believed = move |anchor: &&Anchor| match purpose {
            Purpose::Documents => anchor.documents,
            Purpose::Receipts => anchor.receipts,
        };
        self.anchors.iter().filter(believed).map(|a| &a.certificate)
    }

    /// All anchors, whatever they are believed for.
    pub fn authorities(&self) -> impl Iterator<Item = &Certificate> {
        self.anchors.iter().map(|anchor| &anchor.certificate)
    }

    /// Authorities below the anchors; not believed by themselves.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// Keys that sign receipts.
    #[must_use]
    pub fn receipt_keys(&self) -> &[ReceiptKey] {
        &self.receipt_keys
    }

    fn read(bytes: &[u8], keys: &[[u8; 32]]) -> Result<Bundle> {
        let (format, rest) = line(bytes).ok_or_else(|| invalid("bundle-format"))?;
        if format != FORMAT.as_bytes() {
            return Err(invalid("bundle-format"));
        }
        let (signature, text) = line(rest).ok_or_else(|| invalid("bundle-format"))?;
        let signature = std::str::from_utf8(signature).unwrap_or_default();
        let (key, signature) = signature
            .split_once(' ')
            .ok_or_else(|| invalid("bundle-format"))?;
        let signature = STANDARD
            .decode(signature)
            .map_err(|_| invalid("bundle-format"))?;
        let key = keys
            .iter()
            .find(|known| key_name(known) == key)
            .ok_or_else(|| invalid("bundle-key"))?;
        let signed = [FORMAT.as_bytes(), b"\n", text].concat();
        UnparsedPublicKey::new(&ED25519, key)
            .verify(&signed, &signature)
            .map_err(|_| invalid("bundle-signature"))?;
        contents::read(text)
    }
}

/// The first line and what follows it. Lines end with a single LF: a file changed on its way is not the signed one.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line, rest.get(1..)?))
}

/// What a bundle calls its key: the first half of the digest.
fn key_name(key: &[u8; 32]) -> String {
    hex(Sha256::digest(key).get(..16).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Imports a bundle into an office: it must be signed, and newer than what the office has.
///
/// It is written durably and in place of the older one in one rename. An open desk sees it at its next start.
///
/// # Errors
/// [`Code::TrustBundleInvalid`], [`Code::TrustBundleOld`], [`Code::FileUnreadable`], [`Code::FileUnwritable`].
pub fn import(office: &Path, file: &Path) -> Result<Bundle> {
    import_with(office, file, KEYS)
}

fn import_with(office: &Path, file: &Path, keys: &[[u8; 32]]) -> Result<Bundle> {
    let named = |error: Error| error.with("file", file.display());
    let bytes = read_file(file)?;
    let bundle = Bundle::read(&bytes, keys).map_err(named)?;
    let target = office.join(IMPORTED);
    // Of two imports at a time the older bundle must not win.
    let lock_path = office.join("trust.lock");
    let lock = File::create(&lock_path).map_err(|e| unwritable(&lock_path, e))?;
    lock.lock().map_err(|e| unwritable(&lock_path, e))?;
    let current = match newest(office, keys) {
        Ok(current) => current.version,
        // What is damaged is replaced, but not by something older than the program itself.
        Err(error) if error.code == Code::TrustBundleInvalid => {
            Bundle::read(SHIPPED, KEYS)?.version
        }
        Err(error) => return Err(error),
    };
    if bundle.version <= current {
        return Err(named(
            Error::new(Code::TrustBundleOld)
                .with("version", bundle.version)
                .with("current", current),
        ));
    }
    fresh::write(&target, &bytes)?;
    replace::sync_folder(office).map_err(|e| unwritable(&target, e))?;
    Ok(bundle)
}

fn newest(office: &Path, keys: &[[u8; 32]]) -> Result<Bundle> {
    let shipped = Bundle::shipped()?;
    let path: PathBuf = office.join(IMPORTED);
    if !path.exists() {
        return Ok(shipped);
    }
    let imported = Bundle::read(&read_file(&path)?, keys)
        .map_err(|error| error.with("file", path.display()))?;
    Ok(if imported.version > shipped.version {
        imported
    } else {
        shipped
    })
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(|e| unreadable(path, e))?;
    (&mut file)
        .take(BUNDLE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| unreadable(path, e))?;
    if bytes.len() as u64 > BUNDLE_BYTES {
        return Err(invalid("bundle-format").with("file", path.display()));
    }
    Ok(bytes)
}

/// `why` is a line of the table's `faults`.
fn invalid(why: &str) -> Error {
    Error::new(Code::TrustBundleInvalid)
        .with("why", why)
        .with("file", "")
}

#[cfg(test)]
mod tests;

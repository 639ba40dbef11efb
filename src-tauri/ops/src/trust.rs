//! Whom this program trusts, and the evidence about certificates it has at hand.
//!
//! The authorities of the Government Cipher Committee come in the signed bundle ([`crate::bundle`]); an office adds its
//! own, and a demo's are marked. Evidence that was fetched is kept ([`kept`]); what a document needs is looked for along
//! its paths ([`gather`]).

mod gather;
mod kept;

use crate::{
    bundle::{Bundle, Purpose},
    error::{Code, Error, Result},
    office::OfficeConfig,
    replace::unreadable,
};
use antin_pkix::{Certificate, TrustStore};
use gather::Help;
pub(crate) use gather::Source;
use kept::Kept;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Instant,
};
use time::OffsetDateTime;

/// No real path is longer; a loop ends here.
const PATH_LENGTH: usize = 8;
/// No file with certificates is larger.
const TRUST_FILE_BYTES: u64 = 16 << 20;

/// Trust anchors, intermediates and where evidence is kept.
pub struct Trust {
    /// For documents and their time-stamps.
    store: TrustStore,
    /// For receipts.
    receipts: TrustStore,
    bundle: Bundle,
    /// Anchors from elsewhere than the bundle.
    added: BTreeSet<[u8; 32]>,
    /// Anchors that are for trying things out.
    demo: BTreeSet<[u8; 32]>,
    /// Keys that sign receipts for this office, beside the bundle's.
    receipt_keys: Vec<String>,
    kept: Kept,
    /// Evidence that a person put together.
    loose: Help,
    allowed_hosts: Vec<String>,
    /// Hosts that were silent, and until when they are left in peace.
    silent: Mutex<BTreeMap<String, Instant>>,
}

/// What a judgement's trust rested on, for its report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrustData {
    /// Version of the bundle.
    pub version: u64,
    /// When the bundle was signed.
    #[serde(with = "time::serde::rfc3339")]
    pub issued: OffsetDateTime,
    /// How old the bundle was when the file was judged.
    pub age_days: i64,
    /// Anchors in all.
    pub anchors: usize,
    /// Those that are not the bundle's: named by the office, or on the command line.
    pub added: usize,
    /// Certificates of authorities that help to get to an anchor.
    pub intermediates: usize,
    /// Among the anchors are some that are only for trying things out.
    pub demo: bool,
}

/// An authority that is believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// When its certificate ends.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// SHA-256 of its certificate.
    pub sha256: String,
    /// It is the signed bundle that names it.
    pub bundled: bool,
    /// It is only for trying things out.
    pub demo: bool,
}

/// Whether evidence may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Fetch what is missing or stale.
    Online,
    /// Use what is at hand.
    Offline,
}

impl Trust {
    /// The bundled anchors and those in `files` (PEM or DER files, or folders of them).
    ///
    /// # Errors
    /// [`Code::FileUnreadable`].
    pub fn bundled(files: &[PathBuf]) -> Result<Trust> {
        let mut trust = Trust::of_bundle(Bundle::shipped()?);
        for file in files {
            trust.add(file)?;
        }
        Ok(trust)
    }

    /// What a bundle says, and nothing else.
    #[must_use]
    pub fn of_bundle(bundle: Bundle) -> Trust {
        let store = |purpose| TrustStore {
            anchors: bundle.anchors(purpose).cloned().collect(),
            intermediates: bundle.intermediates().to_vec(),
        };
        Trust {
            store: store(Purpose::Documents),
            receipts: store(Purpose::Receipts),
            bundle,
            added: BTreeSet::new(),
            demo: BTreeSet::new(),
            receipt_keys: Vec::new(),
            kept: Kept::default(),
            loose: Help::default(),
            allowed_hosts: Vec::new(),
            silent: Mutex::default(),
        }
    }

    /// Adds the certificates of a file or folder; returns what became an anchor.
    fn add(&mut self, file: &Path) -> Result<Vec<[u8; 32]>> {
        let mut found = TrustStore::default();
        add_file(file, &mut found)?;
        let anchors: Vec<[u8; 32]> = found.anchors.iter().map(Certificate::fingerprint).collect();
        self.added.extend(&anchors);
        for store in [&mut self.store, &mut self.receipts] {
            store.anchors.extend(found.anchors.iter().cloned());
            store
                .intermediates
                .extend(found.intermediates.iter().cloned());
        }
        Ok(anchors)
    }

    /// The trust of the office in `folder`, without opening its records.
    ///
    /// # Errors
    /// [`Code::OfficeMissing`], [`Code::FileUnreadable`], [`Code::TrustBundleInvalid`].
    pub fn of_folder(folder: &Path) -> Result<Trust> {
        Trust::of_office(folder, &OfficeConfig::read(folder)?)
    }

    /// The trust of an office.
    pub(crate) fn of_office(folder: &Path, config: &OfficeConfig) -> Result<Trust> {
        let mut trust = Trust::of_bundle(Bundle::of_office(folder)?);
        for file in &config.trust {
            trust.add(&folder.join(file))?;
        }
        for file in &config.demo_trust {
            let anchors = trust.add(&folder.join(file))?;
            trust.demo.extend(anchors);
        }
        for file in &config.intermediates {
            let found = read_certificates(&folder.join(file))?;
            trust.receipts.intermediates.extend(found.iter().cloned());
            trust.store.intermediates.extend(found);
        }
        trust.receipt_keys = config
            .server
            .receipt_keys
            .iter()
            .map(|key| key.to_ascii_lowercase())
            .collect();
        let evidence = folder.join("evidence");
        fs::create_dir_all(&evidence)
            .map_err(|e| Error::caused(Code::FileUnwritable, e).with("file", evidence.display()))?;
        trust.kept = Kept::in_folder(evidence);
        trust.allowed_hosts.clone_from(&config.allowed_hosts);
        Ok(trust)
    }

    /// Judges with the evidence in a folder instead of the office's own, and keeps there what is fetched. Any file in it
    /// counts that is a revocation list, an OCSP answer or a certificate.
    #[must_use]
    pub fn with_evidence(mut self, folder: &Path) -> Trust {
        self.kept = Kept::in_folder(folder.to_path_buf());
        self.loose = Help::loose(&self.kept);
        self
    }

    /// Anchors and intermediates for documents and their time-stamps.
    #[must_use]
    pub fn store(&self) -> &TrustStore {
        &self.store
    }

    /// Anchors and intermediates for receipts.
    pub(crate) fn receipts(&self) -> &TrustStore {
        &self.receipts
    }

    /// The signed bundle it rests on.
    #[must_use]
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// What a judgement at `at` rests on.
    #[must_use]
    pub fn data(&self, at: OffsetDateTime) -> TrustData {
        TrustData {
            version: self.bundle.version(),
            issued: self.bundle.issued(),
            age_days: (at - self.bundle.issued()).whole_days().max(0),
            anchors: self.store.anchors.len(),
            added: self.added.len(),
            intermediates: self.store.intermediates.len(),
            demo: !self.demo.is_empty(),
        }
    }

    /// The anchors, the bundle's first.
    #[must_use]
    pub fn authorities(&self) -> Vec<Authority> {
        let bundled = self.bundle.authorities().map(|c| self.authority(c, true));
        let own = self.store.anchors.iter();
        let own = own.filter(|c| self.added.contains(&c.fingerprint()));
        bundled
            .chain(own.map(|c| self.authority(c, false)))
            .collect()
    }

    fn authority(&self, certificate: &Certificate, bundled: bool) -> Authority {
        let subject = certificate.subject();
        Authority {
            name: subject
                .common_name()
                .map_or_else(|| subject.to_string(), str::to_owned),
            not_after: certificate.not_after(),
            sha256: certificate.fingerprint_hex(),
            bundled,
            demo: self.demo.contains(&certificate.fingerprint()),
        }
    }

    /// Whether an anchor, by its SHA-256 in hexadecimal, is only for trying things out.
    #[must_use]
    pub fn is_demo(&self, sha256: &str) -> bool {
        let anchors = self.store.anchors.iter();
        let mut demo = anchors.filter(|anchor| self.demo.contains(&anchor.fingerprint()));
        demo.any(|anchor| anchor.fingerprint_hex() == sha256)
    }

    /// Whether a key signs receipts: the bundle or the office must have named it.
    pub(crate) fn signs_receipts(&self, certificate: &Certificate) -> bool {
        let key = hex(&Sha256::digest(certificate.spki_der()));
        let bundled = self
            .bundle
            .receipt_keys()
            .iter()
            .any(|known| known.sha256 == key);
        bundled || self.receipt_keys.contains(&key)
    }

    /// Whether any key is named that signs receipts.
    pub(crate) fn names_receipt_keys(&self) -> bool {
        !self.bundle.receipt_keys().is_empty() || !self.receipt_keys.is_empty()
    }

    /// Hosts that may be reached although they are not public.
    pub(crate) fn allowed_hosts(&self) -> &[String] {
        &self.allowed_hosts
    }

    /// The issuing certificates above `leaf`, without the anchor.
    pub(crate) fn issuers(&self, leaf: &Certificate) -> Vec<Certificate> {
        let mut path: Vec<Certificate> = Vec::new();
        let mut below = leaf.clone();
        while path.len() < PATH_LENGTH {
            let issuer = self
                .store
                .intermediates
                .iter()
                .find(|c| c.subject().matches(below.issuer()) && !c.is_self_issued());
            let Some(issuer) = issuer else { break };
            path.push(issuer.clone());
            below = issuer.clone();
        }
        path
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Self-issued certificates become anchors, others help to get to them.
fn add_file(path: &Path, store: &mut TrustStore) -> Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|e| unreadable(path, e))?;
        // The order in which a file system lists a folder differs between machines.
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            add_file(&path, store)?;
        }
        return Ok(());
    }
    for certificate in read_certificates(path)? {
        if certificate.is_self_issued() {
            store.anchors.push(certificate);
        } else {
            store.intermediates.push(certificate);
        }
    }
    Ok(())
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate>> {
    let length = fs::metadata(path).map_err(|e| unreadable(path, e))?.len();
    if length > TRUST_FILE_BYTES {
        return Err(unreadable(
            path,
            std::io::Error::other("too large for certificates"),
        ));
    }
    let bytes = fs::read(path).map_err(|e| unreadable(path, e))?;
    Certificate::from_file(&bytes)
        .map_err(|e| Error::caused(Code::FileUnreadable, e).with("file", path.display()))
}

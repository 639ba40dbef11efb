//! Whom this program trusts, and the evidence about certificates it has at hand.
//!
//! The authorities of the Government Cipher Committee come in the signed bundle ([`crate::bundle`]); an office adds its
//! own, and a demo's are marked. Evidence is kept in `evidence/` of the office, named by the address it came from, and
//! fetched anew when it is stale.

use crate::{
    bundle::{Bundle, Purpose},
    error::{Code, Error, Result},
    fetch::{self, Request},
    office::OfficeConfig,
    replace::unreadable,
};
use antin_pkix::{Certificate, Crl, Evidence, TrustStore};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use time::OffsetDateTime;

/// No real path is longer; a loop ends here.
const PATH_LENGTH: usize = 8;
/// A receiver waits for a CRL, a signer too; more patience belongs to the time-stamp alone.
const PATIENCE: Duration = Duration::from_secs(10);
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
    evidence: Option<PathBuf>,
    allowed_hosts: Vec<String>,
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
            evidence: None,
            allowed_hosts: Vec::new(),
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
        trust.evidence = Some(evidence);
        trust.allowed_hosts.clone_from(&config.allowed_hosts);
        Ok(trust)
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

    /// What says whether `leaves` and everything above them were revoked: each one's CRL, else an OCSP answer.
    ///
    /// What cannot be had is simply not there: the verdict then says that it is not known.
    #[must_use]
    pub fn evidence(
        &self,
        leaves: &[Certificate],
        network: Network,
        now: OffsetDateTime,
    ) -> Evidence {
        let mut evidence = Evidence::default();
        let mut asked = BTreeSet::new();
        for leaf in leaves {
            let mut path = vec![leaf.clone()];
            path.extend(self.issuers(leaf));
            for certificate in &path {
                if !asked.insert(certificate.fingerprint()) {
                    continue;
                }
                if let Some(crl) = certificate
                    .crl_urls()
                    .iter()
                    .find_map(|url| self.crl(url, network, now))
                {
                    if !evidence.crls.contains(&crl) {
                        evidence.crls.push(crl);
                    }
                } else if let Some(answer) = self.ocsp(certificate, network) {
                    evidence.ocsp.push(answer);
                }
            }
        }
        evidence
    }

    /// An OCSP answer from the responder the certificate names; offline, the last one.
    fn ocsp(&self, certificate: &Certificate, network: Network) -> Option<Vec<u8>> {
        let issuer = self.issuer(certificate)?;
        let url = certificate.ocsp_urls().into_iter().next()?;
        let name = format!("{url} {}", certificate.fingerprint_hex());
        let kept = || {
            self.kept(&name, "ocsp")
                .and_then(|path| fs::read(path).ok())
        };
        if network == Network::Offline {
            return kept();
        }
        let body = antin_pkix::ocsp_request(certificate, issuer);
        let request = Request {
            url: &url,
            body: Some((&body, "application/ocsp-request")),
            cap: fetch::OCSP_BYTES,
            timeout: PATIENCE,
            allowed_hosts: &self.allowed_hosts,
        };
        match fetch::fetch(&request) {
            Ok(der) => {
                self.keep(&name, "ocsp", &der);
                Some(der)
            }
            Err(error) => {
                tracing::warn!(url, detail = error.detail(), "no OCSP answer");
                kept()
            }
        }
    }

    fn issuer(&self, certificate: &Certificate) -> Option<&Certificate> {
        let known = self.store.intermediates.iter().chain(&self.store.anchors);
        known
            .into_iter()
            .find(|c| c.subject().matches(certificate.issuer()))
    }

    /// The kept list while it is fresh, else the fetched one, else the stale one: its age is judged later.
    fn crl(&self, url: &str, network: Network, now: OffsetDateTime) -> Option<Vec<u8>> {
        let kept = self.kept(url, "crl").and_then(|path| fs::read(path).ok());
        let fresh = kept.as_deref().is_some_and(|der| is_fresh(der, now));
        if network == Network::Offline || fresh {
            return kept;
        }
        let request = Request {
            url,
            body: None,
            cap: fetch::CRL_BYTES,
            timeout: PATIENCE,
            allowed_hosts: &self.allowed_hosts,
        };
        match fetch::fetch(&request) {
            Ok(der) => {
                self.keep(url, "crl", &der);
                Some(der)
            }
            Err(error) => {
                tracing::warn!(url, detail = error.detail(), "no CRL");
                kept
            }
        }
    }

    fn kept(&self, address: &str, kind: &str) -> Option<PathBuf> {
        let name = hex(&Sha256::digest(address.as_bytes()));
        self.evidence
            .as_ref()
            .map(|folder| folder.join(format!("{name}.{kind}")))
    }

    /// What could not be kept is fetched again next time.
    fn keep(&self, address: &str, kind: &str, der: &[u8]) {
        let Some(path) = self.kept(address, kind) else {
            return;
        };
        if let Err(error) = crate::fresh::write(&path, der) {
            tracing::warn!(detail = error.detail(), "evidence not kept");
        }
    }
}

fn is_fresh(der: &[u8], now: OffsetDateTime) -> bool {
    Crl::from_der(der).is_ok_and(|list| list.next_update().is_some_and(|next| now < next))
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
        for entry in entries.flatten() {
            add_file(&entry.path(), store)?;
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

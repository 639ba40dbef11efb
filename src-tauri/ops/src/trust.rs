//! Whom this program trusts, and the evidence about certificates it has at hand.
//!
//! The anchors of the Government Cipher Committee are bundled; an office adds its own. Evidence is kept
//! in `evidence/` of the office, named by the address it came from, and fetched anew when it is stale.

use crate::{
    error::{Code, Error, Result},
    fetch::{self, Request},
    office::OfficeConfig,
    replace::unreadable,
};
use antin_pkix::{Certificate, Crl, Evidence, TrustStore};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Roots of the Government Cipher Committee, both generations (`ops/trust/README.md`).
const ANCHORS: &[&[u8]] = &[
    include_bytes!("../trust/root-g1.crt"),
    include_bytes!("../trust/root-g2.crt"),
];

/// Issuing authorities below them: real letters carry only the signer's certificate.
const INTERMEDIATES: &[&[u8]] = &[
    include_bytes!("../trust/sub-g1-bca.crt"),
    include_bytes!("../trust/sub-g1-bng.crt"),
    include_bytes!("../trust/sub-g1-btc.crt"),
    include_bytes!("../trust/sub-g1-cp.crt"),
    include_bytes!("../trust/sub-g1-dcs.crt"),
    include_bytes!("../trust/sub-g2-cp.crt"),
];

/// No real path is longer; a loop ends here.
const PATH_LENGTH: usize = 8;
/// A receiver waits for a CRL, a signer too; more patience belongs to the time-stamp alone.
const PATIENCE: Duration = Duration::from_secs(10);
/// No file with certificates is larger.
const TRUST_FILE_BYTES: u64 = 16 << 20;

/// Trust anchors, intermediates and where evidence is kept.
pub struct Trust {
    store: TrustStore,
    evidence: Option<PathBuf>,
    allowed_hosts: Vec<String>,
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
        let mut store = TrustStore {
            anchors: parse_all(ANCHORS)?,
            intermediates: parse_all(INTERMEDIATES)?,
        };
        for file in files {
            add_file(file, &mut store)?;
        }
        Ok(Trust {
            store,
            evidence: None,
            allowed_hosts: Vec::new(),
        })
    }

    /// The trust of an office.
    pub(crate) fn of_office(folder: &Path, config: &OfficeConfig) -> Result<Trust> {
        let absolute = |files: &[PathBuf]| files.iter().map(|f| folder.join(f)).collect::<Vec<_>>();
        let mut trust = Trust::bundled(&absolute(&config.trust))?;
        for file in absolute(&config.intermediates) {
            trust.store.intermediates.extend(read_certificates(&file)?);
        }
        let evidence = folder.join("evidence");
        fs::create_dir_all(&evidence)
            .map_err(|e| Error::caused(Code::FileUnwritable, e).with("file", evidence.display()))?;
        trust.evidence = Some(evidence);
        trust.allowed_hosts.clone_from(&config.allowed_hosts);
        Ok(trust)
    }

    /// Anchors and intermediates.
    #[must_use]
    pub fn store(&self) -> &TrustStore {
        &self.store
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
        now: time::OffsetDateTime,
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
    fn crl(&self, url: &str, network: Network, now: time::OffsetDateTime) -> Option<Vec<u8>> {
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
        let mut name = String::with_capacity(68);
        for byte in Sha256::digest(address.as_bytes()) {
            let _ = write!(name, "{byte:02x}");
        }
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

fn is_fresh(der: &[u8], now: time::OffsetDateTime) -> bool {
    Crl::from_der(der).is_ok_and(|list| list.next_update().is_some_and(|next| now < next))
}

fn parse_all(ders: &[&[u8]]) -> Result<Vec<Certificate>> {
    ders.iter()
        .map(|der| Certificate::from_der(der).map_err(Error::unknown))
        .collect()
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

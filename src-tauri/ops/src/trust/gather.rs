//! What a judgement needs beside the file: issuers nobody bundled, lists and answers about revocation.
//!
//! Looking is one thing and fetching another. [`Trust::at_hand`] reads what is kept, whatever the network does, so that
//! the same evidence gives the same report. [`Trust::gather`] fetches what is not kept or has run out; only a person's
//! wish, the courier or an act of signing brings it about.
//!
//! A fetched issuer helps to get to an anchor and never becomes one; it counts only if its key made the signature on
//! the certificate that named its address.

use super::{Kept, PATH_LENGTH, Trust};
use crate::{
    fetch::round::{Round, What, host},
    trust::Network,
};
use antin_cades::{Content, verify_signed_data};
use antin_pkix::{Certificate, Crl, Evidence, OcspResponse, TrustStore, verify_signature};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::{PoisonError, atomic::AtomicBool},
    time::{Duration, Instant},
};
use time::OffsetDateTime;

/// Issuers fetched for one certificate, one above the other; VGCA's paths have one.
const FETCHED_ISSUERS: usize = 4;
/// Addresses of one kind tried for one certificate; they are alternatives.
const ADDRESSES: usize = 3;
/// Certificates looked after in one document: those of two hundred signatures have ten issuers.
const CERTIFICATES: usize = 400;
/// How long a silent host is left in peace where nobody has pressed a button.
const PEACE: Duration = Duration::from_secs(60);

/// What helps a judgement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Help {
    /// About revocation.
    pub(crate) evidence: Evidence,
    /// Certificates of issuers, none of them believed by itself.
    pub(crate) issuers: Vec<Certificate>,
}

/// Something about a certificate that could be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// What for: an issuer, or revocation (a list or an answer).
    pub(crate) issuer: bool,
    /// The certificate's subject; for an issuer, its name.
    pub(crate) of: String,
    /// Who could be asked.
    pub(crate) hosts: BTreeSet<String>,
}

/// The way from a certificate up: each certificate with its issuer.
struct Way {
    links: Vec<(Certificate, Option<Certificate>)>,
    /// It ends at an anchor.
    anchored: bool,
}

impl Trust {
    /// What says whether `leaves` and everything above them were revoked: lists, else OCSP answers.
    ///
    /// What cannot be had is simply not there: the verdict then says that it is not known.
    #[must_use]
    pub fn evidence(
        &self,
        leaves: &[Certificate],
        network: Network,
        now: OffsetDateTime,
    ) -> Evidence {
        if network == Network::Online {
            self.gather_quietly(leaves, now);
        }
        self.at_hand(leaves).evidence
    }

    /// What is kept about these certificates and their issuers. Nothing is fetched.
    pub(crate) fn at_hand(&self, certificates: &[Certificate]) -> Help {
        let mut help = self.loose.clone();
        let mut read = BTreeSet::new();
        for way in self.ways(certificates, &mut |below| self.kept_issuers(below)) {
            for (certificate, issuer) in &way.links {
                let known = |issuer: &Certificate| {
                    help.issuers.contains(issuer)
                        || self.store.intermediates.contains(issuer)
                        || self.is_anchor(issuer)
                };
                if let Some(issuer) = issuer.as_ref().filter(|issuer| !known(issuer)) {
                    help.issuers.push(issuer.clone());
                }
                if !way.anchored {
                    continue;
                }
                for url in first(certificate.crl_urls()) {
                    if read.insert(url.clone()) {
                        help.evidence.crls.extend(self.kept.get(&url, "crl"));
                    }
                }
                for url in first(certificate.ocsp_urls()) {
                    let name = ocsp_name(&url, certificate);
                    if read.insert(name.clone()) {
                        help.evidence.ocsp.extend(self.kept.get(&name, "ocsp"));
                    }
                }
            }
        }
        help
    }

    /// The anchors, and all issuers that are known with the fetched ones.
    pub(crate) fn store_with(&self, help: &Help) -> Cow<'_, TrustStore> {
        if help.issuers.is_empty() {
            return Cow::Borrowed(&self.store);
        }
        let mut store = self.store.clone();
        store.intermediates.extend(help.issuers.iter().cloned());
        Cow::Owned(store)
    }

    /// Fetches what is not at hand about these certificates, or has run out.
    pub(crate) fn gather(
        &self,
        certificates: &[Certificate],
        round: &mut Round<'_>,
        now: OffsetDateTime,
    ) {
        let mut fetched = 0;
        let mut issuers = |below: &Certificate| {
            let kept = self.kept_issuers(below);
            if !kept.is_empty() || fetched >= FETCHED_ISSUERS {
                return kept;
            }
            let found = self.fetch_issuer(below, round);
            fetched += found.len();
            found
        };
        let ways: Vec<Way> = self.ways(certificates, &mut issuers);
        for way in ways.iter().filter(|way| way.anchored) {
            for (certificate, issuer) in &way.links {
                if let Some(issuer) = issuer {
                    self.fetch_revocation(certificate, issuer, round, now);
                }
            }
        }
    }

    /// As [`Trust::gather`], where nobody waits at a button: hosts that were silent lately are left in peace.
    pub(crate) fn gather_quietly(&self, certificates: &[Certificate], now: OffsetDateTime) {
        let (cancel, mut told) = (AtomicBool::new(false), |_: What, _: &str, _: usize| ());
        let begun = Instant::now();
        let lock = || self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = lock();
        known.retain(|_, until| *until > begun);
        let silent: BTreeSet<String> = known.keys().cloned().collect();
        drop(known);
        let mut round = Round::new(&cancel, &mut told).without(silent.clone());
        self.gather(certificates, &mut round, now);
        let until = Instant::now() + PEACE;
        let news = round.silent().difference(&silent);
        lock().extend(news.map(|host| (host.clone(), until)));
    }

    /// Where what is missing about these certificates could be had.
    pub(crate) fn sources(&self, certificates: &[Certificate]) -> Vec<Source> {
        let mut sources = Vec::new();
        for way in self.ways(certificates, &mut |below| self.kept_issuers(below)) {
            for (certificate, issuer) in &way.links {
                let revocation = first(certificate.crl_urls())
                    .into_iter()
                    .chain(first(certificate.ocsp_urls()));
                sources.push(Source {
                    issuer: false,
                    of: certificate.subject().to_string(),
                    hosts: revocation.filter_map(|url| host(&url)).collect(),
                });
                if issuer.is_none() {
                    let urls = issuer_urls(certificate);
                    sources.push(Source {
                        issuer: true,
                        of: certificate.issuer().to_string(),
                        hosts: urls.iter().filter_map(|url| host(url)).collect(),
                    });
                }
            }
        }
        sources
    }

    /// The way up from each certificate; `more` gives issuers that are not known here.
    fn ways(
        &self,
        certificates: &[Certificate],
        more: &mut dyn FnMut(&Certificate) -> Vec<Certificate>,
    ) -> Vec<Way> {
        let mut seen = BTreeSet::new();
        let mut ways = Vec::new();
        for leaf in certificates.iter().take(CERTIFICATES) {
            if seen.insert(leaf.fingerprint()) && !leaf.is_self_issued() {
                ways.push(self.way(leaf, certificates, more));
            }
        }
        ways
    }

    fn way(
        &self,
        leaf: &Certificate,
        beside: &[Certificate],
        more: &mut dyn FnMut(&Certificate) -> Vec<Certificate>,
    ) -> Way {
        let mut way = Way {
            links: Vec::new(),
            anchored: false,
        };
        let mut below = leaf.clone();
        while way.links.len() < PATH_LENGTH {
            if self.is_anchor(&below) {
                way.anchored = true;
                break;
            }
            if below.is_self_issued() {
                break;
            }
            let known = self.store.anchors.iter();
            let known = known.chain(&self.store.intermediates);
            let known = known.chain(&self.loose.issuers);
            let mut known = known.chain(beside.iter().take(CERTIFICATES));
            let issuer = known.find(|issuer| issued(issuer, &below)).cloned();
            let issuer = issuer.or_else(|| more(&below).into_iter().next());
            way.links.push((below, issuer.clone()));
            let Some(issuer) = issuer else { break };
            below = issuer;
        }
        way
    }

    fn is_anchor(&self, certificate: &Certificate) -> bool {
        let mut anchors = self.store.anchors.iter();
        anchors.any(|anchor| {
            anchor.spki_der() == certificate.spki_der()
                && anchor.subject().matches(certificate.subject())
        })
    }

    /// Issuers of a certificate that were fetched before.
    fn kept_issuers(&self, below: &Certificate) -> Vec<Certificate> {
        let kept = issuer_urls(below)
            .into_iter()
            .filter_map(|url| self.kept.get(&url, "crt"));
        kept.filter_map(|der| Certificate::from_der(&der).ok())
            .filter(|issuer| issued(issuer, below))
            .collect()
    }

    fn fetch_issuer(&self, below: &Certificate, round: &mut Round<'_>) -> Vec<Certificate> {
        for url in issuer_urls(below) {
            let usable = |bytes: &[u8]| {
                let mut found = certificates_in(bytes).into_iter();
                found.find(|issuer| issued(issuer, below))
            };
            let found = round.ask(What::Issuer, &url, None, &self.allowed_hosts, usable);
            if let Some(issuer) = found {
                self.kept.put(&url, "crt", issuer.der());
                return vec![issuer];
            }
        }
        Vec::new()
    }

    /// The certificate's list; where there is none to be had, an answer about it alone.
    fn fetch_revocation(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        round: &mut Round<'_>,
        now: OffsetDateTime,
    ) {
        let lists = first(certificate.crl_urls());
        let fresh = |url: &String| {
            let kept = self.kept.get(url, "crl");
            kept.is_some_and(|der| is_fresh(&der, now))
        };
        if lists.iter().any(fresh) {
            return;
        }
        for url in &lists {
            let usable = |bytes: &[u8]| list_in(bytes);
            let found = round.ask(What::Crl, url, None, &self.allowed_hosts, usable);
            if let Some(der) = found {
                self.kept.put(url, "crl", &der);
                return;
            }
        }
        for url in first(certificate.ocsp_urls()) {
            let body = antin_pkix::ocsp_request(certificate, issuer);
            let body = Some((body, "application/ocsp-request"));
            let usable = |bytes: &[u8]| OcspResponse::from_der(bytes).ok().map(|_| bytes.to_vec());
            let found = round.ask(What::Ocsp, &url, body, &self.allowed_hosts, usable);
            if let Some(der) = found {
                self.kept.put(&ocsp_name(&url, certificate), "ocsp", &der);
                return;
            }
        }
    }
}

impl Help {
    /// What a person put into a folder: lists, answers and certificates, whatever the files are called.
    pub(super) fn loose(kept: &Kept) -> Help {
        let mut help = Help::default();
        for bytes in kept.loose() {
            if let Some(list) = list_in(&bytes) {
                help.evidence.crls.push(list);
            } else if OcspResponse::from_der(&bytes).is_ok() {
                help.evidence.ocsp.push(bytes);
            } else {
                help.issuers.extend(certificates_in(&bytes));
            }
        }
        help
    }
}

fn first(mut urls: Vec<String>) -> Vec<String> {
    urls.truncate(ADDRESSES);
    urls
}

/// Where a certificate says its issuer's is. Only http: what is fetched proves itself, and https would need what is
/// being looked for.
fn issuer_urls(certificate: &Certificate) -> Vec<String> {
    let mut urls = certificate.issuer_urls();
    urls.retain(|url| {
        url.get(..7)
            .is_some_and(|s| s.eq_ignore_ascii_case("http://"))
    });
    first(urls)
}

fn ocsp_name(url: &str, certificate: &Certificate) -> String {
    format!("{url} {}", certificate.fingerprint_hex())
}

/// Whether `issuer` bears the name and has made the signature.
fn issued(issuer: &Certificate, below: &Certificate) -> bool {
    issuer.subject().matches(below.issuer())
        && verify_signature(
            issuer.spki_der(),
            below.signature_algorithm(),
            below.tbs(),
            below.signature(),
        )
        .is_ok()
}

/// A list that has not run out.
fn is_fresh(der: &[u8], now: OffsetDateTime) -> bool {
    Crl::from_der(der).is_ok_and(|list| list.next_update().is_some_and(|next| now < next))
}

/// A list in DER, or in PEM as some servers have it.
fn list_in(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut evidence = Evidence::default();
    evidence.add_crl_file(bytes).ok()?;
    let der = evidence.crls.pop()?;
    Crl::from_der(&der).is_ok().then_some(der)
}

/// Certificates in DER, in PEM, or in PKCS#7 (certs-only, RFC 5751) of either form: what caIssuers points to.
fn certificates_in(bytes: &[u8]) -> Vec<Certificate> {
    if let Ok(found) = Certificate::from_file(bytes) {
        return found;
    }
    let unwrapped = || {
        let text = std::str::from_utf8(bytes).ok()?;
        let (_, rest) = text.split_once("-----BEGIN PKCS7-----")?;
        let (body, _) = rest.split_once("-----END PKCS7-----")?;
        let compact: String = body.split_whitespace().collect();
        STANDARD.decode(compact).ok()
    };
    let der = unwrapped();
    let der = der.as_deref().unwrap_or(bytes);
    verify_signed_data(der, Content::Detached(&[])).certificates
}

#[cfg(test)]
mod tests;

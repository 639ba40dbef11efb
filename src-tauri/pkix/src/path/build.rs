//! Path building: depth first over issuers whose name and signature fit, RFC 4158.

use crate::signature::dsa;
use crate::{Certificate, Error, KeyKind, SignatureAlgorithm, TrustStore, verify_signature};

/// Certificates in a path, both ends counted. Real ones have three or four; RFC 4158 §2.4 asks for a bound.
const DEPTH_LIMIT: usize = 12;
/// Signatures verified in one search: an RSA verification costs about 30 µs, so this is a few milliseconds
/// (webpki's budget for the same attack is 100).
const SIGNATURE_BUDGET: usize = 100;
/// What a DSA verification counts beside one of RSA: two powers of 256 bits modulo up to 3072.
const DSA_COST: usize = 9;
/// Complete paths handed to the checks.
const PATH_BUDGET: usize = 16;

/// What a search leaves behind besides complete paths.
pub(super) struct Search {
    /// The longest chain of verified signatures, for the report when there is no path.
    pub(super) longest: Vec<Certificate>,
    /// A budget ended the search.
    pub(super) exhausted: bool,
    /// A signature that could not be examined, by position in the chain.
    pub(super) unsupported: Option<(usize, String)>,
    signatures: usize,
    paths: usize,
}

/// Calls `visit` with every complete path, leaf first, until it answers that it has seen enough.
pub(super) fn search(
    leaf: &Certificate,
    extra: &[Certificate],
    trust: &TrustStore,
    visit: &mut dyn FnMut(&[Certificate]) -> bool,
) -> Search {
    let mut search = Search {
        longest: vec![leaf.clone()],
        exhausted: false,
        unsupported: None,
        signatures: 0,
        paths: 0,
    };
    let mut chain = vec![leaf.clone()];
    // A leaf that is itself an anchor is trusted by the user's own word.
    if trust.anchors.contains(leaf) && visit(&chain) {
        return search;
    }
    search.extend(&mut chain, extra, trust, visit);
    search
}

impl Search {
    /// Returns true when the search is over.
    fn extend(
        &mut self,
        chain: &mut Vec<Certificate>,
        extra: &[Certificate],
        trust: &TrustStore,
        visit: &mut dyn FnMut(&[Certificate]) -> bool,
    ) -> bool {
        let Some(subject) = chain.last().cloned() else {
            return true;
        };
        let index = chain.len() - 1;
        let mut candidates: Vec<(bool, &Certificate)> =
            trust.anchors.iter().map(|anchor| (true, anchor)).collect();
        candidates.extend(
            extra
                .iter()
                .chain(&trust.intermediates)
                .map(|other| (false, other)),
        );
        candidates.retain(|(_, issuer)| issuer.subject().matches(subject.issuer()));
        let identifier = subject.authority_key_identifier().key;
        // The identifier is a hint (RFC 4158 §3.5.12): it orders, it does not exclude.
        candidates.sort_by_key(|(anchor, issuer)| {
            (
                !anchor,
                identifier.is_some() && issuer.subject_key_identifier() != identifier.as_deref(),
            )
        });
        for (anchor, issuer) in candidates {
            let repeated = chain.iter().any(|seen| {
                seen.spki_der() == issuer.spki_der() && seen.subject().matches(issuer.subject())
            });
            if repeated {
                continue;
            }
            if self.signatures >= SIGNATURE_BUDGET || self.paths >= PATH_BUDGET {
                self.exhausted = true;
                return true;
            }
            match self.signed(&subject, issuer) {
                Signed::Yes | Signed::IfInherited => {}
                Signed::No => continue,
                Signed::Unsupported(oid) => {
                    self.unsupported.get_or_insert((index, oid));
                    continue;
                }
            }
            chain.push(issuer.clone());
            let inherited = chain.iter().skip(1).any(lacks_parameters);
            if chain.len() > self.longest.len() && !inherited {
                self.longest.clone_from(chain);
            }
            if anchor && inherited && !self.inheritance_holds(chain) {
                chain.pop();
                continue;
            }
            let over = if anchor {
                self.paths += 1;
                visit(chain)
            } else if chain.len() < DEPTH_LIMIT {
                self.extend(chain, extra, trust, visit)
            } else {
                self.exhausted = true;
                false
            };
            chain.pop();
            if over {
                return true;
            }
        }
        false
    }
    /// Did the issuer's key make the subject's signature?
    fn signed(&mut self, subject: &Certificate, issuer: &Certificate) -> Signed {
        self.signatures += 1;
        if dsa::digest(subject.signature_algorithm()).is_some()
            && let Some(key) = dsa::key(issuer)
        {
            self.signatures += DSA_COST;
            return match key.parameters {
                Some(parameters) if dsa::verifies(subject, key, parameters) => Signed::Yes,
                Some(_) => Signed::No,
                None => Signed::IfInherited,
            };
        }
        if let Ok(kind) = KeyKind::of(issuer.spki_der()) {
            self.signatures += SignatureAlgorithm::dearness(subject.signature_algorithm(), &kind);
        }
        match verify_signature(
            issuer.spki_der(),
            subject.signature_algorithm(),
            subject.tbs(),
            subject.signature(),
        ) {
            Ok(()) => Signed::Yes,
            Err(Error::Unsupported { oid }) => Signed::Unsupported(oid),
            Err(_) => Signed::No,
        }
    }

    /// §6.1.4 (d–f): a DSA key without parameters takes those of the DSA key above it.
    fn inheritance_holds(&mut self, chain: &[Certificate]) -> bool {
        let mut parameters = None;
        for (index, issuer) in chain.iter().enumerate().rev() {
            let key = dsa::key(issuer);
            parameters = key.and_then(|key| key.parameters.or(parameters));
            let (Some(key), Some(below)) = (key, index.checked_sub(1)) else {
                continue;
            };
            let Some(subject) = chain.get(below).filter(|_| key.parameters.is_none()) else {
                continue;
            };
            self.signatures += DSA_COST;
            if !parameters.is_some_and(|parameters| dsa::verifies(subject, key, parameters)) {
                return false;
            }
        }
        true
    }
}

/// A signature, examined.
enum Signed {
    Yes,
    No,
    /// The key lacks parameters, which only the rest of the path can give.
    IfInherited,
    Unsupported(String),
}

fn lacks_parameters(certificate: &Certificate) -> bool {
    dsa::key(certificate).is_some_and(|key| key.parameters.is_none())
}

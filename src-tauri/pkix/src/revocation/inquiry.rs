//! What all evidence together says about the certificates of a path, RFC 5280 §6.3 and RFC 6960.

use super::{Evidence, Finding, Reason, Source, Status, is_fresh};
use crate::crl::Crl;
use crate::crl::entry::Entry;
use crate::crl::scope::Scope;
use crate::extension::points::{Point, ReasonFlags};
use crate::ocsp::OcspResponse;
use crate::path::signer_may_be_believed;
use crate::{Certificate, TrustStore};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use time::OffsetDateTime;

/// Signatures of lists verified in one validation. Real evidence has a list or two per certificate.
const SIGNATURE_BUDGET: usize = 128;
/// Octets of lists hashed and searched in one validation, so that neither many keys of one name nor many points of
/// one certificate make a large list cost more than a few seconds.
const OCTET_BUDGET: usize = 512 << 20;
/// Searches for a path to a list's signer in one validation; each is bounded by itself.
const SEARCH_BUDGET: usize = 16;
/// A list whose signer's own status is in a list whose signer's … and so on.
const DEPTH_LIMIT: usize = 3;

/// By number of a list and fingerprint of a certificate.
type PerList<T> = HashMap<(usize, [u8; 32]), T>;

/// The evidence, read once, and what has been found out about it so far.
pub(crate) struct Inquiry<'a> {
    lists: Vec<Crl<'a>>,
    responses: Vec<OcspResponse<'a>>,
    /// Certificates that may have signed a list in an issuer's stead.
    helpers: Vec<Certificate>,
    at: OffsetDateTime,
    conforming: bool,
    /// Did the certificate's key sign the list?
    verified: RefCell<PerList<bool>>,
    /// What the list says about the certificate; `None` if it may not be used.
    entries: RefCell<PerList<Option<Option<Entry>>>>,
    octets: Cell<usize>,
    searches: Cell<usize>,
}

/// What one list says.
struct Word {
    finding: Finding,
    reasons: ReasonFlags,
}

impl<'a> Inquiry<'a> {
    pub(crate) fn new(
        evidence: &'a Evidence,
        extra: &[Certificate],
        trust: &TrustStore,
        at: OffsetDateTime,
        conforming: bool,
    ) -> Self {
        let lists = evidence.crls.iter();
        let responses = evidence.ocsp.iter();
        Self {
            lists: lists
                .filter_map(|der| Crl::from_der(der).ok())
                .filter(|list| list.is_usable(conforming))
                .collect(),
            responses: responses
                .filter_map(|der| OcspResponse::from_der(der).ok())
                .collect(),
            helpers: extra
                .iter()
                .chain(&trust.intermediates)
                .chain(&trust.anchors)
                .cloned()
                .collect(),
            at,
            conforming,
            verified: RefCell::default(),
            entries: RefCell::default(),
            octets: Cell::new(0),
            searches: Cell::new(0),
        }
    }

    pub(crate) const fn at(&self) -> OffsetDateTime {
        self.at
    }

    pub(crate) fn helpers(&self) -> &[Certificate] {
        &self.helpers
    }

    /// Revoked if any evidence says so, else the newest good word, else nothing. `above` is the rest of the
    /// certificate's path, its issuer first; `busy` are signers of lists whose own status is being asked for.
    pub(crate) fn judge(
        &self,
        certificate: &Certificate,
        above: &[Certificate],
        busy: &mut Vec<Certificate>,
    ) -> Option<Finding> {
        let issuer = above.first()?;
        let listed = self.listed(certificate, above, busy);
        let mut best = listed;
        for response in &self.responses {
            let busy = RefCell::new(std::mem::take(busy));
            let revoked = |delegate: &Certificate| {
                let finding = self.listed(delegate, above, &mut busy.borrow_mut());
                matches!(finding, Some(found) if matches!(found.status, Status::Revoked { .. }))
            };
            let answer = response.judge(certificate, issuer, self.at, &self.helpers, &revoked);
            best = best.into_iter().chain(answer).reduce(prefer);
        }
        best
    }

    /// What all lists together say.
    fn listed(
        &self,
        certificate: &Certificate,
        above: &[Certificate],
        busy: &mut Vec<Certificate>,
    ) -> Option<Finding> {
        let mut whole: Option<Finding> = None;
        let mut parts: Option<Word> = None;
        for point in certificate.distribution_points() {
            for (index, list) in self.lists.iter().enumerate() {
                if list.is_delta() {
                    continue;
                }
                let Some(word) = self.word(index, list, &point, certificate, above, busy) else {
                    continue;
                };
                let good = word.finding.status == Status::Good;
                if !good || word.reasons == ReasonFlags::ALL {
                    whole = whole.into_iter().chain([word.finding]).reduce(prefer);
                } else {
                    parts = Some(match parts {
                        Some(parts) => parts.with(&word),
                        None => word,
                    });
                }
            }
        }
        // §6.3.3: undetermined until every reason is covered.
        let parts = parts.filter(|parts| parts.reasons == ReasonFlags::ALL);
        whole
            .into_iter()
            .chain(parts.map(|parts| parts.finding))
            .reduce(prefer)
    }

    /// What one list, with the changes to it, says through one distribution point; `None` if nothing that can
    /// be relied on.
    fn word(
        &self,
        index: usize,
        list: &Crl<'_>,
        point: &Point<'_>,
        certificate: &Certificate,
        above: &[Certificate],
        busy: &mut Vec<Certificate>,
    ) -> Option<Word> {
        let scope = list.scope(point, certificate)?;
        if scope.reasons == ReasonFlags::NONE {
            return None;
        }
        if !self.is_authorised(index, list, point, certificate, above, busy) {
            return None;
        }
        let mut said = self.entry(index, list, certificate, &scope)?;
        let (mut this_update, mut next_update) = (list.this_update(), list.next_update());
        let changes = self
            .lists
            .iter()
            .enumerate()
            .filter(|(_, changes)| changes.applies_to(list))
            .filter(|(_, changes)| is_fresh(changes.this_update(), changes.next_update(), self.at))
            .filter(|(index, changes)| {
                self.is_authorised(*index, changes, point, certificate, above, busy)
            })
            .max_by_key(|(_, changes)| changes.this_update());
        if let Some((index, changes)) = changes {
            let scope = changes.scope(point, certificate)?;
            match self.entry(index, changes, certificate, &scope)? {
                // §6.3.3 (k).
                Some(entry) if entry.reason == Reason::RemoveFromCrl => {
                    said = said.filter(|_| entry.date > self.at);
                }
                Some(entry) => said = Some(entry),
                None => {}
            }
            (this_update, next_update) = (changes.this_update(), changes.next_update());
        }
        let status = self.status(said, this_update, certificate)?;
        if status == Status::Good && !is_fresh(this_update, next_update, self.at) {
            return None;
        }
        Some(Word {
            finding: Finding {
                status,
                source: Source::Crl,
                this_update,
                next_update,
            },
            reasons: scope.reasons,
        })
    }

    /// What a list says about a certificate, searched for once; `None` if the list may not be used. That the list is
    /// indirect is a fact of the list, so it is no part of the key.
    fn entry(
        &self,
        index: usize,
        list: &Crl<'_>,
        certificate: &Certificate,
        scope: &Scope,
    ) -> Option<Option<Entry>> {
        let key = (index, certificate.fingerprint());
        if let Some(known) = self.entries.borrow().get(&key) {
            return *known;
        }
        if !self.spend(list.size()) {
            return None;
        }
        let said = list
            .entry(certificate, scope.indirect, self.conforming)
            .ok();
        self.entries.borrow_mut().insert(key, said);
        said
    }

    /// Takes octets from the budget if they are there.
    fn spend(&self, octets: usize) -> bool {
        let spent = self.octets.get().saturating_add(octets);
        let allowed = spent <= OCTET_BUDGET;
        if allowed {
            self.octets.set(spent);
        }
        allowed
    }

    fn status(
        &self,
        said: Option<Entry>,
        this_update: OffsetDateTime,
        certificate: &Certificate,
    ) -> Option<Status> {
        match said {
            Some(entry) if entry.date > self.at => Some(Status::Good),
            Some(entry) => Some(Status::Revoked {
                at: entry.date,
                reason: entry.reason,
            }),
            // Entries of expired certificates may be dropped (§3.3), so a later list proves nothing.
            None if this_update > certificate.not_after() => None,
            None => Some(Status::Good),
        }
    }

    /// §6.3.3 (f, g): did somebody sign the list who may, by a path to the same anchor?
    fn is_authorised(
        &self,
        index: usize,
        list: &Crl<'_>,
        point: &Point<'_>,
        certificate: &Certificate,
        above: &[Certificate],
        busy: &mut Vec<Certificate>,
    ) -> bool {
        // Authorities of the path itself are judged with the path.
        if above
            .iter()
            .any(|signer| self.is_signed(index, list, signer))
        {
            return true;
        }
        let Some(anchor) = above.last() else {
            return false;
        };
        self.helpers.iter().any(|signer| {
            if signer == certificate && !busy.contains(signer)
                || above.contains(signer)
                || !self.is_signed(index, list, signer)
            {
                return false;
            }
            // The signer's own status is in its own list: only where its issuer said so in so many words.
            if busy.contains(signer) {
                return point.names_issuer;
            }
            if busy.len() >= DEPTH_LIMIT || self.searches.get() >= SEARCH_BUDGET {
                return false;
            }
            self.searches.set(self.searches.get() + 1);
            busy.push(signer.clone());
            let believed = signer_may_be_believed(signer, anchor, self, busy);
            busy.pop();
            believed
        })
    }

    /// Name, key usage and signature of one signer; each signature is computed once.
    fn is_signed(&self, index: usize, list: &Crl<'_>, signer: &Certificate) -> bool {
        if !list.issuer().matches(signer.subject())
            || !matches!(signer.key_usage(), Ok(usage) if usage.is_none_or(|usage| usage.crl_sign()))
        {
            return false;
        }
        let key = (index, signer.fingerprint());
        if let Some(known) = self.verified.borrow().get(&key) {
            return *known;
        }
        if self.verified.borrow().len() >= SIGNATURE_BUDGET || !self.spend(list.size()) {
            return false;
        }
        let verifies = list.is_signed_by(signer);
        self.verified.borrow_mut().insert(key, verifies);
        verifies
    }
}

impl Word {
    /// Two partial words that are both good: as old as the older.
    fn with(self, other: &Self) -> Self {
        let earlier = |one: Option<OffsetDateTime>, two: Option<OffsetDateTime>| match (one, two) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self {
            finding: Finding {
                this_update: self.finding.this_update.min(other.finding.this_update),
                next_update: earlier(self.finding.next_update, other.finding.next_update),
                ..self.finding
            },
            reasons: self.reasons.or(other.reasons),
        }
    }
}

/// The word that counts of two.
fn prefer(best: Finding, next: Finding) -> Finding {
    let rank = |finding: &Finding| {
        (
            matches!(finding.status, Status::Revoked { .. }),
            finding.this_update,
        )
    };
    // A hold that a newer word has lifted is no revocation any more.
    let lifted = |old: &Finding, new: &Finding| {
        matches!(
            old.status,
            Status::Revoked {
                reason: Reason::CertificateHold,
                ..
            }
        ) && new.status == Status::Good
            && new.this_update > old.this_update
    };
    if lifted(&best, &next) {
        return next;
    }
    if lifted(&next, &best) || rank(&best) >= rank(&next) {
        best
    } else {
        next
    }
}

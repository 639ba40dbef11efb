//! Which baseline level of PAdES a signature has reached, from what is in the file (EN 319 142-1, 6.3, table 1).
//!
//! A level says what the file carries and whether that is enough; whom one trusts is another question. So a self-signed
//! certificate in the file will do as the end of a path, and nothing but the file's own certificates, lists and responses
//! counts, each held against the time the time-stamp claims.

use std::cell::Cell;

use antin_cades::SignedDataReport;
use antin_pdf::Document;
use antin_pkix::{Certificate, TrustStore, Usage, validate_path};
use time::OffsetDateTime;

use super::Examined;
use super::security_store::{self, Store};
use crate::report::{Integrity, Level, SignatureKind};

/// Paths looked for in one document; a letter has half a dozen. Beyond that no more than B-T is said.
const PATH_LIMIT: usize = 512;

/// What the levels of all signatures rest on.
pub(super) struct Levels<'a> {
    anchors: &'a [Certificate],
    store: &'a Store,
    /// Revision and time of each document time-stamp that verifies, by revision.
    stamps: Vec<(usize, OffsetDateTime)>,
    /// The store under the last document time-stamp.
    archived: Option<Store>,
    /// Paths that may still be looked for.
    room: Cell<usize>,
}

impl<'a> Levels<'a> {
    pub(super) fn new(
        document: &Document,
        examined: &[Examined],
        store: &'a Store,
        anchors: &'a [Certificate],
    ) -> Self {
        let mut stamps: Vec<(usize, OffsetDateTime)> = examined
            .iter()
            .filter(|one| one.integrity.integrity == Integrity::Intact)
            .filter(|one| one.is_over_its_revision())
            .filter_map(|one| {
                let token = one.integrity.timestamp.as_ref()?.token.as_ref()?;
                Some((one.coverage.revision?, token.generated_at))
            })
            .collect();
        stamps.sort_unstable();
        let archived = stamps
            .last()
            .filter(|_| store.is_present())
            .and_then(|(revision, _)| document.at_revision(*revision).ok())
            .map(|state| security_store::read(&state));
        Self {
            anchors,
            store,
            stamps,
            archived,
            room: Cell::new(PATH_LIMIT),
        }
    }

    /// The level of one signature.
    pub(super) fn of(&self, one: &Examined) -> Level {
        let Some(signer) = one.integrity.signer() else {
            return Level::Cms;
        };
        let baseline = match one.integrity.kind {
            SignatureKind::Signature => one.found.sub_filter == "ETSI.CAdES.detached",
            SignatureKind::DocumentTimestamp => true,
        };
        if !baseline || !signer.signing_certificate.passed() {
            return Level::Cms;
        }
        let own = signer
            .timestamps
            .iter()
            .filter(|token| token.is_intact())
            .filter_map(|token| Some(token.token.as_ref()?.generated_at));
        let over = self.over(one).map(|(_, time)| *time);
        let Some(time) = own.chain(over).min() else {
            return Level::BasicB;
        };
        if !self.suffices(self.store, one, time) {
            return Level::BasicT;
        }
        let archived = self.over(one).next().and(self.archived.as_ref());
        match archived {
            Some(archived) if self.suffices(archived, one, time) => Level::BasicLta,
            _ => Level::BasicLt,
        }
    }

    /// Document time-stamps over a signature.
    fn over<'b>(&'b self, one: &Examined) -> impl Iterator<Item = &'b (usize, OffsetDateTime)> {
        let own = one.coverage.revision.filter(|_| one.is_over_its_revision());
        self.stamps
            .iter()
            .filter(move |(revision, _)| own.is_some_and(|own| own < *revision))
    }

    /// Can the signature and its time-stamps be validated with this store alone?
    fn suffices(&self, store: &Store, one: &Examined, time: OffsetDateTime) -> bool {
        let (Some(data), Some(signer)) = (&one.integrity.signed_data, one.integrity.signer())
        else {
            return false;
        };
        let complete = |certificate: &Option<Certificate>,
                        data: &[&SignedDataReport],
                        usage: Usage,
                        at: OffsetDateTime| {
            certificate
                .as_ref()
                .is_some_and(|certificate| self.is_complete(store, certificate, data, usage, at))
        };
        let usage = match one.integrity.kind {
            SignatureKind::Signature => Usage::Signing,
            SignatureKind::DocumentTimestamp => Usage::TimeStamping,
        };
        let stamps = signer.timestamps.iter().filter(|token| token.is_intact());
        store.is_present()
            && complete(&signer.certificate, &[data], usage, time)
            && stamps.clone().all(|token| {
                let (Some(info), Some(signer)) = (&token.token, token.signer()) else {
                    return false;
                };
                complete(
                    &signer.certificate,
                    &[data, &token.signed_data],
                    Usage::TimeStamping,
                    info.generated_at,
                )
            })
    }

    fn is_complete(
        &self,
        store: &Store,
        certificate: &Certificate,
        data: &[&SignedDataReport],
        usage: Usage,
        at: OffsetDateTime,
    ) -> bool {
        let Some(room) = self.room.get().checked_sub(1) else {
            return false;
        };
        self.room.set(room);
        let mut inside: Vec<Certificate> = store.certificates.clone();
        inside.extend(
            data.iter()
                .flat_map(|data| data.certificates.iter().cloned()),
        );
        let ends = inside
            .iter()
            .filter(|one| one.subject().matches(one.issuer()));
        let trust = TrustStore {
            anchors: self.anchors.iter().chain(ends).cloned().collect(),
            intermediates: Vec::new(),
        };
        validate_path(certificate, &inside, &trust, &store.evidence, at, usage).is_trusted()
    }
}

//! Dispatches: the outbox on disk. Every change goes through the one table of [`crate::outbox`].

use std::path::Path;

use antin_records::{DispatchId, DispatchManifest, DocKey, FrozenManifest, LetterId, Sha256Digest};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use time::{Duration, OffsetDateTime};

use super::{attempt, delivery, receipt};
use crate::{AttemptKind, Error, Event, NewReceipt, OutboxState, Store, column, owner};

/// How long a dispatch rests whose file the province has lost: it has contradicted itself, and must not be made to in a loop.
const CONTENT_MISSING_PAUSE: Duration = Duration::seconds(30);

/// Why a dispatch waits or is blocked. The code is stable and for tables of words; the detail is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// A stable code.
    pub code: String,
    /// What exactly happened.
    pub detail: String,
    /// The HTTP status, where there was an answer.
    pub http_status: Option<u16>,
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// Its identity.
    pub id: DispatchId,
    /// The letter it carries.
    pub letter_id: LetterId,
    /// Where it stands.
    pub state: OutboxState,
    /// The bytes of every attempt.
    pub manifest: FrozenManifest,
    /// Digest of the file it carries.
    pub content: Sha256Digest,
    /// The document.
    pub doc_key: DocKey,
    /// When it was enqueued.
    pub created_at: OffsetDateTime,
    /// When Decree 30 wants it sent.
    pub deadline: OffsetDateTime,
    /// Not before this moment; none when it is due or nothing is to be done.
    pub next_at: Option<OffsetDateTime>,
    /// How often it was worked on.
    pub attempts: u32,
    /// How often its bytes may have left.
    pub submit_attempts: u32,
    /// Why it waits or is blocked.
    pub cause: Option<Cause>,
    /// When its receipt was stored.
    pub submitted_at: Option<OffsetDateTime>,
    /// When every recipient had settled.
    pub closed_at: Option<OffsetDateTime>,
}

impl Dispatch {
    /// True when its deadline has passed without proof of sending. It is flagged, never dropped.
    pub fn is_overdue(&self, now: OffsetDateTime) -> bool {
        self.state.is_pending() && now >= self.deadline
    }
}

/// The right to work on one dispatch until the lease runs out. Every step renews it; a step that ends the work gives it up.
#[derive(Debug)]
pub struct Claim {
    /// The dispatch as it is after the last step.
    pub dispatch: Dispatch,
    lease: Duration,
    until_ms: i64,
}

impl Store {
    /// Puts a frozen dispatch into the outbox. On return it is on disk with its file and will be sent whatever happens. The
    /// file must already be kept; it is read back and compared. Repeating the same bytes returns the row that is there.
    pub fn enqueue(
        &self,
        frozen: &FrozenManifest,
        deadline: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Dispatch, Error> {
        let manifest = DispatchManifest::parse(&frozen.bytes)?;
        let id = manifest.dispatch_id;
        if Sha256Digest::of(&frozen.bytes) != frozen.digest {
            return Err(Error::Conflict { id: id.to_string() });
        }
        if self.check_blob(manifest.content.sha256)? != manifest.content.size {
            return Err(Error::BlobDamaged(manifest.content.sha256));
        }
        let state = after(OutboxState::Sealed, Event::Enqueue)?;
        self.write(|transaction| {
            if let Some(held) = find(transaction, id)? {
                let same = held.manifest.digest == frozen.digest;
                return if same { Ok(held) } else { Err(Error::Conflict { id: id.to_string() }) };
            }
            transaction.execute(
                "INSERT INTO dispatch (id, letter_id, state, manifest, manifest_digest, content, doc_key, urgency_rank,
                                       created_at_ms, deadline_ms)
                 VALUES (:id, :letter_id, :state, :manifest, :digest, :content, :doc_key, :rank, :now, :deadline)",
                named_params! {
                    ":id": id.to_string(),
                    ":letter_id": manifest.letter_id.to_string(),
                    ":state": state.key(),
                    ":manifest": frozen.bytes,
                    ":digest": frozen.digest.to_string(),
                    ":content": manifest.content.sha256.to_string(),
                    ":doc_key": manifest.doc_key.to_string(),
                    ":rank": manifest.urgency.rank(),
                    ":now": column::ms(now),
                    ":deadline": column::ms(deadline),
                },
            )?;
            delivery::add(transaction, &manifest)?;
            one(transaction, id)
        })
    }

    /// One dispatch.
    pub fn dispatch(&self, id: DispatchId) -> Result<Dispatch, Error> {
        self.read(|connection| one(connection, id))
    }

    /// Every dispatch, the newest first.
    pub fn dispatches(&self) -> Result<Vec<Dispatch>, Error> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT * FROM dispatch ORDER BY created_at_ms DESC, id DESC")?;
            Ok(statement
                .query_map([], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The dispatches of one letter, the newest first.
    pub fn dispatches_of(&self, letter: LetterId) -> Result<Vec<Dispatch>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM dispatch WHERE letter_id = ?1 ORDER BY created_at_ms DESC, id DESC",
            )?;
            Ok(statement
                .query_map([letter.to_string()], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Takes the dispatch whose turn it is, urgent ones first, then in the order they came; none when nothing is due.
    pub fn claim_due(&self, now: OffsetDateTime, lease: Duration) -> Result<Option<Claim>, Error> {
        let until_ms = column::ms(now.saturating_add(lease));
        self.write(|transaction| {
            recover(transaction, self.dir())?;
            expire(transaction, now)?;
            let due: Option<String> = transaction
                .query_row(
                    "SELECT id FROM dispatch
                     WHERE state IN ('queued', 'uploading', 'uploaded', 'unknown') AND lease_owner IS NULL
                       AND (next_at_ms IS NULL OR next_at_ms <= ?1)
                     ORDER BY urgency_rank DESC, created_at_ms, id LIMIT 1",
                    [column::ms(now)],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(id) = due else { return Ok(None) };
            transaction.execute(
                "UPDATE dispatch SET lease_owner = ?2, lease_until_ms = ?3 WHERE id = ?1",
                params![id, self.owner_id(), until_ms],
            )?;
            Ok(Some(Claim { dispatch: one(transaction, id.parse()?)?, lease, until_ms }))
        })
    }

    /// When the next waiting dispatch is due; none when none waits for a time.
    pub fn next_due(&self) -> Result<Option<OffsetDateTime>, Error> {
        self.read(|connection| {
            Ok(connection.query_row(
                "SELECT min(next_at_ms) AS next_at_ms FROM dispatch WHERE state IN ('queued', 'uploading', 'uploaded', 'unknown')",
                [],
                |row| column::time_or_none(row, "next_at_ms"),
            )?)
        })
    }

    /// QUEUED or UPLOADED → UPLOADING, with an attempt on record: the file begins to travel, or resumes.
    pub fn upload_started(&self, claim: &mut Claim, now: OffsetDateTime) -> Result<(), Error> {
        self.step(claim, Event::UploadStarted, Some(AttemptKind::Upload), now)
    }

    /// UPLOADING → UPLOADED: the province holds the whole file and named our digest.
    pub fn upload_complete(&self, claim: &mut Claim, now: OffsetDateTime) -> Result<(), Error> {
        self.step(claim, Event::UploadComplete, None, now)
    }

    /// UPLOADED or UNKNOWN → SUBMITTING, with an attempt on record. Only after this may the first byte of the request leave.
    pub fn submit_started(&self, claim: &mut Claim, now: OffsetDateTime) -> Result<(), Error> {
        self.step(claim, Event::SubmitStarted, Some(AttemptKind::Submit), now)
    }

    /// Records that an UNKNOWN dispatch is about to be probed; the state stays.
    pub fn probe_started(&self, claim: &mut Claim, now: OffsetDateTime) -> Result<(), Error> {
        self.step(claim, Event::OutcomeUnknown, Some(AttemptKind::Probe), now)
    }

    /// Keeps the lease during a long step.
    pub fn renew(&self, claim: &mut Claim, now: OffsetDateTime) -> Result<(), Error> {
        self.write(|transaction| self.renew_in(transaction, claim, now))
    }

    /// → SUBMITTED: the verified receipt and the new state in one transaction. An unverified receipt is refused here; keep
    /// it with [`Store::store_receipt`] and call [`Store::unknown`].
    pub fn submitted(
        &self,
        claim: Claim,
        receipt: &NewReceipt,
        now: OffsetDateTime,
    ) -> Result<Dispatch, Error> {
        let id = claim.dispatch.id;
        if !receipt.verified || receipt.statement.dispatch_id != id {
            return Err(Error::Conflict { id: id.to_string() });
        }
        self.write(|transaction| {
            receipt::keep(transaction, receipt, now)?;
            proven(transaction, receipt, now)?;
            one(transaction, id)
        })
    }

    /// → UNKNOWN: the request may have been carried out. It will be probed at `next_at`.
    pub fn unknown(
        &self,
        claim: Claim,
        cause: &Cause,
        next_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Dispatch, Error> {
        self.give_up(
            claim,
            Event::OutcomeUnknown,
            Some(cause),
            Some(next_at),
            now,
        )
    }

    /// The attempt failed without effect; the dispatch waits until `next_at`.
    pub fn retry_at(
        &self,
        claim: Claim,
        cause: &Cause,
        next_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Dispatch, Error> {
        self.give_up(claim, Event::Transient, Some(cause), Some(next_at), now)
    }

    /// → BLOCKED: refused for good; a person must act.
    pub fn blocked(
        &self,
        claim: Claim,
        cause: &Cause,
        now: OffsetDateTime,
    ) -> Result<Dispatch, Error> {
        self.give_up(claim, Event::Refused, Some(cause), None, now)
    }

    /// → AUTH_WAIT: the province does not accept our credential.
    pub fn auth_wait(
        &self,
        claim: Claim,
        cause: &Cause,
        now: OffsetDateTime,
    ) -> Result<Dispatch, Error> {
        self.give_up(claim, Event::AuthRefused, Some(cause), None, now)
    }

    /// SUBMITTING → QUEUED: the province no longer holds the file; it is uploaded again after a pause.
    pub fn content_missing(
        &self,
        claim: Claim,
        cause: &Cause,
        now: OffsetDateTime,
    ) -> Result<Dispatch, Error> {
        let next_at = now.saturating_add(CONTENT_MISSING_PAUSE);
        self.give_up(
            claim,
            Event::ContentMissing,
            Some(cause),
            Some(next_at),
            now,
        )
    }

    /// Withdraws a dispatch none of whose bytes can have left.
    pub fn cancel(&self, id: DispatchId, now: OffsetDateTime) -> Result<Dispatch, Error> {
        self.write(|transaction| {
            let held = one(transaction, id)?;
            // A refusal is an answer to these very bytes, so a blocked dispatch is not at the province.
            if held.submit_attempts > 0 && held.state != OutboxState::Blocked {
                return Err(Error::MayHaveLeft { id: id.to_string() });
            }
            enter(transaction, &held, Event::Cancel, None, None)?;
            attempt::end(transaction, id, None, now)?;
            one(transaction, id)
        })
    }

    /// BLOCKED → QUEUED: a person removed the cause.
    pub fn repaired(&self, id: DispatchId) -> Result<Dispatch, Error> {
        self.write(|transaction| {
            let held = one(transaction, id)?;
            enter(transaction, &held, Event::Repaired, None, None)?;
            one(transaction, id)
        })
    }

    /// AUTH_WAIT → QUEUED, for all: there is a new credential. Returns how many.
    pub fn auth_restored(&self) -> Result<usize, Error> {
        self.write(|transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT * FROM dispatch WHERE state = 'auth-wait'")?;
            let waiting: Vec<Dispatch> = statement
                .query_map([], read)?
                .collect::<rusqlite::Result<_>>()?;
            for held in &waiting {
                enter(transaction, held, Event::AuthRestored, None, None)?;
            }
            Ok(waiting.len())
        })
    }

    /// Makes every waiting dispatch due at once: the network is back. Returns how many.
    pub fn wake(&self) -> Result<usize, Error> {
        self.write(|transaction| {
            let dispatches = transaction.execute(
                "UPDATE dispatch SET next_at_ms = NULL
                 WHERE next_at_ms IS NOT NULL AND state IN ('queued', 'uploading', 'uploaded', 'unknown')",
                [],
            )?;
            let ops = transaction.execute("UPDATE op SET next_at_ms = NULL WHERE next_at_ms IS NOT NULL AND state = 'queued'", [])?;
            Ok(dispatches + ops)
        })
    }

    fn step(
        &self,
        claim: &mut Claim,
        event: Event,
        begin: Option<AttemptKind>,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            self.renew_in(transaction, claim, now)?;
            let next = after(claim.dispatch.state, event)?;
            transaction.execute(
                "UPDATE dispatch SET state = ?2, next_at_ms = NULL WHERE id = ?1",
                params![claim.dispatch.id.to_string(), next.key()],
            )?;
            match begin {
                Some(kind) => attempt::begin(transaction, claim.dispatch.id, kind, now)?,
                None => attempt::end(transaction, claim.dispatch.id, None, now)?,
            }
            claim.dispatch = one(transaction, claim.dispatch.id)?;
            Ok(())
        })
    }

    fn give_up(
        &self,
        claim: Claim,
        event: Event,
        cause: Option<&Cause>,
        next_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<Dispatch, Error> {
        let id = claim.dispatch.id;
        self.write(|transaction| {
            self.holds(transaction, &claim)?;
            enter(transaction, &claim.dispatch, event, cause, next_at)?;
            attempt::end(transaction, id, cause, now)?;
            one(transaction, id)
        })
    }

    fn renew_in(
        &self,
        transaction: &Transaction<'_>,
        claim: &mut Claim,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        self.holds(transaction, claim)?;
        claim.until_ms = column::ms(now.saturating_add(claim.lease));
        transaction.execute(
            "UPDATE dispatch SET lease_until_ms = ?2 WHERE id = ?1",
            params![claim.dispatch.id.to_string(), claim.until_ms],
        )?;
        Ok(())
    }

    /// Refuses a step of a worker whose lease ran out and was taken by another, or whose dispatch was moved by a receipt.
    fn holds(&self, transaction: &Transaction<'_>, claim: &Claim) -> Result<(), Error> {
        let id = claim.dispatch.id.to_string();
        let held: bool = transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM dispatch WHERE id = ?1 AND lease_owner = ?2 AND lease_until_ms = ?3 AND state = ?4)",
            params![id, self.owner_id(), claim.until_ms, claim.dispatch.state.key()],
            |row| row.get(0),
        )?;
        if held {
            Ok(())
        } else {
            Err(Error::LeaseLost { id })
        }
    }
}

fn after(state: OutboxState, event: Event) -> Result<OutboxState, Error> {
    state
        .after(event)
        .ok_or(Error::IllegalTransition { state, event })
}

/// Moves a row and frees it. The only place where a free row changes its state.
fn enter(
    transaction: &Transaction<'_>,
    held: &Dispatch,
    event: Event,
    cause: Option<&Cause>,
    next_at: Option<OffsetDateTime>,
) -> Result<(), Error> {
    let next = after(held.state, event)?;
    transaction.execute(
        "UPDATE dispatch SET state = :state, next_at_ms = :next_at, lease_owner = NULL, lease_until_ms = NULL,
             cause_code = :code, cause_detail = :detail
         WHERE id = :id",
        named_params! {
            ":id": held.id.to_string(),
            ":state": next.key(),
            ":next_at": next_at.map(column::ms),
            ":code": cause.map(|cause| &cause.code),
            ":detail": cause.map(|cause| &cause.detail),
        },
    )?;
    Ok(())
}

/// Lets a verified receipt move the dispatch it proves: to SUBMITTED, and to CLOSED once every recipient has settled. A
/// receipt may come by the inbox before the answer to the request does, or for a dispatch this store does not know.
pub(crate) fn proven(
    transaction: &Transaction<'_>,
    receipt: &NewReceipt,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let id = receipt.statement.dispatch_id;
    let Some(held) = find(transaction, id)?.filter(|_| receipt.verified) else {
        return Ok(());
    };
    if held.state.after(Event::ReceiptStored).is_none() {
        // A withdrawn dispatch with a receipt: the evidence is kept and the state stays; the journal shows both.
        return Ok(());
    }
    if held.state.is_pending() {
        enter(transaction, &held, Event::ReceiptStored, None, None)?;
        attempt::end(transaction, id, None, now)?;
        transaction.execute(
            "UPDATE dispatch SET submitted_at_ms = ?2 WHERE id = ?1",
            params![id.to_string(), column::ms(now)],
        )?;
    }
    let settled = delivery::of(transaction, id)?
        .iter()
        .all(|delivery| delivery.state.is_settled());
    let held = one(transaction, id)?;
    if settled && held.state.after(Event::Settled).is_some() {
        enter(transaction, &held, Event::Settled, None, None)?;
        transaction.execute(
            "UPDATE dispatch SET closed_at_ms = ?2 WHERE id = ?1",
            params![id.to_string(), column::ms(now)],
        )?;
    }
    Ok(())
}

/// Frees the rows whose owner is gone: SUBMITTING becomes UNKNOWN, everything else stays where it is.
pub(crate) fn recover(transaction: &Transaction<'_>, dir: &Path) -> Result<(), Error> {
    let owners: Vec<String> = transaction
        .prepare_cached("SELECT DISTINCT lease_owner FROM dispatch WHERE lease_owner IS NOT NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for gone in owners.iter().filter(|id| !owner::is_alive(dir, id)) {
        restart(transaction, "lease_owner = ?1", gone)?;
    }
    Ok(())
}

/// Frees the rows whose lease ran out.
fn expire(transaction: &Transaction<'_>, now: OffsetDateTime) -> Result<(), Error> {
    restart(transaction, "lease_until_ms <= ?1", column::ms(now))
}

fn restart(
    transaction: &Transaction<'_>,
    which: &str,
    value: impl rusqlite::ToSql,
) -> Result<(), Error> {
    let mut statement =
        transaction.prepare_cached(&format!("SELECT * FROM dispatch WHERE {which}"))?;
    let rows: Vec<Dispatch> = statement
        .query_map([value], read)?
        .collect::<rusqlite::Result<_>>()?;
    for held in rows {
        enter(
            transaction,
            &held,
            Event::Restarted,
            held.cause.as_ref(),
            held.next_at,
        )?;
    }
    Ok(())
}

fn find(connection: &Connection, id: DispatchId) -> Result<Option<Dispatch>, Error> {
    Ok(connection
        .query_row(
            "SELECT * FROM dispatch WHERE id = ?1",
            [id.to_string()],
            read,
        )
        .optional()?)
}

fn one(connection: &Connection, id: DispatchId) -> Result<Dispatch, Error> {
    find(connection, id)?.ok_or_else(|| Error::NotFound {
        what: "dispatch",
        id: id.to_string(),
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Dispatch> {
    let cause = row.get::<_, Option<String>>("cause_code")?.map(|code| {
        row.get::<_, Option<String>>("cause_detail")
            .map(|detail| Cause {
                code,
                detail: detail.unwrap_or_default(),
                http_status: None,
            })
    });
    Ok(Dispatch {
        id: column::parsed(row, "id")?,
        letter_id: column::parsed(row, "letter_id")?,
        state: column::keyed(row, "state", OutboxState::from_key)?,
        manifest: FrozenManifest {
            bytes: row.get("manifest")?,
            digest: column::parsed(row, "manifest_digest")?,
        },
        content: column::parsed(row, "content")?,
        doc_key: column::parsed(row, "doc_key")?,
        created_at: column::time(row, "created_at_ms")?,
        deadline: column::time(row, "deadline_ms")?,
        next_at: column::time_or_none(row, "next_at_ms")?,
        attempts: row.get("attempts")?,
        submit_attempts: row.get("submit_attempts")?,
        cause: cause.transpose()?,
        submitted_at: column::time_or_none(row, "submitted_at_ms")?,
        closed_at: column::time_or_none(row, "closed_at_ms")?,
    })
}

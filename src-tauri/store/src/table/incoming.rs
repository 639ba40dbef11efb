//! Incoming letters: registered when they arrive, judged, then accepted or refused by a person.

use antin_records::{
    AgencyId, DeliveryId, DispatchId, DispatchManifest, DocKey, FrozenManifest, Sha256Digest,
    StatusCode, StatusMessage, calendar,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use time::OffsetDateTime;

use super::op;
use crate::{Error, NewIncoming, Store, column};

/// What has become of an incoming letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IncomingState {
    /// Nobody has decided.
    New,
    /// 03; it has an arrival number.
    Accepted,
    /// 02; it has a reason.
    Refused,
}

impl IncomingState {
    const ALL: [Self; 3] = [Self::New, Self::Accepted, Self::Refused];

    /// The name in JSON and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    /// Reads [`IncomingState::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// An incoming letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Its identity in our mailbox.
    pub delivery_id: DeliveryId,
    /// The dispatch it came with.
    pub dispatch_id: DispatchId,
    /// What the sender declared, as received.
    pub manifest: FrozenManifest,
    /// Digest of the file, whether it has been fetched or not.
    pub content: Sha256Digest,
    /// The document.
    pub doc_key: DocKey,
    /// Who sent it.
    pub sender: AgencyId,
    /// When it was registered here.
    pub received_at: OffsetDateTime,
    /// What has become of it.
    pub state: IncomingState,
    /// What our own examination found; none before the file was fetched and judged. The caller's JSON.
    pub verdict: Option<serde_json::Value>,
    /// An earlier delivery of the same document under another dispatch.
    pub duplicate_of: Option<DeliveryId>,
    /// Số đến with its year.
    pub arrival: Option<(i32, u32)>,
    /// When it was accepted or refused.
    pub decided_at: Option<OffsetDateTime>,
    /// Why it was refused.
    pub reason: Option<String>,
}

impl Store {
    /// Every incoming letter, undecided ones first, then urgent ones, then the newest.
    pub fn incoming_letters(&self) -> Result<Vec<Incoming>, Error> {
        self.list("SELECT * FROM incoming ORDER BY state = 'new' DESC, urgency_rank DESC, received_at_ms DESC, delivery_id DESC")
    }

    /// The incoming letters that have not been judged yet, in the order they came.
    pub fn incoming_unjudged(&self) -> Result<Vec<Incoming>, Error> {
        self.list("SELECT * FROM incoming WHERE verdict IS NULL ORDER BY urgency_rank DESC, received_at_ms, delivery_id")
    }

    /// One incoming letter.
    pub fn incoming_letter(&self, id: DeliveryId) -> Result<Incoming, Error> {
        self.read(|connection| one(connection, id))
    }

    /// Records what our own examination found. A later, better informed one replaces it while nobody has decided.
    pub fn judged(&self, id: DeliveryId, verdict: &serde_json::Value) -> Result<Incoming, Error> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE incoming SET verdict = ?2 WHERE delivery_id = ?1 AND (state = 'new' OR verdict IS NULL)",
                params![id.to_string(), verdict.to_string()],
            )?;
            one(transaction, id)
        })
    }

    /// Registers a letter under the next arrival number of the year and queues 03, in one transaction.
    pub fn accept(&self, id: DeliveryId, now: OffsetDateTime) -> Result<Incoming, Error> {
        let year = calendar::date_in_vietnam(now).year();
        let message = StatusMessage {
            code: StatusCode::Accepted,
            reason: None,
            at: now,
        };
        self.write(|transaction| {
            undecided(transaction, id)?;
            transaction.execute(
                "UPDATE incoming SET state = 'accepted', decided_at_ms = :now, arrival_year = :year,
                     arrival_number = (SELECT coalesce(max(arrival_number), 0) + 1 FROM incoming WHERE arrival_year = :year)
                 WHERE delivery_id = :id",
                named_params! { ":id": id.to_string(), ":now": column::ms(now), ":year": year },
            )?;
            op::add(transaction, id, &message)?;
            one(transaction, id)
        })
    }

    /// Refuses a letter with a reason and queues 02, in one transaction.
    pub fn refuse(
        &self,
        id: DeliveryId,
        reason: &str,
        now: OffsetDateTime,
    ) -> Result<Incoming, Error> {
        let message = StatusMessage {
            code: StatusCode::Refused,
            reason: Some(reason.to_owned()),
            at: now,
        };
        self.write(|transaction| {
            undecided(transaction, id)?;
            transaction.execute(
                "UPDATE incoming SET state = 'refused', decided_at_ms = ?2, reason = ?3 WHERE delivery_id = ?1",
                params![id.to_string(), column::ms(now), reason],
            )?;
            op::add(transaction, id, &message)?;
            one(transaction, id)
        })
    }

    fn list(&self, query: &str) -> Result<Vec<Incoming>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            Ok(statement
                .query_map([], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Registers a delivery and queues 01. False when it is already here: mailboxes deliver at least once.
pub(crate) fn register(
    transaction: &Transaction<'_>,
    new: &NewIncoming,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let manifest = DispatchManifest::parse(&new.manifest)?;
    let digest = Sha256Digest::of(&new.manifest);
    let duplicate_of: Option<String> = transaction
        .query_row(
            "SELECT delivery_id FROM incoming WHERE doc_key = ?1 AND dispatch_id <> ?2 ORDER BY received_at_ms LIMIT 1",
            params![manifest.doc_key.to_string(), manifest.dispatch_id.to_string()],
            |row| row.get(0),
        )
        .optional()?;
    let added = transaction.execute(
        "INSERT INTO incoming (delivery_id, dispatch_id, manifest, manifest_digest, content, doc_key, sender, urgency_rank,
                               received_at_ms, state, duplicate_of)
         VALUES (:id, :dispatch_id, :manifest, :digest, :content, :doc_key, :sender, :rank, :now, 'new', :duplicate_of)
         ON CONFLICT (delivery_id) DO NOTHING",
        named_params! {
            ":id": new.delivery_id.to_string(),
            ":dispatch_id": manifest.dispatch_id.to_string(),
            ":manifest": new.manifest,
            ":digest": digest.to_string(),
            ":content": manifest.content.sha256.to_string(),
            ":doc_key": manifest.doc_key.to_string(),
            ":sender": manifest.sender.id.as_str(),
            ":rank": manifest.urgency.rank(),
            ":now": column::ms(now),
            ":duplicate_of": duplicate_of,
        },
    )?;
    if added == 0 {
        return Ok(false);
    }
    op::add(
        transaction,
        new.delivery_id,
        &StatusMessage {
            code: StatusCode::Arrived,
            reason: None,
            at: now,
        },
    )?;
    Ok(true)
}

fn undecided(connection: &Connection, id: DeliveryId) -> Result<(), Error> {
    let held = one(connection, id)?;
    if held.state != IncomingState::New {
        return Err(Error::AlreadyDecided { id: id.to_string() });
    }
    if held.verdict.is_none() {
        Err(Error::NotJudged { id: id.to_string() })
    } else {
        Ok(())
    }
}

fn one(connection: &Connection, id: DeliveryId) -> Result<Incoming, Error> {
    let row = connection.query_row(
        "SELECT * FROM incoming WHERE delivery_id = ?1",
        [id.to_string()],
        read,
    );
    column::found(row, "delivery", id)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Incoming> {
    let year: Option<i32> = row.get("arrival_year")?;
    let number: Option<u32> = row.get("arrival_number")?;
    Ok(Incoming {
        delivery_id: column::parsed(row, "delivery_id")?,
        dispatch_id: column::parsed(row, "dispatch_id")?,
        manifest: FrozenManifest {
            bytes: row.get("manifest")?,
            digest: column::parsed(row, "manifest_digest")?,
        },
        content: column::parsed(row, "content")?,
        doc_key: column::parsed(row, "doc_key")?,
        sender: column::parsed(row, "sender")?,
        received_at: column::time(row, "received_at_ms")?,
        state: column::keyed(row, "state", IncomingState::from_key)?,
        verdict: column::json_or_none(row, "verdict")?,
        duplicate_of: column::parsed_or_none(row, "duplicate_of")?,
        arrival: year.zip(number),
        decided_at: column::time_or_none(row, "decided_at_ms")?,
        reason: row.get("reason")?,
    })
}

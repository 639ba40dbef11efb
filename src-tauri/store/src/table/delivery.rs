//! Deliveries: one row per recipient of a dispatch, moved only by verified receipts.

use antin_records::{
    AgencyId, DeliveryState, DispatchId, DispatchManifest, ReceiptKind, ReceiptStatement,
};
use rusqlite::{Connection, Row, Transaction, params};
use time::OffsetDateTime;

use crate::{Error, Store, column};

/// How far one recipient has got with one dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The dispatch.
    pub dispatch_id: DispatchId,
    /// The recipient.
    pub recipient: AgencyId,
    /// The recipient's name as the manifest has it.
    pub name: String,
    /// How far.
    pub state: DeliveryState,
    /// When it entered this state, by the issuer's clock.
    pub at: Option<OffsetDateTime>,
    /// The reason of a refusal.
    pub reason: Option<String>,
}

impl Store {
    /// The deliveries of a dispatch, in the manifest's order.
    pub fn deliveries(&self, dispatch: DispatchId) -> Result<Vec<Delivery>, Error> {
        self.read(|connection| of(connection, dispatch))
    }
}

pub(crate) fn of(connection: &Connection, dispatch: DispatchId) -> Result<Vec<Delivery>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT * FROM delivery WHERE dispatch_id = ?1 ORDER BY ordinal")?;
    Ok(statement
        .query_map([dispatch.to_string()], read)?
        .collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn add(transaction: &Transaction<'_>, manifest: &DispatchManifest) -> Result<(), Error> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO delivery (dispatch_id, ordinal, recipient, name, state) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (ordinal, recipient) in manifest.recipients.iter().enumerate() {
        statement.execute(params![
            manifest.dispatch_id.to_string(),
            i64::try_from(ordinal).unwrap_or(i64::MAX),
            recipient.id.as_str(),
            recipient.name,
            DeliveryState::None.key(),
        ])?;
    }
    Ok(())
}

/// Merges one verified receipt into the deliveries it speaks of: one recipient, or all of them.
pub(crate) fn merge(
    transaction: &Transaction<'_>,
    statement: &ReceiptStatement,
) -> Result<(), Error> {
    for delivery in of(transaction, statement.dispatch_id)? {
        if statement
            .recipient
            .as_ref()
            .is_some_and(|named| *named != delivery.recipient)
        {
            continue;
        }
        let next = delivery.state.merge(statement.kind);
        if next == delivery.state {
            continue;
        }
        let reason = (statement.kind == ReceiptKind::Refusal)
            .then_some(statement.reason.as_deref())
            .flatten();
        transaction.execute(
            "UPDATE delivery SET state = ?3, at_ms = ?4, reason = coalesce(?5, reason) WHERE dispatch_id = ?1 AND recipient = ?2",
            params![
                delivery.dispatch_id.to_string(),
                delivery.recipient.as_str(),
                next.key(),
                column::ms(statement.event_time),
                reason,
            ],
        )?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        dispatch_id: column::parsed(row, "dispatch_id")?,
        recipient: column::parsed(row, "recipient")?,
        name: row.get("name")?,
        state: column::keyed(row, "state", DeliveryState::from_key)?,
        at: column::time_or_none(row, "at_ms")?,
        reason: row.get("reason")?,
    })
}

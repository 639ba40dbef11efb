//! What is still to be said to the province about deliveries: 01, 02, 03 … The identity of the row is the Idempotency-Key
//! and the body is frozen, so saying it again after a crash is harmless and needs no UNKNOWN.

use std::path::Path;

use antin_records::{DeliveryId, IdempotencyKey, StatusCode, StatusMessage};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use time::{Duration, OffsetDateTime};

use super::{dispatch, receipt};
use crate::{Cause, Error, NewReceipt, Store, column, owner};

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpState {
    /// To be sent, or sent without a known answer: both are sent again under the same key.
    Queued,
    /// Answered with a receipt.
    Done,
    /// Refused for good.
    Blocked,
}

impl OpState {
    const ALL: [Self; 3] = [Self::Queued, Self::Done, Self::Blocked];

    /// The name in JSON and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Done => "done",
            Self::Blocked => "blocked",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Op {
    /// Its identity, sent as Idempotency-Key.
    pub id: IdempotencyKey,
    /// The delivery it speaks of.
    pub delivery_id: DeliveryId,
    /// What it says.
    pub code: StatusCode,
    /// The bytes of every attempt.
    pub body: Vec<u8>,
    /// Where it stands.
    pub state: OpState,
    /// Not before this moment.
    pub next_at: Option<OffsetDateTime>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it waits or is blocked.
    pub cause: Option<Cause>,
}

/// The right to send one operation until the lease runs out.
#[derive(Debug)]
pub struct OpClaim {
    /// The operation.
    pub op: Op,
    until_ms: i64,
}

impl Store {
    /// Takes the operation whose turn it is. Operations of one delivery are sent in the order they were decided.
    pub fn claim_due_op(
        &self,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Option<OpClaim>, Error> {
        let until_ms = column::ms(now.saturating_add(lease));
        self.write(|transaction| {
            recover(transaction, self.dir())?;
            transaction.execute(
                "UPDATE op SET lease_owner = NULL, lease_until_ms = NULL WHERE lease_until_ms <= ?1",
                [column::ms(now)],
            )?;
            let due: Option<String> = transaction
                .query_row(
                    "SELECT id FROM op
                     WHERE state = 'queued' AND lease_owner IS NULL AND (next_at_ms IS NULL OR next_at_ms <= ?1)
                       AND NOT EXISTS (SELECT 1 FROM op AS earlier WHERE earlier.delivery_id = op.delivery_id
                                         AND earlier.ordinal < op.ordinal AND earlier.state = 'queued')
                     ORDER BY ordinal LIMIT 1",
                    [column::ms(now)],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(id) = due else { return Ok(None) };
            transaction.execute(
                "UPDATE op SET lease_owner = ?2, lease_until_ms = ?3, attempts = attempts + 1 WHERE id = ?1",
                params![id, self.owner_id(), until_ms],
            )?;
            Ok(Some(OpClaim { op: one(transaction, id.parse()?)?, until_ms }))
        })
    }

    /// The operations on one delivery, in order.
    pub fn ops(&self, delivery: DeliveryId) -> Result<Vec<Op>, Error> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT * FROM op WHERE delivery_id = ?1 ORDER BY ordinal")?;
            Ok(statement
                .query_map([delivery.to_string()], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How many operations are still to be sent.
    pub fn ops_pending(&self) -> Result<u64, Error> {
        self.read(|connection| {
            let count: i64 = connection.query_row(
                "SELECT count(*) FROM op WHERE state = 'queued'",
                [],
                |row| row.get(0),
            )?;
            Ok(u64::try_from(count).unwrap_or(0))
        })
    }

    /// Answered: the receipt and the end of the operation in one transaction.
    pub fn op_done(
        &self,
        claim: OpClaim,
        receipt: &NewReceipt,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            self.end(transaction, &claim, OpState::Done, None, None)?;
            transaction.execute(
                "UPDATE op SET done_at_ms = ?2 WHERE id = ?1",
                params![claim.op.id.to_string(), column::ms(now)],
            )?;
            receipt::keep(transaction, receipt, now)?;
            dispatch::proven(transaction, receipt, now)
        })
    }

    /// It is tried again at `next_at`, under the same key.
    pub fn op_retry_at(
        &self,
        claim: OpClaim,
        cause: &Cause,
        next_at: OffsetDateTime,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            self.end(
                transaction,
                &claim,
                OpState::Queued,
                Some(cause),
                Some(next_at),
            )
        })
    }

    /// Refused for good; a person must act.
    pub fn op_blocked(&self, claim: OpClaim, cause: &Cause) -> Result<(), Error> {
        self.write(|transaction| self.end(transaction, &claim, OpState::Blocked, Some(cause), None))
    }

    fn end(
        &self,
        transaction: &Transaction<'_>,
        claim: &OpClaim,
        state: OpState,
        cause: Option<&Cause>,
        next_at: Option<OffsetDateTime>,
    ) -> Result<(), Error> {
        let id = claim.op.id.to_string();
        let changed = transaction.execute(
            "UPDATE op SET state = :state, next_at_ms = :next_at, cause_code = :code, cause_detail = :detail,
                 lease_owner = NULL, lease_until_ms = NULL
             WHERE id = :id AND lease_owner = :owner AND lease_until_ms = :until",
            named_params! {
                ":id": id,
                ":state": state.key(),
                ":next_at": next_at.map(column::ms),
                ":code": cause.map(|cause| &cause.code),
                ":detail": cause.map(|cause| &cause.detail),
                ":owner": self.owner_id(),
                ":until": claim.until_ms,
            },
        )?;
        if changed == 1 {
            Ok(())
        } else {
            Err(Error::LeaseLost { id })
        }
    }
}

/// Queues a message about a delivery.
pub(crate) fn add(
    transaction: &Transaction<'_>,
    delivery: DeliveryId,
    message: &StatusMessage,
) -> Result<(), Error> {
    transaction.execute(
        "INSERT INTO op (id, ordinal, delivery_id, code, body, state, created_at_ms)
         VALUES (?1, (SELECT coalesce(max(ordinal), 0) + 1 FROM op), ?2, ?3, ?4, ?5, ?6)",
        params![
            IdempotencyKey::mint(message.at).to_string(),
            delivery.to_string(),
            message.code.digits(),
            message.freeze()?,
            OpState::Queued.key(),
            column::ms(message.at),
        ],
    )?;
    Ok(())
}

/// Frees the rows whose owner is gone.
pub(crate) fn recover(transaction: &Transaction<'_>, dir: &Path) -> Result<(), Error> {
    let owners: Vec<String> = transaction
        .prepare_cached("SELECT DISTINCT lease_owner FROM op WHERE lease_owner IS NOT NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for gone in owners.iter().filter(|id| !owner::is_alive(dir, id)) {
        transaction.execute(
            "UPDATE op SET lease_owner = NULL, lease_until_ms = NULL WHERE lease_owner = ?1",
            [gone],
        )?;
    }
    Ok(())
}

fn one(connection: &Connection, id: IdempotencyKey) -> Result<Op, Error> {
    column::found(
        connection.query_row("SELECT * FROM op WHERE id = ?1", [id.to_string()], read),
        "op",
        id,
    )
}

fn read(row: &Row<'_>) -> rusqlite::Result<Op> {
    let detail: Option<String> = row.get("cause_detail")?;
    let cause = row
        .get::<_, Option<String>>("cause_code")?
        .map(|code| Cause {
            code,
            detail: detail.unwrap_or_default(),
            http_status: None,
        });
    Ok(Op {
        id: column::parsed(row, "id")?,
        delivery_id: column::parsed(row, "delivery_id")?,
        code: column::parsed(row, "code")?,
        body: row.get("body")?,
        state: column::keyed(row, "state", OpState::from_key)?,
        next_at: column::time_or_none(row, "next_at_ms")?,
        attempts: row.get("attempts")?,
        cause,
    })
}

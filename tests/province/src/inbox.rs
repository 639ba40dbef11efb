//! Mailboxes: what has changed for an agency, and what it says about its deliveries.

use antin_records::{
    Agency, AgencyId, DeliveryId, DeliveryState, DispatchManifest, IdempotencyKey, Sha256Digest,
    StatusMessage,
    contract::{Base64, Change, ChangePage, PAGE_LIMIT, ProblemKind},
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{Province, problem::Problem, receipts::Subject};

/// Cursors are opaque to clients; the prefix lets us change what they mean.
const CURSOR: &str = "m1-";

/// A status that was taken: now, or by an earlier request.
pub(crate) struct Taken {
    pub(crate) receipt: Vec<u8>,
    pub(crate) repeated: bool,
}

struct Held {
    manifest: DispatchManifest,
    request_digest: Sha256Digest,
    sender: AgencyId,
    recipient: AgencyId,
    state: DeliveryState,
}

impl Province {
    /// The page behind a cursor. Clients may ask for it as often as they like.
    pub(crate) fn changes(
        &self,
        caller: &Agency,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> Result<ChangePage, Problem> {
        let after = after.map_or(Some(0), |cursor| {
            cursor.strip_prefix(CURSOR)?.parse::<u32>().ok()
        });
        let after =
            after.ok_or_else(|| Problem::with(ProblemKind::InvalidRequest, "no cursor of ours"))?;
        let limit = limit.unwrap_or(PAGE_LIMIT).clamp(1, PAGE_LIMIT);
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT change.seq, change.delivery_id, dispatch.manifest, receipt.der FROM change
                 LEFT JOIN delivery ON delivery.id = change.delivery_id
                 LEFT JOIN dispatch ON dispatch.id = delivery.dispatch_id
                 LEFT JOIN receipt ON receipt.digest = change.receipt
                 WHERE change.mailbox = ?1 AND change.seq > ?2 ORDER BY change.seq LIMIT ?3",
            )?;
            // One more than asked for tells whether there is more.
            let mut rows = statement.query(params![caller.id.as_str(), after, limit + 1])?;
            let mut page = ChangePage {
                items: Vec::new(),
                next: format!("{CURSOR}{after}"),
                has_more: false,
            };
            while let Some(row) = rows.next()? {
                if page.items.len() == usize::try_from(limit).unwrap_or(usize::MAX) {
                    page.has_more = true;
                    break;
                }
                page.items.push(change(row)?);
                page.next = format!("{CURSOR}{}", row.get::<_, u32>("seq")?);
            }
            Ok(page)
        })
    }

    /// Takes a status of a delivery. Repeated under its key, or said again under another, it has the first receipt.
    pub(crate) fn status(
        &self,
        caller: &Agency,
        delivery: DeliveryId,
        key: IdempotencyKey,
        body: &[u8],
    ) -> Result<Taken, Problem> {
        let message = StatusMessage::parse(body)
            .map_err(|error| Problem::with(ProblemKind::InvalidRequest, error))?;
        let request = format!("{delivery} {}", Sha256Digest::of(body));
        self.database.write(|transaction| {
            if let Some(receipt) = answered(transaction, caller, key, &request)? {
                return Ok(Taken {
                    receipt,
                    repeated: true,
                });
            }
            let held = held(transaction, caller, delivery)?;
            let taken = match message.code.next(held.state) {
                Some(next) => {
                    transaction.execute(
                        "UPDATE delivery SET state = ?2 WHERE id = ?1",
                        params![delivery.to_string(), next.key()],
                    )?;
                    Taken {
                        receipt: self.prove(transaction, delivery, &held, &message)?,
                        repeated: false,
                    }
                }
                None => {
                    let said = said_before(transaction, delivery, &message)?.ok_or_else(|| {
                        Problem::with(
                            ProblemKind::IllegalTransition,
                            format!("{} in {}", message.code, held.state.key()),
                        )
                    })?;
                    Taken {
                        receipt: said,
                        repeated: true,
                    }
                }
            };
            transaction.execute(
                "INSERT INTO idempotency (agency, key, request, receipt) VALUES (?1, ?2, ?3, ?4)",
                params![caller.id.as_str(), key.to_string(), request, taken.receipt],
            )?;
            Ok(taken)
        })
    }

    fn prove(
        &self,
        transaction: &Transaction<'_>,
        delivery: DeliveryId,
        held: &Held,
        message: &StatusMessage,
    ) -> Result<Vec<u8>, Problem> {
        let subject = Subject {
            kind: message.code.receipt_kind(),
            manifest: &held.manifest,
            request_digest: held.request_digest,
            sender: &held.sender,
            delivery: Some((delivery.to_string(), held.recipient.clone())),
            reason: message.reason.clone(),
            at: self.now(),
        };
        self.append_receipt(transaction, subject)
    }
}

fn change(row: &Row<'_>) -> Result<Change, Problem> {
    let delivery: Option<String> = row.get("delivery_id")?;
    let manifest: Option<Vec<u8>> = row.get("manifest")?;
    let receipt: Option<Vec<u8>> = row.get("der")?;
    match (delivery, manifest, receipt) {
        (Some(delivery), Some(manifest), _) => Ok(Change::Delivery {
            delivery_id: delivery.parse().map_err(Problem::internal)?,
            manifest: String::from_utf8(manifest).map_err(Problem::internal)?,
        }),
        (_, _, Some(der)) => Ok(Change::Receipt {
            receipt: Base64(der),
        }),
        _ => Err(Problem::internal("a change of nothing")),
    }
}

/// The first answer under this key; a problem, if the key was another request's.
fn answered(
    transaction: &Transaction<'_>,
    caller: &Agency,
    key: IdempotencyKey,
    request: &str,
) -> Result<Option<Vec<u8>>, Problem> {
    let row: Option<(String, Vec<u8>)> = transaction
        .query_row(
            "SELECT request, receipt FROM idempotency WHERE agency = ?1 AND key = ?2",
            params![caller.id.as_str(), key.to_string()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match row {
        Some((first, _)) if first != request => Err(Problem::new(ProblemKind::KeyReused)),
        other => Ok(other.map(|(_, receipt)| receipt)),
    }
}

fn said_before(
    connection: &Connection,
    delivery: DeliveryId,
    message: &StatusMessage,
) -> Result<Option<Vec<u8>>, Problem> {
    let row = connection.query_row(
        "SELECT der FROM receipt WHERE delivery_id = ?1 AND kind = ?2 ORDER BY seq LIMIT 1",
        params![delivery.to_string(), message.code.receipt_kind().key()],
        |row| row.get(0),
    );
    Ok(row.optional()?)
}

fn held(connection: &Connection, caller: &Agency, delivery: DeliveryId) -> Result<Held, Problem> {
    let row: Option<(Vec<u8>, String, String, String, String)> = connection
        .query_row(
            "SELECT dispatch.manifest, dispatch.digest, dispatch.sender, delivery.recipient, delivery.state
             FROM delivery JOIN dispatch ON dispatch.id = delivery.dispatch_id
             WHERE delivery.id = ?1 AND delivery.mailbox = ?2",
            params![delivery.to_string(), caller.id.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )
        .optional()?;
    let (manifest, digest, sender, recipient, state) =
        row.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    Ok(Held {
        manifest: DispatchManifest::parse(&manifest).map_err(Problem::internal)?,
        request_digest: digest.parse().map_err(Problem::internal)?,
        sender: sender.parse().map_err(Problem::internal)?,
        recipient: recipient.parse().map_err(Problem::internal)?,
        state: DeliveryState::from_key(&state).unwrap_or_default(),
    })
}

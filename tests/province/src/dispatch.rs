//! Dispatches: accepted once, for good, and proven by one receipt.

use antin_records::{
    Agency, AgencyId, DeliveryId, DeliveryState, DispatchId, DispatchManifest, ReceiptKind,
    Sha256Digest,
    contract::{Base64, DeliveryView, DispatchView, ProblemKind},
};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};

use crate::{Province, content, problem::Problem, receipts::Subject, verify_letter};

/// A dispatch that was accepted: now, or by an earlier request with the same bytes.
pub(crate) struct Accepted {
    pub(crate) receipt: Vec<u8>,
    pub(crate) repeated: bool,
}

struct Held {
    sender: String,
    digest: String,
    receipt: Vec<u8>,
}

impl Province {
    /// Accepts a dispatch. These bytes under this identity are accepted once; asked again, the answer is the first receipt.
    pub(crate) fn submit(
        &self,
        caller: &Agency,
        id: DispatchId,
        body: &[u8],
    ) -> Result<Accepted, Problem> {
        let manifest = DispatchManifest::parse(body)
            .map_err(|error| Problem::with(ProblemKind::InvalidRequest, error))?;
        if manifest.dispatch_id != id {
            return Err(Problem::with(
                ProblemKind::InvalidRequest,
                "the manifest names another dispatch",
            ));
        }
        if !caller.is_called(&manifest.sender.id) {
            return Err(Problem::new(ProblemKind::NotYourOffice));
        }
        let digest = Sha256Digest::of(body);
        if let Some(repeated) = self
            .database
            .read(|connection| repeated(connection, caller, id, digest))?
        {
            return Ok(repeated);
        }
        let recipients = self.addressees(&manifest)?;
        self.database
            .read(|connection| fresh(connection, &manifest, caller, &recipients))?;
        // Judging a letter takes its time, so it is done before the transaction; its result depends on the bytes alone.
        let letter = self.read_content(manifest.content.sha256)?;
        verify_letter(&letter, &self.trust, self.now())
            .map_err(|problem| Problem::with(ProblemKind::SignatureInvalid, problem))?;
        self.database.write(|transaction| {
            if let Some(repeated) = repeated(transaction, caller, id, digest)? {
                return Ok(repeated);
            }
            fresh(transaction, &manifest, caller, &recipients)?;
            let receipt = self.accept(transaction, caller, &manifest, body, digest, &recipients)?;
            Ok(Accepted {
                receipt,
                repeated: false,
            })
        })
    }

    /// One of the caller's dispatches as it stands.
    pub(crate) fn dispatch(
        &self,
        caller: &Agency,
        id: DispatchId,
    ) -> Result<DispatchView, Problem> {
        self.database.read(|connection| {
            let held = held(connection, id)?.filter(|held| held.sender == caller.id.as_str());
            let held = held.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
            let mut statement = connection.prepare_cached(
                "SELECT recipient, state FROM delivery WHERE dispatch_id = ?1 ORDER BY ordinal",
            )?;
            let rows = statement.query_map([id.to_string()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })?;
            let mut deliveries = Vec::new();
            for row in rows {
                let (recipient, state) = row?;
                deliveries.push(DeliveryView {
                    recipient: recipient.parse().map_err(Problem::internal)?,
                    state: DeliveryState::from_key(&state).unwrap_or_default(),
                });
            }
            let request_digest = held.digest.parse().map_err(Problem::internal)?;
            Ok(DispatchView {
                dispatch_id: id,
                request_digest,
                receipt: Base64(held.receipt),
                deliveries,
            })
        })
    }

    /// The recipients in the directory, each once, beside the code the manifest uses.
    fn addressees(
        &self,
        manifest: &DispatchManifest,
    ) -> Result<Vec<(AgencyId, AgencyId)>, Problem> {
        let mut found: Vec<(AgencyId, AgencyId)> = Vec::new();
        for recipient in &manifest.recipients {
            let agency = self
                .config
                .find(&recipient.id)
                .filter(|agency| !found.iter().any(|(id, _)| *id == agency.id));
            let agency = agency
                .ok_or_else(|| Problem::with(ProblemKind::InvalidAddressee, &recipient.id))?;
            found.push((agency.id.clone(), recipient.id.clone()));
        }
        Ok(found)
    }

    fn accept(
        &self,
        transaction: &Transaction<'_>,
        caller: &Agency,
        manifest: &DispatchManifest,
        body: &[u8],
        digest: Sha256Digest,
        recipients: &[(AgencyId, AgencyId)],
    ) -> Result<Vec<u8>, Problem> {
        let now = self.now();
        let receipt = self.append_receipt(
            transaction,
            Subject {
                kind: ReceiptKind::SubmissionAcceptance,
                manifest,
                request_digest: digest,
                sender: &caller.id,
                delivery: None,
                reason: None,
                at: now,
            },
        )?;
        transaction.execute(
            "INSERT INTO dispatch (id, sender, doc_key, content, manifest, digest, receipt)
             VALUES (:id, :sender, :doc_key, :content, :manifest, :digest, :receipt)",
            named_params! {
                ":id": manifest.dispatch_id.to_string(),
                ":sender": caller.id.as_str(),
                ":doc_key": manifest.doc_key.to_string(),
                ":content": manifest.content.sha256.to_string(),
                ":manifest": body,
                ":digest": digest.to_string(),
                ":receipt": receipt,
            },
        )?;
        for (ordinal, (mailbox, recipient)) in recipients.iter().enumerate() {
            let delivery = DeliveryId::mint(now).to_string();
            transaction.execute(
                "INSERT INTO delivery (id, dispatch_id, ordinal, recipient, mailbox, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    delivery,
                    manifest.dispatch_id.to_string(),
                    i64::try_from(ordinal).map_err(Problem::internal)?,
                    recipient.as_str(),
                    mailbox.as_str(),
                    DeliveryState::Relayed.key(),
                ],
            )?;
            transaction.execute(
                "INSERT INTO change (mailbox, delivery_id) VALUES (?1, ?2)",
                params![mailbox.as_str(), delivery],
            )?;
            content::grant(
                transaction,
                mailbox.as_str(),
                manifest.content.sha256,
                manifest.content.size,
            )?;
        }
        Ok(receipt)
    }
}

fn held(connection: &Connection, id: DispatchId) -> Result<Option<Held>, Problem> {
    let row = connection.query_row(
        "SELECT sender, digest, receipt FROM dispatch WHERE id = ?1",
        [id.to_string()],
        |row| {
            Ok(Held {
                sender: row.get(0)?,
                digest: row.get(1)?,
                receipt: row.get(2)?,
            })
        },
    );
    Ok(row.optional()?)
}

/// The first answer, if these bytes were accepted before; a conflict, if others were.
fn repeated(
    connection: &Connection,
    caller: &Agency,
    id: DispatchId,
    digest: Sha256Digest,
) -> Result<Option<Accepted>, Problem> {
    match held(connection, id)? {
        None => Ok(None),
        Some(held) if held.sender == caller.id.as_str() && held.digest == digest.to_string() => {
            Ok(Some(Accepted {
                receipt: held.receipt,
                repeated: true,
            }))
        }
        Some(_) => Err(Problem::new(ProblemKind::DispatchConflict)),
    }
}

/// Refuses a dispatch whose file is not here, and one that would bring a recipient the same document, or another one under
/// the same number, again. The same letter to further recipients is a dispatch of its own.
fn fresh(
    connection: &Connection,
    manifest: &DispatchManifest,
    caller: &Agency,
    recipients: &[(AgencyId, AgencyId)],
) -> Result<(), Problem> {
    let stated = content::stated(connection, caller, manifest.content.sha256)?;
    let complete = stated
        .filter(|stated| stated.complete)
        .ok_or_else(|| Problem::new(ProblemKind::ContentMissing))?;
    if complete.length != manifest.content.size {
        return Err(Problem::with(
            ProblemKind::InvalidRequest,
            format!("the content has {} bytes", complete.length),
        ));
    }
    let mut statement = connection.prepare_cached(
        "SELECT dispatch.id, dispatch.content, delivery.mailbox FROM dispatch JOIN delivery ON delivery.dispatch_id = dispatch.id
         WHERE dispatch.doc_key = ?1",
    )?;
    let mut rows = statement.query([manifest.doc_key.to_string()])?;
    while let Some(row) = rows.next()? {
        let (id, content, mailbox): (String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let addressed = recipients
            .iter()
            .any(|(recipient, _)| recipient.as_str() == mailbox);
        if addressed || content != manifest.content.sha256.to_string() {
            return Err(Problem::new(ProblemKind::DuplicateDocumentNumber).existing(id));
        }
    }
    Ok(())
}

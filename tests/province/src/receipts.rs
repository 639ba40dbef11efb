//! Receipts: signed statements, chained for each sender. A receipt is appended in the transaction that changes what it
//! states, and handed out only after that transaction is committed.

use antin_records::{
    AgencyId, DispatchManifest, ReceiptId, ReceiptKind, ReceiptStatement, Sha256Digest,
    contract::{Base64, ProblemKind, ReceiptList},
    receipt,
};
use rusqlite::{OptionalExtension, Transaction, named_params, params};
use time::OffsetDateTime;

use crate::{Province, problem::Problem};
use antin_records::{Agency, DispatchId};

/// What a receipt is about.
pub(crate) struct Subject<'a> {
    pub(crate) kind: ReceiptKind,
    pub(crate) manifest: &'a DispatchManifest,
    pub(crate) request_digest: Sha256Digest,
    /// The directory's code of the sender, whose chain it is.
    pub(crate) sender: &'a AgencyId,
    /// The delivery and the recipient as the manifest names it.
    pub(crate) delivery: Option<(String, AgencyId)>,
    pub(crate) reason: Option<String>,
    pub(crate) at: OffsetDateTime,
}

impl Province {
    /// Signs a receipt, appends it to the sender's chain and lays it into the sender's mailbox.
    pub(crate) fn append_receipt(
        &self,
        transaction: &Transaction<'_>,
        subject: Subject<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let chain = format!("{}/{}", self.config.issuer, subject.sender);
        let last: Option<(u64, String)> = transaction
            .query_row(
                "SELECT seq, digest FROM receipt WHERE chain = ?1 ORDER BY seq DESC LIMIT 1",
                [&chain],
                |row| Ok((row.get::<_, u32>(0)?.into(), row.get(1)?)),
            )
            .optional()?;
        let prev = last
            .as_ref()
            .map(|(_, digest)| digest.parse())
            .transpose()
            .map_err(Problem::internal)?;
        let (delivery, recipient) = subject.delivery.unzip();
        let statement = ReceiptStatement {
            v: receipt::VERSION,
            kind: subject.kind,
            receipt_id: ReceiptId::mint(subject.at),
            issuer: self.config.issuer.clone(),
            chain,
            seq: last.map_or(1, |(seq, _)| seq + 1),
            prev,
            dispatch_id: subject.manifest.dispatch_id,
            doc_key: subject.manifest.doc_key.clone(),
            request_digest: subject.request_digest,
            content_digest: subject.manifest.content.sha256,
            recipient,
            event_time: subject.at,
            reason: subject.reason,
        };
        let bytes = statement.to_bytes().map_err(Problem::internal)?;
        let der = self
            .signer
            .sign(&bytes, subject.at)
            .map_err(Problem::internal)?;
        keep(transaction, &statement, delivery.as_deref(), &der)?;
        transaction.execute(
            "INSERT INTO change (mailbox, receipt) VALUES (?1, ?2)",
            params![subject.sender.as_str(), Sha256Digest::of(&der).to_string()],
        )?;
        Ok(der)
    }

    /// The receipts of one of the caller's dispatches.
    pub(crate) fn receipts(
        &self,
        caller: &Agency,
        dispatch: DispatchId,
    ) -> Result<ReceiptList, Problem> {
        self.database.read(|connection| {
            let sender: Option<String> = connection
                .query_row(
                    "SELECT sender FROM dispatch WHERE id = ?1",
                    [dispatch.to_string()],
                    |row| row.get(0),
                )
                .optional()?;
            if sender.as_deref() != Some(caller.id.as_str()) {
                return Err(Problem::new(ProblemKind::NotFound));
            }
            let mut statement = connection
                .prepare_cached("SELECT der FROM receipt WHERE dispatch_id = ?1 ORDER BY seq")?;
            let receipts =
                statement.query_map([dispatch.to_string()], |row| Ok(Base64(row.get(0)?)))?;
            Ok(ReceiptList {
                receipts: receipts.collect::<Result<_, _>>()?,
            })
        })
    }
}

fn keep(
    transaction: &Transaction<'_>,
    statement: &ReceiptStatement,
    delivery: Option<&str>,
    der: &[u8],
) -> Result<(), Problem> {
    transaction.execute(
        "INSERT INTO receipt (chain, seq, digest, dispatch_id, delivery_id, kind, der)
         VALUES (:chain, :seq, :digest, :dispatch, :delivery, :kind, :der)",
        named_params! {
            ":chain": statement.chain,
            ":seq": i64::try_from(statement.seq).map_err(Problem::internal)?,
            ":digest": Sha256Digest::of(der).to_string(),
            ":dispatch": statement.dispatch_id.to_string(),
            ":delivery": delivery,
            ":kind": statement.kind.key(),
            ":der": der,
        },
    )?;
    Ok(())
}

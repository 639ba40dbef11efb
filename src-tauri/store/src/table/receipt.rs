//! Receipts: evidence, kept as received. Only verified ones move anything; the others are kept and shown.

use antin_records::{AgencyId, DispatchId, ReceiptId, ReceiptKind, ReceiptStatement, Sha256Digest};
use rusqlite::{Row, Transaction, named_params, params};
use time::OffsetDateTime;

use super::{delivery, dispatch};
use crate::{Error, Store, column};

/// A receipt to be kept, with what the caller found when checking it.
#[derive(Debug, Clone)]
pub struct NewReceipt {
    /// What it says.
    pub statement: ReceiptStatement,
    /// The CMS as received.
    pub der: Vec<u8>,
    /// True when signature, issuer and digests were checked and hold.
    pub verified: bool,
    /// What the check found; the caller's JSON.
    pub verdict: serde_json::Value,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Digest of the DER, which the next receipt of the chain names.
    pub digest: Sha256Digest,
    /// Its identity.
    pub receipt_id: ReceiptId,
    /// Who issued it.
    pub issuer: AgencyId,
    /// The chain it belongs to.
    pub chain: String,
    /// Its place in the chain.
    pub seq: u64,
    /// Digest of the one before it.
    pub prev: Option<Sha256Digest>,
    /// What it is evidence of.
    pub kind: ReceiptKind,
    /// The dispatch it speaks of.
    pub dispatch_id: DispatchId,
    /// The recipient it speaks of.
    pub recipient: Option<AgencyId>,
    /// When it happened.
    pub event_at: OffsetDateTime,
    /// The CMS as received.
    pub der: Vec<u8>,
    /// True when it was checked and holds.
    pub verified: bool,
    /// What the check found.
    pub verdict: serde_json::Value,
    /// When it came.
    pub received_at: OffsetDateTime,
}

/// What is wrong with a chain of receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainFinding {
    /// Receipts between two places are missing.
    Gap {
        /// The last place before the gap.
        after: u64,
        /// The first place behind it.
        before: u64,
    },
    /// Two different receipts claim one place.
    Fork {
        /// The place.
        seq: u64,
    },
    /// A receipt names another predecessor than the one that is there.
    BrokenLink {
        /// Its place.
        seq: u64,
    },
}

impl Store {
    /// Keeps a receipt that came by itself and lets it move the deliveries and the dispatch it proves, in one transaction.
    /// Repeating it changes nothing.
    pub fn store_receipt(&self, receipt: &NewReceipt, now: OffsetDateTime) -> Result<(), Error> {
        self.write(|transaction| {
            keep(transaction, receipt, now)?;
            dispatch::proven(transaction, receipt, now)
        })
    }

    /// The receipts of a dispatch, in the order of their chain.
    pub fn receipts(&self, dispatch: DispatchId) -> Result<Vec<Receipt>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT * FROM receipt WHERE dispatch_id = ?1 ORDER BY chain, seq, digest",
            )?;
            Ok(statement
                .query_map([dispatch.to_string()], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Walks one chain of verified receipts and reports gaps, forks and broken links.
    pub fn chain_findings(
        &self,
        issuer: &AgencyId,
        chain: &str,
    ) -> Result<Vec<ChainFinding>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, digest, prev FROM receipt WHERE issuer = ?1 AND chain = ?2 AND verified ORDER BY seq, digest",
            )?;
            let links = statement
                .query_map(params![issuer.as_str(), chain], |row| {
                    Ok(Link { seq: seq(row)?, digest: column::parsed(row, "digest")?, prev: column::parsed_or_none(row, "prev")? })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(judge(&links))
        })
    }
}

struct Link {
    seq: u64,
    digest: Sha256Digest,
    prev: Option<Sha256Digest>,
}

fn judge(links: &[Link]) -> Vec<ChainFinding> {
    let mut findings = Vec::new();
    let mut last: Option<&Link> = None;
    for link in links {
        let expected = last.map_or(1, |last| last.seq.saturating_add(1));
        if last.is_some_and(|last| last.seq == link.seq) {
            findings.push(ChainFinding::Fork { seq: link.seq });
            continue;
        }
        if link.seq > expected {
            findings.push(ChainFinding::Gap {
                after: expected.saturating_sub(1),
                before: link.seq,
            });
        } else if link.prev != last.map(|last| last.digest) {
            findings.push(ChainFinding::BrokenLink { seq: link.seq });
        }
        last = Some(link);
    }
    findings
}

/// Keeps a receipt; if it is verified, its deliveries move.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    receipt: &NewReceipt,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let statement = &receipt.statement;
    let digest = Sha256Digest::of(&receipt.der);
    transaction.execute(
        "INSERT INTO receipt (digest, receipt_id, issuer, chain, seq, prev, kind, dispatch_id, recipient, event_at_ms, der,
                              verified, verdict, received_at_ms)
         VALUES (:digest, :receipt_id, :issuer, :chain, :seq, :prev, :kind, :dispatch_id, :recipient, :event_at, :der,
                 :verified, :verdict, :now)
         ON CONFLICT (digest) DO UPDATE SET verified = excluded.verified, verdict = excluded.verdict WHERE NOT verified",
        named_params! {
            ":digest": digest.to_string(),
            ":receipt_id": statement.receipt_id.to_string(),
            ":issuer": statement.issuer.as_str(),
            ":chain": statement.chain,
            ":seq": i64::try_from(statement.seq).unwrap_or(i64::MAX),
            ":prev": statement.prev.map(|prev| prev.to_string()),
            ":kind": statement.kind.key(),
            ":dispatch_id": statement.dispatch_id.to_string(),
            ":recipient": statement.recipient.as_ref().map(AgencyId::as_str),
            ":event_at": column::ms(statement.event_time),
            ":der": receipt.der,
            ":verified": receipt.verified,
            ":verdict": receipt.verdict.to_string(),
            ":now": column::ms(now),
        },
    )?;
    if receipt.verified {
        delivery::merge(transaction, statement)
    } else {
        Ok(())
    }
}

fn seq(row: &Row<'_>) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>("seq")?).unwrap_or(0))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Receipt> {
    Ok(Receipt {
        digest: column::parsed(row, "digest")?,
        receipt_id: column::parsed(row, "receipt_id")?,
        issuer: column::parsed(row, "issuer")?,
        chain: row.get("chain")?,
        seq: seq(row)?,
        prev: column::parsed_or_none(row, "prev")?,
        kind: column::keyed(row, "kind", |key| Some(ReceiptKind::from_key(key)))?,
        dispatch_id: column::parsed(row, "dispatch_id")?,
        recipient: column::parsed_or_none(row, "recipient")?,
        event_at: column::time(row, "event_at_ms")?,
        der: row.get("der")?,
        verified: row.get("verified")?,
        verdict: column::json(row, "verdict")?,
        received_at: column::time(row, "received_at_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(seq: u64, name: &str, prev: Option<&str>) -> Link {
        Link {
            seq,
            digest: Sha256Digest::of(name.as_bytes()),
            prev: prev.map(|prev| Sha256Digest::of(prev.as_bytes())),
        }
    }

    #[test]
    fn a_whole_chain_has_no_findings_and_every_damage_is_named() {
        assert_eq!(judge(&[link(1, "a", None), link(2, "b", Some("a"))]), []);
        assert_eq!(
            judge(&[link(1, "a", None), link(3, "c", Some("b"))]),
            [ChainFinding::Gap {
                after: 1,
                before: 3
            }]
        );
        assert_eq!(
            judge(&[link(2, "b", Some("a"))]),
            [ChainFinding::Gap {
                after: 0,
                before: 2
            }]
        );
        assert_eq!(
            judge(&[link(1, "a", None), link(2, "b", Some("x"))]),
            [ChainFinding::BrokenLink { seq: 2 }]
        );
        assert_eq!(
            judge(&[link(1, "a", Some("x"))]),
            [ChainFinding::BrokenLink { seq: 1 }],
            "nothing is before the first"
        );
        assert_eq!(
            judge(&[
                link(1, "a", None),
                link(2, "b", Some("a")),
                link(2, "c", Some("a"))
            ]),
            [ChainFinding::Fork { seq: 2 }]
        );
    }
}

//! What a receipt says. A receipt is CMS SignedData with a [`ReceiptStatement`] in canonical JSON as its content; whether the
//! signature holds is checked with `antin-cades`, what the statement means for a dispatch is checked here.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;

use crate::{
    AgencyId, DispatchId, DocKey, Error, FrozenManifest, ReceiptId, Sha256Digest, manifest, text,
};

/// The version of the statement this program writes.
pub const VERSION: u32 = 1;
/// Largest statement read; a refusal's reason is its only long part.
pub const SIZE_LIMIT: usize = 64 * 1024;
/// Longest reason accepted from a person.
pub const REASON_LIMIT: usize = 1000;

macro_rules! receipt_kinds {
    ($($(#[$doc:meta])* $variant:ident $key:literal;)*) => {
        /// What a receipt is evidence of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ReceiptKind {
            $($(#[$doc])* $variant,)*
            /// A kind this program does not know; kept, shown, and without effect.
            Other,
        }

        impl ReceiptKind {
            /// The name in JSON and in the database.
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* Self::Other => "Other" }
            }

            /// Reads [`ReceiptKind::key`]; an unknown name is [`ReceiptKind::Other`].
            pub fn from_key(key: &str) -> Self {
                match key { $($key => Self::$variant,)* _ => Self::Other }
            }
        }
    };
}

receipt_kinds! {
    /// The province holds the dispatch and will relay it.
    SubmissionAcceptance "SubmissionAcceptance";
    /// The province refuses the dispatch for good.
    SubmissionRejection "SubmissionRejection";
    /// The province could not relay it (yet).
    RelayFailure "RelayFailure";
    /// 01.
    Arrival "Arrival";
    /// 03.
    Acceptance "Acceptance";
    /// 02.
    Refusal "Refusal";
    /// 04.
    Assigned "Assigned";
    /// 05.
    InProgress "InProgress";
    /// 06.
    Done "Done";
    /// The recipient never fetched it.
    NonDelivery "NonDelivery";
    /// 13.
    RecallRequest "RecallRequest";
    /// 15.
    RecallAgreed "RecallAgreed";
    /// 16.
    RecallRefused "RecallRefused";
    /// The content was destroyed under the archive's rules.
    Tombstone "Tombstone";
}

impl Serialize for ReceiptKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl<'de> Deserialize<'de> for ReceiptKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_key(&String::deserialize(deserializer)?))
    }
}

/// The content of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptStatement {
    /// [`VERSION`].
    pub v: u32,
    /// What it is evidence of.
    #[serde(rename = "type")]
    pub kind: ReceiptKind,
    /// The receipt's identity.
    pub receipt_id: ReceiptId,
    /// Who issues it.
    pub issuer: AgencyId,
    /// The chain it belongs to: one per sending agency, so that the agency can check it without a gap.
    pub chain: String,
    /// Its place in the chain, from 1.
    pub seq: u64,
    /// Digest of the DER of the receipt before it; none for the first.
    pub prev: Option<Sha256Digest>,
    /// The dispatch.
    pub dispatch_id: DispatchId,
    /// The document.
    pub doc_key: DocKey,
    /// Digest of the manifest's frozen bytes.
    pub request_digest: Sha256Digest,
    /// Digest of the PDF.
    pub content_digest: Sha256Digest,
    /// The recipient it speaks of; none when it speaks of the dispatch as a whole.
    pub recipient: Option<AgencyId>,
    /// When it happened, by the issuer's clock.
    #[serde(with = "time::serde::rfc3339")]
    pub event_time: OffsetDateTime,
    /// Why, where a reason belongs (02, 13, 16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a receipt fails to speak of a dispatch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementMismatch {
    /// It names another dispatch.
    #[error("the receipt is of dispatch {stated}")]
    Dispatch {
        /// The dispatch it names.
        stated: DispatchId,
    },
    /// It names other request bytes.
    #[error("the receipt is of a request with digest {stated:?}")]
    Request {
        /// The digest it names.
        stated: Sha256Digest,
    },
    /// It names another file.
    #[error("the receipt is of content {stated:?}")]
    Content {
        /// The digest it names.
        stated: Sha256Digest,
    },
    /// It names another document.
    #[error("the receipt is of document {stated}")]
    Document {
        /// The key it names.
        stated: DocKey,
    },
    /// It speaks of an agency the dispatch was not addressed to, or of none where it must name one.
    #[error("the receipt speaks of recipient {stated:?}")]
    Recipient {
        /// The recipient it names.
        stated: Option<AgencyId>,
    },
    /// The manifest it is compared with cannot be read.
    #[error("the manifest cannot be read: {0}")]
    Manifest(#[from] Error),
}

impl ReceiptStatement {
    /// The statement as signed: canonical JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        text::canonical_json(self)
    }

    /// Reads the content of a receipt.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > SIZE_LIMIT {
            return Err(Error::TooLong {
                field: "receipt",
                length: bytes.len(),
                limit: SIZE_LIMIT,
            });
        }
        let statement: Self =
            serde_json::from_slice(bytes).map_err(|error| Error::Malformed(error.to_string()))?;
        if statement.v != VERSION {
            return Err(Error::Version(statement.v));
        }
        if !text::is_canonical(bytes) {
            return Err(Error::NotCanonical);
        }
        Ok(statement)
    }

    /// True when the receipt must name the recipient it speaks of.
    fn names_recipient(&self) -> bool {
        !matches!(
            self.kind,
            ReceiptKind::SubmissionAcceptance
                | ReceiptKind::SubmissionRejection
                | ReceiptKind::Tombstone
                | ReceiptKind::Other
        )
    }
}

/// Checks that a receipt speaks of this dispatch: same identity, same request bytes, same file, same document, a recipient it
/// was addressed to. The signature and the chain are not checked here.
pub fn statement_matches(
    statement: &ReceiptStatement,
    frozen: &FrozenManifest,
) -> Result<(), StatementMismatch> {
    let manifest = manifest::DispatchManifest::parse(&frozen.bytes)?;
    if statement.dispatch_id != manifest.dispatch_id {
        return Err(StatementMismatch::Dispatch {
            stated: statement.dispatch_id,
        });
    }
    if statement.request_digest != frozen.digest {
        return Err(StatementMismatch::Request {
            stated: statement.request_digest,
        });
    }
    if statement.content_digest != manifest.content.sha256 {
        return Err(StatementMismatch::Content {
            stated: statement.content_digest,
        });
    }
    if statement.doc_key != manifest.doc_key {
        return Err(StatementMismatch::Document {
            stated: statement.doc_key.clone(),
        });
    }
    let addressed = match &statement.recipient {
        Some(stated) => manifest
            .recipients
            .iter()
            .any(|recipient| recipient.is_called(stated)),
        None => !statement.names_recipient(),
    };
    if addressed {
        Ok(())
    } else {
        Err(StatementMismatch::Recipient {
            stated: statement.recipient.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::manifest::tests::sample;

    fn statement(frozen: &FrozenManifest) -> ReceiptStatement {
        let manifest = manifest::DispatchManifest::parse(&frozen.bytes).unwrap();
        let event_time = datetime!(2026-11-24 06:30:00.123 UTC);
        ReceiptStatement {
            v: VERSION,
            kind: ReceiptKind::Acceptance,
            receipt_id: ReceiptId::mint(event_time),
            issuer: "H57".parse().unwrap(),
            chain: "H57".into(),
            seq: 2,
            prev: Some(Sha256Digest::of(b"first")),
            dispatch_id: manifest.dispatch_id,
            doc_key: manifest.doc_key,
            request_digest: frozen.digest,
            content_digest: manifest.content.sha256,
            recipient: Some("H57.02".parse().unwrap()),
            event_time,
            reason: None,
        }
    }

    #[test]
    fn a_statement_is_read_back_and_matches_its_dispatch() {
        let frozen = sample().freeze().unwrap();
        let statement = statement(&frozen);
        let bytes = statement.to_bytes().unwrap();
        assert!(
            String::from_utf8_lossy(&bytes).contains(r#""eventTime":"2026-11-24T06:30:00.123Z""#)
        );
        assert_eq!(ReceiptStatement::parse(&bytes), Ok(statement.clone()));
        assert_eq!(statement_matches(&statement, &frozen), Ok(()));
    }

    #[test]
    fn every_difference_is_named() {
        let frozen = sample().freeze().unwrap();
        let other = Sha256Digest::of(b"other");
        let good = statement(&frozen);
        let judge = |change: &dyn Fn(&mut ReceiptStatement)| {
            let mut changed = good.clone();
            change(&mut changed);
            statement_matches(&changed, &frozen).unwrap_err()
        };
        assert_eq!(
            judge(&|s| s.request_digest = other),
            StatementMismatch::Request { stated: other }
        );
        assert_eq!(
            judge(&|s| s.content_digest = other),
            StatementMismatch::Content { stated: other }
        );
        assert_eq!(
            judge(&|s| s.recipient = None),
            StatementMismatch::Recipient { stated: None }
        );
        assert!(matches!(
            judge(&|s| s.recipient = "H99".parse().ok()),
            StatementMismatch::Recipient { .. }
        ));
        assert!(matches!(
            judge(&|s| s.dispatch_id = DispatchId::mint(s.event_time)),
            StatementMismatch::Dispatch { .. }
        ));
        assert!(matches!(
            judge(&|s| s.doc_key.code = "78/2014/CT-UBND".parse().unwrap()),
            StatementMismatch::Document { .. }
        ));
    }
}

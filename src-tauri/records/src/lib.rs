//! The office's rules: what a letter, its number, its dispatch and its receipts *are*, apart from any file, database or network.
//!
//! Decree 30/2020 names the document types, the notation and the metadata; QCVN 102 and Decision 20/2020 name the agencies;
//! the province's contract names the manifest and the receipt. All of it lives here as plain values with their checks.
//!
//! What this crate deliberately does not do: no I/O and no clock (time is a parameter, invariant 2), no signatures (a
//! [`ReceiptStatement`] is only what a receipt *says*; whether anyone signed it is for `antin-cades`), no user text.
//!
//! The dispatch's bytes are frozen once, by [`DispatchManifest::freeze`], so that a retry sends the same bytes under the same
//! identity (invariant 5).
//!
//! Where to read next: [`manifest`] for what is sent, [`receipt`] for what comes back, [`delivery`] for how evidence merges.
//!
//! ```
//! use antin_records::DocumentCode;
//! let code: DocumentCode = "77/2014/CT-UBND".parse().unwrap();
//! assert_eq!(code.number(), 77);
//! assert_eq!(code.notation().to_string(), "2014/CT-UBND");
//! ```

pub mod agency;
pub mod calendar;
pub mod contract;
pub mod delivery;
pub mod digest;
pub mod document_type;
mod error;
pub mod identity;
pub mod manifest;
pub mod metadata;
pub mod notation;
pub mod receipt;
pub mod secrecy;
pub mod status;
pub mod text;
pub mod urgency;

pub use agency::{Agency, AgencyId};
pub use delivery::DeliveryState;
pub use digest::Sha256Digest;
pub use document_type::DocumentType;
pub use error::Error;
pub use identity::{DeliveryId, DispatchId, IdempotencyKey, LetterId, ReceiptId};
pub use manifest::{Content, DispatchManifest, DocKey, FrozenManifest};
pub use metadata::{LetterMetadata, Signer};
pub use notation::{CodeNotation, DocumentCode};
pub use receipt::{ReceiptKind, ReceiptStatement, StatementMismatch};
pub use secrecy::Secrecy;
pub use status::{StatusCode, StatusMessage};
pub use urgency::Urgency;

//! What the office knows, kept safely: letters, outbox, inbox, receipts, and the files they name.
//!
//! One SQLite database (`antin.db`, write-ahead log, every commit flushed) and one folder of files named by their digest
//! (`blobs/ab/<sha256>`). A file is complete on disk before a row names it; a row is never deleted.
//!
//! What this crate deliberately does not do: no network, no clock (time is a parameter), no judgement of signatures (verdicts
//! are stored as the caller's JSON), no user text. It does not retry and does not sleep: it only says what is due.
//!
//! Invariants it upholds: a letter is on disk in the outbox before anything says "sent", and the intent is committed before
//! the first byte leaves (4); a retry sends the same bytes under the same identity (5): the manifest's bytes are stored once
//! and handed out as they are.
//!
//! Desk and `antin` may have one office open at the same time. SQLite serialises their writes; a dispatch is worked on under
//! a lease, and an owner that died is told from one that is slow by the lock on its file in `owners/` (see [`outbox`]).
//!
//! Where to read next: [`outbox`] for the state machine, `table/dispatch.rs` for its transitions on disk.

mod blob;
mod column;
mod connection;
mod error;
pub mod outbox;
mod owner;
mod store;
mod table;

pub use error::Error;
pub use outbox::{Event, OutboxState};
pub use store::Store;
pub use table::attempt::{Attempt, AttemptKind};
pub use table::delivery::Delivery;
pub use table::dispatch::{Cause, Claim, Dispatch};
pub use table::inbound::{InboundItem, NewIncoming, PageSummary};
pub use table::incoming::{Incoming, IncomingState};
pub use table::letter::{Advance, Letter, LetterState, NewLetter, Version};
pub use table::op::{Op, OpClaim, OpState};
pub use table::receipt::{ChainFinding, NewReceipt, Receipt};
pub use table::timestamp::{PendingTimestamp, TimestampState, TimestampSubject};

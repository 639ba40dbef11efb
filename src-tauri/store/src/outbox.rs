//! The outbox as a state machine: one table, state × event → state. What is not in the table is refused.
//!
//! ```text
//! SEALED ─▶ QUEUED ─▶ UPLOADING ─▶ UPLOADED ─▶ SUBMITTING ─▶ SUBMITTED ─▶ CLOSED
//!              │           │           │            │ timeout, crash, 5xx, an answer that is not ours
//!              ▼ cancel    ▼ cancel    ▼ cancel     ▼
//!           CANCELLED   CANCELLED   CANCELLED    UNKNOWN ─ probe: receipt ─▶ SUBMITTED
//!                                                   └───── probe: 404 ─────▶ SUBMITTING (same bytes, same id)
//! any of these: transient ▶ same state, later · 401 ▶ AUTH_WAIT · refused for good ▶ BLOCKED(reason)
//! ```
//!
//! What is durable before each step (`exchange.md` §8.3): the row and the file before QUEUED; the attempt and SUBMITTING
//! before the first byte of the request; the verified receipt together with SUBMITTED. A row found in SUBMITTING whose owner
//! is gone becomes UNKNOWN and is probed, never sent blindly. Waiting is no state of its own: it is `next_at` beside a state.
//! AUTH_WAIT and BLOCKED return to QUEUED: the upload is found complete and the `PUT` repeats the identity, so nothing is
//! sent twice. Recall (13/15/16) acts on SUBMITTED rows through operations of its own and adds no state here.

/// Where a dispatch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutboxState {
    /// Frozen, not yet handed to the outbox.
    Sealed,
    /// Waiting for its turn.
    Queued,
    /// Its file is on its way; nothing is visible to anyone.
    Uploading,
    /// The province holds the file under its digest.
    Uploaded,
    /// The request may be on the wire.
    Submitting,
    /// The request may have been carried out; nobody knows until the province is asked.
    Unknown,
    /// The province does not accept our credential.
    AuthWait,
    /// Refused for good; a person must act.
    Blocked,
    /// Proven by a verified receipt.
    Submitted,
    /// Every recipient has settled.
    Closed,
    /// Withdrawn before anything left.
    Cancelled,
}

/// What happens to a dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// It is handed to the outbox.
    Enqueue,
    /// Its file begins to travel, or resumes.
    UploadStarted,
    /// The province holds the whole file and its digest is ours.
    UploadComplete,
    /// The province says it no longer holds the file.
    ContentMissing,
    /// The request is about to leave.
    SubmitStarted,
    /// A verified receipt proves that the province holds it.
    ReceiptStored,
    /// The attempt ended without an answer that settles it.
    OutcomeUnknown,
    /// The attempt failed before it could have had an effect.
    Transient,
    /// 401.
    AuthRefused,
    /// There is a new credential.
    AuthRestored,
    /// Refused for good.
    Refused,
    /// A person removed the cause of the refusal.
    Repaired,
    /// A person withdraws it.
    Cancel,
    /// Every recipient has settled.
    Settled,
    /// Its worker died or lost its lease.
    Restarted,
}

use Event as E;
use OutboxState as S;

/// The whole machine.
#[rustfmt::skip]
const TABLE: &[(OutboxState, Event, OutboxState)] = &[
    (S::Sealed,     E::Enqueue,        S::Queued),
    (S::Sealed,     E::Cancel,         S::Cancelled),
    (S::Sealed,     E::Restarted,      S::Sealed),

    (S::Queued,     E::UploadStarted,  S::Uploading),
    (S::Queued,     E::ReceiptStored,  S::Submitted),
    (S::Queued,     E::Transient,      S::Queued),
    (S::Queued,     E::AuthRefused,    S::AuthWait),
    (S::Queued,     E::Refused,        S::Blocked),
    (S::Queued,     E::Cancel,         S::Cancelled),
    (S::Queued,     E::Restarted,      S::Queued),

    (S::Uploading,  E::UploadStarted,  S::Uploading),
    (S::Uploading,  E::UploadComplete, S::Uploaded),
    (S::Uploading,  E::ReceiptStored,  S::Submitted),
    (S::Uploading,  E::Transient,      S::Uploading),
    (S::Uploading,  E::AuthRefused,    S::AuthWait),
    (S::Uploading,  E::Refused,        S::Blocked),
    (S::Uploading,  E::Cancel,         S::Cancelled),
    (S::Uploading,  E::Restarted,      S::Uploading),

    (S::Uploaded,   E::UploadStarted,  S::Uploading),
    (S::Uploaded,   E::SubmitStarted,  S::Submitting),
    (S::Uploaded,   E::ReceiptStored,  S::Submitted),
    (S::Uploaded,   E::Transient,      S::Uploaded),
    (S::Uploaded,   E::AuthRefused,    S::AuthWait),
    (S::Uploaded,   E::Refused,        S::Blocked),
    (S::Uploaded,   E::Cancel,         S::Cancelled),
    (S::Uploaded,   E::Restarted,      S::Uploaded),

    (S::Submitting, E::ContentMissing, S::Queued),
    (S::Submitting, E::ReceiptStored,  S::Submitted),
    (S::Submitting, E::OutcomeUnknown, S::Unknown),
    (S::Submitting, E::Transient,      S::Uploaded),
    (S::Submitting, E::AuthRefused,    S::AuthWait),
    (S::Submitting, E::Refused,        S::Blocked),
    (S::Submitting, E::Restarted,      S::Unknown),

    (S::Unknown,    E::SubmitStarted,  S::Submitting),
    (S::Unknown,    E::ReceiptStored,  S::Submitted),
    (S::Unknown,    E::OutcomeUnknown, S::Unknown),
    (S::Unknown,    E::Transient,      S::Unknown),
    (S::Unknown,    E::AuthRefused,    S::AuthWait),
    (S::Unknown,    E::Refused,        S::Blocked),
    (S::Unknown,    E::Restarted,      S::Unknown),

    (S::AuthWait,   E::ReceiptStored,  S::Submitted),
    (S::AuthWait,   E::AuthRestored,   S::Queued),
    (S::AuthWait,   E::Cancel,         S::Cancelled),
    (S::AuthWait,   E::Restarted,      S::AuthWait),

    (S::Blocked,    E::ReceiptStored,  S::Submitted),
    (S::Blocked,    E::Repaired,       S::Queued),
    (S::Blocked,    E::Cancel,         S::Cancelled),
    (S::Blocked,    E::Restarted,      S::Blocked),

    (S::Submitted,  E::ReceiptStored,  S::Submitted),
    (S::Submitted,  E::Settled,        S::Closed),
    (S::Submitted,  E::Restarted,      S::Submitted),

    (S::Closed,     E::ReceiptStored,  S::Closed),
    (S::Closed,     E::Restarted,      S::Closed),

    (S::Cancelled,  E::Restarted,      S::Cancelled),
];

impl OutboxState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        S::Sealed,
        S::Queued,
        S::Uploading,
        S::Uploaded,
        S::Submitting,
        S::Unknown,
        S::AuthWait,
        S::Blocked,
        S::Submitted,
        S::Closed,
        S::Cancelled,
    ];

    /// The state after `event`; none when the table does not allow it.
    pub fn after(self, event: Event) -> Option<Self> {
        TABLE
            .iter()
            .find(|(state, on, _)| *state == self && *on == event)
            .map(|(.., next)| *next)
    }

    /// True when a worker can do something for it.
    pub fn is_active(self) -> bool {
        matches!(
            self,
            S::Queued | S::Uploading | S::Uploaded | S::Submitting | S::Unknown
        )
    }

    /// True while it has not been proven sent and has not been withdrawn.
    pub fn is_pending(self) -> bool {
        !matches!(self, S::Submitted | S::Closed | S::Cancelled)
    }

    /// The name in JSON and in the database.
    pub fn key(self) -> &'static str {
        match self {
            S::Sealed => "sealed",
            S::Queued => "queued",
            S::Uploading => "uploading",
            S::Uploaded => "uploaded",
            S::Submitting => "submitting",
            S::Unknown => "unknown",
            S::AuthWait => "auth-wait",
            S::Blocked => "blocked",
            S::Submitted => "submitted",
            S::Closed => "closed",
            S::Cancelled => "cancelled",
        }
    }

    /// Reads [`OutboxState::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 15] = [
        E::Enqueue,
        E::UploadStarted,
        E::UploadComplete,
        E::ContentMissing,
        E::SubmitStarted,
        E::ReceiptStored,
        E::OutcomeUnknown,
        E::Transient,
        E::AuthRefused,
        E::AuthRestored,
        E::Refused,
        E::Repaired,
        E::Cancel,
        E::Settled,
        E::Restarted,
    ];
}

#[cfg(test)]
mod tests;

//! What goes out, what comes in, and what proves it.

use serde::{Deserialize, Serialize};

use super::{Cause, Checked, DocumentRef, Letter};

/// A recipient chosen by the clerk.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgencyRef {
    /// The agency's code.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
}

/// A dispatch in the outbox.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DispatchItem {
    /// Its identity.
    pub(crate) id: String,
    /// The letter it carries.
    pub(crate) letter_id: String,
    /// Trích yếu.
    pub(crate) subject: String,
    /// Number and code notation.
    pub(crate) notation: String,
    /// `queued`, `sending`, `unknown`, `blocked`, `sent` or `done`.
    pub(crate) state: String,
    /// Why it stands still.
    pub(crate) cause: Option<Cause>,
    /// When the next attempt is due.
    pub(crate) next_at: Option<String>,
    /// Attempts so far.
    pub(crate) attempts: u32,
    /// A recipient has not answered in the time the rules give.
    pub(crate) overdue: bool,
    /// Each recipient's answer.
    pub(crate) deliveries: Vec<Delivery>,
    /// The receipts, verified here.
    pub(crate) receipts: Vec<Receipt>,
}

/// How far a dispatch came at one recipient.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delivery {
    /// The recipient.
    pub(crate) agency: AgencyRef,
    /// `none`, `arrived`, `accepted`, `rejected`, …
    pub(crate) state: String,
    /// Since when.
    pub(crate) at: Option<String>,
    /// The recipient's reason for refusing.
    pub(crate) reason: Option<String>,
}

/// A signed statement of the province's system or of a recipient.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    /// What it states.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// When it was issued.
    pub(crate) at: String,
    /// The signature was verified on this machine.
    pub(crate) verified: bool,
    /// Who signed it.
    pub(crate) issuer: String,
    /// The recipient it speaks of.
    pub(crate) recipient: Option<String>,
}

/// A letter in the inbox.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IncomingItem {
    /// Its identity.
    pub(crate) id: String,
    /// The sending agency.
    pub(crate) from: String,
    /// Number and code notation.
    pub(crate) notation: String,
    /// Trích yếu.
    pub(crate) subject: String,
    /// `normal`, `khan`, `thuong-khan` or `hoa-toc`.
    pub(crate) urgency: String,
    /// When it arrived.
    pub(crate) at: String,
    /// `new`, `accepted` or `refused`.
    pub(crate) state: String,
    /// The verdict's word, as in [`Checked`].
    pub(crate) verdict: String,
}

/// A letter of the inbox, opened.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Incoming {
    /// As in the list.
    #[serde(flatten)]
    pub(crate) item: IncomingItem,
    /// The pages.
    pub(crate) document: Option<DocumentRef>,
    /// Its signatures, judged here.
    pub(crate) verification: Checked,
    /// The receipts that belong to it.
    pub(crate) receipts: Vec<Receipt>,
    /// Số đến, once accepted.
    pub(crate) arrival_number: Option<String>,
}

/// Answer to signing.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Signed {
    /// The letter as it is now.
    pub(crate) letter: Letter,
}

/// Answer to issuing.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Issued {
    /// The letter as it is now.
    pub(crate) letter: Letter,
    /// The number it was given.
    pub(crate) number: String,
    /// The dispatch that carries it.
    pub(crate) dispatch_id: String,
}

/// What one exchange with the province's system moved.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SyncSummary {
    /// Dispatches delivered.
    pub(crate) sent: usize,
    /// Letters received.
    pub(crate) received: usize,
    /// Dispatches still waiting.
    pub(crate) waiting: usize,
}

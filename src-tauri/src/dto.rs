//! What crosses to the front end, as `ui/src/ipc/bindings.ts` declares it: camelCase JSON, times as RFC 3339 text,
//! identities as text. Library types stay on this side of the border.

use serde::{Deserialize, Serialize};

mod desk;
mod exchange;
mod judged;

pub(crate) use desk::{
    Agency, Letter, LetterItem, Office, Person, Place, Room, ServerState, TokenStatus,
};
pub(crate) use exchange::{
    AgencyRef, Delivery, DispatchItem, Incoming, IncomingItem, Issued, Receipt, Signed, SyncSummary,
};
pub(crate) use judged::{Checked, Question, SignatureCard};

/// An open document: the token of the page protocol and the size of each page in points.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentRef {
    /// Unguessable name of the document under `page://localhost/`.
    pub(crate) token: String,
    /// The pages in order.
    pub(crate) pages: Vec<PageSize>,
}

/// The visible size of a page in points, after rotation.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageSize {
    /// Points.
    pub(crate) width: f64,
    /// Points.
    pub(crate) height: f64,
}

/// A rectangle on a page that the official moved the signature to.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignPlace {
    /// Index of the page, from 0.
    pub(crate) page: usize,
    /// Left, bottom, right, top in points of the page, y upwards.
    pub(crate) rect: [f64; 4],
}

/// A sentence and what to do, already in the user's language.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cause {
    /// What happened.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) advice: String,
}

/// Why an act is not offered for a letter: as [`crate::error::CommandError`], without being one.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refusal {
    /// The name the front end may branch on.
    pub(crate) code: String,
    /// What is in the way.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) advice: String,
}

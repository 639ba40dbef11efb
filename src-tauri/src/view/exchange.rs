//! What goes out, what comes in, and what proves it.

use std::sync::atomic::AtomicBool;

use antin_ops::agencies;
use antin_ops::dispatch::Tracked;
use antin_ops::error::{Code, Error};
use antin_ops::fetch::round::{Round, What};
use antin_ops::letter::standing;
use antin_ops::message::{self, Language};
use antin_ops::office::Office;
use antin_ops::receive::{self, Received};
use antin_ops::records::AgencyId;
use antin_ops::store::{Dispatch, Letter, OutboxState, Receipt as ReceiptRow};
use antin_ops::trust::Network;

use super::judged;
use crate::dto::{AgencyRef, Cause, Delivery, DispatchItem, Incoming, IncomingItem, Receipt};
use crate::state::Desk;

/// Where a letter stands, in the words of the front end: a dispatch that waits for a credential is blocked to it,
/// because a person must act.
pub(crate) fn word(letter: &Letter, dispatch: Option<&Dispatch>) -> &'static str {
    match standing(letter, dispatch) {
        "auth-wait" => "blocked",
        "draft" => "waiting",
        word => word,
    }
}

/// A dispatch with its recipients and receipts.
pub(crate) fn dispatch(
    office: &Office,
    language: Language,
    letter: &Letter,
    tracked: &Tracked,
) -> DispatchItem {
    let Tracked {
        dispatch, manifest, ..
    } = tracked;
    let reason = |code: &String| message::line(language, &["reasons", code], &[]);
    let deliveries = tracked.deliveries.iter().map(|row| Delivery {
        agency: AgencyRef {
            id: row.recipient.to_string(),
            name: row.name.clone(),
        },
        state: row.state.key().to_owned(),
        at: row.at.map(super::time),
        reason: row.reason.as_ref().map(reason),
    });
    DispatchItem {
        id: dispatch.id.to_string(),
        letter_id: dispatch.letter_id.to_string(),
        subject: manifest.metadata.subject.clone(),
        notation: manifest.doc_key.code.to_string(),
        state: word(letter, Some(dispatch)).to_owned(),
        cause: cause(office, language, dispatch),
        next_at: dispatch.next_at.map(super::time),
        attempts: attempts(dispatch),
        overdue: tracked.overdue,
        deliveries: deliveries.collect(),
        receipts: receipts(office, &tracked.receipts),
    }
}

/// How often it was tried, as a person counts: the store counts each request of a successful sending.
fn attempts(dispatch: &Dispatch) -> u32 {
    match dispatch.state {
        OutboxState::Submitted | OutboxState::Closed => dispatch.submit_attempts,
        _ => dispatch.attempts,
    }
}

/// Why a dispatch stands still, in words.
fn cause(office: &Office, language: Language, dispatch: &Dispatch) -> Option<Cause> {
    let cause = dispatch.cause.as_ref()?;
    let code = match dispatch.state {
        OutboxState::Submitted | OutboxState::Closed | OutboxState::Cancelled => return None,
        OutboxState::AuthWait => Code::SessionExpired,
        OutboxState::Blocked => Code::ServerRejected,
        _ if cause.code == Code::ReceiptInvalid.name() => Code::ReceiptInvalid,
        _ => Code::NetworkUnavailable,
    };
    let error = Error::new(code)
        .with("host", &office.config().server.url)
        .with("detail", &cause.detail)
        .with("why", &cause.detail);
    let said = message::say(language, &error);
    Some(Cause {
        what: said.what,
        advice: said.advice,
    })
}

fn receipts(office: &Office, rows: &[ReceiptRow]) -> Vec<Receipt> {
    let receipt = |row: &ReceiptRow| {
        let name = |id: &AgencyId| {
            agencies::find(office, id.as_str())
                .map_or_else(|_| id.to_string(), |agency| agency.name)
        };
        Receipt {
            kind: row.kind.key().to_owned(),
            at: super::time(row.event_at),
            verified: row.verified,
            // The agency in the receipt is the one the system speaks for; the key is the system's own.
            issuer: office.config().server.receipt_issuer.clone(),
            recipient: row.recipient.as_ref().map(name),
        }
    };
    rows.iter().map(receipt).collect()
}

/// A letter of the inbox, as listed.
pub(crate) fn incoming(received: &Received) -> IncomingItem {
    let Received { incoming, manifest } = received;
    IncomingItem {
        id: incoming.delivery_id.to_string(),
        from: manifest.sender.name.clone(),
        notation: manifest.doc_key.code.to_string(),
        subject: manifest.metadata.subject.clone(),
        urgency: manifest.urgency.key().to_owned(),
        at: super::time(incoming.received_at),
        state: incoming.state.key().to_owned(),
        verdict: incoming
            .verdict
            .as_ref()
            .map_or("checking", judged::kept_word)
            .to_owned(),
    }
}

/// A letter of the inbox, opened for drawing and judged by what is at hand; `fresh` fetches first what is missing.
pub(crate) fn open(
    desk: &Desk,
    office: &Office,
    received: &Received,
    fresh: bool,
) -> Result<Incoming, Error> {
    let row = &received.incoming;
    let kept = |error| Error::caused(Code::StoreUnusable, error);
    let verified = if fresh {
        let (cancel, mut told) = (AtomicBool::new(false), |_: What, _: &str, _: usize| ());
        receive::fetch(office, received, &mut Round::new(&cancel, &mut told))?
    } else {
        receive::judge(office, received, Network::Offline)?
    };
    let bytes = office.store().blob(row.content).map_err(kept)?;
    let verification = judged::checked(desk, &verified, &bytes);
    let mut item = incoming(received);
    item.verdict.clone_from(&verification.verdict);
    Ok(Incoming {
        item,
        document: verification.document.clone(),
        verification,
        receipts: receipts(
            office,
            &office.store().receipts(row.dispatch_id).map_err(kept)?,
        ),
        arrival_number: row.arrival.map(|(_, number)| number.to_string()),
    })
}

//! Synchronisation: drains the outbox, says what was decided about incoming letters, fetches the inbox.
//!
//! Every step is durable before it leaves this computer ([`antin_store::outbox`]); what happens here may be
//! killed at any point and is taken up again by the next run.

use crate::{
    agencies, clock,
    error::{Code, Error, Result},
    letter::store_error,
    office::Office,
    receipt::{self, Issuer},
    receive::{self, Received},
    timestamp,
    trust::Network,
};
use antin_exchange::{Class, Client, Failure};
use antin_records::{
    DispatchManifest,
    contract::{Change, ProblemKind},
};
use antin_store::{Cause, Claim, InboundItem, NewIncoming, OpClaim, OutboxState};
use std::{fs::File, io::BufReader, sync::atomic::Ordering};
use time::{Duration, OffsetDateTime};

/// How long a dispatch belongs to one worker without a sign of life; an upload renews it.
const LEASE: Duration = Duration::minutes(5);
/// First wait after a failure, and the longest (exchange.md §8.3).
const FIRST_WAIT: Duration = Duration::seconds(2);
const LONGEST_WAIT: Duration = Duration::minutes(15);
/// A run ends even if the province keeps giving pages.
const PAGES: usize = 1_000;
/// Our one mailbox.
const MAILBOX: &str = "inbox";

/// What a run did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Dispatches proven sent in this run.
    pub sent: usize,
    /// Incoming letters that were not here before.
    pub received: usize,
    /// Receipts stored.
    pub receipts: usize,
    /// Dispatches and messages that still wait.
    pub waiting: usize,
    /// Signatures that got their time-stamp in this run, and those that still wait for it.
    pub timestamps: timestamp::Drained,
    /// Whether the province answered.
    pub reached: bool,
}

/// One run: outbox, messages, inbox.
///
/// A province that cannot be reached is no error: everything waits where it is.
///
/// # Errors
/// [`Code::StoreUnusable`], [`Code::FileUnreadable`] for the credential.
pub fn run(office: &Office) -> Result<Summary> {
    let client = office.province()?;
    let mut summary = Summary {
        reached: agencies::refresh_with(office, &client).is_ok(),
        ..Summary::default()
    };
    let was_in_touch = office.in_touch.swap(summary.reached, Ordering::Relaxed);
    if summary.reached && !was_in_touch {
        office.store().wake().map_err(store_error)?;
    }
    if summary.reached {
        office.store().auth_restored().map_err(store_error)?;
    }
    drain_outbox(office, &client, &mut summary)?;
    say_decisions(office, &client, &mut summary)?;
    if summary.reached {
        pull_inbox(office, &client, &mut summary)?;
        fetch_letters(office, &client)?;
        // 01 for what just came.
        say_decisions(office, &client, &mut summary)?;
    }
    summary.waiting = waiting(office)?;
    // Last: an authority may take minutes, and nothing that is sent waits for it.
    summary.timestamps = timestamp::drain(office)?;
    Ok(summary)
}

/// How many dispatches and messages still wait.
///
/// # Errors
/// [`Code::StoreUnusable`].
pub fn waiting(office: &Office) -> Result<usize> {
    let dispatches = office.store().dispatches().map_err(store_error)?;
    let messages = office.store().ops_pending().map_err(store_error)?;
    let pending = dispatches.iter().filter(|d| d.state.is_pending()).count();
    Ok(pending + usize::try_from(messages).unwrap_or(usize::MAX))
}

fn drain_outbox(office: &Office, client: &Client, summary: &mut Summary) -> Result<()> {
    while let Some(claim) = office
        .store()
        .claim_due(clock::now(), LEASE)
        .map_err(store_error)?
    {
        match send(office, client, claim) {
            Ok(OutboxState::Submitted | OutboxState::Closed) => {
                summary.sent += 1;
                summary.receipts += 1;
            }
            Ok(_) => {}
            // A receipt came by the inbox, somebody cancelled, or another worker took over: the next one, please.
            Err(Stopped::Moved) => {}
            Err(Stopped::Failed(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Why a dispatch was not taken further.
enum Stopped {
    /// Somebody else moved it meanwhile.
    Moved,
    /// The run cannot go on.
    Failed(Error),
}

impl From<antin_store::Error> for Stopped {
    fn from(error: antin_store::Error) -> Stopped {
        match error {
            antin_store::Error::LeaseLost { .. } | antin_store::Error::IllegalTransition { .. } => {
                Stopped::Moved
            }
            other => Stopped::Failed(store_error(other)),
        }
    }
}

type Sent = std::result::Result<OutboxState, Stopped>;

/// Takes one dispatch as far as it goes: file, request, receipt.
fn send(office: &Office, client: &Client, mut claim: Claim) -> Sent {
    if claim.dispatch.state == OutboxState::Unknown {
        return probe(office, client, claim);
    }
    if claim.dispatch.state != OutboxState::Uploaded {
        office.store().upload_started(&mut claim, clock::now())?;
        if let Err(failure) = upload(office, client, &mut claim) {
            return failed(office, claim, &failure);
        }
        office.store().upload_complete(&mut claim, clock::now())?;
    }
    submit(office, client, claim)
}

fn upload(office: &Office, client: &Client, claim: &mut Claim) -> std::result::Result<(), Failure> {
    let content = claim.dispatch.content;
    let size =
        DispatchManifest::parse(&claim.dispatch.manifest.bytes).map_or(0, |m| m.content.size);
    let file = File::open(office.store().blob_path(content)).map_err(|e| unreadable(&e))?;
    client.upload(content, size, &mut BufReader::new(file), &mut |_| {
        // A lost lease shows at the next step, which is refused; the bytes sent till then are no one's loss.
        if let Err(error) = office.store().renew(claim, clock::now()) {
            tracing::warn!(%error, "lease not renewed");
        }
    })
}

fn unreadable(error: &std::io::Error) -> Failure {
    Failure {
        class: Class::Transient,
        code: "source-unreadable".into(),
        detail: error.to_string(),
        http_status: None,
        retry_after: None,
        problem: None,
    }
}

fn submit(office: &Office, client: &Client, mut claim: Claim) -> Sent {
    office.store().submit_started(&mut claim, clock::now())?;
    match client.submit(claim.dispatch.id, &claim.dispatch.manifest.bytes) {
        Ok(submitted) => proven(office, claim, submitted.receipt),
        Err(failure) if failure.is_content_missing() => Ok(office
            .store()
            .content_missing(claim, &cause(&failure), clock::now())?
            .state),
        Err(failure) => failed(office, claim, &failure),
    }
}

/// The request may have been carried out: the province is asked before anything is sent again.
fn probe(office: &Office, client: &Client, mut claim: Claim) -> Sent {
    office.store().probe_started(&mut claim, clock::now())?;
    match client.probe(claim.dispatch.id) {
        Ok(Some(held)) if held.request_digest != claim.dispatch.manifest.digest => {
            let detail = "the province holds other bytes under this identity".to_owned();
            let conflict = Cause {
                code: ProblemKind::DispatchConflict.code().into(),
                detail,
                http_status: None,
            };
            Ok(office
                .store()
                .blocked(claim, &conflict, clock::now())?
                .state)
        }
        Ok(Some(held)) => proven(office, claim, held.receipt.0),
        Ok(None) => submit(office, client, claim),
        Err(failure) => {
            let next = next_at(&failure, claim.dispatch.attempts);
            Ok(office
                .store()
                .unknown(claim, &cause(&failure), next, clock::now())?
                .state)
        }
    }
}

/// Sent is what a verified receipt says, nothing else.
fn proven(office: &Office, claim: Claim, der: Vec<u8>) -> Sent {
    let judged = receipt::verify(office.trust(), &der, Issuer::Pinned, Network::Online)
        .and_then(|judged| receipt::speaks_of(&judged, &claim.dispatch.manifest).map(|()| judged))
        .and_then(|judged| receipt::to_keep(judged, der));
    match judged {
        Ok(keep) => Ok(office.store().submitted(claim, &keep, clock::now())?.state),
        Err(error) => {
            tracing::error!(
                detail = error.detail(),
                "the province's receipt does not hold"
            );
            let cause = Cause {
                code: error.code.name().into(),
                detail: error.to_string(),
                http_status: None,
            };
            let next = clock::now() + LONGEST_WAIT;
            Ok(office
                .store()
                .unknown(claim, &cause, next, clock::now())?
                .state)
        }
    }
}

fn failed(office: &Office, claim: Claim, failure: &Failure) -> Sent {
    let now = clock::now();
    let next = next_at(failure, claim.dispatch.attempts);
    let (store, cause) = (office.store(), cause(failure));
    let dispatch = match failure.class {
        Class::Unknown if claim.dispatch.state == OutboxState::Submitting => {
            store.unknown(claim, &cause, next, now)
        }
        Class::Transient | Class::Unknown => store.retry_at(claim, &cause, next, now),
        Class::Auth => store.auth_wait(claim, &cause, now),
        Class::Blocked => store.blocked(claim, &cause, now),
    };
    Ok(dispatch?.state)
}

fn cause(failure: &Failure) -> Cause {
    Cause {
        code: failure.code.clone(),
        detail: failure.detail.clone(),
        http_status: failure.http_status,
    }
}

/// Full jitter: anywhere between now and the doubled wait, so that offices do not come back all at once.
fn next_at(failure: &Failure, attempts: u32) -> OffsetDateTime {
    let wait = match failure.retry_after {
        Some(asked) => Duration::try_from(asked).unwrap_or(LONGEST_WAIT),
        None => {
            let longest = FIRST_WAIT
                .saturating_mul(1 << attempts.min(12))
                .min(LONGEST_WAIT);
            longest * f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX)
        }
    };
    clock::now() + wait
}

/// 01, 02, 03: frozen bytes under their own key, in the order they were decided.
fn say_decisions(office: &Office, client: &Client, summary: &mut Summary) -> Result<()> {
    while let Some(claim) = office
        .store()
        .claim_due_op(clock::now(), LEASE)
        .map_err(store_error)?
    {
        match client.status(claim.op.delivery_id, claim.op.id, &claim.op.body) {
            Ok(der) => told(office, claim, der, summary)?,
            Err(failure) => {
                let next = next_at(&failure, claim.op.attempts);
                let done = match failure.class {
                    Class::Blocked => office.store().op_blocked(claim, &cause(&failure)),
                    _ => office.store().op_retry_at(claim, &cause(&failure), next),
                };
                done.map_err(store_error)?;
            }
        }
    }
    Ok(())
}

fn told(office: &Office, claim: OpClaim, der: Vec<u8>, summary: &mut Summary) -> Result<()> {
    let received = receive::letter(office, claim.op.delivery_id)?;
    let judged =
        receipt::verify(office.trust(), &der, Issuer::Pinned, Network::Online).and_then(|judged| {
            receipt::speaks_of(&judged, &received.incoming.manifest).map(|()| judged)
        });
    match judged {
        Ok(judged) => {
            summary.receipts += 1;
            let keep = receipt::to_keep(judged, der)?;
            office
                .store()
                .op_done(claim, &keep, clock::now())
                .map_err(store_error)
        }
        Err(error) => {
            let cause = Cause {
                code: error.code.name().into(),
                detail: error.to_string(),
                http_status: None,
            };
            office
                .store()
                .op_retry_at(claim, &cause, clock::now() + LONGEST_WAIT)
                .map_err(store_error)
        }
    }
}

/// Page after page; each is stored with its cursor in one transaction.
fn pull_inbox(office: &Office, client: &Client, summary: &mut Summary) -> Result<()> {
    for _ in 0..PAGES {
        let cursor = office.store().cursor(MAILBOX).map_err(store_error)?;
        let Ok(page) = client.changes(cursor.as_deref()) else {
            return Ok(());
        };
        let items: Vec<InboundItem> = page
            .items
            .into_iter()
            .filter_map(|change| item(office, change))
            .collect();
        let stored = office
            .store()
            .apply_page(MAILBOX, &items, &page.next, clock::now())
            .map_err(store_error)?;
        summary.received += stored.letters;
        summary.receipts += stored.receipts;
        if !page.has_more {
            break;
        }
    }
    Ok(())
}

fn item(office: &Office, change: Change) -> Option<InboundItem> {
    match change {
        Change::Delivery {
            delivery_id,
            manifest,
        } => Some(InboundItem::Delivery(NewIncoming {
            delivery_id,
            manifest: manifest.into_bytes(),
        })),
        Change::Receipt { receipt } => receipt_item(office, receipt.0),
        _ => None,
    }
}

/// A receipt that does not hold is kept and moves nothing.
fn receipt_item(office: &Office, der: Vec<u8>) -> Option<InboundItem> {
    let judged = receipt::verify(office.trust(), &der, Issuer::Pinned, Network::Online)
        .and_then(|judged| of_our_dispatch(office, &judged).map(|()| judged));
    let keep = match judged {
        Ok(judged) => receipt::to_keep(judged, der).ok(),
        Err(error) => {
            tracing::error!(detail = error.detail(), %error, "a receipt of the inbox does not hold");
            receipt::to_keep_unverified(der, &error)
        }
    };
    keep.map(|new| InboundItem::Receipt(Box::new(new)))
}

fn of_our_dispatch(office: &Office, judged: &receipt::Judged) -> Result<()> {
    let dispatch = office
        .store()
        .dispatch(judged.statement.dispatch_id)
        .map_err(store_error)?;
    receipt::speaks_of(judged, &dispatch.manifest)
}

/// Files of letters that came, each judged as soon as it is here. One that fails is tried again next time.
fn fetch_letters(office: &Office, client: &Client) -> Result<()> {
    for incoming in office.store().incoming_unjudged().map_err(store_error)? {
        let Ok(received) = receive::letter(office, incoming.delivery_id) else {
            continue;
        };
        if let Err(error) = fetch_letter(office, client, &received) {
            tracing::warn!(
                detail = error.detail(),
                "an incoming letter's file has not come yet"
            );
        }
    }
    Ok(())
}

fn fetch_letter(office: &Office, client: &Client, received: &Received) -> Result<()> {
    let content = received.incoming.content;
    if !office.store().has_blob(content) {
        let size = received.manifest.content.size;
        let mut body = client
            .content(content, size)
            .map_err(|f| exchange_error(office, f, Code::NetworkUnavailable))?;
        office
            .store()
            .put_blob_from(&mut body, Some(content), size)
            .map_err(store_error)?;
    }
    receive::judge(office, received, Network::Online).map(drop)
}

/// A failure of the exchange as the desk branches on it; `offline` is what being unreachable means for the verb.
pub(crate) fn exchange_error(office: &Office, failure: Failure, offline: Code) -> Error {
    let code = match failure.class {
        Class::Auth => Code::SessionExpired,
        Class::Blocked => Code::ServerRejected,
        Class::Transient | Class::Unknown => offline,
    };
    Error::new(code)
        .with("host", &office.config().server.url)
        .with("detail", &failure.detail)
}

//! *Phát hành*: an issued letter goes into the outbox. Sending is [`crate::sync`]'s; what is here is durable first.

use crate::{
    agencies, clock,
    error::{Code, Error, Result},
    letter::{self, store_error},
    office::Office,
    verify,
};
use antin_records::{
    Agency, Content, DeliveryState, DispatchId, DispatchManifest, DocKey, LetterId,
    calendar::dispatch_deadline, manifest::VERSION,
};
use antin_store::{Delivery, Dispatch, Letter, LetterState, OutboxState, Receipt};

/// Freezes the dispatch and puts it into the outbox. On return it is on disk and will be sent whatever happens.
///
/// # Errors
/// [`Code::RecipientsMissing`], [`Code::AgencyUnknown`], [`Code::LetterWrongState`], [`Code::LetterAltered`],
/// [`Code::StoreUnusable`]; nothing is in the outbox then.
pub fn enqueue(office: &Office, letter: LetterId, recipients: &[String]) -> Result<Dispatch> {
    let letter = letter::at_step(office, letter, LetterState::Issued)?;
    if recipients.is_empty() {
        return Err(Error::new(Code::RecipientsMissing));
    }
    let recipients = recipients
        .iter()
        .map(|id| agencies::find(office, id))
        .collect::<Result<Vec<_>>>()?;
    refuse_twice(office, &letter, &recipients)?;
    let document = letter::document(office, &letter)?;
    verify::require_intact(office, &document)?;
    let size = u64::try_from(document.bytes().len()).unwrap_or(u64::MAX);
    let manifest = manifest(office, &letter, recipients, size)?;
    let frozen = manifest.freeze().map_err(Error::unknown)?;
    let now = clock::now();
    let deadline = dispatch_deadline(letter.signed_at.unwrap_or(now), letter.urgency);
    office
        .store()
        .enqueue(&frozen, deadline, now)
        .map_err(store_error)
}

/// Whoever asks twice, because the first answer was lost, sends once: a recipient who has the letter, or will get it by
/// itself, is not sent it again under another identity.
fn refuse_twice(office: &Office, letter: &Letter, recipients: &[Agency]) -> Result<()> {
    for dispatch in office
        .store()
        .dispatches_of(letter.id)
        .map_err(store_error)?
    {
        if matches!(
            dispatch.state,
            OutboxState::Blocked | OutboxState::Cancelled
        ) {
            continue;
        }
        let deliveries = office
            .store()
            .deliveries(dispatch.id)
            .map_err(store_error)?;
        let on_its_way = |delivery: &Delivery| {
            !matches!(
                delivery.state,
                DeliveryState::Rejected | DeliveryState::NonDelivered | DeliveryState::Recalled
            ) && recipients.iter().any(|a| a.is_called(&delivery.recipient))
        };
        if deliveries.iter().any(on_its_way) {
            let state = letter::standing(letter, Some(&dispatch));
            return Err(Error::new(Code::LetterWrongState).with("state", state));
        }
    }
    Ok(())
}

fn manifest(
    office: &Office,
    letter: &Letter,
    recipients: Vec<Agency>,
    size: u64,
) -> Result<DispatchManifest> {
    let unnumbered = || Error::new(Code::LetterWrongState).with("state", letter.state.key());
    let code = letter.code.clone().ok_or_else(unnumbered)?;
    let issued_on = letter.issued_on.ok_or_else(unnumbered)?;
    let sender = agencies::own(office)?;
    let now = clock::now();
    Ok(DispatchManifest {
        v: VERSION,
        dispatch_id: DispatchId::mint(now),
        letter_id: letter.id,
        doc_key: DocKey {
            organ_id: sender.id.clone(),
            issued_on,
            code,
        },
        sender,
        recipients,
        content: Content {
            sha256: letter.content,
            size,
            file_name: letter.file_name.clone(),
        },
        metadata: letter::metadata(letter).ok_or_else(unnumbered)?,
        urgency: letter.urgency,
        sealed_at: now,
    })
}

/// A dispatch with everything known of it.
pub struct Tracked {
    /// The outbox's row.
    pub dispatch: Dispatch,
    /// What was frozen.
    pub manifest: DispatchManifest,
    /// How far each recipient has got.
    pub deliveries: Vec<Delivery>,
    /// The evidence.
    pub receipts: Vec<Receipt>,
    /// Whether Decree 30's deadline has passed without proof of sending.
    pub overdue: bool,
}

/// Every dispatch, the newest first.
///
/// # Errors
/// [`Code::StoreUnusable`].
pub fn list(office: &Office) -> Result<Vec<Tracked>> {
    let dispatches = office.store().dispatches().map_err(store_error)?;
    dispatches
        .into_iter()
        .map(|dispatch| track(office, dispatch))
        .collect()
}

/// The newest dispatch of a letter, if it was ever put into the outbox.
///
/// # Errors
/// [`Code::StoreUnusable`].
pub fn of_letter(office: &Office, letter: LetterId) -> Result<Option<Tracked>> {
    let newest = office
        .store()
        .dispatches_of(letter)
        .map_err(store_error)?
        .into_iter()
        .next();
    newest.map(|dispatch| track(office, dispatch)).transpose()
}

fn track(office: &Office, dispatch: Dispatch) -> Result<Tracked> {
    Ok(Tracked {
        manifest: DispatchManifest::parse(&dispatch.manifest.bytes).map_err(Error::unknown)?,
        deliveries: office
            .store()
            .deliveries(dispatch.id)
            .map_err(store_error)?,
        receipts: office.store().receipts(dispatch.id).map_err(store_error)?,
        overdue: dispatch.is_overdue(clock::now()),
        dispatch,
    })
}

//! *Văn bản đến*: what came in, judged here, accepted into the register or returned with a reason.

use crate::{
    clock,
    error::{Code, Error, Result},
    fetch::round::Round,
    letter::store_error,
    office::Office,
    trust::Network,
    verify::{self, Verified},
};
use antin_pdf::Document;
use antin_records::{DeliveryId, DispatchManifest, Sha256Digest};
use antin_store::Incoming;
use std::path::PathBuf;

/// An incoming letter with what its sender declared.
pub struct Received {
    /// The inbox's row.
    pub incoming: Incoming,
    /// The sender's manifest.
    pub manifest: DispatchManifest,
}

/// The inbox, undecided letters first.
///
/// # Errors
/// [`Code::StoreUnusable`].
pub fn inbox(office: &Office) -> Result<Vec<Received>> {
    let letters = office.store().incoming_letters().map_err(store_error)?;
    letters.into_iter().map(with_manifest).collect()
}

/// One incoming letter.
///
/// # Errors
/// [`Code::LetterUnknown`].
pub fn letter(office: &Office, id: DeliveryId) -> Result<Received> {
    let found = office
        .store()
        .incoming_letter(id)
        .map_err(|e| Error::caused(Code::LetterUnknown, e).with("letter", id))?;
    with_manifest(found)
}

fn with_manifest(incoming: Incoming) -> Result<Received> {
    let manifest = DispatchManifest::parse(&incoming.manifest.bytes).map_err(Error::unknown)?;
    Ok(Received { incoming, manifest })
}

/// Reads a delivery's identity as a person typed it.
///
/// # Errors
/// [`Code::LetterUnknown`].
pub fn parse_id(text: &str) -> Result<DeliveryId> {
    text.parse()
        .map_err(|_| Error::new(Code::LetterUnknown).with("letter", text))
}

/// Where the file is; `None` before it has been fetched.
#[must_use]
pub fn file(office: &Office, content: Sha256Digest) -> Option<PathBuf> {
    office
        .store()
        .has_blob(content)
        .then(|| office.store().blob_path(content))
}

/// Judges the letter's signatures now, with what is known here.
///
/// # Errors
/// [`Code::NotFetched`], [`Code::StoreUnusable`] when the file is damaged.
pub fn judge(office: &Office, received: &Received, network: Network) -> Result<Verified> {
    let content = received.incoming.content;
    if !office.store().has_blob(content) {
        return Err(Error::new(Code::NotFetched));
    }
    let bytes = office.store().blob(content).map_err(store_error)?;
    let name = received.manifest.content.file_name.clone();
    let verified = match Document::from_bytes_after_junk(bytes) {
        Ok(document) => verify::document(office.trust(), &name, &document, network, None),
        Err(error) => verify::unreadable(&name, &error),
    };
    let report = serde_json::to_value(&verified.report).map_err(Error::unknown)?;
    if received.incoming.decided_at.is_none() {
        office
            .store()
            .judged(received.incoming.delivery_id, &report)
            .map_err(store_error)?;
    }
    Ok(verified)
}

/// Fetches what the judgement of a letter lacks, as a person asked for, and judges it again.
///
/// # Errors
/// As [`judge`].
pub fn fetch(office: &Office, received: &Received, round: &mut Round<'_>) -> Result<Verified> {
    let bytes = office
        .store()
        .blob(received.incoming.content)
        .map_err(store_error)?;
    if let Ok(document) = Document::from_bytes_after_junk(bytes) {
        verify::fetch_for(office.trust(), &document, round);
    }
    let mut verified = judge(office, received, Network::Offline)?;
    verified.asked = round.asked().to_vec();
    Ok(verified)
}

/// *Tiếp nhận, vào sổ*: 03, with the next arrival number of the year.
///
/// A letter whose signatures fail is not accepted (Decree 30, Art. 21.2): it goes back.
///
/// # Errors
/// [`Code::LetterAltered`], [`Code::AlreadyDecided`], [`Code::NotFetched`].
pub fn accept(office: &Office, id: DeliveryId) -> Result<Incoming> {
    let received = letter(office, id)?;
    let verified = judge(office, &received, Network::Online)?;
    if verified.word() == verify::Word::Invalid || verified.word() == verify::Word::Refused {
        return Err(Error::new(Code::LetterAltered));
    }
    office.store().accept(id, clock::now()).map_err(decided)
}

/// *Trả lại nơi gửi*: 02, with the reason the sender will read.
///
/// # Errors
/// [`Code::ReasonMissing`], [`Code::AlreadyDecided`], [`Code::NotFetched`].
pub fn refuse(office: &Office, id: DeliveryId, reason: &str) -> Result<Incoming> {
    if reason.trim().is_empty() {
        return Err(Error::new(Code::ReasonMissing));
    }
    office
        .store()
        .refuse(id, reason.trim(), clock::now())
        .map_err(decided)
}

fn decided(error: antin_store::Error) -> Error {
    match error {
        antin_store::Error::AlreadyDecided { .. } => Error::caused(Code::AlreadyDecided, error),
        antin_store::Error::NotJudged { .. } => Error::caused(Code::NotFetched, error),
        other => store_error(other),
    }
}

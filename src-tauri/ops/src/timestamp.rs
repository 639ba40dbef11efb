//! RFC 3161 over HTTP: the authorities are asked in turn, and an answer is believed only if it is about what was asked and
//! leads to a trust anchor.
//!
//! An authority may take minutes (VGCA's took 2 to 131 seconds in the field). Whoever signs waits a moment only; what did not
//! come by then is fetched by [`drain`] and put into the room kept in the signature, with no new revision.

use crate::{
    clock,
    error::{Code, Error, Result},
    fetch::{self, Request, TIMESTAMP_BYTES},
    letter::{self, store_error},
    office::Office,
    replace::{self, Seen},
    sign::pades_error,
    trust::{Network, Trust},
    verify,
};
use antin_cades::{Content, TimeStampToken, verify_signed_data};
use antin_pades::{
    extend::{Leaf, leaves_of_token},
    later,
};
use antin_pdf::Document;
use antin_pkix::{PathStatus, Usage, validate_path};
use antin_records::LetterId;
use antin_store::{PendingTimestamp, TimestampState, TimestampSubject};
use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Who signs at a best effort waits so long for each authority: a quick one has answered by then.
const MOMENT: Duration = Duration::from_secs(3);
/// Who examines the office wants to know, within the time one looks at a screen.
const CHECK: Duration = Duration::from_secs(30);
/// Who signs at a best effort does not ask an authority again so soon after it did not answer.
const PEACE: Duration = Duration::from_secs(60);
/// domain.md §6.6: answers after 131 seconds were measured.
const PATIENCE: Duration = Duration::from_secs(180);
/// Waits between the tries of the queue: 2, 4, 8 seconds … a quarter of an hour.
const FIRST_WAIT: time::Duration = time::Duration::seconds(2);
const LONGEST_WAIT: time::Duration = time::Duration::minutes(15);
/// exchange.md §6.2: after four hours a person should know.
const OVERDUE: time::Duration = time::Duration::hours(4);
/// A clock further off than this is worth a warning (exchange.md §6.2).
pub(crate) const SKEW: time::Duration = time::Duration::minutes(5);

/// How long one is ready to wait for an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A person waits who would also go without.
    Moment,
    /// A person looks whether the authority is there.
    Check,
    /// The time-stamp was demanded, or nobody waits.
    Long,
}

/// What a time-stamp is over.
#[derive(Clone, Copy)]
pub(crate) enum Over<'a> {
    /// A signature value.
    Signature(&'a [u8]),
    /// SHA-256 of a document.
    Digest(&'a [u8; 32]),
}

/// A time-stamp token of an authority that `trust` knows.
///
/// # Errors
/// [`Code::TimestampUnavailable`] with the last authority's failure.
pub(crate) fn fetch(
    authorities: &[String],
    over: Over<'_>,
    trust: &Trust,
    patience: Patience,
) -> Result<Vec<u8>> {
    let mut last = Error::new(Code::TimestampUnavailable).with("host", "");
    let mut silence = None;
    for authority in authorities {
        if patience == Patience::Moment && was_silent(authority) {
            silence = Some(unavailable(authority, Error::new(Code::NetworkUnavailable)));
            continue;
        }
        let token = ask(authority, over, trust, patience).and_then(|token| {
            accept(&token, trust)?;
            Ok(token.der)
        });
        match token {
            Ok(token) => {
                remember(authority, &token);
                return Ok(token);
            }
            Err(error) => {
                tracing::info!(authority, detail = error.detail(), "no time-stamp");
                if error.code == Code::NetworkUnavailable {
                    note_silence(authority);
                    silence = Some(unavailable(authority, error));
                } else {
                    last = unavailable(authority, error);
                }
            }
        }
    }
    Err(silence.unwrap_or(last))
}

fn unavailable(authority: &str, error: Error) -> Error {
    Error::caused(Code::TimestampUnavailable, error).with("host", authority)
}

/// Whether there was no time-stamp because an authority could not be reached or took too long: it may come later. What an
/// authority answered badly will not become better.
pub(crate) fn is_silence(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<Error>());
    cause.is_some_and(|cause| cause.code == Code::NetworkUnavailable)
}

/// Authorities that did not answer lately. Twenty letters do not wait twenty times for the same silence.
static SILENT: Mutex<Vec<(String, Instant)>> = Mutex::new(Vec::new());

fn was_silent(authority: &str) -> bool {
    let mut silent = SILENT.lock().unwrap_or_else(PoisonError::into_inner);
    silent.retain(|(_, since)| since.elapsed() < PEACE);
    silent.iter().any(|(known, _)| known == authority)
}

fn note_silence(authority: &str) {
    let mut silent = SILENT.lock().unwrap_or_else(PoisonError::into_inner);
    silent.push((authority.to_owned(), Instant::now()));
}

fn ask(
    authority: &str,
    over: Over<'_>,
    trust: &Trust,
    patience: Patience,
) -> Result<TimeStampToken> {
    let nonce = nonce();
    let body = match over {
        Over::Signature(value) => antin_cades::timestamp_request(value, nonce),
        Over::Digest(digest) => antin_cades::timestamp_request_over(digest, nonce),
    };
    let answer = fetch::fetch(&Request {
        url: authority,
        body: Some((&body, "application/timestamp-query")),
        cap: TIMESTAMP_BYTES,
        timeout: match patience {
            Patience::Moment => MOMENT,
            Patience::Check => CHECK,
            Patience::Long => PATIENCE,
        },
        allowed_hosts: trust.allowed_hosts(),
    })?;
    match over {
        Over::Signature(value) => antin_cades::accept_timestamp(&answer, value, nonce),
        Over::Digest(digest) => antin_cades::accept_timestamp_over(&answer, digest, nonce),
    }
    .map_err(Error::unknown)
}

/// The authority's own signature, its purpose and its path at the time it states.
fn accept(token: &TimeStampToken, trust: &Trust) -> Result<()> {
    let report = verify_signed_data(&token.der, Content::Attached);
    let authority = report
        .sole_signer()
        .filter(|signer| signer.is_intact())
        .and_then(|signer| signer.certificate.as_ref());
    let authority = authority.ok_or_else(|| not_believed("its signature does not hold"))?;
    let evidence = trust.evidence(
        std::slice::from_ref(authority),
        Network::Offline,
        clock::now(),
    );
    let path = validate_path(
        authority,
        &report.certificates,
        trust.store(),
        &evidence,
        token.generated_at,
        Usage::TimeStamping,
    );
    // What is known of its revocation is judged again by every receiver.
    match path.status {
        PathStatus::Trusted | PathStatus::RevocationUnknown { .. } => {}
        status => return Err(not_believed(&format!("its path: {status:?}"))),
    }
    let skew = (token.generated_at - clock::now()).abs();
    if skew > SKEW {
        tracing::warn!(%skew, "this computer's clock and the authority's differ");
    }
    Ok(())
}

fn not_believed(why: &str) -> Error {
    Error::unknown(std::io::Error::other(format!(
        "the time-stamp is not believed: {why}"
    )))
}

/// Sixty-four random bits.
fn nonce() -> u64 {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    // The version and variant bits of a UUID are fixed; mixing the halves leaves none.
    high ^ low.rotate_left(32)
}

/// The last token of each authority in this run: what its own path will need is known before it is asked again.
static TOKENS: Mutex<Vec<(String, Vec<u8>)>> = Mutex::new(Vec::new());

fn remember(authority: &str, token: &[u8]) {
    let mut tokens = TOKENS.lock().unwrap_or_else(PoisonError::into_inner);
    tokens.retain(|(known, _)| known != authority);
    tokens.push((authority.to_owned(), token.to_vec()));
}

/// The largest token these authorities sent in this run; `None` unless all of them are known, for any of them may answer.
pub(crate) fn known_size(authorities: &[String]) -> Option<usize> {
    let tokens = TOKENS.lock().unwrap_or_else(PoisonError::into_inner);
    let of = |authority: &String| tokens.iter().find(|(known, _)| known == authority);
    let sizes = authorities
        .iter()
        .map(|authority| of(authority).map(|(_, token)| token.len()));
    sizes.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// The certificates the next time-stamp will stand on. Where nothing is known yet, a time-stamp over nothing in particular
/// is asked for: validation data must be in the revision before its time-stamp is.
///
/// # Errors
/// As [`fetch`].
pub(crate) fn authority_leaves(authorities: &[String], trust: &Trust) -> Result<Vec<Leaf>> {
    let known = {
        let tokens = TOKENS.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |authority: &String| tokens.iter().find(|(known, _)| known == authority);
        authorities
            .iter()
            .find_map(of)
            .map(|(_, token)| token.clone())
    };
    let token = match known {
        Some(token) => token,
        None => {
            let anything = nonce().to_be_bytes();
            fetch(
                authorities,
                Over::Signature(&anything),
                trust,
                Patience::Long,
            )?
        }
    };
    Ok(leaves_of_token(&token))
}

/// A letter of the office was signed without a time-stamp: it gets one later.
///
/// # Errors
/// [`Code::StoreUnusable`].
pub fn queue_letter(office: &Office, letter: LetterId, field: &str) -> Result<()> {
    queue(office, &TimestampSubject::Letter(letter), field)
}

/// A file was signed without a time-stamp: it gets one later, where it is.
///
/// # Errors
/// [`Code::StoreUnusable`], [`Code::FileUnreadable`].
pub fn queue_file(office: &Office, file: &Path, field: &str) -> Result<()> {
    let absolute = std::path::absolute(file).map_err(|e| replace::unreadable(file, e))?;
    queue(office, &TimestampSubject::File(absolute), field)
}

fn queue(office: &Office, subject: &TimestampSubject, field: &str) -> Result<()> {
    if office.config().tsa.is_empty() {
        return Ok(());
    }
    office
        .store()
        .queue_timestamp(subject, field, clock::now())
        .map_err(store_error)
}

/// What a run over the queue did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Signatures that got their time-stamp.
    pub stamped: usize,
    /// Signatures that still wait.
    pub waiting: usize,
    /// Those of them that have waited longer than four hours.
    pub overdue: usize,
}

/// Asks for every time-stamp that is due. When no authority answers, the run ends: the next one asks again.
///
/// # Errors
/// [`Code::StoreUnusable`].
pub fn drain(office: &Office) -> Result<Drained> {
    let mut done = Drained::default();
    let store = office.store();
    for queued in store
        .timestamps_waiting(Some(clock::now()))
        .map_err(store_error)?
    {
        match stamp(office, &queued) {
            Ok(()) => done.stamped += 1,
            Err(NotStamped::Never(why)) => {
                tracing::info!(why, field = queued.field, "no time-stamp any more");
                store
                    .end_timestamp(queued.id, TimestampState::Superseded, clock::now())
                    .map_err(store_error)?;
            }
            Err(NotStamped::Later(error)) => {
                let next = clock::now() + wait(queued.attempts);
                store
                    .postpone_timestamp(queued.id, next, error.code.name())
                    .map_err(store_error)?;
                if error.code == Code::TimestampUnavailable {
                    break;
                }
            }
        }
    }
    let waiting = store.timestamps_waiting(None).map_err(store_error)?;
    let since = clock::now() - OVERDUE;
    done.waiting = waiting.len();
    done.overdue = waiting.iter().filter(|one| one.created_at < since).count();
    Ok(done)
}

fn wait(attempts: u32) -> time::Duration {
    let factor = 1_i32.checked_shl(attempts.min(16)).unwrap_or(i32::MAX);
    (FIRST_WAIT * factor).min(LONGEST_WAIT)
}

/// Why a signature did not get its time-stamp.
enum NotStamped {
    /// It has no place any more.
    Never(String),
    /// Not now.
    Later(Error),
}

impl From<Error> for NotStamped {
    fn from(error: Error) -> NotStamped {
        NotStamped::Later(error)
    }
}

impl From<antin_pades::Error> for NotStamped {
    fn from(error: antin_pades::Error) -> NotStamped {
        match error {
            antin_pades::Error::Io(_) => NotStamped::Later(pades_error(error)),
            error => NotStamped::Never(error.to_string()),
        }
    }
}

fn stamp(office: &Office, queued: &PendingTimestamp) -> std::result::Result<(), NotStamped> {
    match &queued.subject {
        TimestampSubject::Letter(id) => stamp_letter(office, queued, *id),
        TimestampSubject::File(path) => {
            if !path.exists() {
                return Err(NotStamped::Never("the file is gone".into()));
            }
            let authorities = &office.config().tsa;
            stamp_file(authorities, office.trust(), path, &queued.field)?;
            office
                .store()
                .end_timestamp(queued.id, TimestampState::Done, clock::now())
                .map_err(store_error)?;
            Ok(())
        }
    }
}

/// The time-stamp makes a new version of the letter's file, of the same length. Nothing is held while the authority thinks:
/// if the letter went on meanwhile, the time-stamp is not used.
fn stamp_letter(
    office: &Office,
    queued: &PendingTimestamp,
    id: LetterId,
) -> std::result::Result<(), NotStamped> {
    let letter = letter::letter(office, id)?;
    let document = letter::document(office, &letter)?;
    let value = later::waiting(&document, &queued.field)?;
    let token = fetch(
        &office.config().tsa,
        Over::Signature(&value),
        office.trust(),
        Patience::Long,
    )?;
    let patch = later::insert(&document, &queued.field, &token)?;
    let mut bytes = document.bytes().to_vec();
    if !patch.apply(&mut bytes) {
        return Err(NotStamped::Never("the hole lies outside the file".into()));
    }
    let stamped =
        Document::from_bytes(bytes).map_err(|e| verify::pdf_error(e, &letter.file_name))?;
    verify::require_intact(office, &stamped)?;
    let content = office
        .store()
        .put_blob(stamped.bytes())
        .map_err(store_error)?;
    match office
        .store()
        .stamp_letter(queued.id, id, letter.content, content, clock::now())
    {
        Ok(_) => Ok(()),
        Err(error @ antin_store::Error::LetterChanged { .. }) => {
            Err(NotStamped::Never(error.to_string()))
        }
        Err(error) => Err(store_error(error).into()),
    }
}

/// Puts a time-stamp into a signature of a file, in place.
fn stamp_file(
    authorities: &[String],
    trust: &Trust,
    path: &Path,
    field: &str,
) -> std::result::Result<(), NotStamped> {
    let seen = Seen::of(path)?;
    let document =
        Document::open(path).map_err(|e| verify::pdf_error(e, &path.display().to_string()))?;
    let value = later::waiting(&document, field)?;
    let token = fetch(authorities, Over::Signature(&value), trust, Patience::Long)?;
    let patch = later::insert(&document, field, &token)?;
    // A mapped file cannot be replaced on Windows.
    drop(document);
    replace::patch(path, &seen, patch.offset, &patch.bytes)?;
    Ok(())
}

/// Puts a time-stamp into the last signature of a file, if it waits for one. Says which field it was.
///
/// # Errors
/// [`Code::TimestampUnavailable`], those of reading and replacing the file.
pub(crate) fn stamp_last(
    authorities: &[String],
    trust: &Trust,
    path: &Path,
) -> Result<Option<String>> {
    let document =
        Document::open(path).map_err(|e| verify::pdf_error(e, &path.display().to_string()))?;
    let waiting = later::waiting_field(&document).map_err(pades_error)?;
    drop(document);
    let Some(field) = waiting else {
        return Ok(None);
    };
    match stamp_file(authorities, trust, path, &field) {
        Ok(()) => Ok(Some(field)),
        Err(NotStamped::Later(error)) => Err(error),
        Err(NotStamped::Never(why)) => Err(Error::unknown(std::io::Error::other(why))),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_WAIT, wait};

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        assert_eq!(wait(0), time::Duration::seconds(2));
        assert_eq!(wait(3), time::Duration::seconds(16));
        assert_eq!(wait(9), LONGEST_WAIT);
        assert_eq!(wait(u32::MAX), LONGEST_WAIT);
    }
}

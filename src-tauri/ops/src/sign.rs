//! *Ký*: an official signs. The procedure as the Decree has it, one step a line.
//!
//! [`approve`] signs a letter of the office's records (*ký duyệt*); [`crate::batch`] signs any PDFs in place.
//! What both share is the pen: prepare, let the token sign, time-stamp, finish.

use crate::{
    clock,
    error::{Code, Error, Result},
    extend,
    letter::{self, Places},
    office::{Office, Role},
    signer::{Holder, Signer, subject},
    timestamp::{self, Over, Patience},
    trust::{Network, Trust},
    verify,
};
use antin_pades::{
    Act, Approve, Extras, Image, IncrementalUpdate, Plain, Prepared, SignRequest, ValidationData,
    Words, extend::Leaf,
};
use antin_page::PageText;
use antin_pdf::Document;
use antin_pkix::{PathStatus, Usage, validate_path};
use antin_records::LetterId;
use antin_store::Letter;
use antin_token::UserPin;
use std::{io::Read, path::Path};
use time::OffsetDateTime;

pub use antin_pades::{Permissions, Place, Signing};

/// A step worth showing while one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The province gives the number.
    Number,
    /// The token signs.
    Token,
    /// The time-stamp is fetched.
    Timestamp,
    /// The result is written.
    Write,
    /// The letter goes into the outbox.
    Queue,
}

impl Step {
    /// Its name in events and `--json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Step::Number => "number",
            Step::Token => "token",
            Step::Timestamp => "timestamp",
            Step::Write => "write",
            Step::Queue => "queue",
        }
    }
}

/// Where an act stands: `done` of `total` steps, now at `step`.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The step under way.
    pub step: Step,
    /// Steps behind it.
    pub done: usize,
    /// All of them.
    pub total: usize,
}

impl Progress {
    pub(crate) fn at(step: Step, done: usize, total: usize) -> Progress {
        Progress { step, done, total }
    }
}

/// How much proof of time goes into the signature (EN 319 142-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// B-B: none; the claimed time only.
    B,
    /// B-T: a time-stamp, or no signature.
    T,
    /// B-T, by and by: where no authority can be reached at once, the signature keeps the room for it.
    TLater,
    /// B-LT: a time-stamp, and validation data in the signature's own revision.
    Lt,
    /// B-LTA: B-LT with an archive time-stamp after it.
    Lta,
    /// B-T if an authority answers now, else B-B; the result says which.
    BestEffort,
}

impl Level {
    /// Whether there is no signature without a time-stamp.
    fn demands_timestamp(self) -> bool {
        matches!(self, Level::T | Level::Lt | Level::Lta)
    }

    /// Whether a time-stamp that could not be had at once is fetched later.
    #[must_use]
    pub fn stamps_later(self) -> bool {
        matches!(self, Level::BestEffort | Level::TLater)
    }

    /// Whether validation data go with the signature.
    fn is_long_term(self) -> bool {
        matches!(self, Level::Lt | Level::Lta)
    }
}

/// *Ký duyệt* of one letter.
pub struct ApproveOrder {
    /// The letter.
    pub letter: LetterId,
    /// The PIN; `None` where the token has its own pad.
    pub pin: Option<UserPin>,
    /// Where the leader moved the signature to; `None` leaves it where it was found.
    pub place: Option<Place>,
}

/// The competent person signs a waiting letter: certification with P=2, picture, fields for the clerk.
///
/// # Errors
/// A [`Code`] for each rule; the letter is then as it was.
pub fn approve(
    office: &Office,
    order: ApproveOrder,
    progress: &mut dyn FnMut(Progress),
) -> Result<Letter> {
    let _one_act_at_a_time = office.act.lock();
    let waiting = Waiting::find(office, order.letter, order.place)?;
    let mut signer = leader(office)?;
    progress(Progress::at(Step::Token, 0, 3));
    signer.unlock(order.pin)?;
    let holder = signer.holder(office.trust());
    waiting.approve(office, &holder, &mut signer, progress)
}

/// The leader's token, if he may sign with it.
pub(crate) fn leader(office: &Office) -> Result<Signer> {
    let now = clock::now();
    let signer = Signer::of_office(office, office.signer(Role::Leader)?, now)?;
    may_sign(&signer, office.trust(), now)?;
    Ok(signer)
}

/// A letter before the leader, read and looked at.
pub(crate) struct Waiting {
    letter: Letter,
    document: Document,
    act: Approve,
    /// The place before the date, for the signature's `/Location`.
    place_name: String,
}

impl Waiting {
    pub(crate) fn find(office: &Office, id: LetterId, place: Option<Place>) -> Result<Waiting> {
        let letter = letter::at_step(office, id, antin_store::LetterState::Waiting)?;
        let document = letter::document(office, &letter)?;
        let mut places = letter::places(&letter);
        if let Some(moved) = place {
            places.move_leader(moved);
        }
        let act = approval(office, &places)?;
        Ok(Waiting {
            letter,
            document,
            act,
            place_name: places.place_name,
        })
    }

    /// Signs with a token that was unlocked before, and takes the letter on.
    pub(crate) fn approve(
        self,
        office: &Office,
        holder: &Holder,
        signer: &mut Signer,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Letter> {
        let pen = Pen {
            holder,
            trust: office.trust(),
            authorities: &office.config().tsa,
            level: Level::BestEffort,
            now: clock::now(),
        };
        let words = Words {
            name: office.signer(Role::Leader)?.name.clone(),
            reason: "Ký duyệt".into(),
            location: self.place_name,
        };
        let bytes = self.document.bytes();
        let draft = pen.draft(&self.document, bytes, Act::Approve(self.act), words)?;
        let signed = pen.complete(
            &self.document,
            draft,
            &mut |message| signer.sign(message),
            &mut |step| progress(Progress::at(step, 1, 3)),
        )?;
        progress(Progress::at(Step::Write, 2, 3));
        let letter = letter::advance(
            office,
            &self.letter,
            &self.document,
            &signed.update,
            letter::Advance::Signed,
        )?;
        signed.queue(office, letter.id);
        Ok(letter)
    }
}

fn approval(office: &Office, places: &Places) -> Result<Approve> {
    let who = office.signer(Role::Leader)?;
    let place = places
        .leader
        .ok_or_else(|| Error::new(Code::PlacesNotFound))?;
    let image = picture(&office.image(who)?, &who.image)?;
    let fields = places.issue_fields(&image);
    Ok(Approve {
        image,
        place,
        fields,
    })
}

/// Reads a picture for a visible signature.
pub(crate) fn picture(png: &[u8], path: &Path) -> Result<Image> {
    Image::from_png(png)
        .map_err(|e| Error::caused(Code::ImageUnusable, e).with("file", path.display()))
}

/// What a signature on a file means: [`Plainly`] or an act of its own module.
pub trait FileAct: Sync {
    /// How many pages' text it must see to find its places.
    fn pages(&self) -> usize {
        0
    }

    /// The act, and the words of its `/Reason`. `texts` are those of its pages.
    ///
    /// # Errors
    /// What forbids it on this file.
    fn on(&self, document: &Document, texts: &[PageText]) -> Result<(Act, String)>;
}

/// A signature of no special kind, without a drawing.
pub struct Plainly;

impl FileAct for Plainly {
    fn on(&self, _: &Document, _: &[PageText]) -> Result<(Act, String)> {
        Ok((Act::Plain(Plain::default()), String::new()))
    }
}

/// What a file's own signatures still allow.
///
/// # Errors
/// [`Code::DocumentNotPdf`] and its siblings.
pub fn permissions(file: &Path) -> Result<Permissions> {
    antin_pades::permissions(&open(file)?).map_err(|e| pades_error(e).about(file))
}

pub(crate) fn open(file: &Path) -> Result<Document> {
    Document::open(file).map_err(|e| verify::pdf_error(e, &file.display().to_string()))
}

/// Two tokens of one authority differ by a few bytes.
const TOKEN_VARIES: usize = 256;

/// Everything a signature needs but the document and the token.
pub(crate) struct Pen<'a> {
    pub(crate) holder: &'a Holder,
    pub(crate) trust: &'a Trust,
    pub(crate) authorities: &'a [String],
    pub(crate) level: Level,
    pub(crate) now: OffsetDateTime,
}

/// A signature ready to be appended.
pub(crate) struct Signed {
    pub(crate) update: IncrementalUpdate,
    pub(crate) timestamped: bool,
}

impl Signed {
    /// Notes that the letter's signature waits for its time-stamp, if it does. The letter is signed by now, so a note
    /// that cannot be made costs the time-stamp, not the act.
    pub(crate) fn queue(&self, office: &Office, letter: LetterId) {
        if self.timestamped {
            return;
        }
        if let Err(error) = timestamp::queue_letter(office, letter, &self.update.field) {
            tracing::error!(detail = error.detail(), "no time-stamp will come later");
        }
    }
}

/// Lets the token sign a message.
pub(crate) type TokenSigns<'a, E> = dyn FnMut(&[u8]) -> std::result::Result<Vec<u8>, E> + 'a;

/// A signature without its value, and what it takes to make it anew.
pub(crate) struct Draft<'a> {
    request: SignRequest<'a>,
    validation: Option<ValidationData>,
    prepared: Prepared,
}

impl<'a> Pen<'a> {
    /// Everything but the signature's value. `original` gives the document's bytes once more, to be hashed.
    pub(crate) fn draft(
        &self,
        document: &Document,
        original: impl Read,
        act: Act,
        words: Words,
    ) -> Result<Draft<'a>> {
        let request = SignRequest {
            act,
            certificate: self.holder.certificate.der(),
            chain: &self.holder.chain,
            algorithm: self.holder.algorithm,
            time: self.now,
            timestamp: self.level != Level::B && !self.authorities.is_empty(),
            words,
        };
        let validation = self.validation()?;
        // What the authority sent last, it sends again: a letter need not grow for the largest there is.
        let known = timestamp::known_size(self.authorities);
        let extras = Extras {
            validation: validation.as_ref(),
            timestamp_room: known.map(|size| size.saturating_add(TOKEN_VARIES)),
            ..Extras::default()
        };
        let prepared =
            antin_pades::prepare_with(document, &request, original, extras).map_err(pades_error)?;
        Ok(Draft {
            request,
            validation,
            prepared,
        })
    }

    /// Token, time-stamp, finish.
    ///
    /// The hole is computed from the chain and the usual size of a time-stamp; should one be larger, all is done once more.
    pub(crate) fn complete<E: From<Error>>(
        &self,
        document: &Document,
        draft: Draft<'_>,
        token: &mut TokenSigns<'_, E>,
        at: &mut dyn FnMut(Step),
    ) -> std::result::Result<Signed, E> {
        let Draft {
            request,
            validation,
            mut prepared,
        } = draft;
        let mut extras = Extras {
            validation: validation.as_ref(),
            ..Extras::default()
        };
        loop {
            let signature = token(prepared.to_be_signed())?;
            let timestamp = self.timestamp(&signature, at)?;
            match prepared.finish(&signature, timestamp.as_deref()) {
                Ok(update) => {
                    return Ok(Signed {
                        update,
                        timestamped: timestamp.is_some(),
                    });
                }
                Err(antin_pades::Error::HoleTooSmall { needed, .. }) if extras.least_room == 0 => {
                    extras.least_room = needed.saturating_add(TOKEN_VARIES);
                    prepared =
                        antin_pades::prepare_with(document, &request, document.bytes(), extras)
                            .map_err(pades_error)?;
                }
                Err(error) => return Err(pades_error(error).into()),
            }
        }
    }

    /// What proves the signer's path and that of the time-stamp to come.
    fn validation(&self) -> Result<Option<ValidationData>> {
        if !self.level.is_long_term() {
            return Ok(None);
        }
        let mut leaves = timestamp::authority_leaves(self.authorities, self.trust)?;
        leaves.push(Leaf {
            certificate: self.holder.certificate.clone(),
            beside: self.trust.issuers(&self.holder.certificate),
            usage: Usage::Signing,
        });
        extend::gather(self.trust, &leaves, self.now).map(Some)
    }

    /// A slow or absent authority never costs the signature unless the time-stamp was demanded.
    fn timestamp(&self, signature: &[u8], at: &mut dyn FnMut(Step)) -> Result<Option<Vec<u8>>> {
        if self.level == Level::B
            || (self.authorities.is_empty() && self.level == Level::BestEffort)
        {
            return Ok(None);
        }
        at(Step::Timestamp);
        let demanded = self.level.demands_timestamp();
        let patience = if demanded {
            Patience::Long
        } else {
            Patience::Moment
        };
        let over = Over::Signature(signature);
        match timestamp::fetch(self.authorities, over, self.trust, patience) {
            Ok(token) => Ok(Some(token)),
            Err(error) if demanded => Err(error),
            Err(error) if self.level == Level::TLater && !timestamp::is_silence(&error) => {
                Err(error)
            }
            Err(error) => {
                tracing::warn!(detail = error.detail(), "signed without a time-stamp");
                Ok(None)
            }
        }
    }
}

/// Certificate in force, for signing, under a trusted root, not known to be revoked (Decree 68/2024 Art. 29.1, 29.2).
///
/// That nothing is known about revocation does not stop the signer: he may be offline, and every receiver
/// judges it again.
pub(crate) fn may_sign(signer: &Signer, trust: &Trust, now: OffsetDateTime) -> Result<()> {
    match path_of(signer, trust, Network::Online, now) {
        PathStatus::NoPath { .. } => Err(refused(Code::CertificateUntrusted, signer)),
        other => judge(other, signer),
    }
}

/// For files outside any office: whoever the anchors do not know may sign, whoever they know to be bad may not.
pub(crate) fn refuse_known_bad(signer: &Signer, trust: &Trust, now: OffsetDateTime) -> Result<()> {
    match path_of(signer, trust, Network::Offline, now) {
        PathStatus::NoPath { .. } => Ok(()),
        other => judge(other, signer),
    }
}

fn path_of(signer: &Signer, trust: &Trust, network: Network, now: OffsetDateTime) -> PathStatus {
    let certificate = signer.certificate();
    let evidence = trust.evidence(std::slice::from_ref(certificate), network, now);
    validate_path(
        certificate,
        &[],
        trust.store(),
        &evidence,
        now,
        Usage::Signing,
    )
    .status
}

fn judge(status: PathStatus, signer: &Signer) -> Result<()> {
    match status {
        PathStatus::Trusted | PathStatus::RevocationUnknown { .. } => Ok(()),
        PathStatus::Revoked { .. } => Err(refused(Code::CertificateRevoked, signer)),
        PathStatus::Expired { not_after, .. } => Err(refused(Code::CertificateExpired, signer)
            .with("date", letter::date_text(not_after.date()))),
        PathStatus::NotYetValid { .. } => Err(refused(Code::CertificateNotYetValid, signer)),
        _ => Err(refused(Code::CertificateNotForSigning, signer)),
    }
}

fn refused(code: Code, signer: &Signer) -> Error {
    Error::new(code).with("subject", subject(signer.certificate()))
}

/// A refusal of `pades` as the desk branches on it.
pub(crate) fn pades_error(error: antin_pades::Error) -> Error {
    use antin_pades::Error as E;
    let code = match error {
        E::Pdf(inner) => return verify::pdf_error(inner, ""),
        E::ChangedOnDisk { .. } => Code::DocumentChangedOnDisk,
        E::Io(_) => Code::FileUnreadable,
        E::Locked | E::AlreadySigned { .. } => Code::DocumentLockedByMdp,
        E::OwnerForbids => Code::DocumentOwnerForbids,
        E::FieldMissing { .. } => Code::FieldsMissing,
        E::NotApproved { .. } => Code::LeaderSignatureMissing,
        E::AlreadyFilled { .. } => Code::FieldsAlreadyFilled,
        E::PlaceOutside { .. } => Code::PlacesNotFound,
        E::ImageUnreadable | E::ImageTooBig { .. } => Code::ImageUnusable,
        E::OnlyInvisible => Code::DocumentInvisibleOnly,
        E::SignatureMismatch => Code::TokenSignatureWrong,
        E::CopyForbidden { form, source_kind } => {
            let original = crate::copy::original(source_kind);
            return Error::caused(Code::CopyForbidden, error)
                .with("form", form.name())
                .with("original", original);
        }
        E::CopyOfSigned { ref field } => {
            let field = field.clone();
            return Error::caused(Code::CopyOfSigned, error).with("field", field);
        }
        E::CopyTooOld { ref version } => {
            let version = version.clone();
            return Error::caused(Code::CopyTooOld, error).with("version", version);
        }
        E::TextTooWide { ref text, .. } | E::TextTooLong { ref text, .. } => {
            let text = text.clone();
            return Error::caused(Code::TextDoesNotFit, error).with("text", text);
        }
        E::TextMissing { ref field } => {
            let text = field.clone();
            return Error::caused(Code::TextDoesNotFit, error).with("text", text);
        }
        E::Malformed { .. } | E::XfaForm => Code::DocumentDamaged,
        _ => return Error::unknown(error),
    };
    Error::caused(code, error).with("file", "")
}

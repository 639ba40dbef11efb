//! Letters of the office: a draft is put before the leader, its places are found, each act takes it one step on.

use crate::{
    clock,
    error::{Code, Error, Result},
    office::Office,
    replace::unreadable,
    sign::Place,
    verify,
};
use antin_pades::{IncrementalUpdate, IssueFields, Rect, TextPlace, TextStyle};
use antin_page::{Found, LetterFacts, PageText};
use antin_pdf::Document;
use antin_records::{
    CodeNotation, DocumentType, LetterId, LetterMetadata, Urgency, metadata::Signer,
    secrecy::refuse_secret,
};
use antin_store::{Dispatch, Letter, LetterState, NewLetter, OutboxState};
use std::path::Path;
use time::Date;

/// Province rules seen in the field cap a letter at 50 MB (domain.md §2.2).
pub(crate) const LETTER_BYTES: u64 = 50 << 20;
/// A line of more bytes is no secrecy mark, whatever stands around the letters of one.
const LONGEST_MARK: usize = 256;
/// An agency's seal is 36 mm across (domain.md §1.1); the picture is drawn at its real size.
pub(crate) const SEAL_POINTS: f64 = 36.0 * 72.0 / 25.4;

/// Reads a draft, refuses a secret one, finds its places and puts it before the leader.
///
/// # Errors
/// [`Code::DocumentNotPdf`] and its siblings, [`Code::LetterSecret`], [`Code::PageHelperFailed`].
pub fn add(office: &Office, path: &Path, urgency: Urgency, source: &str) -> Result<Letter> {
    let length = std::fs::metadata(path)
        .map_err(|e| unreadable(path, e))?
        .len();
    if length > LETTER_BYTES {
        return Err(Error::new(Code::DocumentTooBig).with("file", path.display()));
    }
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, e))?;
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let document = Document::from_bytes(bytes).map_err(|e| verify::pdf_error(e, &name))?;
    let pages = document
        .page_count()
        .map_err(|e| verify::pdf_error(e, &name))?;
    let texts = texts(office, document.bytes())?;
    refuse_marked(&texts)?;
    let found = antin_page::find_places(&texts);

    let pages = u32::try_from(pages).unwrap_or(u32::MAX);
    let metadata = describe(&found.letter, pages);
    let new = NewLetter {
        id: LetterId::mint(clock::now()),
        state: LetterState::Waiting,
        file_name: name,
        source: source.to_owned(),
        pages,
        urgency,
        metadata: to_json(&metadata)?,
        places: to_json(&found)?,
        at: clock::now(),
    };
    office
        .store()
        .add_letter(&new, document.bytes())
        .map_err(store_error)
}

fn texts(office: &Office, bytes: &[u8]) -> Result<Vec<PageText>> {
    let drawn = office.pages()?.open(bytes.to_vec()).map_err(page_error)?;
    drawn.texts().map_err(page_error)
}

/// Refuses pages one of whose lines, or columns in capitals, is a secrecy mark.
pub(crate) fn refuse_marked(texts: &[PageText]) -> Result<()> {
    let lines = texts.iter().flat_map(|page| &page.lines);
    let lines: Vec<_> = lines.map(|line| line.columns()).collect();
    refuse_marked_lines(&lines)
}

/// The same of lines in the parts that stand apart: a secrecy stamp shares its line with whatever is beside it, and is set
/// in capitals.
pub(crate) fn refuse_marked_lines(lines: &[Vec<String>]) -> Result<()> {
    let short =
        |columns: &&Vec<String>| columns.iter().map(String::len).sum::<usize>() <= LONGEST_MARK;
    let whole = lines.iter().filter(short).map(|columns| columns.join(" "));
    let whole: Vec<String> = whole.collect();
    let parts = lines.iter().flatten().map(String::as_str);
    let stamps =
        parts.filter(|part| part.len() <= LONGEST_MARK && !part.chars().any(char::is_lowercase));
    refuse_secret(whole.iter().map(String::as_str).chain(stamps)).map_err(secret)
}

fn secret(error: antin_records::Error) -> Error {
    match &error {
        antin_records::Error::Secret(secrecy) => {
            let marking = secrecy.mark();
            Error::new(Code::LetterSecret).with("marking", marking)
        }
        _ => Error::unknown(error),
    }
}

/// The letter's metadata (Decree 30, Annex VI) as far as the letter says it itself; `None` when it carries no notation.
fn describe(facts: &LetterFacts, pages: u32) -> Option<LetterMetadata> {
    let notation = CodeNotation::parse_blank(facts.code_notation.as_deref()?).ok()?;
    let named = facts.type_name.as_deref().and_then(DocumentType::from_name);
    Some(
        LetterMetadata {
            document_type: named.unwrap_or_else(|| notation.document_type()),
            notation,
            organ_name: facts.organ_name.clone().unwrap_or_default(),
            subject: facts.subject.clone().unwrap_or_default(),
            place_name: facts.place_name.clone().unwrap_or_default(),
            page_count: pages,
            signer: Signer {
                competence: facts.competence.first().cloned(),
                position: facts.signer_position.clone().unwrap_or_default(),
                full_name: facts.signer_name.clone().unwrap_or_default(),
            },
            to_places: facts.recipients.clone(),
        }
        .normalised(),
    )
}

/// What the letter says about itself.
#[must_use]
pub fn metadata(letter: &Letter) -> Option<LetterMetadata> {
    serde_json::from_value(letter.metadata.clone()).ok()
}

/// What the letter is about, in the words people call it by: its subject without "Về việc", or the file's name.
#[must_use]
pub fn title(letter: &Letter) -> String {
    facts(letter)
        .letter
        .bare_subject()
        .unwrap_or_else(|| letter.file_name.clone())
}

/// The year printed in the letter's date, if it is typed.
#[must_use]
pub fn printed_year(letter: &Letter) -> Option<i32> {
    facts(letter).letter.year?.parse().ok()
}

fn facts(letter: &Letter) -> antin_page::Places {
    serde_json::from_value(letter.places.clone()).unwrap_or_default()
}

/// Where the acts will put what they put.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The leader's picture.
    pub leader: Option<Place>,
    /// The place before the date, for the signature's `/Location`.
    pub place_name: String,
    number: Option<TextPlace>,
    day: Option<TextPlace>,
    month: Option<TextPlace>,
    incoming: Option<Place>,
}

impl Places {
    /// The leader moved the signature; the seal goes with it.
    pub fn move_leader(&mut self, place: Place) {
        self.leader = Some(place);
    }

    /// The blank of the number.
    #[must_use]
    pub fn number(&self) -> Option<Place> {
        self.number.map(|t| t.place)
    }

    /// The blank of the day.
    #[must_use]
    pub fn day(&self) -> Option<Place> {
        self.day.map(|t| t.place)
    }

    /// The blank of the month.
    #[must_use]
    pub fn month(&self) -> Option<Place> {
        self.month.map(|t| t.place)
    }

    /// The seal over the left third of `image` (Decree 30, Annex I, II.8.a).
    #[must_use]
    pub fn seal(&self, image: &antin_pades::Image) -> Option<Place> {
        self.leader
            .map(|leader| antin_pades::seal_place(leader, image, SEAL_POINTS))
    }

    /// The blanks of number, day and month.
    pub(crate) fn blanks(&self) -> [Option<TextPlace>; 3] {
        [self.number, self.day, self.month]
    }

    /// The seal over the left third of the leader's block, where his picture is not known.
    pub(crate) fn seal_by_block(&self) -> Option<Place> {
        let leader = self.leader?;
        let right = leader.rect.x0 + leader.rect.width() / 3.0;
        let bottom = f64::midpoint(leader.rect.y0, leader.rect.y1) - SEAL_POINTS / 2.0;
        let x0 = (right - SEAL_POINTS).max(0.0);
        Some(Place {
            page: leader.page,
            rect: Rect::new(x0, bottom, x0 + SEAL_POINTS, bottom + SEAL_POINTS),
        })
    }

    /// The fields an initial prepares: the picture of who will sign is not known yet, so the seal goes by its place.
    pub(crate) fn later(&self) -> Option<antin_pades::Later> {
        let (leader, seal) = (self.leader?, self.seal_by_block()?);
        let fields = self.number.map(|number| IssueFields {
            number,
            day: self.day,
            month: self.month,
            seal,
            incoming: self.incoming,
        });
        Some(antin_pades::Later { leader, fields })
    }

    /// Where an incoming stamp hides least.
    pub(crate) fn incoming(&self) -> Option<Place> {
        self.incoming
    }

    /// The fields an approval prepares; `None` where the number's place is not known.
    pub(crate) fn issue_fields(&self, image: &antin_pades::Image) -> Option<IssueFields> {
        Some(IssueFields {
            number: self.number?,
            day: self.day,
            month: self.month,
            seal: self.seal(image)?,
            incoming: self.incoming,
        })
    }
}

/// The places found when the letter came in.
#[must_use]
pub fn places(letter: &Letter) -> Places {
    places_of(facts(letter))
}

/// The places found in a letter's text.
pub(crate) fn places_of(found: antin_page::Places) -> Places {
    Places {
        leader: found.leader.as_ref().map(place),
        number: found.number.as_ref().map(|f| text_place(f, false)),
        day: found.day.as_ref().map(|f| text_place(f, true)),
        month: found.month.as_ref().map(|f| text_place(f, true)),
        incoming: found.incoming.as_ref().map(place),
        place_name: found.letter.place_name.unwrap_or_default(),
    }
}

fn place(found: &Found) -> Place {
    let antin_page::Rect { x0, y0, x1, y1 } = found.rect;
    Place {
        page: found.page,
        rect: Rect { x0, y0, x1, y1 },
    }
}

/// Date lines are italic, numbers upright (Decree 30, Annex I, II.3 and II.4).
fn text_place(found: &Found, italic: bool) -> TextPlace {
    TextPlace {
        place: place(found),
        baseline: found.baseline,
        style: TextStyle {
            size: found.size,
            italic,
        },
    }
}

/// Every letter, urgent ones first.
///
/// # Errors
/// [`Code::StoreUnusable`].
pub fn list(office: &Office, states: &[LetterState]) -> Result<Vec<Letter>> {
    office.store().letters(states).map_err(store_error)
}

/// One letter.
///
/// # Errors
/// [`Code::LetterUnknown`].
pub fn letter(office: &Office, id: LetterId) -> Result<Letter> {
    office
        .store()
        .letter(id)
        .map_err(|e| Error::caused(Code::LetterUnknown, e).with("letter", id))
}

/// Reads a letter's identity as a person typed it.
///
/// # Errors
/// [`Code::LetterUnknown`].
pub fn parse_id(text: &str) -> Result<LetterId> {
    text.parse()
        .map_err(|_| Error::new(Code::LetterUnknown).with("letter", text))
}

/// The letter, if it stands at `state`.
pub(crate) fn at_step(office: &Office, id: LetterId, state: LetterState) -> Result<Letter> {
    let letter = letter(office, id)?;
    if letter.state == state {
        return Ok(letter);
    }
    Err(Error::new(Code::LetterWrongState).with("state", letter.state.key()))
}

/// The letter's file as it is now.
///
/// # Errors
/// [`Code::StoreUnusable`] when the file is gone or damaged, [`Code::DocumentDamaged`].
pub fn document(office: &Office, letter: &Letter) -> Result<Document> {
    let bytes = office.store().blob(letter.content).map_err(store_error)?;
    Document::from_bytes(bytes).map_err(|e| verify::pdf_error(e, &letter.file_name))
}

/// The step an act takes a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advance {
    Signed,
    Issued,
}

/// Keeps the file with the act appended and takes the letter on, if the result reads back as intact.
pub(crate) fn advance(
    office: &Office,
    letter: &Letter,
    document: &Document,
    update: &IncrementalUpdate,
    step: Advance,
) -> Result<Letter> {
    let mut bytes = document.bytes().to_vec();
    bytes.extend_from_slice(&update.bytes);
    let written =
        Document::from_bytes(bytes).map_err(|e| verify::pdf_error(e, &letter.file_name))?;
    verify::require_intact(office, &written)?;
    let content = office
        .store()
        .put_blob(written.bytes())
        .map_err(store_error)?;
    let to = match step {
        Advance::Signed => LetterState::Signed,
        Advance::Issued => LetterState::Issued,
    };
    let step = antin_store::Advance {
        id: letter.id,
        from: letter.state,
        replaces: letter.content,
        to,
        content,
        at: clock::now(),
    };
    office
        .store()
        .advance_letter(&step)
        .map_err(|error| match error {
            // The desk and `antin` may work on one letter at the same moment: one of them wins.
            antin_store::Error::LetterChanged { .. } => {
                let state = self::letter(office, letter.id).map_or(letter.state, |now| now.state);
                Error::caused(Code::LetterWrongState, error).with("state", state.key())
            }
            other => store_error(other),
        })
}

/// The one word for where a letter stands, its dispatch included.
#[must_use]
pub fn standing(letter: &Letter, dispatch: Option<&Dispatch>) -> &'static str {
    let Some(dispatch) = dispatch else {
        return letter.state.key();
    };
    match dispatch.state {
        OutboxState::Sealed | OutboxState::Queued => "queued",
        // Between two tries nothing is being sent, however far the last one came.
        OutboxState::Uploading | OutboxState::Uploaded if dispatch.next_at.is_some() => "queued",
        OutboxState::Uploading | OutboxState::Uploaded | OutboxState::Submitting => "sending",
        OutboxState::Unknown => "unknown",
        OutboxState::AuthWait => "auth-wait",
        OutboxState::Blocked => "blocked",
        OutboxState::Submitted => "sent",
        OutboxState::Closed => "done",
        OutboxState::Cancelled => letter.state.key(),
    }
}

/// `dd/MM/yyyy`.
#[must_use]
pub fn date_text(date: Date) -> String {
    let (year, month, day) = date.to_calendar_date();
    format!("{day:02}/{:02}/{year}", u8::from(month))
}

fn to_json(value: &impl serde::Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(Error::unknown)
}

/// A store's failure as the desk branches on it.
pub(crate) fn store_error(error: antin_store::Error) -> Error {
    if error.is_disk_full() {
        return Error::caused(Code::DiskFull, error).with("file", "antin.db");
    }
    Error::caused(Code::StoreUnusable, error)
}

/// The page helper's failure as the desk branches on it.
pub(crate) fn page_error(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::caused(Code::PageHelperFailed, error)
}

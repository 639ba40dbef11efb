//! The report about a file on one A4 page: for the file, for whoever has no computer at hand, and for a screen reader.
//!
//! It repeats what was found and what that rests on; the whole report is `--json`. The page is PDF/UA-1: title,
//! language, headings, lists and tables are tagged, or nothing is written. The same judgement gives the same bytes.

mod sheet;

use crate::{
    check::Checked,
    clock,
    describe::{Answer, Card, Described, age, describe, printable, trust_age},
    error::Result,
    fresh,
    message::{Language, line},
    trust::Trust,
    verify::{POLICY, Word},
};
use antin_pades::{
    field_name,
    report::{ActKind, Report},
};
use antin_page::{Host, LetterFacts};
use antin_pdf::{Document, FieldKind, Object};
use krilla::metadata::{DateTime, Metadata};
use sheet::{Block, Faces, ROOM, height, write};
use std::{fmt::Write as _, path::Path};
use time::OffsetDateTime;
use unicode_normalization::UnicodeNormalization;

/// Sizes tried, largest first; five signatures, as real letters have them, must have room.
const SCALES: [f32; 4] = [1.0, 0.93, 0.87, SMALLEST];
/// Below this, print cannot be read any more.
const SMALLEST: f32 = 0.82;
/// Changes named for one signature before the page only counts them.
const CHANGES: usize = 3;
/// Pages whose text is looked at for the letter's number and sender.
const TEXT_PAGES: usize = 3;
/// What is printed about a file is cut beyond this; a name can be a novel.
const CHARACTERS: usize = 400;

/// How a mark looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Good,
    Doubt,
    Bad,
    Unknown,
}

impl From<Answer> for Mark {
    fn from(answer: Answer) -> Mark {
        match answer {
            Answer::Yes => Mark::Good,
            Answer::Warn => Mark::Doubt,
            Answer::No => Mark::Bad,
            Answer::Unknown => Mark::Unknown,
        }
    }
}

impl From<Word> for Mark {
    fn from(word: Word) -> Mark {
        match word {
            Word::Valid => Mark::Good,
            Word::Unverified => Mark::Doubt,
            Word::Invalid => Mark::Bad,
            Word::Unsigned | Word::Refused => Mark::Unknown,
        }
    }
}

/// The page about a judged file. `pages` reads the letter's number and sender off the file; without it they are
/// said not to be known.
///
/// # Errors
/// [`crate::error::Code::Unknown`] when no page can be written at all.
pub fn paper(
    language: Language,
    trust: &Trust,
    checked: &Checked,
    pages: Option<&Host>,
) -> Result<Vec<u8>> {
    let described = describe(language, &checked.verified);
    let faces = Faces::load()?;
    let sheet = Writer {
        language,
        checked,
        described: &described,
    };
    let before = sheet.opening(pages);
    let after = sheet.basis(trust);
    let (blocks, scale) = sheet.fitted(&faces, before, after);
    let code = match language {
        Language::Vi => "vi",
        Language::En => "en",
    };
    let title = format!("{}: {}", sheet.say("title", &[]), described.sentence);
    let metadata = Metadata::new()
        .title(title)
        .language(code.to_owned())
        .creator(program())
        .creation_date(date(checked.verified.report.judged_at))
        .document_id(format!("{}{code}", hex(&checked.sha256())));
    write(&faces, &blocks, scale, metadata, code)
}

/// Writes [`paper`] to `out`, in place of an older one; its folder is made if need be.
///
/// # Errors
/// As [`paper`], and [`crate::error::Code::FileUnwritable`].
pub fn save(
    language: Language,
    trust: &Trust,
    checked: &Checked,
    pages: Option<&Host>,
    out: &Path,
) -> Result<()> {
    let bytes = paper(language, trust, checked, pages)?;
    if let Some(folder) = out.parent().filter(|f| !f.as_os_str().is_empty()) {
        fresh::folder(folder)?;
    }
    fresh::write(out, &bytes)
}

/// This program and its version.
fn program() -> String {
    format!("Ấn Tín {}", env!("CARGO_PKG_VERSION"))
}

struct Writer<'a> {
    language: Language,
    checked: &'a Checked,
    described: &'a Described,
}

impl Writer<'_> {
    fn say(&self, key: &str, facts: &[(&str, &str)]) -> String {
        line(self.language, &["paper", key], facts)
    }

    fn report(&self) -> &Report {
        &self.checked.verified.report
    }

    /// Title, verdict, and what the file is.
    fn opening(&self, pages: Option<&Host>) -> Vec<Block> {
        let described = self.described;
        let mut advice = String::new();
        if !described.action.is_empty() {
            advice = format!("{}: {}", self.say("advice", &[]), described.action);
        }
        vec![
            heading(1, self.say("title", &[])),
            Block::Verdict {
                mark: described.word.into(),
                sentence: format!("{}.", described.sentence),
                lines: vec![shown(&described.cause), advice, self.demo()],
            },
            heading(2, self.say("letter", &[])),
            Block::Facts(self.file(pages)),
        ]
    }

    /// That the verdict only counts for trying things out stands beside it.
    fn demo(&self) -> String {
        match self.checked.verified.demo {
            true => line(self.language, &["trust", "demo"], &[]),
            false => String::new(),
        }
    }

    fn file(&self, pages: Option<&Host>) -> Vec<(String, String)> {
        let verified = &self.checked.verified;
        let document = self.checked.document.as_ref();
        let letter = document.and_then(|d| letter_facts(d, pages?));
        let unknown = || self.say("unknown", &[]);
        let number = document.and_then(|d| number(d, letter.as_ref()));
        let signers: Vec<String> = self.described.cards.iter().map(|c| c.act.clone()).collect();
        let signers = match signers.is_empty() {
            true => self.say("none", &[]),
            false => signers.join("; "),
        };
        let extent = document.map_or_else(unknown, |document| {
            let pages = document
                .page_count()
                .map_or_else(|_| unknown(), |n| n.to_string());
            let facts = [
                ("pages", pages.as_str()),
                ("bytes", &self.checked.bytes.to_string()),
                ("revisions", &verified.report.revisions.to_string()),
            ];
            self.say("pages-value", &facts)
        });
        let mut rows = vec![(self.say("file", &[]), name(&verified.file))];
        let mut row = |key: &str, value: Option<String>| {
            rows.push((
                self.say(key, &[]),
                value.as_deref().map_or_else(unknown, shown),
            ));
        };
        row("number", number.map(|n| self.printed(n)));
        row("sender", self.sender(letter.as_ref()));
        let subject = letter.as_ref().and_then(LetterFacts::bare_subject);
        row("subject", subject.map(|s| self.printed(s)));
        row("signers", Some(signers));
        row("pages", Some(extent));
        rows.push(("SHA-256".to_owned(), hex(&self.checked.sha256())));
        rows
    }

    /// What stands on the page is vouched for only by signatures that hold.
    fn printed(&self, value: String) -> String {
        match self.described.word {
            Word::Valid | Word::Unverified => value,
            _ => self.say("as-printed", &[("value", &value)]),
        }
    }

    /// The office whose seal it is; else the one printed at the top.
    fn sender(&self, letter: Option<&LetterFacts>) -> Option<String> {
        let sealed = self.report().signatures.iter().rev();
        let sealed = sealed.filter(|s| s.act == ActKind::Issue);
        let mut signers = sealed.filter_map(|s| s.signer.as_ref());
        signers
            .find_map(|signer| signer.common_name.clone())
            .or_else(|| letter?.organ_name.clone().map(|organ| self.printed(organ)))
    }

    /// What the judgement rests on.
    fn basis(&self, trust: &Trust) -> Vec<Block> {
        let report = self.report();
        let rules = POLICY.to_string();
        let policy = [
            ("rules", rules.as_str()),
            ("version", env!("CARGO_PKG_VERSION")),
        ];
        let oldest = report
            .signatures
            .iter()
            .filter_map(|s| s.path.revocation_as_of)
            .min();
        let revocation = oldest.map_or_else(
            || self.say("revocation-none", &[]),
            |time| {
                let age = age(self.language, report.judged_at - time);
                let facts = [("time", clock::spoken(time)), ("age", age)];
                let facts: Vec<(&str, &str)> =
                    facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
                self.say("revocation", &facts)
            },
        );
        let store = trust.store();
        let bundle = trust_age(self.language, &trust.data(report.judged_at));
        let facts = [
            ("bundle", bundle),
            ("anchors", store.anchors.len().to_string()),
            ("intermediates", store.intermediates.len().to_string()),
            ("revocation", revocation),
        ];
        let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let row = |key: &str, value: String| (self.say(key, &[]), value);
        vec![
            heading(2, self.say("basis", &[])),
            Block::Facts(vec![
                row("judged-at", clock::spoken(report.judged_at)),
                row("program", program()),
                row("policy", self.say("policy-value", &policy)),
                row("trust", self.say("trust-value", &facts)),
            ]),
            Block::Words(self.say("note", &[])),
        ]
    }

    /// The page with as many signatures as have room, at the largest size that has room for all.
    fn fitted(&self, faces: &Faces, before: Vec<Block>, after: Vec<Block>) -> (Vec<Block>, f32) {
        let cards = &self.described.cards;
        let signatures: Vec<Vec<Block>> = (0..cards.len())
            .map(|index| self.signature(index))
            .collect();
        let fixed = |scale| height(faces, &before, scale) + height(faces, &after, scale);
        let of = |index: &usize, scale| {
            signatures
                .get(*index)
                .map_or(0.0, |blocks| height(faces, blocks, scale))
        };
        let all: Vec<usize> = (0..cards.len()).collect();
        let fits = |scale: f32| {
            let needed: f32 = all.iter().map(|index| of(index, scale)).sum();
            fixed(scale) + needed <= ROOM
        };
        let whole = SCALES.into_iter().find(|scale| fits(*scale));
        let scale = whole.unwrap_or(SMALLEST);
        let kept = if whole.is_some() {
            all
        } else {
            let more = Block::Words(self.say("more", &[("count", "9999")]));
            let room = ROOM - fixed(scale) - height(faces, &[more], scale);
            self.gravest(room, |index| of(index, scale))
        };
        let left = cards.len() - kept.len();
        let mut blocks = before;
        let kept_blocks = signatures.into_iter().enumerate();
        let kept_blocks = kept_blocks.filter(|(index, _)| kept.contains(index));
        blocks.extend(kept_blocks.flat_map(|(_, blocks)| blocks));
        if left > 0 {
            blocks.push(Block::Words(
                self.say("more", &[("count", &left.to_string())]),
            ));
        }
        blocks.extend(after);
        (blocks, scale)
    }

    /// Which signatures are shown when not all have room: those that failed before those that hold.
    fn gravest(&self, room: f32, height: impl Fn(&usize) -> f32) -> Vec<usize> {
        let cards = &self.described.cards;
        let mut order: Vec<usize> = (0..cards.len()).collect();
        let gravity = |index: &usize| cards.get(*index).map(|card| card.word.gravity());
        order.sort_by_key(|index| std::cmp::Reverse(gravity(index)));
        let mut used = 0.0;
        order.retain(|index| {
            used += height(index);
            used <= room
        });
        order
    }

    fn signature(&self, index: usize) -> Vec<Block> {
        let Some(card) = self.described.cards.get(index) else {
            return Vec::new();
        };
        let who = match card.organ.is_empty() {
            true => card.name.clone(),
            false => format!("{}, {}", card.name, card.organ),
        };
        let facts = [("index", (index + 1).to_string()), ("name", shown(&who))];
        let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let answers = card.questions.iter();
        let answers = answers.map(|q| (q.answer.into(), q.title.clone(), shown(&q.evidence)));
        let mut blocks = vec![
            heading(2, self.say("signature", &facts)),
            Block::Answers(answers.collect()),
        ];
        blocks.extend(self.changes(card));
        blocks
    }

    fn changes(&self, card: &Card) -> Option<Block> {
        let say = |key: &str, facts: &[(&str, &str)]| line(self.language, &["changes", key], facts);
        let mut told: Vec<String> = card
            .changes
            .iter()
            .take(CHANGES)
            .map(|change| {
                let key = if change.permitted {
                    "permitted"
                } else {
                    "forbidden"
                };
                format!("{} ({})", change.text, say(key, &[]))
            })
            .collect();
        let left = card.changes.len().saturating_sub(CHANGES);
        if left > 0 {
            let left = left.to_string();
            told.push(say("more", &[("count", left.as_str())]));
        }
        let text = format!("{}: {}.", say("title", &[]), told.join("; "));
        (!told.is_empty()).then(|| Block::Words(shown(&text)))
    }
}

fn heading(level: u16, text: String) -> Block {
    Block::Heading { level, text }
}

/// Composed, without what steers, not endless.
fn shown(text: &str) -> String {
    printable(text).nfc().take(CHARACTERS).collect()
}

/// The file's name without its folder: the sheet leaves this machine.
fn name(file: &str) -> String {
    let name = Path::new(file)
        .file_name()
        .map(|n| n.to_string_lossy().into_owned());
    shown(&name.unwrap_or_else(|| file.to_owned()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn date(time: OffsetDateTime) -> DateTime {
    let time = time.to_offset(clock::VIETNAM);
    DateTime::new(u16::try_from(time.year()).unwrap_or_default())
        .month(time.month().into())
        .day(time.day())
        .hour(time.hour())
        .minute(time.minute())
        .second(time.second())
        .utc_offset_hour(7)
        .utc_offset_minute(0)
}

/// What the letter says about itself; a file that cannot be drawn says nothing.
fn letter_facts(document: &Document, pages: &Host) -> Option<LetterFacts> {
    let drawn = pages.open(document.bytes().to_vec()).ok()?;
    let count = drawn.pages().len().min(TEXT_PAGES);
    let texts: Vec<_> = (0..count).map_while(|page| drawn.text(page).ok()).collect();
    Some(antin_page::find_places(&texts).letter)
}

/// Number and notation: filled into the prepared field, or typed.
fn number(document: &Document, letter: Option<&LetterFacts>) -> Option<String> {
    let fields = document.fields().unwrap_or_default();
    let field = fields
        .iter()
        .find(|field| field.kind == FieldKind::Text && field.name == field_name::NUMBER);
    let filled = field
        .and_then(|field| document.resolve(field.value.as_ref()?).ok())
        .and_then(|value| text_of(&value))
        .filter(|text| !text.trim().is_empty());
    let typed = || letter.and_then(|l| l.number.clone());
    let number = filled.or_else(typed)?;
    let notation = letter
        .and_then(|l| l.code_notation.clone())
        .unwrap_or_default();
    Some(format!("{}{notation}", number.trim()))
}

/// A text string of PDF: UTF-16 with its mark, else one byte a character.
fn text_of(value: &Object) -> Option<String> {
    let bytes = value.as_str().ok()?;
    Some(match bytes.strip_prefix(&[0xfe, 0xff]) {
        Some(wide) => {
            let units = wide.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            char::decode_utf16(units)
                .map(|c| c.unwrap_or('\u{fffd}'))
                .collect()
        }
        None => bytes.iter().map(|byte| char::from(*byte)).collect(),
    })
}

//! The head of a letter: organs, number, place and date, type, subject, addressees.

mod title;

use super::row::{Row, join};
use super::{Found, LetterFacts};
use crate::Rect;
use std::ops::Range;

/// What may stand above an organ's name and is none.
const STAMPS: [&str; 6] = [
    "hỏa tốc",
    "thượng khẩn",
    "khẩn",
    "mật",
    "tối mật",
    "tuyệt mật",
];

/// First words of an organ's name; a line that begins so after another line is the next organ.
const ORGANS: [&str; 24] = [
    "ủy ban",
    "ubnd",
    "sở",
    "bộ",
    "hội đồng",
    "hđnd",
    "văn phòng",
    "ban",
    "cục",
    "chi cục",
    "trường",
    "trung tâm",
    "phòng",
    "viện",
    "tổng cục",
    "công an",
    "thanh tra",
    "tòa án",
    "đài",
    "đảng bộ",
    "quỹ",
    "vụ",
    "học viện",
    "bệnh viện",
];

/// A gap wider than this, in em, divides two columns when nothing better is known.
const COLUMN_GAP: f64 = 0.9;

/// Everything the head tells.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) number: Option<Found>,
    pub(super) day: Option<Found>,
    pub(super) month: Option<Found>,
    /// The first row that is no longer head.
    pub(super) end: usize,
    /// What the incoming stamp goes below: the lowest of the left column, and where the column is.
    pub(super) left: Option<Rect>,
    pub(super) addressees: Vec<String>,
}

pub(super) fn read(page: usize, rows: &[Row], facts: &mut LetterFacts) -> Head {
    let mut head = Head::default();
    let number = number(rows);
    let date = date(rows, number.as_ref());
    let divide = divide(rows, date.as_ref());
    let ends = [number.as_ref().map(|n| n.row), date.as_ref().map(|d| d.row)];
    let Some(last) = ends.into_iter().flatten().max() else {
        return head;
    };
    head.end = last + 1;
    if let Some(number) = number {
        let row = rows.get(number.row);
        let below = row.map(|row| row.part(number.words.clone()).rect());
        head.left = below;
        organs(rows.get(..number.row).unwrap_or_default(), divide, facts);
        facts.number = number.typed;
        facts.code_notation = Some(number.notation);
        head.number = blank_of(page, number.blank);
    }
    if let Some(date) = date {
        facts.place_name = Some(date.place).filter(|place| !place.is_empty());
        facts.day = date.day.typed;
        facts.month = date.month.typed;
        facts.year = date.year;
        head.day = blank_of(page, date.day.blank);
        head.month = blank_of(page, date.month.blank);
    }
    title::read(rows, divide, facts, &mut head);
    head.addressees = title::addressees(rows.get(head.end..).unwrap_or_default());
    head
}

fn blank_of(page: usize, blank: Option<Blank>) -> Option<Found> {
    blank.map(|blank| blank.found(page))
}

/// A blank between two characters of a row.
#[derive(Debug, Clone)]
struct Blank {
    x0: f64,
    x1: f64,
    baseline: f64,
    size: f64,
}

impl Blank {
    /// The narrowest box two digits can be read in, in em.
    const NARROW: f64 = 1.0;

    fn new(row: &Row, range: Range<usize>) -> Option<Blank> {
        let before = row.mark(range.start.checked_sub(1)?)?;
        let after = row.mark(range.end)?;
        Some(Blank {
            x0: before.x1,
            x1: after.x0,
            baseline: before.baseline,
            size: before.size,
        })
    }

    fn found(&self, page: usize) -> Found {
        let narrow = Self::NARROW * self.size;
        let (width, confidence) = match self.x1 - self.x0 {
            width if width >= narrow => (width, 0.95),
            // The words stand close; what is written will touch them.
            width => (narrow, 0.4 * (width / narrow).clamp(0.0, 1.0)),
        };
        let middle = f64::midpoint(self.x0, self.x1);
        let rect = Rect {
            x0: middle - width / 2.0,
            y0: self.baseline - 0.32 * self.size,
            x1: middle + width / 2.0,
            y1: self.baseline + 1.05 * self.size,
        };
        Found {
            page,
            rect,
            confidence,
            size: self.size,
            baseline: Some(self.baseline),
        }
    }
}

/// A value that is either typed or blank.
#[derive(Debug, Clone)]
struct Value {
    typed: Option<String>,
    blank: Option<Blank>,
}

/// Reads what stands between two words: digits, or nothing but space and filler.
fn value(row: &Row, range: Range<usize>) -> Option<Value> {
    let between = row.chars().get(range.clone())?;
    let is_filler = |c: &char| matches!(c, ' ' | '.' | '…' | '_' | '·' | '-');
    let typed: String = between.iter().filter(|c| !is_filler(c)).collect();
    if typed.is_empty() {
        return Some(Value {
            typed: None,
            blank: Blank::new(row, range),
        });
    }
    // "12a" occurs; a word does not.
    let numeric = typed.starts_with(|c: char| c.is_ascii_digit())
        && typed.chars().all(char::is_alphanumeric)
        && typed.chars().filter(|c| c.is_alphabetic()).count() <= 1;
    (numeric && typed.chars().count() <= 6).then_some(Value {
        typed: Some(typed),
        blank: None,
    })
}

#[derive(Debug)]
struct Number {
    row: usize,
    /// From "Số" to the end of the notation.
    words: Range<usize>,
    notation: String,
    typed: Option<String>,
    blank: Option<Blank>,
}

/// The first "Số: …/…" of the page: a capital S, and a slash after nothing but digits or blank.
fn number(rows: &[Row]) -> Option<Number> {
    rows.iter().enumerate().find_map(|(index, row)| {
        let mut from = 0;
        while let Some(word) = row.find("số", from) {
            from = word.end;
            if row.char(word.start) != Some('S') {
                continue;
            }
            let mut after = word.end;
            while row.char(after).is_some_and(|c| c == ' ' || c == ':') {
                after += 1;
            }
            // Back over the space, which is the blank itself.
            while after > word.end && row.is_space(after - 1) {
                after -= 1;
            }
            let Some(slash) = (after..row.chars().len()).find(|at| row.char(*at) == Some('/'))
            else {
                continue;
            };
            let Some(value) = value(row, after..slash) else {
                continue;
            };
            let (notation, end) = notation(row, slash);
            if notation.chars().any(char::is_alphabetic) {
                let Value { typed, blank } = value;
                return Some(Number {
                    row: index,
                    words: word.start..end,
                    notation,
                    typed,
                    blank,
                });
            }
        }
        None
    })
}

/// The notation from its slash on, and where it ends. Decree 30 allows no blanks in it; people do.
fn notation(row: &Row, slash: usize) -> (String, usize) {
    let mut notation = String::new();
    let mut at = slash;
    while let Some(letter) = row.char(at) {
        let joint = |c: Option<char>| matches!(c, Some('-' | '/' | '–'));
        if letter == ' ' {
            let joined = joint(notation.chars().last()) || joint(row.char(at + 1));
            if !joined || row.gap(at) > 0.6 {
                break;
            }
        } else if letter.is_alphanumeric() || matches!(letter, '-' | '/' | '.' | '&' | '–') {
            notation.push(letter);
        } else {
            break;
        }
        at += 1;
    }
    (notation, at)
}

#[derive(Debug)]
struct Date {
    row: usize,
    place: String,
    place_x0: f64,
    day: Value,
    month: Value,
    year: Option<String>,
}

/// The first "<Place>, ngày … tháng … năm …" that has nothing else around it in its column.
fn date(rows: &[Row], number: Option<&Number>) -> Option<Date> {
    rows.iter().enumerate().find_map(|(index, row)| {
        let day = row.find("ngày", 0)?;
        let month = row.find("tháng", day.end)?;
        let year = row.find("năm", month.end)?;
        let rest = row.part(year.end..row.chars().len()).text();
        let rest = rest.trim_matches(|c: char| matches!(c, ' ' | '.' | '…' | '_'));
        if !rest.chars().all(|c| c.is_ascii_digit()) || rest.len() > 4 {
            return None;
        }
        let floor = number
            .filter(|number| number.row == index)
            .map_or(0, |n| n.words.end);
        let before = row.part(floor..day.start);
        let place = before.segments(COLUMN_GAP).pop().unwrap_or_default();
        if !is_place(&place) {
            return None;
        }
        Some(Date {
            row: index,
            place: place.text().trim_end_matches([',', ' ']).to_owned(),
            place_x0: place.x0(),
            day: value(row, day.end..month.start)?,
            month: value(row, month.end..year.start)?,
            year: Some(rest.to_owned()).filter(|rest| !rest.is_empty()),
        })
    })
}

/// A name and a comma. Running text before a date has neither, or has digits and colons.
fn is_place(place: &Row) -> bool {
    place.char(0).is_some_and(char::is_uppercase)
        && place.chars().last() == Some(&',')
        && place
            .chars()
            .iter()
            .all(|c| c.is_alphabetic() || matches!(c, ' ' | ',' | '.' | '-'))
        && place.chars().len() <= 60
}

/// The x that divides the head's two columns: where the motto begins.
fn divide(rows: &[Row], date: Option<&Date>) -> f64 {
    let start = |row: &Row, words: &str| {
        row.find(words, 0)
            .and_then(|found| row.mark(found.start))
            .map(|mark| mark.x0)
    };
    let motto = rows
        .iter()
        .flat_map(|row| [start(row, "cộng hòa xã hội"), start(row, "độc lập - tự do")])
        .flatten()
        .reduce(f64::min);
    motto
        .or(date.map(|date| date.place_x0))
        .map_or(f64::INFINITY, |x| x - 1.0)
}

/// The organ and the one above it, from the left column above the number.
fn organs(rows: &[Row], divide: f64, facts: &mut LetterFacts) {
    let lines: Vec<Row> = rows
        .iter()
        .map(|row| row.between(f64::NEG_INFINITY, divide))
        .filter(|line| line.is_upper() && !is_stamp(line))
        .collect();
    // The law sets the upper organ in regular, the issuing organ in bold.
    let by_weight = lines
        .iter()
        .position(Row::is_bold)
        .filter(|first_bold| lines.iter().skip(*first_bold).all(Row::is_bold));
    let split = match by_weight {
        Some(first_bold) if first_bold > 0 => first_bold,
        _ => lines
            .iter()
            .skip(1)
            .rposition(begins_organ)
            .map_or(0, |at| at + 1),
    };
    let (parent, own) = lines.split_at(split.min(lines.len()));
    facts.parent_organ = Some(join(parent)).filter(|name| !name.is_empty());
    facts.organ_name = Some(join(own)).filter(|name| !name.is_empty());
}

fn is_stamp(line: &Row) -> bool {
    let letters = line.letters();
    STAMPS.iter().any(|stamp| {
        line.starts_with(stamp) && stamp.chars().filter(|c| *c != ' ').count() == letters
    })
}

fn begins_organ(line: &Row) -> bool {
    ORGANS.iter().any(|word| line.starts_with(word))
}

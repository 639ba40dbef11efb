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
    has_date: bool,
}

pub(super) fn read(page: usize, rows: &[Row], facts: &mut LetterFacts) -> Head {
    let mut head = Head::default();
    let number = number(rows);
    let level = |row: usize| rows.get(row).map_or(0.0, |row| row.baseline);
    // A date far below the number is the signer's, not the head's.
    let date = date(rows, number.as_ref()).filter(|date| {
        let number = number.as_ref().map(|number| level(number.row));
        number.is_none_or(|number| number - level(date.row) < LOWER)
    });
    let columns = Columns::new(rows, date.as_ref());
    let ends = [number.as_ref().map(|n| n.row), date.as_ref().map(|d| d.row)];
    let Some(last) = ends.into_iter().flatten().max() else {
        return head;
    };
    head.end = last + 1;
    if let Some(number) = number {
        let row = rows.get(number.row);
        let below = row.map(|row| row.part(number.words.clone()).rect());
        head.left = below;
        organs(rows.get(..number.row).unwrap_or_default(), &columns, facts);
        facts.number = number.typed;
        facts.code_notation = Some(number.notation).filter(|notation| notation.len() > 1);
        head.number = blank_of(page, number.blank);
    }
    if let Some(date) = date {
        head.take(page, date, facts);
    }
    title::read(rows, &columns, facts, &mut head);
    head.addressees = title::addressees(rows.get(head.end..).unwrap_or_default());
    head
}

fn blank_of(page: usize, blank: Option<Blank>) -> Option<Found> {
    blank?.found(page)
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

    /// Narrower than this, in em, two digits would lie over the words beside them.
    const NONE: f64 = 0.7;

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

    /// `None` where there is no room: then the clerk is asked.
    fn found(&self, page: usize) -> Option<Found> {
        let width = self.x1 - self.x0;
        let narrow = Self::NARROW * self.size;
        if width < Self::NONE * self.size {
            return None;
        }
        Some(Found {
            page,
            rect: Rect {
                x0: self.x0,
                y0: self.baseline - 0.32 * self.size,
                x1: self.x1,
                y1: self.baseline + 1.05 * self.size,
            },
            confidence: if width < narrow { 0.6 } else { 0.95 },
            size: self.size,
            baseline: Some(self.baseline),
        })
    }
}

/// A value that is either typed or blank.
#[derive(Debug, Clone)]
struct Value {
    typed: Option<String>,
    blank: Option<Blank>,
}

/// What a template leaves to be written on.
fn is_filler(letter: &char) -> bool {
    matches!(letter, ' ' | '.' | '…' | '_' | '·' | '-' | ',')
}

/// Reads what stands between two words: digits, or nothing but space and filler.
fn value(row: &Row, range: Range<usize>) -> Option<Value> {
    let between = row.chars().get(range.clone())?;
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

/// How far below the first line of the page number and date stand at most, in points: two organs of four lines.
const DEEP: f64 = 230.0;

/// How far below the number the date stands at most, in points (39 were seen).
const LOWER: f64 = 70.0;

/// The rows that may belong to the head.
fn upper(rows: &[Row]) -> impl Iterator<Item = (usize, &Row)> {
    let floor = rows.first().map_or(f64::INFINITY, |row| row.baseline) - DEEP;
    let above = move |(_, row): &(usize, &Row)| row.baseline >= floor;
    rows.iter().enumerate().take_while(above)
}

/// The first "Số: …/…" of the head: a capital S, and a slash after nothing but digits or blank.
fn number(rows: &[Row]) -> Option<Number> {
    upper(rows).find_map(|(index, row)| {
        let mut from = 0;
        while let Some(word) = row.find("số", from) {
            from = word.end;
            // In running text ("… của Chính phủ Số 37/2007/NĐ-CP") it does not begin its column.
            let begins =
                word.start == 0 || (row.is_space(word.start - 1) && row.gap(word.start - 1) > 0.6);
            if row.char(word.start) != Some('S') || !begins {
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
            // A template may leave the notation to be filled in too: "Số:      /…".
            let open = value.blank.is_some() && notation.len() == 1 && ends(row, end);
            if open || notation.chars().any(char::is_alphabetic) {
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

/// Nothing but filler follows in this column.
fn ends(row: &Row, from: usize) -> bool {
    let rest = row.part(from..row.chars().len());
    let column = rest.segments(COLUMN_GAP).into_iter().next();
    column.is_none_or(|column| column.chars().iter().all(is_filler)) || row.is_space(from)
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
        } else if letter.is_alphanumeric()
            || matches!(letter, '-' | '/' | '&' | '–')
            || (letter == '.' && row.char(at + 1).is_some_and(char::is_alphanumeric))
        {
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

/// The first "<Place>, ngày … tháng … năm …" of the head that has nothing else around it in its column.
fn date(rows: &[Row], number: Option<&Number>) -> Option<Date> {
    upper(rows).find_map(|(index, row)| {
        let floor = number
            .filter(|number| number.row == index)
            .map_or(0, |n| n.words.end);
        // Without a comma, only right beside the number.
        let beside = number
            .and_then(|number| rows.get(number.row))
            .is_some_and(|number| (number.baseline - row.baseline).abs() < 3.0 * row.size);
        date_in(row, index, floor, beside)
    })
}

fn date_in(row: &Row, index: usize, floor: usize, beside: bool) -> Option<Date> {
    let mut from = floor;
    while let Some(day) = row.find("ngày", from) {
        from = day.end;
        if let Some(date) = date_at(row, index, floor..day.start, day, beside) {
            return Some(date);
        }
    }
    None
}

fn date_at(
    row: &Row,
    index: usize,
    before: Range<usize>,
    day: Range<usize>,
    beside: bool,
) -> Option<Date> {
    let end = row.chars().len();
    let month = row.find("tháng", day.end)?;
    let (month_end, year_start) = match row.find("năm", month.end) {
        Some(year) => (year.start, year.end),
        // The year has wrapped to the next line: then the month must have been typed.
        None => (end, end),
    };
    let rest = row.part(year_start..end).text();
    let rest = rest.trim_matches(|c: char| is_filler(&c));
    if !rest.chars().all(|c| c.is_ascii_digit()) || rest.len() > 4 {
        return None;
    }
    let before = row.part(before);
    let place = before.segments(COLUMN_GAP).pop().unwrap_or_default();
    if !is_place(&place, beside) {
        return None;
    }
    let name = place.text();
    let name = name.trim_matches(|c: char| is_filler(&c));
    let month_value = value(row, month.end..month_end)?;
    if month_end == end && month_value.typed.is_none() {
        return None;
    }
    Some(Date {
        row: index,
        place: name.to_owned(),
        place_x0: place.mark(0).map_or(row.x0(), |mark| mark.x0),
        day: value(row, day.end..month.start)?,
        month: month_value,
        year: Some(rest.to_owned()).filter(|rest| rest.len() == 4),
    })
}

/// A date that stands above the signer instead, as in certificates and minutes.
pub(super) fn date_above(
    page: usize,
    rows: &[Row],
    signer: &Row,
    facts: &mut LetterFacts,
    head: &mut Head,
) {
    const ABOVE: f64 = 60.0;
    if head.has_date {
        return;
    }
    let near = |row: &&Row| {
        (0.0..ABOVE).contains(&(row.baseline - signer.baseline)) && row.x1() > signer.x0()
    };
    let mut dates = rows
        .iter()
        .rev()
        .filter(near)
        .filter_map(|row| date_in(row, 0, 0, false));
    if let Some(date) = dates.next() {
        head.take(page, date, facts);
    }
}

impl Head {
    fn take(&mut self, page: usize, date: Date, facts: &mut LetterFacts) {
        facts.place_name = Some(date.place).filter(|place| !place.is_empty());
        facts.day = date.day.typed;
        facts.month = date.month.typed;
        facts.year = date.year;
        self.day = blank_of(page, date.day.blank);
        self.month = blank_of(page, date.month.blank);
        self.has_date = true;
    }
}

/// A name and a comma. Running text before a date has neither, or has slashes and colons.
fn is_place(place: &Row, beside: bool) -> bool {
    let digits = place.chars().iter().filter(|c| c.is_ascii_digit()).count();
    let comma = place.chars().last() == Some(&',');
    let name = place.char(0).is_some_and(char::is_uppercase)
        && (comma || beside)
        && digits <= 2
        && place
            .chars()
            .iter()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | ',' | '.' | '-' | '–' | '…'));
    // The place's name may be left open as well, or to the reader.
    let open = beside && place.chars().iter().all(is_filler);
    (name || open) && place.chars().len() <= 60
}

/// The head's two columns.
pub(super) struct Columns {
    /// Where the right one begins.
    divide: f64,
    /// The last row of the motto.
    motto: Option<usize>,
}

impl Columns {
    fn new(rows: &[Row], date: Option<&Date>) -> Columns {
        let mottos = upper(rows).filter_map(|(at, row)| Some((at, row, motto(row)?)));
        let (mut divide, mut last) = (f64::INFINITY, None);
        for (at, row, start) in mottos {
            divide = divide.min(row.mark(start).map_or(f64::INFINITY, |mark| mark.x0));
            last = Some(at);
        }
        if last.is_none() {
            divide = date.map_or(f64::INFINITY, |date| date.place_x0);
        }
        Columns {
            divide: divide - 1.0,
            motto: last,
        }
    }

    /// What stands in the left column. A line of it may be longer than the column, where nothing stands beside it.
    pub(super) fn left(&self, row: &Row) -> Row {
        let day = row
            .find("ngày", 0)
            .filter(|day| row.find("tháng", day.end).is_some());
        if let Some(start) = motto(row) {
            return row.part(0..start);
        }
        let parts = row.segments(COLUMN_GAP);
        let Some(first) = parts.first().filter(|first| first.x0() < self.divide) else {
            return Row::default();
        };
        if first.x1() <= self.divide {
            let near = parts
                .iter()
                .take_while(|part| part.x1() <= self.divide)
                .last();
            return row.between(f64::NEG_INFINITY, near.map_or(self.divide, Row::x1));
        }
        if day.is_some() {
            return row.between(f64::NEG_INFINITY, self.divide);
        }
        // Columns that nearly touch: the other one begins behind a blank wider than one between words.
        let gap = (0..first.chars().len()).find(|at| {
            let next = first.mark(at + 1).map_or(0.0, |mark| mark.x0);
            first.is_space(*at) && first.gap(*at) > 0.45 && next >= self.divide
        });
        first.part(0..gap.unwrap_or(first.chars().len()))
    }
}

/// Where the motto begins in a row.
fn motto(row: &Row) -> Option<usize> {
    ["cộng hòa xã hội", "độc lập - tự do", "độc lập – tự do"]
        .iter()
        .find_map(|words| row.find(words, 0))
        .map(|found| found.start)
}

/// The organ and the one above it, from the left column above the number.
fn organs(rows: &[Row], columns: &Columns, facts: &mut LetterFacts) {
    let is_organ = |line: &Row| line.is_upper() && !is_stamp(line);
    let mut lines: Vec<Row> = rows
        .iter()
        .map(|row| columns.left(row))
        .filter(is_organ)
        .collect();
    if lines.is_empty() {
        // One column: the organs stand under the motto, in its middle.
        let below = rows.iter().skip(columns.motto.map_or(0, |motto| motto + 1));
        lines = below.filter(|row| is_organ(row)).cloned().collect();
    }
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
    // "DỰ THẢO", "DỰ THẢO LẦN 2"
    if line.starts_with("dự thảo") {
        return true;
    }
    let letters = line.letters();
    STAMPS.iter().any(|stamp| {
        line.starts_with(stamp) && stamp.chars().filter(|c| *c != ' ').count() == letters
    })
}

fn begins_organ(line: &Row) -> bool {
    ORGANS.iter().any(|word| line.starts_with(word))
}

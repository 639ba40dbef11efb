//! The head of a letter: organs, number, place and date, type, subject, addressees.

use super::row::{Row, join};
use super::{Found, LetterFacts};
use crate::Rect;
use std::ops::Range;

/// The types of Decree 30, Art. 7, as they stand in capitals above the subject.
const TYPES: [&str; 27] = [
    "Nghị quyết",
    "Quyết định",
    "Chỉ thị",
    "Quy chế",
    "Quy định",
    "Thông cáo",
    "Thông báo",
    "Hướng dẫn",
    "Chương trình",
    "Kế hoạch",
    "Phương án",
    "Đề án",
    "Dự án",
    "Báo cáo",
    "Biên bản",
    "Tờ trình",
    "Hợp đồng",
    "Công điện",
    "Bản ghi nhớ",
    "Bản thỏa thuận",
    "Giấy ủy quyền",
    "Giấy mời",
    "Giấy giới thiệu",
    "Giấy nghỉ phép",
    "Phiếu gửi",
    "Phiếu chuyển",
    "Phiếu báo",
];

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

/// Rows below the number in which type or "V/v" must begin.
const TITLE_ROWS: usize = 8;

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
        head.number = blank_of(page, row, number.blank);
    }
    if let Some(date) = date {
        let row = rows.get(date.row);
        facts.place_name = Some(date.place).filter(|place| !place.is_empty());
        facts.day = date.day.typed;
        facts.month = date.month.typed;
        facts.year = date.year;
        head.day = blank_of(page, row, date.day.blank);
        head.month = blank_of(page, row, date.month.blank);
    }
    title(rows, divide, facts, &mut head);
    head.addressees = addressees(rows.get(head.end..).unwrap_or_default());
    head
}

fn blank_of(page: usize, row: Option<&Row>, blank: Option<Blank>) -> Option<Found> {
    blank.zip(row).map(|(blank, row)| blank.found(page, row))
}

/// A blank between two characters of a row.
#[derive(Debug, Clone)]
struct Blank {
    x0: f64,
    x1: f64,
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
            size: before.size,
        })
    }

    fn found(&self, page: usize, row: &Row) -> Found {
        let narrow = Self::NARROW * self.size;
        let (width, confidence) = match self.x1 - self.x0 {
            width if width >= narrow => (width, 0.95),
            // The words stand close; what is written will touch them.
            width => (narrow, 0.4 * (width / narrow).clamp(0.0, 1.0)),
        };
        let middle = f64::midpoint(self.x0, self.x1);
        let rect = Rect {
            x0: middle - width / 2.0,
            y0: row.baseline - 0.32 * self.size,
            x1: middle + width / 2.0,
            y1: row.baseline + 1.05 * self.size,
        };
        Found {
            page,
            rect,
            confidence,
            size: self.size,
            baseline: Some(row.baseline),
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

/// Type and subject: in the middle below the head, or, for an official letter, below the number.
fn title(rows: &[Row], divide: f64, facts: &mut LetterFacts, head: &mut Head) {
    for at in head.end..rows.len().min(head.end + TITLE_ROWS) {
        let Some(row) = rows.get(at) else { break };
        let kind = TYPES
            .iter()
            .find(|kind| row.starts_with(kind))
            .filter(|_| row.is_upper());
        let Some(kind) = kind else { continue };
        let lines = subject_lines(row, rows.get(at + 1..).unwrap_or_default());
        facts.type_name = Some((*kind).to_owned());
        head.end = at + 1 + lines.len();
        facts.subject = Some(join(lines)).filter(|subject| !subject.is_empty());
        return;
    }
    // The date may stand lower than "V/v", so the search begins below the number, not below the head.
    let number = head.left.map_or(f64::INFINITY, |left| left.y0);
    let column = |row: &Row| row.between(f64::NEG_INFINITY, divide);
    let first = rows.iter().position(|row| {
        row.baseline < number
            && (column(row).starts_with("v/v") || column(row).starts_with("về việc"))
    });
    let Some(first) = first.filter(|first| *first < head.end + TITLE_ROWS) else {
        return;
    };
    let mut lines: Vec<Row> = Vec::new();
    for row in rows.iter().skip(first) {
        let line = column(row);
        if line.is_empty() {
            continue;
        }
        let goes_on = lines.last().is_none_or(|above| line.pitch(above) < 1.7);
        if !goes_on || row.find("kính gửi", 0).is_some() {
            break;
        }
        lines.push(line);
    }
    facts.type_name = Some("Công văn".to_owned());
    facts.subject = Some(join(&lines)).filter(|subject| !subject.is_empty());
    head.left = head.left.zip(lines.last()).map(|(left, last)| Rect {
        y0: last.bottom(),
        ..left
    });
    let below = lines
        .last()
        .map_or(f64::INFINITY, |last| last.baseline - 1.0);
    let end = rows
        .iter()
        .position(|row| row.baseline < below)
        .unwrap_or(rows.len());
    head.end = head.end.max(end);
}

/// The lines of the subject below its type: close, centred or bold as the first of them, not in capitals.
fn subject_lines<'a>(kind: &Row, below: &'a [Row]) -> &'a [Row] {
    const LINES: usize = 6;
    let first_bold = below.first().is_some_and(Row::is_bold);
    let mut above = kind;
    let mut count = 0;
    for row in below.iter().take(LINES) {
        let centred = (row.centre() - kind.centre()).abs() < 10.0;
        let alike = if first_bold { row.is_bold() } else { centred };
        let close = row.pitch(above) < if count == 0 { 2.6 } else { 1.9 };
        let another = row.is_upper() || row.starts_with("kính gửi") || row.starts_with("căn cứ");
        if !alike || !close || another || row.letters() == 0 {
            break;
        }
        above = row;
        count += 1;
    }
    below.get(..count).unwrap_or_default()
}

/// The items of "Kính gửi".
fn addressees(rows: &[Row]) -> Vec<String> {
    const ROWS: usize = 40;
    let Some((at, word)) = rows.iter().enumerate().take(ROWS).find_map(|(at, row)| {
        row.find("kính gửi", 0)
            .filter(|f| f.start == 0)
            .map(|f| (at, f))
    }) else {
        return Vec::new();
    };
    let mut items: Vec<String> = Vec::new();
    if let Some(row) = rows.get(at) {
        let rest = row.part(word.end..row.chars().len()).text();
        let rest = rest.trim_start_matches([':', ' ']);
        items.extend(
            rest.split(';')
                .map(super::item)
                .filter(|item| !item.is_empty()),
        );
    }
    for row in rows.iter().skip(at + 1).take(ROWS) {
        if !matches!(row.char(0), Some('-' | '–' | '+')) {
            break;
        }
        items.push(super::item(&row.text()));
    }
    items
}

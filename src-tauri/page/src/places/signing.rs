//! The foot of a letter: who signs, where, and who receives it.

use super::row::Row;
use super::{Found, LetterFacts};
use crate::Rect;

/// Authority prefixes of Decree 30, Annex I, II.7.b.
const PREFIXES: [&str; 5] = ["TM.", "KT.", "TL.", "TUQ.", "Q."];

/// Words of a position. What holds none of them is taken for a name.
const POSITIONS: [&str; 27] = [
    "chủ tịch",
    "giám đốc",
    "bộ trưởng",
    "thứ trưởng",
    "chánh văn phòng",
    "phó văn phòng",
    "cục trưởng",
    "phó cục trưởng",
    "hiệu trưởng",
    "trưởng phòng",
    "phó phòng",
    "trưởng ban",
    "vụ trưởng",
    "viện trưởng",
    "thủ trưởng",
    "chánh thanh tra",
    "thủ tướng",
    "bí thư",
    "tư lệnh",
    "trưởng công an",
    "chủ nhiệm",
    "trưởng đoàn",
    "chánh án",
    "trưởng đài",
    "đội trưởng",
    "tổng kiểm toán",
    "phó trưởng",
];

/// A gap wider than this, in em, divides the list of recipients from the signature block.
const COLUMN_GAP: f64 = 0.9;

/// Two lines belong to one column when their centres are closer than this, in points.
const ALIGNED: f64 = 30.0;

/// The farthest a name stands below its position, in points: a signature takes 70 to 120.
const FARTHEST: f64 = 260.0;

/// The leader's image as large as it is usually set, in points (120–240 × 70–120 in real letters).
const IMAGE: (f64, f64) = (150.0, 75.0);

/// The lowest image in which a signature can still be recognised, in points.
const LOWEST: f64 = 45.0;

/// A signature block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) page: usize,
    lines: Vec<Row>,
    name: Row,
    /// "Nơi nhận" stands beside it.
    pub(super) beside_recipients: bool,
}

/// The block of the letter itself; appendices may have others.
pub(super) fn block(pages: &[(usize, Vec<Row>)], head: (usize, usize)) -> Option<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (page, rows) in pages {
        let start = if *page == head.0 { head.1 } else { 0 };
        for (at, row) in rows.iter().enumerate().skip(start) {
            for anchor in parts(row).into_iter().filter(is_position) {
                // The lower lines of a block already found are no blocks of their own.
                let known = blocks
                    .iter()
                    .any(|block| block.page == *page && block.holds(&anchor));
                if !known {
                    blocks.extend(from(*page, &anchor, rows.get(at + 1..).unwrap_or_default()));
                }
            }
        }
        for heading in rows
            .iter()
            .skip(start)
            .flat_map(parts)
            .filter(is_recipients_heading)
        {
            for block in blocks.iter_mut().filter(|block| block.page == *page) {
                let first = block.lines.first().map_or(0.0, |line| line.baseline);
                block.beside_recipients |= (first - heading.baseline).abs() < 60.0;
            }
        }
    }
    // The letter ends with its recipients; of several signers beside them the last is the host's own.
    let (beside, others): (Vec<Block>, Vec<Block>) = blocks
        .into_iter()
        .partition(|block| block.beside_recipients);
    let rightmost = beside.into_iter().reduce(|best, block| {
        let further = block.page == best.page && block.centre() > best.centre();
        if further { block } else { best }
    });
    rightmost.or_else(|| others.into_iter().next())
}

/// The parts of a row, divided at gaps and before an authority prefix.
fn parts(row: &Row) -> Vec<Row> {
    row.segments(COLUMN_GAP)
        .into_iter()
        .flat_map(|segment| {
            let cut = PREFIXES
                .iter()
                .filter_map(|prefix| segment.find(prefix, 1))
                .map(|found| found.start)
                .min()
                .filter(|cut| segment.part(*cut..segment.chars().len()).is_upper());
            match cut {
                Some(cut) => {
                    vec![
                        segment.part(0..cut),
                        segment.part(cut..segment.chars().len()),
                    ]
                }
                None => vec![segment],
            }
        })
        .filter(|part| !part.is_empty())
        .collect()
}

fn has_prefix(row: &Row) -> bool {
    PREFIXES.iter().any(|prefix| row.text().starts_with(prefix))
}

fn is_position(row: &Row) -> bool {
    row.is_upper()
        && row.chars().len() <= 60
        && (has_prefix(row) || POSITIONS.iter().any(|word| row.find(word, 0).is_some()))
}

fn is_recipients_heading(row: &Row) -> bool {
    row.starts_with("nơi nhận") && row.letters() == "nơinhận".chars().count()
}

/// Two to six words with capitals, and nothing else.
fn is_name(row: &Row) -> bool {
    let text = row.text();
    let words: Vec<&str> = text
        .split(' ')
        .filter(|word| !word.ends_with('.'))
        .collect();
    (2..=6).contains(&words.len())
        && words.iter().all(|word| {
            word.starts_with(char::is_uppercase) && word.chars().all(char::is_alphabetic)
        })
        && !POSITIONS.iter().any(|word| row.find(word, 0).is_some())
}

/// Follows the column down from its first line to a name.
fn from(page: usize, anchor: &Row, below: &[Row]) -> Option<Block> {
    let centre = anchor.centre();
    let mut lines = vec![anchor.clone()];
    for row in below {
        let last = lines.last()?;
        if last.baseline - row.baseline > FARTHEST {
            return None;
        }
        let parts = parts(row);
        let Some(line) = parts
            .iter()
            .find(|part| (part.centre() - centre).abs() < ALIGNED)
        else {
            // Something else stands in the column: this was no signature block.
            if parts
                .iter()
                .any(|part| part.x0() < centre && part.x1() > centre)
            {
                return None;
            }
            continue;
        };
        if is_position(line) || (line.is_upper() && line.pitch(last) < 2.0) {
            lines.push(line.clone());
        } else if is_name(line) {
            return Some(Block {
                page,
                lines,
                name: line.clone(),
                beside_recipients: false,
            });
        } else if !matches!(line.char(0), Some('(' | '[')) {
            return None;
        }
    }
    None
}

impl Block {
    fn centre(&self) -> f64 {
        let of_lines = self.lines.iter().map(Row::centre).sum::<f64>();
        let count = u32::try_from(self.lines.len()).map_or(1.0, f64::from);
        f64::midpoint(of_lines / count.max(1.0), self.name.centre())
    }

    fn holds(&self, line: &Row) -> bool {
        let first = self.lines.first().map_or(0.0, |line| line.baseline);
        (self.name.baseline..=first).contains(&line.baseline)
            && (line.centre() - self.centre()).abs() < ALIGNED
    }

    fn x0(&self) -> f64 {
        self.lines
            .iter()
            .map(Row::x0)
            .fold(self.name.x0(), f64::min)
    }

    /// The image between position and name: in the widest gap of the column, in its middle.
    pub(super) fn image(&self, bounds: &Rect) -> Found {
        let all: Vec<&Row> = self.lines.iter().chain([&self.name]).collect();
        let gaps = all.windows(2).filter_map(|pair| match pair {
            [upper, lower] => Some((upper.bottom(), lower.top())),
            _ => None,
        });
        let (top, bottom) = gaps
            .max_by(|a, b| (a.0 - a.1).total_cmp(&(b.0 - b.1)))
            .unwrap_or_default();
        let gap = top - bottom;
        let height = IMAGE.1.min(gap).max(LOWEST);
        let rect = Rect::around(self.centre(), f64::midpoint(top, bottom), IMAGE.0, height);
        let confidence = match (gap >= LOWEST, self.beside_recipients) {
            (true, true) => 0.95,
            (true, false) => 0.7,
            (false, _) => 0.3,
        };
        Found {
            page: self.page,
            rect: rect.kept_inside(bounds),
            confidence,
            size: self.name.size,
            baseline: None,
        }
    }

    pub(super) fn describe(&self, facts: &mut LetterFacts) {
        facts.signer_name = Some(self.name.text());
        // A prefixed line and what wraps below it say on whose behalf; the last line is the signer's own.
        let position = self.lines.last().filter(|line| !has_prefix(line));
        facts.signer_position = position.map(Row::text);
        let others = self.lines.len() - usize::from(position.is_some());
        for line in self.lines.iter().take(others) {
            match facts.competence.last_mut() {
                Some(before) if !has_prefix(line) => {
                    before.push(' ');
                    before.push_str(&line.text());
                }
                _ => facts.competence.push(line.text()),
            }
        }
    }
}

/// The items of "Nơi nhận", without the archive's own line.
pub(super) fn recipients(pages: &[(usize, Vec<Row>)], block: Option<&Block>) -> Vec<String> {
    let on_page = |page: usize| block.is_none_or(|block| block.page == page);
    let Some((rows, at, heading)) =
        pages
            .iter()
            .filter(|(page, _)| on_page(*page))
            .find_map(|(_, rows)| {
                rows.iter().enumerate().rev().find_map(|(at, row)| {
                    let heading = parts(row).into_iter().find(is_recipients_heading)?;
                    Some((rows, at, heading))
                })
            })
    else {
        return Vec::new();
    };
    let right = block.map_or(f64::INFINITY, |block| block.x0() - 1.0);
    let right = if right > heading.x1() {
        right
    } else {
        f64::INFINITY
    };
    let mut items: Vec<String> = Vec::new();
    let mut above = heading.clone();
    for row in rows.iter().skip(at + 1) {
        let line = row.between(f64::NEG_INFINITY, right);
        let line = line.segments(1.5).into_iter().next().unwrap_or_default();
        if line.is_empty() || (line.x0() - heading.x0()).abs() > 40.0 {
            continue;
        }
        if line.pitch(&above) > 3.0 || items.len() >= ITEMS {
            break;
        }
        let begins = matches!(line.char(0), Some('-' | '–' | '+' | '•'));
        match items.last_mut() {
            Some(item) if !begins => {
                item.push(' ');
                item.push_str(&line.text());
            }
            _ => items.push(line.text()),
        }
        above = line;
    }
    items
        .iter()
        .map(|text| super::item(text))
        .filter(|text| !is_archive(text))
        .collect()
}

/// Recipients read; a list of all communes of a province has some 150.
const ITEMS: usize = 200;

fn is_archive(item: &str) -> bool {
    item.is_empty() || item.to_lowercase().starts_with("lưu")
}

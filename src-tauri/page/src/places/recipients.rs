//! Who receives the letter: the items of "Nơi nhận".

use super::row::Row;
use super::signing::{Block, is_recipients_heading, parts};
use super::{is_bullet, item};

/// Recipients read; a list of all communes of a province has some 150.
const ITEMS: usize = 200;

/// A line of the list begins no farther than this from the heading, in points.
const INDENT: f64 = 40.0;

/// The items of "Nơi nhận", without the archive's own line.
pub(super) fn recipients(pages: &[(usize, Vec<Row>)], block: Option<&Block>) -> Vec<String> {
    let heading = pages.iter().enumerate().find_map(|(nth, (page, rows))| {
        if block.is_some_and(|block| block.page != *page) {
            return None;
        }
        rows.iter().enumerate().rev().find_map(|(at, row)| {
            let heading = parts(row).into_iter().find(is_recipients_heading)?;
            Some((nth, at, heading))
        })
    });
    let Some((nth, at, heading)) = heading else {
        return Vec::new();
    };
    // Beside the signature block the list ends where that begins; below it the whole width is the list's.
    let right = |row: &Row| {
        let beside = block.filter(|block| {
            row.baseline <= block.top() + 2.0 * row.size
                && row.baseline >= block.bottom() - row.size
        });
        let x = beside.map_or(f64::INFINITY, |block| block.x0() - 1.0);
        if x > heading.x1() { x } else { f64::INFINITY }
    };
    let mut list = List {
        heading: &heading,
        items: Vec::new(),
        above: Some(heading.clone()),
    };
    let rows = |nth: usize| pages.get(nth).map_or(&[][..], |(_, rows)| rows);
    for row in rows(nth).iter().skip(at + 1) {
        if !list.take(row.between(f64::NEG_INFINITY, right(row))) {
            break;
        }
    }
    // A long list goes on at the top of the next page, until the archive's line ends it.
    let size = list.above.as_ref().map_or(0.0, |above| above.size);
    if !list.is_ended() && !list.items.is_empty() {
        list.above = None;
        for row in rows(nth + 1).iter().filter(|row| row.letters() > 0) {
            let alike = (row.size - size).abs() < 1.0;
            if !alike || !list.take(row.clone()) {
                break;
            }
        }
    }
    list.items
        .iter()
        .map(|text| item(text).trim_end_matches(':').to_owned())
        .filter(|text| !text.is_empty() && !is_archive(text))
        .collect()
}

struct List<'a> {
    heading: &'a Row,
    items: Vec<String>,
    /// The line before.
    above: Option<Row>,
}

impl List<'_> {
    /// Takes a line, if it is one of the list; false when the list has ended before it.
    fn take(&mut self, line: Row) -> bool {
        let line = line.segments(1.5).into_iter().next().unwrap_or_default();
        if line.is_empty() || (line.x0() - self.heading.x0()).abs() > INDENT {
            return true;
        }
        let far = self
            .above
            .as_ref()
            .is_some_and(|above| line.pitch(above) > 3.0);
        if far || self.items.len() >= ITEMS {
            return false;
        }
        // Without dashes, an item begins where the one before it has ended.
        let ended = self.ends_with(';') && line.char(0).is_some_and(char::is_uppercase);
        let begins = is_bullet(line.char(0)) || ended;
        if begins && self.is_ended() {
            return false;
        }
        match self.items.last_mut() {
            Some(item) if !begins => {
                item.push(' ');
                item.push_str(&line.text());
            }
            _ => self.items.push(line.text()),
        }
        self.above = Some(line);
        true
    }

    fn ends_with(&self, stop: char) -> bool {
        let last = self.items.last();
        last.is_some_and(|item| item.trim_end().ends_with(stop))
    }

    /// The archive's line is the last.
    fn is_ended(&self) -> bool {
        self.items
            .last()
            .is_some_and(|last| is_archive(&item(last)))
    }
}

fn is_archive(item: &str) -> bool {
    item.to_lowercase().starts_with("lưu")
}

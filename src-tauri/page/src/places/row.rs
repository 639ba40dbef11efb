//! A line, or a part of one, in the form the rules look at.

use crate::{Line, Mark, PageText, Rect};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// Grave, acute, tilde, hook above, dot below: the five tones. Where they stand in a syllable is a
/// matter of school ("hòa", "hoà"), so they are not compared.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// Characters of one line or of a part of it; the lists are equally long.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    raw: Vec<char>,
    folded: Vec<char>,
    marks: Vec<Mark>,
    pub(super) baseline: f64,
    pub(super) size: f64,
}

/// The rows of a page, top first.
pub(super) fn rows(page: &PageText) -> Vec<Row> {
    page.lines.iter().map(Row::new).collect()
}

/// Lower case without tones.
pub(super) fn fold(letter: char) -> char {
    let small = letter.to_lowercase().next().unwrap_or(letter);
    std::iter::once(small)
        .nfd()
        .filter(|part| !TONES.contains(part))
        .nfc()
        .next()
        .unwrap_or(small)
}

impl Row {
    fn new(line: &Line) -> Row {
        let raw: Vec<char> = line.text.chars().collect();
        let folded = raw.iter().copied().map(fold).collect();
        Row {
            raw,
            folded,
            marks: line.marks.clone(),
            baseline: line.baseline,
            size: line.size,
        }
    }

    /// A part, without the spaces at its ends, in its own most common size.
    pub(super) fn part(&self, range: Range<usize>) -> Row {
        let mut range = range.start.min(self.raw.len())..range.end.min(self.raw.len());
        while range.start < range.end && self.is_space(range.start) {
            range.start += 1;
        }
        while range.start < range.end && self.is_space(range.end - 1) {
            range.end -= 1;
        }
        let marks = self.marks.get(range.clone()).unwrap_or_default().to_vec();
        let middle = marks.get(marks.len() / 2).copied();
        let (baseline, size) = middle.map_or((self.baseline, self.size), |mark| {
            (mark.baseline, mark.size)
        });
        Row {
            raw: self.raw.get(range.clone()).unwrap_or_default().to_vec(),
            folded: self.folded.get(range).unwrap_or_default().to_vec(),
            marks,
            baseline,
            size,
        }
    }

    /// The part whose characters have their middle between two x.
    pub(super) fn between(&self, x0: f64, x1: f64) -> Row {
        let inside = |mark: &Mark| (x0..x1).contains(&f64::midpoint(mark.x0, mark.x1));
        let start = self.marks.iter().position(inside).unwrap_or(self.raw.len());
        let end = self
            .marks
            .iter()
            .rposition(inside)
            .map_or(start, |last| last + 1);
        self.part(start..end)
    }

    /// The parts between gaps wider than so many em.
    pub(super) fn segments(&self, em: f64) -> Vec<Row> {
        let mut segments = Vec::new();
        let mut start = 0;
        for at in 0..self.raw.len() {
            if self.is_space(at) && self.gap(at) > em {
                segments.push(self.part(start..at));
                start = at + 1;
            }
        }
        segments.push(self.part(start..self.raw.len()));
        segments.retain(|segment| !segment.is_empty());
        segments
    }

    /// Where the words stand, spaces and tones aside, from `from` on; whole words only.
    pub(super) fn find(&self, words: &str, from: usize) -> Option<Range<usize>> {
        let words: Vec<char> = words.chars().filter(|c| *c != ' ').map(fold).collect();
        (from..self.raw.len()).find_map(|start| {
            let end = self.matches_at(&words, start)?;
            let open = start == 0 || !self.is_alphanumeric(start - 1);
            (open && !self.is_alphabetic(end)).then_some(start..end)
        })
    }

    pub(super) fn starts_with(&self, words: &str) -> bool {
        self.find(words, 0).is_some_and(|found| found.start == 0)
    }

    fn matches_at(&self, words: &[char], start: usize) -> Option<usize> {
        if self.is_space(start) {
            return None;
        }
        let mut at = start;
        for word in words {
            while self.is_space(at) {
                at += 1;
            }
            if self.folded.get(at) != Some(word) {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    pub(super) fn text(&self) -> String {
        self.raw.iter().collect()
    }

    pub(super) fn chars(&self) -> &[char] {
        &self.raw
    }

    pub(super) fn char(&self, at: usize) -> Option<char> {
        self.raw.get(at).copied()
    }

    pub(super) fn char_is(&self, at: usize, any: &[char]) -> bool {
        self.char(at).is_some_and(|letter| any.contains(&letter))
    }

    pub(super) fn mark(&self, at: usize) -> Option<&Mark> {
        self.marks.get(at)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    pub(super) fn is_space(&self, at: usize) -> bool {
        self.char(at) == Some(' ')
    }

    fn is_alphanumeric(&self, at: usize) -> bool {
        self.char(at).is_some_and(char::is_alphanumeric)
    }

    fn is_alphabetic(&self, at: usize) -> bool {
        self.char(at).is_some_and(char::is_alphabetic)
    }

    /// Width of a character in em of its own.
    pub(super) fn gap(&self, at: usize) -> f64 {
        self.mark(at)
            .map_or(0.0, |mark| (mark.x1 - mark.x0) / mark.size.max(1.0))
    }

    /// All letters are capitals, and there are some.
    pub(super) fn is_upper(&self) -> bool {
        self.letters() >= 2
            && self
                .raw
                .iter()
                .all(|c| !c.is_alphabetic() || c.is_uppercase())
    }

    pub(super) fn letters(&self) -> usize {
        self.raw.iter().filter(|c| c.is_alphabetic()).count()
    }

    pub(super) fn is_bold(&self) -> bool {
        self.marks.iter().filter(|mark| mark.bold).count() * 2 > self.marks.len()
    }

    pub(super) fn x0(&self) -> f64 {
        self.marks.first().map_or(0.0, |mark| mark.x0)
    }

    pub(super) fn x1(&self) -> f64 {
        self.marks.last().map_or(0.0, |mark| mark.x1)
    }

    pub(super) fn centre(&self) -> f64 {
        f64::midpoint(self.x0(), self.x1())
    }

    /// Upper edge of its letters, tones included.
    pub(super) fn top(&self) -> f64 {
        self.baseline + 0.95 * self.size
    }

    /// Lower edge of its letters, the dot below included.
    pub(super) fn bottom(&self) -> f64 {
        self.baseline - 0.25 * self.size
    }

    pub(super) fn rect(&self) -> Rect {
        Rect {
            x0: self.x0(),
            y0: self.bottom(),
            x1: self.x1(),
            y1: self.top(),
        }
    }

    /// How many em of its own a row stands below another.
    pub(super) fn pitch(&self, above: &Row) -> f64 {
        (above.baseline - self.baseline) / self.size.max(1.0)
    }
}

/// Lines of one sentence, joined as it was before it was wrapped.
pub(super) fn join<'a>(lines: impl IntoIterator<Item = &'a Row>) -> String {
    let mut whole = String::new();
    for line in lines {
        let text = line.text();
        // A notation is wrapped behind its hyphen ("77/2014/CT-" and "UBND"); a dash between words has blanks.
        let cut = whole.ends_with('-') && !whole.ends_with(" -");
        if !whole.is_empty() && !cut {
            whole.push(' ');
        }
        whole.push_str(text.trim());
    }
    whole
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A row of letters half an em wide, from x; `~` stands for a gap of 10 points.
    pub(in crate::places) fn row(text: &str, x: f64, baseline: f64, size: f64) -> Line {
        let (mut out, mut marks, mut x0) = (String::new(), Vec::new(), x);
        for letter in text.chars() {
            let width = if letter == '~' {
                10.0
            } else if letter == ' ' {
                size / 4.0
            } else {
                size / 2.0
            };
            let x1 = x0 + width;
            let blank = letter == '~' || letter == ' ';
            if let (true, true, Some(last)) = (blank, out.ends_with(' '), marks.last_mut()) {
                let last: &mut Mark = last;
                last.x1 = x1;
            } else {
                out.push(if blank { ' ' } else { letter });
                marks.push(Mark {
                    x0,
                    x1,
                    baseline,
                    size,
                    ..Mark::default()
                });
            }
            x0 = x1;
        }
        Line {
            text: out,
            marks,
            baseline,
            size,
        }
    }

    #[test]
    fn words_are_found_whatever_the_school_of_tones() {
        let row = Row::new(&row("x CỘNG HOÀ XÃ HỘI", 0.0, 700.0, 13.0));
        assert_eq!(row.find("cộng hòa xã hội", 0), Some(2..17));
        assert_eq!(row.find("cộng hòa xã", 0), Some(2..13));
        assert_eq!(row.find("cộng h", 0), None, "whole words only");
    }

    #[test]
    fn a_row_is_cut_by_x_and_by_gaps() {
        let row = Row::new(&row("ab~~cd ef", 0.0, 700.0, 10.0));
        let texts: Vec<String> = row.segments(0.9).iter().map(Row::text).collect();
        assert_eq!(texts, ["ab", "cd ef"]);
        assert_eq!(row.between(25.0, 41.0).text(), "cd");
        assert!(row.between(500.0, 600.0).is_empty());
    }
}

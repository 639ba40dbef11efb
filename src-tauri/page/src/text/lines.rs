//! Glyphs on one baseline to one line: order, spaces, NFC.

use super::{Line, Mark, Placed};
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Of Liberation Serif and Times New Roman, in em.
pub(crate) const ASCENT: f64 = 0.891;
/// Of Liberation Serif and Times New Roman, in em.
pub(crate) const DESCENT: f64 = 0.216;

/// Two baselines closer than this, in em, are one: fonts of one line differ by less, lines by more.
const SAME_BASELINE: f64 = 0.25;

/// A gap wider than this, in em, is a space. The space of Times is 0.25, kerning stays under 0.1.
const SPACE: f64 = 0.2;

/// A glyph printed twice (fill and stroke, or a feigned bold) has its twin closer than this, in em.
const TWIN: f64 = 0.1;

pub(super) fn build(mut glyphs: Vec<Placed>) -> Vec<Line> {
    glyphs.retain(|glyph| !glyph.text.is_empty());
    // From the top; on one baseline in the order of the content, which ties keep.
    glyphs.sort_by(|a, b| b.baseline.total_cmp(&a.baseline));
    let mut rows: Vec<Vec<Placed>> = Vec::new();
    for glyph in glyphs {
        match rows.last_mut() {
            Some(row) if on_same_baseline(row, &glyph) => row.push(glyph),
            _ => rows.push(vec![glyph]),
        }
    }
    rows.into_iter().filter_map(joined).collect()
}

fn on_same_baseline(row: &[Placed], glyph: &Placed) -> bool {
    // Measured from the first, so that a row cannot creep down the page.
    row.first().is_some_and(|first| {
        first.baseline - glyph.baseline <= SAME_BASELINE * first.size.min(glyph.size)
    })
}

fn joined(mut row: Vec<Placed>) -> Option<Line> {
    row.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    row.dedup_by(|b, a| a.text == b.text && !is_space(&a.text) && b.x0 - a.x0 < TWIN * a.size);

    let mut text = String::new();
    let mut marks: Vec<Mark> = Vec::new();
    for glyph in &row {
        let mark = Mark {
            x0: glyph.x0,
            x1: glyph.x1,
            baseline: glyph.baseline,
            size: glyph.size,
            bold: glyph.bold,
            italic: glyph.italic,
        };
        if is_space(&glyph.text) {
            push_space(&mut text, &mut marks, mark);
            continue;
        }
        if let Some(last) = marks.last().copied()
            && (glyph.x0 - last.x1 > SPACE * glyph.size || text.ends_with(' '))
        {
            push_space(
                &mut text,
                &mut marks,
                Mark {
                    x0: last.x1,
                    x1: glyph.x0,
                    ..last
                },
            );
        }
        if let [ascii] = glyph.text.as_bytes() {
            text.push(char::from(*ascii));
            marks.push(mark);
            continue;
        }
        let letters: Vec<char> = glyph.text.nfc().map(one_letter).collect();
        let mut x0 = glyph.x0;
        let width = (glyph.x1 - glyph.x0) / count(letters.len());
        for letter in letters {
            text.push(letter);
            marks.push(Mark {
                x0,
                x1: x0 + width,
                ..mark
            });
            x0 += width;
        }
    }
    if text.ends_with(' ') {
        text.pop();
        marks.pop();
    }
    // Most lines have nothing to be put together.
    let is_composed = is_nfc_quick(text.chars()) == IsNormalized::Yes
        && !text.chars().any(|c| !c.is_ascii() && is_combining_mark(c));
    let (text, marks) = if is_composed {
        (text, marks)
    } else {
        composed(&text, &marks)
    };
    let size = most_common_size(&marks)?;
    let baseline = row
        .iter()
        .find(|glyph| (glyph.size - size).abs() < 0.01 && !is_space(&glyph.text))
        .or(row.first())?
        .baseline;
    Some(Line {
        text,
        marks,
        baseline,
        size,
    })
}

/// Letters and tones that are apart in the file, though they stand together, become one letter.
fn composed(text: &str, marks: &[Mark]) -> (String, Vec<Mark>) {
    let mut out = String::new();
    let mut out_marks = Vec::new();
    let mut cluster = String::new();
    let mut whole: Option<Mark> = None;
    let mut flush = |cluster: &mut String, whole: &mut Option<Mark>| {
        if let Some(mark) = whole.take() {
            for letter in cluster.nfc() {
                out.push(letter);
                out_marks.push(mark);
            }
        }
        cluster.clear();
    };
    for (letter, mark) in text.chars().zip(marks) {
        if !is_combining_mark(letter) {
            flush(&mut cluster, &mut whole);
        }
        cluster.push(letter);
        whole = Some(match whole {
            Some(so_far) => Mark {
                x1: so_far.x1.max(mark.x1),
                ..so_far
            },
            None => *mark,
        });
    }
    flush(&mut cluster, &mut whole);
    (out, out_marks)
}

fn push_space(text: &mut String, marks: &mut Vec<Mark>, mark: Mark) {
    match marks.last_mut() {
        Some(last) if text.ends_with(' ') => last.x1 = last.x1.max(mark.x1),
        // A line does not begin with one.
        Some(_) => {
            text.push(' ');
            marks.push(mark);
        }
        None => {}
    }
}

fn is_space(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// Ð (eth) is a frequent slip for Đ: they look the same.
fn one_letter(letter: char) -> char {
    if letter == '\u{d0}' {
        '\u{110}'
    } else {
        letter
    }
}

fn most_common_size(marks: &[Mark]) -> Option<f64> {
    let mut sizes: Vec<(f64, usize)> = Vec::new();
    for mark in marks {
        if let Some((_, times)) = sizes
            .iter_mut()
            .find(|(size, _)| (size - mark.size).abs() < 0.01)
        {
            *times += 1;
        } else if sizes.len() < 32 {
            sizes.push((mark.size, 1));
        }
    }
    sizes
        .into_iter()
        .max_by_key(|(_, times)| *times)
        .map(|(size, _)| size)
}

fn count(number: usize) -> f64 {
    u32::try_from(number.max(1)).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyph(text: &str, x0: f64, x1: f64) -> Placed {
        let text = text.to_owned();
        Placed {
            text,
            x0,
            x1,
            baseline: 700.0,
            size: 13.0,
            bold: false,
            italic: false,
        }
    }

    #[track_caller]
    fn line(glyphs: &[Placed]) -> Line {
        let mut lines = build(glyphs.to_vec());
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line = lines.remove(0);
        assert_eq!(line.text.chars().count(), line.marks.len());
        line
    }

    #[test]
    fn many_spaces_and_a_gap_are_one_space_as_wide_as_the_blank() {
        let spaced = line(&[
            glyph(":", 10.0, 13.0),
            glyph(" ", 13.0, 16.0),
            glyph(" ", 16.0, 19.0),
            glyph("/", 40.0, 44.0),
        ]);
        assert_eq!(spaced.text, ": /");
        assert_eq!((spaced.marks[1].x0, spaced.marks[1].x1), (13.0, 40.0));
    }

    #[test]
    fn a_tone_apart_is_composed_and_keeps_the_map() {
        let word = line(&[
            glyph("T", 0.0, 6.0),
            glyph("h", 6.0, 12.0),
            glyph("o", 12.0, 18.0),
            glyph("\u{323}", 18.0, 18.0),
            glyph("!", 18.0, 21.0),
        ]);
        assert_eq!(word.text, "Thọ!");
        assert_eq!(word.marks[3].x0, 18.0);
        let stacked = line(&[glyph("U\u{31b}\u{300}", 0.0, 9.0), glyph("A", 9.0, 18.0)]);
        assert_eq!(stacked.text, "ỪA");
    }

    #[test]
    fn what_is_printed_twice_is_read_once() {
        let word = line(&[
            glyph("l", 0.0, 3.6),
            glyph("l", 0.3, 3.9),
            glyph("l", 3.6, 7.2),
            glyph("l", 3.9, 7.5),
        ]);
        assert_eq!(word.text, "ll");
    }

    #[test]
    fn a_ligature_gives_each_letter_its_share() {
        let word = line(&[glyph("ffi", 0.0, 9.0)]);
        assert_eq!(word.text, "ffi");
        assert_eq!(word.marks[1].x0, 3.0);
    }

    #[test]
    fn lines_do_not_creep_together() {
        let mut glyphs: Vec<Placed> = Vec::new();
        for row in 0..10 {
            let mut letter = glyph("a", f64::from(row) * 10.0, f64::from(row) * 10.0 + 6.0);
            letter.baseline = 700.0 - 3.0 * f64::from(row);
            glyphs.push(letter);
        }
        assert!(build(glyphs).len() >= 4);
    }
}

//! The ByteRange against the file (ISO 32000-2, 12.8.1): it must begin at 0, leave out exactly the value of
//! `/Contents`, and end where a revision ends.

use std::ops::Range;

use antin_pdf::{Document, Object};

use super::found::Found;
use crate::report::Coverage;

/// What a ByteRange covers.
pub(super) struct Covered {
    pub(super) coverage: Coverage,
    /// The two ranges, if they lie inside the file.
    pub(super) ranges: Option<[Range<usize>; 2]>,
    /// The revision at whose end the second one ends.
    pub(super) revision: Option<usize>,
    /// What is wrong.
    pub(super) detail: Option<String>,
    /// What stands before the header.
    pub(super) junk: Junk,
}

/// What a ByteRange makes of bytes before the header.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Junk {
    /// There are none.
    None,
    /// It counts from the file's first byte, and covers them.
    Covered,
    /// It counts from the header: whoever signed knew nothing of them.
    LeftOut,
}

impl Covered {
    /// What is covered of the whole file.
    pub(super) fn of_file(&self) -> Coverage {
        match self.coverage {
            Coverage::WholeFile | Coverage::WholeRevision if self.junk == Junk::LeftOut => {
                Coverage::Partial
            }
            coverage => coverage,
        }
    }
}

/// Offsets in a PDF count from the `%` of its header (ISO 32000-2, 7.5.2). Some signers count those of the ByteRange from
/// the file's first byte instead, and cover what stands before the header. Which of the two it is, the place of the hole
/// tells.
pub(super) fn examine(document: &Document, found: &Found) -> Covered {
    let Some(numbers) = byte_range(document, found) else {
        return malformed("ByteRange is not four integers");
    };
    let junk = document.junk().len();
    if junk == 0 {
        return within(document, found, numbers);
    }
    let [start, length, resume, rest] = numbers;
    if start == 0
        && let Some((length, resume)) = length.checked_sub(junk).zip(resume.checked_sub(junk))
        && found.contents == Some(length as u64..resume as u64)
    {
        return Covered {
            junk: Junk::Covered,
            ..within(document, found, [0, length, resume, rest])
        };
    }
    let covered = within(document, found, numbers);
    let left_out = || format!("{junk} bytes before the header are not covered");
    Covered {
        junk: Junk::LeftOut,
        detail: covered.detail.clone().or_else(|| Some(left_out())),
        ..covered
    }
}

fn malformed(detail: &str) -> Covered {
    Covered {
        coverage: Coverage::Malformed,
        ranges: None,
        revision: None,
        detail: Some(detail.to_owned()),
        junk: Junk::None,
    }
}

/// The ByteRange against the document from its header on.
fn within(document: &Document, found: &Found, numbers: [usize; 4]) -> Covered {
    let Some(ranges) = ranges(numbers, document.bytes().len()) else {
        return malformed("ByteRange leaves the file or runs backwards");
    };
    let partial = |detail: String| Covered {
        coverage: Coverage::Partial,
        ranges: Some(ranges.clone()),
        revision: None,
        detail: Some(detail),
        junk: Junk::None,
    };
    let [first, second] = &ranges;
    if first.start != 0 {
        return partial(format!("the first {} bytes are not covered", first.start));
    }
    let hole = first.end as u64..second.start as u64;
    match &found.contents {
        None => return malformed("Contents has no place of its own in the file"),
        Some(contents) if *contents != hole => {
            return partial(format!(
                "bytes {}–{} are left out, Contents is at {}–{}",
                hole.start, hole.end, contents.start, contents.end
            ));
        }
        Some(_) => {}
    }
    let end = second.end as u64;
    let revisions = document.revisions();
    if second.end == document.bytes().len() {
        return Covered {
            coverage: Coverage::WholeFile,
            ranges: Some(ranges),
            revision: revisions.len().checked_sub(1),
            detail: None,
            junk: Junk::None,
        };
    }
    let Some(index) = revisions
        .iter()
        .position(|revision| (revision.eof..=revision.end).contains(&end))
    else {
        return partial(format!("it ends at byte {end}, where no revision ends"));
    };
    // What remains of the file is white space or NULs: no reader does anything with it.
    let rest = document.bytes().get(second.end..).unwrap_or_default();
    let whole =
        index + 1 == revisions.len() && rest.iter().all(|octet| b"\0\t\n\x0c\r ".contains(octet));
    Covered {
        coverage: if whole {
            Coverage::WholeFile
        } else {
            Coverage::WholeRevision
        },
        ranges: Some(ranges),
        revision: Some(index),
        detail: None,
        junk: Junk::None,
    }
}

fn byte_range(document: &Document, found: &Found) -> Option<[usize; 4]> {
    let Ok(Object::Array(items)) = document.entry(&found.dict, b"ByteRange") else {
        return None;
    };
    let numbers: Vec<usize> = items
        .iter()
        .map(|item| document.resolve(item).ok()?.as_i64().ok()?.try_into().ok())
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

fn ranges([start, length, resume, rest]: [usize; 4], file: usize) -> Option<[Range<usize>; 2]> {
    let first_end = start.checked_add(length)?;
    let second_end = resume.checked_add(rest)?;
    (first_end <= resume && second_end <= file).then_some([start..first_end, resume..second_end])
}

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
}

pub(super) fn examine(document: &Document, found: &Found) -> Covered {
    let malformed = |detail: &str| Covered {
        coverage: Coverage::Malformed,
        ranges: None,
        revision: None,
        detail: Some(detail.to_owned()),
    };
    let Some(numbers) = byte_range(document, found) else {
        return malformed("ByteRange is not four integers");
    };
    let Some(ranges) = ranges(numbers, document.bytes().len()) else {
        return malformed("ByteRange leaves the file or runs backwards");
    };
    let partial = |detail: String| Covered {
        coverage: Coverage::Partial,
        ranges: Some(ranges.clone()),
        revision: None,
        detail: Some(detail),
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

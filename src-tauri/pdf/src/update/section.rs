//! The cross-reference section of an update, as a table (7.5.4) or a stream (7.5.8).

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use crate::{Error, Limit, serialise};

/// How an object ends.
pub(super) const END: &[u8] = b"\nendobj";
/// The largest offset of a table entry: ten digits.
const MAX_OFFSET: u64 = 9_999_999_999;

/// Runs of consecutive numbers.
fn runs(offsets: &BTreeMap<ObjectId, u64>) -> Vec<Vec<(ObjectId, u64)>> {
    let mut runs: Vec<Vec<(ObjectId, u64)>> = Vec::new();
    for (&id, &offset) in offsets {
        match runs.last_mut() {
            Some(run)
                if run
                    .last()
                    .is_some_and(|(before, _)| before.0.checked_add(1) == Some(id.0)) =>
            {
                run.push((id, offset));
            }
            _ => runs.push(vec![(id, offset)]),
        }
    }
    runs
}

pub(super) fn table(
    bytes: &mut Vec<u8>,
    offsets: &BTreeMap<ObjectId, u64>,
    trailer: &Dictionary,
) -> Result<(), Error> {
    if offsets.values().any(|&offset| offset > MAX_OFFSET) {
        return Err(Error::TooBig {
            what: Limit::File,
            limit: MAX_OFFSET,
        });
    }
    bytes.extend_from_slice(b"xref\n");
    for run in runs(offsets) {
        let first = run.first().map_or(0, |(id, _)| id.0);
        bytes.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
        for (id, offset) in run {
            bytes.extend_from_slice(format!("{offset:010} {:05} n\r\n", id.1).as_bytes());
        }
    }
    if offsets.is_empty() {
        // A table has at least one subsection.
        bytes.extend_from_slice(b"0 0\n");
    }
    bytes.extend_from_slice(b"trailer\n");
    let trailer =
        serialise(&Object::Dictionary(trailer.clone())).ok_or(Error::Unwritable((0, 0)))?;
    bytes.extend_from_slice(&trailer);
    bytes.push(b'\n');
    Ok(())
}

/// Writes the section as object `own` at `startxref`, uncompressed: an update has few entries.
pub(super) fn stream(
    bytes: &mut Vec<u8>,
    offsets: &BTreeMap<ObjectId, u64>,
    own: ObjectId,
    startxref: u64,
    trailer: Dictionary,
) -> Result<(), Error> {
    let mut all = offsets.clone();
    all.insert(own, startxref);
    let mut index = Vec::new();
    let mut content = Vec::new();
    for run in runs(&all) {
        let first = run.first().map_or(0, |(id, _)| id.0);
        index.push(Object::Integer(i64::from(first)));
        index.push(Object::Integer(
            i64::try_from(run.len()).unwrap_or(i64::MAX),
        ));
        for (id, offset) in run {
            content.push(1);
            content.extend_from_slice(&offset.to_be_bytes());
            content.extend_from_slice(&id.1.to_be_bytes());
        }
    }
    let mut dict = Dictionary::new();
    dict.set("Type", Object::from("XRef"));
    for (key, value) in trailer {
        dict.set(key, value);
    }
    dict.set(
        "W",
        vec![Object::Integer(1), Object::Integer(8), Object::Integer(2)],
    );
    dict.set("Index", index);
    let stream =
        serialise(&Object::Stream(Stream::new(dict, content))).ok_or(Error::Unwritable(own))?;
    bytes.extend_from_slice(format!("{} {} obj\n", own.0, own.1).as_bytes());
    bytes.extend_from_slice(&stream);
    bytes.extend_from_slice(END);
    bytes.push(b'\n');
    Ok(())
}

//! Who refers to an object. A signed document can be laid out so that it refers to objects that do not exist yet, or
//! that serve two purposes; changing them later changes what is shown.

use std::collections::{BTreeMap, BTreeSet};

use antin_pdf::{Document, Object, ObjectId, XrefKind};

/// Levels of direct objects; the reader's own limit is lower.
const DEPTH_LIMIT: usize = 512;

/// All references inside an object.
pub(super) fn of(object: &Object, ids: &mut Vec<ObjectId>) {
    collect(object, ids, DEPTH_LIMIT);
}

fn collect(object: &Object, ids: &mut Vec<ObjectId>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match object {
        Object::Reference(id) => ids.push(*id),
        Object::Array(items) => items.iter().for_each(|item| collect(item, ids, depth)),
        Object::Dictionary(dict) => dict
            .iter()
            .for_each(|(_, value)| collect(value, ids, depth)),
        Object::Stream(stream) => stream
            .dict
            .iter()
            .for_each(|(_, value)| collect(value, ids, depth)),
        _ => {}
    }
}

/// For each target, the objects of `document` that refer to it; targets nobody refers to are left out.
///
/// Reading every object of a large file takes a while, so a file whose objects all stand in plain sight is first
/// searched for anything that could be a reference to a target.
pub(super) fn to(
    document: &Document,
    targets: &BTreeSet<ObjectId>,
) -> BTreeMap<ObjectId, BTreeSet<ObjectId>> {
    let mut referrers: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    if targets.is_empty() {
        return referrers;
    }
    let plain = document
        .revisions()
        .iter()
        .all(|revision| revision.xref == XrefKind::Table);
    if plain && !may_refer(document.bytes(), targets) {
        return referrers;
    }
    let all: BTreeSet<ObjectId> = document
        .revisions()
        .iter()
        .flat_map(|revision| revision.touched.iter().copied())
        .collect();
    for id in all {
        // The dictionary of a stream is read without its data.
        let object = match document.dictionary(id) {
            Ok(dict) => Object::Dictionary(dict),
            Err(_) => document.object(id).unwrap_or(Object::Null),
        };
        let mut ids = Vec::new();
        of(&object, &mut ids);
        for target in ids.into_iter().filter(|target| targets.contains(target)) {
            referrers.entry(target).or_default().insert(id);
        }
    }
    referrers
}

/// Could these bytes contain `number generation R` of a target? Says yes when in doubt: where a comment may stand
/// between the tokens.
fn may_refer(bytes: &[u8], targets: &BTreeSet<ObjectId>) -> bool {
    let numbers: BTreeSet<u32> = targets.iter().map(|id| id.0).collect();
    bytes
        .iter()
        .enumerate()
        .filter(|(_, octet)| **octet == b'R')
        .any(|(at, _)| {
            let before = bytes.get(..at).unwrap_or_default();
            match integer_before(before) {
                Token::Number(_, rest) => match integer_before(rest) {
                    Token::Number(number, _) => {
                        u32::try_from(number).is_ok_and(|number| numbers.contains(&number))
                    }
                    Token::Unclear => true,
                    Token::Other => false,
                },
                Token::Unclear => true,
                Token::Other => false,
            }
        })
}

enum Token<'a> {
    /// An integer, and what is before it.
    Number(u64, &'a [u8]),
    /// A comment may be in between.
    Unclear,
    /// Anything else.
    Other,
}

/// Longest line looked at for a comment: a longer one is taken for one.
const LINE_LIMIT: usize = 1024;

/// The integer at the end of `bytes`, with white space behind it.
fn integer_before(bytes: &[u8]) -> Token<'_> {
    let is_space = |octet: &u8| b"\0\t\n\x0c\r ".contains(octet);
    let spaces = bytes
        .iter()
        .rev()
        .take_while(|octet| is_space(octet))
        .count();
    let (rest, space) = bytes.split_at(bytes.len() - spaces);
    let digits = rest
        .iter()
        .rev()
        .take_while(|octet| octet.is_ascii_digit())
        .count();
    let (before, digits) = rest.split_at(rest.len() - digits);
    if space.contains(&b'\n') || space.contains(&b'\r') {
        let line = rest
            .iter()
            .rev()
            .take(LINE_LIMIT)
            .take_while(|octet| !b"\n\r".contains(octet));
        let mut length = 0;
        if line.inspect(|_| length += 1).any(|octet| *octet == b'%') || length == LINE_LIMIT {
            return Token::Unclear;
        }
    }
    if digits.is_empty() || space.is_empty() {
        return Token::Other;
    }
    let number = digits.iter().try_fold(0_u64, |sum, digit| {
        sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    });
    number.map_or(Token::Other, |number| Token::Number(number, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_seen_through_white_space_zeros_and_comments() {
        let targets = BTreeSet::from([(12, 0)]);
        for text in [
            "[12 0 R]",
            "12\n0\tR",
            "0012 0 R",
            "+12 0 R",
            "12%x\n0 R",
            "12 0%\rR",
            "12 0 % 12\n R",
        ] {
            assert!(may_refer(text.as_bytes(), &targets), "{text}");
        }
        for text in [
            "112 0 R", "12 0 obj", "120 R", "13 0 R", "R", "/F12 RG", "12 R",
        ] {
            assert!(!may_refer(text.as_bytes(), &targets), "{text}");
        }
    }
}

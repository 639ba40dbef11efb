//! Who refers to an object. A signed document can be laid out so that it refers to objects that do not exist yet, or
//! that serve two purposes; changing them later changes what is shown.

use std::collections::{BTreeMap, BTreeSet};

use antin_pdf::{Dictionary, Document, Object, ObjectId, XrefKind};

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
/// Reading every object of a large file takes a while, so what can be searched as bytes is searched first: the whole
/// file where there are no object streams, else the contents of these. Usually nothing is found.
pub(super) fn to(document: &Document, targets: &BTreeSet<ObjectId>) -> Referrers {
    let mut search = Search {
        document,
        targets,
        numbers: targets.iter().map(|id| id.0).collect(),
        found: Referrers::new(),
    };
    let revisions = document.revisions();
    let plain = revisions
        .iter()
        .all(|revision| revision.xref == XrefKind::Table);
    if targets.is_empty() || (plain && !file_may_refer(document, &search.numbers)) {
        return search.found;
    }
    let mut all: Vec<ObjectId> = revisions
        .iter()
        .flat_map(|revision| revision.touched.iter().copied())
        .collect();
    all.sort_unstable();
    all.dedup();
    let (own, compressed): (Vec<ObjectId>, Vec<ObjectId>) = all
        .into_iter()
        .partition(|id| plain || document.object_span(*id).is_some());
    let mut containers_may_refer = false;
    for id in own {
        let dict = search.look_at(id);
        // Object streams are told by what reading them takes.
        let is_container = dict.is_some_and(|dict| dict.has(b"N") && dict.has(b"First"));
        containers_may_refer =
            containers_may_refer || (is_container && search.container_may_refer(id));
    }
    if containers_may_refer {
        for id in compressed {
            search.look_at(id);
        }
    }
    search.found
}

/// Who refers to each target.
pub(super) type Referrers = BTreeMap<ObjectId, BTreeSet<ObjectId>>;

struct Search<'a> {
    document: &'a Document,
    targets: &'a BTreeSet<ObjectId>,
    numbers: BTreeSet<u32>,
    found: Referrers,
}

impl Search<'_> {
    /// Collects the references of one object; its dictionary if it has one.
    fn look_at(&mut self, id: ObjectId) -> Option<Dictionary> {
        // The dictionary of a stream is read without its data.
        let object = match self.document.dictionary(id) {
            Ok(dict) => Object::Dictionary(dict),
            Err(_) => self.document.object(id).unwrap_or(Object::Null),
        };
        let mut ids = Vec::new();
        of(&object, &mut ids);
        for target in ids
            .into_iter()
            .filter(|target| self.targets.contains(target))
        {
            self.found.entry(target).or_default().insert(id);
        }
        match object {
            Object::Dictionary(dict) => Some(dict),
            _ => None,
        }
    }

    /// An object stream that cannot be read may refer to anything.
    fn container_may_refer(&self, id: ObjectId) -> bool {
        let data = self.document.object(id).and_then(|object| match object {
            Object::Stream(stream) => self.document.stream_data(&stream),
            _ => Ok(Vec::new()),
        });
        data.map_or(true, |data| may_refer(&data, &self.numbers))
    }
}

/// Could these bytes contain `number generation R` of a target? Says yes when in doubt: where a comment may stand
/// between the tokens.
fn may_refer(bytes: &[u8], numbers: &BTreeSet<u32>) -> bool {
    refers_after(bytes, 0, numbers)
}

/// As [`may_refer`], over the whole file.
fn file_may_refer(document: &Document, numbers: &BTreeSet<u32>) -> bool {
    let mut from = 0;
    document.windows(0..usize::MAX).any(|window| {
        let upto = from + window.len();
        let bytes = document.bytes().get(..upto).unwrap_or_default();
        let found = refers_after(bytes, from, numbers);
        from = upto;
        found
    })
}

/// As [`may_refer`], for references that end at `from` or later; they may begin before.
fn refers_after(bytes: &[u8], from: usize, numbers: &BTreeSet<u32>) -> bool {
    let searched = bytes.get(from..).unwrap_or_default();
    memchr::memchr_iter(b'R', searched).any(|at| {
        let before = bytes.get(..from + at).unwrap_or_default();
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
        let targets = BTreeSet::from([12]);
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

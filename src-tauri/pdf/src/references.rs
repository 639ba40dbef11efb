//! Who refers to an object.
//!
//! Reading every object of a large file into values takes a while, so nothing is read into values here: references are
//! told from everything else, and what holds no mention of a target's number is not even looked through.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lopdf::{Object, ObjectId};

use crate::lex::{Lexer, is_space};
use crate::object_stream::Decoded;
use crate::parse::{self, Want};
use crate::revision;
use crate::xref::Place;
use crate::{Damage, Document, Error, XrefKind};

/// Who refers to what.
#[derive(Debug, Default)]
pub struct Referrers {
    /// For each target, the objects that refer to it; targets nobody refers to are left out.
    pub users: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    /// Objects that may refer to others in a later state although no later revision touches them: those that cannot be
    /// read, and those in an object stream whose length is an object of its own.
    pub unsettled: Vec<ObjectId>,
}

impl Document {
    /// Could the file mention a target's number in a reference at all? Always, where there are object streams.
    #[must_use]
    pub fn may_mention(&self, targets: &BTreeSet<ObjectId>) -> bool {
        let plain = self
            .revisions()
            .iter()
            .all(|revision| revision.xref == XrefKind::Table);
        if !plain {
            return true;
        }
        let numbers = numbers(targets);
        let mut from = 0;
        self.windows(0..usize::MAX).any(|window| {
            let upto = from + window.len();
            let bytes = self.bytes().get(..upto).unwrap_or_default();
            let found = mentions(bytes, from, &numbers);
            from = upto;
            found
        })
    }

    /// Who refers to each of `targets`.
    #[must_use]
    pub fn referrers(&self, targets: &BTreeSet<ObjectId>) -> Referrers {
        let mut found = Referrers::default();
        let numbers = numbers(targets);
        let mut inside: Vec<(u32, u32, ObjectId)> = Vec::new();
        for layer in self.layers() {
            for slot in &layer.slots {
                let in_force = revision::find(self.layers(), slot.number);
                if !in_force.is_some_and(|own| std::ptr::eq(own, slot)) {
                    continue;
                }
                match slot.place() {
                    Place::Free => {}
                    Place::At(offset) => {
                        let outcome = self.lexed(slot.id(), offset, &mut |target| {
                            note(&mut found.users, targets, target, slot.id());
                        });
                        if outcome.is_err() {
                            found.unsettled.push(slot.id());
                        }
                    }
                    Place::In(container, index) => inside.push((container, index, slot.id())),
                }
            }
        }
        // Each object stream is decoded once.
        inside.sort_unstable();
        for group in inside.chunk_by(|one, other| one.0 == other.0) {
            self.inside(group, targets, &numbers, &mut found);
        }
        found
    }

    /// The objects of one object stream.
    fn inside(
        &self,
        group: &[(u32, u32, ObjectId)],
        targets: &BTreeSet<ObjectId>,
        numbers: &BTreeSet<u32>,
        found: &mut Referrers,
    ) {
        let Some(&(container, ..)) = group.first() else {
            return;
        };
        let Ok((decoded, lasting)) = self.lasting(container) else {
            found.unsettled.extend(group.iter().map(|entry| entry.2));
            return;
        };
        if !lasting {
            found.unsettled.extend(group.iter().map(|entry| entry.2));
        }
        if !mentions(decoded.data(), 0, numbers) {
            return;
        }
        for &(_, index, id) in group {
            let outcome = decoded.references(id.0, index, &mut |target| {
                note(&mut found.users, targets, target, id);
            });
            if outcome.is_err() {
                found.unsettled.push(id);
            }
        }
    }

    /// An object stream, and whether its dictionary alone says where it ends.
    fn lasting(&self, container: u32) -> Result<(Arc<Decoded>, bool), Error> {
        let (decoded, holder) = self.decoded(container, 0)?;
        let dict = self.dictionary(holder)?;
        let lasting = matches!(dict.get(b"Length"), Ok(Object::Integer(_)));
        Ok((decoded, lasting))
    }

    /// Hands over the references in an object; those before a place that cannot be read, too.
    ///
    /// # Errors
    ///
    /// As [`Document::object`].
    pub fn each_reference(
        &self,
        id: ObjectId,
        take: &mut dyn FnMut(ObjectId),
    ) -> Result<(), Error> {
        let Some(slot) = revision::find(self.layers(), id.0).filter(|slot| slot.generation == id.1)
        else {
            return Ok(());
        };
        match slot.place() {
            Place::Free => Ok(()),
            Place::At(offset) => self.lexed(id, offset, take),
            Place::In(container, index) => {
                let (decoded, _) = self.decoded(container, 0)?;
                decoded.references(id.0, index, take)
            }
        }
    }

    /// The references in the object at `offset`, which must be `id`.
    fn lexed(
        &self,
        id: ObjectId,
        offset: u64,
        take: &mut dyn FnMut(ObjectId),
    ) -> Result<(), Error> {
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        self.reads_at(at);
        let mut lexer = Lexer::new(self.bytes(), at);
        lexer.skip_space();
        if lexer.id(b"obj") != Some(id) {
            return Err(Error::damaged(Damage::WrongObject, at));
        }
        let outcome = parse::references(&mut lexer, 0, take);
        self.charge_lexed((lexer.pos() as u64).saturating_sub(offset))?;
        outcome?;
        // What follows decides whether the object can be read at all.
        lexer.skip_space();
        if lexer.take(b"endobj") {
            return Ok(());
        }
        self.located_head(id)
    }

    /// Whether an object that does not end after its value is a stream.
    fn located_head(&self, id: ObjectId) -> Result<(), Error> {
        self.load(id, Want::Head, 0).map(drop)
    }
}

fn numbers(targets: &BTreeSet<ObjectId>) -> BTreeSet<u32> {
    targets.iter().map(|id| id.0).collect()
}

fn note(
    users: &mut BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    targets: &BTreeSet<ObjectId>,
    target: ObjectId,
    user: ObjectId,
) {
    if targets.contains(&target) {
        users.entry(target).or_default().insert(user);
    }
}

/// Could these bytes contain `number generation R` of a target that ends at `from` or later? It may begin before. Says
/// yes when in doubt: where a comment may stand between the tokens.
fn mentions(bytes: &[u8], from: usize, numbers: &BTreeSet<u32>) -> bool {
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
    let spaces = bytes
        .iter()
        .rev()
        .take_while(|&&octet| is_space(octet))
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
            assert!(mentions(text.as_bytes(), 0, &targets), "{text}");
        }
        for text in [
            "112 0 R", "12 0 obj", "120 R", "13 0 R", "R", "/F12 RG", "12 R",
        ] {
            assert!(!mentions(text.as_bytes(), 0, &targets), "{text}");
        }
        assert!(
            mentions(b"12 0 R 13 0 R", 4, &targets),
            "it may begin before"
        );
        assert!(!mentions(b"12 0 R 13 0 R", 6, &targets));
    }

    #[test]
    fn the_light_reading_finds_what_parsing_finds() {
        let text = b"<</A 1 0 R/B[2 0 R 3 0(4 0 R\\) 5 0 R)6 0 R]/C<</D 7 1 R>>/E<89>/F true/G -1.5/H/N%8 0 R\n/I null>>";
        let mut light = Vec::new();
        parse::references(&mut Lexer::new(text, 0), 0, &mut |id| light.push(id)).unwrap();
        assert_eq!(light, [(1, 0), (2, 0), (6, 0), (7, 1)]);
        assert!(parse::parse_object(text).is_ok());
    }
}

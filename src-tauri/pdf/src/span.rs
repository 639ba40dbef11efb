//! Exact places: a value inside an object, and bytes that no object accounts for.

use std::ops::Range;

use lopdf::ObjectId;

use crate::lex::{Lexer, is_space};
use crate::{Damage, Document, Error, parse};

impl Document {
    /// The exact bytes of a signature dictionary's `/Contents` value, delimiters included; see [`Document::value_span`].
    ///
    /// # Errors
    ///
    /// As [`Document::value_span`].
    pub fn contents_span(&self, id: ObjectId) -> Result<Option<Range<u64>>, Error> {
        self.value_span(id, &[b"Contents"])
    }

    /// The exact bytes of a value inside an object: `path` is its key, after the keys of the direct dictionaries around
    /// it. White space and comments around the value are not part of it. `None` when the object is in an object stream
    /// or is no dictionary, and when there is no such key.
    ///
    /// # Errors
    ///
    /// As [`Document::object`]; a key that is there twice is refused ([`Damage::DuplicateKey`]).
    pub fn value_span(&self, id: ObjectId, path: &[&[u8]]) -> Result<Option<Range<u64>>, Error> {
        let Some(indirect) = self.located(id)? else {
            return Ok(None);
        };
        let bytes = self.bytes().get(..indirect.span.end).unwrap_or_default();
        let mut lexer = Lexer::new(bytes, indirect.span.start);
        if lexer.id(b"obj").is_none() {
            return Err(Error::damaged(Damage::WrongObject, indirect.span.start));
        }
        lexer.skip_space();
        let mut found = lexer.pos()..lexer.pos();
        for wanted in path {
            let mut inner = Lexer::new(bytes, found.start);
            if !inner.rest().starts_with(b"<<") {
                return Ok(None);
            }
            let mut value = None;
            parse::each_entry(&mut inner, 0, &mut |key, _, at| {
                if key == *wanted {
                    value = Some(at);
                }
                Ok(())
            })?;
            match value {
                Some(at) => found = at,
                None => return Ok(None),
            }
        }
        Ok(Some(found.start as u64..found.end as u64))
    }

    /// Bytes after the last revision, white space and NULs aside: nothing in the file refers to them, and no signature
    /// covers them. `None` when there are none.
    #[must_use]
    pub fn orphan_tail(&self) -> Option<Range<u64>> {
        let start = usize::try_from(self.newest()?.end).ok()?;
        let tail = self.bytes().get(start..)?;
        if tail.iter().all(|&byte| is_space(byte)) {
            return None;
        }
        Some(start as u64..self.bytes().len() as u64)
    }

    /// Bytes of a revision that belong to none of its objects, its cross-reference, its tail, white space or comments:
    /// objects without an entry, or text between objects. Parses every object the revision touches.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRevision`], and as [`Document::object`].
    pub fn unclaimed(&self, index: usize) -> Result<Vec<Range<u64>>, Error> {
        let state = self.at_revision(index)?;
        let Some(revision) = state.newest() else {
            return Ok(Vec::new());
        };
        let mut claimed: Vec<Range<u64>> = revision.sections.clone();
        for &id in &revision.touched {
            let span = state
                .located(id)?
                .map(|indirect| indirect.span.start as u64..indirect.span.end as u64);
            claimed.extend(span);
        }
        claimed.sort_unstable_by_key(|range| range.start);
        let mut unclaimed = Vec::new();
        let mut from = revision.start;
        for range in claimed
            .into_iter()
            .chain(std::iter::once(revision.end..revision.end))
        {
            if range.start > from {
                unclaimed.extend(state.foreign(from..range.start));
            }
            from = from.max(range.end);
        }
        Ok(unclaimed)
    }

    /// The part of a gap that is neither white space, comment, nor a tail.
    fn foreign(&self, gap: Range<u64>) -> Option<Range<u64>> {
        let start = usize::try_from(gap.start).ok()?;
        let end = usize::try_from(gap.end).ok()?;
        let mut lexer = Lexer::new(self.bytes().get(..end)?, start);
        loop {
            // `%%EOF` and the header are comments to the lexer.
            lexer.skip_space();
            if lexer.keyword(b"startxref") {
                lexer.skip_space();
                lexer.unsigned();
            } else {
                break;
            }
        }
        (lexer.pos() < end).then_some(lexer.pos() as u64..gap.end)
    }
}

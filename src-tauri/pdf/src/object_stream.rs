//! Object streams (ISO 32000-2, 7.5.7), decoded on demand and kept in a small cache.

use std::sync::{Arc, Mutex, PoisonError};

use lopdf::{Object, ObjectId, Stream};

use crate::lex::Lexer;
use crate::{Damage, Error, filter, parse};

/// Bytes of one decoded object stream. Writers put 100 to 200 objects in one: tens of kilobytes.
const MAX_DECODED: usize = 64 << 20;
/// Bytes kept decoded: the whole of an ordinary letter, a window onto a large file.
const MAX_CACHED: usize = 16 << 20;
/// A decoded object stream.
pub(crate) struct Decoded {
    data: Vec<u8>,
    /// Number and offset in `data` of each object.
    index: Vec<(u32, usize)>,
}

impl Decoded {
    /// Decodes a stream whose `/Filter` and `/DecodeParms` are direct; `decrypted` as for [`filter::decode`].
    pub(crate) fn new(stream: &Stream, decrypted: bool, at: usize) -> Result<Self, Error> {
        let wrong = || Error::damaged(Damage::ObjectStream, at);
        if !stream.dict.has_type(b"ObjStm") {
            return Err(wrong());
        }
        let data = filter::decode(&stream.dict, &stream.content, decrypted, MAX_DECODED)?;
        let entry = |key: &[u8]| {
            let value = stream
                .dict
                .get(key)
                .and_then(Object::as_i64)
                .map_err(|_| wrong())?;
            usize::try_from(value).map_err(|_| wrong())
        };
        let (count, first) = (entry(b"N")?, entry(b"First")?);
        let head = data.get(..first).ok_or_else(wrong)?;
        let mut lexer = Lexer::new(head, 0);
        let mut index = Vec::new();
        for _ in 0..count {
            lexer.skip_space();
            let number = lexer
                .unsigned()
                .and_then(|number| u32::try_from(number).ok())
                .ok_or_else(wrong)?;
            lexer.skip_space();
            let offset = lexer
                .unsigned()
                .and_then(|offset| usize::try_from(offset).ok())
                .ok_or_else(wrong)?;
            index.push((number, first.checked_add(offset).ok_or_else(wrong)?));
        }
        Ok(Decoded { data, index })
    }

    /// How many bytes it holds.
    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    /// What it holds.
    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    /// The object `number` at `index`: both must agree.
    pub(crate) fn object(&self, number: u32, index: u32, at: usize) -> Result<Object, Error> {
        parse::object(&mut self.lexer(number, index, at)?, 0)
    }

    /// Hands over the references in the object `number` at `index`.
    pub(crate) fn references(
        &self,
        number: u32,
        index: u32,
        take: &mut dyn FnMut(ObjectId),
    ) -> Result<(), Error> {
        parse::references(&mut self.lexer(number, index, 0)?, 0, take)
    }

    fn lexer(&self, number: u32, index: u32, at: usize) -> Result<Lexer<'_>, Error> {
        let entry = usize::try_from(index)
            .ok()
            .and_then(|index| self.index.get(index));
        match entry {
            Some(&(own, offset)) if own == number => Ok(Lexer::new(&self.data, offset)),
            _ => Err(Error::damaged(Damage::ObjectStream, at)),
        }
    }
}

/// A decoded stream's key: how many revisions are in force, and the offset of the stream object. The offset alone would
/// not do: a later revision can change the object that holds the stream's length.
pub(crate) type Key = (usize, usize);

/// The most recently used decoded streams.
#[derive(Default)]
pub(crate) struct Cache {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Least recently used first.
    streams: Vec<(Key, Arc<Decoded>)>,
    held: usize,
}

impl Cache {
    /// The decoded stream at `key`, which `load` makes when it is not held.
    pub(crate) fn get(
        &self,
        key: Key,
        load: impl FnOnce() -> Result<Decoded, Error>,
    ) -> Result<Arc<Decoded>, Error> {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(index) = state.streams.iter().position(|(own, _)| *own == key) {
                let entry = state.streams.remove(index);
                let decoded = Arc::clone(&entry.1);
                state.streams.push(entry);
                return Ok(decoded);
            }
        }
        let decoded = Arc::new(load()?);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held += decoded.data.len();
        state.streams.push((key, Arc::clone(&decoded)));
        while state.held > MAX_CACHED && state.streams.len() > 1 {
            let (_, oldest) = state.streams.remove(0);
            state.held = state.held.saturating_sub(oldest.data.len());
        }
        Ok(decoded)
    }
}

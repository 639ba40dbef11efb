//! A file gone through from end to end in little memory: the pages of a map that were touched count as memory until
//! they are let go.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Document;
use crate::source::Source;

/// Bytes looked at before they are let go: what a digest goes through in half a millisecond.
const WINDOW: usize = 1 << 20;
/// A range up to here is kept: it costs little memory, and reading it again would cost time.
const SMALL: usize = 4 * WINDOW;

/// Pieces of a range of a document, in order.
#[derive(Debug)]
pub struct Windows<'a> {
    document: &'a Document,
    left: Range<usize>,
    seen: Range<usize>,
    lets_go: bool,
}

/// The system may map as much as this for one byte that is read: a huge page.
const BLOCK: usize = 2 << 20;
/// Places that may be read before all are let go.
const HELD: usize = 1;

/// How far apart the places are that were read since memory was given back.
#[derive(Default)]
pub(crate) struct Scattered {
    last: AtomicUsize,
    places: AtomicUsize,
}

impl Document {
    /// Notes that an object at `at` is read. Objects of a large file lie far apart, and each brings its surroundings into
    /// memory.
    pub(crate) fn reads_at(&self, at: usize) {
        let (source, scattered) = self.memory();
        let block = at / BLOCK;
        if source.len() <= SMALL || scattered.last.swap(block, Ordering::Relaxed) == block {
            return;
        }
        if scattered.places.fetch_add(1, Ordering::Relaxed) >= HELD {
            scattered.places.store(0, Ordering::Relaxed);
            source.let_go(0..source.len());
        }
    }

    /// Lets go of the cross-reference, which is in memory by now in a form of its own.
    pub(crate) fn has_read_xref(&self) {
        let source = self.memory().0;
        if source.len() > SMALL {
            source.let_go(0..source.len());
        }
    }

    /// The pieces of a range of [`Document::bytes`], as far as there are any. A piece of a large mapped file is let go
    /// when the next one is asked for; it stays readable, since it would be read from the file once more.
    #[must_use]
    pub fn windows(&self, range: Range<usize>) -> Windows<'_> {
        let end = range.end.min(self.bytes().len());
        let start = range.start.min(end);
        Windows {
            document: self,
            left: start..end,
            seen: start..start,
            lets_go: end - start > SMALL,
        }
    }
}

impl<'a> Iterator for Windows<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.let_go();
        if self.left.is_empty() {
            return None;
        }
        // Windows begin where pages of the map do, so that none is let go twice.
        let boundary = (self.left.start / WINDOW + 1).saturating_mul(WINDOW);
        let end = boundary.min(self.left.end);
        self.seen = self.left.start..end;
        self.left.start = end;
        self.document.bytes().get(self.seen.clone())
    }
}

impl Windows<'_> {
    fn let_go(&mut self) {
        if self.lets_go && !self.seen.is_empty() {
            let before = self.document.junk().len();
            let seen = self.seen.start + before..self.seen.end + before;
            self.document.memory().0.let_go(seen);
        }
        self.seen = self.left.start..self.left.start;
    }
}

impl Drop for Windows<'_> {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Source {
    /// Gives the memory of a range of the map back to the system, where it takes it.
    fn let_go(&self, range: Range<usize>) {
        #[cfg(unix)]
        if let Source::Map(map) = self {
            #[expect(
                unsafe_code,
                reason = "the system call is unsafe for maps that may be written to"
            )]
            // SAFETY: the map is of a file and read-only. Its pages hold nothing that the file does not, and are
            // read from it again when they are touched.
            let done = unsafe {
                map.unchecked_advise_range(
                    memmap2::UncheckedAdvice::DontNeed,
                    range.start,
                    range.len(),
                )
            };
            // Memory that is not taken back is only memory.
            let _ = done;
        }
        #[cfg(not(unix))]
        let _ = range;
    }
}

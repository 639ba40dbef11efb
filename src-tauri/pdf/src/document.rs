//! A document: objects on demand from the cross-reference of one state of a file.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use lopdf::{Dictionary, Object, ObjectId, Stream};

use crate::encryption::{Encryption, Way};
use crate::object_stream::{Cache, Decoded};
use crate::page::Tree;
use crate::parse::{self, Indirect, Want};
use crate::revision::{self, Layer, Revision};
use crate::source::Source;
use crate::window::Scattered;
use crate::xref::{self, Place};
use crate::{Damage, Error, Limit, filter};

/// Where `%PDF-` is looked for when it is not where it must be, to say how much junk precedes it.
const HEADER_WINDOW: usize = 1024;
/// Bytes of one stream given out decoded: an A3 page at 600 dpi in three colours is 208 MB, and no such image passes
/// through here.
const MAX_STREAM: usize = 256 << 20;
/// References followed one after the other. The standard wants none; two happen.
pub(crate) const MAX_REFERENCES: usize = 16;
/// Lookups inside a lookup: an object, the object stream that holds it, that stream's length.
const MAX_LOOKUPS: usize = 4;
/// Work over the life of one document, in bytes lexed or inflated: this, and [`WORK_FACTOR`] times the file. Objects may
/// overlap and object streams may be bombs: without a sum, a small file can ask for the same megabytes thousands of times.
const BASE_WORK: u64 = 64 << 20;
/// How often an honest reader comes back to the whole of a file.
const WORK_FACTOR: u64 = 16;
/// Objects up to here cost nothing: that many of them in one file cannot hurt, and honest readers may come back often.
const FREE_WORK: u64 = 4 << 10;
/// Copying a stream's data is so much cheaper than lexing.
const COPY_DISCOUNT: u64 = 16;

/// What all states of one file share.
struct File {
    source: Source,
    /// Where the header is: what comes before is no part of the document.
    start: usize,
    layers: Vec<Layer>,
    revisions: Vec<Revision>,
    cache: Cache,
    /// Ways of encryption met so far: revisions share one.
    encryptions: Mutex<Vec<Arc<Encryption>>>,
    /// How each revision is encrypted; looked at once, since each signature asks about all that came after it.
    ways: OnceLock<Vec<Way>>,
    work: AtomicU64,
    scattered: Scattered,
}

/// A document, or an earlier state of one. Cheap to clone; reads on any thread.
#[derive(Clone)]
pub struct Document {
    file: Arc<File>,
    /// How many revisions are in force.
    upto: usize,
    /// Bytes up to here exist.
    len: usize,
    root: ObjectId,
    pub(crate) encryption: Option<Arc<Encryption>>,
    /// The encryption dictionary, when it is an object of its own.
    pub(crate) encrypt_id: Option<ObjectId>,
    pub(crate) tree: Arc<Tree>,
}

impl Document {
    /// Maps a file and reads its cross-reference.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::NotPdf`], [`Error::PasswordNeeded`], [`Error::UnknownEncryption`], [`Error::Damaged`],
    /// [`Error::TooBig`].
    pub fn open(path: &Path) -> Result<Document, Error> {
        Document::new(Source::open(path)?, false)
    }

    /// As [`Document::open`], from memory.
    ///
    /// # Errors
    ///
    /// The same, without [`Error::Io`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Document, Error> {
        Document::new(Source::Owned(bytes), false)
    }

    /// As [`Document::open`], for files that are only to be examined: bytes before the header, up to a kibibyte, are passed
    /// over and told by [`Document::junk`]. Offsets count from the header, as ISO 32000-2, 7.5.2, has it; [`Document::bytes`]
    /// begins there. Nothing can be appended to such a file.
    ///
    /// # Errors
    ///
    /// As [`Document::open`]; [`Error::NotPdf`] too when the offsets do not count from the header.
    pub fn open_after_junk(path: &Path) -> Result<Document, Error> {
        Document::new(Source::open(path)?, true)
    }

    /// As [`Document::open_after_junk`], from memory.
    ///
    /// # Errors
    ///
    /// The same, without [`Error::Io`].
    pub fn from_bytes_after_junk(bytes: Vec<u8>) -> Result<Document, Error> {
        Document::new(Source::Owned(bytes), true)
    }

    fn new(source: Source, after_junk: bool) -> Result<Document, Error> {
        let window = source.get(..source.len().min(HEADER_WINDOW));
        let header_at = memchr::memmem::find(window.unwrap_or_default(), b"%PDF-");
        let not_pdf = Error::NotPdf {
            header_at: header_at.map(|at| at as u64),
        };
        match header_at {
            Some(0) => Document::at(source, 0),
            Some(start) if after_junk => match Document::at(source, start) {
                // Whether they count from elsewhere, readers would guess.
                Err(Error::Damaged { .. }) => Err(not_pdf),
                other => other,
            },
            _ => Err(not_pdf),
        }
    }

    fn at(source: Source, start: usize) -> Result<Document, Error> {
        let bytes = source.get(start..).unwrap_or_default();
        let (layers, revisions) = revision::layers(bytes, xref::chain(bytes)?)?;
        let (upto, len) = (layers.len(), bytes.len());
        let file = File {
            source,
            start,
            layers,
            revisions,
            cache: Cache::default(),
            encryptions: Mutex::default(),
            ways: OnceLock::new(),
            work: AtomicU64::new(0),
            scattered: Scattered::default(),
        };
        let document = Document::state(Arc::new(file), upto, len)?;
        document.has_read_xref();
        Ok(document)
    }

    fn state(file: Arc<File>, upto: usize, len: usize) -> Result<Document, Error> {
        let mut document = Document {
            file,
            upto,
            len,
            root: (0, 0),
            encryption: None,
            encrypt_id: None,
            tree: Arc::default(),
        };
        document.unlock()?;
        let root = document
            .trailer()
            .get(b"Root")
            .and_then(Object::as_reference);
        document.root = root.map_err(|_| document.damaged_trailer(Damage::Root))?;
        match document.object(document.root)? {
            Object::Dictionary(_) => Ok(document),
            _ => Err(document.damaged_trailer(Damage::Root)),
        }
    }

    pub(crate) fn damaged_trailer(&self, what: Damage) -> Error {
        let at = self.newest().map_or(0, |revision| revision.startxref);
        Error::Damaged { what, at }
    }

    /// The bytes: of the file, or of the file as it was.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let end = self.file.start.saturating_add(self.len);
        self.file
            .source
            .get(self.file.start..end)
            .unwrap_or_default()
    }

    /// What stands in the file before the header and is no part of the document; empty for every file but those of
    /// [`Document::open_after_junk`].
    #[must_use]
    pub fn junk(&self) -> &[u8] {
        self.file.source.get(..self.file.start).unwrap_or_default()
    }

    /// The bytes, and how they were read so far.
    pub(crate) fn memory(&self) -> (&Source, &Scattered) {
        (&self.file.source, &self.file.scattered)
    }

    /// How the revisions in force are encrypted, oldest first.
    pub(crate) fn ways(&self) -> &[Way] {
        let all = self.file.ways.get_or_init(|| {
            let all = 0..self.file.revisions.len();
            let state = |index: usize| {
                let end = self.file.revisions.get(index).map_or(0, |one| one.end);
                let len = usize::try_from(end).unwrap_or(usize::MAX);
                Document::state(Arc::clone(&self.file), index + 1, len)
            };
            all.map(|index| Way::of(state(index).ok())).collect()
        });
        all.get(..self.upto).unwrap_or_default()
    }

    pub(crate) fn encryptions(&self) -> &Mutex<Vec<Arc<Encryption>>> {
        &self.file.encryptions
    }

    /// The trailer of the newest revision. An update repeats what still holds of the trailer before (7.5.6), so older
    /// trailers are not consulted.
    #[must_use]
    pub fn trailer(&self) -> &Dictionary {
        static NONE: OnceLock<Dictionary> = OnceLock::new();
        match self.newest() {
            Some(revision) => &revision.trailer,
            None => NONE.get_or_init(Dictionary::new),
        }
    }

    /// The catalog's id.
    #[must_use]
    pub fn root_id(&self) -> ObjectId {
        self.root
    }

    /// The catalog.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`].
    pub fn catalog(&self) -> Result<Dictionary, Error> {
        self.dictionary(self.root)
    }

    /// The revisions, oldest first; never empty.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        self.file.revisions.get(..self.upto).unwrap_or_default()
    }

    pub(crate) fn newest(&self) -> Option<&Revision> {
        self.revisions().last()
    }

    pub(crate) fn layers(&self) -> &[Layer] {
        self.file.layers.get(..self.upto).unwrap_or_default()
    }

    /// The document as it was at the end of a revision; shares the bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRevision`]; [`Error::Damaged`] when that state has no catalog.
    pub fn at_revision(&self, index: usize) -> Result<Document, Error> {
        let missing = Error::NoSuchRevision {
            index,
            count: self.upto,
        };
        let revision = self.revisions().get(index).ok_or(missing)?;
        let len = if index + 1 == self.upto {
            self.len
        } else {
            usize::try_from(revision.end).unwrap_or(self.len)
        };
        Document::state(Arc::clone(&self.file), index + 1, len)
    }

    /// The object with this id; [`Object::Null`] when it is free or was never defined (7.3.10). A stream comes with
    /// its data as stored, decrypted if the document is encrypted.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when something else stands where the cross-reference says that it is; [`Error::TooBig`].
    pub fn object(&self, id: ObjectId) -> Result<Object, Error> {
        self.load(id, Want::All, 0)
    }

    /// The dictionary with this id, or the dictionary of the stream with this id, without copying the stream's data.
    ///
    /// # Errors
    ///
    /// As [`Document::object`], and [`Error::Damaged`] with [`Damage::Type`] for any other object.
    pub fn dictionary(&self, id: ObjectId) -> Result<Dictionary, Error> {
        match self.load(id, Want::Head, 0)? {
            Object::Dictionary(dict) | Object::Stream(Stream { dict, .. }) => Ok(dict),
            _ => Err(Error::damaged(Damage::Type, self.offset(id))),
        }
    }

    pub(crate) fn load(&self, id: ObjectId, want: Want, depth: usize) -> Result<Object, Error> {
        let Some(slot) = revision::find(self.layers(), id.0).filter(|slot| slot.generation == id.1)
        else {
            return Ok(Object::Null);
        };
        match slot.place() {
            Place::Free => Ok(Object::Null),
            Place::At(offset) => self.read(id, offset, want, depth),
            Place::In(container, index) => {
                let (decoded, holder) = self.decoded(container, depth)?;
                decoded.object(id.0, index, self.offset(holder))
            }
        }
    }

    /// The object stream with this number, decoded, and its id.
    pub(crate) fn decoded(
        &self,
        container: u32,
        depth: usize,
    ) -> Result<(Arc<Decoded>, ObjectId), Error> {
        if depth >= MAX_LOOKUPS {
            return Err(Error::damaged(Damage::Loop, 0));
        }
        let slot = revision::find(self.layers(), container);
        let Some((holder, Place::At(offset))) = slot.map(|slot| (slot.id(), slot.place())) else {
            return Err(Error::damaged(Damage::ObjectStream, 0));
        };
        let key = usize::try_from(offset).map_err(|_| Error::damaged(Damage::ObjectStream, 0))?;
        let decoded = self.file.cache.get((self.upto, key), || {
            let read = self.read(holder, offset, Want::All, depth + 1)?;
            let Object::Stream(stream) = read else {
                return Err(Error::damaged(Damage::ObjectStream, key));
            };
            let decoded = Decoded::new(&stream, self.encryption.is_some(), key)?;
            self.charge(decoded.len() as u64)?;
            Ok(decoded)
        })?;
        Ok((decoded, holder))
    }

    /// Parses and decrypts the object at `offset`, which must be `id`.
    fn read(&self, id: ObjectId, offset: u64, want: Want, depth: usize) -> Result<Object, Error> {
        let Indirect {
            mut object, span, ..
        } = self.parse(id, offset, want, depth)?;
        self.decrypt(id, &mut object, want, span.start, depth)?;
        Ok(object)
    }

    /// Parses the object at `offset`, which must be `id`, as it stands in the file.
    fn parse(
        &self,
        id: ObjectId,
        offset: u64,
        want: Want,
        depth: usize,
    ) -> Result<Indirect, Error> {
        let wrong = || Error::Damaged {
            what: Damage::WrongObject,
            at: offset,
        };
        if depth > MAX_LOOKUPS {
            return Err(Error::Damaged {
                what: Damage::Loop,
                at: offset,
            });
        }
        let at = usize::try_from(offset)
            .ok()
            .filter(|&at| at < self.len)
            .ok_or_else(wrong)?;
        self.reads_at(at);
        let mut length = |id: ObjectId| self.load(id, Want::NoStream, depth + 1);
        let result = parse::indirect(self.bytes(), at, want, &mut length);
        self.charge(cost(&result, offset))?;
        let parsed = result?;
        if parsed.id == id {
            Ok(parsed)
        } else {
            Err(wrong())
        }
    }

    /// Takes from the budget.
    pub(crate) fn charge(&self, work: u64) -> Result<(), Error> {
        let done = self.file.work.fetch_add(work, Ordering::Relaxed);
        let limit = BASE_WORK + WORK_FACTOR * self.file.source.len() as u64;
        if done > limit {
            return Err(Error::TooBig {
                what: Limit::Work,
                limit,
            });
        }
        Ok(())
    }

    /// As [`Document::charge`], for bytes that were lexed in one object.
    pub(crate) fn charge_lexed(&self, bytes: u64) -> Result<(), Error> {
        if bytes > FREE_WORK {
            self.charge(bytes)
        } else {
            Ok(())
        }
    }

    /// The place of an object outside object streams, with the object as it stands there, encrypted if the document is.
    pub(crate) fn located(&self, id: ObjectId) -> Result<Option<Indirect>, Error> {
        let slot = revision::find(self.layers(), id.0).filter(|slot| slot.generation == id.1);
        match slot.map(|slot| slot.place()) {
            Some(Place::At(offset)) => self.parse(id, offset, Want::All, 0).map(Some),
            _ => Ok(None),
        }
    }

    /// Where an object is, for messages.
    pub(crate) fn offset(&self, id: ObjectId) -> usize {
        match revision::find(self.layers(), id.0).map(|slot| slot.place()) {
            Some(Place::At(offset)) => usize::try_from(offset).unwrap_or(0),
            _ => 0,
        }
    }

    /// Follows references until something else comes.
    ///
    /// # Errors
    ///
    /// As [`Document::object`]; [`Damage::Loop`] when it takes more than a few.
    pub fn resolve(&self, object: &Object) -> Result<Object, Error> {
        let mut current = object.clone();
        for _ in 0..MAX_REFERENCES {
            match current {
                Object::Reference(id) => current = self.object(id)?,
                other => return Ok(other),
            }
        }
        Err(Error::damaged(Damage::Loop, 0))
    }

    /// The entry of a dictionary, references followed; [`Object::Null`] when there is none.
    ///
    /// # Errors
    ///
    /// As [`Document::resolve`].
    pub fn entry(&self, dict: &Dictionary, key: &[u8]) -> Result<Object, Error> {
        dict.get(key)
            .map_or(Ok(Object::Null), |value| self.resolve(value))
    }

    /// A stream's data, decoded, up to a cap.
    ///
    /// # Errors
    ///
    /// [`Error::Filter`] for filters that are not decoded here, [`Error::TooBig`], [`Error::Damaged`].
    pub fn stream_data(&self, stream: &Stream) -> Result<Vec<u8>, Error> {
        let mut dict = Dictionary::new();
        for key in [&b"Filter"[..], b"DecodeParms", b"DP", b"F"] {
            let value = match self.entry(&stream.dict, key)? {
                Object::Null => continue,
                Object::Array(items) => Object::Array(
                    items
                        .iter()
                        .map(|item| self.resolve(item))
                        .collect::<Result<_, _>>()?,
                ),
                other => other,
            };
            dict.set(key, value);
        }
        filter::decode(
            &dict,
            &stream.content,
            self.encryption.is_some(),
            MAX_STREAM,
        )
    }

    /// The bytes `n g obj … endobj` of an object; `None` for an object in an object stream, a free or a damaged one.
    #[must_use]
    pub fn object_span(&self, id: ObjectId) -> Option<Range<u64>> {
        let span = self.located(id).ok()??.span;
        Some(span.start as u64..span.end as u64)
    }
}

/// What reading an object at `from` has cost.
fn cost(result: &Result<Indirect, Error>, from: u64) -> u64 {
    let lexed = match result {
        Ok(Indirect {
            object: Object::Stream(stream),
            span,
            ..
        }) => {
            let copied = stream.content.len() as u64;
            (span.end as u64).saturating_sub(copied - copied / COPY_DISCOUNT)
        }
        Ok(parsed) => parsed.span.end as u64,
        Err(Error::Damaged { at, .. }) => *at,
        Err(_) => from,
    };
    let lexed = lexed.saturating_sub(from);
    if lexed > FREE_WORK { lexed } else { 0 }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Document");
        shown
            .field("len", &self.len)
            .field("revisions", &self.upto)
            .field("root", &self.root)
            .finish()
    }
}

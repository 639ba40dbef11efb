//! Pages of a large file as a small document of their own, to be read for their text: without pictures, which hold none,
//! and without what other pages draw. So the first page of a hundred megabytes of scans costs what a letter costs.
//!
//! Layers lose their switches here: text on one that is off is read, too.

use antin_pdf::{Dictionary, Document, Object, ObjectId, Rect, serialise};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
};

/// Objects of the pages: fonts, forms, contents; a busy page has some hundred.
const OBJECTS: u32 = 20_000;
/// All of them together; the font of a whole script has 20 MB.
const BYTES: usize = 48 << 20;
/// Dictionaries within dictionaries.
const DEPTH: usize = 64;
/// Entries of `/Resources` that can lead to text.
const RESOURCES: [&[u8]; 4] = [b"Font", b"XObject", b"ExtGState", b"Properties"];
/// Ways back into the document, and switches of layers.
const LEFT_OUT: [&[u8]; 6] = [
    b"Parent",
    b"StructParent",
    b"StructParents",
    b"PieceInfo",
    b"OC",
    b"OCGs",
];

/// Why pages cannot be taken out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Pdf(#[from] antin_pdf::Error),
    #[error("the pages draw with more than {BYTES} bytes or {OBJECTS} objects")]
    TooMuch,
    #[error("an object that has no spelling")]
    NoSpelling,
}

/// The first pages, at most `count`, as a document.
pub(super) fn pages(document: &Document, count: usize) -> Result<Vec<u8>, Error> {
    let mut copy = Copy {
        document,
        known: BTreeMap::new(),
        waiting: VecDeque::new(),
        bytes: b"%PDF-1.7\n".to_vec(),
        offsets: Vec::new(),
        // The catalog and the page tree come first.
        next: 3,
    };
    let mut kids = Vec::new();
    for index in 0..count {
        // Counting the pages of a large file would look at hundreds of them.
        let page = match document.page(index) {
            Ok(page) => page,
            Err(antin_pdf::Error::NoSuchPage { .. }) if index > 0 => break,
            Err(error) => return Err(error.into()),
        };
        kids.push(Object::Reference((copy.number(page.id)?, 0)));
        copy.waiting.pop_back();
        copy.page(&page)?;
    }
    while let Some(id) = copy.waiting.pop_front() {
        let object = copy.object(id)?;
        copy.put(copy.known.get(&id).copied(), &object)?;
    }
    let count = i64::try_from(kids.len()).map_err(|_| Error::TooMuch)?;
    let tree = [
        ("Type", name("Pages")),
        ("Count", count.into()),
        ("Kids", Object::Array(kids)),
    ];
    copy.put(Some(2), &Object::Dictionary(Dictionary::from_iter(tree)))?;
    let catalog = [
        ("Type", name("Catalog")),
        ("Pages", Object::Reference((2, 0))),
    ];
    copy.put(Some(1), &Object::Dictionary(Dictionary::from_iter(catalog)))?;
    copy.close()
}

struct Copy<'a> {
    document: &'a Document,
    known: BTreeMap<ObjectId, u32>,
    waiting: VecDeque<ObjectId>,
    bytes: Vec<u8>,
    offsets: Vec<(u32, usize)>,
    next: u32,
}

impl Copy<'_> {
    fn page(&mut self, page: &antin_pdf::Page) -> Result<(), Error> {
        let mut copied = Dictionary::from_iter([
            ("Type", name("Page")),
            ("Parent", Object::Reference((2, 0))),
            ("MediaBox", rect(page.media_box)),
            ("CropBox", rect(page.crop_box)),
            ("Rotate", page.rotate.into()),
        ]);
        for key in [&b"Contents"[..], b"UserUnit"] {
            if let Ok(value) = page.dict.get(key) {
                copied.set(key, self.value(value, 0)?);
            }
        }
        copied.set("Resources", self.resources(&page.resources, 0)?);
        self.put(
            self.known.get(&page.id).copied(),
            &Object::Dictionary(copied),
        )
    }

    /// An object with its references made to fit; a picture becomes nothing.
    fn object(&mut self, id: ObjectId) -> Result<Object, Error> {
        match self.document.object(id)? {
            Object::Stream(stream)
                if stream.dict.get(b"Subtype").and_then(Object::as_name).ok() == Some(b"Image") =>
            {
                Ok(Object::Null)
            }
            Object::Stream(mut stream) => {
                stream.dict = self.dictionary(&stream.dict, 0)?;
                Ok(Object::Stream(stream))
            }
            other => self.value(&other, 0),
        }
    }

    fn value(&mut self, value: &Object, depth: usize) -> Result<Object, Error> {
        if depth > DEPTH {
            return Err(Error::TooMuch);
        }
        Ok(match value {
            Object::Reference(id) => Object::Reference((self.number(*id)?, 0)),
            Object::Array(items) => {
                let items = items.iter().map(|item| self.value(item, depth + 1));
                Object::Array(items.collect::<Result<_, _>>()?)
            }
            Object::Dictionary(dict) => Object::Dictionary(self.dictionary(dict, depth)?),
            other => other.clone(),
        })
    }

    fn dictionary(&mut self, dict: &Dictionary, depth: usize) -> Result<Dictionary, Error> {
        let mut copied = Dictionary::new();
        for (key, value) in dict {
            if LEFT_OUT.contains(&key.as_slice()) {
                continue;
            }
            let value = if key == b"Resources" {
                self.resources(value, depth + 1)?
            } else {
                self.value(value, depth + 1)?
            };
            copied.set(key.clone(), value);
        }
        Ok(copied)
    }

    fn resources(&mut self, resources: &Object, depth: usize) -> Result<Object, Error> {
        let mut kept = Dictionary::new();
        if let Object::Dictionary(resources) = self.document.resolve(resources)? {
            for key in RESOURCES {
                if let Ok(value) = resources.get(key) {
                    kept.set(key, self.value(value, depth + 1)?);
                }
            }
        }
        Ok(Object::Dictionary(kept))
    }

    /// The object's number in the copy.
    fn number(&mut self, id: ObjectId) -> Result<u32, Error> {
        if let Some(number) = self.known.get(&id) {
            return Ok(*number);
        }
        if self.next > OBJECTS {
            return Err(Error::TooMuch);
        }
        let number = self.next;
        self.next += 1;
        self.known.insert(id, number);
        self.waiting.push_back(id);
        Ok(number)
    }

    fn put(&mut self, number: Option<u32>, object: &Object) -> Result<(), Error> {
        let (Some(number), Some(body)) = (number, serialise(object)) else {
            return Err(Error::NoSpelling);
        };
        if self.bytes.len().saturating_add(body.len()) > BYTES {
            return Err(Error::TooMuch);
        }
        self.offsets.push((number, self.bytes.len()));
        self.bytes.extend(format!("{number} 0 obj\n").bytes());
        self.bytes.extend(body);
        self.bytes.extend(b"\nendobj\n");
        Ok(())
    }

    fn close(mut self) -> Result<Vec<u8>, Error> {
        let (start, size) = (self.bytes.len(), self.next);
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f\r\n");
        self.offsets.sort_unstable();
        for (_, offset) in &self.offsets {
            // Writing to memory does not fail.
            let _ = write!(table, "{offset:010} 00000 n\r\n");
        }
        let _ = write!(
            table,
            "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
        );
        self.bytes.extend(table.bytes());
        Ok(self.bytes)
    }
}

fn name(text: &str) -> Object {
    Object::Name(text.as_bytes().to_vec())
}

fn rect(rect: Rect) -> Object {
    let corners = [rect.x0, rect.y0, rect.x1, rect.y1];
    Object::Array(corners.map(|n| Object::Real(narrow(n))).to_vec())
}

/// Pages are measured in points and their thousandths: enough digits remain.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only digits far behind the point are lost"
)]
fn narrow(number: f64) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::pages;
    use antin_pdf::Document;
    use std::path::Path;

    #[test]
    fn pages_by_themselves_draw_with_what_they_drew_with() {
        let letter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/letter/directive.pdf");
        let document = Document::open(&letter).expect("our own letter");
        let taken = pages(&document, 1).expect("the first page");
        assert!(taken.len() < document.bytes().len());
        let taken = Document::from_bytes(taken).expect("a strict reader reads it");
        assert_eq!(taken.page_count().expect("pages"), 1);
        let (old, new) = (document.page(0), taken.page(0));
        let (old, new) = (old.expect("page"), new.expect("page"));
        assert_eq!((old.media_box, old.rotate), (new.media_box, new.rotate));
        let content = |document: &Document, page: &antin_pdf::Page| {
            let contents = document.entry(&page.dict, b"Contents").expect("contents");
            document
                .stream_data(contents.as_stream().expect("one stream"))
                .expect("data")
        };
        assert_eq!(content(&document, &old), content(&taken, &new));
    }
}

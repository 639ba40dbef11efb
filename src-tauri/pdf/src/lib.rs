//! ISO 32000: a strict lazy reader over a memory map, the revisions of a file, and its incremental update.
//!
//! A [`Document`] reads the cross-reference sections once and parses an object only when it is asked for.
//! An [`Update`] collects new versions of objects and writes them as one more revision, which the caller appends.
//!
//! What the crate upholds of the project's invariants:
//!
//! - *Signed bytes are never rewritten.* There is no function that changes or re-serialises the bytes of a document.
//! - *No silent repair.* A file whose cross-reference does not say what is in it is refused with [`Error::Damaged`]:
//!   what a reader would have to guess, two readers guess differently, and a signature must not depend on that.
//! - *No I/O but the memory map* ([`Document::open`]), no clock, and the same bytes give the same answer everywhere.
//!
//! Files that are encrypted under the empty user password are read and updated; others are refused (`encryption`).
//!
//! What it deliberately does not do: ask for passwords, draw, decode images, know what a signature means (crate `antin-pades`),
//! or create a document from nothing.
//!
//! Where to read next: [`Document`] for reading, `xref` for how a file's sections become revisions, [`Update`] for writing.
//!
//! ```no_run
//! # fn main() -> Result<(), antin_pdf::Error> {
//! use antin_pdf::{Document, Object, Update};
//! let document = Document::open(std::path::Path::new("letter.pdf"))?;
//! let mut update = Update::new(&document);
//! update.add(Object::Boolean(true));
//! let appended = update.write()?;
//! assert!(appended.bytes.ends_with(b"%%EOF\n"));
//! # Ok(())
//! # }
//! ```

mod document;
mod encryption;
mod error;
mod filter;
mod form;
mod lex;
mod object_stream;
mod page;
mod parse;
mod rect;
mod references;
mod revision;
mod serialise;
mod source;
mod span;
mod update;
mod window;
mod xref;

pub use document::Document;
pub use encryption::Permissions;
pub use error::{Damage, Error, Limit};
pub use form::{Field, FieldKind};
pub use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};
pub use page::Page;
pub use parse::{parse_object, text_string};
pub use rect::Rect;
pub use references::Referrers;
pub use revision::{Revision, XrefKind};
pub use serialise::serialise;
pub use update::{Appended, Update};
pub use window::Windows;

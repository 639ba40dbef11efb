//! EN 319 142-1 and EN 319 102-1: signing PDF documents and judging their signatures.
//!
//! Signing has two phases. [`prepare`] turns a [`SignRequest`] into [`Prepared`]: one incremental update with the
//! act's fields, appearances and an empty signature. A token signs [`Prepared::to_be_signed`], and
//! [`Prepared::finish`] returns the bytes to append. The acts are those officials know: whoever signs first, by
//! [`Initial`] or [`Approve`], certifies and prepares empty fields, [`Issue`] and [`Incoming`] fill them,
//! [`Number`] and [`Seal`] issue what nobody prepared, [`Appendix`] and
//! [`CertifiedCopy`] sign files of their own, [`Plain`] signs anything. [`permissions`](permissions()) says beforehand what
//! a document signed elsewhere allows.
//!
//! What it upholds of the project's invariants:
//!
//! - *Signed bytes are never rewritten*: an act is bytes to append, one revision with one `%%EOF`, nothing unsigned.
//! - *Later acts write only into prepared fields*: what every validator calls permitted under DocMDP P=2.
//! - *No I/O, no clock*: time is in the request; reading is the caller's.
//!
//! What it deliberately does not do: talk to tokens or time-stamping authorities, write files, decide whether a
//! certificate may sign.
//!
//! Where to read next: `act.rs` for what each act writes, `hole.rs` for how a signature gets into a file,
//! `field.rs` for what a prepared document must contain.

mod act;
mod appearance;
mod dss;
mod error;
pub mod extend;
mod field;
mod finish;
mod font;
mod form;
mod hole;
mod image;
pub mod indication;
pub mod later;
mod object;
mod permissions;
mod prepare;
pub mod report;
mod request;
mod validate;

pub use act::{ready_to_issue, seal_place};
pub use antin_cades::KeyAlgorithm;
pub use antin_pdf::Rect;
pub use dss::ValidationData;
pub use error::Error;
pub use field::field_name;
pub use finish::{IncrementalUpdate, Prepared};
pub use image::Image;
pub use permissions::{Permissions, Signing, permissions};
pub use prepare::{Extras, prepare, prepare_from, prepare_with};
pub use report::{Report, Trust, Verdict};
pub use request::{
    Act, Appendix, Approve, CertifiedCopy, CopyForm, CopySource, Disputed, Incoming, Initial,
    Issue, IssueFields, Later, Mark, Number, Place, Plain, Seal, SignRequest, TextPlace, TextStyle,
    Words,
};
pub use validate::validate;

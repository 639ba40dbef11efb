//! Pages as pixels and as positioned text, and where number, date, signature and seal belong.
//!
//! A PDF is drawn by [hayro] in a helper process ([`host`]), because drawing cannot be cancelled and
//! a hostile file can make it spin or eat memory. [`Host`] speaks framed messages with the helper over
//! its pipes, under a wall-clock deadline and a memory limit; a helper that dies is replaced at the next
//! call. The helper is handed the bytes themselves, never a path: what is drawn is what is signed.
//! [`find_places`] reads the positioned text of a letter laid out by Decree 30/2020.
//!
//! It upholds two invariants of the project: *a hostile document's drawing never runs in the desktop
//! process*, and *what the user sees is what is signed*.
//!
//! It deliberately does not judge a file. hayro repairs broken files in its own way, so whoever shows
//! a page must first have opened the same bytes with the strict reader (`antin-pdf`), which refuses
//! what needs repair. It does not draw annotations without an appearance: [`Notice`] says so instead.
//! The text of a page turned by `/Rotate` is read as it is shown; text that is shown lying is not read.
//!
//! Read next: `host.rs` (our side), `helper.rs` (the other side), `text.rs` (glyphs to lines),
//! `places.rs` (lines to places).
//!
//! ```no_run
//! # fn main() -> Result<(), antin_page::Error> {
//! let host = antin_page::Host::spawn(std::path::Path::new("antin"))?;
//! let letter = host.open(std::fs::read("letter.pdf").unwrap_or_default())?;
//! let places = antin_page::find_places(&letter.texts()?);
//! let pixels = letter.render(0, 900)?;
//! # Ok(()) }
//! ```
//!
//! [hayro]: https://github.com/LaurenzV/hayro

mod content;
mod error;
mod fonts;
mod geometry;
mod helper;
mod host;
mod notice;
mod places;
mod render;
mod text;
mod wire;

pub use error::Error;
pub use geometry::{PageSize, Rect};
pub use helper::host;
pub use host::{DocumentHandle, Host, Limits, Pixels, Reader};
pub use notice::Notice;
pub use places::{Found, LetterFacts, Places, find_places};
pub use text::{Line, Mark, PageText};

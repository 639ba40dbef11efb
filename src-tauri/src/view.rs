//! From the office's records to what the front end shows.

pub(crate) mod exchange;
pub(crate) mod judged;
pub(crate) mod letter;
pub(crate) mod token;

use antin_ops::error::{Code, Error};
use antin_ops::message::{self, Language};
use antin_ops::pades::{Place, Rect};
use antin_ops::page::{Error as PageError, Notice};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time as RFC 3339; empty for a year that it cannot express.
pub(crate) fn time(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// Left, bottom, right, top.
pub(crate) fn rect(rect: Rect) -> [f64; 4] {
    [rect.x0, rect.y0, rect.x1, rect.y1]
}

/// A place the official moved the signature to.
pub(crate) fn place(moved: crate::dto::SignPlace) -> Place {
    let [x0, y0, x1, y1] = moved.rect;
    Place {
        page: moved.page,
        rect: Rect { x0, y0, x1, y1 },
    }
}

/// What must be said about drawn pages, in words.
pub(crate) fn notices(language: Language, notices: &[Notice]) -> Vec<String> {
    let line =
        |key: &str, facts: &[(&str, &str)]| message::line(language, &["notices", key], facts);
    let from_one = |page: &usize| (page + 1).to_string();
    let worded = notices.iter().filter_map(|notice| match notice {
        Notice::FontNotEmbedded { font } => Some(line("font-not-embedded", &[("font", font)])),
        Notice::AnnotationNotDrawn { page, subtype } => Some(line(
            "annotation-not-drawn",
            &[("page", &from_one(page)), ("subtype", subtype)],
        )),
        Notice::PageClamped { page } => Some(line("page-clamped", &[("page", &from_one(page))])),
        Notice::ContentNotDrawn => Some(line("content-not-drawn", &[])),
        Notice::InvisibleText { page } => {
            Some(line("invisible-text", &[("page", &from_one(page))]))
        }
        Notice::NotAllPagesExamined => Some(line("not-all-pages-examined", &[])),
        _ => None,
    });
    worded.collect()
}

/// A failure to draw, as a verb's error.
pub(crate) fn undrawable(error: PageError) -> Error {
    let code = match &error {
        PageError::Encrypted => Code::DocumentEncrypted,
        PageError::TooBig { .. } => Code::DocumentTooBig,
        _ => Code::PageHelperFailed,
    };
    Error::caused(code, error).with("file", "")
}

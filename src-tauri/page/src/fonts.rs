//! Which bundled font stands for a font the file does not bring.
//!
//! Liberation 2.1.5 has the metrics of Times New Roman, Arial and Courier New, and every Vietnamese
//! letter. Without an answer from here hayro would take its own small fonts, which drop Vietnamese
//! letters without a word.

mod names;

use hayro::hayro_interpret::font::{FallbackFontQuery, FontData, FontQuery, StandardFont};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Serif,
    Sans,
    Mono,
}

/// The first words of typeface names that are sans serif; everything unknown is taken for a serif,
/// because letters are set in Times.
const SANS: [&str; 12] = [
    "arial",
    "helvet",
    "sans",
    "calibri",
    "tahoma",
    "verdana",
    "segoe",
    "roboto",
    "arimo",
    "trebuc",
    ".vnarial",
    "vni-helve",
];
const MONO: [&str; 7] = [
    "courier",
    "mono",
    "consol",
    "cousine",
    "typewriter",
    "menlo",
    ".vncourier",
];

/// The font to draw with, and its index in the file. `None` is never the answer for a text font.
pub(crate) fn resolve(query: &FontQuery) -> Option<(FontData, u32)> {
    match query {
        FontQuery::Standard(font @ (StandardFont::Symbol | StandardFont::ZapfDingBats)) => {
            Some(font.get_font_data())
        }
        FontQuery::Standard(font) => Some(bundled_for_name(font.postscript_name(), false, false)),
        FontQuery::Fallback(query) => Some(bundled_for_query(query)),
    }
}

/// The font for text that is read and not drawn: of the standard fourteen only the widths matter, and hayro's own are
/// small.
pub(crate) fn resolve_to_read(query: &FontQuery) -> Option<(FontData, u32)> {
    match query {
        FontQuery::Standard(font) => Some(font.get_font_data()),
        FontQuery::Fallback(_) => resolve(query),
    }
}

/// What the file calls the font, for the notice.
pub(crate) fn name(query: &FontQuery) -> String {
    match query {
        FontQuery::Standard(font) => font.postscript_name().to_owned(),
        FontQuery::Fallback(query) => query
            .post_script_name
            .clone()
            .or_else(|| query.font_name.clone())
            .or_else(|| query.font_family.clone())
            .unwrap_or_default(),
    }
}

fn bundled_for_query(query: &FallbackFontQuery) -> (FontData, u32) {
    // The PostScript name is the reliable part: hayro fills the flags only in part.
    let name = query
        .post_script_name
        .as_deref()
        .or(query.font_name.as_deref())
        .or(query.font_family.as_deref())
        .unwrap_or_default();
    bundled_for_name(
        name,
        query.is_bold || query.font_weight >= 600,
        query.is_italic,
    )
}

fn bundled_for_name(name: &str, bold: bool, italic: bool) -> (FontData, u32) {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let family = if has(&MONO) {
        Family::Mono
    } else if has(&SANS) {
        Family::Sans
    } else {
        Family::Serif
    };
    let bold = bold || has(&["bold", "black", "heavy"]);
    let italic = italic || has(&["italic", "oblique"]);
    (named(family, bold, italic), 0)
}

/// A bundled font with the names it is asked for by, made once: a batch reads hundreds of documents.
fn named(family: Family, bold: bool, italic: bool) -> FontData {
    type Named = BTreeMap<(Family, bool, bool), FontData>;
    static MADE: Mutex<Named> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let font = made.entry((family, bold, italic)).or_insert_with(|| {
        let font = bundled(family, bold, italic);
        match names::with_unicode_names(font) {
            Some(named) => Arc::new(named),
            None => Arc::new(font),
        }
    });
    Arc::clone(font)
}

fn bundled(family: Family, bold: bool, italic: bool) -> &'static [u8] {
    match (family, bold, italic) {
        (Family::Serif, false, false) => include_bytes!("../fonts/LiberationSerif-Regular.ttf"),
        (Family::Serif, true, false) => include_bytes!("../fonts/LiberationSerif-Bold.ttf"),
        (Family::Serif, false, true) => include_bytes!("../fonts/LiberationSerif-Italic.ttf"),
        (Family::Serif, true, true) => include_bytes!("../fonts/LiberationSerif-BoldItalic.ttf"),
        (Family::Sans, false, _) => include_bytes!("../fonts/LiberationSans-Regular.ttf"),
        (Family::Sans, true, _) => include_bytes!("../fonts/LiberationSans-Bold.ttf"),
        (Family::Mono, false, _) => include_bytes!("../fonts/LiberationMono-Regular.ttf"),
        (Family::Mono, true, _) => include_bytes!("../fonts/LiberationMono-Bold.ttf"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &[u8]) {
        let (data, _) = bundled_for_name(name, false, false);
        let expected = names::with_unicode_names(expected).unwrap();
        assert!(
            (*data).as_ref() == expected,
            "{name} is drawn with another font"
        );
    }

    #[test]
    fn names_found_in_letters_get_their_style() {
        check("TimesNewRomanPSMT", bundled(Family::Serif, false, false));
        check(
            "TimesNewRomanPS-BoldItalicMT",
            bundled(Family::Serif, true, true),
        );
        check("Arial-BoldMT", bundled(Family::Sans, true, false));
        check("CourierNewPSMT", bundled(Family::Mono, false, false));
        check(".VnTimeH", bundled(Family::Serif, false, false));
        check("MS Sans Serif", bundled(Family::Sans, false, false));
        check("", bundled(Family::Serif, false, false));
    }
}

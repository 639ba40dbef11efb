//! Which letters a glyph stands for, where the file says it badly or not at all.

use hayro::hayro_interpret::font::{Glyph, OutlineFontData, OutlineGlyph};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::kurbo::Shape;
use skrifa::MetadataProvider;
use std::collections::HashMap;

/// Fonts of a page whose own tables are read; a letter has some ten.
const FONTS: usize = 64;

/// Entries read of a font's table of characters: as many as a font can have glyphs.
const ENTRIES: usize = 65_536;

/// The letters of a page's glyphs.
#[derive(Default)]
pub(super) struct Letters {
    /// By the font's key: glyph to character, from the font's own table.
    tables: HashMap<u128, HashMap<u32, char>>,
}

impl Letters {
    pub(super) fn of(&mut self, glyph: &Glyph<'_>, font: Option<&OutlineFontData>) -> String {
        let said = match glyph.as_unicode() {
            Some(BfString::Char(letter)) => Some(letter),
            Some(BfString::String(letters)) => return letters,
            None => None,
        };
        let outline = match glyph {
            Glyph::Outline(outline) => Some(outline),
            Glyph::Type3(_) => None,
        };
        // Without a word of the file, hayro takes the code for one of StandardEncoding; Ghostscript leaves WinAnsi.
        let is_guess = said.is_none_or(|letter| standard(glyph.char_code()) == Some(letter));
        let own = outline
            .zip(font)
            .filter(|_| is_guess)
            .and_then(|(outline, font)| self.own_table(outline, font));
        let Some(letter) = own.or(said) else {
            let blank = outline.is_some_and(|o| o.outline().bounding_box().area() == 0.0);
            return if blank {
                " ".to_owned()
            } else {
                char::REPLACEMENT_CHARACTER.to_string()
            };
        };
        let name = font.and_then(|font| font.postscript_name.as_deref());
        legacy(name.unwrap_or_default(), letter)
    }

    /// The character for which the font itself has this glyph.
    fn own_table(&mut self, glyph: &OutlineGlyph, font: &OutlineFontData) -> Option<char> {
        if !self.tables.contains_key(&font.cache_key) {
            if self.tables.len() >= FONTS {
                return None;
            }
            let table = characters((*font.data).as_ref());
            self.tables.insert(font.cache_key, table);
        }
        let id = glyph.glyph_id().to_u32();
        self.tables.get(&font.cache_key)?.get(&id).copied()
    }
}

fn characters(data: &[u8]) -> HashMap<u32, char> {
    let Ok(font) = skrifa::FontRef::new(data) else {
        return HashMap::new();
    };
    let charmap = font.charmap();
    let mut table = HashMap::new();
    for (code, glyph) in charmap.mappings().take(ENTRIES) {
        let letter = match code {
            // A symbol table: the codes of the text, which are WinAnsi where nothing else is said.
            0xF000..=0xF0FF => win_ansi(code - 0xF000),
            _ => char::from_u32(code),
        };
        if let Some(letter) = letter {
            table.entry(glyph.to_u32()).or_insert(letter);
        }
    }
    table
}

/// The upper half of WinAnsi, where it is Latin-1; what lies below 0xA0 is no letter of Vietnamese.
fn win_ansi(code: u32) -> Option<char> {
    match code {
        0x85 => Some('…'),
        0x91 | 0x92 => Some('’'),
        0x93 => Some('“'),
        0x94 => Some('”'),
        0x95 => Some('•'),
        0x96 => Some('–'),
        0x20..=0x7E | 0xA0..=0xFF => char::from_u32(code),
        _ => None,
    }
}

/// The upper half of Adobe's StandardEncoding (ISO 32000-1, D.2), where it differs from WinAnsi.
fn standard(code: u32) -> Option<char> {
    const UPPER: &str = "A4⁄A6ƒA8¤A9'AA“AC‹AD›AEﬁAFﬂB1–B2†B3‡B4·B7•B8‚B9„BA”BC…BD‰C1`C2´C3ˆC4˜C5¯C6˘C7˙C8¨CA˚CB¸CD˝CE˛CFˇD0—E1ÆE3ªE8ŁE9ØEAŒEBºF1æF5ıF8łF9øFAœFBß";
    if code < 0xA1 {
        return None;
    }
    let mut letters = UPPER.chars();
    while let (Some(high), Some(low), Some(letter)) =
        (letters.next(), letters.next(), letters.next())
    {
        if high.to_digit(16)? * 16 + low.to_digit(16)? == code {
            return Some(letter);
        }
    }
    None
}

/// A letter of the fonts from before Unicode (.VnTime and its family, VNI), which the file calls a letter of Latin-1.
fn legacy(font: &str, letter: char) -> String {
    if font.starts_with(".Vn") {
        let face = font.split([',', '-']).next().unwrap_or_default();
        return tcvn3(letter, face.ends_with('H')).to_string();
    }
    if font.starts_with("VNI") {
        return vni(letter);
    }
    letter.to_string()
}

/// TCVN 5712:1993, VN3. The fonts whose names end in H draw the small letters as capitals.
fn tcvn3(letter: char, capitals: bool) -> char {
    const FROM_A1: &str = "ĂÂÊÔƠƯĐăâêôơưđ";
    const FROM_B5: &str =
        "àảãáạ\0ằẳẵắ\0\0\0\0\0\0\0ặầẩẫấậè\0ẻẽéẹềểễếệìỉ\0\0\0ĩíịò\0ỏõóọồổỗốộờởỡớợù\0ủũúụừửữứựỳỷỹýỵ";
    let code = u32::from(letter);
    let at = |table: &str, first: u32| {
        let index = usize::try_from(code.checked_sub(first)?).ok()?;
        table.chars().nth(index).filter(|found| *found != '\0')
    };
    // Where the file takes the soft hyphen for a hyphen, the ư is lost; there is no telling it from a real one.
    let letter = at(FROM_A1, 0xA1)
        .or_else(|| at(FROM_B5, 0xB5))
        .unwrap_or(letter);
    if capitals {
        letter.to_uppercase().next().unwrap_or(letter)
    } else {
        letter
    }
}

/// VNI for Windows: a vowel, then its mark as a letter of its own; here the marks are those of Unicode.
fn vni(letter: char) -> String {
    let small = letter.to_lowercase().next().unwrap_or(letter);
    let marks = match small {
        'ù' => "\u{301}",
        'ø' => "\u{300}",
        'û' => "\u{309}",
        'õ' => "\u{303}",
        'ï' => "\u{323}",
        'â' => "\u{302}",
        'á' => "\u{302}\u{301}",
        'à' => "\u{302}\u{300}",
        'å' => "\u{302}\u{309}",
        'ã' => "\u{302}\u{303}",
        'ä' => "\u{302}\u{323}",
        'ê' => "\u{306}",
        'é' => "\u{306}\u{301}",
        'è' => "\u{306}\u{300}",
        'ú' => "\u{306}\u{309}",
        'ü' => "\u{306}\u{303}",
        'ë' => "\u{306}\u{323}",
        _ => "",
    };
    if !marks.is_empty() {
        return marks.to_owned();
    }
    let whole = match small {
        'ñ' => "đ",
        'ö' => "ư",
        'ô' => "ơ",
        'æ' => "ỉ",
        'ó' => "ĩ",
        'ò' => "ị",
        'î' => "ỵ",
        _ => return letter.to_string(),
    };
    if small == letter {
        whole.to_owned()
    } else {
        whole.to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn fonts_from_before_unicode_are_read() {
        let read = |font: &str, text: &str| -> String {
            text.chars()
                .flat_map(|c| legacy(font, c).chars().collect::<Vec<_>>())
                .nfc()
                .collect()
        };
        assert_eq!(
            read(".VnTime", "ChØ thÞ vÒ viÖc göi v¨n b¶n"),
            "Chỉ thị về việc gửi văn bản"
        );
        assert_eq!(read(".VnTimeH,Bold", "uû ban nh©n d©n"), "UỶ BAN NHÂN DÂN");
        assert_eq!(
            read("VNI-Times", "Uûy ban nhaân daân tænh Thöøa Thieân Hueá"),
            "Ủy ban nhân dân tỉnh Thừa Thiên Huế"
        );
        assert_eq!(read("VNI-Times", "ÑOÄC LAÄP"), "ĐỘC LẬP");
        assert_eq!(read("TimesNewRomanPSMT", "ñ"), "ñ");
    }

    #[test]
    fn a_code_of_standard_encoding_is_known() {
        assert_eq!(standard(0xE9), Some('Ø'));
        assert_eq!(standard(0xAE), Some('ﬁ'));
        assert_eq!(standard(0x41), None);
    }
}

//! Text in embedded subsets of Liberation Serif, which has the widths of Times New Roman (Decree 30/2020, Annex I)
//! and every Vietnamese letter. Composite fonts with Identity-H (ISO 32000-1, 9.7), so that a code is a glyph.
//!
//! Vietnamese in NFC needs no shaping: each letter is one glyph of these fonts.

use std::collections::BTreeMap;

use antin_pdf::{Dictionary, Object, ObjectId, Update};
use sha2::{Digest, Sha256};
use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
};
use subsetter::GlyphRemapper;
use unicode_normalization::UnicodeNormalization;

use crate::{
    Error,
    object::{deflated, dictionary, literal, name},
};

static REGULAR: &[u8] = include_bytes!("../../page/fonts/LiberationSerif-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../page/fonts/LiberationSerif-Bold.ttf");
static ITALIC: &[u8] = include_bytes!("../../page/fonts/LiberationSerif-Italic.ttf");

/// The faces that blanks and stamps need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Face {
    Regular,
    Italic,
    Bold,
}

impl Face {
    pub(crate) const fn of(italic: bool) -> Self {
        if italic { Self::Italic } else { Self::Regular }
    }

    /// Its name in resource dictionaries, and so in default appearances.
    pub(crate) const fn resource(self) -> &'static str {
        match self {
            Self::Regular => "LiberationSerif",
            Self::Italic => "LiberationSerif-Italic",
            Self::Bold => "LiberationSerif-Bold",
        }
    }

    const fn data(self) -> &'static [u8] {
        match self {
            Self::Regular => REGULAR,
            Self::Italic => ITALIC,
            Self::Bold => BOLD,
        }
    }
}

/// Height above and below the baseline, in em: the same for all faces.
pub(crate) const ASCENT: f64 = 0.891;
/// See [`ASCENT`].
pub(crate) const DESCENT: f64 = 0.216;

/// A line of text as the codes of one [`Subset`].
pub(crate) struct Line {
    /// Two bytes for each glyph, hexadecimal: the operand of `Tj`.
    pub(crate) codes: String,
    /// In em.
    pub(crate) width: f64,
}

/// The glyphs used so far of one face.
pub(crate) struct Subset {
    face: Face,
    font: FontRef<'static>,
    glyphs: GlyphRemapper,
    /// New glyph to its character and width in em.
    used: BTreeMap<u16, (char, f64)>,
}

impl Subset {
    /// An empty subset.
    pub(crate) fn new(face: Face) -> Result<Self, Error> {
        let font = FontRef::new(face.data()).map_err(|_| Error::Font)?;
        Ok(Self {
            face,
            font,
            glyphs: GlyphRemapper::new(),
            used: BTreeMap::new(),
        })
    }

    /// Takes the glyphs of `text`, in NFC, into the subset.
    pub(crate) fn line(&mut self, text: &str) -> Result<Line, Error> {
        let metrics = self
            .font
            .glyph_metrics(Size::unscaled(), LocationRef::default());
        let unit = f64::from(
            self.font
                .metrics(Size::unscaled(), LocationRef::default())
                .units_per_em,
        );
        let mut line = Line {
            codes: String::new(),
            width: 0.0,
        };
        for character in text.nfc() {
            let glyph = self
                .font
                .charmap()
                .map(character)
                .ok_or(Error::NoGlyph { character })?;
            let width = f64::from(metrics.advance_width(glyph).ok_or(Error::Font)?) / unit;
            let new = self
                .glyphs
                .remap(u16::try_from(glyph.to_u32()).map_err(|_| Error::Font)?);
            self.used.insert(new, (character, width));
            line.codes.push_str(&format!("{new:04X}"));
            line.width += width;
        }
        Ok(line)
    }

    /// Adds the font to the document and returns the Type 0 dictionary's id.
    pub(crate) fn embed(&self, update: &mut Update<'_>) -> Result<ObjectId, Error> {
        let program =
            subsetter::subset(self.face.data(), 0, &self.glyphs).map_err(|_| Error::Font)?;
        let base = format!("{}+{}", tag(&program), self.face.resource());
        let length = i64::try_from(program.len()).map_err(|_| Error::Font)?;
        let file = deflated(dictionary([("Length1", Object::Integer(length))]), &program);
        let file = update.add(Object::Stream(file));
        let descriptor = update.add(Object::Dictionary(self.descriptor(&base, file)));
        let descendant = update.add(Object::Dictionary(dictionary([
            ("Type", name("Font")),
            ("Subtype", name("CIDFontType2")),
            ("BaseFont", name(&base)),
            (
                "CIDSystemInfo",
                Object::Dictionary(dictionary([
                    ("Registry", literal("Adobe")),
                    ("Ordering", literal("Identity")),
                    ("Supplement", Object::Integer(0)),
                ])),
            ),
            ("FontDescriptor", Object::Reference(descriptor)),
            ("CIDToGIDMap", name("Identity")),
            ("W", self.widths()),
        ])));
        let unicode = update.add(Object::Stream(deflated(
            dictionary([]),
            self.to_unicode().as_bytes(),
        )));
        Ok(update.add(Object::Dictionary(dictionary([
            ("Type", name("Font")),
            ("Subtype", name("Type0")),
            ("BaseFont", name(&base)),
            ("Encoding", name("Identity-H")),
            (
                "DescendantFonts",
                Object::Array(vec![Object::Reference(descendant)]),
            ),
            ("ToUnicode", Object::Reference(unicode)),
        ]))))
    }

    fn descriptor(&self, base: &str, file: ObjectId) -> Dictionary {
        // Serif, symbolic (glyphs are named by number), italic, bold: ISO 32000-1, table 123.
        let (flags, stem) = match self.face {
            Face::Regular => (2 | 4, 80),
            Face::Italic => (2 | 4 | 64, 80),
            Face::Bold => (2 | 4 | 1 << 18, 140),
        };
        let angle = if self.face == Face::Italic { -16 } else { 0 };
        // Bounding box and heights of Liberation Serif 2.1, in thousandths of an em.
        let bounds = [-543, -303, 1278, 982].map(Object::Integer).to_vec();
        dictionary([
            ("Type", name("FontDescriptor")),
            ("FontName", name(base)),
            ("Flags", Object::Integer(flags)),
            ("FontBBox", Object::Array(bounds)),
            ("ItalicAngle", Object::Integer(angle)),
            ("Ascent", Object::Integer(891)),
            ("Descent", Object::Integer(-216)),
            ("CapHeight", Object::Integer(655)),
            ("StemV", Object::Integer(stem)),
            ("FontFile2", Object::Reference(file)),
        ])
    }

    fn widths(&self) -> Object {
        let entries = self.used.iter().flat_map(|(&glyph, &(_, width))| {
            [
                Object::Integer(glyph.into()),
                Object::Array(vec![crate::object::number(width * 1000.0)]),
            ]
        });
        Object::Array(entries.collect())
    }

    /// The CMap from codes to characters (ISO 32000-1, 9.10.3).
    fn to_unicode(&self) -> String {
        let mut cmap = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        let entries: Vec<_> = self.used.iter().collect();
        // A block holds at most 100 entries (Adobe Technical Note 5014, 7.4).
        for block in entries.chunks(100) {
            cmap.push_str(&format!("{} beginbfchar\n", block.len()));
            for &(glyph, (character, _)) in block {
                let units: String = character
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|u| format!("{u:04X}"))
                    .collect();
                cmap.push_str(&format!("<{glyph:04X}> <{units}>\n"));
            }
            cmap.push_str("endbfchar\n");
        }
        cmap.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        cmap
    }
}

/// Six letters that tell one subset from another (ISO 32000-1, 9.6.4).
fn tag(program: &[u8]) -> String {
    Sha256::digest(program)
        .iter()
        .take(6)
        .map(|byte| char::from(b'A' + byte % 26))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_has_a_glyph() {
        let vowels = "aăâeêioôơuưy";
        let marks = ["", "\u{300}", "\u{309}", "\u{303}", "\u{301}", "\u{323}"];
        for face in [Face::Regular, Face::Italic, Face::Bold] {
            let mut subset = Subset::new(face).unwrap();
            for vowel in vowels.chars() {
                for mark in marks {
                    let letter: String = format!("{vowel}{mark}").nfc().collect();
                    assert_eq!(
                        letter.chars().count(),
                        1,
                        "{letter} is one character in NFC"
                    );
                    subset.line(&format!("{vowel}{mark}")).unwrap();
                    subset.line(&letter.to_uppercase()).unwrap();
                }
            }
            subset.line("đĐ₫0123456789/-").unwrap();
        }
    }

    #[test]
    fn widths_are_those_of_times_new_roman() {
        for face in [Face::Regular, Face::Italic] {
            let line = Subset::new(face).unwrap().line("77").unwrap();
            assert!(
                (line.width - 1.0).abs() < 0.001,
                "digits are half an em wide, not {}",
                line.width
            );
        }
    }

    #[test]
    fn unknown_characters_are_named() {
        let refused = Subset::new(Face::Regular).unwrap().line("字");
        assert!(matches!(refused, Err(Error::NoGlyph { character: '字' })));
    }
}

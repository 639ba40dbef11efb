use serde::{Deserialize, Serialize};

/// Something the picture of a page does not tell by itself, and the signer must know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Notice {
    /// The file does not bring this font; a bundled one was drawn instead. Other programs may choose another.
    FontNotEmbedded {
        /// Its PostScript name; of Times, Arial and Courier the name of the standard font they count as.
        font: String,
    },
    /// An annotation or field has no appearance of its own: other programs make one up, here nothing is drawn.
    AnnotationNotDrawn {
        /// Page index, from 0.
        page: usize,
        /// Its `/Subtype`.
        subtype: String,
    },
    /// The page is too large to be drawn at the width asked for; it was drawn smaller.
    PageClamped {
        /// Page index, from 0.
        page: usize,
    },
    /// An image, a font or the content of a page that was drawn or read could not be decoded to its end, so the page may
    /// lack something.
    ContentNotDrawn,
    /// The page carries invisible text (an OCR layer); it is not used to find places.
    InvisibleText {
        /// Page index, from 0.
        page: usize,
    },
    /// The document has more pages than are looked through for annotations.
    NotAllPagesExamined,
}

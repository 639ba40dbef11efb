//! The text of the files' pages: whether one is marked secret, and where an act's parts belong.

use super::alone;
use crate::{error::Result, letter, verify};
use antin_page::PageText;
use antin_pdf::Document;
use std::{path::Path, sync::Arc};

/// A larger file is not sent to the helper as it is: the pages that are read are taken out of it first.
const WHOLE: usize = 1 << 20;

/// Reads pages' text through one helper for all files. A file whose text cannot be read is refused: whether it is marked
/// secret would not be known.
pub(super) struct Reader(antin_page::Reader);

impl Reader {
    pub(super) fn new(helper: &Path) -> Reader {
        Reader(antin_page::Reader::new(helper))
    }

    /// Refuses a file that is marked secret (a mark stands on the first page: Decree 30, Annex I, III.2), and reads the
    /// text of the first `pages` pages.
    ///
    /// # Errors
    /// [`crate::error::Code::LetterSecret`], [`crate::error::Code::PageHelperFailed`].
    pub(super) fn open_ones(&mut self, document: &Document, pages: usize) -> Result<Vec<PageText>> {
        let there = self.open(document, pages.max(1))?;
        if pages == 0 {
            let lines = self.0.columns(0).map_err(letter::page_error)?;
            letter::refuse_marked_lines(&lines)?;
            return Ok(Vec::new());
        }
        let texts: std::result::Result<Vec<_>, _> = (0..there.min(pages))
            .map(|page| self.0.text(page))
            .collect();
        let texts = texts.map_err(letter::page_error)?;
        letter::refuse_marked(&texts)?;
        Ok(texts)
    }

    fn open(&mut self, document: &Document, pages: usize) -> Result<usize> {
        let whole = document.bytes();
        let bytes: Arc<[u8]> = if whole.len() > WHOLE {
            alone::pages(document, pages).map_err(|e| match e {
                alone::Error::Pdf(error) => verify::pdf_error(error, ""),
                other => letter::page_error(other),
            })?
        } else {
            whole.to_vec()
        }
        .into();
        self.0.open(bytes).map_err(letter::page_error)
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;
    use crate::error::Code;
    use antin_pdf::Document;
    use std::path::Path;

    #[test]
    fn a_file_whose_text_cannot_be_read_is_not_taken_for_an_open_one() {
        let letter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/letter/directive.pdf");
        let document = Document::open(&letter).expect("our own letter");
        let mut reader = Reader::new(Path::new("/bin/false"));
        for pages in [0, 1] {
            let refusal = reader
                .open_ones(&document, pages)
                .expect_err("no helper, no text");
            assert_eq!(refusal.code, Code::PageHelperFailed);
        }
    }
}

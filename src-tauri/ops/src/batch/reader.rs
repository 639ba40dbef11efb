//! The text of the files' pages: whether one is marked secret, and where an act's parts belong.

use crate::{error::Result, letter};
use antin_page::{Host, PageText};
use antin_pdf::Document;
use std::path::Path;

/// Reads pages' text through one helper for all files.
pub(super) struct Reader<'a> {
    helper: &'a Path,
    host: Option<Host>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(helper: &'a Path) -> Reader<'a> {
        Reader { helper, host: None }
    }

    /// The text of the first pages; none for what is larger than any letter. A file whose text cannot be read is
    /// refused: whether it is marked secret would not be known.
    pub(super) fn texts(&mut self, document: &Document, pages: usize) -> Result<Vec<PageText>> {
        let bytes = document.bytes();
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > letter::LETTER_BYTES {
            return Ok(Vec::new());
        }
        self.read(bytes, pages).map_err(letter::page_error)
    }

    fn read(
        &mut self,
        bytes: &[u8],
        pages: usize,
    ) -> std::result::Result<Vec<PageText>, antin_page::Error> {
        let host = match self.host.take() {
            Some(host) => host,
            None => Host::spawn(self.helper)?,
        };
        let handle = self.host.insert(host).open(bytes.to_vec())?;
        let count = handle.pages().len().min(pages);
        (0..count).map(|page| handle.text(page)).collect()
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
        let refusal = reader.texts(&document, 1).expect_err("no helper, no text");
        assert_eq!(refusal.code, Code::PageHelperFailed);
    }
}

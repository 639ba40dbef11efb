//! *Ký phụ lục*: the agency signs appendices in files of their own. Those in the letter's file are not signed
//! (Decree 30, Annex I, II.8.b).

use crate::{error::Result, sign::FileAct};
use antin_pades::{Act, Appendix};
use antin_page::PageText;
use antin_pdf::Document;
use antin_records::DocumentCode;

/// Appendices of one letter.
pub struct AppendixOf {
    /// The letter's number and notation.
    pub code: DocumentCode,
}

impl FileAct for AppendixOf {
    fn on(&self, _: &Document, _: &[PageText]) -> Result<(Act, String)> {
        let code = self.code.to_string();
        let reason = format!("Ký phụ lục {code}");
        Ok((Act::Appendix(Appendix { code }), reason))
    }
}

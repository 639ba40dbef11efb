//! *Ký bản sao*: the agency signs electronic copies (Decree 30, Art. 25, 26).

use crate::{error::Result, sign::FileAct};
use antin_pades::{Act, CertifiedCopy};
use antin_page::PageText;
use antin_pdf::Document;

pub use antin_pades::{CopyForm, CopySource};

/// Copies of one form, made of one kind of original.
pub struct CopyBy {
    /// The form.
    pub form: CopyForm,
    /// What was copied.
    pub source: CopySource,
    /// The agency that makes the copy.
    pub agency: String,
}

impl FileAct for CopyBy {
    fn on(&self, _: &Document, _: &[PageText]) -> Result<(Act, String)> {
        let act = CertifiedCopy {
            form: self.form,
            source: self.source,
            agency: self.agency.clone(),
        };
        Ok((Act::Copy(act), self.form.name().to_owned()))
    }
}

/// The word for an original in the table of messages.
pub(crate) fn original(source: CopySource) -> &'static str {
    match source {
        CopySource::Paper => "paper",
        CopySource::PaperCopy => "copy",
        CopySource::Electronic => "electronic",
    }
}

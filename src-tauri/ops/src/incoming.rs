//! *Dấu đến*: number and day of arrival on what came in, signed by the receiving agency.

use crate::{error::Result, letter, sign::FileAct};
use antin_pades::{Act, Incoming};
use antin_page::{PageText, find_places};
use antin_pdf::Document;

/// A letter's arrival.
pub struct Arrival {
    /// The receiving agency.
    pub agency: String,
    /// *Số đến*, from the register.
    pub number: String,
    /// *Ngày đến*, `dd/MM/yyyy`.
    pub day: String,
    /// To whom it goes; may be empty.
    pub forwarded: String,
    /// Number and notation of the dossier; may be empty.
    pub dossier: String,
}

impl FileAct for Arrival {
    /// The stamp stands on the first page.
    fn pages(&self) -> usize {
        1
    }

    fn on(&self, _: &Document, texts: &[PageText]) -> Result<(Act, String)> {
        let reason = format!("Văn bản đến số {}, ngày {}", self.number, self.day);
        let act = Incoming {
            agency: self.agency.clone(),
            number: self.number.clone(),
            day: self.day.clone(),
            forwarded: self.forwarded.clone(),
            dossier: self.dossier.clone(),
            place: letter::places_of(find_places(texts)).incoming(),
        };
        Ok((Act::Incoming(act), reason))
    }
}

//! *Đóng dấu* on a letter signed elsewhere: over the left third of the block between position and name, or in the field its
//! program kept there.

use crate::{
    clock,
    error::{Code, Error, Result},
    letter,
    sign::{FileAct, Place, picture},
};
use antin_pades::{Act, Disputed, Image, Seal, Verdict, validate};
use antin_page::{PageText, find_places};
use antin_pdf::Document;
use antin_pkix::{Evidence, TrustStore};
use std::path::Path;

/// Pages read to find the place; a letter has fewer.
const PAGES: usize = 60;

/// A seal for a letter.
pub struct SealBy {
    image: Image,
    /// Where; `None` finds the lawful place.
    place: Option<Place>,
    disputed: Disputed,
}

impl SealBy {
    /// With a picture.
    ///
    /// # Errors
    /// [`Code::ImageUnusable`].
    pub fn picture(
        png: &[u8],
        file: &Path,
        place: Option<Place>,
        disputed: Disputed,
    ) -> Result<SealBy> {
        let image = picture(png, file)?;
        Ok(SealBy {
            image,
            place,
            disputed,
        })
    }
}

impl FileAct for SealBy {
    fn pages(&self) -> usize {
        PAGES
    }

    fn on(&self, document: &Document, texts: &[PageText]) -> Result<(Act, String)> {
        signed_by_somebody(document)?;
        let place = match self.place {
            Some(place) => place,
            None => letter::places_of(find_places(texts))
                .seal_by_block()
                .ok_or_else(|| Error::new(Code::PlacesNotFound))?,
        };
        let act = Seal {
            image: self.image.clone(),
            place,
            disputed: self.disputed,
        };
        Ok((Act::Seal(act), "Đóng dấu".to_owned()))
    }
}

/// Decree 30, Art. 32.2d: the agency signs what the competent person has signed. Whose signatures a letter from elsewhere
/// bears, the clerk knows; here it is only asked whether there are any and whether all of them hold.
pub(crate) fn signed_by_somebody(document: &Document) -> Result<()> {
    let (nobody, nothing) = (TrustStore::default(), Evidence::default());
    match validate(document, &nobody, &nothing, clock::now()).verdict {
        Verdict::Valid | Verdict::ModifiedAllowed => Ok(()),
        Verdict::Unsigned => Err(Error::new(Code::LeaderSignatureMissing)),
        _ => Err(Error::new(Code::SignaturesAltered).with("file", "")),
    }
}

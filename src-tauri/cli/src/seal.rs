//! `antin sign --act seal`: the agency's seal on a letter signed elsewhere.

use crate::{initial, words::Facts};
use antin_ops::{
    error::{Code, Error, Result},
    office::{Office, Role},
    seal::SealBy,
};
use std::path::PathBuf;

pub(crate) fn of(facts: &Facts, office: Option<&Office>) -> Result<SealBy> {
    let unusable = |file: &str| Error::new(Code::ImageUnusable).with("file", file);
    let (png, file) = match (&facts.image, office) {
        (Some(file), _) => {
            let png = std::fs::read(file)
                .map_err(|e| Error::caused(Code::ImageUnusable, e).with("file", file.display()))?;
            (png, file.clone())
        }
        (None, Some(office)) => {
            let clerk = office.signer(Role::Clerk)?;
            (office.image(clerk)?, clerk.image.clone())
        }
        (None, None) => return Err(unusable("--image")),
    };
    let place = initial::place(&facts.place)?;
    SealBy::picture(&png, &PathBuf::from(&file), place, facts.disputed())
}

//! Where a signature goes that comes after others: a field kept for it, a new one, or a new one that shows nothing.

use antin_pdf::Field;

use super::{Desk, Written, builder::Builder, fill};
use crate::{Error, Place, Signing, appearance::Draw, field::Set};

/// The best home that earlier signatures allow.
pub(super) enum Home<'a> {
    /// An empty field.
    Prepared(&'a Field),
    /// A new field, which may be drawn.
    New(String),
    /// A new field, which may not.
    Invisible(String),
}

impl<'u> Desk<'u, '_> {
    /// A home for a signature of this kind.
    pub(super) fn home(&self, base: &str) -> Result<Home<'u>, Error> {
        if let Some(field) = Set::waiting(self.fields, self.permissions, base) {
            return Ok(Home::Prepared(field));
        }
        match self.permissions.signing {
            Signing::Free => Ok(Home::New(Set::free_name(self.fields, base)?)),
            Signing::Invisible => Ok(Home::Invisible(Set::free_name(self.fields, base)?)),
            Signing::Prepared | Signing::Nothing => Err(Error::Locked),
        }
    }

    /// Signs a new field in its place; without a place it shows nothing.
    pub(super) fn sign_new(
        &mut self,
        field: String,
        description: &str,
        drawn: Option<(Place, &Draw<'_>)>,
    ) -> Result<Written, Error> {
        let mut builder = Builder::new(self.update, Set::free(self.fields)?);
        match drawn {
            Some((place, draw)) => {
                builder.signed(&field, description, place, draw, self.signature)?;
            }
            None => builder.invisible(&field, description, self.signature)?,
        }
        builder.place(&[])?;
        Ok(Written::ordinary(field))
    }

    /// Signs a field that waits.
    pub(super) fn sign_prepared(
        &mut self,
        field: &Field,
        draw: &Draw<'_>,
    ) -> Result<Written, Error> {
        fill::signature(self.update, field, draw, self.signature)?;
        Ok(Written::ordinary(field.name.clone()))
    }
}

//! Where a signature goes that comes after others: a field kept for it, a new one, or a new one that shows nothing.

use antin_pdf::{Field, Object, Rect};

use super::{Desk, Written, builder::Builder, fill};
use crate::{
    Disputed, Error, Place, Signing,
    appearance::Draw,
    field::{Set, field_name},
    form,
    object::dictionary_of,
    report::ActKind,
};

/// The best home that earlier signatures allow.
pub(super) enum Home<'a> {
    /// An empty field.
    Prepared(&'a Field),
    /// A new field, which may be drawn.
    New(String),
    /// A new field, which may not.
    Invisible(String),
}

/// How much of the smaller of two rectangles the other must cover to be meant for the same signature: the seal covers a
/// third of the leader's picture.
const COVERED: f64 = 0.5;

/// The part of the smaller rectangle that both cover.
fn shared(one: Rect, other: Rect) -> f64 {
    let across = one.x1.min(other.x1) - one.x0.max(other.x0);
    let up = one.y1.min(other.y1) - one.y0.max(other.y0);
    let smaller = (one.width() * one.height()).min(other.width() * other.height());
    across.max(0.0) * up.max(0.0) / smaller
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
        if self.permissions.owner_forbids {
            return Err(Error::OwnerForbids);
        }
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

    /// Signs a field that waits; what its lock says comes into force.
    pub(super) fn sign_prepared(
        &mut self,
        field: &Field,
        draw: &Draw<'_>,
    ) -> Result<Written, Error> {
        fill::signature(self.update, field, draw, self.signature)?;
        let document = self.update.document();
        let mut references = Vec::new();
        if let Ok(lock) = field.dict.get(b"Lock") {
            let lock = dictionary_of(document.resolve(lock)?, "Lock")?;
            references.push(form::fieldmdp_reference(document, &lock));
        }
        Ok(Written {
            references,
            ..Written::ordinary(field.name.clone())
        })
    }

    /// Signs the field that another program kept at a place, else a new one there.
    pub(super) fn sign_kept_or_new(
        &mut self,
        name: String,
        description: &str,
        (place, draw): (Place, &Draw<'_>),
        disputed: Disputed,
    ) -> Result<Written, Error> {
        if let Some(field) = self.kept(place)? {
            return self.sign_prepared(field, draw);
        }
        self.may_draw(disputed)?;
        self.sign_new(name, description, Some((place, draw)))
    }

    /// Whether a new field may show something.
    pub(super) fn may_draw(&self, disputed: Disputed) -> Result<(), Error> {
        match (self.permissions.signing, disputed) {
            (Signing::Free, _) | (Signing::Invisible, Disputed::Draw) => Ok(()),
            (Signing::Invisible, Disputed::Refuse) => Err(Error::OnlyInvisible),
            (Signing::Prepared | Signing::Nothing, _) => Err(Error::Locked),
        }
    }

    /// A visible empty field that another program kept for a signature at `place`: the one that covers most of it, or,
    /// where nothing new may be drawn, the only one there is.
    fn kept(&self, place: Place) -> Result<Option<&'u Field>, Error> {
        let document = self.update.document();
        let mut visible = Vec::new();
        for field in self.fields {
            // A seed value demands what only its own program knows (ISO 32000-2, 12.7.5.5).
            if !self.permissions.fills(field) || Set::is_ours(&field.name) || field.dict.has(b"SV")
            {
                continue;
            }
            let id = field.widgets.first().copied().unwrap_or(field.id);
            let widget = document.dictionary(id)?;
            let rect = widget
                .get(b"Rect")
                .map_or(Ok(None), |rect| document.rect(rect))?;
            let Some(rect) = rect.filter(|rect| rect.width() >= 1.0 && rect.height() >= 1.0) else {
                continue;
            };
            let page = widget.get(b"P").and_then(Object::as_reference).ok();
            let here = page.is_some_and(|page| {
                document
                    .page_ids()
                    .is_ok_and(|ids| ids.get(place.page) == Some(&page))
            });
            let share = if here { shared(rect, place.rect) } else { 0.0 };
            visible.push((share, field));
        }
        let best = visible
            .iter()
            .filter(|(share, _)| *share >= COVERED)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        Ok(match (best, visible.as_slice()) {
            (Some(&(_, field)), _) => Some(field),
            (None, &[(_, only)]) if self.permissions.signing < Signing::Free => Some(only),
            _ => None,
        })
    }

    /// The field of a signature that records one of these acts.
    pub(super) fn done(&self, acts: &[ActKind]) -> Result<Option<String>, Error> {
        let document = self.update.document();
        for field in self.fields {
            if !self.permissions.signed.contains(&field.name) {
                continue;
            }
            let value = field.value.as_ref().unwrap_or(&Object::Null);
            let Object::Dictionary(signature) = document.resolve(value)? else {
                continue;
            };
            let recorded = signature
                .get(ActKind::KEY.as_bytes())
                .and_then(Object::as_name);
            if acts.contains(&ActKind::of(recorded.ok(), &field.name)) {
                return Ok(Some(field.name.clone()));
            }
        }
        Ok(None)
    }

    /// Number, date and seal come after the competent person's signature (Decree 30/2020, Art. 32.2d). Whose signatures
    /// they are that a letter from elsewhere bears is for the caller to judge.
    pub(super) fn approved(&self) -> Result<(), Error> {
        if self.permissions.signed.is_empty() {
            return Err(Error::NotApproved {
                field: field_name::LEADER.to_owned(),
            });
        }
        Ok(())
    }
}

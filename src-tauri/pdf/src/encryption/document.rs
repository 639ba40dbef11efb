//! A document's own encryption: found in its trailer, undone when an object is read, done when one is written.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError};

use lopdf::{Object, ObjectId};

use super::{Direction, Encryption, KEY_WORK, Method, Permissions, Settings, Way, filter_of};
use crate::parse::Want;
use crate::{Damage, Document, Error, Revision};

impl Document {
    /// Reads how this state is encrypted, and finds its key.
    pub(crate) fn unlock(&mut self) -> Result<(), Error> {
        let wrong = |document: &Self| document.damaged_trailer(Damage::Encryption);
        // None of this is ever in an object stream, which would be encrypted itself (7.5.7).
        let plain = |value: &Object| match value {
            Object::Reference(id) => match self.located(*id)? {
                Some(indirect) => Ok(indirect.object),
                None => Err(wrong(self)),
            },
            direct => Ok(direct.clone()),
        };
        let entry = match self.trailer().get(b"Encrypt") {
            Err(_) | Ok(Object::Null) => return Ok(()),
            Ok(entry) => entry,
        };
        let id = entry.as_reference().ok();
        let Object::Dictionary(mut dict) = plain(entry)? else {
            return Err(wrong(self));
        };
        for (_, value) in dict.iter_mut() {
            *value = plain(value)?;
        }
        let identifier = match self.trailer().get(b"ID").map(plain) {
            Err(_) => Vec::new(),
            Ok(Err(error)) => return Err(error),
            Ok(Ok(Object::Array(halves))) => match halves.first() {
                Some(Object::String(first, _)) => first.clone(),
                _ => return Err(wrong(self)),
            },
            Ok(Ok(_)) => return Err(wrong(self)),
        };
        let settings = Settings::read(&dict, identifier)?;
        let mut known = self
            .encryptions()
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let found = known
            .iter()
            .find(|one| *one.settings() == settings)
            .cloned();
        let encryption = match found {
            Some(found) => found,
            None => {
                self.charge(KEY_WORK)?;
                let fresh = Arc::new(Encryption::unlock(settings)?);
                known.push(Arc::clone(&fresh));
                fresh
            }
        };
        drop(known);
        (self.encryption, self.encrypt_id) = (Some(encryption), id);
        Ok(())
    }

    /// What an encrypted document lets people do; `None` when it is not encrypted.
    #[must_use]
    pub fn permissions(&self) -> Option<Permissions> {
        let encryption = self.encryption.as_ref()?;
        Some(encryption.settings.permissions)
    }

    /// The revisions after `revision` that are not encrypted as it is, or that cannot be read. In those every object is read
    /// otherwise, those included that none of them touches.
    #[must_use]
    pub fn encrypted_otherwise(&self, revision: usize) -> Vec<usize> {
        let encrypted = |one: &Revision| one.trailer.has(b"Encrypt");
        if !self.revisions().iter().any(encrypted) {
            return Vec::new();
        }
        let own = self.ways().get(revision);
        let later = self.ways().iter().enumerate().skip(revision + 1);
        later
            .filter(|(_, way)| **way == Way::Unknown || Some(*way) != own)
            .map(|(index, _)| index)
            .collect()
    }

    /// Whether a revision can be added to this document as it is encrypted, or is not.
    ///
    /// # Errors
    ///
    /// [`Damage::EncryptionChanged`] when its revisions are not all encrypted in the same way, so that the new one would
    /// confirm what two readers read differently; [`Error::UnknownEncryption`] when the encryption is protected by a code
    /// (ISO/TS 32004) that a new revision would break.
    pub fn check_encryption(&self) -> Result<(), Error> {
        if let Some(revision) = self
            .encrypted_otherwise(0)
            .first()
            .and_then(|&index| self.revisions().get(index))
        {
            return Err(Error::Damaged {
                what: Damage::EncryptionChanged,
                at: revision.startxref,
            });
        }
        if self.trailer().has(b"AuthCode") {
            return Err(Error::UnknownEncryption {
                handler: "AuthCode".to_owned(),
            });
        }
        Ok(())
    }

    /// An object as it is written under `id`: encrypted, if the document is.
    pub(crate) fn encrypted<'a>(
        &self,
        id: ObjectId,
        object: &'a Object,
    ) -> Result<Cow<'a, Object>, Error> {
        let Some(encryption) = &self.encryption else {
            return Ok(Cow::Borrowed(object));
        };
        if self.encrypt_id == Some(id) {
            return Err(Error::Unwritable(id));
        }
        let mut encrypted = object.clone();
        encryption.encrypt(id, &mut encrypted)?;
        Ok(Cow::Owned(encrypted))
    }

    /// Decrypts an object as it was parsed at `at`. Left as they are: the encryption dictionary, cross-reference streams
    /// (7.5.8.2), and what came from an object stream, which never gets here.
    pub(crate) fn decrypt(
        &self,
        id: ObjectId,
        object: &mut Object,
        want: Want,
        at: usize,
        depth: usize,
    ) -> Result<(), Error> {
        let Some(encryption) = &self.encryption else {
            return Ok(());
        };
        if self.encrypt_id == Some(id) {
            return Ok(());
        }
        let placed = |error: Error| match error {
            Error::Damaged { what, at: 0 } => Error::damaged(what, at),
            other => other,
        };
        let Object::Stream(stream) = object else {
            let done = encryption.strings(id, object, Direction::Decrypt);
            return done.map_err(placed);
        };
        if stream.dict.has_type(b"XRef") {
            return Ok(());
        }
        if want == Want::All {
            let filter = filter_of(&stream.dict, &mut |value| match value {
                Object::Reference(id) => self.load(*id, Want::NoStream, depth + 1),
                direct => Ok(direct.clone()),
            });
            let method = encryption
                .settings
                .stream(&stream.dict, filter.map_err(placed)?);
            let method = method.map_err(placed)?;
            if method != Method::Identity {
                self.charge(stream.content.len() as u64)?;
                let content = encryption.apply(method, id, &stream.content, Direction::Decrypt);
                stream.content = content.map_err(placed)?;
            }
        }
        let done = encryption.entries(id, &mut stream.dict, Direction::Decrypt);
        done.map_err(placed)
    }
}

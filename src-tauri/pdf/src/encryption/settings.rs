//! The encryption dictionary (ISO 32000-2, 7.6.2, Tables 20, 21 and 25) and the key it gives.

use std::collections::BTreeMap;

use lopdf::encryption::DecryptionError;
use lopdf::{Dictionary, EncryptionState, Object};

use super::{Method, Permissions};
use crate::{Damage, Error};

/// Crypt filters of one document. Two are in use: one for strings and streams, one for attachments.
const MAX_FILTERS: usize = 32;
/// Bytes of `/O` and `/U` each: 48 are the most that mean something, and some writers pad to 127.
const MAX_VALUE: usize = 127;

/// Everything that decides how a document is encrypted. Equal settings read the same bytes in the same way.
#[derive(Clone, PartialEq)]
pub(crate) struct Settings {
    /// The entries that the key is derived from, and the first half of the file's identifier.
    entries: Dictionary,
    identifier: Vec<u8>,
    pub(super) permissions: Permissions,
    /// For strings.
    pub(super) strings: Method,
    streams: Method,
    attachments: Method,
    /// `/CF`; a method that is not known matters only where it is used.
    named: BTreeMap<Vec<u8>, Option<Method>>,
    /// `/Metadata` streams are left in clear.
    clear_metadata: bool,
}

impl Settings {
    /// Reads an encryption dictionary whose own entries are direct.
    pub(crate) fn read(dict: &Dictionary, identifier: Vec<u8>) -> Result<Self, Error> {
        let handler = name(dict, b"Filter")?.ok_or_else(wrong)?;
        if handler != b"Standard" {
            return Err(unknown(&String::from_utf8_lossy(&handler)));
        }
        let (version, revision) = (integer(dict, b"V")?, integer(dict, b"R")?);
        let bits = integer(dict, b"P")?;
        let known = matches!((version, revision), (1 | 2 | 4, 2..=4) | (5, 5 | 6));
        if !known {
            return Err(unknown(&format!("Standard, V {version}, R {revision}")));
        }
        let mut entries = Dictionary::new();
        for key in [&b"Filter"[..], b"V", b"R", b"P"] {
            entries.set(key, dict.get(key).cloned().unwrap_or(Object::Null));
        }
        let values: &[&[u8]] = if version == 5 {
            &[b"O", b"U", b"OE", b"UE", b"Perms"]
        } else {
            &[b"O", b"U"]
        };
        for &key in values {
            let value = dict
                .get(key)
                .and_then(Object::as_str)
                .map_err(|_| wrong())?;
            // Some writers pad; what is beyond means nothing.
            let most = if version == 5 { MAX_VALUE } else { 32 };
            let value = value.get(..most.min(value.len())).unwrap_or_default();
            entries.set(key, Object::string_literal(value));
        }
        // The standard gives the length a meaning for these alone; the key of the others has one length.
        if version == 2
            && let Ok(length) = dict.get(b"Length")
        {
            entries.set("Length", length.clone());
        }
        let clear_metadata = match dict.get(b"EncryptMetadata") {
            Ok(Object::Boolean(encrypted)) if version >= 4 => !encrypted,
            Err(_) | Ok(Object::Boolean(_)) => false,
            Ok(_) => return Err(wrong()),
        };
        if clear_metadata {
            entries.set("EncryptMetadata", Object::Boolean(false));
        }
        let mut settings = Settings {
            entries,
            identifier,
            permissions: Permissions::new(bits, revision),
            strings: Method::Rc4,
            streams: Method::Rc4,
            attachments: Method::Rc4,
            named: BTreeMap::new(),
            clear_metadata,
        };
        if version >= 4 {
            settings.named = filters(dict, version)?;
            let of = |key: &[u8]| {
                name(dict, key)?
                    .map(|name| settings.method(&name))
                    .transpose()
            };
            let streams = of(b"StmF")?.unwrap_or(Method::Identity);
            let strings = of(b"StrF")?.unwrap_or(Method::Identity);
            let attachments = of(b"EFF")?.unwrap_or(streams);
            settings = Settings {
                strings,
                streams,
                attachments,
                ..settings
            };
        }
        Ok(settings)
    }

    fn method(&self, name: &[u8]) -> Result<Method, Error> {
        match self.named.get(name) {
            // It cannot be given another meaning.
            _ if name == b"Identity" => Ok(Method::Identity),
            Some(Some(method)) => Ok(*method),
            Some(None) => Err(unknown(&format!(
                "Standard, crypt filter {}",
                String::from_utf8_lossy(name)
            ))),
            None => Err(wrong()),
        }
    }

    /// How a stream is encrypted; `own` is the crypt filter that it names itself.
    pub(super) fn stream(&self, dict: &Dictionary, own: Option<Vec<u8>>) -> Result<Method, Error> {
        match own {
            Some(name) => self.method(&name),
            None if self.clear_metadata && dict.has_type(b"Metadata") => Ok(Method::Identity),
            None if dict.has_type(b"EmbeddedFile") => Ok(self.attachments),
            None => Ok(self.streams),
        }
    }

    /// The key that the empty password gives.
    pub(super) fn key(&self) -> Result<Vec<u8>, Error> {
        let mut document = lopdf::Document::new();
        let id = document.add_object(Object::Dictionary(self.entries.clone()));
        document.trailer.set("Encrypt", Object::Reference(id));
        let identifier = Object::string_literal(self.identifier.clone());
        document.trailer.set("ID", vec![identifier]);
        match EncryptionState::decode(&document, "") {
            Ok(state) => Ok(state.file_encryption_key().to_vec()),
            Err(lopdf::Error::Decryption(DecryptionError::IncorrectPassword)) => {
                Err(Error::PasswordNeeded)
            }
            Err(_) => Err(wrong()),
        }
    }
}

/// `/CF`.
fn filters(dict: &Dictionary, version: i64) -> Result<BTreeMap<Vec<u8>, Option<Method>>, Error> {
    let mut named = BTreeMap::new();
    let entries = match dict.get(b"CF") {
        Ok(Object::Dictionary(entries)) => entries,
        Err(_) => return Ok(named),
        Ok(_) => return Err(wrong()),
    };
    if entries.len() > MAX_FILTERS {
        return Err(wrong());
    }
    for (key, filter) in entries {
        let Object::Dictionary(filter) = filter else {
            return Err(wrong());
        };
        let method = match name(filter, b"CFM")?.as_deref() {
            Some(b"V2") if version == 4 => Some(Method::Rc4),
            Some(b"AESV2") if version == 4 => Some(Method::Aes128),
            Some(b"AESV3") if version == 5 => Some(Method::Aes256),
            _ => None,
        };
        named.insert(key.clone(), method);
    }
    Ok(named)
}

fn name(dict: &Dictionary, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    match dict.get(key) {
        Ok(Object::Name(name)) => Ok(Some(name.clone())),
        Err(_) | Ok(Object::Null) => Ok(None),
        Ok(_) => Err(wrong()),
    }
}

fn integer(dict: &Dictionary, key: &[u8]) -> Result<i64, Error> {
    dict.get(key).and_then(Object::as_i64).map_err(|_| wrong())
}

fn wrong() -> Error {
    Error::damaged(Damage::Encryption, 0)
}

fn unknown(handler: &str) -> Error {
    Error::UnknownEncryption {
        handler: handler.to_owned(),
    }
}

//! Encryption (ISO 32000-2, 7.6) under the standard security handler, as far as the empty user password opens it.
//!
//! Such a file is locked against nobody who reads: it says what a reader should let people do ([`Permissions`]). Its
//! strings and streams are decrypted when an object is read and encrypted when an update writes one; object streams
//! are decrypted as a whole. A file that wants a password, or another handler, is refused with a typed error.
//!
//! The arithmetic (keys, RC4, AES) is lopdf's. What is encrypted by which filter is decided here.

mod document;
mod settings;

use lopdf::encryption::crypt_filters::{
    Aes128CryptFilter, Aes256CryptFilter, CryptFilter, Rc4CryptFilter,
};
use lopdf::{Dictionary, Object, ObjectId, StringFormat};

use crate::{Damage, Document, Error};
pub(crate) use settings::Settings;

/// What deriving one key costs, in bytes of work: the hash of revision 6 runs at most 287 rounds over 4 KB, and four
/// times at most.
pub(crate) const KEY_WORK: u64 = 4 << 20;

/// What the author of an encrypted file asks readers to let people do who open it without the owner password
/// (Table 22). The file cannot enforce it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permissions {
    /// Bit 4: change the contents by other operations than those below.
    pub modify: bool,
    /// Bit 6: annotate; with [`modify`](Self::modify) also create form fields.
    pub annotate: bool,
    /// Bit 9, or bit 6: fill in existing fields, signature fields included.
    pub fill_forms: bool,
    /// Bit 11, or bit 4 before revision 3: insert, rotate and delete pages.
    pub assemble: bool,
    /// Bit 3: print.
    pub print: bool,
    /// Bit 5: copy text and graphics.
    pub copy: bool,
}

impl Permissions {
    /// Whether form fields, signature fields included, may be created.
    #[must_use]
    pub fn create_fields(self) -> bool {
        self.annotate && self.modify
    }

    fn new(bits: i64, revision: i64) -> Self {
        // Bits are numbered from 1. Those from 9 on mean nothing before revision 3.
        let bit = |number: u32| bits >> (number - 1) & 1 == 1;
        let late = |number: u32| revision >= 3 && bit(number);
        Permissions {
            modify: bit(4),
            annotate: bit(6),
            fill_forms: bit(6) || late(9),
            assemble: if revision >= 3 { bit(11) } else { bit(4) },
            print: bit(3),
            copy: bit(5),
        }
    }
}

/// How one kind of data is encrypted (Table 25).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Identity,
    Rc4,
    Aes128,
    Aes256,
}

impl Method {
    fn filter(self) -> Option<&'static dyn CryptFilter> {
        match self {
            Method::Identity => None,
            Method::Rc4 => Some(&Rc4CryptFilter),
            Method::Aes128 => Some(&Aes128CryptFilter),
            Method::Aes256 => Some(&Aes256CryptFilter),
        }
    }
}

/// Which way.
#[derive(Clone, Copy)]
enum Direction {
    Decrypt,
    Encrypt,
}

/// How a state of a file is encrypted.
#[derive(PartialEq)]
pub(crate) enum Way {
    Clear,
    By(Settings),
    /// It cannot be read, or not without a password.
    Unknown,
}

impl Way {
    pub(crate) fn of(state: Option<Document>) -> Self {
        match state.map(|state| state.encryption) {
            None => Way::Unknown,
            Some(None) => Way::Clear,
            Some(Some(encryption)) => Way::By(encryption.settings.clone()),
        }
    }
}

/// How a document is encrypted, with the key.
pub(crate) struct Encryption {
    settings: Settings,
    key: Vec<u8>,
}

impl Encryption {
    /// Derives the key that the empty password gives.
    pub(crate) fn unlock(settings: Settings) -> Result<Self, Error> {
        let key = settings.key()?;
        Ok(Encryption { settings, key })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    fn apply(
        &self,
        method: Method,
        id: ObjectId,
        data: &[u8],
        direction: Direction,
    ) -> Result<Vec<u8>, Error> {
        let Some(filter) = method.filter() else {
            return Ok(data.to_vec());
        };
        let result = filter
            .compute_key(&self.key, id)
            .and_then(|key| match direction {
                Direction::Decrypt => filter.decrypt(&key, data),
                Direction::Encrypt => filter.encrypt(&key, data),
            });
        result.map_err(|_| Error::damaged(Damage::Ciphertext, 0))
    }

    /// Decrypts or encrypts the strings inside an object. Nesting was bounded when it was parsed.
    fn strings(
        &self,
        id: ObjectId,
        object: &mut Object,
        direction: Direction,
    ) -> Result<(), Error> {
        match object {
            Object::String(text, format) => {
                *text = self.apply(self.settings.strings, id, text, direction)?;
                if matches!(direction, Direction::Encrypt)
                    && self.settings.strings != Method::Identity
                {
                    // Most of its bytes would need escapes.
                    *format = StringFormat::Hexadecimal;
                }
                Ok(())
            }
            Object::Array(items) => items
                .iter_mut()
                .try_for_each(|item| self.strings(id, item, direction)),
            Object::Dictionary(dict) => self.entries(id, dict, direction),
            _ => Ok(()),
        }
    }

    fn entries(
        &self,
        id: ObjectId,
        dict: &mut Dictionary,
        direction: Direction,
    ) -> Result<(), Error> {
        let signature = has_clear_contents(dict);
        dict.iter_mut()
            .filter(|(key, _)| !(signature && key.as_slice() == b"Contents"))
            .try_for_each(|(_, value)| self.strings(id, value, direction))
    }

    /// Encrypts an object that is to be written under `id`.
    pub(crate) fn encrypt(&self, id: ObjectId, object: &mut Object) -> Result<(), Error> {
        let Object::Stream(stream) = object else {
            return self.strings(id, object, Direction::Encrypt);
        };
        let filter = filter_of(&stream.dict, &mut |value| Ok(value.clone()))?;
        let method = self.settings.stream(&stream.dict, filter)?;
        stream.content = self.apply(method, id, &stream.content, Direction::Encrypt)?;
        self.entries(id, &mut stream.dict, Direction::Encrypt)
    }
}

/// Whether this is a signature dictionary whose `/Contents` is not encrypted (7.6.2): it is a hexadecimal string written
/// in the dictionary itself, which has a `/ByteRange`. `/Type` is optional there (Table 255). The exception hides nothing:
/// it depends on nothing but the dictionary, so that two states of one object are read in the same way, and what is
/// read is what stands in the file.
fn has_clear_contents(dict: &Dictionary) -> bool {
    dict.has(b"ByteRange")
        && matches!(
            dict.get(b"Contents"),
            Ok(Object::String(_, StringFormat::Hexadecimal))
        )
}

/// The crypt filter that a stream names itself (7.4.10); it must be the first of its filters.
fn filter_of(
    dict: &Dictionary,
    resolve: &mut dyn FnMut(&Object) -> Result<Object, Error>,
) -> Result<Option<Vec<u8>>, Error> {
    let Ok(filter) = dict.get(b"Filter") else {
        return Ok(None);
    };
    let names = match resolve(filter)? {
        Object::Array(names) => names.iter().map(&mut *resolve).collect::<Result<_, _>>()?,
        one => vec![one],
    };
    let is_crypt = |name: &Object| matches!(name, Object::Name(name) if name == b"Crypt");
    match names.iter().position(is_crypt) {
        None => return Ok(None),
        Some(0) if !names.iter().skip(1).any(is_crypt) => {}
        Some(_) => {
            return Err(Error::Filter {
                name: "Crypt".to_owned(),
            });
        }
    }
    let parameters = match dict.get(b"DecodeParms").or_else(|_| dict.get(b"DP")) {
        Ok(parameters) => resolve(parameters)?,
        Err(_) => Object::Null,
    };
    let own = match parameters {
        Object::Array(all) => all.first().map_or(Ok(Object::Null), &mut *resolve)?,
        other => other,
    };
    match own {
        Object::Dictionary(own) => match own.get(b"Name") {
            Ok(Object::Name(name)) => Ok(Some(name.clone())),
            Ok(_) => Err(Error::damaged(Damage::Encryption, 0)),
            Err(_) => Ok(Some(b"Identity".to_vec())),
        },
        _ => Ok(Some(b"Identity".to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_by_bit_and_revision() {
        let all = Permissions::new(-4, 3);
        assert!(all.create_fields() && all.fill_forms && all.assemble && all.print && all.copy);
        let fill = Permissions::new(0x100, 3);
        assert!(fill.fill_forms && !fill.create_fields() && !fill.print);
        assert!(
            !Permissions::new(0x100, 2).fill_forms,
            "bit 9 is reserved there"
        );
        assert!(Permissions::new(0x20, 2).fill_forms);
        assert!(
            !Permissions::new(0x20, 3).create_fields(),
            "bit 4 is wanted too"
        );
    }

    #[test]
    fn contents_are_clear_in_signature_dictionaries_only() {
        let clear = |text: &str| match crate::parse_object(text.as_bytes()) {
            Ok(Object::Dictionary(dict)) => has_clear_contents(&dict),
            other => panic!("{other:?}"),
        };
        assert!(clear("<</ByteRange[0 1 2 3]/Contents<00>>>"));
        assert!(
            !clear("<</Type/Sig/Contents<00>>>"),
            "nothing is signed by it"
        );
        assert!(
            !clear("<</ByteRange[0 1 2 3]/Contents(0)>>"),
            "no hexadecimal string"
        );
        assert!(!clear("<</ByteRange[0 1 2 3]/Contents 9 0 R>>"));
    }

    #[test]
    fn a_crypt_filter_is_the_first() {
        let of = |text: &str| match crate::parse_object(text.as_bytes()) {
            Ok(Object::Dictionary(dict)) => filter_of(&dict, &mut |value| Ok(value.clone())),
            other => panic!("{other:?}"),
        };
        assert_eq!(of("<</Filter/FlateDecode>>").unwrap(), None);
        assert_eq!(of("<</Filter/Crypt>>").unwrap(), Some(b"Identity".to_vec()));
        let named = "<</Filter[/Crypt/FlateDecode]/DecodeParms[<</Name/Own>>null]>>";
        assert_eq!(of(named).unwrap(), Some(b"Own".to_vec()));
        assert!(matches!(
            of("<</Filter[/FlateDecode/Crypt]>>"),
            Err(Error::Filter { .. })
        ));
        assert!(matches!(
            of("<</Filter[/Crypt/Crypt]>>"),
            Err(Error::Filter { .. })
        ));
        assert!(of("<</Filter/Crypt/DecodeParms<</Name(x)>>>>").is_err());
    }
}

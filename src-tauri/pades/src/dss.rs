//! The document security store (EN 319 142-1, 5.4.2): what says that certificates were good, kept in the file.
//!
//! It is written into the revision of the signature it is for, so that no unsigned tail follows the signature. What an
//! earlier revision holds stays, in its order; what is already there is not written again.

use std::collections::BTreeSet;

use antin_pdf::{Dictionary, Object, ObjectId, Update};
use sha2::{Digest, Sha256};

use crate::{
    Error,
    object::{deflated, dictionary_of, name},
};

/// Streams of one kind that a store may hold before it is refused: each is read once to be told from new ones.
const STREAM_LIMIT: usize = 4096;

/// Certificates, revocation lists and OCSP responses, DER.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValidationData {
    /// Certificates of the paths.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses.
    pub ocsp: Vec<Vec<u8>>,
}

impl ValidationData {
    /// Whether there is nothing to be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.crls.is_empty() && self.ocsp.is_empty()
    }

    /// Adds what `other` has and this has not.
    pub fn merge(&mut self, other: Self) {
        let pairs = [
            (&mut self.certificates, other.certificates),
            (&mut self.crls, other.crls),
            (&mut self.ocsp, other.ocsp),
        ];
        for (own, new) in pairs {
            for der in new {
                if !own.contains(&der) {
                    own.push(der);
                }
            }
        }
    }
}

/// Adds what is missing to the document's store. Says whether anything was.
pub(crate) fn write(update: &mut Update<'_>, data: &ValidationData) -> Result<bool, Error> {
    if data.is_empty() {
        return Ok(false);
    }
    let root = update.document().root_id();
    let mut catalog = update.dictionary(root)?;
    let place = catalog.get(b"DSS").ok().cloned();
    let mut store = match place
        .as_ref()
        .map(|object| update.resolve(object))
        .transpose()?
    {
        None | Some(Object::Null) => {
            let mut store = Dictionary::new();
            store.set("Type", name("DSS"));
            store
        }
        Some(object) => dictionary_of(object, "DSS")?,
    };
    let kinds = [
        ("Certs", &data.certificates),
        ("CRLs", &data.crls),
        ("OCSPs", &data.ocsp),
    ];
    let mut grown = false;
    for (key, ders) in kinds {
        grown |= add(update, &mut store, key, ders)?;
    }
    if !grown {
        return Ok(false);
    }
    if let Some(Object::Reference(id)) = place {
        update.set(id, Object::Dictionary(store));
    } else {
        let id = update.add(Object::Dictionary(store));
        catalog.set("DSS", Object::Reference(id));
        update.set(root, Object::Dictionary(catalog));
    }
    Ok(true)
}

/// Whether the document's store holds everything of `data` already.
pub(crate) fn holds(update: &Update<'_>, data: &ValidationData) -> Result<bool, Error> {
    let catalog = update.dictionary(update.document().root_id())?;
    let store = match catalog.get(b"DSS") {
        Ok(object) => update.resolve(object)?,
        Err(_) => Object::Null,
    };
    let Object::Dictionary(store) = store else {
        return Ok(data.is_empty());
    };
    let kinds = [
        ("Certs", &data.certificates),
        ("CRLs", &data.crls),
        ("OCSPs", &data.ocsp),
    ];
    for (key, ders) in kinds {
        let (_, known) = existing(update, &store, key)?;
        if ders.iter().any(|der| !known.contains(&digest(der))) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Adds streams to the array under `key`.
fn add(
    update: &mut Update<'_>,
    store: &mut Dictionary,
    key: &'static str,
    ders: &[Vec<u8>],
) -> Result<bool, Error> {
    let (mut items, mut known) = existing(update, store, key)?;
    let before = items.len();
    for der in ders {
        if known.insert(digest(der)) {
            let stream = deflated(Dictionary::new(), der);
            let id = update.add(Object::Stream(stream));
            items.push(Object::Reference(id));
        }
    }
    if items.len() == before {
        return Ok(false);
    }
    let place: Option<ObjectId> = store
        .get(key.as_bytes())
        .and_then(Object::as_reference)
        .ok();
    match place {
        Some(id) => update.set(id, Object::Array(items)),
        None => store.set(key, Object::Array(items)),
    }
    Ok(true)
}

/// The array under `key`, and the digests of what its streams hold.
fn existing(
    update: &Update<'_>,
    store: &Dictionary,
    key: &'static str,
) -> Result<(Vec<Object>, BTreeSet<[u8; 32]>), Error> {
    let items = match store.get(key.as_bytes()) {
        Err(_) => Vec::new(),
        Ok(object) => match update.resolve(object)? {
            Object::Null => Vec::new(),
            Object::Array(items) => items,
            _ => return Err(Error::Malformed { what: key }),
        },
    };
    if items.len() > STREAM_LIMIT {
        return Err(Error::Malformed { what: key });
    }
    let mut known = BTreeSet::new();
    for item in &items {
        if let Object::Stream(stream) = update.resolve(item)? {
            known.insert(digest(&update.document().stream_data(&stream)?));
        }
    }
    Ok((items, known))
}

fn digest(der: &[u8]) -> [u8; 32] {
    Sha256::digest(der).into()
}

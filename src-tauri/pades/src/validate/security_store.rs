//! Validation data the document carries beside its signatures: DSS with VRI (EN 319 142-1, 5.4.2).

use std::collections::BTreeSet;

use antin_pdf::{Dictionary, Document, Object, ObjectId};
use antin_pkix::{Certificate, Evidence};

/// Streams read of each kind.
const STREAM_LIMIT: usize = 256;
/// Entries of VRI looked at: there is one for each signature.
const VRI_LIMIT: usize = 512;
/// Decoded bytes of all of them together. Real stores have a few megabytes; a stream of 240 KB can inflate to 256 MiB, and
/// each list is gone through for each certificate.
const SIZE_LIMIT: usize = 64 << 20;
/// What a stream counts that cannot be decoded: it may have been inflated to its end for nothing.
const FAILURE_COST: usize = SIZE_LIMIT / 8;

/// What a security store holds.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) certificates: Vec<Certificate>,
    pub(super) evidence: Evidence,
    present: bool,
}

impl Store {
    /// Is there one, with anything in it?
    pub(super) const fn is_present(&self) -> bool {
        self.present
    }
}

/// Reads the document's security store.
pub(super) fn read(document: &Document) -> Store {
    let dictionary = |object: Result<Object, antin_pdf::Error>| match object {
        Ok(Object::Dictionary(dictionary)) => Some(dictionary),
        _ => None,
    };
    let catalog = document.catalog();
    let Some(dss) = dictionary(catalog.and_then(|catalog| document.entry(&catalog, b"DSS"))) else {
        return Store::default();
    };
    // VRI repeats by signature what is in the store as a whole; some writers put it nowhere else.
    let mut related = Vec::new();
    if let Some(vri) = dictionary(document.entry(&dss, b"VRI")) {
        for (_, entry) in vri.iter().take(VRI_LIMIT) {
            related.extend(dictionary(document.resolve(entry)));
        }
    }
    let mut reader = Reader {
        document,
        room: SIZE_LIMIT,
        seen: BTreeSet::new(),
    };
    let mut streams = |whole: &[u8], single: &[u8]| {
        let mut all = reader.streams(&dss, whole);
        for entry in &related {
            all.extend(reader.streams(entry, single));
        }
        all
    };
    let (crls, ocsp) = (streams(b"CRLs", b"CRL"), streams(b"OCSPs", b"OCSP"));
    let certificates = streams(b"Certs", b"Cert")
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    Store {
        certificates,
        evidence: Evidence { crls, ocsp },
        present: true,
    }
}

struct Reader<'a> {
    document: &'a Document,
    room: usize,
    /// Objects read already.
    seen: BTreeSet<ObjectId>,
}

impl Reader<'_> {
    fn streams(&mut self, dictionary: &Dictionary, key: &[u8]) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let Ok(Object::Array(items)) = self.document.entry(dictionary, key) else {
            return all;
        };
        for item in items.iter().take(STREAM_LIMIT) {
            if self.room == 0 {
                break;
            }
            if item.as_reference().is_ok_and(|id| !self.seen.insert(id)) {
                continue;
            }
            let Ok(Object::Stream(stream)) = self.document.resolve(item) else {
                continue;
            };
            let data = self.document.stream_data(&stream).ok();
            let used = data.as_ref().map_or(FAILURE_COST, Vec::len);
            let Some(rest) = self.room.checked_sub(used) else {
                self.room = 0;
                break;
            };
            self.room = rest;
            all.extend(data);
        }
        all
    }
}

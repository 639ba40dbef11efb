//! Validation data the document carries: DSS (EN 319 142-1, 5.4.2.1) and Adobe's archival in the signatures.

use antin_pdf::{Document, Object};
use antin_pkix::{Certificate, Evidence};

/// Streams read of each kind.
const STREAM_LIMIT: usize = 256;
/// Decoded bytes of all of them together. Real stores have a few megabytes; a stream of 240 KB can inflate to 256 MiB, and
/// each list is gone through for each certificate.
const SIZE_LIMIT: usize = 64 << 20;
/// What a stream counts that cannot be decoded: it may have been inflated to its end for nothing.
const FAILURE_COST: usize = SIZE_LIMIT / 8;

/// Adds certificates, lists and responses of the document's security store.
pub(super) fn collect(
    document: &Document,
    evidence: &mut Evidence,
    certificates: &mut Vec<Certificate>,
) {
    let store = document
        .catalog()
        .and_then(|catalog| document.entry(&catalog, b"DSS"));
    let Ok(Object::Dictionary(store)) = store else {
        return;
    };
    let mut room = SIZE_LIMIT;
    let mut streams = |key: &[u8]| -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let Ok(Object::Array(items)) = document.entry(&store, key) else {
            return all;
        };
        for item in items.iter().take(STREAM_LIMIT) {
            if room == 0 {
                break;
            }
            let Ok(Object::Stream(stream)) = document.resolve(item) else {
                continue;
            };
            let data = document.stream_data(&stream).ok();
            let used = data.as_ref().map_or(FAILURE_COST, Vec::len);
            let Some(rest) = room.checked_sub(used) else {
                room = 0;
                break;
            };
            room = rest;
            all.extend(data);
        }
        all
    };
    evidence.crls.extend(streams(b"CRLs"));
    evidence.ocsp.extend(streams(b"OCSPs"));
    certificates.extend(
        streams(b"Certs")
            .iter()
            .filter_map(|der| Certificate::from_der(der).ok()),
    );
}

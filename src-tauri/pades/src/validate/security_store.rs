//! Validation data the document carries: DSS (EN 319 142-1, 5.4.2.1) and Adobe's archival in the signatures.

use antin_pdf::{Document, Object};
use antin_pkix::{Certificate, Evidence};

/// Streams read of each kind.
const STREAM_LIMIT: usize = 256;

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
    let streams = |key: &[u8]| -> Vec<Vec<u8>> {
        match document.entry(&store, key) {
            Ok(Object::Array(items)) => items
                .iter()
                .take(STREAM_LIMIT)
                .filter_map(|item| match document.resolve(item).ok()? {
                    Object::Stream(stream) => document.stream_data(&stream).ok(),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    };
    evidence.crls.extend(streams(b"CRLs"));
    evidence.ocsp.extend(streams(b"OCSPs"));
    certificates.extend(
        streams(b"Certs")
            .iter()
            .filter_map(|der| Certificate::from_der(der).ok()),
    );
}

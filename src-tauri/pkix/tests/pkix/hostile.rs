//! Broken structures are errors, never panics.

use crate::corpus;
use antin_pkix::{Certificate, Crl, Evidence, OcspResponse, TrustStore, Usage, validate_path};

#[test]
fn broken_structures_are_read_without_a_panic() {
    let (Some(pkits), Some(ocsp)) = (corpus("x509/pkits"), corpus("ocsp")) else {
        return;
    };
    let files = |folder: std::path::PathBuf, count: usize| {
        let mut all: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        all.sort();
        all.into_iter()
            .step_by(9)
            .take(count)
            .map(|path| std::fs::read(path).unwrap())
            .collect::<Vec<_>>()
    };
    let mut inputs = files(pkits.join("certs"), 20);
    inputs.extend(files(pkits.join("crls"), 10));
    inputs.extend(files(ocsp, 10));
    let mut read = 0;
    for input in inputs {
        for at in 0..input.len() {
            for bit in [0x01, 0x80] {
                let mut broken = input.clone();
                broken[at] ^= bit;
                if let Ok(certificate) = Certificate::from_der(&broken) {
                    read += 1;
                    let trust = TrustStore {
                        anchors: vec![certificate.clone()],
                        intermediates: Vec::new(),
                    };
                    let at = certificate.not_before();
                    let _ = validate_path(
                        &certificate,
                        std::slice::from_ref(&certificate),
                        &trust,
                        &Evidence::default(),
                        at,
                        Usage::Signing,
                    );
                }
                let _ = Crl::from_der(&broken);
                let _ = OcspResponse::from_der(&broken);
                let _ = Certificate::from_file(&broken);
            }
            let _ = Certificate::from_der(&input[..at]);
        }
    }
    assert!(
        read > 1000,
        "{read} broken certificates could be read and judged"
    );
}

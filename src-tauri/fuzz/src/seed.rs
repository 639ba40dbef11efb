//! The seeds that targets measure against: what is known to be genuine. `make_seeds` in `pades/tests/fuzz_short.rs` made
//! them with keys that no longer exist.

use antin_pkix::{Certificate, TrustStore};
use time::OffsetDateTime;

/// Documents with one signature, by [`LEAF`], over the whole file.
pub const SIGNED: [&[u8]; 4] = [
    include_bytes!("../seeds/signed.pdf"),
    include_bytes!("../seeds/certified.pdf"),
    include_bytes!("../seeds/stamped.pdf"),
    include_bytes!("../seeds/locked.pdf"),
];

pub(crate) const ROOT: &[u8] = include_bytes!("../seeds/root.der");
pub(crate) const SUB: &[u8] = include_bytes!("../seeds/sub.der");
pub(crate) const LEAF: &[u8] = include_bytes!("../seeds/leaf.der");
pub(crate) const ROOT_LIST: &[u8] = include_bytes!("../seeds/root.crl");
pub(crate) const SUB_LIST: &[u8] = include_bytes!("../seeds/sub.crl");
pub(crate) const ANSWER: &[u8] = include_bytes!("../seeds/leaf.ors");

/// The nonce of the request that `tst/response` answers; what is stamped is [`IMPRINTED`].
pub(crate) const NONCE: u64 = 0x0102_0304_0506_0708;
pub(crate) const IMPRINTED: &[u8] = b"fuzz";

/// Two hours after the leaf became valid: everything among the seeds is in date.
pub(crate) fn now() -> OffsetDateTime {
    certificate(LEAF).not_before() + time::Duration::hours(2)
}

#[expect(clippy::expect_used, reason = "the seeds are ours")]
pub(crate) fn certificate(der: &[u8]) -> Certificate {
    Certificate::from_der(der).expect("a seed certificate")
}

pub(crate) fn trust() -> TrustStore {
    TrustStore {
        anchors: vec![certificate(ROOT)],
        intermediates: vec![certificate(SUB)],
    }
}

/// Does `haystack` hold `needle`?
pub(crate) fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len().max(1))
        .any(|window| window == needle)
}

//! RFC 5652 (CMS), RFC 5035 (signing-certificate) and RFC 3161 (time-stamps), both directions.
//!
//! Signing has two phases, because the key lives in a token that takes its time and fails in its own ways:
//! [`signed_attributes`] gives the bytes the token signs ([`SignedAttributes::to_der`]), [`signed_data`]
//! puts the signature and everything else into one `ContentInfo`. [`timestamp_request`] and
//! [`accept_timestamp`] do the same for the time-stamping authority. [`verify_signed_data`] examines what
//! others made and reports each check of each signer.
//!
//! Deliberately not here: no token, no network, no clock, no certification paths (`antin-pkix`), no PDF
//! (`antin-pades`), no encryption.
//!
//! Invariants (design §2): nothing here does I/O; signed attributes are hashed as received, never
//! re-encoded; a failed check is data; an algorithm that is not implemented is reported as such and never
//! counts as verified.
//!
//! Read next: `sign.rs` and `verify.rs`.

mod attributes;
mod budget;
mod error;
mod sign;
mod timestamp;
mod unsigned;
mod verify;

pub use error::Error;
pub use sign::{KeyAlgorithm, SignedAttributes, signed_attributes, signed_data};
pub use timestamp::{
    TimeStampToken, TimestampReport, accept_timestamp, accept_timestamp_over, timestamp_request,
    timestamp_request_over, verify_timestamp, verify_timestamp_of,
};
pub use unsigned::{add_timestamp, signature_value};
pub use verify::{
    Check, Content, SignedDataReport, SignerReport, Structure, Trailing, verify_signed_data,
};

/// Object identifiers of content types and attributes.
pub(crate) mod oid {
    pub(crate) const DATA: &str = "1.2.840.113549.1.7.1";
    pub(crate) const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
    pub(crate) const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
    pub(crate) const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
    pub(crate) const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
    pub(crate) const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
    pub(crate) const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
    pub(crate) const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
    pub(crate) const TIME_STAMP_TOKEN: &str = "1.2.840.113549.1.9.16.2.14";
    pub(crate) const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";
    pub(crate) const ADOBE_REVOCATION: &str = "1.2.840.113583.1.1.8";
}

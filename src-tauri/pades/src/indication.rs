//! The vocabulary of EN 319 102-1 V1.3.1, clause 5.1.3, tables 5 and 6.

use serde::Serialize;

/// What validation concluded about one signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Indication {
    /// Every check passed.
    TotalPassed,
    /// A check failed for good.
    TotalFailed,
    /// What is known is not enough.
    Indeterminate,
}

/// Why validation did not conclude that a signature is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum SubIndication {
    /// The signature or its place in the file cannot be processed.
    FormatFailure,
    /// The content is not what was signed.
    HashFailure,
    /// The signature value does not belong to key and attributes.
    SigCryptoFailure,
    /// The certificate was revoked before the signature was made, which an older time-stamp under it proves.
    Revoked,
    /// The certificate had expired before the signature was made, which an older time-stamp under it proves.
    Expired,
    /// The certificate was not valid yet at the proven time of the signature.
    NotYetValid,
    /// Something about the signature, or about what was done after it, breaks a rule it carries.
    SigConstraintsFailure,
    /// Something about the certificates breaks a rule they carry.
    ChainConstraintsFailure,
    /// An algorithm or key size is not implemented here, so that nothing is known.
    CryptoConstraintsFailure,
    /// No path to a trust anchor.
    NoCertificateChainFound,
    /// The signer's certificate is not in the signature.
    NoSigningCertificateFound,
    /// The certificate is revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// An authority's certificate is revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe,
    /// The certificate is out of its validity, and nothing proves that the signature is not.
    OutOfBoundsNoPoe,
    /// Nothing usable is known about revocation.
    TryLater,
    /// What was signed is not there.
    SignedDataNotFound,
}

//! RFC 5280 and RFC 6960: certificates, certification paths, CRL and OCSP.
//!
//! A [`Certificate`] keeps its bytes exactly as received; [`validate_path`] builds a path from it to an
//! anchor of the [`TrustStore`] and answers with a [`PathReport`], judged at a time the caller gives, with
//! the revocation [`Evidence`] the caller has. [`verify_signature`] is the one place where a public key
//! meets a signature.
//!
//! Deliberately not here: no clock, no network, no files, no delta CRLs, no trust list format.
//! A certificate that makes an extension critical which is not processed does not validate, and the report names the
//! extension.
//!
//! Invariants (design §2): nothing here does I/O; a failed check is data, an impossible check is an error;
//! nothing unexamined is ever reported as trusted; the same inputs give the same report on any machine.
//!
//! Read next: [`validate_path`], then `path/build.rs`, `revocation.rs`.

pub mod asn1;
mod certificate;
mod crl;
mod error;
pub mod extension;
mod name;
mod ocsp;
mod path;
mod revocation;
mod signature;

pub use certificate::{Certificate, TrustStore};
pub use crl::Crl;
pub use der::asn1::ObjectIdentifier;
pub use error::Error;
pub use name::DistinguishedName;
pub use ocsp::{OcspResponse, ocsp_request};
pub use path::{Constraint, PathReport, PathStatus, Usage, validate_path};
pub use revocation::{Evidence, Finding, Reason, Source, Status};
pub use signature::{DigestAlgorithm, KeyKind, SignatureAlgorithm, verify_signature};
pub use spki::AlgorithmIdentifierOwned;

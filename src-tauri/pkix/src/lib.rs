//! RFC 5280 and RFC 6960: certificates, certification paths, CRL and OCSP.
//!
//! A [`Certificate`] keeps its bytes exactly as received; [`validate_path`] builds a path from it to an
//! anchor of the [`TrustStore`] and answers with a [`PathReport`], judged at a time the caller gives, with
//! the revocation [`Evidence`] the caller has. [`verify_signature`] is the one place where a public key
//! meets a signature.
//!
//! Paths are processed as RFC 5280 §6 has it, with the policy graph of RFC 9618 and the anchor's own constraints
//! (RFC 5937); lists may be partitioned, indirect, deltas, or signed by another key of the authority.
//! `RFC_5280.md` beside the sources goes through the clauses and names the test of each.
//!
//! Deliberately not here: no clock, no network, no files, no trust list format. An extension that is critical and
//! not processed fails the path, or makes the list unusable: unknown, never good.
//!
//! Why not `certval`, the most complete crate: tried (0.2.0-rc.1, built in a minute with the compiler used here), it
//! answers 109 of the 127 PKITS cases without parameters as NIST does. The 18 others it refuses though they are valid:
//! lists signed by another key than the certificate, indirect and delta lists, lists by reason, self-issued key changes,
//! inherited DSA parameters. It also brings a second generation of every RustCrypto crate, four of them release
//! candidates, and verifies RSA with the crate of that name (RUSTSEC-2023-0071), which this project does without.
//!
//! Invariants (design §2): nothing here does I/O; a failed check is data, an impossible check is an error;
//! nothing unexamined is ever reported as trusted; the same inputs give the same report on any machine.
//!
//! Read next: [`validate_path_with`], then `path/build.rs`, `path/check.rs`, `revocation/inquiry.rs`.

pub mod asn1;
mod certificate;
mod crl;
mod digest;
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
pub use digest::{DigestAlgorithm, Pieces};
pub use error::Error;
pub use name::DistinguishedName;
pub use ocsp::{OcspResponse, ocsp_request};
pub use path::{
    Constraint, Parameters, PathReport, PathStatus, Profile, Usage, validate_path,
    validate_path_with,
};
pub use revocation::{Evidence, Finding, Reason, Source, Status};
pub use signature::{KeyKind, Pss, SignatureAlgorithm, verify_signature};
pub use spki::AlgorithmIdentifierOwned;

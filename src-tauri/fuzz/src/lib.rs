//! What each fuzz target does with its bytes, and what must hold whatever they are.
//!
//! The functions live here once: `targets/` hands them to libFuzzer, `pades/tests/fuzz_short.rs` runs them over a few
//! thousand mutations of the seeds in every test run. A target panics on a finding and returns on anything else.
//!
//! What it deliberately does not do: know libFuzzer, read files, or judge whether an answer is *useful*.
//!
//! Where to read next: [`TARGETS`], then `judge.rs` for the invariants of validation.

mod evidence;
mod judge;
mod message;
mod office;
mod seed;
mod structure;

pub use evidence::{certificate, crl, ocsp, trusted};
pub use judge::{byte_range, judge, update};
pub use message::{cms, tst};
pub use office::receipt;
pub use structure::{object, xref};

/// A target: bytes in, a panic if something is wrong with us.
pub type Target = fn(&[u8]);

/// All of them, by the name of their binary and of their folder in the corpus.
pub const TARGETS: [(&str, Target); 10] = [
    ("xref", xref),
    ("object", object),
    ("update", update),
    ("byte_range", byte_range),
    ("cms", cms),
    ("tst", tst),
    ("ocsp", ocsp),
    ("crl", crl),
    ("certificate", certificate),
    ("receipt", receipt),
];

/// What the office that made the seeds signed: bytes that are known to be good.
pub use seed::SIGNED;

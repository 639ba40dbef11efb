//! Validation against third-party corpora. One binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod corpus;
mod encrypted;
mod junk;
mod own;
mod past;

#[path = "../signing/judges.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod judges;
#[path = "../signing/letter.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod letter;
#[path = "../signing/pki.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod pki;

//! The crate from outside: real letters, a real helper process, hostile files.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, a panic is a finding"
)]

mod fixture;
mod hostile;
mod letters;

//! What the crate promises, over its public interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests are tests, though clippy's own exception sees only the functions marked so"
)]

mod corpora;
mod encryption;
mod hostile;
mod property;
mod reading;
mod revisions;
mod support;
mod updating;

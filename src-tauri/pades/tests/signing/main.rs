//! Letters signed by this crate and judged by others.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod handmade;
mod judges;
mod letter;
mod pki;

mod acts;
mod chains;
mod encrypted;
mod foreign;
mod gallery;
mod generated;
mod golden;
mod inputs;
mod levels;
mod matrix;
mod pictures;
mod property;
mod refusals;

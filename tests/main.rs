//! Journeys over the whole, through the real `antin`: the table of contents.
//!
//! - [`main_job`]: a letter the whole way, and what outside judges say of every file on it.
//! - [`verify`]: what a verdict promises: exit codes, JSON, one byte changed, a page replaced, with and without a network.
//! - [`trouble`]: what goes wrong in an office, said in a sentence, with file and outbox untouched.
//! - [`exactly_once`]: client and province killed at any moment; nothing is lost, nothing goes out twice.
//! - [`levels`]: what makes a signature outlive its certificates, and the time-stamp nobody waits for.
//! - [`batch`]: many files, one login.
//! - [`batch_faults`]: the token, the disk, the files and the program itself fail in the middle of a batch.
//! - [`batch_files`]: huge files, many pages, many objects, linearized, damaged, in one batch.
//!
//! [`fixture`] makes the world each journey has to itself. Nothing here is a mock: the programs are those of this build, so
//! they must have been built (`cargo build -p antin -p antin-province -p antin-testkit`). The window is `window.rs`.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests are tests, though clippy's own exception sees only the functions marked so"
)]

mod fixture;
mod judges;

mod batch;
mod batch_faults;
mod batch_files;
mod exactly_once;
mod levels;
mod main_job;
mod trouble;
mod verify;

//! One binary. OpenSSL is the outside judge of what is made here, and the maker of what is judged here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod hostile;
mod openssl;
mod sign;
mod verify;

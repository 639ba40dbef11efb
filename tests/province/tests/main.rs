//! The province from outside: over HTTP, through the client that offices use, and judged by OpenSSL.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests, though clippy's own exception sees only the functions marked so"
)]

mod province {
    mod contents;
    mod dispatches;
    mod fixture;
    mod inbox;
    mod letters;
    mod numbers;
    mod problems;
    mod receipts;
    mod restart;
}

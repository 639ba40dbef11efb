//! The store from outside: what it promises about letters, outbox, inbox and crashes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests, though clippy's own exception sees only the functions marked so"
)]

mod store {
    mod crash;
    mod inbox;
    mod letters;
    mod outbox;
    mod sample;
    mod timestamps;
}

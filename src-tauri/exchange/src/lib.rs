//! The client of the province's document system (REST, `/v1`).
//!
//! One blocking call per operation of the contract. What comes back is either the thing itself or a [`Failure`] that says what
//! can be known about the request: it had no effect ([`Class::Transient`]), it may have had one ([`Class::Unknown`]), it was
//! refused for good ([`Class::Blocked`]), the credential is not accepted ([`Class::Auth`]). An answer that is not the
//! province's own (a captive portal's page, a truncated body, another media type) is never a success.
//!
//! What this crate deliberately does not do: it does not retry, does not wait and keeps no state (that is the outbox in
//! `antin-store`), does not read the credential from anywhere, and does not check receipts' signatures (`antin-ops` does). It
//! blocks: call it from a thread that may.
//!
//! It upholds invariant 5: [`Client::submit`] and [`Client::status`] take frozen bytes and the identity they go under.
//!
//! Where to read next: [`Client`], then `failure.rs` for the table that classifies answers.

mod answer;
mod client;
mod content;
mod error;
mod failure;

pub use client::{AccessToken, Client, Settings, Submitted};
pub use content::ContentReader;
pub use error::Error;
pub use failure::{Class, Failure};

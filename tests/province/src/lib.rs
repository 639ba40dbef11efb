//! The reference provincial document system: the published contract as a server a province could start from.
//!
//! It gives document numbers, takes letters by digest in resumable parts, accepts dispatches whose signatures hold, lays them
//! into the recipients' mailboxes, takes their statuses, and proves all of it with signed receipts, one unbroken chain for
//! each sending agency.
//!
//! What it promises: a `PUT` repeated has one effect and one receipt, byte for byte; a receipt leaves only after the commit
//! of what it states, and chain and state change in one transaction; numbers have neither gaps nor repeats; killed at any
//! moment, it loses nothing it has answered for.
//!
//! What it deliberately does not do: no accounts of people (an agency has one bearer credential), no search in the directory,
//! no recall, one SQLite database. It does not judge what a letter says.
//!
//! Where to read next: [`Province`] for the operations, `receipts.rs` for the chain, `http.rs` for the routes.

mod config;
mod content;
mod database;
mod dispatch;
mod error;
mod http;
mod inbox;
mod letter;
mod number;
mod problem;
mod province;
mod receipts;
mod server;
mod signer;

pub use config::{AgencyEntry, Config, SeriesEntry};
pub use error::Error;
pub use letter::{SignatureProblem, verify_letter};
pub use province::{Clock, Province, Settings};
pub use server::Server;
pub use signer::ReceiptSigner;

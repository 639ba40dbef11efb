//! The verbs of the desk. This is the only place where the parts meet.
//!
//! [`sign`] and [`issue`] put signatures on letters, [`dispatch`] and [`sync`] send them, [`receive`] judges
//! and accepts what comes, [`verify`] judges any PDF ([`paper`] tells it on one page,
//! [`compare`] in pictures), [`receipt`] any receipt. [`office`] is the folder all of it happens in; [`message`]
//! words every outcome in two languages.
//!
//! What it deliberately does not do: it draws no window and parses no command line (`src-tauri/src`, `cli`),
//! and it knows no bytes of PDF, CMS or PKCS#11 (`pdf`, `pades`, `cades`, `token`). Every function blocks;
//! a window calls it from a thread of its own.
//!
//! Invariants it upholds: the intent is on disk before the first byte leaves; a retry sends the same bytes
//! under the same identity; no PIN enters a log, a database, an argument list or an error; time is read in
//! [`clock`] alone.
//!
//! Where to read next: `sign.rs`, which reads like the procedure it is.

pub mod agencies;
pub mod appendix;
pub mod batch;
pub mod bundle;
pub mod check;
pub mod clock;
pub mod compare;
pub mod copy;
pub mod describe;
pub mod dispatch;
pub mod doctor;
pub mod error;
pub mod extend;
mod failpoint;
pub mod fetch;
mod fresh;
pub mod helper;
pub mod incoming;
pub mod initial;
pub mod issue;
pub mod letter;
pub mod message;
pub mod number;
pub mod office;
pub mod paper;
pub mod path;
pub mod receipt;
pub mod receive;
mod replace;
pub mod seal;
pub mod sign;
mod signer;
pub mod sync;
pub mod timestamp;
pub mod tokens;
pub mod trust;
pub mod verify;

pub use antin_pades as pades;
pub use antin_page as page;
pub use antin_records as records;
pub use antin_store as store;
pub use antin_token::{Launch, Presence, Token, UserPin};

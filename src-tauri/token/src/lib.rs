//! PKCS#11 behind a helper process.
//!
//! A vendor's module is foreign code: it may hang, crash, print, or keep a DLL locked. It is loaded only by a helper
//! process (one per module, started as `<program> token-host <module>`, whose main is [`host`]); the desktop and the
//! command line hold a [`Host`], which speaks framed messages to it, ends it when it overruns its deadline or dies, and
//! starts it again at the next call.
//!
//! What it upholds: no PIN enters a log, an argument list, an environment or an error ([`UserPin`] travels only over
//! the pipe, outside the JSON, and is wiped on both sides); a PIN is never tried twice by itself; a vendor's module
//! never runs in the calling process. Unsafe code stands in `helper/raw.rs` alone, two calls that cryptoki lacks.
//!
//! What it deliberately does not do: it does not read X.509 (certificates are bytes here; validity and choice belong to
//! `ops`), it holds no clock and writes no files, and of a token's content it changes the PIN alone.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use antin_token::{Host, SignatureAlgorithm, UserPin, find_modules};
//!
//! let module = find_modules().into_iter().next().ok_or("no driver")?;
//! let mut host = Host::spawn(&std::env::current_exe()?, &module.path)?;
//! let token = host.tokens()?.into_iter().next().ok_or("no token")?;
//! host.login(&token.label, Some(UserPin::new("12345678".into())))?;
//! let certificate = token.certificate(None)?;
//! let signature = host.sign(&certificate.id, SignatureAlgorithm::RsaPkcs1Sha256, b"signed attributes")?;
//! # Ok(())
//! # }
//! ```
//!
//! Where to read next: `host.rs` (the calling side), `helper.rs` (the other side), `wire.rs` (what is between them),
//! `modules.rs` (the table of known modules), `FAULTS.md` (what goes wrong, what is said, what it costs).

mod error;
mod helper;
mod host;
pub mod machine;
pub mod modules;
mod pin;
mod signature;
mod token;
mod wire;

pub use error::{Call, Error, Unusable};
pub use helper::host;
pub use host::{Deadlines, Host, Launch};
pub use modules::{FoundModule, find_modules};
pub use pin::UserPin;
pub use token::{Presence, Reader, SignatureAlgorithm, Token, TokenCertificate, TokenFlags};

//! A PKCS#11 module that fails as its script says. Tests only; never shipped.
//!
//! SoftHSM never locks, hangs, crashes or is pulled out, and has no PIN pad; users' tokens do. This module keeps tokens
//! that a [`Script`] describes (a JSON file named by [`SCRIPT`]) and does at each call what the script asks: return
//! another code, wait, hang, crash, print, answer by halves or with garbage. Keys are files; OpenSSL computes with
//! them, so that a signature made here is not judged by the code that made it.
//!
//! What processes share lies beside the script, as on a real token: the tries left, a changed PIN, whether the token
//! is plugged in. Every call that carries a PIN or a signature leaves a line in [`JOURNAL`], which is how tests count
//! the tries used. No PIN is written there.
//!
//! What it deliberately does not do: object creation, key generation, digests, encryption, other users than the owner.
//!
//! Where to read next: `script.rs` (what can be asked), `token.rs` (what a token keeps), `abi.rs` (the C functions).

// On Windows PKCS#11's numbers and structures are others; the tests that load this module run on Linux.
#[cfg(unix)]
mod abi;
#[cfg(unix)]
mod key;
mod script;
#[cfg(unix)]
mod state;
#[cfg(unix)]
mod token;

pub use script::{Action, Fault, Object, Script, Stored, Token};

/// The variable that names the script.
pub const SCRIPT: &str = "ANTIN_FAULT_SCRIPT";

/// The file beside the script that gets a line for each call with a PIN, each signature, each end of a module.
pub const JOURNAL: &str = "journal";

/// The file beside the script whose presence means that the token of that serial number is not plugged in.
#[must_use]
pub fn unplugged(serial: &str) -> String {
    format!("unplugged-{serial}")
}

/// The file beside the script with the number of tries the token of that serial number has left.
#[must_use]
pub fn tries_left(serial: &str) -> String {
    format!("tries-{serial}")
}

//! Helper processes: this program again, under another first word.
//!
//! A vendor's PKCS#11 module and a hostile document's drawing never run in the process that holds
//! the window or the records (invariant 8).

use std::{path::PathBuf, process::ExitCode};

/// Runs a helper if this process was started as one. Both programs call it before anything else.
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    match std::env::args_os().nth(1)?.to_str()? {
        "token-host" => Some(antin_token::host()),
        "page-host" => Some(antin_page::host()),
        _ => None,
    }
}

/// The program to start helpers from: this one.
///
/// # Errors
/// When the system cannot say where this program lies.
pub fn program() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

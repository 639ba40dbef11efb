//! Starts the desk, or one of its helpers.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    // A helper process is this same program under another first argument; it must not become a window.
    if let Some(code) = antin_ops::helper::dispatch() {
        return code;
    }
    antin_desktop::run(std::env::args_os().skip(1))
}

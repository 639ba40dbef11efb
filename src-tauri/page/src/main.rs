//! The page helper as a program of its own, so that the tests of this crate need no other crate.

use std::process::ExitCode;

fn main() -> ExitCode {
    antin_page::host()
}

//! The helper as a program of its own, for tests: the shipped programs dispatch to the same function.

use std::process::ExitCode;

fn main() -> ExitCode {
    antin_token::host()
}

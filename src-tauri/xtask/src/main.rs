//! `cargo xtask`: everything one does to this project, each in one word.
//!
//! It installs what a clean Debian machine lacks, builds, tests and shows. It holds no logic of
//! the product: the demo's own steps are `antin-demo` in `testkit`, so that this program compiles
//! in seconds. Read next: [`test`] for what "green" means, [`demo`] for what a newcomer sees.

mod bench;
mod demo;
mod packages;
mod step;
mod test;
mod tidy;
mod trust_bundle;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask demo [--no-window]   the main job on a demo office, then the desk
cargo xtask test                 everything: format, lints, tidy, UI, all tests, the real window
cargo xtask e2e                  the window's journeys alone
cargo xtask bench [SECTION] [--runs N] [--no-peers] [--json]
                                 speed beside pyHanko, pdfsig and mutool; SECTION: sign, verify, batch, attacks, all
cargo xtask tidy                 dependency arrows, size budgets, README table
cargo xtask trust-bundle --key FILE --version N --issued TIME [--out FILE]
                                 sign ops/trust anew (ops/trust/README.md)
cargo xtask judges               pyHanko in target/judges (an outside judge of our signatures)
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["demo"] => demo::run(true),
        ["demo", "--no-window"] => demo::run(false),
        ["test"] => test::run(),
        ["e2e"] => test::window(),
        ["tidy"] => tidy::run(),
        ["judges"] => test::judges(),
        ["bench", rest @ ..] => bench::run(rest),
        [
            "trust-bundle",
            "--key",
            key,
            "--version",
            version,
            "--issued",
            issued,
            rest @ ..,
        ] => match rest {
            [] | ["--out", _] => trust_bundle::run(&trust_bundle::Order {
                key,
                version,
                issued,
                out: rest.get(1).copied(),
            }),
            _ => Err(HELP.to_owned()),
        },
        _ => Err(HELP.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            step::say(&why);
            ExitCode::FAILURE
        }
    }
}

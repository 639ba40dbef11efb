//! The main job on a demo office, told as a person would want to read it: `cargo xtask demo` runs this.
//!
//! Every step calls the real `antin` as a clerk would; what it prints comes from what `antin` answered.

mod door;
mod story;
mod window;

use antin_testkit::world::{Programs, World};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Anything that stops the demo is told in full and ends it.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let mut folder = PathBuf::from("target/demo");
    let mut with_window = true;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--folder" => folder = words.next().map(PathBuf::from).unwrap_or(folder),
            "--no-window" => with_window = false,
            other => {
                say(&format!(
                    "antin-demo [--folder DIR] [--no-window]; what is {other}?"
                ));
                return ExitCode::from(2);
            }
        }
    }
    match run(&folder, with_window) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("\n✗ {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, with_window: bool) -> Outcome<()> {
    say("\n■ Dựng văn phòng mẫu · making the demo office");
    let letters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/letter");
    let mut world = World::create(folder, &letters, Programs::beside_this()?)?;
    say(&format!("  {}", world.folder().display()));
    say(
        "  PKI giống của Ban Cơ yếu (gốc, CA cấp dưới, CRL, OCSP, dấu thời gian), hai USB token SoftHSM, máy chủ của tỉnh, bốn cơ quan",
    );
    let told = story::tell(&mut world, &letters)?;
    say("\n■ Tóm tắt · in short");
    for line in told {
        say(&format!("  {line}"));
    }
    if with_window {
        window::show(&world)?;
    }
    Ok(())
}

/// A line for whoever watches.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

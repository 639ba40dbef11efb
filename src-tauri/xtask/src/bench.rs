//! `cargo xtask bench`: what the program costs, beside pyHanko, pdfsig, mutool and the machine's own floor.
//!
//! The peers' kit (`../shared/tools/peers`) makes the inputs and takes every time, ours and theirs, in one run; here is
//! which figures are asked of us, their limits, and what is not in the kit: memory of all processes together, and how
//! much a signature adds. Speed is a benchmark, never a timed test. Read next: [`figure`] for the limits.

mod attacks;
mod batch;
mod figure;
mod growth;
mod kit;
mod memory;
mod sign;
mod verify;

use crate::step::root;
use figure::Figures;
use kit::Kit;
use std::io::Write;

/// What was asked for.
#[derive(Clone, Copy)]
pub(crate) struct Wish {
    /// Timed runs of each row.
    runs: u32,
    json: bool,
    /// pyHanko needs minutes for what it is asked.
    peers: bool,
}

const SECTIONS: [&str; 5] = ["sign", "verify", "batch", "attacks", "all"];
/// Medians of fewer jump about on a machine that does other work.
const RUNS: u32 = 5;

/// Runs the sections named in `words`.
///
/// # Errors
/// What could not be measured, and which limits are missed.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let (section, wish) = parse(words)?;
    let kit = Kit::prepare(&root())?;
    let mut figures = Figures::default();
    // What was measured is shown, whatever came of the rest.
    let wrong = sections(section, &kit, wish, &mut figures);
    if wish.json {
        figures.print_json();
    } else {
        figures.print();
    }
    let wrong: Vec<String> = match figures.missed() {
        0 => wrong,
        count => std::iter::once(format!("✗ {count} limits are missed"))
            .chain(wrong)
            .collect(),
    };
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n"))
    }
}

/// Measures each section that is wanted; what could not be measured, or was judged wrongly.
fn sections(section: &str, kit: &Kit, wish: Wish, figures: &mut Figures) -> Vec<String> {
    type Section = fn(&Kit, Wish, &mut Figures) -> Result<(), String>;
    let all: [(&str, Section); 4] = [
        ("verify", verify::run),
        ("sign", sign::run),
        ("batch", batch::run),
        ("attacks", attacks::run),
    ];
    all.into_iter()
        .filter(|(name, _)| section == *name || section == "all")
        .filter_map(|(_, run)| run(kit, wish, figures).err())
        .collect()
}

fn parse<'a>(words: &[&'a str]) -> Result<(&'a str, Wish), String> {
    let mut section = "all";
    let mut wish = Wish {
        runs: RUNS,
        json: false,
        peers: true,
    };
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        match word {
            "--json" => wish.json = true,
            "--no-peers" => wish.peers = false,
            "--runs" => {
                let count = words.next().and_then(|count| count.parse().ok());
                wish.runs = count
                    .filter(|&count| count > 0)
                    .ok_or("✗ --runs needs a number of runs")?;
            }
            name if SECTIONS.contains(&name) => section = name,
            other => {
                return Err(format!(
                    "✗ bench knows no {other:?}: {}",
                    SECTIONS.join(", ")
                ));
            }
        }
    }
    Ok((section, wish))
}

/// Where a long run has got to; standard output holds the figures alone.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "▸ {text}");
}

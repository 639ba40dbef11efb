//! Every fuzz target, over a few thousand mutations of its seeds: the same ones in every run.
//!
//! Longer runs, with coverage to guide them, are described in `src-tauri/fuzz/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod make;
mod mutate;
mod scale;

#[path = "../signing/handmade.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod handmade;
#[path = "../signing/judges.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod judges;
#[path = "../signing/letter.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod letter;
#[path = "../signing/pki.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod pki;
#[path = "../../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, unused_imports, reason = "a library of its own")]
mod targets;

use mutate::Mutator;
use std::path::{Path, PathBuf};

/// Mutations of one target's seeds together: all targets end within some twenty seconds without optimisation.
const MUTATIONS: usize = 3000;

fn seeds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds")
}

/// The seeds of a target, by name, since the order of a folder is not the same everywhere: its own, and the genuine ones
/// that it reads.
fn seeds_of(target: &str) -> Vec<Vec<u8>> {
    let genuine = match target {
        "xref" | "byte_range" => "pdf",
        "certificate" => "der",
        "crl" => "crl",
        "ocsp" => "ors",
        _ => "none",
    };
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let mut files = list(&seeds());
    files.retain(|file| file.extension().is_some_and(|kind| kind == genuine));
    files.extend(list(&seeds().join(target)));
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect()
}

/// One test for each target, so that a finding names it and they run side by side.
macro_rules! short_runs {
    ($($name:ident),*) => {
        const RUN: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            run(stringify!($name), targets::$name);
        })*
    };
}

short_runs!(
    xref,
    object,
    update,
    byte_range,
    cms,
    tst,
    ocsp,
    crl,
    certificate,
    receipt
);

#[test]
fn every_target_has_its_short_run() {
    let names = targets::TARGETS.map(|(name, _)| name);
    assert_eq!(names.as_slice(), RUN, "src-tauri/fuzz/src/lib.rs");
}

/// What the targets assert says something only as long as the genuine is found genuine.
#[test]
fn the_genuine_is_trusted() {
    use antin_pades::{Trust, Verdict};
    for (index, file) in targets::SIGNED.iter().enumerate() {
        let report = targets::judge(file).expect("a seed opens");
        let found = (report.verdict, report.trust);
        assert_eq!(
            found,
            (Verdict::Valid, Trust::Trusted),
            "signed file {index}"
        );
    }
    assert_eq!(targets::trusted(), [true, true], "by a list, by an answer");
}

fn run(name: &str, target: targets::Target) {
    let seeds = seeds_of(name);
    assert!(!seeds.is_empty(), "{name} has seeds");
    for seed in &seeds {
        target(seed);
    }
    let mut mutator = Mutator::new(name, &seeds);
    for _ in 0..MUTATIONS {
        let input = mutator.next();
        if std::panic::catch_unwind(|| target(&input)).is_err() {
            let kept = std::env::temp_dir().join(format!("antin-fuzz-{name}"));
            std::fs::write(&kept, &input).unwrap();
            panic!("{name}: a finding, kept as {}", kept.display());
        }
    }
}

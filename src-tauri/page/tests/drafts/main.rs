//! Where things belong on drafts that vary as real ones do (`tests/drafts`): how much is found, how much is right.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    reason = "in a test, a panic is a finding"
)]

mod expected;
mod judge;
mod sheet;

use antin_page::Notice;
use expected::{Expected, drafts};
use judge::{Figures, Miss, Score};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What is missed or wrong today, exactly: a new miss fails, and so does one that is no longer there.
const KNOWN: &[(&str, &str, Miss)] = &[];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/drafts")
}

fn read(name: &str) -> antin_page::DocumentHandle {
    let host = antin_page::Host::spawn(Path::new(env!("CARGO_BIN_EXE_page-host"))).unwrap();
    let path = folder().join(format!("{name}.pdf"));
    host.open(std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn places_and_facts_of_all_drafts_are_found() {
    let drafts: BTreeMap<String, Expected> = drafts(&folder());
    assert_eq!(drafts.len(), 88);
    let mut sets: BTreeMap<String, Figures> = BTreeMap::new();
    let mut misses = Vec::new();
    let mut report = String::new();
    for (name, expected) in &drafts {
        let letter = read(name);
        let texts = letter.texts().unwrap();
        let found = antin_page::find_places(&texts);
        let judged = judge::judge(expected, &found, &texts);
        let figures = sets.entry(expected.set.clone()).or_default();
        for Score {
            what,
            outcome,
            note,
        } in judged
        {
            figures.count(what, outcome);
            if let Some(miss) = outcome.miss() {
                writeln!(report, "  {name:22} {what:16} {miss:?} {note}").unwrap();
                misses.push((name.clone(), what.to_owned(), miss));
            }
        }
        sheet::draw(&letter, name, expected, &found);
        let notices = letter.notices().unwrap();
        assert!(!notices.contains(&Notice::ContentNotDrawn), "{name}");
    }
    sheet::save();
    let mut all = Figures::default();
    for (set, figures) in &sets {
        println!("{set}\n{}", figures.table());
        all.add(figures);
    }
    println!("all\n{}\n{report}", all.table());

    let known: Vec<(String, String, Miss)> = KNOWN
        .iter()
        .map(|(name, what, miss)| ((*name).to_owned(), (*what).to_owned(), *miss))
        .collect();
    let new: Vec<_> = misses.iter().filter(|miss| !known.contains(miss)).collect();
    let gone: Vec<_> = known.iter().filter(|miss| !misses.contains(miss)).collect();
    assert!(new.is_empty(), "new misses: {new:#?}");
    assert!(gone.is_empty(), "found now, so strike them out: {gone:#?}");
    for (set, figures) in &sets {
        assert!(figures.places_recall() >= 0.95, "{set}: places found");
        assert!(figures.places_precision() >= 0.99, "{set}: places right");
        assert!(figures.facts_right() >= 0.95, "{set}: facts right");
    }
}

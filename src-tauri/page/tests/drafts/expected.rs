//! `tests/drafts/expected.json`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
pub(crate) struct Expected {
    pub(crate) set: String,
    pub(crate) places: BTreeMap<String, Wanted>,
    pub(crate) facts: BTreeMap<String, serde_json::Value>,
}

/// One of these places (two signers: either's); none of them: nothing may be found.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Wanted {
    Required(Vec<Spot>),
    Optional { optional: Vec<Spot> },
}

impl Wanted {
    pub(crate) fn spots(&self) -> &[Spot] {
        match self {
            Wanted::Required(spots) | Wanted::Optional { optional: spots } => spots,
        }
    }

    pub(crate) fn is_required(&self) -> bool {
        matches!(self, Wanted::Required(spots) if !spots.is_empty())
    }

    /// Nothing is known of the right place (a name is missing): whatever is found may be right.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Wanted::Optional { optional } if optional.is_empty())
    }
}

/// The middle of a place.
#[derive(Deserialize)]
pub(crate) struct Spot {
    pub(crate) page: usize,
    pub(crate) x: f64,
    pub(crate) y: f64,
}

pub(crate) fn drafts(folder: &Path) -> BTreeMap<String, Expected> {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

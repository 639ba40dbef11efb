//! What was found beside what is right.

use crate::expected::{Expected, Wanted};
use antin_page::{Found, LetterFacts, PageText, Places, Rect};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How far the middle of a place may lie from where it belongs, in points.
const NEAR: f64 = 15.0;

/// The places a letter is written on; the incoming stamp belongs to whoever receives it.
const PLACES: [&str; 5] = ["number", "day", "month", "leader", "seal"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Miss {
    /// There is a place, and it was not found.
    NotFound,
    /// A place was found where none is, or too far off; a fact is not what the letter says.
    Wrong,
    /// The place lies over text.
    OverText,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Right,
    RightlyNothing,
    Missed(Miss),
}

impl Outcome {
    pub(crate) fn miss(self) -> Option<Miss> {
        match self {
            Outcome::Missed(miss) => Some(miss),
            _ => None,
        }
    }
}

pub(crate) struct Score {
    pub(crate) what: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) note: String,
}

pub(crate) fn places(found: &Places) -> [(&'static str, Option<&Found>); 5] {
    [
        ("number", found.number.as_ref()),
        ("day", found.day.as_ref()),
        ("month", found.month.as_ref()),
        ("leader", found.leader.as_ref()),
        ("seal", found.seal.as_ref()),
    ]
}

pub(crate) fn judge(expected: &Expected, found: &Places, texts: &[PageText]) -> Vec<Score> {
    let nothing = Wanted::Required(Vec::new());
    let mut scores = Vec::new();
    for (what, place) in places(found) {
        let wanted = expected.places.get(what).unwrap_or(&nothing);
        // A seal is stamped over the position and the name; everything else needs free paper.
        let covered = place
            .filter(|_| what != "seal")
            .and_then(|place| ink(place, texts));
        let (outcome, note) = match (place, covered) {
            (Some(_), Some(text)) => (Outcome::Missed(Miss::OverText), text),
            (Some(place), None) => at(wanted, place),
            (None, _) if wanted.is_required() => (Outcome::Missed(Miss::NotFound), String::new()),
            (None, _) => (Outcome::RightlyNothing, String::new()),
        };
        scores.push(Score {
            what,
            outcome,
            note,
        });
    }
    scores.extend(facts(expected, &found.letter));
    scores
}

fn at(wanted: &Wanted, place: &Found) -> (Outcome, String) {
    let (x, y) = place.rect.centre();
    let nearest = wanted
        .spots()
        .iter()
        .filter(|spot| spot.page == place.page)
        .map(|spot| (spot.x - x).hypot(spot.y - y))
        .fold(f64::INFINITY, f64::min);
    if nearest <= NEAR || wanted.is_open() {
        (Outcome::Right, String::new())
    } else {
        let wanted: Vec<String> = wanted
            .spots()
            .iter()
            .map(|spot| format!("p{} {:.0},{:.0}", spot.page, spot.x, spot.y))
            .collect();
        let note = format!("at p{} {x:.0},{y:.0}, wanted {wanted:?}", place.page);
        (Outcome::Missed(Miss::Wrong), note)
    }
}

/// The letters under a place. What a template leaves to be written on (dots, underscores) is no ink.
fn ink(place: &Found, texts: &[PageText]) -> Option<String> {
    let page = texts.iter().find(|text| text.page == place.page)?;
    let covered: String = page
        .lines
        .iter()
        .flat_map(|line| line.text.chars().zip(&line.marks))
        .filter(|(letter, mark)| {
            let body = Rect {
                x0: mark.x0,
                y0: mark.baseline,
                x1: mark.x1,
                y1: mark.baseline + 0.6 * mark.size,
            };
            let (ink, place) = (page.size.unturned(body), place.rect);
            !letter.is_whitespace()
                && !matches!(letter, '.' | '…' | '_' | '·')
                && ink.x1.min(place.x1) - ink.x0.max(place.x0) > 1.0
                && ink.y1.min(place.y1) - ink.y0.max(place.y0) > 1.0
        })
        .map(|(letter, _)| letter)
        .collect();
    (!covered.is_empty()).then_some(covered)
}

/// The facts that `expected.json` names. `null` is not judged, except the parent organ's, which then must be missing too.
fn facts(expected: &Expected, letter: &LetterFacts) -> Vec<Score> {
    let said = serde_json::to_value(letter).unwrap();
    let mut scores = Vec::new();
    for what in [
        "organ_name",
        "parent_organ",
        "code_notation",
        "type_name",
        "subject",
        "place_name",
        "recipients",
        "signer_name",
        "signer_position",
        "competence",
        "number",
        "day",
        "month",
    ] {
        let wanted = expected.facts.get(what).unwrap_or(&Value::Null);
        let has_organ = expected
            .facts
            .get("organ_name")
            .is_some_and(Value::is_string);
        if wanted.is_null() && !(what == "parent_organ" && has_organ) {
            continue;
        }
        let got = said.get(what).unwrap_or(&Value::Null);
        let outcome = match (normal(wanted), normal(got)) {
            (wanted, got)
                if wanted == got && (wanted.is_null() || wanted == Value::Array(Vec::new())) =>
            {
                Outcome::RightlyNothing
            }
            (wanted, got) if wanted == got => Outcome::Right,
            (_, Value::Null) => Outcome::Missed(Miss::NotFound),
            _ => Outcome::Missed(Miss::Wrong),
        };
        let note = if outcome.miss().is_some() {
            format!("{got} wanted {wanted}")
        } else {
            String::new()
        };
        scores.push(Score {
            what,
            outcome,
            note,
        });
    }
    scores
}

/// Without the stops that end a line of a list.
fn normal(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            Value::String(text.trim_end_matches([';', '.', ',', ' ']).to_lowercase())
        }
        Value::Array(items) => Value::Array(items.iter().map(normal).collect()),
        other => other.clone(),
    }
}

#[derive(Default, Clone, Copy)]
struct Count {
    right: u32,
    nothing: u32,
    not_found: u32,
    wrong: u32,
}

#[derive(Default)]
pub(crate) struct Figures(BTreeMap<&'static str, Count>);

impl Figures {
    pub(crate) fn count(&mut self, what: &'static str, outcome: Outcome) {
        let count = self.0.entry(what).or_default();
        match outcome {
            Outcome::Right => count.right += 1,
            Outcome::RightlyNothing => count.nothing += 1,
            Outcome::Missed(Miss::NotFound) => count.not_found += 1,
            Outcome::Missed(_) => count.wrong += 1,
        }
    }

    pub(crate) fn add(&mut self, other: &Figures) {
        for (what, more) in &other.0 {
            let count = self.0.entry(what).or_default();
            count.right += more.right;
            count.nothing += more.nothing;
            count.not_found += more.not_found;
            count.wrong += more.wrong;
        }
    }

    fn sum(&self, is_place: bool) -> Count {
        let mut sum = Count::default();
        for (_, count) in self
            .0
            .iter()
            .filter(|(what, _)| PLACES.contains(what) == is_place)
        {
            sum.right += count.right;
            sum.nothing += count.nothing;
            sum.not_found += count.not_found;
            sum.wrong += count.wrong;
        }
        sum
    }

    pub(crate) fn places_recall(&self) -> f64 {
        let sum = self.sum(true);
        share(sum.right, sum.right + sum.not_found + sum.wrong)
    }

    pub(crate) fn places_precision(&self) -> f64 {
        let sum = self.sum(true);
        share(sum.right, sum.right + sum.wrong)
    }

    pub(crate) fn facts_right(&self) -> f64 {
        let sum = self.sum(false);
        share(sum.right, sum.right + sum.not_found + sum.wrong)
    }

    pub(crate) fn table(&self) -> String {
        let mut out = format!(
            "  {:16} {:>5} {:>8} {:>9} {:>5}  {:>9} {:>6}\n",
            "", "right", "nothing", "not found", "wrong", "precision", "recall"
        );
        let mut row = |what: &str, count: Count| {
            writeln!(
                out,
                "  {what:16} {:>5} {:>8} {:>9} {:>5}  {:>8.1}% {:>5.1}%",
                count.right,
                count.nothing,
                count.not_found,
                count.wrong,
                100.0 * share(count.right, count.right + count.wrong),
                100.0 * share(count.right, count.right + count.not_found + count.wrong),
            )
            .unwrap();
        };
        for (what, count) in self.0.iter().filter(|(what, _)| PLACES.contains(what)) {
            row(what, *count);
        }
        row("ALL PLACES", self.sum(true));
        for (what, count) in self.0.iter().filter(|(what, _)| !PLACES.contains(what)) {
            row(what, *count);
        }
        row("ALL FACTS", self.sum(false));
        out
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        1.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

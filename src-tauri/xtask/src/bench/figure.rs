//! Figures, their limits, and the table.

use crate::step::say;
use serde_json::json;
use std::fmt::Write;

/// Which side of the limit is good.
#[derive(Clone, Copy)]
pub(super) enum Good {
    AtMost(f64),
    AtLeast(f64),
}

/// One figure of ours beside the floor and the peers.
pub(super) struct Figure {
    pub(super) section: &'static str,
    /// What was measured, with its unit.
    pub(super) what: &'static str,
    /// On what.
    pub(super) input: String,
    pub(super) ours: f64,
    pub(super) limit: Good,
    /// How the limit comes about, in words.
    pub(super) rule: &'static str,
    /// (who, the same figure).
    pub(super) others: Vec<(&'static str, Option<f64>)>,
}

impl Figure {
    fn holds(&self) -> bool {
        match self.limit {
            Good::AtMost(limit) => self.ours <= limit,
            Good::AtLeast(limit) => self.ours >= limit,
        }
    }

    fn bound(&self) -> f64 {
        match self.limit {
            Good::AtMost(limit) | Good::AtLeast(limit) => limit,
        }
    }
}

/// All figures of a run.
#[derive(Default)]
pub(super) struct Figures(Vec<Figure>);

impl Figures {
    pub(super) fn add(&mut self, figure: Figure) {
        self.0.push(figure);
    }

    pub(super) fn missed(&self) -> usize {
        self.0.iter().filter(|figure| !figure.holds()).count()
    }

    /// One table for people.
    pub(super) fn print(&self) {
        if self.0.is_empty() {
            return;
        }
        let mut text = format!(
            "\n{:<7} {:<22} {:<22} {:>9} {:>9}  {:<4} {:<34} {}\n",
            "", "figure", "input", "antin", "limit", "", "limit's rule", "floor and peers"
        );
        for figure in &self.0 {
            let word = if figure.holds() { "ok" } else { "OVER" };
            let sign = match figure.limit {
                Good::AtMost(_) => '≤',
                Good::AtLeast(_) => '≥',
            };
            let _ = write!(
                text,
                "{:<7} {:<22} {:<22} {:>9} {sign}{:>8}  {word:<4} {:<34}",
                figure.section,
                figure.what,
                figure.input,
                number(figure.ours),
                number(figure.bound()),
                figure.rule,
            );
            for (who, value) in &figure.others {
                if let Some(value) = value {
                    let _ = write!(text, " {who} {}", number(*value));
                }
            }
            text.push('\n');
        }
        say(&text);
    }

    /// One object a line for programs.
    pub(super) fn print_json(&self) {
        for figure in &self.0 {
            let others: serde_json::Map<_, _> = figure
                .others
                .iter()
                .map(|(who, value)| ((*who).to_owned(), json!(value)))
                .collect();
            let good = match figure.limit {
                Good::AtMost(_) => "at most",
                Good::AtLeast(_) => "at least",
            };
            let object = json!({
                "section": figure.section, "figure": figure.what, "input": figure.input, "antin": figure.ours,
                "limit": figure.bound(), "good": good, "rule": figure.rule, "pass": figure.holds(), "others": others,
            });
            say(&object.to_string());
        }
    }
}

/// Three digits that matter.
fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

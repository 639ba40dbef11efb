//! What is missing, where it could be had, and what came of asking, in words.

use super::{common_name, printable};
use crate::{
    fetch::round::{Asked, What},
    message::{Language, line},
    verify::{Missing, Verified},
};

/// Whether somebody could be asked for what is missing.
pub(super) fn is_possible(verified: &Verified) -> bool {
    verified
        .missing
        .iter()
        .any(|missing| !missing.from.is_empty())
}

/// One line for each thing.
pub(super) fn missing(language: Language, verified: &Verified) -> Vec<String> {
    let one = |missing: &Missing| {
        let of = printable(common_name(&missing.of));
        let hosts: Vec<String> = missing.from.iter().map(|host| printable(host)).collect();
        let what = line(language, &["missing", missing.what.name()], &[("of", &of)]);
        let key = if hosts.is_empty() { "nowhere" } else { "from" };
        let facts = [("what", what.as_str()), ("hosts", &hosts.join(", "))];
        line(language, &["missing", key], &facts)
    };
    verified.missing.iter().map(one).collect()
}

/// One line for each question.
pub(super) fn asked(language: Language, verified: &Verified) -> Vec<String> {
    let one = |asked: &Asked| {
        let what = line(language, &["asking", asked.what.name()], &[]);
        let facts = [("host", printable(&asked.host)), ("what", what)];
        let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
        line(language, &["asking", asked.outcome.name()], &facts)
    };
    let mut lines: Vec<(String, usize)> = Vec::new();
    for text in verified.asked.iter().map(one) {
        match lines.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => lines.push((text, 1)),
        }
    }
    let counted = |(text, count): (String, usize)| match count {
        1 => text,
        count => format!("{text} ({count})"),
    };
    lines.into_iter().map(counted).collect()
}

/// Who is being asked for what; `count` is the how-manieth question it is.
#[must_use]
pub fn asking(language: Language, what: What, host: &str, count: usize) -> String {
    let facts = [
        ("host", printable(host)),
        ("what", line(language, &["asking", what.name()], &[])),
        ("count", count.to_string()),
    ];
    let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
    line(language, &["asking", "progress"], &facts)
}

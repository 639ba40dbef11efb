//! A judgement in lines for a terminal: the sentence, its cause, a card per signature, and the table over many files.

use super::Judged;
use antin_ops::{
    compare::{ChangedPage, Comparison, Outcome, PageChange},
    describe::{Answer, Card, Described, describe, printable},
    message::{self, Language, line},
    verify::{Verified, Word},
};
use std::io::IsTerminal;

/// Colours where somebody looks; the marks say the same without.
#[derive(Clone, Copy)]
pub(super) struct Style {
    colours: bool,
}

impl Style {
    pub(super) fn of_stdout() -> Style {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Style {
            colours: wanted && std::io::stdout().is_terminal(),
        }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colours {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn answer(self, answer: Answer) -> String {
        let code = match answer {
            Answer::Yes => "32",
            Answer::Warn => "33",
            Answer::No => "1;31",
            Answer::Unknown => "36",
        };
        self.paint(code, &answer.mark().to_string())
    }

    fn word(self, word: Word, text: &str) -> String {
        let code = match word {
            Word::Valid => "1;32",
            Word::Unverified => "1;33",
            Word::Invalid => "1;31",
            Word::Unsigned | Word::Refused => "1",
        };
        self.paint(code, text)
    }
}

fn mark(word: Word) -> char {
    match word {
        Word::Valid => '✓',
        Word::Unverified => '?',
        Word::Invalid => '✗',
        Word::Unsigned => '–',
        Word::Refused => '!',
    }
}

/// The whole answer about one file. Among many, a file in which all is well needs no cards.
pub(super) fn file(language: Language, style: Style, verified: &Verified, brief: bool) -> String {
    let described = describe(language, verified);
    let word = described.word;
    let sign = if described.caution { '!' } else { mark(word) };
    let looks = if described.caution {
        Word::Unverified
    } else {
        word
    };
    let sentence = style.word(looks, &format!("{sign} {}", described.sentence));
    let mut text = format!("{}\n{sentence}", printable(&verified.file));
    if !described.cause.is_empty() {
        text += &format!("\n{}", printable(&described.cause));
    }
    if let Some(demo) = &described.demo {
        text += &format!("\n{}", style.paint("1;33", demo));
    }
    if brief && word == Word::Valid {
        return text;
    }
    for card in &described.cards {
        text += &one(language, style, card);
    }
    text += &listed(language, &described);
    if !described.action.is_empty() {
        let advice = line(language, &["cli", "advice"], &[]);
        text += &format!("\n\n{advice}: {}", described.action);
    }
    if described.fetchable && described.asked.is_empty() {
        let file = quoted(&printable(&verified.file));
        text += &format!("\n  antin verify --fetch {file}");
    }
    let mut basis = described.basis.iter();
    if let Some(first) = basis.next() {
        text += &format!("\n\n{first}");
    }
    for line in basis {
        text += &format!("\n{line}");
    }
    text
}

/// What is missing, and what came of asking for it.
fn listed(language: Language, described: &Described) -> String {
    let mut text = String::new();
    if !described.missing.is_empty() {
        let title = line(language, &["missing", "title"], &[]);
        text += &format!("\n\n{title}:");
    }
    for missing in &described.missing {
        text += &format!("\n  · {missing}");
    }
    if !described.asked.is_empty() {
        let title = line(language, &["asking", "title"], &[]);
        text += &format!("\n\n{title}:");
    }
    for asked in &described.asked {
        text += &format!("\n  · {asked}");
    }
    text
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:\\".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', "'\\''"))
}

fn one(language: Language, style: Style, card: &Card) -> String {
    let mut text = format!("\n\n  {}", style.paint("1", &card.act));
    if !card.organ.is_empty() {
        text += &format!(" · {}", card.organ);
    }
    for question in &card.questions {
        let mark = style.answer(question.answer);
        text += &format!("\n    {mark} {}: {}", question.title, question.evidence);
    }
    if !card.changes.is_empty() {
        text += &format!("\n    {}:", line(language, &["changes", "title"], &[]));
    }
    for change in &card.changes {
        let (answer, key) = match change.permitted {
            true => (Answer::Yes, "permitted"),
            false => (Answer::No, "forbidden"),
        };
        let said = line(language, &["changes", key], &[]);
        text += &format!("\n      {} {} ({said})", style.answer(answer), change.text);
    }
    text
}

/// What the pictures show.
pub(super) fn comparisons(language: Language, all: &[Comparison]) -> String {
    let say = |key: &str, facts: &[(&str, &str)]| line(language, &["compare", key], facts);
    let mut text = String::new();
    for comparison in all {
        let field = printable(&comparison.field);
        let counts = [
            ("done", comparison.compared.to_string()),
            ("total", comparison.total.to_string()),
            ("count", comparison.compared.to_string()),
            ("field", field.clone()),
        ];
        let facts: Vec<(&str, &str)> = counts.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let without = match comparison.outcome {
            Outcome::NothingLater => Some("nothing-later"),
            Outcome::NoRevision => Some("no-revision"),
            Outcome::TooMany => Some("too-many"),
            Outcome::Compared | Outcome::NotAll => None,
        };
        if let Some(key) = without {
            text += &format!("\n\n  {}", say(key, &facts));
            continue;
        }
        text += &format!("\n\n  {}", say("title", &[("field", &field)]));
        if comparison.pages.is_empty() {
            text += &format!("\n    {}", say("same", &[]));
        }
        for page in &comparison.pages {
            text += &changed(language, page);
        }
        if comparison.outcome == Outcome::NotAll {
            text += &format!("\n    {}", say("not-all", &facts));
        }
    }
    text
}

fn changed(language: Language, page: &ChangedPage) -> String {
    let key = match page.change {
        PageChange::Changed => "changed",
        PageChange::Added => "added",
        PageChange::Removed => "removed",
        PageChange::Resized => "resized",
        PageChange::Unseen => "unseen",
    };
    let facts = [
        ("page", (page.page + 1).to_string()),
        ("count", page.boxes.len().to_string()),
    ];
    let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let mut text = format!("\n    {}", line(language, &["compare", key], &facts));
    if let Some(picture) = &page.picture {
        text += &format!("  → {picture}");
    }
    let boxes = page
        .boxes
        .iter()
        .filter(|_| page.change == PageChange::Changed);
    for [x0, y0, x1, y1] in boxes {
        let facts = [
            ("left", format!("{x0:.0}")),
            ("bottom", format!("{y0:.0}")),
            ("width", format!("{:.0}", x1 - x0)),
            ("height", format!("{:.0}", y1 - y0)),
        ];
        let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
        text += &format!("\n      {}", line(language, &["compare", "box"], &facts));
    }
    text
}

/// The table after many files: how many of each verdict, gravest first, and each file that is not simply valid.
pub(super) fn summary(language: Language, style: Style, judged: &[Judged]) -> String {
    let count = judged.len().to_string();
    let title = line(
        language,
        &["check", "summary"],
        &[("count", &count), ("total", &count)],
    );
    let mut text = format!("\n{}", style.paint("1", &title));
    let mut words = [
        Word::Invalid,
        Word::Refused,
        Word::Unverified,
        Word::Unsigned,
        Word::Valid,
    ];
    words.sort_by_key(|word| std::cmp::Reverse(word.gravity()));
    for word in words {
        let count = judged.iter().filter(|j| j.word == word).count();
        if count > 0 {
            let name = line(language, &["check", word.name()], &[]);
            let name = style.word(word, &format!("{} {name:<24}", mark(word)));
            text += &format!("\n  {name} {count:>6}");
        }
    }
    for word in words.into_iter().filter(|word| *word != Word::Valid) {
        let files = judged.iter().filter(|j| j.word == word);
        for (index, judged) in files.enumerate() {
            let gap = if index == 0 { "\n" } else { "" };
            let mark = style.word(word, &mark(word).to_string());
            let file = printable(&judged.file);
            text += &format!("{gap}\n  {mark} {file}: {}", judged.sentence);
        }
    }
    text
}

/// What is said of a file that cannot be read.
pub(super) fn unreadable(
    language: Language,
    style: Style,
    judged: &Judged,
    advice: &str,
) -> String {
    let sentence = format!("{} {}", mark(Word::Refused), judged.sentence);
    let sentence = style.word(Word::Refused, &sentence);
    let name = line(language, &["cli", "advice"], &[]);
    format!(
        "{}\n{sentence}\n\n{name}: {advice}",
        printable(&judged.file)
    )
}

/// An error's sentence and advice.
pub(super) fn error(language: Language, error: &antin_ops::error::Error) -> message::Said {
    let said = message::say(language, error);
    message::Said {
        what: printable(&said.what),
        advice: printable(&said.advice),
    }
}

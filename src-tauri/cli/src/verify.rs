//! `antin verify`: one sentence, then a card per signature; `--json` has the whole report (design §8).

use crate::{
    output::Output,
    words::{Verify, Words},
};
use antin_ops::{
    clock,
    describe::describe,
    error::{Error, Result},
    message::{Language, line},
    office::Office,
    trust::{Network, Trust},
    verify::{Verified, Word, file},
};
use serde::Serialize;
use std::process::ExitCode;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The report with its file in front, as the contract has it.
#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    word: &'static str,
    #[serde(flatten)]
    report: &'a antin_ops::pades::Report,
}

pub(crate) fn run(words: &Words, order: &Verify, output: &mut Output) -> Result<ExitCode> {
    let office = words
        .named_office()
        .map(|folder| Office::open(&folder))
        .transpose()?;
    let bundled;
    let trust = match &office {
        Some(office) if order.trust.is_empty() => office.trust(),
        _ => {
            bundled = Trust::bundled(&order.trust)?;
            &bundled
        }
    };
    let network = if order.offline {
        Network::Offline
    } else {
        Network::Online
    };
    let at = order.at.as_deref().map(moment).transpose()?;
    let mut worst = Word::Valid;
    for path in &order.files {
        let verified = file(trust, path, network, at)?;
        let row = Row {
            file: &verified.file,
            word: verified.word().name(),
            report: &verified.report,
        };
        output.put(&row, |language| say(language, &verified));
        if verified.word().gravity() > worst.gravity() {
            worst = verified.word();
        }
    }
    Ok(ExitCode::from(worst.exit()))
}

fn moment(text: &str) -> Result<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|e| Error::unknown(format!("--at {text}: {e}")))
}

fn say(language: Language, verified: &Verified) -> String {
    let described = describe(language, verified);
    let mut text = format!("{}\n{}", verified.file, described.sentence);
    if !described.cause.is_empty() {
        text += &format!("\n{}", described.cause);
    }
    for (card, signature) in described.cards.iter().zip(&verified.report.signatures) {
        let claimed = signature
            .claimed_time
            .map(clock::spoken)
            .unwrap_or_default();
        text += &format!("\n\n  {} · {} · {claimed}", card.name, card.organ);
        for question in &card.questions {
            text += &format!(
                "\n    {} {}: {}",
                question.answer.mark(),
                question.title,
                question.evidence
            );
        }
    }
    if !described.action.is_empty() {
        text += &format!(
            "\n\n{}: {}",
            line(language, &["cli", "advice"], &[]),
            described.action
        );
    }
    text
}

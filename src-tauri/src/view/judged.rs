//! A verdict in the three layers people read.

use std::path::Path;

use antin_ops::describe::{self, Answer, Card, describe};
use antin_ops::error::Error;
use antin_ops::fetch::round::{Round, What};
use antin_ops::message::{self, Language};
use antin_ops::office::Office;
use antin_ops::pades::report::{ActKind, SignatureReport};
use antin_ops::trust::Network;
use antin_ops::verify::{self, Verified, Word};
use serde_json::Value;

use crate::dto::{Checked, Question, SignatureCard};
use crate::state::Desk;

/// Judges a file of this computer by what is at hand, and opens it for drawing. Nothing is asked of any network: an
/// answer is there at once, and nobody learns which letter was opened.
pub(crate) fn file(desk: &Desk, office: &Office, path: &Path) -> Result<Checked, Error> {
    let verified = verify::file(office.trust(), path, Network::Offline, None)?;
    Ok(drawn(desk, verified, path))
}

/// Fetches what the judgement lacks, and judges again.
pub(crate) fn fetched(
    desk: &Desk,
    office: &Office,
    path: &Path,
    told: &mut dyn FnMut(String),
) -> Result<Checked, Error> {
    let language = desk.language();
    let cancel = desk.begin_fetching(path);
    let mut told = |what: What, host: &str, count: usize| {
        told(describe::asking(language, what, host, count));
    };
    let mut round = Round::new(&cancel, &mut told);
    let asked = verify::fetch(office.trust(), path, &mut round);
    let answers = round.asked().to_vec();
    desk.end_fetching(path, &cancel);
    asked?;
    let mut verified = verify::file(office.trust(), path, Network::Offline, None)?;
    verified.asked = answers;
    Ok(drawn(desk, verified, path))
}

fn drawn(desk: &Desk, mut verified: Verified, path: &Path) -> Checked {
    if let Some(name) = path.file_name() {
        verified.file = name.to_string_lossy().into_owned();
    }
    // What has gone meanwhile has no pages, as what is no PDF.
    let bytes = std::fs::read(path).unwrap_or_default();
    checked(desk, &verified, &bytes)
}

/// A judged file in words, opened for drawing. One that cannot be drawn is judged all the same.
pub(crate) fn checked(desk: &Desk, verified: &Verified, bytes: &[u8]) -> Checked {
    let language = desk.language();
    let described = describe(language, verified);
    let (document, notices) = match desk.pages().open(bytes) {
        Ok((reference, notices)) => (Some(reference), super::notices(language, &notices)),
        // The verdict says already that it is no document.
        Err(_) if described.word == Word::Refused => (None, Vec::new()),
        Err(error) => {
            let said = message::say(language, &super::undrawable(error));
            (None, vec![said.what, said.advice])
        }
    };
    Checked {
        file: verified.file.clone(),
        document,
        verdict: described.word.name().to_owned(),
        caution: described.caution,
        sentence: described.sentence,
        cause: said(described.cause),
        action: said(described.action),
        signatures: cards_of(described.cards, &verified.report.signatures),
        notices,
        missing: described.missing,
        fetchable: described.fetchable,
        asked: described.asked,
        demo: described.demo,
        basis: described.basis,
        technical: serde_json::to_string_pretty(&verified.report).unwrap_or_default(),
    }
}

/// The signatures of a judged file in words.
pub(crate) fn cards(language: Language, verified: &Verified) -> Vec<SignatureCard> {
    cards_of(
        describe(language, verified).cards,
        &verified.report.signatures,
    )
}

fn cards_of(cards: Vec<Card>, reports: &[SignatureReport]) -> Vec<SignatureCard> {
    cards
        .into_iter()
        .zip(reports)
        .map(|(card, report)| signature(card, report))
        .collect()
}

fn signature(card: Card, report: &SignatureReport) -> SignatureCard {
    let act = match report.act {
        ActKind::Approve => "approve",
        ActKind::Issue => "issue",
        _ => "plain",
    };
    let questions = card.questions.into_iter().map(|question| Question {
        key: question.key.to_owned(),
        answer: answer(question.answer).to_owned(),
        title: question.title,
        evidence: question.evidence,
    });
    SignatureCard {
        field: report.field.clone(),
        name: card.name,
        title: report
            .signer
            .as_ref()
            .and_then(|signer| signer.title.clone()),
        organ: said(card.organ),
        claimed_at: report.claimed_time.map(super::time),
        best_at: report.time_proven.then(|| super::time(report.best_time)),
        proven_time: report.time_proven,
        page: report.page,
        rect: report.rect.map(super::rect),
        verdict: card.word.name().to_owned(),
        act: act.to_owned(),
        questions: questions.collect(),
    }
}

fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::Warn => "warn",
        Answer::No => "no",
        Answer::Unknown => "unknown",
    }
}

/// Nothing instead of an empty sentence.
fn said(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// The word of a report that the store has kept as JSON, for lists: judging every letter anew would be slow.
pub(crate) fn kept_word(report: &Value) -> &'static str {
    let field = |name: &str| report.get(name).and_then(Value::as_str).unwrap_or_default();
    if report.get("problem").is_some() {
        return "refused";
    }
    match (field("verdict"), field("trust")) {
        ("unsigned", _) => "unsigned",
        ("refused", _) => "refused",
        ("valid" | "modified-allowed", "trusted") => "valid",
        ("valid" | "modified-allowed", "unverified") => "unverified",
        _ => "invalid",
    }
}

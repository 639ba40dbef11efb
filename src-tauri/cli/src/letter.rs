//! `antin letter add | list | export`: drafts before the leader, and all others.

use crate::{output::Output, words::Letter as Order};
use antin_ops::{
    clock, dispatch,
    error::{Code, Error, Result},
    letter,
    message::line,
    office::Office,
    records::Urgency,
    store::{Letter, LetterState},
};
use serde_json::json;
use std::{path::Path, process::ExitCode};

pub(crate) fn run(office: &Office, order: &Order, output: &mut Output) -> Result<ExitCode> {
    match order {
        Order::Add { urgency, file } => add(office, urgency, file, output)?,
        Order::List => list(office, output)?,
        Order::Export { letter, out } => {
            let letter = letter::letter(office, letter::parse_id(letter)?)?;
            export(letter::document(office, &letter)?.bytes(), out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn add(office: &Office, urgency: &str, file: &Path, output: &mut Output) -> Result<()> {
    let urgency = Urgency::from_key(urgency).unwrap_or(Urgency::Normal);
    let letter = letter::add(office, file, urgency, &office.config().agency.name)?;
    let id = letter.id.to_string();
    output.put(&object(office, &letter)?, |language| {
        line(
            language,
            &["cli", "letter-added"],
            &[("subject", &letter::title(&letter)), ("letter", &id)],
        )
    });
    Ok(())
}

fn list(office: &Office, output: &mut Output) -> Result<()> {
    let letters = letter::list(office, &LetterState::ALL)?;
    if letters.is_empty() {
        output.say("nothing", &[]);
    }
    for letter in &letters {
        let object = object(office, letter)?;
        output.put(&object, |language| {
            let state = object
                .get("state")
                .and_then(|s| s.as_str())
                .unwrap_or_default();
            format!(
                "{}  {:<14} {}",
                letter.id,
                line(language, &["states", state], &[]),
                letter::title(letter)
            )
        });
    }
    Ok(())
}

fn object(office: &Office, letter: &Letter) -> Result<serde_json::Value> {
    let tracked = dispatch::of_letter(office, letter.id)?;
    Ok(json!({
        "letter": letter.id,
        "state": letter::standing(letter, tracked.as_ref().map(|t| &t.dispatch)),
        "subject": letter::title(letter),
        "code": letter.code.as_ref().map(ToString::to_string),
        "pages": letter.pages,
        "urgency": letter.urgency.key(),
        "file": letter.file_name,
        "createdAt": clock::text(letter.created_at),
    }))
}

/// Writes a copy for a person; an existing file is not written over.
pub(crate) fn export(bytes: &[u8], out: &Path) -> Result<()> {
    let written = std::fs::File::create_new(out)
        .and_then(|mut file| std::io::Write::write_all(&mut file, bytes));
    written.map_err(|e| Error::caused(Code::FileUnwritable, e).with("file", out.display()))
}

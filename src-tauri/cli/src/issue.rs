//! `antin issue`: number, date and seal in one act.

use crate::{output::Output, sign::read_pin, words::Issue};
use antin_ops::{
    error::Result,
    issue::{IssueOrder, issue},
    letter,
    message::line,
    office::Office,
};
use serde_json::json;
use std::process::ExitCode;

pub(crate) fn run(office: &Office, order: &Issue, output: &mut Output) -> Result<ExitCode> {
    let order = IssueOrder {
        letter: letter::parse_id(&order.letter)?,
        pin: read_pin(order.pin_stdin)?,
    };
    let letter = issue(office, order, &mut |_| ())?;
    let code = letter
        .code
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let date = letter.issued_on.map(letter::date_text).unwrap_or_default();
    let object =
        json!({ "letter": letter.id, "state": letter.state.key(), "code": code, "date": date });
    output.put(&object, |language| {
        line(
            language,
            &["cli", "issued"],
            &[
                ("number", &code),
                ("date", &date),
                ("letter", &letter.id.to_string()),
            ],
        )
    });
    Ok(ExitCode::SUCCESS)
}

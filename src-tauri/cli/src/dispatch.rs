//! `antin dispatch`: into the outbox first, then onto the line.

use crate::{output::Output, sync, words::Dispatch};
use antin_ops::{dispatch::enqueue, error::Result, letter, message::line, office::Office};
use serde_json::json;
use std::process::ExitCode;

pub(crate) fn run(office: &Office, order: &Dispatch, output: &mut Output) -> Result<ExitCode> {
    let dispatch = enqueue(office, letter::parse_id(&order.letter)?, &order.to)?;
    let (id, count) = (dispatch.id.to_string(), order.to.len().to_string());
    let object = json!({ "dispatch": dispatch.id, "letter": dispatch.letter_id, "state": dispatch.state.key(), "recipients": order.to });
    output.put(&object, |language| {
        line(
            language,
            &["cli", "queued"],
            &[("dispatch", &id), ("count", &count)],
        )
    });
    if !order.queue_only {
        sync::once(office, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

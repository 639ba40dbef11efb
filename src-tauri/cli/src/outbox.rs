//! `antin outbox`: what was sent, what waits and why, and how far each recipient has got.

use crate::output::Output;
use antin_ops::{
    clock,
    dispatch::{self, Tracked},
    error::Result,
    letter,
    message::line,
    office::Office,
};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(crate) fn run(office: &Office, output: &mut Output) -> Result<ExitCode> {
    let dispatches = dispatch::list(office)?;
    if dispatches.is_empty() {
        output.say("nothing", &[]);
    }
    for tracked in &dispatches {
        let letter = letter::letter(office, tracked.dispatch.letter_id)?;
        let state = letter::standing(&letter, Some(&tracked.dispatch));
        output.put(&object(tracked, state), |language| {
            let mut text = format!(
                "{}  {}  {}",
                tracked.dispatch.id,
                tracked.manifest.doc_key.code,
                line(language, &["states", state], &[])
            );
            if let Some(cause) = &tracked.dispatch.cause {
                text += &format!("\n    {}: {}", cause.code, cause.detail);
            }
            for delivery in &tracked.deliveries {
                let state = line(language, &["states", delivery.state.key()], &[]);
                let reason = delivery
                    .reason
                    .as_ref()
                    .map(|r| format!(" ({r})"))
                    .unwrap_or_default();
                text += &format!("\n    {:<40} {state}{reason}", delivery.name);
            }
            text
        });
    }
    Ok(ExitCode::SUCCESS)
}

fn object(tracked: &Tracked, state: &str) -> Value {
    let dispatch = &tracked.dispatch;
    let deliveries: Vec<Value> = tracked
        .deliveries
        .iter()
        .map(|d| json!({ "recipient": d.recipient, "name": d.name, "state": d.state.key(), "at": d.at.map(clock::text), "reason": d.reason }))
        .collect();
    json!({
        "dispatch": dispatch.id, "letter": dispatch.letter_id, "code": tracked.manifest.doc_key.code.to_string(),
        "state": state, "outbox": dispatch.state.key(), "attempts": dispatch.attempts, "overdue": tracked.overdue,
        "nextAt": dispatch.next_at.map(clock::text),
        "cause": dispatch.cause.as_ref().map(|c| json!({ "code": c.code, "detail": c.detail, "httpStatus": c.http_status })),
        "deliveries": deliveries, "receipts": tracked.receipts.iter().filter(|r| r.verified).count(),
    })
}

//! `antin inbox`: list what came, accept it into the register, or return it with a reason.

use crate::{
    letter::export,
    output::Output,
    words::{Inbox, InboxAct},
};
use antin_ops::{
    clock, describe,
    error::{Code, Error, Result},
    message::line,
    office::Office,
    receive::{self, Received},
    trust::Network,
    verify::Verified,
};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(crate) fn run(office: &Office, order: &Inbox, output: &mut Output) -> Result<ExitCode> {
    match &order.act {
        None => list(office, output)?,
        Some(InboxAct::Accept { delivery }) => {
            let incoming = receive::accept(office, receive::parse_id(delivery)?)?;
            let number = incoming
                .arrival
                .map(|(_, n)| n.to_string())
                .unwrap_or_default();
            let code = incoming.doc_key.code.to_string();
            let object = json!({ "delivery": incoming.delivery_id, "state": incoming.state.key(), "arrivalNumber": number, "code": code });
            output.put(&object, |language| {
                line(
                    language,
                    &["cli", "accepted"],
                    &[("number", &number), ("notation", &code)],
                )
            });
        }
        Some(InboxAct::Refuse { reason, delivery }) => {
            let incoming = receive::refuse(office, receive::parse_id(delivery)?, reason)?;
            let code = incoming.doc_key.code.to_string();
            let object = json!({ "delivery": incoming.delivery_id, "state": incoming.state.key(), "reason": reason, "code": code });
            output.put(&object, |language| {
                line(
                    language,
                    &["cli", "refused"],
                    &[("notation", &code), ("reason", reason)],
                )
            });
        }
        Some(InboxAct::Export { delivery, out }) => {
            let received = receive::letter(office, receive::parse_id(delivery)?)?;
            let path = receive::file(office, received.incoming.content)
                .ok_or_else(|| Error::new(Code::NotFetched))?;
            let bytes = std::fs::read(&path)
                .map_err(|e| Error::caused(Code::FileUnreadable, e).with("file", path.display()))?;
            export(&bytes, out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(office: &Office, output: &mut Output) -> Result<()> {
    let letters = receive::inbox(office)?;
    if letters.is_empty() {
        output.say("nothing", &[]);
    }
    for received in &letters {
        let verified = receive::judge(office, received, Network::Offline).ok();
        let object = object(received, verified.as_ref());
        output.put(&object, |language| {
            let incoming = &received.incoming;
            let sentence = verified
                .as_ref()
                .map(|v| describe::describe(language, v).sentence)
                .unwrap_or_default();
            let state = line(language, &["states", incoming.state.key()], &[]);
            format!(
                "{}  {}  {}  {state}\n    {sentence}",
                incoming.delivery_id, received.manifest.doc_key.code, received.manifest.sender.name
            )
        });
    }
    Ok(())
}

fn object(received: &Received, verified: Option<&Verified>) -> Value {
    let incoming = &received.incoming;
    json!({
        "delivery": incoming.delivery_id, "dispatch": incoming.dispatch_id, "from": received.manifest.sender.name,
        "code": received.manifest.doc_key.code.to_string(), "subject": received.manifest.metadata.subject,
        "state": incoming.state.key(), "receivedAt": clock::text(incoming.received_at),
        "verdict": verified.map(|v| v.word().name()), "duplicateOf": incoming.duplicate_of,
        "arrivalNumber": incoming.arrival.map(|(_, n)| n), "reason": incoming.reason,
    })
}

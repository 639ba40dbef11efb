//! `antin sync`: one run of outbox and inbox, or runs until nothing waits.

use crate::{output::Output, words::Sync};
use antin_ops::{error::Result, message::line, office::Office, sync};
use serde_json::json;
use std::{process::ExitCode, thread::sleep, time::Duration};

/// How often a watching run looks again; what is not due yet is not sent earlier.
const PAUSE: Duration = Duration::from_secs(1);

pub(crate) fn run(office: &Office, order: &Sync, output: &mut Output) -> Result<ExitCode> {
    loop {
        let waiting = once(office, output)?;
        if waiting == 0 || !order.watch {
            return Ok(ExitCode::SUCCESS);
        }
        sleep(PAUSE);
    }
}

/// One run; how much still waits.
pub(crate) fn once(office: &Office, output: &mut Output) -> Result<usize> {
    let done = sync::run(office)?;
    let stamps = done.timestamps;
    let object = json!({
        "reached": done.reached, "sent": done.sent, "received": done.received, "receipts": done.receipts, "waiting": done.waiting,
        "timestamps": { "stamped": stamps.stamped, "waiting": stamps.waiting, "overdue": stamps.overdue },
    });
    output.put(&object, |language| {
        let [sent, received, receipts, waiting] =
            [done.sent, done.received, done.receipts, done.waiting].map(|n| n.to_string());
        let facts = [
            ("sent", sent.as_str()),
            ("received", &received),
            ("receipts", &receipts),
            ("waiting", &waiting),
        ];
        line(
            language,
            &["cli", if done.reached { "synced" } else { "offline" }],
            &facts,
        )
    });
    if stamps.stamped + stamps.waiting > 0 {
        let [stamped, waiting] = [stamps.stamped, stamps.waiting].map(|n| n.to_string());
        output.say("stamps", &[("stamped", &stamped), ("waiting", &waiting)]);
    }
    Ok(done.waiting)
}

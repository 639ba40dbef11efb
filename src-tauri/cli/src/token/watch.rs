//! `antin token list --watch`: a line for each token plugged in or pulled out, until the program is ended.

use super::List;
use crate::output::Output;
use antin_ops::{
    Presence,
    error::{Error, Result},
    helper,
    message::line,
    tokens::{Seat, Watch, launches},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::mpsc::channel,
};

pub(super) fn run(order: &List, output: &mut Output) -> Result<ExitCode> {
    let program = helper::program().map_err(Error::unknown)?;
    let (sender, changes) = channel::<(PathBuf, Seat)>();
    let tell = move |module: &Path, seat: &Seat| {
        // Nobody listens any more only when the program ends.
        let _ = sender.send((module.to_path_buf(), seat.clone()));
    };
    let _watch = Watch::begin(launches(&program, &order.module), tell);
    let mut there: BTreeMap<PathBuf, Vec<Presence>> = BTreeMap::new();
    for (module, seat) in changes {
        let now = match seat {
            Seat::Tokens(tokens) => tokens,
            Seat::Failed => Vec::new(),
        };
        let before = there
            .insert(module.clone(), now.clone())
            .unwrap_or_default();
        for token in before.iter().filter(|token| !is_among(token, &now)) {
            put(output, "out", &module, token);
        }
        for token in now.iter().filter(|token| !is_among(token, &before)) {
            put(output, "in", &module, token);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn is_among(token: &Presence, others: &[Presence]) -> bool {
    let same = |other: &Presence| other.serial == token.serial && other.label == token.label;
    others.iter().any(same)
}

fn put(output: &mut Output, event: &str, module: &Path, token: &Presence) {
    let object =
        json!({ "event": event, "module": module, "label": token.label, "serial": token.serial });
    let key = if event == "in" {
        "token-in"
    } else {
        "token-out"
    };
    output.put(&object, |language| {
        let facts = [("label", token.label.as_str()), ("serial", &token.serial)];
        line(language, &["cli", key], &facts)
    });
}

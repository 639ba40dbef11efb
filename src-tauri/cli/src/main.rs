//! `antin`: the desk's verbs without a window.
//!
//! Each verb is a file here and a file of the same name in `ops`; this crate only reads words, calls
//! the verb and prints what came of it, for a person or, with `--json`, for a program. A PIN comes
//! through standard input, never as an argument. Read next: [`words`] for the command line.

mod appendix;
mod copy;
mod dispatch;
mod extend;
mod inbox;
mod incoming;
mod initial;
mod issue;
mod letter;
mod number;
mod outbox;
mod output;
mod path;
mod progress;
mod receipt;
mod seal;
mod sign;
mod sync;
mod token;
mod trust;
mod verify;
mod words;

use antin_ops::{error::Error, office::Office};
use clap::Parser;
use output::Output;
use std::process::ExitCode;
use words::{Verb, Words};

fn main() -> ExitCode {
    if let Some(helper) = antin_ops::helper::dispatch() {
        return helper;
    }
    log();
    let words = Words::parse();
    let mut output = Output::new(words.language(), words.json);
    match run(&words, &mut output) {
        Ok(code) => code,
        Err(error) => output.failure(&error),
    }
}

/// Warnings go to standard error when asked for; nothing that is logged holds a PIN.
fn log() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("ANTIN_LOG").unwrap_or_else(|_| "error".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

fn run(words: &Words, output: &mut Output) -> Result<ExitCode, Error> {
    let office = || Office::open(&words.office());
    match &words.verb {
        Verb::Sign(order) => sign::run(words, order, output),
        Verb::Extend(order) => extend::run(words, order, output),
        Verb::Verify(order) => verify::run(words, order, output),
        Verb::Letter(order) => letter::run(&office()?, order, output),
        Verb::Issue(order) => issue::run(&office()?, order, output),
        Verb::Dispatch(order) => dispatch::run(&office()?, order, output),
        Verb::Sync(order) => sync::run(&office()?, order, output),
        Verb::Inbox(order) => inbox::run(&office()?, order, output),
        Verb::Outbox => outbox::run(&office()?, output),
        Verb::Receipt(order) => receipt::run(words, order, output),
        Verb::Token(order) => token::run(words, order, output),
        Verb::Path(order) => path::run(order, output),
        Verb::Trust(order) => trust::run(words, order, output).map(|()| ExitCode::SUCCESS),
    }
}

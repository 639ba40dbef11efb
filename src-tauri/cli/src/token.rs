//! `antin token list | doctor | change-pin`.

mod change_pin;
mod doctor;
mod hidden;
mod watch;

use crate::{output::Output, words::Words};
use antin_ops::{
    Token,
    error::{Error, Result},
    helper,
    message::{self, Language},
    tokens,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Subcommand)]
pub(crate) enum Order {
    /// Tokens, their flags and certificates; no PIN is asked
    List(List),
    /// From the port to the time-stamp: what is well, what is wrong and its one remedy; exit 1 if anything is wrong
    Doctor(Doctor),
    /// Change a token's PIN; old and new are asked for on the terminal, or read from standard input
    ChangePin(ChangePin),
}

#[derive(Args)]
pub(crate) struct List {
    /// PKCS#11 modules; without it the known ones of this system
    #[arg(long, value_name = "SO")]
    module: Vec<PathBuf>,
    /// Go on, and say which token is plugged in and pulled out
    #[arg(long)]
    watch: bool,
}

#[derive(Args)]
pub(crate) struct Doctor {
    /// PKCS#11 modules; without it the office's, else the known ones of this system
    #[arg(long, value_name = "SO")]
    module: Vec<PathBuf>,
    /// Tokens that must be there, by label or serial number; without it the office's, else whatever is plugged in
    #[arg(long, value_name = "LABEL")]
    token: Vec<String>,
    /// Files with trust anchors, beside the bundled ones
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Time-stamp authority; may be given several times; without it the office's
    #[arg(long, value_name = "URL")]
    tsa: Vec<String>,
    /// Ask nobody: clock and time-stamps are not checked
    #[arg(long)]
    offline: bool,
}

#[derive(Args)]
pub(crate) struct ChangePin {
    /// PKCS#11 modules; without it the office's, else the known ones of this system
    #[arg(long, value_name = "SO")]
    module: Vec<PathBuf>,
    /// The token's label or serial number; without it the only one plugged in
    #[arg(long, value_name = "LABEL")]
    token: Option<String>,
    /// Read the old PIN and the new one from standard input, a line each
    #[arg(long)]
    pin_stdin: bool,
    /// Go on although the token locks at the next wrong PIN
    #[arg(long)]
    last_try: bool,
}

pub(crate) fn run(words: &Words, order: &Order, output: &mut Output) -> Result<ExitCode> {
    match order {
        Order::List(order) if order.watch => watch::run(order, output),
        Order::List(order) => list(order, output),
        Order::Doctor(order) => doctor::run(words, order, output),
        Order::ChangePin(order) => change_pin::run(words, order, output),
    }
}

fn list(order: &List, output: &mut Output) -> Result<ExitCode> {
    let program = helper::program().map_err(Error::unknown)?;
    let (mut found, mut failed) = (false, false);
    for seen in tokens::list(&program, &order.module) {
        match seen.tokens {
            Ok(tokens) => {
                for token in &tokens {
                    found = true;
                    output.put(&object(&seen.module, token), |language| {
                        sentence(language, token)
                    });
                }
            }
            // One driver's failure hides no other's tokens.
            Err(error) => {
                failed = true;
                let said = message::say(output.language(), &error);
                let object = json!({ "module": seen.module, "error": {
                    "code": error.code.name(), "what": said.what, "advice": said.advice, "detail": error.detail(),
                } });
                output.put(&object, |_| format!("{}\n  → {}", said.what, said.advice));
            }
        }
    }
    if !found && !failed {
        output.say("no-tokens", &[]);
    }
    // Of drivers that nobody named, some may well be in disorder.
    Ok(if failed && !order.module.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn sentence(language: Language, token: &Token) -> String {
    let mut text = format!(
        "{}  {} {}  {}",
        token.label, token.manufacturer, token.model, token.serial
    );
    if let Some(key) = pin_state(token) {
        text += &format!("\n    ! {}", message::line(language, &["cli", key], &[]));
    }
    for certificate in &token.certificates {
        text += &format!("\n    {}  {}", hex(&certificate.id), certificate.label);
    }
    if let Some(detail) = &token.unreadable {
        text += &format!("\n    ? {detail}");
    }
    text
}

/// What the token says of its PIN, where that is worth a line.
fn pin_state(token: &Token) -> Option<&'static str> {
    let flags = token.flags;
    match (flags.locked, flags.final_try, flags.count_low) {
        (true, ..) => Some("pin-locked"),
        (_, true, _) => Some("pin-last-try"),
        (_, _, true) => Some("pin-count-low"),
        _ => None,
    }
}

fn object(module: &Path, token: &Token) -> Value {
    let certificates: Vec<Value> = token
        .certificates
        .iter()
        .map(|c| json!({ "id": hex(&c.id), "label": c.label, "hasKey": c.has_key }))
        .collect();
    let flags = token.flags;
    json!({
        "module": module, "label": token.label, "serial": token.serial, "model": token.model, "manufacturer": token.manufacturer,
        "countLow": flags.count_low, "finalTry": flags.final_try, "locked": flags.locked,
        "pinPad": flags.protected_authentication_path, "pinMin": token.pin_min, "pinMax": token.pin_max,
        "certificates": certificates, "unreadable": token.unreadable,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

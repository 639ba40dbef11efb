//! `antin token list`: what is plugged in. No PIN is asked.

use crate::{output::Output, words::Token as Order};
use antin_ops::{
    Token,
    error::{Error, Result},
    helper, message, tokens,
};
use serde_json::{Value, json};
use std::{path::Path, process::ExitCode};

pub(crate) fn run(order: &Order, output: &mut Output) -> Result<ExitCode> {
    let Order::List { module } = order;
    let program = helper::program().map_err(Error::unknown)?;
    let mut found = false;
    for seen in tokens::list(&program, module) {
        match seen.tokens {
            Ok(tokens) => {
                for token in &tokens {
                    found = true;
                    output.put(&object(&seen.module, token), |_| words(token));
                }
            }
            Err(error) if !module.is_empty() => return Err(error),
            Err(error) => {
                let said = message::say(output.language(), &error);
                output.put(
                    &json!({ "module": seen.module, "error": error.code.name() }),
                    |_| said.what,
                );
            }
        }
    }
    if !found {
        output.say("no-tokens", &[]);
    }
    Ok(ExitCode::SUCCESS)
}

fn words(token: &Token) -> String {
    let mut text = format!(
        "{}  {} {}  {}",
        token.label, token.manufacturer, token.model, token.serial
    );
    for certificate in &token.certificates {
        text += &format!("\n    {}  {}", hex(&certificate.id), certificate.label);
    }
    text
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
        "pinPad": flags.protected_authentication_path, "certificates": certificates,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! `antin token change-pin`: what the token says of itself comes first, so that nobody types in vain.

use super::{ChangePin, hidden};
use crate::{output::Output, sign::read_pin, words::Words};
use antin_ops::{
    Token, UserPin,
    error::{Code, Error, Result},
    helper,
    message::line,
    office::OfficeConfig,
    tokens::{PinChange, modules_of},
};
use serde_json::json;
use std::process::ExitCode;

pub(super) fn run(words: &Words, order: &ChangePin, output: &mut Output) -> Result<ExitCode> {
    let program = helper::program().map_err(Error::unknown)?;
    let modules = match words.named_office() {
        Some(folder) if order.module.is_empty() => {
            modules_of(&folder, &OfficeConfig::read(&folder)?)
        }
        _ => order.module.clone(),
    };
    let begun = PinChange::begin(&program, &modules, order.token.as_deref(), order.last_try);
    let change = begun.inspect_err(|error| hint(error, output))?;
    warn(change.token(), output);
    let pins = pins(change.token(), order.pin_stdin, output)?;
    let token = change
        .apply(pins)
        .inspect_err(|error| hint(error, output))?;
    let object = json!({ "label": token.label, "serial": token.serial, "changed": true });
    output.put(&object, |language| {
        line(
            language,
            &["cli", "pin-changed"],
            &[("label", &token.label)],
        )
    });
    Ok(ExitCode::SUCCESS)
}

fn hint(error: &Error, output: &mut Output) {
    if error.code == Code::PinLastTry {
        output.say("pin-last-try-hint", &[]);
    }
}

fn warn(token: &Token, output: &mut Output) {
    if token.flags.final_try {
        output.say("pin-last-try", &[]);
    } else if token.flags.count_low {
        output.say("pin-count-low", &[]);
    }
}

/// The old PIN and the new one; none where both are typed on the token.
fn pins(
    token: &Token,
    from_stdin: bool,
    output: &mut Output,
) -> Result<Option<(UserPin, UserPin)>> {
    if token.flags.protected_authentication_path {
        output.say("pin-at-pad", &[("label", &token.label)]);
        return Ok(None);
    }
    if from_stdin {
        return Ok(read_pin(true)?.zip(read_pin(true)?));
    }
    let language = output.language();
    let ask = |key: &str| {
        let (shortest, longest) = (token.pin_min.to_string(), token.pin_max.to_string());
        let facts = [
            ("label", token.label.as_str()),
            ("min", &shortest),
            ("max", &longest),
        ];
        hidden::ask(&line(language, &["cli", key], &facts))
    };
    let old = ask("pin-old")?;
    let new = ask("pin-new")?;
    if !ask("pin-again")?.is_same(&new) {
        return Err(Error::new(Code::PinsDiffer));
    }
    Ok(Some((old, new)))
}

//! `antin extend`: what makes signatures outlive their certificates, into files in place.

use crate::{
    output::Output,
    words::{Extend, ExtendLevel, Words},
};
use antin_ops::{
    error::Result,
    extend::{ExtendOrder, Extended, Level, extend_files},
    message::line,
    office::Office,
    trust::Trust,
};
use serde_json::json;
use std::process::ExitCode;

pub(crate) fn run(words: &Words, order: &Extend, output: &mut Output) -> Result<ExitCode> {
    let office = words
        .named_office()
        .map(|folder| Office::open(&folder))
        .transpose()?;
    let bundled;
    let trust = match &office {
        Some(office) => office.trust(),
        None => {
            bundled = Trust::bundled(&order.trust)?;
            &bundled
        }
    };
    let authorities = match &office {
        Some(office) if order.tsa.is_empty() => &office.config().tsa,
        _ => &order.tsa,
    };
    let level = match order.level {
        ExtendLevel::T => Level::T,
        ExtendLevel::Lt => Level::Lt,
        ExtendLevel::Lta => Level::Lta,
    };
    let files = ExtendOrder {
        level,
        authorities,
        files: &order.files,
    };
    let mut all_extended = true;
    extend_files(trust, &files, &mut |file, outcome| match outcome {
        Ok(extended) => report(output, &extended),
        Err(error) => {
            all_extended = false;
            output.refusal(file, &error);
        }
    });
    Ok(if all_extended {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(output: &mut Output, extended: &Extended) {
    let Extended { path, field, grown } = extended;
    let object =
        json!({ "file": path.display().to_string(), "field": field, "bytesAppended": grown });
    output.put(&object, |language| {
        let key = match (field, grown) {
            (None, 0) => "extend-nothing",
            (None, _) => "extended-store",
            (Some(_), 0) => "stamped",
            (Some(_), _) => "extended",
        };
        let facts = [
            ("file", path.display().to_string()),
            ("field", field.clone().unwrap_or_default()),
            ("bytes", grown.to_string()),
        ];
        let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
        line(language, &["cli", key], &facts)
    });
}

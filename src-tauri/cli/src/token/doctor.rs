//! `antin token doctor`: one line each, one remedy for what is broken, one sentence at the end.

use super::Doctor;
use crate::{output::Output, words::Words};
use antin_ops::{
    clock,
    doctor::{Finding, Patient, State, examine},
    error::{Error, Result},
    helper,
    message::{self, Language, line},
    office::Office,
    trust::{Network, Trust},
};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) fn run(words: &Words, order: &Doctor, output: &mut Output) -> Result<ExitCode> {
    let network = if order.offline {
        Network::Offline
    } else {
        Network::Online
    };
    let office = words.named_office();
    let office = office.map(|folder| Office::open(&folder)).transpose()?;
    let program = helper::program().map_err(Error::unknown)?;
    let bundled = Trust::bundled(&order.trust)?;
    let mut patient = match &office {
        Some(office) => Patient::of_office(office, network),
        None => Patient {
            helper: &program,
            modules: Vec::new(),
            tokens: Vec::new(),
            trust: &bundled,
            authorities: Vec::new(),
            server: None,
            network,
        },
    };
    if !order.module.is_empty() {
        patient.modules.clone_from(&order.module);
    }
    if !order.token.is_empty() {
        patient.tokens.clone_from(&order.token);
    }
    if !order.trust.is_empty() {
        patient.trust = &bundled;
    }
    if !order.tsa.is_empty() {
        patient.authorities.clone_from(&order.tsa);
    }
    let (mut faults, mut unchecked) = (0usize, 0usize);
    examine(&patient, clock::now(), &mut |finding| {
        match finding.state {
            State::Broken(_) => faults += 1,
            State::Unchecked(_) => unchecked += 1,
            State::Fine(_) => {}
        }
        let object = object(output.language(), finding);
        output.put(&object, |language| sentence(language, finding));
    });
    let (key, count) = match (faults, unchecked) {
        (0, 0) => ("healthy", 0),
        (0, unchecked) => ("partly", unchecked),
        (faults, _) => ("sick", faults),
    };
    let object = json!({ "healthy": faults == 0, "faults": faults, "notChecked": unchecked });
    output.put(&object, |language| {
        line(language, &["doctor", key], &[("count", &count.to_string())])
    });
    Ok(if faults == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What stands on the line, and the remedy where one is needed.
fn told(language: Language, finding: &Finding) -> (String, Option<String>) {
    let facts: Vec<(&str, &str)> = finding
        .facts
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    match &finding.state {
        State::Fine(key) => (line(language, &["doctor", "fine", key], &facts), None),
        State::Unchecked(key) => (line(language, &["doctor", "unchecked", key], &facts), None),
        State::Broken(error) => {
            let said = message::say(language, error);
            (said.what, Some(said.advice))
        }
    }
}

fn sentence(language: Language, finding: &Finding) -> String {
    let step = line(language, &["doctor", "steps", finding.step.name()], &[]);
    let (what, remedy) = told(language, finding);
    match &finding.state {
        State::Fine(_) => format!("✓ {step}: {what}"),
        State::Unchecked(_) => {
            let why = line(
                language,
                &["doctor", "mark", "not-checked"],
                &[("why", &what)],
            );
            format!("– {step}: {why}")
        }
        State::Broken(_) => format!("✗ {step}: {what}\n    → {}", remedy.unwrap_or_default()),
    }
}

fn object(language: Language, finding: &Finding) -> Value {
    let (what, remedy) = told(language, finding);
    let (state, code, detail) = match &finding.state {
        State::Fine(_) => ("ok", None, None),
        State::Unchecked(_) => ("not-checked", None, None),
        State::Broken(error) => ("fault", Some(error.code.name()), Some(error.detail())),
    };
    json!({
        "step": finding.step.name(), "state": state, "what": what, "fix": remedy, "code": code, "detail": detail,
        "facts": finding.facts,
    })
}

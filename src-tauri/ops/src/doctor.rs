//! *Khám thiết bị ký*: from the port to the time-stamp, what is well, what is not and its one remedy, and what could not
//! be looked at.
//!
//! No PIN is asked for and none is sent. A step whose ground is missing is not checked, rather than blamed.

mod clock;
mod reader;

use crate::{
    error::{Code, Error, Result},
    letter::date_text,
    office::Office,
    signer::{choose, only, subject},
    tokens,
    trust::{Network, Trust},
};
use antin_pkix::{Certificate, PathStatus, Usage, validate_path};
use antin_token::Token;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use time::OffsetDateTime;

/// What is looked at, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The port or reader, and the system's smart card service.
    Reader,
    /// The PKCS#11 modules.
    Driver,
    /// A token and its PIN's state.
    Token,
    /// Its certificate.
    Certificate,
    /// The path from there to a trust anchor.
    Path,
    /// This computer's clock.
    Clock,
    /// The time-stamp authorities.
    Tsa,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Step; 7] = [
        Step::Reader,
        Step::Driver,
        Step::Token,
        Step::Certificate,
        Step::Path,
        Step::Clock,
        Step::Tsa,
    ];

    /// Its name in `--json` and in the table of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Step::Reader => "reader",
            Step::Driver => "driver",
            Step::Token => "token",
            Step::Certificate => "certificate",
            Step::Path => "path",
            Step::Clock => "clock",
            Step::Tsa => "tsa",
        }
    }
}

/// How it is with a step.
#[derive(Debug)]
pub enum State {
    /// Well; the key of the sentence that says so.
    Fine(&'static str),
    /// Not well: what happened, and through the table of texts the one thing to do.
    Broken(Error),
    /// Not looked at; the key of the reason.
    Unchecked(&'static str),
}

/// One line of the examination.
#[derive(Debug)]
pub struct Finding {
    /// What was looked at.
    pub step: Step,
    /// How it is.
    pub state: State,
    /// The facts that the sentence names.
    pub facts: BTreeMap<&'static str, String>,
}

impl Finding {
    fn new(step: Step, state: State) -> Finding {
        Finding {
            step,
            state,
            facts: BTreeMap::new(),
        }
    }

    fn fine(step: Step, key: &'static str) -> Finding {
        Finding::new(step, State::Fine(key))
    }

    fn broken(step: Step, error: Error) -> Finding {
        Finding::new(step, State::Broken(error))
    }

    fn unchecked(step: Step, why: &'static str) -> Finding {
        Finding::new(step, State::Unchecked(why))
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Finding {
        self.facts.insert(name, value.to_string());
        self
    }
}

/// What to examine.
pub struct Patient<'a> {
    /// The program helpers are started from.
    pub helper: &'a Path,
    /// The drivers; empty for the known ones of this system.
    pub modules: Vec<PathBuf>,
    /// The tokens that must be there, by label or serial number; empty for whatever is plugged in.
    pub tokens: Vec<String>,
    /// Whom to trust.
    pub trust: &'a Trust,
    /// Time-stamp authorities.
    pub authorities: Vec<String>,
    /// The province's system, whose clock counts where no authority answers.
    pub server: Option<String>,
    /// Whether anybody may be asked.
    pub network: Network,
}

impl<'a> Patient<'a> {
    /// An office: its people's tokens, its authorities, its province.
    #[must_use]
    pub fn of_office(office: &'a Office, network: Network) -> Patient<'a> {
        let config = office.config();
        let mut tokens: Vec<String> = Vec::new();
        for signer in &config.signers {
            if !tokens.contains(&signer.token) {
                tokens.push(signer.token.clone());
            }
        }
        Patient {
            helper: office.helper(),
            modules: tokens::modules_of(office.folder(), config),
            tokens,
            trust: office.trust(),
            authorities: config.tsa.clone(),
            server: Some(config.server.url.clone()),
            network,
        }
    }
}

/// Walks from the port to the time-stamp. `tell` hears each finding as soon as it stands.
pub fn examine(patient: &Patient<'_>, now: OffsetDateTime, tell: &mut dyn FnMut(&Finding)) {
    let seen = tokens::list(patient.helper, &patient.modules);
    let found: Vec<&Token> = seen
        .iter()
        .filter_map(|module| module.tokens.as_ref().ok())
        .flatten()
        .collect();
    tell(&reader::finding(!found.is_empty()));
    let named_drivers = !patient.modules.is_empty();
    let drivers = drivers(&seen, named_drivers, !found.is_empty());
    let usable = drivers.iter().any(|d| matches!(d.state, State::Fine(_)));
    drivers.iter().for_each(&mut *tell);
    for token in wanted(patient, &found, usable) {
        one_token(patient, token, now, tell);
    }
    for finding in clock::findings(patient) {
        tell(&finding);
    }
}

/// One line for each driver that serves; a driver nobody named is blamed only where none serves.
fn drivers(seen: &[tokens::Seen], named: bool, shows_tokens: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for module in seen {
        match &module.tokens {
            Ok(tokens) => findings.push(
                Finding::fine(Step::Driver, "driver")
                    .with("module", module.module.display())
                    .with("count", tokens.len()),
            ),
            Err(error) if named || !shows_tokens => {
                findings.push(Finding::broken(Step::Driver, again(error)));
            }
            Err(_) => {}
        }
    }
    if findings.is_empty() {
        findings.push(Finding::broken(
            Step::Driver,
            Error::new(Code::TokenDriverMissing),
        ));
    }
    findings
}

/// The same error once more: a finding keeps what it says, not its causes' values.
fn again(error: &Error) -> Error {
    let mut copy = Error::caused(error.code, error.detail());
    copy.facts.clone_from(&error.facts);
    copy
}

/// The tokens to go on with: each that is wanted, or why it cannot be looked at.
fn wanted<'t>(
    patient: &Patient<'_>,
    found: &[&'t Token],
    usable: bool,
) -> Vec<std::result::Result<&'t Token, Finding>> {
    if !usable {
        return vec![Err(Finding::unchecked(Step::Token, "before"))];
    }
    if patient.tokens.is_empty() {
        return match found {
            [] => vec![Err(Finding::broken(
                Step::Token,
                Error::new(Code::TokenNone),
            ))],
            found => distinct(found).into_iter().map(Ok).collect(),
        };
    }
    let distinct = distinct(found);
    let by_name = |name: &String| {
        let owned = distinct.iter().map(|token| (*token).clone()).collect();
        match only(owned, name) {
            Ok(token) => distinct
                .iter()
                .copied()
                .find(|one| **one == token)
                .ok_or_else(|| Finding::unchecked(Step::Token, "before")),
            Err(error) => Err(Finding::broken(Step::Token, error)),
        }
    };
    patient.tokens.iter().map(by_name).collect()
}

/// A token behind two drivers, such as its maker's and p11-kit's, is one token.
fn distinct<'t>(found: &[&'t Token]) -> Vec<&'t Token> {
    let mut distinct: Vec<&Token> = Vec::new();
    for token in found {
        let is_known = |known: &&Token| !token.serial.is_empty() && **known == **token;
        if !distinct.iter().any(is_known) {
            distinct.push(token);
        }
    }
    distinct
}

/// Token, certificate and path of one token.
fn one_token(
    patient: &Patient<'_>,
    token: std::result::Result<&Token, Finding>,
    now: OffsetDateTime,
    tell: &mut dyn FnMut(&Finding),
) {
    let token = match token {
        Ok(token) => token,
        Err(finding) => {
            tell(&finding);
            tell(&Finding::unchecked(Step::Certificate, "before"));
            tell(&Finding::unchecked(Step::Path, "before"));
            return;
        }
    };
    tell(&pin_state(token));
    let certificate = match certificate(token, now) {
        Ok(certificate) => certificate,
        Err(error) => {
            tell(&Finding::broken(Step::Certificate, error));
            tell(&Finding::unchecked(Step::Path, "before"));
            return;
        }
    };
    tell(
        &Finding::fine(Step::Certificate, "certificate")
            .with("subject", subject(&certificate))
            .with("date", date_text(certificate.not_after().date())),
    );
    tell(&path(patient, &certificate, now));
}

/// What the token says of its PIN, worst first.
fn pin_state(token: &Token) -> Finding {
    let flags = token.flags;
    if flags.locked {
        return Finding::broken(Step::Token, Error::new(Code::PinLocked));
    }
    if flags.final_try {
        let error = Error::new(Code::PinLastTry).with("label", &token.label);
        return Finding::broken(Step::Token, error);
    }
    if flags.to_be_changed || !flags.pin_initialised {
        return Finding::broken(Step::Token, Error::new(Code::PinExpired));
    }
    let key = match (flags.count_low, flags.protected_authentication_path) {
        (true, _) => "token-count-low",
        (false, true) => "token-pad",
        (false, false) => "token",
    };
    Finding::fine(Step::Token, key)
        .with("label", &token.label)
        .with("serial", &token.serial)
        .with("model", &token.model)
}

fn certificate(token: &Token, now: OffsetDateTime) -> Result<Certificate> {
    if let Some(detail) = &token.unreadable {
        return Err(Error::caused(Code::TokenDriverFailed, detail.clone()));
    }
    choose(token, None, now).map(|(_, certificate)| certificate)
}

fn path(patient: &Patient<'_>, certificate: &Certificate, now: OffsetDateTime) -> Finding {
    let leaf = std::slice::from_ref(certificate);
    let evidence = patient.trust.evidence(leaf, patient.network, now);
    let anchors = patient.trust.store();
    let report = validate_path(certificate, &[], anchors, &evidence, now, Usage::Signing);
    let root = report.chain.last().map(subject).unwrap_or_default();
    let code = match report.status {
        PathStatus::Trusted => return Finding::fine(Step::Path, "path").with("root", root),
        PathStatus::RevocationUnknown { .. } => {
            return Finding::fine(Step::Path, "path-revocation-unknown").with("root", root);
        }
        PathStatus::NoPath { .. } => Code::CertificateUntrusted,
        PathStatus::Revoked { .. } => Code::CertificateRevoked,
        PathStatus::Expired { .. } => Code::CertificateExpired,
        PathStatus::NotYetValid { .. } => Code::CertificateNotYetValid,
        _ => Code::CertificateNotForSigning,
    };
    let mut error = Error::new(code).with("subject", subject(certificate));
    if let PathStatus::Expired { not_after, .. } = report.status {
        error = error.with("date", date_text(not_after.date()));
    }
    Finding::broken(Step::Path, error)
}

//! *Thiết bị ký*: what is plugged in ([`list`], [`Watch`]), whether a person's token is ready ([`status`]), and changing
//! its PIN ([`PinChange`]). Only the last asks for a PIN.

mod pin;
mod watch;

use crate::{
    clock,
    error::{Code, Error, Result},
    office::{Office, OfficeConfig, Role},
    signer::{Signer, subject, token_error},
};
use antin_token::{Host, Token, find_modules};
use std::{
    path::{Path, PathBuf},
    thread,
};
use time::OffsetDateTime;

pub use pin::PinChange;
pub use watch::{Seat, Watch, launches};

/// What one module shows.
pub struct Seen {
    /// The module.
    pub module: PathBuf,
    /// Its tokens, or why it does not show any.
    pub tokens: Result<Vec<Token>>,
}

/// The tokens of `modules`, or of the known modules of this system. Each module has a helper of its own, and all are
/// asked at once: one that hangs keeps nobody waiting longer than its own deadline.
#[must_use]
pub fn list(helper: &Path, modules: &[PathBuf]) -> Vec<Seen> {
    each(helper, modules, |host| host.tokens())
        .into_iter()
        .map(|(module, tokens)| Seen { module, tokens })
        .collect()
}

/// Asks every module the same question, at once.
pub(crate) fn each<T: Send>(
    helper: &Path,
    modules: &[PathBuf],
    question: impl Fn(&mut Host) -> std::result::Result<T, antin_token::Error> + Sync,
) -> Vec<(PathBuf, Result<T>)> {
    let modules = these_or_known(modules);
    let ask = |module: &Path| {
        Host::spawn(helper, module)
            .and_then(|mut host| question(&mut host))
            .map_err(token_error)
    };
    let answers: Vec<Result<T>> = thread::scope(|scope| {
        let asked: Vec<_> = modules
            .iter()
            .map(|module| scope.spawn(|| ask(module)))
            .collect();
        let lost = |_| Err(Error::unknown("a thread ended early"));
        let answers = asked.into_iter().map(|one| one.join().unwrap_or_else(lost));
        answers.collect()
    });
    modules.into_iter().zip(answers).collect()
}

fn these_or_known(modules: &[PathBuf]) -> Vec<PathBuf> {
    if modules.is_empty() {
        find_modules().into_iter().map(|found| found.path).collect()
    } else {
        modules.to_vec()
    }
}

/// The modules that office.json names, each once.
#[must_use]
pub fn modules_of(folder: &Path, config: &OfficeConfig) -> Vec<PathBuf> {
    let mut modules: Vec<PathBuf> = Vec::new();
    for signer in &config.signers {
        let module = folder.join(&signer.module);
        if !modules.contains(&module) {
            modules.push(module);
        }
    }
    modules
}

/// A person's token as the desk shows it.
#[derive(Clone, Debug)]
pub struct Status {
    /// The token's label as office.json names it.
    pub label: String,
    /// A wrong PIN was entered at least once since the last success.
    pub count_low: bool,
    /// One more wrong PIN locks it.
    pub final_try: bool,
    /// It is locked.
    pub locked: bool,
    /// The PIN is typed on the token itself.
    pub pin_pad: bool,
    /// Whose certificate it is.
    pub subject: String,
    /// Until when it is valid.
    pub not_after: OffsetDateTime,
}

/// Whether the token of `role` is there with a current certificate.
///
/// # Errors
/// [`Code::SignerUnknown`], [`Code::TokenAbsent`], [`Code::TokenCertificateMissing`], [`Code::CertificateExpired`],
/// [`Code::PinLocked`] and the other codes of a token.
pub fn status(office: &Office, role: Role) -> Result<Status> {
    let who = office.signer(role)?;
    let signer = Signer::of_office(office, who, clock::now())?;
    let flags = signer.token().flags;
    if flags.locked {
        return Err(Error::new(Code::PinLocked));
    }
    Ok(Status {
        label: who.token.clone(),
        count_low: flags.count_low,
        final_try: flags.final_try,
        locked: flags.locked,
        pin_pad: flags.protected_authentication_path,
        subject: subject(signer.certificate()),
        not_after: signer.certificate().not_after(),
    })
}

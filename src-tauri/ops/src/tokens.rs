//! *Thiết bị ký*: what is plugged in, and whether a person's token is ready. Asks for no PIN.

use crate::{
    clock,
    error::{Code, Error, Result},
    office::{Office, Role},
    signer::{Signer, subject, token_error},
};
use antin_token::{Host, Token, find_modules};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// What one module shows.
pub struct Seen {
    /// The module.
    pub module: PathBuf,
    /// Its tokens, or why it does not show any.
    pub tokens: Result<Vec<Token>>,
}

/// The tokens of `modules`, or of the known modules of this system.
#[must_use]
pub fn list(helper: &Path, modules: &[PathBuf]) -> Vec<Seen> {
    let known = || find_modules().into_iter().map(|m| m.path).collect();
    let modules = if modules.is_empty() {
        known()
    } else {
        modules.to_vec()
    };
    modules
        .into_iter()
        .map(|module| Seen {
            tokens: tokens(helper, &module),
            module,
        })
        .collect()
}

fn tokens(helper: &Path, module: &Path) -> Result<Vec<Token>> {
    Host::spawn(helper, module)
        .and_then(|mut host| host.tokens())
        .map_err(token_error)
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

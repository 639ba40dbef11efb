//! *Đổi mã PIN*: the token found first, so that a person knows before he types whether typing can help.

use crate::{
    error::{Code, Error, Result},
    signer::{only, token_error},
};
use antin_token::{Host, Token, UserPin};
use std::path::{Path, PathBuf};

/// A token found, its PIN about to be changed.
pub struct PinChange {
    host: Host,
    token: Token,
    last_try: bool,
}

impl PinChange {
    /// Finds the token of that label or serial number among `modules` (or the known ones), or the only one there. Without
    /// `last_try` one that would lock at the next wrong PIN is left alone.
    ///
    /// # Errors
    /// [`Code::TokenAbsent`], [`Code::TokenNone`], [`Code::TokenAmbiguous`], [`Code::PinLocked`], [`Code::PinLastTry`]
    /// and the codes of a driver.
    pub fn begin(
        helper: &Path,
        modules: &[PathBuf],
        token: Option<&str>,
        last_try: bool,
    ) -> Result<PinChange> {
        let (module, token) = find(helper, modules, token)?;
        let host = Host::spawn(helper, &module).map_err(token_error)?;
        if token.flags.locked {
            return Err(Error::new(Code::PinLocked));
        }
        if token.flags.final_try && !last_try {
            return Err(Error::new(Code::PinLastTry).with("label", &token.label));
        }
        Ok(PinChange {
            host,
            token,
            last_try,
        })
    }

    /// The token found.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Changes the PIN, with one call to the token. Where it has a pad of its own, both PINs are typed there.
    ///
    /// # Errors
    /// [`Code::PinNewInvalid`] and [`Code::PinNewSame`] before anything is sent; [`Code::PinIncorrect`] and its kin,
    /// [`Code::PinLocked`], [`Code::PinCancelled`] and the codes of a driver after it.
    pub fn apply(mut self, pins: Option<(UserPin, UserPin)>) -> Result<Token> {
        let pins = pins.filter(|_| !self.token.flags.protected_authentication_path);
        if let Some((old, new)) = &pins {
            if !self.takes(old) {
                return Err(Error::new(Code::PinInvalid));
            }
            if !self.takes(new) || !new.is_plain() {
                return Err(self.new_invalid());
            }
            if old.is_same(new) {
                return Err(Error::new(Code::PinNewSame));
            }
        }
        let name = if self.token.serial.is_empty() {
            &self.token.label
        } else {
            &self.token.serial
        };
        // Somebody may have mistyped since the token was found: its own word counts, just before the call.
        let now = self.host.tokens().map_err(token_error)?;
        if only(now, name)?.flags.final_try && !self.last_try {
            return Err(Error::new(Code::PinLastTry).with("label", &self.token.label));
        }
        match self.host.change_pin(name, pins) {
            Ok(()) => Ok(self.token),
            // Its length was checked: whatever else the token asks of a PIN is about the new one.
            Err(antin_token::Error::PinInvalid) => Err(self.new_invalid()),
            Err(error) => Err(token_error(error)),
        }
    }

    fn takes(&self, pin: &UserPin) -> bool {
        let (shortest, longest) = (self.token.pin_min, self.token.pin_max);
        let speaks = longest > 0 && shortest <= longest;
        pin.length() > 0 && (!speaks || (shortest..=longest).contains(&pin.length()))
    }

    fn new_invalid(&self) -> Error {
        Error::new(Code::PinNewInvalid)
            .with("min", self.token.pin_min.max(1))
            .with("max", self.token.pin_max)
    }
}

/// The token and the module it is behind.
fn find(helper: &Path, modules: &[PathBuf], name: Option<&str>) -> Result<(PathBuf, Token)> {
    let (mut found, mut failure) = (Vec::new(), None);
    for seen in super::list(helper, modules) {
        match seen.tokens {
            Ok(tokens) => found.extend(tokens.into_iter().map(|t| (seen.module.clone(), t))),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    found.retain(|(_, token)| name.is_none_or(|name| token.is_named(name)));
    // One token behind two modules, such as a maker's own and p11-kit's, is one token.
    found.dedup_by(|(_, one), (_, other)| {
        !one.serial.is_empty()
            && one.serial == other.serial
            && one.label == other.label
            && one.model == other.model
    });
    let several = found.len() > 1;
    match found.into_iter().next() {
        Some((_, token)) if several => {
            Err(Error::new(Code::TokenAmbiguous).with("label", name.unwrap_or(&token.label)))
        }
        Some(only) => Ok(only),
        None => Err(match (failure, name) {
            (Some(error), _) => error,
            (None, Some(name)) => Error::new(Code::TokenAbsent).with("label", name),
            (None, None) => Error::new(Code::TokenNone),
        }),
    }
}

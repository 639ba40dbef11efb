//! One loaded module: its tokens, at most one login, signatures. One thread owns it.

use std::path::{Path, PathBuf};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Cryptoki, RvError};
use cryptoki::object::{
    Attribute, AttributeInfo, AttributeType, CertificateType, ObjectClass, ObjectHandle,
};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use secrecy::{ExposeSecret, SecretString};

use super::fault;
use super::raw::Raw;
use super::sign::{Key, has_jealous_key, sign_with};
use crate::machine::{Library, Machine, library};
use crate::{
    Error, Presence, Reader, SignatureAlgorithm, Token, TokenCertificate, TokenFlags, Unusable,
};

/// The most certificates listed per token. VGCA's hold one or two: an expired and a current one.
const MOST_CERTIFICATES: usize = 64;

/// The most slots asked. A module that tells of more is broken; real ones have fewer than ten.
const MOST_SLOTS: usize = 64;

/// The largest certificate listed. Those of VGCA take 2 KiB.
const LARGEST_CERTIFICATE: usize = 16 << 10;

/// A loaded and initialised module.
pub(super) struct Module {
    pkcs11: Pkcs11,
    raw: Raw,
    login: Option<Login>,
}

/// The one login a module is given at a time.
pub(super) struct Login {
    pub(super) session: Session,
    slot: Slot,
    pub(super) label: String,
    /// The keys used so far.
    pub(super) keys: Vec<Key>,
    /// Kept only where a key demands it for every signature (`CKA_ALWAYS_AUTHENTICATE`), until the logout.
    pub(super) pin: Option<SecretString>,
}

impl Module {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        for_this_machine(path)?;
        let unusable = |fault| fault::unusable(path, fault);
        let pkcs11 = Pkcs11::new(absolute(path)).map_err(unusable)?;
        match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Cryptoki::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(fault) => return Err(unusable(fault)),
        }
        let raw = Raw::of(&absolute(path)).map_err(unusable)?;
        Ok(Self {
            pkcs11,
            raw,
            login: None,
        })
    }

    /// Ends the login and the module. What a module answers here concerns nobody any more.
    pub(super) fn close(mut self) {
        self.logout();
        let _ = self.pkcs11.finalize();
    }

    pub(super) fn tokens(&self) -> Result<Vec<Token>, Error> {
        let mut tokens = Vec::new();
        for (slot, info) in self.initialised()? {
            match self.certificates(slot) {
                Ok(certificates) => tokens.push(describe(&info, certificates, None)),
                // Pulled out while being read: it is not there.
                Err(Error::TokenRemoved) => {}
                // Another token of the same module may be well.
                Err(error) => tokens.push(describe(&info, Vec::new(), Some(error.to_string()))),
            }
        }
        Ok(tokens)
    }

    /// What is plugged in, without opening a session.
    pub(super) fn present(&self) -> Result<Vec<Presence>, Error> {
        let present = self.initialised()?.into_iter().map(|(_, info)| Presence {
            label: shown(info.label()),
            serial: shown(info.serial_number()),
            flags: flags(&info),
        });
        Ok(present.collect())
    }

    /// The slots, which for a vendor's module are the readers it sees.
    pub(super) fn readers(&self) -> Result<Vec<Reader>, Error> {
        let mut readers = Vec::new();
        let slots = self.pkcs11.get_all_slots().map_err(fault::error)?;
        for slot in slots.into_iter().take(MOST_SLOTS) {
            let info = self.pkcs11.get_slot_info(slot).map_err(fault::error)?;
            readers.push(Reader {
                name: shown(info.slot_description()),
                has_token: info.token_present(),
            });
        }
        Ok(readers)
    }

    pub(super) fn login(&mut self, token: &str, pin: Option<SecretString>) -> Result<(), Error> {
        self.logout();
        let (slot, info) = self.find(token)?;
        // A PIN sent past the token's own pad would be a wrong one, and count.
        let pin = pin.filter(|_| !info.protected_authentication_path());
        may_try(&info, pin.as_ref())?;
        let session = self.pkcs11.open_ro_session(slot).map_err(fault::error)?;
        match session.login(UserType::User, pin.as_ref()) {
            // The vendor's own single sign-on: the token holds the user for logged in already.
            Ok(()) | Err(Cryptoki::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(Cryptoki::Pkcs11(RvError::PinIncorrect, _)) => return Err(self.wrong_pin(slot)),
            Err(fault) => return Err(fault::error(fault)),
        }
        let pin = pin.filter(|_| has_jealous_key(&session));
        let label = shown(info.label());
        self.login = Some(Login {
            session,
            slot,
            label,
            keys: Vec::new(),
            pin,
        });
        Ok(())
    }

    /// Changes the PIN by the one call `C_SetPIN`, without a login before it: the old PIN is shown to the token once.
    /// Without PINs, the token asks for both at its own pad.
    pub(super) fn change_pin(
        &mut self,
        token: &str,
        pins: Option<(SecretString, SecretString)>,
    ) -> Result<(), Error> {
        self.logout();
        let (slot, info) = self.find(token)?;
        let pins = pins.filter(|_| !info.protected_authentication_path());
        may_try(&info, pins.as_ref().map(|(old, _)| old))?;
        if pins.as_ref().is_some_and(|(_, new)| !takes(&info, new)) {
            return Err(Error::PinInvalid);
        }
        let session = self.pkcs11.open_rw_session(slot).map_err(fault::error)?;
        let outcome = match &pins {
            Some((old, new)) => session.set_pin(old, new),
            None => self.raw.change_pin_at_the_pad(&session),
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(Cryptoki::Pkcs11(RvError::PinIncorrect, _)) => Err(self.wrong_pin(slot)),
            Err(fault) => Err(fault::error(fault)),
        }
    }

    /// What a wrong PIN has done, by the flags the token shows after it.
    fn wrong_pin(&self, slot: Slot) -> Error {
        match self.pkcs11.get_token_info(slot) {
            Ok(info) if info.user_pin_locked() => Error::PinLocked,
            Ok(info) => Error::PinIncorrect {
                count_low: info.user_pin_count_low(),
                final_try: info.user_pin_final_try(),
            },
            Err(_) => Error::PinIncorrect {
                count_low: true,
                final_try: false,
            },
        }
    }

    pub(super) fn logout(&mut self) {
        if let Some(login) = self.login.take() {
            // Closing the session ends the login as well; a token already gone has ended it by itself.
            let _ = login.session.logout();
        }
    }

    pub(super) fn sign(
        &mut self,
        key: &[u8],
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let login = self.login.as_mut().ok_or(Error::LoginRequired)?;
        let outcome = sign_with(login, &self.raw, key, algorithm, message);
        // A PIN that was right at the login and is wrong now: the token is in another state than thought. It is not
        // shown a second time.
        let slot = login.slot;
        if matches!(outcome, Err(Error::PinIncorrect { .. })) {
            self.login = None;
            return Err(self.wrong_pin(slot));
        }
        // Told apart where the module is vague: some answer CKR_DEVICE_ERROR for a token that is gone.
        if matches!(outcome, Err(Error::Other { .. })) && self.pkcs11.get_token_info(slot).is_err()
        {
            self.login = None;
            return Err(Error::TokenRemoved);
        }
        if matches!(outcome, Err(Error::TokenRemoved | Error::LoginRequired)) {
            self.login = None;
        }
        outcome
    }

    /// The slots with a token that was set up.
    fn initialised(&self) -> Result<Vec<(Slot, TokenInfo)>, Error> {
        let mut found = Vec::new();
        let slots = self.pkcs11.get_slots_with_token().map_err(fault::error)?;
        for slot in slots.into_iter().take(MOST_SLOTS) {
            match self.pkcs11.get_token_info(slot) {
                Ok(info) if info.token_initialized() => found.push((slot, info)),
                // Blank, of another maker, or pulled out since the slots were listed: no token of this module.
                Ok(_)
                | Err(Cryptoki::Pkcs11(
                    RvError::TokenNotRecognized | RvError::TokenNotPresent,
                    _,
                )) => {}
                Err(Cryptoki::Pkcs11(RvError::DeviceRemoved | RvError::SlotIdInvalid, _)) => {}
                Err(fault) => return Err(fault::error(fault)),
            }
        }
        Ok(found)
    }

    fn find(&self, name: &str) -> Result<(Slot, TokenInfo), Error> {
        let mut named = self.initialised()?;
        named
            .retain(|(_, info)| shown(info.label()) == name || shown(info.serial_number()) == name);
        match (named.pop(), named.is_empty()) {
            (Some(found), true) => Ok(found),
            (Some(_), false) => Err(Error::TokenAmbiguous {
                label: name.to_owned(),
            }),
            (None, _) => Err(Error::TokenAbsent {
                label: name.to_owned(),
            }),
        }
    }

    fn certificates(&self, slot: Slot) -> Result<Vec<TokenCertificate>, Error> {
        let session = self.pkcs11.open_ro_session(slot).map_err(fault::error)?;
        let template = [
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::CertificateType(CertificateType::X_509),
        ];
        let handles = session.find_objects(&template).map_err(fault::error)?;
        let logged_in = self.login.as_ref().is_some_and(|login| login.slot == slot);
        let mut certificates = Vec::new();
        for handle in handles.into_iter().take(MOST_CERTIFICATES) {
            let Some(mut certificate) = read_certificate(&session, handle)? else {
                continue;
            };
            certificate.has_key = has_key(&session, &certificate.id, logged_in)?;
            certificates.push(certificate);
        }
        Ok(certificates)
    }
}

/// A bare file name would be searched for by the system's loader, in places nobody has checked.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// A library for another machine is told by its head, before the system's loader refuses it in words of its own.
fn for_this_machine(path: &Path) -> Result<(), Error> {
    let cause = match (library(path), Machine::of_this_program()) {
        (Library::For(machines), Some(own)) if !machines.contains(&own) => Unusable::OtherMachine {
            machines,
            program: own,
        },
        (Library::Not, _) => Unusable::NotLibrary,
        _ => return Ok(()),
    };
    Err(Error::ModuleUnusable {
        path: path.to_path_buf(),
        cause,
    })
}

/// Whether a PIN may be shown to the token at all; nothing is sent where it cannot help.
fn may_try(info: &TokenInfo, pin: Option<&SecretString>) -> Result<(), Error> {
    if info.user_pin_locked() {
        return Err(Error::PinLocked);
    }
    if !info.user_pin_initialized() {
        return Err(Error::PinNotInitialised);
    }
    match pin {
        None if !info.protected_authentication_path() => Err(Error::PinRequired),
        // Too short or too long to be right: sending it would use up a try on some tokens.
        Some(pin) if !takes(info, pin) => Err(Error::PinInvalid),
        _ => Ok(()),
    }
}

/// A token's text as it can be shown and asked for: without its padding, and without control characters, which would
/// steer a terminal.
fn shown(text: &str) -> String {
    let visible = |letter: char| {
        if letter.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            letter
        }
    };
    text.trim_matches([' ', '\0'])
        .chars()
        .map(visible)
        .collect()
}

/// Whether a PIN has a length that the token says it takes; one that says nothing sensible takes all.
fn takes(info: &TokenInfo, pin: &SecretString) -> bool {
    let length = pin.expose_secret().len();
    let (shortest, longest) = (info.min_pin_length(), info.max_pin_length());
    longest == 0 || shortest > longest || (shortest..=longest).contains(&length)
}

fn flags(info: &TokenInfo) -> TokenFlags {
    TokenFlags {
        count_low: info.user_pin_count_low(),
        final_try: info.user_pin_final_try(),
        locked: info.user_pin_locked(),
        protected_authentication_path: info.protected_authentication_path(),
        pin_initialised: info.user_pin_initialized(),
        to_be_changed: info.user_pin_to_be_changed(),
    }
}

fn describe(
    info: &TokenInfo,
    certificates: Vec<TokenCertificate>,
    unreadable: Option<String>,
) -> Token {
    Token {
        label: shown(info.label()),
        serial: shown(info.serial_number()),
        manufacturer: shown(info.manufacturer_id()),
        model: shown(info.model()),
        flags: flags(info),
        pin_min: info.min_pin_length(),
        pin_max: info.max_pin_length(),
        certificates,
        unreadable,
    }
}

/// Reads a certificate object; `None` for one that is empty or too large to be a signer's.
fn read_certificate(
    session: &Session,
    handle: ObjectHandle,
) -> Result<Option<TokenCertificate>, Error> {
    let wanted = [
        AttributeType::Id,
        AttributeType::Label,
        AttributeType::Value,
    ];
    // Asked for their lengths first: room for whatever a broken module claims would end the process.
    let lengths = session
        .get_attribute_info(handle, &wanted)
        .map_err(fault::error)?;
    let is_sound = |length: &AttributeInfo| match length {
        AttributeInfo::Available(length) => *length <= LARGEST_CERTIFICATE,
        _ => true,
    };
    if !lengths.iter().all(is_sound) {
        return Ok(None);
    }
    let mut certificate = TokenCertificate {
        id: Vec::new(),
        der: Vec::new(),
        label: String::new(),
        has_key: None,
    };
    for attribute in session
        .get_attributes(handle, &wanted)
        .map_err(fault::error)?
    {
        match attribute {
            Attribute::Id(id) => certificate.id = id,
            Attribute::Label(label) => certificate.label = shown(&String::from_utf8_lossy(&label)),
            Attribute::Value(der) => certificate.der = der,
            _ => {}
        }
    }
    Ok((1..=LARGEST_CERTIFICATE)
        .contains(&certificate.der.len())
        .then_some(certificate))
}

/// Whether the certificate's key is there, as far as it shows.
fn has_key(session: &Session, id: &[u8], logged_in: bool) -> Result<Option<bool>, Error> {
    for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
        let template = [Attribute::Class(class), Attribute::Id(id.to_vec())];
        if !session
            .find_objects(&template)
            .map_err(fault::error)?
            .is_empty()
        {
            return Ok(Some(true));
        }
    }
    Ok(logged_in.then_some(false))
}

//! One loaded module: its tokens, at most one login, signatures. One thread owns it.

use std::ffi::c_ulong;
use std::path::{Path, PathBuf};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error as Cryptoki, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use secrecy::SecretString;

use super::fault;
use crate::signature::{digest_info_sha256, ecdsa_to_der, sha256, sha384};
use crate::{Error, SignatureAlgorithm, Token, TokenCertificate, TokenFlags};

/// The most certificates listed per token. VGCA's hold one or two: an expired and a current one.
const MOST_CERTIFICATES: usize = 64;

/// The largest certificate listed. Those of VGCA take 2 KiB.
const LARGEST_CERTIFICATE: usize = 16 << 10;

const PRIVATE_KEY: Attribute = Attribute::Class(ObjectClass::PRIVATE_KEY);
const ALWAYS_AUTHENTICATE: Attribute = Attribute::AlwaysAuthenticate(true);

/// The PSS parameters of RFC 4055 for SHA-256: what receivers expect, and the salt as long as the digest.
fn pss_sha256() -> PkcsPssParams {
    PkcsPssParams {
        hash_alg: MechanismType::SHA256,
        mgf: PkcsMgfType::MGF1_SHA256,
        s_len: c_ulong::from(32u8).into(),
    }
}

/// A loaded and initialised module.
pub(super) struct Module {
    pkcs11: Pkcs11,
    login: Option<Login>,
}

/// The one login a module is given at a time.
struct Login {
    session: Session,
    slot: Slot,
    label: String,
    /// Kept only where a key demands it for every signature (`CKA_ALWAYS_AUTHENTICATE`), until the logout.
    pin: Option<SecretString>,
}

impl Module {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let unusable = |fault| fault::unusable(path, fault);
        let pkcs11 = Pkcs11::new(absolute(path)).map_err(unusable)?;
        match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Cryptoki::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(fault) => return Err(unusable(fault)),
        }
        Ok(Self {
            pkcs11,
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
                Ok(certificates) => tokens.push(describe(&info, certificates)),
                // Pulled out while being read: it is not there.
                Err(Error::TokenRemoved) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(tokens)
    }

    pub(super) fn login(&mut self, token: &str, pin: Option<SecretString>) -> Result<(), Error> {
        self.logout();
        let (slot, info) = self.find(token)?;
        if info.user_pin_locked() {
            return Err(Error::PinLocked);
        }
        if !info.user_pin_initialized() {
            return Err(Error::PinNotInitialised);
        }
        if pin.is_none() && !info.protected_authentication_path() {
            return Err(Error::PinRequired);
        }
        let session = self.pkcs11.open_ro_session(slot).map_err(fault::error)?;
        match session.login(UserType::User, pin.as_ref()) {
            // The vendor's own single sign-on: the token holds the user for logged in already.
            Ok(()) | Err(Cryptoki::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(Cryptoki::Pkcs11(RvError::PinIncorrect, _)) => return Err(self.wrong_pin(slot)),
            Err(fault) => return Err(fault::error(fault)),
        }
        let pin = pin.filter(|_| is_any(&session, &[PRIVATE_KEY, ALWAYS_AUTHENTICATE]));
        let label = info.label().trim().to_owned();
        self.login = Some(Login {
            session,
            slot,
            label,
            pin,
        });
        Ok(())
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
        let login = self.login.as_ref().ok_or(Error::LoginRequired)?;
        let outcome = sign_with(login, key, algorithm, message);
        // Told apart where the module is vague: some answer CKR_DEVICE_ERROR for a token that is gone.
        if matches!(outcome, Err(Error::Other { .. }))
            && self.pkcs11.get_token_info(login.slot).is_err()
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
        for slot in self.pkcs11.get_slots_with_token().map_err(fault::error)? {
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
            .retain(|(_, info)| info.label().trim() == name || info.serial_number().trim() == name);
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

fn describe(info: &TokenInfo, certificates: Vec<TokenCertificate>) -> Token {
    Token {
        label: info.label().trim().to_owned(),
        serial: info.serial_number().trim().to_owned(),
        manufacturer: info.manufacturer_id().trim().to_owned(),
        model: info.model().trim().to_owned(),
        flags: TokenFlags {
            count_low: info.user_pin_count_low(),
            final_try: info.user_pin_final_try(),
            locked: info.user_pin_locked(),
            protected_authentication_path: info.protected_authentication_path(),
            pin_initialised: info.user_pin_initialized(),
            to_be_changed: info.user_pin_to_be_changed(),
        },
        pin_min: info.min_pin_length(),
        pin_max: info.max_pin_length(),
        certificates,
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
            Attribute::Label(label) => {
                certificate.label = String::from_utf8_lossy(&label).trim().to_owned()
            }
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

fn sign_with(
    login: &Login,
    id: &[u8],
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    let key = private_key(login, id)?;
    let sign =
        |mechanism: &Mechanism<'_>, input: &[u8]| raw_signature(login, id, key, mechanism, input);
    match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256 => sign(&Mechanism::Sha256RsaPkcs, message)
            .or_else(|fault| {
                hashing_is_ours(fault)?;
                sign(&Mechanism::RsaPkcs, &digest_info_sha256(message))
            })
            .map_err(fault::error),
        SignatureAlgorithm::RsaPssSha256 => {
            sign(&Mechanism::Sha256RsaPkcsPss(pss_sha256()), message)
                .or_else(|fault| {
                    hashing_is_ours(fault)?;
                    sign(&Mechanism::RsaPkcsPss(pss_sha256()), &sha256(message))
                })
                .map_err(fault::error)
        }
        SignatureAlgorithm::EcdsaSha256 => ecdsa(sign(&Mechanism::Ecdsa, &sha256(message))),
        SignatureAlgorithm::EcdsaSha384 => ecdsa(sign(&Mechanism::Ecdsa, &sha384(message))),
    }
}

/// Some tokens know only the bare padding and leave hashing to the caller; any other failure stands.
fn hashing_is_ours(fault: Cryptoki) -> Result<(), Cryptoki> {
    match fault {
        Cryptoki::Pkcs11(RvError::MechanismInvalid, Function::SignInit) => Ok(()),
        other => Err(other),
    }
}

/// PKCS#11's `r || s` as DER.
fn ecdsa(raw: Result<Vec<u8>, Cryptoki>) -> Result<Vec<u8>, Error> {
    ecdsa_to_der(&raw.map_err(fault::error)?).ok_or_else(|| Error::Other {
        function: "C_Sign".into(),
        code: "malformed signature".into(),
    })
}

/// One signature; where the key demands it, with the PIN shown to the token once more.
fn raw_signature(
    login: &Login,
    id: &[u8],
    key: ObjectHandle,
    mechanism: &Mechanism<'_>,
    input: &[u8],
) -> Result<Vec<u8>, Cryptoki> {
    let session = &login.session;
    if !is_any(
        session,
        &[PRIVATE_KEY, ALWAYS_AUTHENTICATE, Attribute::Id(id.to_vec())],
    ) {
        return session.sign(mechanism, key, input);
    }
    // Between C_SignInit and the signing itself, as PKCS#11 wants it. No retry: this PIN was right at the login.
    session.sign_init(mechanism, key)?;
    session.login(UserType::ContextSpecific, login.pin.as_ref())?;
    session.sign_update(input)?;
    session.sign_final()
}

/// Whether an object of this description shows. A module that does not understand the question has none.
fn is_any(session: &Session, template: &[Attribute]) -> bool {
    session
        .find_objects(template)
        .is_ok_and(|found| !found.is_empty())
}

fn private_key(login: &Login, id: &[u8]) -> Result<ObjectHandle, Error> {
    let find = |class| {
        let template = [Attribute::Class(class), Attribute::Id(id.to_vec())];
        login.session.find_objects(&template).map_err(fault::error)
    };
    if let Some(key) = find(ObjectClass::PRIVATE_KEY)?.first() {
        return Ok(*key);
    }
    if find(ObjectClass::CERTIFICATE)?.is_empty() {
        return Err(Error::NoCertificate {
            label: login.label.clone(),
        });
    }
    Err(Error::CertificateWithoutKey)
}

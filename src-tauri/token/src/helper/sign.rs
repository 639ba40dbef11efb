//! One signature with a key of the token logged in to.

use std::ffi::c_ulong;

use cryptoki::context::Function;
use cryptoki::error::{Error as Cryptoki, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};

use super::fault;
use super::module::Login;
use super::raw::Raw;
use crate::signature::{digest_info_sha256, ecdsa_to_der, sha256, sha384};
use crate::{Error, SignatureAlgorithm};

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

pub(super) fn sign_with(
    login: &mut Login,
    raw: &Raw,
    id: &[u8],
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    // Looked for once: a batch asks for the same key again and again, and tokens search slowly.
    let key = match login.keys.iter().find(|key| key.id == id) {
        Some(key) => key.clone(),
        None => {
            let key = private_key(login, id)?;
            login.keys.push(key.clone());
            key
        }
    };
    let login = &*login;
    let sign =
        |mechanism: &Mechanism<'_>, input: &[u8]| raw_signature(login, raw, &key, mechanism, input);
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
    raw: &Raw,
    key: &Key,
    mechanism: &Mechanism<'_>,
    input: &[u8],
) -> Result<Vec<u8>, Cryptoki> {
    let session = &login.session;
    if !key.wants_pin {
        return session.sign(mechanism, key.handle, input);
    }
    // Between C_SignInit and the signing itself, as PKCS#11 wants it. No retry: this PIN was right at the login.
    session.sign_init(mechanism, key.handle)?;
    session.login(UserType::ContextSpecific, login.pin.as_ref())?;
    raw.sign(session, input)
}

/// Whether a key on the token wants the PIN for every signature.
pub(super) fn has_jealous_key(session: &Session) -> bool {
    is_any(session, &[PRIVATE_KEY, ALWAYS_AUTHENTICATE])
}

/// Whether an object of this description shows. A module that does not understand the question has none.
fn is_any(session: &Session, template: &[Attribute]) -> bool {
    session
        .find_objects(template)
        .is_ok_and(|found| !found.is_empty())
}

/// A private key found on the token logged in to.
#[derive(Clone)]
pub(super) struct Key {
    id: Vec<u8>,
    handle: ObjectHandle,
    /// `CKA_ALWAYS_AUTHENTICATE`
    wants_pin: bool,
}

fn private_key(login: &Login, id: &[u8]) -> Result<Key, Error> {
    let find = |class| {
        let template = [Attribute::Class(class), Attribute::Id(id.to_vec())];
        login.session.find_objects(&template).map_err(fault::error)
    };
    if let Some(&handle) = find(ObjectClass::PRIVATE_KEY)?.first() {
        let jealous = [PRIVATE_KEY, ALWAYS_AUTHENTICATE, Attribute::Id(id.to_vec())];
        return Ok(Key {
            id: id.to_vec(),
            handle,
            wants_pin: is_any(&login.session, &jealous),
        });
    }
    if find(ObjectClass::CERTIFICATE)?.is_empty() {
        return Err(Error::NoCertificate {
            label: login.label.clone(),
        });
    }
    Err(Error::CertificateWithoutKey)
}

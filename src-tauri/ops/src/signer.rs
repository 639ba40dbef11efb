//! A person's token in hand: found by its label, its current certificate chosen, unlocked once.

use crate::{
    error::{Code, Error, Result},
    office::{Office, SignerConfig},
    trust::Trust,
};
use antin_cades::KeyAlgorithm;
use antin_pkix::Certificate;
use antin_token::{Host, SignatureAlgorithm, Token, TokenCertificate, Unusable, UserPin};
use std::path::Path;
use time::OffsetDateTime;

/// A token with the certificate that will sign.
pub(crate) struct Signer {
    host: Host,
    token: Token,
    key: Vec<u8>,
    certificate: Certificate,
    algorithm: KeyAlgorithm,
}

/// Whose signature it is. It is known without the token, which only gives the signature's value.
pub(crate) struct Holder {
    /// The certificate that signs.
    pub(crate) certificate: Certificate,
    /// The kind of its key.
    pub(crate) algorithm: KeyAlgorithm,
    /// The issuing certificates that go into the signature: receivers' tools seldom have them.
    pub(crate) chain: Vec<Vec<u8>>,
}

impl Holder {
    /// The name people know the holder by.
    pub(crate) fn name(&self) -> String {
        subject(&self.certificate)
    }
}

/// Which token, and which of its certificates.
pub(crate) struct Wanted<'a> {
    pub(crate) module: &'a Path,
    pub(crate) token: &'a str,
    /// `CKA_ID`; without it the current signing certificate is chosen.
    pub(crate) certificate: Option<&'a [u8]>,
}

impl Signer {
    /// Finds the token and its certificate. Asks for no PIN.
    pub(crate) fn take_up(
        helper: &Path,
        wanted: &Wanted<'_>,
        now: OffsetDateTime,
    ) -> Result<Signer> {
        let mut host = Host::spawn(helper, wanted.module).map_err(token_error)?;
        let tokens = host.tokens().map_err(token_error)?;
        let token = only(tokens, wanted.token)?;
        let (key, certificate) = choose(&token, wanted.certificate, now)?;
        let algorithm = KeyAlgorithm::of(&certificate).map_err(|e| {
            Error::caused(Code::CertificateNotForSigning, e).with("subject", subject(&certificate))
        })?;
        Ok(Signer {
            host,
            token,
            key,
            certificate,
            algorithm,
        })
    }

    /// The token that office.json names for a person.
    pub(crate) fn of_office(
        office: &Office,
        who: &SignerConfig,
        now: OffsetDateTime,
    ) -> Result<Signer> {
        let wanted = Wanted {
            module: &office.path(&who.module),
            token: &who.token,
            certificate: None,
        };
        let mut signer = Signer::take_up(office.helper(), &wanted, now)?;
        if who.rsa_pss && signer.algorithm == KeyAlgorithm::Rsa {
            signer.algorithm = KeyAlgorithm::RsaPss;
        }
        Ok(signer)
    }

    /// Logs in, once; a wrong PIN is never tried again by itself.
    pub(crate) fn unlock(&mut self, pin: Option<UserPin>) -> Result<()> {
        let name = if self.token.serial.is_empty() {
            &self.token.label
        } else {
            &self.token.serial
        };
        let name = name.clone();
        self.host.login(&name, pin).map_err(token_error)
    }

    /// Signs a message with the token's key.
    pub(crate) fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>> {
        let algorithm = match self.algorithm {
            KeyAlgorithm::Rsa => SignatureAlgorithm::RsaPkcs1Sha256,
            KeyAlgorithm::RsaPss => SignatureAlgorithm::RsaPssSha256,
            KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => SignatureAlgorithm::EcdsaSha256,
        };
        self.host
            .sign(&self.key, algorithm, message)
            .map_err(token_error)
    }

    /// The token as it was found.
    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// The certificate that signs.
    pub(crate) fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What a signature says about its maker.
    pub(crate) fn holder(&self, trust: &Trust) -> Holder {
        let issuers = trust.issuers(&self.certificate);
        Holder {
            certificate: self.certificate.clone(),
            algorithm: self.algorithm,
            chain: issuers.iter().map(|c| c.der().to_vec()).collect(),
        }
    }
}

/// The one token of that label or serial number: no PIN is shown to one of two on a guess.
pub(crate) fn only(tokens: Vec<Token>, name: &str) -> Result<Token> {
    let mut named = tokens.into_iter().filter(|t| t.is_named(name));
    let absent = || Error::new(Code::TokenAbsent).with("label", name);
    let token = named.next().ok_or_else(absent)?;
    if named.next().is_some() {
        return Err(Error::new(Code::TokenAmbiguous).with("label", name));
    }
    match &token.unreadable {
        Some(detail) => Err(Error::caused(Code::TokenDriverFailed, detail.clone())),
        None => Ok(token),
    }
}

/// One token often holds an expired certificate beside the current one (domain.md §6.3): the current one
/// is taken; if none is current, the refusal tells why the best one is not.
pub(crate) fn choose(
    token: &Token,
    id: Option<&[u8]>,
    now: OffsetDateTime,
) -> Result<(Vec<u8>, Certificate)> {
    let mut refusal = Error::new(Code::TokenCertificateMissing).with("label", &token.label);
    for stored in token
        .certificates
        .iter()
        .filter(|c| id.is_none_or(|id| c.id == id))
    {
        match usable(stored, now) {
            Ok(certificate) => return Ok((stored.id.clone(), certificate)),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

fn usable(stored: &TokenCertificate, now: OffsetDateTime) -> Result<Certificate> {
    let unusable = |code, subject: &str| Error::new(code).with("subject", subject);
    let certificate = Certificate::from_der(&stored.der).map_err(|e| {
        Error::caused(Code::CertificateNotForSigning, e).with("subject", &stored.label)
    })?;
    let name = subject(&certificate);
    if stored.has_key == Some(false) {
        return Err(unusable(Code::CertificateNotForSigning, &name));
    }
    let signs = match certificate.key_usage() {
        Ok(Some(usage)) => usage.digital_signature() || usage.non_repudiation(),
        Ok(None) => true,
        Err(_) => false,
    };
    if !signs {
        return Err(unusable(Code::CertificateNotForSigning, &name));
    }
    if now < certificate.not_before() {
        return Err(unusable(Code::CertificateNotYetValid, &name));
    }
    if now > certificate.not_after() {
        let date = crate::letter::date_text(certificate.not_after().date());
        return Err(unusable(Code::CertificateExpired, &name).with("date", date));
    }
    Ok(certificate)
}

/// The name people know a certificate by.
pub(crate) fn subject(certificate: &Certificate) -> String {
    certificate
        .subject()
        .common_name()
        .unwrap_or_default()
        .to_owned()
}

/// A driver that cannot be used; the commonest reason has a remedy of its own.
fn unusable(cause: &Unusable) -> Code {
    match cause {
        Unusable::OtherMachine { machines, program }
            if !program.is_32_bit() && machines.iter().all(|machine| machine.is_32_bit()) =>
        {
            Code::TokenDriver32Bit
        }
        _ => Code::TokenDriverUnusable,
    }
}

/// A token's error as the desk branches on it.
pub(crate) fn token_error(error: antin_token::Error) -> Error {
    use antin_token::Error as E;
    let (code, fact) = match &error {
        E::PinIncorrect {
            final_try: true, ..
        } => (Code::PinIncorrectFinalTry, None),
        E::PinIncorrect {
            count_low: true, ..
        } => (Code::PinIncorrectCountLow, None),
        E::PinIncorrect { .. } => (Code::PinIncorrect, None),
        E::PinLocked => (Code::PinLocked, None),
        E::PinInvalid | E::PinRequired => (Code::PinInvalid, None),
        E::PinExpired | E::PinNotInitialised => (Code::PinExpired, None),
        E::Cancelled => (Code::PinCancelled, None),
        E::TokenAbsent { label } => (Code::TokenAbsent, Some(("label", label.clone()))),
        E::TokenAmbiguous { label } => (Code::TokenAmbiguous, Some(("label", label.clone()))),
        E::TokenRemoved | E::LoginRequired => (Code::TokenRemoved, None),
        E::NoCertificate { label } => (
            Code::TokenCertificateMissing,
            Some(("label", label.clone())),
        ),
        E::CertificateWithoutKey => (
            Code::TokenCertificateMissing,
            Some(("label", String::new())),
        ),
        E::ModuleNotFound { path } => (
            Code::TokenModuleNotFound,
            Some(("module", path.display().to_string())),
        ),
        E::ModuleUnusable { path, cause } => (
            unusable(cause),
            Some(("module", path.display().to_string())),
        ),
        E::Unsupported { what } => (Code::TokenUnsupported, Some(("what", what.clone()))),
        E::HelperNotStarted { .. }
        | E::HelperCrashed { .. }
        | E::Timeout { .. }
        | E::Other { .. } => (Code::TokenDriverFailed, None),
        _ => return Error::unknown(error),
    };
    let wrapped = Error::caused(code, error);
    match fact {
        Some((name, value)) => wrapped.with(name, value),
        None => wrapped,
    }
}

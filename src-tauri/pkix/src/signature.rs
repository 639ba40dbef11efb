//! Public keys and signatures, RFC 3279, 4055, 5758, 8410. The arithmetic is `ring`'s; for ECDSA with a digest or
//! curve that ring does not pair it is RustCrypto's (`p256`, `p384`, `p521`). What neither has (`rsa`, `dsa`, `ed448`,
//! `brainpool`) is done
//! here over RustCrypto's big numbers: public operations only.

mod brainpool;
pub(crate) mod dsa;
mod ed448;
mod rsa;

use crate::asn1::{Reader, tag};
use crate::{AlgorithmIdentifierOwned, DigestAlgorithm, Error};
use ring::signature as r;

/// The kind of a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA, with the modulus' size.
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// ECDSA over P-256.
    EcdsaP256,
    /// ECDSA over P-384.
    EcdsaP384,
    /// ECDSA over P-521.
    EcdsaP521,
    /// ECDSA over a Brainpool curve, the random one of this size (RFC 5639).
    Brainpool {
        /// 256, 384 or 512.
        bits: usize,
    },
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// Anything else, by its identifier (of the curve, if it is a curve).
    Other(String),
}

struct PublicKey<'a> {
    kind: KeyKind,
    bits: &'a [u8],
}

impl KeyKind {
    /// The kind of the key in a `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it cannot be read.
    pub fn of(spki_der: &[u8]) -> Result<Self, Error> {
        public_key(spki_der).map(|key| key.kind)
    }
}

fn public_key(spki_der: &[u8]) -> Result<PublicKey<'_>, Error> {
    let mut outer = Reader::new(spki_der, "SubjectPublicKeyInfo");
    let mut fields = outer.expect(tag::SEQUENCE)?.reader("SubjectPublicKeyInfo");
    outer.finish()?;
    let algorithm = fields.algorithm()?;
    let bits = fields.bits()?;
    let kind = match algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            let (modulus, _) = rsa_components(bits)?;
            KeyKind::Rsa {
                bits: modulus.first().map_or(0, |first| {
                    modulus.len() * 8 - usize::try_from(first.leading_zeros()).unwrap_or(0)
                }),
            }
        }
        "1.2.840.10045.2.1" => {
            let curve = algorithm
                .parameters
                .as_ref()
                .and_then(|any| any.decode_as::<der::asn1::ObjectIdentifier>().ok())
                .map(|oid| oid.to_string());
            match curve.as_deref() {
                Some("1.2.840.10045.3.1.7") => KeyKind::EcdsaP256,
                Some("1.3.132.0.34") => KeyKind::EcdsaP384,
                Some("1.3.132.0.35") => KeyKind::EcdsaP521,
                Some(other) => brainpool::curve(other).map_or_else(
                    || KeyKind::Other(other.to_owned()),
                    |curve| KeyKind::Brainpool { bits: curve.bits },
                ),
                None => KeyKind::Other("1.2.840.10045.2.1".to_owned()),
            }
        }
        "1.3.101.112" => KeyKind::Ed25519,
        "1.3.101.113" => KeyKind::Ed448,
        other => KeyKind::Other(other.to_owned()),
    };
    Ok(PublicKey { kind, bits })
}

/// Modulus and exponent without leading zeros. Estonian identity cards were issued with the sign octet
/// missing: the octets are read as a magnitude, which is what their owners' keys are.
fn rsa_components(bits: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let mut fields = Reader::new(bits, "RSAPublicKey")
        .expect(tag::SEQUENCE)?
        .reader("RSAPublicKey");
    let magnitude = |value: &'_ [u8]| value.iter().take_while(|octet| **octet == 0).count();
    let modulus = fields.expect(tag::INTEGER)?.value;
    let exponent = fields.expect(tag::INTEGER)?.value;
    fields.finish()?;
    Ok((
        modulus.get(magnitude(modulus)..).unwrap_or_default(),
        exponent.get(magnitude(exponent)..).unwrap_or_default(),
    ))
}

/// A signature algorithm with its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS.
    RsaPss(Pss),
    /// ECDSA, signature in DER.
    Ecdsa(DigestAlgorithm),
    /// DSA, signature in DER.
    Dsa(DigestAlgorithm),
    /// Ed25519.
    Ed25519,
    /// Ed448, without context.
    Ed448,
}

/// The parameters of RSASSA-PSS, RFC 4055 §3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pss {
    /// Digest of the message.
    pub digest: DigestAlgorithm,
    /// Digest inside the mask generation function MGF1.
    pub mask: DigestAlgorithm,
    /// Octets of the salt.
    pub salt: usize,
}

impl Pss {
    /// As everybody makes them: one digest for both, and a salt of its length.
    #[must_use]
    pub const fn usual(digest: DigestAlgorithm) -> Self {
        Self {
            digest,
            mask: digest,
            salt: digest.octets(),
        }
    }
}

impl SignatureAlgorithm {
    /// Reads an identifier. `digest` is what CMS names separately; it completes identifiers that carry none
    /// (`rsaEncryption`, `id-ecPublicKey`).
    ///
    /// # Errors
    /// [`Error::Unsupported`] for anything not listed here.
    pub fn read(
        algorithm: &AlgorithmIdentifierOwned,
        digest: Option<DigestAlgorithm>,
    ) -> Result<Self, Error> {
        use DigestAlgorithm::{Sha1, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512};
        let oid = algorithm.oid.to_string();
        let unsupported = || Error::Unsupported { oid: oid.clone() };
        Ok(match oid.as_str() {
            "1.2.840.113549.1.1.1" => Self::RsaPkcs1(digest.ok_or_else(unsupported)?),
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => Self::RsaPkcs1(Sha1),
            "1.2.840.113549.1.1.14" => Self::RsaPkcs1(Sha224),
            "1.2.840.113549.1.1.11" => Self::RsaPkcs1(Sha256),
            "1.2.840.113549.1.1.12" => Self::RsaPkcs1(Sha384),
            "1.2.840.113549.1.1.13" => Self::RsaPkcs1(Sha512),
            "2.16.840.1.101.3.4.3.14" => Self::RsaPkcs1(Sha3_256),
            "2.16.840.1.101.3.4.3.15" => Self::RsaPkcs1(Sha3_384),
            "2.16.840.1.101.3.4.3.16" => Self::RsaPkcs1(Sha3_512),
            "1.2.840.113549.1.1.10" => Self::RsaPss(pss_parameters(algorithm)?),
            "1.2.840.10045.2.1" => Self::Ecdsa(digest.ok_or_else(unsupported)?),
            "1.2.840.10045.4.1" => Self::Ecdsa(Sha1),
            "1.2.840.10045.4.3.1" => Self::Ecdsa(Sha224),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Sha512),
            "2.16.840.1.101.3.4.3.10" => Self::Ecdsa(Sha3_256),
            "2.16.840.1.101.3.4.3.11" => Self::Ecdsa(Sha3_384),
            "2.16.840.1.101.3.4.3.12" => Self::Ecdsa(Sha3_512),
            "1.2.840.10040.4.1" => Self::Dsa(digest.ok_or_else(unsupported)?),
            "1.2.840.10040.4.3" => Self::Dsa(Sha1),
            "2.16.840.1.101.3.4.3.1" => Self::Dsa(Sha224),
            "2.16.840.1.101.3.4.3.2" => Self::Dsa(Sha256),
            "1.3.101.112" => Self::Ed25519,
            "1.3.101.113" => Self::Ed448,
            _ => return Err(unsupported()),
        })
    }

    /// Does this identifier name a signature algorithm that is known here?
    #[must_use]
    pub fn is_identifier(oid: &str) -> bool {
        let Ok(oid) = oid.parse() else { return false };
        let parameters = None;
        let bare = AlgorithmIdentifierOwned { oid, parameters };
        // PSS lacks its parameters here.
        Self::read(&bare, Some(DigestAlgorithm::Sha256)).is_ok()
            || bare.oid.to_string() == "1.2.840.113549.1.1.10"
    }

    /// The digest inside the algorithm.
    #[must_use]
    pub const fn digest(self) -> Option<DigestAlgorithm> {
        match self {
            Self::RsaPkcs1(digest)
            | Self::RsaPss(Pss { digest, .. })
            | Self::Ecdsa(digest)
            | Self::Dsa(digest) => Some(digest),
            Self::Ed25519 | Self::Ed448 => None,
        }
    }

    /// A signature made with it is shown as weak: collisions of its digest can be made for money, or, for DSA, FIPS 186-5
    /// has withdrawn it.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        match self {
            Self::Dsa(_) => true,
            _ => matches!(self.digest(), Some(digest) if digest.is_weak()),
        }
    }
}

/// RFC 4055 §3.1: absent fields stand for SHA-1, MGF1 with SHA-1 and twenty octets.
fn pss_parameters(algorithm: &AlgorithmIdentifierOwned) -> Result<Pss, Error> {
    let unsupported = || Error::Unsupported {
        oid: algorithm.oid.to_string(),
    };
    let digest_of = |oid: String| DigestAlgorithm::from_oid(&oid).ok_or_else(unsupported);
    let parameters = algorithm.parameters.as_ref().ok_or_else(unsupported)?;
    let mut fields = Reader::new(parameters.value(), "RSASSA-PSS-params");
    let digest = match fields.optional(tag::context(0))? {
        Some(hash) => digest_of(hash.reader("HashAlgorithm").algorithm()?.oid.to_string())?,
        None => DigestAlgorithm::Sha1,
    };
    let mask = match fields.optional(tag::context(1))? {
        Some(mask) => {
            let mask = mask.reader("MaskGenAlgorithm").algorithm()?;
            if mask.oid.to_string() != "1.2.840.113549.1.1.8" {
                return Err(unsupported());
            }
            let inner = mask.parameters.as_ref().ok_or_else(unsupported)?;
            digest_of(
                Reader::new(inner.value(), "HashAlgorithm")
                    .oid()?
                    .to_string(),
            )?
        }
        None => DigestAlgorithm::Sha1,
    };
    let salt = match fields.optional(tag::context(2))? {
        Some(salt) => {
            usize::try_from(salt.reader("saltLength").unsigned()?).map_err(|_| unsupported())?
        }
        None => 20,
    };
    // trailerFieldBC is the only one there is.
    match fields.optional(tag::context(3))? {
        Some(trailer) if trailer.reader("TrailerField").unsigned()? != 1 => Err(unsupported()),
        _ => Ok(Pss { digest, mask, salt }),
    }
}

/// Verifies a signature over `message` with the key in `spki_der`; `algorithm` must name its digest.
///
/// # Errors
/// [`Error::BadSignature`] if it does not verify; [`Error::Unsupported`] if algorithm, curve or key size is
/// not implemented, in which case nothing is known; [`Error::Malformed`] if the key cannot be read.
pub fn verify_signature(
    spki_der: &[u8],
    algorithm: &AlgorithmIdentifierOwned,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    SignatureAlgorithm::read(algorithm, None)?.verify(spki_der, message, signature)
}

impl SignatureAlgorithm {
    /// Verifies a signature over `message` with the key in `spki_der`.
    ///
    /// # Errors
    /// As [`verify_signature`].
    pub fn verify(self, spki_der: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Error> {
        use DigestAlgorithm::{Sha256, Sha384};
        let key = public_key(spki_der)?;
        let unsupported = || Error::Unsupported {
            oid: match &key.kind {
                KeyKind::Other(oid) => oid.clone(),
                kind => format!("{kind:?} with {self:?}"),
            },
        };
        let algorithm: &dyn r::VerificationAlgorithm = match (&key.kind, self) {
            (KeyKind::Rsa { bits }, Self::RsaPkcs1(_) | Self::RsaPss(_)) => {
                return self.verify_rsa(*bits, key.bits, message, signature);
            }
            (KeyKind::EcdsaP256, Self::Ecdsa(Sha256)) => &r::ECDSA_P256_SHA256_ASN1,
            (KeyKind::EcdsaP256, Self::Ecdsa(Sha384)) => &r::ECDSA_P256_SHA384_ASN1,
            (KeyKind::EcdsaP384, Self::Ecdsa(Sha256)) => &r::ECDSA_P384_SHA256_ASN1,
            (KeyKind::EcdsaP384, Self::Ecdsa(Sha384)) => &r::ECDSA_P384_SHA384_ASN1,
            (KeyKind::Ed25519, Self::Ed25519) => &r::ED25519,
            (KeyKind::Brainpool { bits }, Self::Ecdsa(digest)) => {
                let curve = brainpool::curve_of(*bits).ok_or_else(unsupported)?;
                let hash = digest.digest(&[message]);
                return brainpool::verify(curve, key.bits, &hash, signature)
                    .ok_or(Error::BadSignature);
            }
            (KeyKind::Ed448, Self::Ed448) => {
                return ed448::verify(key.bits, message, signature).ok_or(Error::BadSignature);
            }
            (KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::EcdsaP521, Self::Ecdsa(digest)) => {
                let prehash = digest.digest(&[message]);
                return verify_prehash(&key, &prehash, signature).ok_or(Error::BadSignature);
            }
            (KeyKind::Other(oid), Self::Dsa(digest)) if oid == dsa::DSA => {
                return dsa::verify_message(spki_der, digest, message, signature);
            }
            (KeyKind::Other(_), _) => return Err(unsupported()),
            // A key of another kind than the algorithm's: examined, and wrong.
            _ => return Err(Error::BadSignature),
        };
        r::UnparsedPublicKey::new(algorithm, key.bits)
            .verify(message, signature)
            .map_err(|_| Error::BadSignature)
    }

    /// ring's implementation, if it has one for a key of this size.
    fn ring_rsa(self, bits: usize) -> Option<&'static r::RsaParameters> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        match self {
            _ if bits < 1024 => None,
            Self::RsaPkcs1(Sha1) => Some(&r::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
            Self::RsaPkcs1(Sha256) => Some(&r::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
            Self::RsaPkcs1(Sha512) => Some(&r::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
            Self::RsaPkcs1(Sha384) if bits >= 2048 => Some(&r::RSA_PKCS1_2048_8192_SHA384),
            Self::RsaPss(pss) if bits >= 2048 && pss == Pss::usual(pss.digest) => {
                match pss.digest {
                    Sha256 => Some(&r::RSA_PSS_2048_8192_SHA256),
                    Sha384 => Some(&r::RSA_PSS_2048_8192_SHA384),
                    Sha512 => Some(&r::RSA_PSS_2048_8192_SHA512),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What verifying costs beside RSA-2048 in ring, in verifications of that: an RSA modulus counts by its square, and
    /// what is done in portable code about thirty times more.
    pub(crate) fn dearness(algorithm: &AlgorithmIdentifierOwned, kind: &KeyKind) -> usize {
        match kind {
            KeyKind::Rsa { bits } => {
                let times = (*bits).min(8192) / 1024;
                let portable = Self::read(algorithm, None)
                    .is_ok_and(|algorithm| algorithm.ring_rsa(*bits).is_none());
                let size = (times * times / 4).max(1);
                if portable { size * 30 } else { size - 1 }
            }
            KeyKind::EcdsaP384 => 4,
            KeyKind::EcdsaP521 => 19,
            KeyKind::Ed448 | KeyKind::Brainpool { .. } => 30,
            KeyKind::EcdsaP256 | KeyKind::Ed25519 | KeyKind::Other(_) => 0,
        }
    }

    fn verify_rsa(
        self,
        bits: usize,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        let unsupported = || Error::Unsupported {
            oid: format!("RSA-{bits} with {self:?}"),
        };
        let (modulus, exponent) = rsa_components(key)?;
        // ring answers "does not verify" for what it does not implement; tell the two apart first.
        let exponent_fits = (exponent.len() < 5
            || exponent.len() == 5 && exponent.first() == Some(&1))
            && exponent.last().is_some_and(|last| last & 1 == 1)
            && exponent != [1];
        if !(rsa::SMALLEST..=8192).contains(&bits) || !exponent_fits {
            return Err(unsupported());
        }
        let Some(parameters) = self.ring_rsa(bits) else {
            let odd = modulus.last().is_some_and(|last| last & 1 == 1);
            if bits > rsa::LARGEST || !odd {
                return Err(unsupported());
            }
            let key = rsa::Key {
                modulus,
                exponent,
                bits,
            };
            return match self {
                Self::RsaPkcs1(digest) => rsa::pkcs1(key, digest, message, signature),
                Self::RsaPss(pss) => rsa::pss(key, pss, message, signature),
                _ => Err(unsupported()),
            };
        };
        r::RsaPublicKeyComponents {
            n: modulus,
            e: exponent,
        }
        .verify(parameters, message, signature)
        .map_err(|_| Error::BadSignature)
    }
}

/// ECDSA over a digest of any length (it is cut to the order's length, or padded with zeros in front).
fn verify_prehash(key: &PublicKey<'_>, prehash: &[u8], signature: &[u8]) -> Option<()> {
    use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
    // RustCrypto refuses digests shorter than half the order; SEC 1 §4.1.4 does not.
    let padded = |length: usize| {
        let mut bytes = vec![0; length.saturating_sub(prehash.len())];
        bytes.extend_from_slice(prehash);
        bytes
    };
    match key.kind {
        KeyKind::EcdsaP256 => {
            let signature = p256::ecdsa::Signature::from_der(signature).ok()?;
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key.bits).ok()?;
            key.verify_prehash(&padded(32), &signature).ok()
        }
        KeyKind::EcdsaP384 => {
            let signature = p384::ecdsa::Signature::from_der(signature).ok()?;
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key.bits).ok()?;
            key.verify_prehash(&padded(48), &signature).ok()
        }
        KeyKind::EcdsaP521 => {
            let signature = p521::ecdsa::Signature::from_der(signature).ok()?;
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(key.bits).ok()?;
            key.verify_prehash(&padded(66), &signature).ok()
        }
        _ => None,
    }
}

//! Key pairs in files, made by OpenSSL (ring makes no RSA keys) and used by ring.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1,
    SECP_384_R_1, SHA_256_WITH_RSA_ENCRYPTION,
};
use der::asn1::{BitString, Null, ObjectIdentifier};
use der::{Any, SecretDocument};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::Error;
use crate::process::run;

/// What sort of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of 2048 bits, as on most VGCA tokens.
    Rsa2048,
    /// RSA of 3072 bits, as on the newer ones.
    Rsa3072,
    /// RSA of 4096 bits, the largest in use.
    Rsa4096,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

/// A private key in a file whose name says that it protects nothing.
#[derive(Debug)]
pub struct Key {
    path: PathBuf,
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
    P384(Box<EcdsaKeyPair>),
}

impl Key {
    /// Makes a key and keeps it as `<stem>_demo_only.pem` (PKCS#8) in a folder.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] without OpenSSL, [`Error::Tool`], and those of [`Key::open`].
    pub fn generate(dir: &Path, stem: &str, kind: KeyKind) -> Result<Self, Error> {
        let path = dir.join(format!("{stem}_demo_only.pem"));
        let (algorithm, option) = match kind {
            KeyKind::Rsa2048 => ("RSA", "rsa_keygen_bits:2048"),
            KeyKind::Rsa3072 => ("RSA", "rsa_keygen_bits:3072"),
            KeyKind::Rsa4096 => ("RSA", "rsa_keygen_bits:4096"),
            KeyKind::P256 => ("EC", "ec_paramgen_curve:P-256"),
            KeyKind::P384 => ("EC", "ec_paramgen_curve:P-384"),
        };
        run(Command::new("openssl")
            .args([
                "genpkey",
                "-quiet",
                "-algorithm",
                algorithm,
                "-pkeyopt",
                option,
                "-out",
            ])
            .arg(&path))?;
        Self::open(&path)
    }

    /// Opens a key file.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Key`] where it is no RSA, P-256 or P-384 key in PKCS#8.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let unusable = || Error::Key {
            path: path.to_path_buf(),
        };
        let pem = fs::read_to_string(path).map_err(Error::file(path))?;
        let (_, pkcs8) = SecretDocument::from_pem(&pem).map_err(|_| unusable())?;
        let pkcs8 = pkcs8.as_bytes();
        let elliptic = |curve| EcdsaKeyPair::from_pkcs8(curve, pkcs8, &SystemRandom::new());
        let pair = RsaKeyPair::from_pkcs8(pkcs8)
            .map(|pair| Pair::Rsa(Box::new(pair)))
            .or_else(|_| {
                elliptic(&ECDSA_P256_SHA256_ASN1_SIGNING).map(|pair| Pair::P256(Box::new(pair)))
            })
            .or_else(|_| {
                elliptic(&ECDSA_P384_SHA384_ASN1_SIGNING).map(|pair| Pair::P384(Box::new(pair)))
            })
            .map_err(|_| unusable())?;
        Ok(Self {
            path: path.to_path_buf(),
            pair,
        })
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Signs a message: PKCS#1 v1.5 or ECDSA (as DER) with SHA-256, on P-384 with SHA-384.
    ///
    /// # Errors
    /// [`Error::Key`] where the system has no randomness.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |_| Error::Key {
            path: self.path.clone(),
        };
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Pair::P256(pair) | Pair::P384(pair) => Ok(pair
                .sign(&random, message)
                .map_err(failed)?
                .as_ref()
                .to_vec()),
        }
    }

    /// The algorithm its signatures bear.
    pub(crate) fn algorithm(&self) -> AlgorithmIdentifierOwned {
        match self.pair {
            Pair::Rsa(_) => algorithm(SHA_256_WITH_RSA_ENCRYPTION, Some(Null.into())),
            Pair::P256(_) => algorithm(ECDSA_WITH_SHA_256, None),
            Pair::P384(_) => algorithm(ECDSA_WITH_SHA_384, None),
        }
    }

    /// Its public half.
    pub(crate) fn public(&self) -> Result<SubjectPublicKeyInfoOwned, Error> {
        let (algorithm, key) = match &self.pair {
            Pair::Rsa(pair) => (
                algorithm(RSA_ENCRYPTION, Some(Null.into())),
                pair.public_key().as_ref(),
            ),
            Pair::P256(pair) => (
                algorithm(ID_EC_PUBLIC_KEY, Some((&SECP_256_R_1).into())),
                pair.public_key().as_ref(),
            ),
            Pair::P384(pair) => (
                algorithm(ID_EC_PUBLIC_KEY, Some((&SECP_384_R_1).into())),
                pair.public_key().as_ref(),
            ),
        };
        Ok(SubjectPublicKeyInfoOwned {
            algorithm,
            subject_public_key: BitString::from_bytes(key)?,
        })
    }
}

fn algorithm(oid: ObjectIdentifier, parameters: Option<Any>) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters }
}

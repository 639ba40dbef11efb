//! The key that signs receipts.

use antin_cades::{KeyAlgorithm, signed_attributes, signed_data};
use antin_pkix::Certificate;
use ring::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use time::OffsetDateTime;

use crate::Error;

/// Signs receipts as CMS with the content inside, so that a receipt is whole by itself.
pub struct ReceiptSigner {
    key: Key,
    certificate: Certificate,
    chain: Vec<Certificate>,
    algorithm: KeyAlgorithm,
    random: SystemRandom,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
}

impl ReceiptSigner {
    /// Takes a key (PKCS#8 in PEM, RSA or P-256) and its certificates (PEM or DER, the signer's own first).
    pub fn new(key_pem: &[u8], certificates: &[u8]) -> Result<Self, Error> {
        let mut chain = Certificate::from_file(certificates)?;
        if chain.is_empty() {
            return Err(Error::Key);
        }
        let certificate = chain.remove(0);
        let algorithm = KeyAlgorithm::of(&certificate)?;
        let random = SystemRandom::new();
        let (_, pkcs8) = der::pem::decode_vec(key_pem).map_err(|_| Error::Key)?;
        let key = match algorithm {
            KeyAlgorithm::Rsa => RsaKeyPair::from_pkcs8(&pkcs8).map(|key| Key::Rsa(Box::new(key))),
            _ => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &random)
                .map(|key| Key::P256(Box::new(key))),
        };
        Ok(Self {
            key: key.map_err(|_| Error::Key)?,
            certificate,
            chain,
            algorithm,
            random,
        })
    }

    /// Signs a statement; returns the receipt.
    pub(crate) fn sign(&self, statement: &[u8], at: OffsetDateTime) -> Result<Vec<u8>, Error> {
        let mut content_digest = [0u8; 32];
        content_digest.copy_from_slice(digest::digest(&digest::SHA256, statement).as_ref());
        let attributes = signed_attributes(&content_digest, &self.certificate, Some(at))?;
        let signature = self.raw(attributes.to_der())?;
        Ok(signed_data(
            &attributes,
            &self.certificate,
            &self.chain,
            self.algorithm,
            &signature,
            None,
            Some(statement),
        )?)
    }

    fn raw(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
                    .map_err(|_| Error::Key)?;
                Ok(signature)
            }
            Key::P256(key) => Ok(key
                .sign(&self.random, message)
                .map_err(|_| Error::Key)?
                .as_ref()
                .to_vec()),
        }
    }
}

impl std::fmt::Debug for ReceiptSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiptSigner")
            .field("certificate", &self.certificate.subject())
            .finish_non_exhaustive()
    }
}

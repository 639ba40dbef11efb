//! Second phase: the token's signature goes into the hole.

use antin_cades::{KeyAlgorithm, SignedAttributes};
use antin_pkix::{Certificate, DigestAlgorithm, Pss, SignatureAlgorithm};

use crate::{Error, hole::Hole};

/// A signature without its value: plain data that can wait for a token. Only [`prepare`](crate::prepare) makes one.
#[derive(Clone)]
pub struct Prepared {
    pub(crate) field: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) hole: Hole,
    pub(crate) attributes: SignedAttributes,
    pub(crate) certificate: Certificate,
    pub(crate) chain: Vec<Certificate>,
    pub(crate) algorithm: KeyAlgorithm,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({}, {} bytes)", self.field, self.bytes.len())
    }
}

/// One more revision of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the signature exists once these bytes are appended to the document"]
pub struct IncrementalUpdate {
    /// What to append to the document's bytes.
    pub bytes: Vec<u8>,
    /// The signature field's fully qualified name.
    pub field: String,
}

impl Prepared {
    /// What the token signs: the DER of the signed attributes (RFC 5652 Section 5.4), not their digest.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        self.attributes.to_der()
    }

    /// The signature field's fully qualified name.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// How many bytes the document will grow by.
    #[must_use]
    pub fn growth(&self) -> usize {
        self.bytes.len()
    }

    /// Checks the token's signature before anything is built on it.
    ///
    /// # Errors
    /// [`Error::SignatureMismatch`] if it was made with another key or over other bytes.
    pub fn check(&self, signature: &[u8]) -> Result<(), Error> {
        let algorithm = match self.algorithm {
            KeyAlgorithm::Rsa => SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
            KeyAlgorithm::RsaPss => SignatureAlgorithm::RsaPss(Pss::usual(DigestAlgorithm::Sha256)),
            KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => {
                SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256)
            }
        };
        match algorithm.verify(self.certificate.spki_der(), self.to_be_signed(), signature) {
            Err(antin_pkix::Error::BadSignature) => Err(Error::SignatureMismatch),
            other => Ok(other?),
        }
    }

    /// What a time-stamp for this signature covers: SHA-256 of the signature value (RFC 3161, EN 319 122-1, 5.3).
    /// [`antin_cades::timestamp_request`] takes the signature value itself.
    ///
    /// # Errors
    /// As [`check`](Self::check): a wrong signature is not worth a time-stamp.
    pub fn signature_imprint(&self, signature: &[u8]) -> Result<Vec<u8>, Error> {
        self.check(signature)?;
        Ok(DigestAlgorithm::Sha256.digest(&[signature]))
    }

    /// Puts the signature into its place. ECDSA values are DER; `timestamp` is a time-stamp token over `signature`.
    ///
    /// # Errors
    /// [`Error::SignatureMismatch`] as [`check`](Self::check); [`Error::HoleTooSmall`] if the time-stamp token
    /// is larger than any known authority's.
    pub fn finish(
        mut self,
        signature: &[u8],
        timestamp: Option<&[u8]>,
    ) -> Result<IncrementalUpdate, Error> {
        self.check(signature)?;
        let signed_data = antin_cades::signed_data(
            &self.attributes,
            &self.certificate,
            &self.chain,
            self.algorithm,
            signature,
            timestamp,
            None,
        )?;
        self.hole.fill(&mut self.bytes, &signed_data)?;
        Ok(IncrementalUpdate {
            bytes: self.bytes,
            field: self.field,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prepared_signature_can_wait_in_any_thread() {
        fn sendable<T: Send + 'static>() {}
        sendable::<Prepared>();
        sendable::<IncrementalUpdate>();
    }
}

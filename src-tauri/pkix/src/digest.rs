//! Digest algorithms of signatures: SHA-1, SHA-2 (FIPS 180-4), SHA-3 and SHAKE256 (FIPS 202).

use sha2::Digest;
use sha3::digest::{ExtendableOutput, Update, XofReader};

/// Octets that SHAKE256 gives where it stands for a digest of fixed length (RFC 8419 §2.3, RFC 8702 §2).
const SHAKE256_OCTETS: usize = 64;

/// The digests that occur in signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the standard's own")]
pub enum DigestAlgorithm {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Shake256,
}

impl DigestAlgorithm {
    const ALL: [Self; 9] = [
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
        Self::Shake256,
    ];

    /// By the identifier of the digest.
    #[must_use]
    pub fn from_oid(oid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.oid() == oid)
    }

    /// The identifier of the digest.
    #[must_use]
    pub const fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha224 => "2.16.840.1.101.3.4.2.4",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
            Self::Sha3_256 => "2.16.840.1.101.3.4.2.8",
            Self::Sha3_384 => "2.16.840.1.101.3.4.2.9",
            Self::Sha3_512 => "2.16.840.1.101.3.4.2.10",
            Self::Shake256 => "2.16.840.1.101.3.4.2.12",
        }
    }

    /// As people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha3_256 => "SHA3-256",
            Self::Sha3_384 => "SHA3-384",
            Self::Sha3_512 => "SHA3-512",
            Self::Shake256 => "SHAKE256",
        }
    }

    /// Octets of a digest.
    #[must_use]
    pub const fn octets(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 => 64,
            Self::Shake256 => SHAKE256_OCTETS,
        }
    }

    /// The digest of slices read one after the other.
    #[must_use]
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        self.digest_of(&parts)
    }

    /// The digest of content that is given piece by piece.
    #[must_use]
    pub fn digest_of(self, content: &dyn Pieces) -> Vec<u8> {
        fn over<D: Digest>(content: &dyn Pieces) -> Vec<u8> {
            let mut digest = D::new();
            content.each(&mut |piece| digest.update(piece));
            digest.finalize().to_vec()
        }
        // ring's assembly is several times faster than the portable code, and files are large.
        let ring = |algorithm| {
            let mut context = ring::digest::Context::new(algorithm);
            content.each(&mut |piece| context.update(piece));
            context.finish().as_ref().to_vec()
        };
        match self {
            Self::Sha1 => ring(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY),
            Self::Sha224 => over::<sha2::Sha224>(content),
            Self::Sha256 => ring(&ring::digest::SHA256),
            Self::Sha384 => ring(&ring::digest::SHA384),
            Self::Sha512 => ring(&ring::digest::SHA512),
            Self::Sha3_256 => over::<sha3::Sha3_256>(content),
            Self::Sha3_384 => over::<sha3::Sha3_384>(content),
            Self::Sha3_512 => over::<sha3::Sha3_512>(content),
            Self::Shake256 => shake256(content, SHAKE256_OCTETS),
        }
    }

    /// Collisions can be made for money: a signature over it is shown as weak.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::Sha1)
    }
}

/// Content given piece by piece, the same each time it is asked for: a file need not be in memory as a whole.
pub trait Pieces: std::fmt::Debug {
    /// Octets of all pieces together.
    fn size(&self) -> usize;

    /// Gives the pieces in order.
    fn each(&self, take: &mut dyn FnMut(&[u8]));
}

impl Pieces for &[&[u8]] {
    fn size(&self) -> usize {
        self.iter().map(|part| part.len()).sum()
    }

    fn each(&self, take: &mut dyn FnMut(&[u8])) {
        self.iter().for_each(|part| take(part));
    }
}

/// As many octets of SHAKE256 as are asked for.
pub(crate) fn shake256(content: &dyn Pieces, octets: usize) -> Vec<u8> {
    let mut state = sha3::Shake256::default();
    content.each(&mut |piece| state.update(piece));
    let mut out = vec![0; octets];
    state.finalize_xof().read(&mut out);
    out
}

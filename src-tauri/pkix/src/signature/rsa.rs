//! RSA verification where ring stops: digests it does not pair with a padding, moduli under 2048 bits, and PSS whose mask or
//! salt is not the usual one. Only the public operation, RFC 8017 §5.2.2 and §8; nothing secret is in it.

use super::Pss;
use crate::asn1::{tag, write};
use crate::{DigestAlgorithm, Error, ObjectIdentifier};
use p256::elliptic_curve::bigint::modular::runtime_mod::{DynResidue, DynResidueParams};
use p256::elliptic_curve::bigint::{Encoding, U64, U2048, U4096};

/// Bits of the largest modulus. Larger ones with parameters this odd are nobody's, and cost the square.
pub(super) const LARGEST: usize = 4096;

/// Bits of the smallest modulus: keys of 1024 bits were made whose first bits happen to be zero (Estonian identity cards).
pub(super) const SMALLEST: usize = 1017;

/// A key whose components have no leading zeros.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) exponent: &'a [u8],
    pub(super) bits: usize,
}

/// RSASSA-PKCS1-v1_5-VERIFY, §8.2.2: the encoding is made anew and compared, never parsed.
pub(super) fn pkcs1(
    key: Key<'_>,
    digest: DigestAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    let encoded = recover(key, signature).ok_or(Error::BadSignature)?;
    let info = digest_info(digest, message).ok_or(Error::BadSignature)?;
    // At least eight octets of padding (§9.2).
    let padding = encoded
        .len()
        .checked_sub(info.len() + 3)
        .filter(|padding| *padding >= 8)
        .ok_or(Error::BadSignature)?;
    let mut expected = vec![0, 1];
    expected.resize(2 + padding, 0xff);
    expected.push(0);
    expected.extend(info);
    same(&expected, &encoded)
}

/// `DigestInfo` with NULL parameters.
fn digest_info(digest: DigestAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
    let oid = ObjectIdentifier::new(digest.oid()).ok()?;
    let (mut algorithm, mut info, mut out) = (Vec::new(), Vec::new(), Vec::new());
    write(tag::OID, oid.as_bytes(), &mut algorithm);
    write(tag::NULL, &[], &mut algorithm);
    write(tag::SEQUENCE, &algorithm, &mut info);
    write(tag::OCTET_STRING, &digest.digest(&[message]), &mut info);
    write(tag::SEQUENCE, &info, &mut out);
    Some(out)
}

/// RSASSA-PSS-VERIFY, §8.1.2 with EMSA-PSS-VERIFY, §9.1.2.
pub(super) fn pss(key: Key<'_>, pss: Pss, message: &[u8], signature: &[u8]) -> Result<(), Error> {
    let encoded = recover(key, signature).ok_or(Error::BadSignature)?;
    verify_pss(&encoded, key.bits.saturating_sub(1), pss, message).ok_or(Error::BadSignature)
}

fn verify_pss(encoded: &[u8], bits: usize, pss: Pss, message: &[u8]) -> Option<()> {
    let length = bits.div_ceil(8);
    let (above, encoded) = encoded.split_at_checked(encoded.len().checked_sub(length)?)?;
    if above.iter().any(|octet| *octet != 0) {
        return None;
    }
    let (body, trailer) = encoded.split_at_checked(length.checked_sub(1)?)?;
    let (masked, hash) = body.split_at_checked(body.len().checked_sub(pss.digest.octets())?)?;
    if trailer != [0xbc] {
        return None;
    }
    let unused = u32::try_from(8 * length - bits).ok()?;
    let top = 0xff_u8.checked_shr(unused).unwrap_or(0);
    if masked.first()? & !top != 0 {
        return None;
    }
    let mask = mgf1(pss.mask, hash, masked.len());
    let mut block: Vec<u8> = masked.iter().zip(&mask).map(|(a, b)| a ^ b).collect();
    *block.first_mut()? &= top;
    let (zeros, salt) = block.split_at_checked(block.len().checked_sub(pss.salt)?)?;
    let (one, zeros) = zeros.split_last()?;
    if *one != 1 || zeros.iter().any(|octet| *octet != 0) {
        return None;
    }
    let inner = pss.digest.digest(&[message]);
    (pss.digest.digest(&[&[0; 8], &inner, salt]) == hash).then_some(())
}

/// MGF1, §B.2.1.
fn mgf1(digest: DigestAlgorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length + digest.octets());
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend(digest.digest(&[seed, &counter.to_be_bytes()]));
    }
    mask.truncate(length);
    mask
}

fn same(expected: &[u8], found: &[u8]) -> Result<(), Error> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::BadSignature)
    }
}

/// RSAVP1 and I2OSP: the encoded message, as long as the modulus. `None` where the signature is not below the modulus
/// or not as long as it.
fn recover(key: Key<'_>, signature: &[u8]) -> Option<Vec<u8>> {
    if signature.len() != key.modulus.len() || signature >= key.modulus {
        return None;
    }
    let mut exponent = [0; 8];
    let start = exponent.len().checked_sub(key.exponent.len())?;
    exponent.get_mut(start..)?.copy_from_slice(key.exponent);
    let exponent = U64::from_be_bytes(exponent);
    let bits = exponent.bits_vartime();
    macro_rules! power {
        ($number:ty, $octets:literal) => {{
            let wide = |octets: &[u8]| {
                let mut all = [0; $octets];
                let start = all.len().checked_sub(octets.len())?;
                all.get_mut(start..)?.copy_from_slice(octets);
                Some(<$number>::from_be_bytes(all))
            };
            let parameters = DynResidueParams::new(&wide(key.modulus)?);
            let base = DynResidue::new(&wide(signature)?, parameters);
            let power = base.pow_bounded_exp(&exponent, bits).retrieve();
            power.to_be_bytes().to_vec()
        }};
    }
    let padded = if key.bits <= 2048 {
        power!(U2048, 256)
    } else {
        power!(U4096, 512)
    };
    padded
        .get(padded.len().checked_sub(key.modulus.len())?..)
        .map(<[u8]>::to_vec)
}

//! DSA, RFC 3279 §2.2.2 and §2.3.2: the oldest authorities sign with it, NIST PKITS does, and its keys may leave their
//! parameters to the authority above (RFC 5280 §6.1.4 d–f). Whatever is signed with it is reported as weak.

use crate::asn1::{Reader, tag};
use crate::{AlgorithmIdentifierOwned, Certificate, DigestAlgorithm, Error};
use p256::elliptic_curve::bigint::modular::runtime_mod::{DynResidue, DynResidueParams};
use p256::elliptic_curve::bigint::{Encoding, NonZero, U256, U3072};

/// `id-dsa`.
pub(super) const DSA: &str = "1.2.840.10040.4.1";
/// Octets of the largest modulus (FIPS 186-4 has 1024, 2048 and 3072 bits) and subgroup order.
const MODULUS_OCTETS: usize = 384;
const ORDER_OCTETS: usize = 32;

/// p, q, g as magnitudes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameters<'a> {
    modulus: &'a [u8],
    order: &'a [u8],
    generator: &'a [u8],
}

/// A public key, perhaps without parameters of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'a> {
    pub(crate) parameters: Option<Parameters<'a>>,
    value: &'a [u8],
}

/// The digest of a DSA signature; `None` if the algorithm is another.
pub(crate) fn digest(algorithm: &AlgorithmIdentifierOwned) -> Option<DigestAlgorithm> {
    match algorithm.oid.to_string().as_str() {
        "1.2.840.10040.4.3" => Some(DigestAlgorithm::Sha1),
        "2.16.840.1.101.3.4.3.1" => Some(DigestAlgorithm::Sha224),
        "2.16.840.1.101.3.4.3.2" => Some(DigestAlgorithm::Sha256),
        _ => None,
    }
}

/// The key of a certificate, if it is one for DSA.
pub(crate) fn key(certificate: &Certificate) -> Option<Key<'_>> {
    read(certificate.spki_der()).ok()
}

fn read(spki: &[u8]) -> Result<Key<'_>, Error> {
    let mut outer = Reader::new(spki, "SubjectPublicKeyInfo");
    let mut fields = outer.expect(tag::SEQUENCE)?.reader("SubjectPublicKeyInfo");
    outer.finish()?;
    let mut algorithm = fields.expect(tag::SEQUENCE)?.reader("AlgorithmIdentifier");
    if algorithm.oid()?.to_string() != DSA {
        return Err(algorithm.error());
    }
    let parameters = match algorithm.optional(tag::SEQUENCE)? {
        Some(sequence) => {
            let mut numbers = sequence.reader("Dss-Parms");
            Some(Parameters {
                modulus: magnitude(&mut numbers)?,
                order: magnitude(&mut numbers)?,
                generator: magnitude(&mut numbers)?,
            })
        }
        None => None,
    };
    let value = magnitude(&mut Reader::new(fields.bits()?, "DSAPublicKey"))?;
    Ok(Key { parameters, value })
}

/// A positive INTEGER without its sign octet.
pub(super) fn magnitude<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Error> {
    match reader.integer()? {
        [0x80..=0xff, ..] => Err(reader.error()),
        [0, rest @ ..] => Ok(rest),
        all => Ok(all),
    }
}

/// Verifies the signature of `subject` with a key and the parameters that are in force for it; FIPS 186-4 §4.7.
pub(crate) fn verifies(subject: &Certificate, key: Key<'_>, parameters: Parameters<'_>) -> bool {
    digest(subject.signature_algorithm()).is_some_and(|digest| {
        let hash = digest.digest(&[subject.tbs()]);
        verify(parameters, key.value, &hash, subject.signature()).unwrap_or(false)
    })
}

/// Verifies with a key that has its own parameters; without, nothing is known.
pub(super) fn verify_message(
    spki: &[u8],
    digest: DigestAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    let key = read(spki)?;
    let parameters = key.parameters.ok_or_else(|| Error::Unsupported {
        oid: format!("{DSA} without parameters"),
    })?;
    match verify(parameters, key.value, &digest.digest(&[message]), signature) {
        Some(true) => Ok(()),
        _ => Err(Error::BadSignature),
    }
}

fn verify(parameters: Parameters<'_>, key: &[u8], hash: &[u8], signature: &[u8]) -> Option<bool> {
    let modulus: U3072 = wide(parameters.modulus)?;
    let order = narrow(parameters.order)?;
    let (generator, key) = (wide(parameters.generator)?, wide(key)?);
    let mut numbers = Reader::new(signature, "Dss-Sig-Value")
        .expect(tag::SEQUENCE)
        .ok()?
        .reader("Dss-Sig-Value");
    let r = narrow(magnitude(&mut numbers).ok()?)?;
    let s = narrow(magnitude(&mut numbers).ok()?)?;
    let odd = |octets: &[u8]| octets.last().is_some_and(|last| last & 1 == 1);
    let sizes_fit = modulus.bits_vartime() >= 1024 && order.bits_vartime() >= 160;
    let in_group = |number: &U3072| *number > U3072::ONE && *number < modulus;
    let in_order = |number: &U256| *number > U256::ZERO && *number < order;
    if !(odd(parameters.modulus)
        && odd(parameters.order)
        && sizes_fit
        && in_group(&generator)
        && in_group(&key)
        && in_order(&r)
        && in_order(&s))
    {
        return None;
    }
    // The leftmost bits of the hash, as many as the order has; orders have whole octets.
    let hash = narrow(hash.get(..hash.len().min(parameters.order.len()))?)?;
    let order_params = DynResidueParams::new(&order);
    let residue = |number: U256| {
        let reduced = number.rem(&NonZero::new(order).unwrap_or(NonZero::<U256>::ONE));
        DynResidue::new(&reduced, order_params)
    };
    // The order is prime, so the inverse is a power (Fermat).
    let inverse = residue(s).pow(&order.wrapping_sub(&U256::from(2_u8)));
    let u1 = residue(hash).mul(&inverse).retrieve();
    let u2 = residue(r).mul(&inverse).retrieve();
    let modulus_params = DynResidueParams::new(&modulus);
    let power = |base: U3072, exponent: &U256| {
        DynResidue::new(&base, modulus_params).pow_bounded_exp(exponent, 256)
    };
    let value = power(generator, &u1).mul(&power(key, &u2)).retrieve();
    let wide_order: U3072 = wide(parameters.order)?;
    let reduced = value.rem(&NonZero::new(wide_order).unwrap_or(NonZero::<U3072>::ONE));
    Some(reduced == wide(&r.to_be_bytes())?)
}

fn wide(octets: &[u8]) -> Option<U3072> {
    let mut all = [0; MODULUS_OCTETS];
    let start = MODULUS_OCTETS.checked_sub(octets.len())?;
    all.get_mut(start..)?.copy_from_slice(octets);
    Some(U3072::from_be_bytes(all))
}

fn narrow(octets: &[u8]) -> Option<U256> {
    let mut all = [0; ORDER_OCTETS];
    let start = ORDER_OCTETS.checked_sub(octets.len())?;
    all.get_mut(start..)?.copy_from_slice(octets);
    Some(U256::from_be_bytes(all))
}

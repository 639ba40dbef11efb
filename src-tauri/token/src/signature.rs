//! The bytes around a raw signature operation: what goes in, what comes out.

use sha2::{Digest, Sha256, Sha384};

/// The DER in front of a SHA-256 digest in a `DigestInfo` (RFC 8017, 9.2, note 1).
const DIGEST_INFO_SHA256: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// What `CKM_RSA_PKCS` pads and signs for a SHA-256 signature.
pub(crate) fn digest_info_sha256(message: &[u8]) -> Vec<u8> {
    [
        DIGEST_INFO_SHA256.as_slice(),
        Sha256::digest(message).as_slice(),
    ]
    .concat()
}

/// SHA-256, for `CKM_ECDSA`.
pub(crate) fn sha256(message: &[u8]) -> Vec<u8> {
    Sha256::digest(message).to_vec()
}

/// SHA-384, for `CKM_ECDSA`.
pub(crate) fn sha384(message: &[u8]) -> Vec<u8> {
    Sha384::digest(message).to_vec()
}

/// Turns PKCS#11's `r || s` into the `Ecdsa-Sig-Value` of RFC 3279; `None` where it is not two halves of a known curve.
pub(crate) fn ecdsa_to_der(raw: &[u8]) -> Option<Vec<u8>> {
    // P-521, the largest curve in use, has halves of 66 bytes: every length then fits one or two length bytes.
    if raw.is_empty() || !raw.len().is_multiple_of(2) || raw.len() > 132 {
        return None;
    }
    let (r, s) = raw.split_at(raw.len() / 2);
    let body = [unsigned_integer(r)?, unsigned_integer(s)?].concat();
    let mut der = vec![0x30];
    der.extend(length(body.len())?);
    der.extend(body);
    Some(der)
}

/// A DER `INTEGER` of a big-endian magnitude.
fn unsigned_integer(magnitude: &[u8]) -> Option<Vec<u8>> {
    let significant = magnitude
        .iter()
        .position(|&byte| byte != 0)
        .map_or(&[][..], |start| magnitude.split_at(start).1);
    let needs_zero = significant.first().is_none_or(|&byte| byte & 0x80 != 0);
    let mut der = vec![0x02];
    der.extend(length(significant.len() + usize::from(needs_zero))?);
    if needs_zero {
        der.push(0);
    }
    der.extend_from_slice(significant);
    Some(der)
}

/// A DER length below 256.
fn length(value: usize) -> Option<Vec<u8>> {
    let byte = u8::try_from(value).ok()?;
    Some(if byte < 0x80 {
        vec![byte]
    } else {
        vec![0x81, byte]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecdsa_integers_are_minimal_and_positive() {
        let mut raw = [0u8; 64];
        raw[0] = 0x80;
        raw[63] = 0x01;
        let der = ecdsa_to_der(&raw).unwrap();
        assert_eq!(
            &der[..5],
            [0x30, 0x26, 0x02, 0x21, 0x00],
            "r needs a leading zero"
        );
        assert_eq!(
            &der[der.len() - 3..],
            [0x02, 0x01, 0x01],
            "s loses its leading zeros"
        );
    }

    #[test]
    fn zero_is_an_integer_too() {
        assert_eq!(ecdsa_to_der(&[0, 0]).unwrap(), [0x30, 6, 2, 1, 0, 2, 1, 0]);
    }

    #[test]
    fn large_curves_need_a_long_length() {
        let der = ecdsa_to_der(&[0xff; 132]).unwrap();
        assert_eq!(&der[..3], [0x30, 0x81, 138]);
    }

    #[test]
    fn odd_or_oversized_signatures_are_refused() {
        assert!(ecdsa_to_der(&[]).is_none());
        assert!(ecdsa_to_der(&[1; 63]).is_none());
        assert!(ecdsa_to_der(&[1; 134]).is_none());
    }
}

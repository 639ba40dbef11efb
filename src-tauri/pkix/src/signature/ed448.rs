//! Ed448 verification, RFC 8032 §5.2, over RustCrypto's big numbers: public operations only. The crate that has it
//! (`ed448-goldilocks`) is a preview on another generation of RustCrypto than the one compiled here.

use crate::digest::shake256;
use p256::elliptic_curve::bigint::modular::runtime_mod::{DynResidue, DynResidueParams};
use p256::elliptic_curve::bigint::{Encoding, NonZero, U448, U1024};

/// Octets of a coordinate.
const FIELD_OCTETS: usize = 56;
/// Octets of a key, and of each half of a signature.
pub(super) const OCTETS: usize = 57;
/// Bits of the order.
const ORDER_BITS: usize = 446;
/// `dom4(0, "")`, §5.2: the pure variant without a context.
const DOMAIN: &[u8] = b"SigEd448\0\0";

const PRIME: U448 = U448::from_be_hex(
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
);
const ORDER: U448 = U448::from_be_hex(
    "3fffffffffffffffffffffffffffffffffffffffffffffffffffffff7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3",
);
/// `(p - 3) / 4`, the exponent of a square root.
const ROOT: U448 = U448::from_be_hex(
    "3fffffffffffffffffffffffffffffffffffffffffffffffffffffffbfffffffffffffffffffffffffffffffffffffffffffffffffffffff",
);
const BASE_X: U448 = U448::from_be_hex(
    "4f1970c66bed0ded221d15a622bf36da9e146570470f1767ea6de324a3d3a46412ae1af72ab66511433b80e18b00938e2626a82bc70cc05e",
);
const BASE_Y: U448 = U448::from_be_hex(
    "693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14",
);
/// `-d` of the curve.
const MINUS_D: u32 = 39081;

type Residue = DynResidue<{ U448::LIMBS }>;

/// A point in projective coordinates.
#[derive(Clone, Copy)]
struct Point {
    x: Residue,
    y: Residue,
    z: Residue,
}

/// The field with the constant of the curve.
struct Curve {
    parameters: DynResidueParams<{ U448::LIMBS }>,
    d: Residue,
    one: Residue,
}

impl Curve {
    fn new() -> Self {
        let parameters = DynResidueParams::new(&PRIME);
        let minus_d = DynResidue::new(&U448::from(MINUS_D), parameters);
        Self {
            parameters,
            d: minus_d.neg(),
            one: DynResidue::one(parameters),
        }
    }

    fn residue(&self, number: &U448) -> Residue {
        DynResidue::new(number, self.parameters)
    }

    fn point(&self, x: Residue, y: Residue) -> Point {
        Point { x, y, z: self.one }
    }

    /// §5.2.3.
    fn decode(&self, octets: &[u8]) -> Option<Point> {
        let (last, number) = octets.split_last()?;
        let number = little(number)?;
        if number >= PRIME || last & 0x7f != 0 {
            return None;
        }
        let y = self.residue(&number);
        let square = y.square();
        let u = square.sub(&self.one);
        let v = self.d.mul(&square).sub(&self.one);
        let cubed = u.square().mul(&u).mul(&v);
        let base = cubed.mul(&u.square()).mul(&v.square());
        let x = cubed.mul(&base.pow(&ROOT));
        if v.mul(&x.square()) != u {
            return None;
        }
        let value = x.retrieve();
        let negative = last & 0x80 != 0;
        if negative && value == U448::ZERO {
            return None;
        }
        let odd = value.bit_vartime(0);
        Some(self.point(if odd == negative { x } else { x.neg() }, y))
    }

    /// §5.2.4; complete, so that it also doubles.
    fn add(&self, one: &Point, two: &Point) -> Point {
        let a = one.z.mul(&two.z);
        let b = a.square();
        let c = one.x.mul(&two.x);
        let d = one.y.mul(&two.y);
        let e = self.d.mul(&c).mul(&d);
        let f = b.sub(&e);
        let g = b.add(&e);
        let h = one.x.add(&one.y).mul(&two.x.add(&two.y));
        Point {
            x: a.mul(&f).mul(&h.sub(&c).sub(&d)),
            y: a.mul(&g).mul(&d.sub(&c)),
            z: f.mul(&g),
        }
    }
}

impl Point {
    fn double(&self) -> Self {
        let b = self.x.add(&self.y).square();
        let c = self.x.square();
        let d = self.y.square();
        let e = c.add(&d);
        let h = self.z.square();
        let j = e.sub(&h.add(&h));
        Self {
            x: b.sub(&e).mul(&j),
            y: e.mul(&c.sub(&d)),
            z: e.mul(&j),
        }
    }
}

/// §5.2.7, without the cofactor.
pub(super) fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    if key.len() != OCTETS || signature.len() != 2 * OCTETS {
        return None;
    }
    let (r, s) = signature.split_at_checked(OCTETS)?;
    let (last, scalar) = s.split_last()?;
    let scalar = little(scalar).filter(|scalar| *last == 0 && *scalar < ORDER)?;
    let curve = Curve::new();
    let public = curve.decode(key)?;
    let nonce = curve.decode(r)?;
    let challenge = reduced(&shake256(&[DOMAIN, r, key, message].as_slice(), 2 * OCTETS))?;

    let base = curve.point(curve.residue(&BASE_X), curve.residue(&BASE_Y));
    let minus = Point {
        x: public.x.neg(),
        ..public
    };
    let both = curve.add(&base, &minus);
    let zero = DynResidue::zero(curve.parameters);
    let mut sum = curve.point(zero, curve.one);
    for bit in (0..ORDER_BITS).rev() {
        sum = sum.double();
        let summand = match (scalar.bit_vartime(bit), challenge.bit_vartime(bit)) {
            (true, true) => &both,
            (true, false) => &base,
            (false, true) => &minus,
            (false, false) => continue,
        };
        sum = curve.add(&sum, summand);
    }
    let equal = sum.x == nonce.x.mul(&sum.z) && sum.y == nonce.y.mul(&sum.z);
    equal.then_some(())
}

fn little(octets: &[u8]) -> Option<U448> {
    let octets: [u8; FIELD_OCTETS] = octets.try_into().ok()?;
    Some(U448::from_le_bytes(octets))
}

/// A hash as a number below the order.
fn reduced(hash: &[u8]) -> Option<U448> {
    let mut wide = [0; 128];
    wide.get_mut(..hash.len())?.copy_from_slice(hash);
    let order = Option::from(NonZero::new(ORDER.resize()))?;
    Some(U1024::from_le_bytes(wide).rem(&order).resize())
}

//! ECDSA over the Brainpool curves (RFC 5639), as German and Austrian cards sign, over RustCrypto's big numbers: public
//! operations only. RustCrypto's own crates for these curves have arithmetic in another generation than the one compiled.

use super::dsa::magnitude;
use crate::asn1::{Reader, tag};
use p256::elliptic_curve::bigint::modular::runtime_mod::{DynResidue, DynResidueParams};
use p256::elliptic_curve::bigint::{Encoding, NonZero, U512};

/// Octets of the widest number.
const OCTETS: usize = 64;

type Residue = DynResidue<{ U512::LIMBS }>;

/// `y² = x³ + ax + b` with its base point; the order of the group is prime.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Curve {
    pub(super) bits: usize,
    prime: U512,
    a: U512,
    b: U512,
    x: U512,
    y: U512,
    order: U512,
}

/// By the identifier of the curve.
pub(super) fn curve(oid: &str) -> Option<&'static Curve> {
    match oid {
        "1.3.36.3.3.2.8.1.1.7" => Some(&P256),
        "1.3.36.3.3.2.8.1.1.11" => Some(&P384),
        "1.3.36.3.3.2.8.1.1.13" => Some(&P512),
        _ => None,
    }
}

/// By the size of its numbers.
pub(super) fn curve_of(bits: usize) -> Option<&'static Curve> {
    [&P256, &P384, &P512]
        .into_iter()
        .find(|curve| curve.bits == bits)
}

/// SEC 1 §4.1.4.
pub(super) fn verify(curve: &Curve, key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let mut numbers = Reader::new(signature, "ECDSA-Sig-Value");
    let mut pair = numbers
        .expect(tag::SEQUENCE)
        .ok()?
        .reader("ECDSA-Sig-Value");
    numbers.finish().ok()?;
    let r = wide(magnitude(&mut pair).ok()?)?;
    let s = wide(magnitude(&mut pair).ok()?)?;
    pair.finish().ok()?;
    let in_order = |number: &U512| *number > U512::ZERO && *number < curve.order;
    if !in_order(&r) || !in_order(&s) {
        return None;
    }
    // Orders have whole octets, so that the leftmost bits of the hash are its first octets.
    let hash = wide(hash.get(..hash.len().min(curve.bits / 8))?)?;
    let order = DynResidueParams::new(&curve.order);
    let modulus = Option::from(NonZero::new(curve.order))?;
    let scalar = |number: U512| DynResidue::new(&number.rem(&modulus), order);
    // The order is prime, so the inverse is a power (Fermat).
    let inverse = scalar(s).pow(&curve.order.wrapping_sub(&U512::from(2_u8)));
    let u1 = scalar(hash).mul(&inverse).retrieve();
    let u2 = scalar(r).mul(&inverse).retrieve();

    let field = Field::new(curve);
    let public = field.decode(curve, key)?;
    let base = field.point(&curve.x, &curve.y);
    let both = field.add(&base, &public);
    let mut sum = field.infinity();
    for bit in (0..curve.bits).rev() {
        sum = field.add(&sum, &sum);
        let summand = match (u1.bit_vartime(bit), u2.bit_vartime(bit)) {
            (true, true) => &both,
            (true, false) => &base,
            (false, true) => &public,
            (false, false) => continue,
        };
        sum = field.add(&sum, summand);
    }
    if sum.z.retrieve() == U512::ZERO {
        return None;
    }
    let inverse = sum.z.pow(&curve.prime.wrapping_sub(&U512::from(2_u8)));
    let x = sum.x.mul(&inverse).retrieve().rem(&modulus);
    (x == r).then_some(())
}

/// A point in projective coordinates; `z` is zero at infinity.
struct Point {
    x: Residue,
    y: Residue,
    z: Residue,
}

struct Field {
    parameters: DynResidueParams<{ U512::LIMBS }>,
    a: Residue,
    b: Residue,
    /// Three times `b`.
    b3: Residue,
}

impl Field {
    fn new(curve: &Curve) -> Self {
        let parameters = DynResidueParams::new(&curve.prime);
        let b = DynResidue::new(&curve.b, parameters);
        Self {
            parameters,
            a: DynResidue::new(&curve.a, parameters),
            b,
            b3: b.add(&b).add(&b),
        }
    }

    fn point(&self, x: &U512, y: &U512) -> Point {
        Point {
            x: DynResidue::new(x, self.parameters),
            y: DynResidue::new(y, self.parameters),
            z: DynResidue::one(self.parameters),
        }
    }

    fn infinity(&self) -> Point {
        Point {
            x: DynResidue::zero(self.parameters),
            y: DynResidue::one(self.parameters),
            z: DynResidue::zero(self.parameters),
        }
    }

    /// An uncompressed point (SEC 1 §2.3.4) of the curve.
    fn decode(&self, curve: &Curve, octets: &[u8]) -> Option<Point> {
        let (first, rest) = octets.split_first()?;
        let size = curve.bits / 8;
        if *first != 4 || rest.len() != 2 * size {
            return None;
        }
        let (x, y) = rest.split_at_checked(size)?;
        let (x, y) = (wide(x)?, wide(y)?);
        if x >= curve.prime || y >= curve.prime {
            return None;
        }
        let point = self.point(&x, &y);
        let cubic = point.x.square().add(&self.a).mul(&point.x).add(&self.b);
        (point.y.square() == cubic).then_some(point)
    }

    /// Renes, Costello, Batina: "Complete addition formulas for prime order elliptic curves" (EUROCRYPT 2016),
    /// algorithm 1. It also doubles.
    fn add(&self, one: &Point, two: &Point) -> Point {
        let (xx, yy, zz) = (one.x.mul(&two.x), one.y.mul(&two.y), one.z.mul(&two.z));
        let cross =
            |a: &Residue, b: &Residue, c: &Residue, d: &Residue, e: &Residue, f: &Residue| {
                a.add(b).mul(&c.add(d)).sub(&e.add(f))
            };
        let xy = cross(&one.x, &one.y, &two.x, &two.y, &xx, &yy);
        let xz = cross(&one.x, &one.z, &two.x, &two.z, &xx, &zz);
        let yz = cross(&one.y, &one.z, &two.y, &two.z, &yy, &zz);
        let shift = self.a.mul(&xz).add(&self.b3.mul(&zz));
        let (minus, plus) = (yy.sub(&shift), yy.add(&shift));
        let azz = self.a.mul(&zz);
        let slope = xx.add(&xx).add(&xx).add(&azz);
        let rest = self.b3.mul(&xz).add(&self.a.mul(&xx.sub(&azz)));
        Point {
            x: xy.mul(&minus).sub(&yz.mul(&rest)),
            y: minus.mul(&plus).add(&slope.mul(&rest)),
            z: yz.mul(&plus).add(&xy.mul(&slope)),
        }
    }
}

fn wide(octets: &[u8]) -> Option<U512> {
    let mut all = [0; OCTETS];
    let start = OCTETS.checked_sub(octets.len())?;
    all.get_mut(start..)?.copy_from_slice(octets);
    Some(U512::from_be_bytes(all))
}

const fn number(hexadecimal: &str) -> U512 {
    U512::from_be_hex(hexadecimal)
}

/// brainpoolP256r1.
const P256: Curve = Curve {
    bits: 256,
    prime: number(
        "0000000000000000000000000000000000000000000000000000000000000000a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
    ),
    a: number(
        "00000000000000000000000000000000000000000000000000000000000000007d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
    ),
    b: number(
        "000000000000000000000000000000000000000000000000000000000000000026dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
    ),
    x: number(
        "00000000000000000000000000000000000000000000000000000000000000008bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
    ),
    y: number(
        "0000000000000000000000000000000000000000000000000000000000000000547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
    ),
    order: number(
        "0000000000000000000000000000000000000000000000000000000000000000a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
    ),
};

/// brainpoolP384r1.
const P384: Curve = Curve {
    bits: 384,
    prime: number(
        "000000000000000000000000000000008cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
    ),
    a: number(
        "000000000000000000000000000000007bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
    ),
    b: number(
        "0000000000000000000000000000000004a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
    ),
    x: number(
        "000000000000000000000000000000001d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
    ),
    y: number(
        "000000000000000000000000000000008abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
    ),
    order: number(
        "000000000000000000000000000000008cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
    ),
};

/// brainpoolP512r1.
const P512: Curve = Curve {
    bits: 512,
    prime: number(
        "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
    ),
    a: number(
        "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
    ),
    b: number(
        "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
    ),
    x: number(
        "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
    ),
    y: number(
        "7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
    ),
    order: number(
        "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069",
    ),
};

//! cRLDistributionPoints and issuingDistributionPoint, RFC 5280 §4.2.1.13 and §5.2.5.

use super::general_name::GeneralName;
use super::oid;
use crate::asn1::{Reader, Tlv, tag};
use crate::{Certificate, DistinguishedName, Error};

/// Points of one certificate that are looked at; real ones have one to three, PKITS at most four.
const POINT_LIMIT: usize = 32;

/// ReasonFlags: the reasons a list covers. Bit 0 of the standard is unused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReasonFlags(u16);

impl ReasonFlags {
    pub(crate) const NONE: Self = Self(0);
    /// keyCompromise (1) to aACompromise (8).
    pub(crate) const ALL: Self = Self(0x7f80);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    fn read(value: &[u8]) -> Result<Self, Error> {
        super::flags(value)
            .map(|bits| Self(bits & Self::ALL.0))
            .ok_or(Error::malformed("ReasonFlags"))
    }
}

/// Where a list is found: names in full, or an RDN below the issuer of the list.
#[derive(Debug, Clone)]
pub(crate) enum PointName<'a> {
    Full(Vec<GeneralName<'a>>),
    Relative(Tlv<'a>),
}

impl<'a> PointName<'a> {
    fn read(name: Tlv<'a>) -> Result<Self, Error> {
        let mut inner = name.reader("DistributionPointName");
        let choice = inner.read()?;
        inner.finish()?;
        match choice.tag {
            0xa0 => GeneralName::read_all(choice.reader("fullName")).map(Self::Full),
            0xa1 => Ok(Self::Relative(choice)),
            _ => Err(Error::malformed("DistributionPointName")),
        }
    }

    /// The names in full, where relative ones are relative to `issuer`.
    pub(crate) fn full(&self, issuer: &DistinguishedName) -> Vec<GeneralName<'a>> {
        match self {
            Self::Full(names) => names.clone(),
            Self::Relative(rdn) => issuer
                .with_relative(*rdn)
                .map(GeneralName::Directory)
                .into_iter()
                .collect(),
        }
    }
}

/// DistributionPoint, §4.2.1.13.
#[derive(Debug, Clone)]
pub(crate) struct Point<'a> {
    pub(crate) name: Option<PointName<'a>>,
    pub(crate) reasons: ReasonFlags,
    /// The list's issuer where it is not the certificate's.
    pub(crate) issuers: Vec<DistinguishedName>,
    pub(crate) names_issuer: bool,
}

impl<'a> Point<'a> {
    fn read(point: Tlv<'a>) -> Result<Self, Error> {
        let mut fields = point.reader("DistributionPoint");
        let name = match fields.optional(tag::context(0))? {
            Some(name) => Some(PointName::read(name)?),
            None => None,
        };
        let reasons = match fields.optional(tag::context_primitive(1))? {
            Some(flags) => ReasonFlags::read(flags.value)?,
            None => ReasonFlags::ALL,
        };
        let issuer = fields.optional(tag::context(2))?;
        fields.finish()?;
        let mut issuers = Vec::new();
        if let Some(names) = issuer {
            for name in GeneralName::read_all(names.reader("cRLIssuer"))? {
                if let GeneralName::Directory(name) = name {
                    issuers.push(name);
                }
            }
        }
        Ok(Self {
            name,
            reasons,
            issuers,
            names_issuer: issuer.is_some(),
        })
    }
}

/// issuingDistributionPoint, §5.2.5.
#[derive(Debug, Clone)]
pub(crate) struct IssuingPoint<'a> {
    pub(crate) name: Option<PointName<'a>>,
    pub(crate) only_users: bool,
    pub(crate) only_authorities: bool,
    pub(crate) only_attributes: bool,
    pub(crate) indirect: bool,
    pub(crate) reasons: ReasonFlags,
}

impl<'a> IssuingPoint<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Error> {
        let mut outer = Reader::new(value, "issuingDistributionPoint");
        let mut fields = outer
            .expect(tag::SEQUENCE)?
            .reader("issuingDistributionPoint");
        outer.finish()?;
        let name = match fields.optional(tag::context(0))? {
            Some(name) => Some(PointName::read(name)?),
            None => None,
        };
        let flag = |fields: &mut Reader<'a>, n| -> Result<bool, Error> {
            match fields.optional(tag::context_primitive(n))?.map(|f| f.value) {
                None => Ok(false),
                Some([octet]) => Ok(*octet != 0),
                Some(_) => Err(Error::malformed("issuingDistributionPoint")),
            }
        };
        let only_users = flag(&mut fields, 1)?;
        let only_authorities = flag(&mut fields, 2)?;
        let reasons = match fields.optional(tag::context_primitive(3))? {
            Some(flags) => ReasonFlags::read(flags.value)?,
            None => ReasonFlags::ALL,
        };
        let indirect = flag(&mut fields, 4)?;
        let only_attributes = flag(&mut fields, 5)?;
        fields.finish()?;
        Ok(Self {
            name,
            only_users,
            only_authorities,
            only_attributes,
            indirect,
            reasons,
        })
    }
}

impl Certificate {
    /// The distribution points that can be read, and last the one every certificate has (§6.3.3): any list of
    /// its issuer that is found under the issuer's own name.
    pub(crate) fn distribution_points(&self) -> Vec<Point<'_>> {
        let mut points = Vec::new();
        if let Some(extension) = self.extension(oid::CRL_DISTRIBUTION_POINTS)
            && let Ok(list) =
                Reader::new(&extension.value, "cRLDistributionPoints").expect(tag::SEQUENCE)
        {
            let mut list = list.reader("cRLDistributionPoints");
            while points.len() < POINT_LIMIT
                && let Ok(point) = list.expect(tag::SEQUENCE)
            {
                points.extend(Point::read(point));
            }
        }
        points.push(Point {
            name: Some(PointName::Full(vec![GeneralName::Directory(
                self.issuer().clone(),
            )])),
            reasons: ReasonFlags::ALL,
            issuers: Vec::new(),
            names_issuer: false,
        });
        points
    }
}

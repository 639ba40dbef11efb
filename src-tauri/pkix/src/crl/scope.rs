//! Which certificates a list speaks about, RFC 5280 §6.3.3 (b, d).

use super::Crl;
use crate::Certificate;
use crate::extension::general_name::GeneralName;
use crate::extension::points::{IssuingPoint, Point, PointName, ReasonFlags};

/// The part of the world a list covers, as seen from one distribution point of one certificate.
pub(crate) struct Scope {
    /// The reasons that it would tell.
    pub(crate) reasons: ReasonFlags,
    /// Entries may name their own issuers.
    pub(crate) indirect: bool,
}

impl Crl<'_> {
    /// Does the list cover the certificate as found through `point`?
    pub(crate) fn scope(&self, point: &Point<'_>, certificate: &Certificate) -> Option<Scope> {
        let issuing = self.issuing_point().ok()?;
        let indirect = issuing.as_ref().is_some_and(|issuing| issuing.indirect);
        let is_issuer = if point.names_issuer {
            indirect
                && point
                    .issuers
                    .iter()
                    .any(|issuer| issuer.matches(self.issuer()))
        } else {
            self.issuer().matches(certificate.issuer())
        };
        if !is_issuer {
            return None;
        }
        let mut reasons = point.reasons;
        if let Some(issuing) = issuing {
            if !self.kinds_fit(&issuing, certificate)
                || !self.names_fit(&issuing, point, certificate)
            {
                return None;
            }
            reasons = reasons.and(issuing.reasons);
        }
        Some(Scope { reasons, indirect })
    }

    /// §6.3.3 (b) (2) (ii–iv).
    fn kinds_fit(&self, issuing: &IssuingPoint<'_>, certificate: &Certificate) -> bool {
        let Ok(constraints) = certificate.basic_constraints() else {
            return false;
        };
        let is_authority = constraints.is_some_and(|constraints| constraints.ca);
        !(issuing.only_attributes
            || issuing.only_users && is_authority
            || issuing.only_authorities && !is_authority)
    }

    /// §6.3.3 (b) (2) (i): one name in common, if the list has any.
    fn names_fit(
        &self,
        issuing: &IssuingPoint<'_>,
        point: &Point<'_>,
        certificate: &Certificate,
    ) -> bool {
        let Some(name) = &issuing.name else {
            return true;
        };
        let listed = name.full(self.issuer());
        let wanted = match &point.name {
            Some(PointName::Full(names)) => names.clone(),
            Some(relative) => relative.full(
                point
                    .issuers
                    .first()
                    .unwrap_or_else(|| certificate.issuer()),
            ),
            None => point
                .issuers
                .iter()
                .cloned()
                .map(GeneralName::Directory)
                .collect(),
        };
        wanted
            .iter()
            .any(|wanted| listed.iter().any(|listed| listed.matches(wanted)))
    }
}

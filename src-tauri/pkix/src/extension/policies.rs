//! The four extensions of policy processing, RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11 and §4.2.1.14.

use super::oid;
use crate::asn1::{Reader, tag, unsigned};
use crate::{Certificate, Error, ObjectIdentifier};

/// `anyPolicy`.
pub(crate) const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");
/// Policies or mappings in one certificate. The largest seen in the US federal bridge has below 64; the
/// bound keeps the graph of a path of twelve certificates at a few thousand nodes.
const POLICY_LIMIT: usize = 256;

/// policyConstraints, §4.2.1.11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PolicyConstraints {
    pub(crate) require_explicit_policy: Option<u64>,
    pub(crate) inhibit_policy_mapping: Option<u64>,
}

impl Certificate {
    /// certificatePolicies, without their qualifiers, if present.
    pub(crate) fn policies(&self) -> Result<Option<Vec<ObjectIdentifier>>, Error> {
        let Some(mut list) = self.sequence(oid::CERTIFICATE_POLICIES, "certificatePolicies")?
        else {
            return Ok(None);
        };
        let mut policies = Vec::new();
        while !list.is_empty() {
            let policy = list
                .expect(tag::SEQUENCE)?
                .reader("PolicyInformation")
                .oid()?;
            if policies.len() >= POLICY_LIMIT || policies.contains(&policy) {
                return Err(list.error());
            }
            policies.push(policy);
        }
        Ok(Some(policies))
    }

    /// policyMappings: (issuerDomainPolicy, subjectDomainPolicy).
    pub(crate) fn policy_mappings(
        &self,
    ) -> Result<Vec<(ObjectIdentifier, ObjectIdentifier)>, Error> {
        let Some(mut list) = self.sequence(oid::POLICY_MAPPINGS, "policyMappings")? else {
            return Ok(Vec::new());
        };
        let mut mappings = Vec::new();
        while !list.is_empty() {
            let mut pair = list.expect(tag::SEQUENCE)?.reader("policyMapping");
            let mapping = (pair.oid()?, pair.oid()?);
            pair.finish()?;
            if mappings.len() >= POLICY_LIMIT {
                return Err(list.error());
            }
            mappings.push(mapping);
        }
        Ok(mappings)
    }

    /// policyConstraints, empty without the extension.
    pub(crate) fn policy_constraints(&self) -> Result<PolicyConstraints, Error> {
        let mut found = PolicyConstraints::default();
        let Some(mut fields) = self.sequence(oid::POLICY_CONSTRAINTS, "policyConstraints")? else {
            return Ok(found);
        };
        // §4.2.1.11: at least one of the two is present.
        if fields.is_empty() {
            return Err(fields.error());
        }
        let read = |value| unsigned(value).ok_or(Error::malformed("SkipCerts"));
        if let Some(skip) = fields.optional(tag::context_primitive(0))? {
            found.require_explicit_policy = Some(read(skip.value)?);
        }
        if let Some(skip) = fields.optional(tag::context_primitive(1))? {
            found.inhibit_policy_mapping = Some(read(skip.value)?);
        }
        fields.finish()?;
        Ok(found)
    }

    /// inhibitAnyPolicy, if present.
    pub(crate) fn inhibit_any_policy(&self) -> Result<Option<u64>, Error> {
        let Some(extension) = self.extension(oid::INHIBIT_ANY_POLICY) else {
            return Ok(None);
        };
        let mut outer = Reader::new(&extension.value, "inhibitAnyPolicy");
        let skip = outer.unsigned()?;
        outer.finish()?;
        Ok(Some(skip))
    }

    /// A reader over the contents of an extension that is one SEQUENCE.
    fn sequence(&self, oid: &str, name: &'static str) -> Result<Option<Reader<'_>>, Error> {
        let Some(extension) = self.extension(oid) else {
            return Ok(None);
        };
        let mut outer = Reader::new(&extension.value, name);
        let inner = outer.expect(tag::SEQUENCE)?.reader(name);
        outer.finish()?;
        Ok(Some(inner))
    }
}

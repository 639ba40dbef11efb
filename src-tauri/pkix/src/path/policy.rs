//! Certificate policies, RFC 5280 §6.1.2–6.1.5, for a user who accepts any policy and demands none.
//!
//! With that, all that can fail is a path whose own certificates demand a policy and then have none in common. The
//! tree of the standard is kept as its deepest level only: whether it is empty depends on nothing above, and a level
//! cannot grow beyond what the certificates list (a tree grows exponentially, CVE-2023-0464).

use std::collections::{BTreeMap, BTreeSet};

use super::Constraint;
use crate::asn1::{Reader, Tlv, tag};
use crate::extension::oid;
use crate::{Certificate, Error};

const ANY: &str = "2.5.29.32.0";

/// Policies and mappings read from one certificate; certval's default for a whole path is in the hundreds.
const LIMIT: usize = 256;

/// Checks `chain`, leaf first, anchor last.
pub(super) fn check(chain: &[Certificate]) -> Result<(), (usize, Constraint)> {
    // The anchor is no part of the path (§6.1.1 d), unless it stands alone.
    let below: Vec<(usize, &Certificate)> = chain
        .iter()
        .enumerate()
        .rev()
        .skip(usize::from(chain.len() > 1))
        .collect();
    let mut state = State::new(below.len());
    for (step, (index, certificate)) in below.iter().enumerate() {
        let last = step + 1 == below.len();
        let done = state.certificate(certificate, last);
        match done {
            Ok(true) => {}
            Ok(false) => return Err((*index, Constraint::Policy)),
            Err(_) => return Err((*index, Constraint::MalformedExtension)),
        }
    }
    Ok(())
}

struct State {
    /// Valid policies of the deepest level and what is expected below each; `None` when the tree is empty.
    level: Option<BTreeMap<String, BTreeSet<String>>>,
    explicit: usize,
    mapping: usize,
    any: usize,
}

impl State {
    fn new(length: usize) -> Self {
        let root = BTreeMap::from([(ANY.to_owned(), BTreeSet::from([ANY.to_owned()]))]);
        Self {
            level: Some(root),
            explicit: length + 1,
            mapping: length + 1,
            any: length + 1,
        }
    }

    /// Processes one certificate; false if an explicit policy is demanded and none is left.
    fn certificate(&mut self, certificate: &Certificate, last: bool) -> Result<bool, Error> {
        let self_issued = certificate.is_self_issued();
        self.descend(certificate, last, self_issued)?;
        if self.explicit == 0 && self.level.is_none() {
            return Ok(false);
        }
        if last {
            // §6.1.5 a, b
            self.explicit = self.explicit.saturating_sub(1);
            if constraint(certificate, 0)? == Some(0) {
                self.explicit = 0;
            }
            return Ok(self.explicit > 0 || self.level.is_some());
        }
        if !self.map(certificate)? {
            return Ok(false);
        }
        if !self_issued {
            for counter in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *counter = counter.saturating_sub(1);
            }
        }
        if let Some(skip) = constraint(certificate, 0)? {
            self.explicit = self.explicit.min(skip);
        }
        if let Some(skip) = constraint(certificate, 1)? {
            self.mapping = self.mapping.min(skip);
        }
        if let Some(extension) = certificate.extension("2.5.29.54") {
            let skip = Reader::new(&extension.value, "inhibitAnyPolicy").unsigned()?;
            self.any = self.any.min(usize::try_from(skip).unwrap_or(usize::MAX));
        }
        Ok(true)
    }

    /// §6.1.3 d, e
    fn descend(
        &mut self,
        certificate: &Certificate,
        last: bool,
        self_issued: bool,
    ) -> Result<(), Error> {
        let Some(policies) = policies(certificate)? else {
            self.level = None;
            return Ok(());
        };
        let Some(above) = self.level.take() else {
            return Ok(());
        };
        let mut below: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let any_above = above.contains_key(ANY);
        for policy in policies.iter().filter(|policy| *policy != ANY) {
            if any_above || above.values().any(|expected| expected.contains(policy)) {
                below.insert(policy.clone(), BTreeSet::from([policy.clone()]));
            }
        }
        if policies.contains(ANY) && (self.any > 0 || (!last && self_issued)) {
            for expected in above.into_values().flatten() {
                below
                    .entry(expected.clone())
                    .or_insert_with(|| BTreeSet::from([expected]));
            }
        }
        self.level = (!below.is_empty()).then_some(below);
        Ok(())
    }

    /// §6.1.4 a, b
    fn map(&mut self, certificate: &Certificate) -> Result<bool, Error> {
        let Some(extension) = certificate.extension("2.5.29.33") else {
            return Ok(true);
        };
        let mut list = Reader::new(&extension.value, "policyMappings")
            .expect(tag::SEQUENCE)?
            .reader("policyMappings");
        let mut mappings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut count = 0;
        while !list.is_empty() {
            let mut pair = list.expect(tag::SEQUENCE)?.reader("policyMapping");
            let (issuer, subject) = (pair.oid()?.to_string(), pair.oid()?.to_string());
            count += 1;
            if issuer == ANY || subject == ANY || count > LIMIT {
                return Ok(false);
            }
            mappings.entry(issuer).or_default().insert(subject);
        }
        let Some(level) = &mut self.level else {
            return Ok(true);
        };
        let any = level.contains_key(ANY);
        for (issuer, subjects) in mappings {
            if self.mapping == 0 {
                level.remove(&issuer);
            } else if any || level.contains_key(&issuer) {
                level.insert(issuer, subjects);
            }
        }
        if level.is_empty() {
            self.level = None;
        }
        Ok(true)
    }
}

/// certificatePolicies, §4.2.1.4; `None` if there is none.
fn policies(certificate: &Certificate) -> Result<Option<BTreeSet<String>>, Error> {
    let Some(extension) = certificate.extension(oid::CERTIFICATE_POLICIES) else {
        return Ok(None);
    };
    let mut list = Reader::new(&extension.value, "certificatePolicies")
        .expect(tag::SEQUENCE)?
        .reader("certificatePolicies");
    let mut found = BTreeSet::new();
    while !list.is_empty() {
        found.insert(
            list.expect(tag::SEQUENCE)?
                .reader("PolicyInformation")
                .oid()?
                .to_string(),
        );
        if found.len() > LIMIT {
            return Err(list.error());
        }
    }
    Ok(Some(found))
}

/// policyConstraints, §4.2.1.11: `[0]` requireExplicitPolicy, `[1]` inhibitPolicyMapping.
fn constraint(certificate: &Certificate, number: u8) -> Result<Option<usize>, Error> {
    let Some(extension) = certificate.extension(oid::POLICY_CONSTRAINTS) else {
        return Ok(None);
    };
    let mut fields = Reader::new(&extension.value, "policyConstraints")
        .expect(tag::SEQUENCE)?
        .reader("policyConstraints");
    while !fields.is_empty() {
        let field: Tlv<'_> = fields.read()?;
        if field.tag == tag::context_primitive(number) {
            let skip = crate::asn1::unsigned(field.value).ok_or_else(|| fields.error())?;
            return Ok(Some(usize::try_from(skip).unwrap_or(usize::MAX)));
        }
    }
    Ok(None)
}

//! Certificate policies, RFC 5280 §6.1.2–§6.1.5 with the graph of RFC 9618, which replaces the tree: a tree
//! doubles at every certificate that maps two policies to one, a graph has one node per policy and depth.

use super::{Constraint, Parameters};
use crate::extension::policies::ANY_POLICY;
use crate::{Certificate, ObjectIdentifier};
use std::collections::{BTreeMap, BTreeSet};

/// Edges in the graph of one path: twelve certificates of 256 policies each that all map to each other stay
/// below; what does not fit is refused, not computed.
const EDGE_LIMIT: usize = 1 << 20;

/// A policy that is valid at some depth.
#[derive(Debug, Default)]
struct Node {
    /// Policies of the depth above that lead here.
    parents: BTreeSet<ObjectIdentifier>,
    /// Policies of the next certificate that satisfy this one.
    expected: BTreeSet<ObjectIdentifier>,
}

type Level = BTreeMap<ObjectIdentifier, Node>;

/// The state variables of §6.1.2 that concern policies.
#[derive(Debug)]
pub(super) struct Policies {
    /// valid_policy_graph, depth 0 first; `None` is NULL.
    graph: Option<Vec<Level>>,
    explicit_policy: u64,
    policy_mapping: u64,
    inhibit_any_policy: u64,
    edges: usize,
}

impl Policies {
    /// §6.1.2: `length` certificates follow, the anchor not counted. What the anchor itself says about later
    /// policies binds as in RFC 5937 §3.
    pub(super) fn new(
        length: usize,
        parameters: &Parameters,
        anchor: Option<&Certificate>,
    ) -> Result<Self, Constraint> {
        let beyond = u64::try_from(length).unwrap_or(u64::MAX).saturating_add(1);
        let start = |inhibited: bool| if inhibited { 0 } else { beyond };
        let root = Node {
            parents: BTreeSet::new(),
            expected: BTreeSet::from([ANY_POLICY]),
        };
        let mut policies = Self {
            graph: Some(vec![Level::from([(ANY_POLICY, root)])]),
            explicit_policy: start(parameters.initial_explicit_policy),
            policy_mapping: start(parameters.initial_policy_mapping_inhibit),
            inhibit_any_policy: start(parameters.initial_any_policy_inhibit),
            edges: 0,
        };
        if let Some(anchor) = anchor {
            policies.tighten(anchor)?;
        }
        Ok(policies)
    }

    /// §6.1.3 (d–f) for a certificate; `last` is the one the path is about.
    pub(super) fn certificate(
        &mut self,
        certificate: &Certificate,
        last: bool,
    ) -> Result<(), Constraint> {
        // Policies that cannot be read are none: that fails a path exactly where a policy is demanded.
        let asserted = certificate.policies().ok().flatten();
        self.graph = match (self.graph.take(), asserted) {
            (Some(graph), Some(asserted)) => {
                let any_counts =
                    self.inhibit_any_policy > 0 || (!last && certificate.is_self_issued());
                self.extend(graph, &asserted, any_counts)?
            }
            _ => None,
        };
        self.explicit()
    }

    /// §6.1.4 (a, b, h–j), between a certificate and the next.
    pub(super) fn prepare(&mut self, certificate: &Certificate) -> Result<(), Constraint> {
        let mappings = certificate
            .policy_mappings()
            .map_err(|_| Constraint::MalformedExtension)?;
        if mappings
            .iter()
            .any(|(issuer, subject)| *issuer == ANY_POLICY || *subject == ANY_POLICY)
        {
            return Err(Constraint::AnyPolicyMapped);
        }
        let mut mapped: BTreeMap<ObjectIdentifier, BTreeSet<ObjectIdentifier>> = BTreeMap::new();
        for (issuer, subject) in mappings {
            mapped.entry(issuer).or_default().insert(subject);
        }
        if let Some(level) = self.graph.as_mut().and_then(|graph| graph.last_mut()) {
            for (issuer, subjects) in mapped {
                if self.policy_mapping == 0 {
                    level.remove(&issuer);
                } else if let Some(node) = level.get_mut(&issuer) {
                    node.expected = subjects;
                } else if level.contains_key(&ANY_POLICY) {
                    level.insert(
                        issuer,
                        Node {
                            parents: BTreeSet::from([ANY_POLICY]),
                            expected: subjects,
                        },
                    );
                }
            }
            if level.is_empty() {
                self.graph = None;
            }
        }
        if !certificate.is_self_issued() {
            for skip in [
                &mut self.explicit_policy,
                &mut self.policy_mapping,
                &mut self.inhibit_any_policy,
            ] {
                *skip = skip.saturating_sub(1);
            }
        }
        self.tighten(certificate)
    }

    /// §6.1.5 (a, b, g) after the last certificate. Answers whether a policy is valid for the path, demanded or not.
    pub(super) fn wrap_up(
        mut self,
        certificate: &Certificate,
        initial: Option<&BTreeSet<ObjectIdentifier>>,
    ) -> Result<bool, Constraint> {
        self.explicit_policy = self.explicit_policy.saturating_sub(1);
        let constraints = certificate
            .policy_constraints()
            .map_err(|_| Constraint::MalformedExtension)?;
        if constraints.require_explicit_policy == Some(0) {
            self.explicit_policy = 0;
        }
        if let (Some(graph), Some(initial)) = (&self.graph, initial)
            && !meets(graph, initial)
        {
            self.graph = None;
        }
        self.explicit().map(|()| self.graph.is_some())
    }

    /// §6.1.3 (f), §6.1.5 (g).
    const fn explicit(&self) -> Result<(), Constraint> {
        if self.explicit_policy == 0 && self.graph.is_none() {
            Err(Constraint::NoValidPolicy)
        } else {
            Ok(())
        }
    }

    /// §6.1.3 (d).
    fn extend(
        &mut self,
        mut graph: Vec<Level>,
        asserted: &[ObjectIdentifier],
        any_counts: bool,
    ) -> Result<Option<Vec<Level>>, Constraint> {
        let Some(above) = graph.last() else {
            return Ok(None);
        };
        let mut by_expected: BTreeMap<ObjectIdentifier, BTreeSet<ObjectIdentifier>> =
            BTreeMap::new();
        for (policy, node) in above {
            for expected in &node.expected {
                by_expected.entry(*expected).or_default().insert(*policy);
            }
        }
        let mut level = Level::new();
        let mut add = |policy: ObjectIdentifier, parents: BTreeSet<ObjectIdentifier>| {
            self.edges = self.edges.saturating_add(parents.len());
            let expected = BTreeSet::from([policy]);
            level.insert(policy, Node { parents, expected });
            if self.edges > EDGE_LIMIT {
                Err(Constraint::TooMuchWork)
            } else {
                Ok(())
            }
        };
        for policy in asserted.iter().filter(|policy| **policy != ANY_POLICY) {
            if let Some(parents) = by_expected.get(policy) {
                add(*policy, parents.clone())?;
            } else if above.contains_key(&ANY_POLICY) {
                add(*policy, BTreeSet::from([ANY_POLICY]))?;
            }
        }
        if any_counts && asserted.contains(&ANY_POLICY) {
            for (policy, parents) in by_expected {
                if !asserted.contains(&policy) || policy == ANY_POLICY {
                    add(policy, parents)?;
                }
            }
        }
        if level.is_empty() {
            return Ok(None);
        }
        graph.push(level);
        Ok(Some(graph))
    }

    /// §6.1.4 (i, j).
    fn tighten(&mut self, certificate: &Certificate) -> Result<(), Constraint> {
        let malformed = |_| Constraint::MalformedExtension;
        let constraints = certificate.policy_constraints().map_err(malformed)?;
        let any = certificate.inhibit_any_policy().map_err(malformed)?;
        for (skip, said) in [
            (
                &mut self.explicit_policy,
                constraints.require_explicit_policy,
            ),
            (&mut self.policy_mapping, constraints.inhibit_policy_mapping),
            (&mut self.inhibit_any_policy, any),
        ] {
            *skip = said.map_or(*skip, |said| said.min(*skip));
        }
        Ok(())
    }
}

/// §6.1.5 (g): is a policy the user accepts among those of the first authority's domain that reach the end?
/// A policy below anyPolicy is of that domain; anyPolicy at the end stands for whatever the user names.
fn meets(graph: &[Level], initial: &BTreeSet<ObjectIdentifier>) -> bool {
    let Some((last, _)) = graph.split_last() else {
        return false;
    };
    if last.contains_key(&ANY_POLICY) {
        return !initial.is_empty();
    }
    let mut reached: BTreeSet<ObjectIdentifier> = last.keys().copied().collect();
    for level in graph.iter().rev() {
        let mut above = BTreeSet::new();
        for (policy, node) in level.iter().filter(|(policy, _)| reached.contains(policy)) {
            if node.parents.contains(&ANY_POLICY) && initial.contains(policy) {
                return true;
            }
            above.extend(
                node.parents
                    .iter()
                    .filter(|parent| **parent != ANY_POLICY)
                    .copied(),
            );
        }
        reached = above;
    }
    false
}

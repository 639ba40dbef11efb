//! `path verify`: one certification path from files, judged by RFC 5280 §6 and told clause by clause.
//!
//! Meant for who looks after certificates: the duties of issuers count too unless told otherwise. Nothing is
//! fetched and no bundled anchor is used: the files named are all there is.

use crate::clock;
use crate::error::{Code, Error, Result};
use antin_pkix::{
    Certificate, Constraint, Evidence, ObjectIdentifier, Parameters, PathReport, PathStatus,
    Profile, Source, Status, TrustStore, validate_path_with,
};
use serde::Serialize;
use std::io::Read;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// The largest list `pkix` looks at, in PEM.
const FILE_LIMIT: u64 = 140 << 20;

/// What to judge, with the inputs of RFC 5280 §6.1.1.
#[derive(Debug, Clone)]
pub struct PathOrder<'a> {
    /// The certificate the path is about, PEM or DER; of several in a file the first.
    pub leaf: &'a Path,
    /// Files of trust anchors.
    pub anchors: &'a [PathBuf],
    /// Files of certificates that may lie between.
    pub intermediates: &'a [PathBuf],
    /// Revocation lists. If any is named, every certificate's revocation must be settled.
    pub crls: &'a [PathBuf],
    /// OCSP responses; they count like lists.
    pub ocsp: &'a [PathBuf],
    /// user-initial-policy-set, dotted; empty is any-policy.
    pub policies: &'a [String],
    /// initial-explicit-policy.
    pub explicit_policy: bool,
    /// initial-policy-mapping-inhibit.
    pub inhibit_policy_mapping: bool,
    /// initial-any-policy-inhibit.
    pub inhibit_any_policy: bool,
    /// Leave out the duties of issuers that §6 does not look at.
    pub as_received: bool,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct JudgedPath {
    /// Does the path pass?
    pub accepted: bool,
    /// `trusted`, `no-path`, `expired`, `not-yet-valid`, `revoked`, `revocation-unknown`, `constraint-failed`.
    pub status: &'static str,
    /// The facts behind the status; empty for a path that passes.
    pub reason: String,
    /// The clause of RFC 5280 that decided against the path.
    pub clause: Option<&'static str>,
    /// The position in the chain that decided, 0 is the leaf.
    pub index: Option<usize>,
    /// Was revocation asked for?
    pub revocation_checked: bool,
    /// A certificate below the anchor is signed with SHA-1.
    pub weak: bool,
    /// The search ended at its budget.
    pub budget_exhausted: bool,
    /// Leaf first, anchor last.
    pub chain: Vec<Link>,
    /// Files that could not be read and so did not help.
    pub unreadable: Vec<PathBuf>,
}

/// One certificate of the chain.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// Whom it names.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// First moment of validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// Last moment of validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
    /// `good`, `revoked` or `unknown`; absent for the anchor, and where the path failed before it was asked.
    pub revocation: Option<&'static str>,
    /// `crl` or `ocsp`.
    pub revocation_source: Option<&'static str>,
}

impl JudgedPath {
    /// 0 passes, 1 fails, 2 cannot be told.
    #[must_use]
    pub fn exit(&self) -> u8 {
        match self.status {
            _ if self.accepted => 0,
            "no-path" | "revocation-unknown" => 2,
            _ => 1,
        }
    }
}

/// Judges the path at `at`.
///
/// # Errors
/// The leaf or a policy's name cannot be read. Other files that cannot be read are named in the answer.
pub fn verify(order: &PathOrder<'_>, at: OffsetDateTime) -> Result<JudgedPath> {
    let mut unreadable = Vec::new();
    let leaf = certificates(order.leaf)?
        .into_iter()
        .next()
        .ok_or_else(|| Error::new(Code::FileUnreadable).with("file", order.leaf.display()))?;
    let mut read = |files: &[PathBuf]| {
        let mut all = Vec::new();
        for file in files {
            match certificates(file) {
                Ok(found) => all.extend(found),
                Err(_) => unreadable.push(file.clone()),
            }
        }
        all
    };
    let trust = TrustStore {
        anchors: read(order.anchors),
        intermediates: read(order.intermediates),
    };
    let mut evidence = Evidence::default();
    for file in order.crls {
        let added = read_file(file).is_ok_and(|bytes| evidence.add_crl_file(&bytes).is_ok());
        if !added {
            unreadable.push(file.clone());
        }
    }
    for file in order.ocsp {
        match read_file(file) {
            Ok(bytes) => evidence.ocsp.push(bytes),
            Err(_) => unreadable.push(file.clone()),
        }
    }
    let parameters = parameters(order)?;
    let report = validate_path_with(&leaf, &[], &trust, &evidence, at, &parameters);
    let revocation_checked = !order.crls.is_empty() || !order.ocsp.is_empty();
    Ok(judged(&report, revocation_checked, unreadable))
}

/// Reads a file up to [`FILE_LIMIT`], whatever its length is said to be.
fn read_file(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = FILE_LIMIT + 1;
    std::fs::File::open(file)?
        .take(limit)
        .read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length < limit) {
        Ok(bytes)
    } else {
        Err(std::io::ErrorKind::FileTooLarge.into())
    }
}

fn certificates(file: &Path) -> Result<Vec<Certificate>> {
    let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::caused(Code::FileUnreadable, error).with("file", file.display())
    };
    let bytes = read_file(file).map_err(|error| unreadable(error.into()))?;
    Certificate::from_file(&bytes).map_err(|error| unreadable(error.into()))
}

fn parameters(order: &PathOrder<'_>) -> Result<Parameters> {
    let policies = order
        .policies
        .iter()
        .map(|text| {
            ObjectIdentifier::new(text).map_err(|e| Error::unknown(format!("--policy {text}: {e}")))
        })
        .collect::<Result<_>>()?;
    Ok(Parameters {
        initial_policies: (!order.policies.is_empty()).then_some(policies),
        initial_explicit_policy: order.explicit_policy,
        initial_policy_mapping_inhibit: order.inhibit_policy_mapping,
        initial_any_policy_inhibit: order.inhibit_any_policy,
        profile: if order.as_received {
            Profile::Received
        } else {
            Profile::Conforming
        },
        ..Parameters::default()
    })
}

fn judged(report: &PathReport, revocation_checked: bool, unreadable: Vec<PathBuf>) -> JudgedPath {
    let accepted = report.is_trusted() || (!revocation_checked && report.leads_to_anchor());
    let status = if accepted {
        &PathStatus::Trusted
    } else {
        &report.status
    };
    let (index, reason) = reason(status);
    JudgedPath {
        accepted,
        status: status.name(),
        reason,
        clause: status.clause(),
        index,
        revocation_checked,
        weak: report.weak,
        budget_exhausted: report.budget_exhausted,
        chain: links(report),
        unreadable,
    }
}

/// The facts of a status in the standard's own terms.
fn reason(status: &PathStatus) -> (Option<usize>, String) {
    match status {
        PathStatus::NoPath { missing_issuer } => (None, format!("issuer: {missing_issuer}")),
        PathStatus::Expired { index, not_after } => (
            Some(*index),
            format!("notAfter: {}", clock::text(*not_after)),
        ),
        PathStatus::NotYetValid { index, not_before } => (
            Some(*index),
            format!("notBefore: {}", clock::text(*not_before)),
        ),
        PathStatus::Revoked { index, at, reason } => (
            Some(*index),
            format!("{} {}", reason.name(), clock::text(*at)),
        ),
        PathStatus::RevocationUnknown { index } => (Some(*index), "undetermined".to_owned()),
        PathStatus::ConstraintFailed { index, constraint } => (Some(*index), broken(constraint)),
        _ => (None, String::new()),
    }
}

fn broken(constraint: &Constraint) -> String {
    match constraint {
        Constraint::UnprocessedExtension { oid } => format!("unknown critical extension {oid}"),
        Constraint::UnsupportedAlgorithm { oid } => format!("unknown algorithm {oid}"),
        Constraint::PathLength { allowed, found } => {
            format!("pathLenConstraint: {allowed}, found {found}")
        }
        Constraint::NameNotPermitted { name } => format!("nameConstraints: {name}"),
        Constraint::NotAnAuthority => "basicConstraints".to_owned(),
        Constraint::KeyUsage => "keyUsage".to_owned(),
        Constraint::ExtendedKeyUsage => "extKeyUsage".to_owned(),
        Constraint::NoValidPolicy => "certificatePolicies: none valid".to_owned(),
        Constraint::AnyPolicyMapped => "policyMappings: anyPolicy".to_owned(),
        Constraint::NotConforming { .. } => "issuer's duty not met".to_owned(),
        other => format!("{other:?}"),
    }
}

fn links(report: &PathReport) -> Vec<Link> {
    let anchor = report.chain.len().saturating_sub(1);
    let link = |(index, certificate): (usize, &Certificate)| {
        let finding = report.revocation.get(index).and_then(Option::as_ref);
        Link {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            serial: certificate.serial_hex(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            sha256: certificate.fingerprint_hex(),
            revocation: (index < anchor && !report.revocation.is_empty()).then(|| {
                match finding.map(|found| found.status) {
                    Some(Status::Good) => "good",
                    Some(Status::Revoked { .. }) => "revoked",
                    None => "unknown",
                }
            }),
            revocation_source: finding.map(|found| match found.source {
                Source::Crl => "crl",
                Source::Ocsp => "ocsp",
            }),
        }
    };
    report.chain.iter().enumerate().map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    /// NIST PKITS lies beside the workspace and is no part of it; without it nothing is checked.
    #[test]
    fn a_list_named_must_settle_every_certificate() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora/x509/pkits");
        if !folder.is_dir() {
            return;
        }
        let files = |part: &str, names: &[&str]| -> Vec<PathBuf> {
            let folder = folder.join(part);
            names.iter().map(|name| folder.join(name)).collect()
        };
        let outcome = |leaf: &str, lists: &[&str]| {
            let order = PathOrder {
                leaf: &folder.join("certs").join(leaf),
                anchors: &files("certs", &["TrustAnchorRootCertificate.crt"]),
                intermediates: &files("certs", &["GoodCACert.crt", "absent.crt"]),
                crls: &files("crls", lists),
                ocsp: &[],
                policies: &[],
                explicit_policy: false,
                inhibit_policy_mapping: false,
                inhibit_any_policy: false,
                as_received: false,
            };
            let judged = verify(&order, datetime!(2012-06-15 00:00 UTC)).unwrap();
            assert_eq!(judged.unreadable.len(), 1, "the absent file is named");
            (judged.exit(), judged.status, judged.index)
        };
        let revoked = "InvalidRevokedEETest3EE.crt";
        let both = ["TrustAnchorRootCRL.crl", "GoodCACRL.crl"];
        assert_eq!(outcome(revoked, &[]), (0, "trusted", None), "nobody asked");
        assert_eq!(outcome(revoked, &both), (1, "revoked", Some(0)));
        let good = "ValidCertificatePathTest1EE.crt";
        assert_eq!(outcome(good, &both), (0, "trusted", None));
        assert_eq!(
            outcome(good, &both[1..]),
            (2, "revocation-unknown", Some(1))
        );
    }
}

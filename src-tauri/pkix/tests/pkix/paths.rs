//! Paths and revocation.

use crate::{corpus, json};
use antin_pkix::{
    Certificate, Evidence, ObjectIdentifier, Parameters, PathStatus, Profile, TrustStore,
    validate_path_with,
};
use serde_json::Value;
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

struct Case {
    name: String,
    accept: bool,
    at: OffsetDateTime,
    leaf: Vec<u8>,
    anchors: Vec<Vec<u8>>,
    others: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
    ocsp: Vec<Vec<u8>>,
    revocation: bool,
    parameters: Parameters,
}

/// What a caller does with the report: certificates that cannot be read are refused, and an unknown
/// revocation status is accepted only where the case asks for none.
fn outcome(case: &Case, profile: Profile) -> (bool, String) {
    let read = |files: &[Vec<u8>]| -> Vec<Certificate> {
        files
            .iter()
            .filter_map(|file| Certificate::from_file(file).ok())
            .flatten()
            .collect()
    };
    let Some(leaf) = read(std::slice::from_ref(&case.leaf)).pop() else {
        return (false, "unreadable leaf".into());
    };
    let trust = TrustStore {
        anchors: read(&case.anchors),
        intermediates: read(&case.others),
    };
    let mut evidence = Evidence {
        ocsp: case.ocsp.clone(),
        ..Evidence::default()
    };
    for crl in &case.crls {
        let _ = evidence.add_crl_file(crl);
    }
    let parameters = Parameters {
        profile,
        ..case.parameters.clone()
    };
    let report = validate_path_with(&leaf, &[], &trust, &evidence, case.at, &parameters);
    let accept = match report.status {
        PathStatus::Trusted => true,
        PathStatus::RevocationUnknown { .. } => !case.revocation,
        _ => false,
    };
    (accept, format!("{:?}", report.status))
}

/// Compares all outcomes with what is expected; `strict` cases are refused although they should pass,
/// `lenient` ones pass although they should be refused.
fn score(suite: &str, profile: Profile, cases: &[Case], strict: &[&str], lenient: &[&str]) {
    let mut wrong = Vec::new();
    for case in cases {
        let (accept, why) = outcome(case, profile);
        let listed = if case.accept { &strict } else { &lenient };
        let known = listed.iter().any(|name| case.name.starts_with(name));
        if (accept == case.accept) == known {
            wrong.push(format!(
                "{}: accepted={accept}, expected={}, listed={known}: {why}",
                case.name, case.accept
            ));
        }
    }
    println!(
        "{suite}, {profile:?}: {} cases, {} refused and {} accepted against expectation",
        cases.len(),
        strict.len(),
        lenient.len()
    );
    assert!(
        wrong.is_empty(),
        "{suite}, {profile:?}:\n{}",
        wrong.join("\n")
    );
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

fn moment(value: &Value) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()
}

#[test]
fn nist_pkits() {
    let Some(folder) = corpus("x509/pkits") else {
        return;
    };
    let read = |part: &str, name: &str| std::fs::read(folder.join(part).join(name)).unwrap();
    let cases: Vec<Case> = json(&folder.join("pkits-cases.json"))
        .as_array()
        .unwrap()
        .iter()
        .map(|case| {
            let revocation = case["revocation"].as_bool().unwrap_or(true);
            let mut crls = vec![read("crls", "TrustAnchorRootCRL.crl")];
            crls.extend(texts(&case["crls"]).iter().map(|name| read("crls", name)));
            Case {
                name: format!(
                    "{} {}",
                    case["id"].as_str().unwrap(),
                    case["name"].as_str().unwrap()
                ),
                accept: case["expected"] == "accept",
                at: moment(&case["time"]).unwrap_or(time::macros::datetime!(2012-06-15 00:00 UTC)),
                leaf: read("certs", case["cert"].as_str().unwrap()),
                anchors: vec![read("certs", "TrustAnchorRootCertificate.crt")],
                others: texts(&case["other_certs"])
                    .iter()
                    .map(|name| read("certs", name))
                    .collect(),
                crls: if revocation { crls } else { Vec::new() },
                ocsp: Vec::new(),
                revocation,
                parameters: parameters(&case["params"]),
            }
        })
        .collect();
    for profile in [Profile::Received, Profile::Conforming] {
        score("PKITS", profile, &cases, &[], &[]);
    }
}

/// The inputs of §6.1.1 as the corpus writes them.
fn parameters(params: &Value) -> Parameters {
    let flag = |name: &str| params[name].as_bool().unwrap_or(false);
    let policies = params.get("user_initial_policy_set");
    Parameters {
        initial_policies: policies.map(|set| {
            texts(set)
                .into_iter()
                .map(ObjectIdentifier::new_unwrap)
                .collect()
        }),
        // A user who names policies wants one of them, unless the case says otherwise.
        initial_explicit_policy: flag("initial_explicit_policy"),
        initial_policy_mapping_inhibit: flag("initial_policy_mapping_inhibit"),
        initial_any_policy_inhibit: flag("initial_any_policy_inhibit"),
        ..Parameters::default()
    }
}

#[test]
fn x509_limbo() {
    let Some(folder) = corpus("x509/limbo") else {
        return;
    };
    let bytes = |value: &Value| {
        texts(value)
            .iter()
            .map(|text| text.as_bytes().to_vec())
            .collect::<Vec<_>>()
    };
    let cases: Vec<Case> = json(&folder.join("limbo-nonweb.json"))["testcases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| Case {
            name: case["id"].as_str().unwrap().to_owned(),
            accept: case["expected_result"] == "SUCCESS",
            at: moment(&case["validation_time"])
                .unwrap_or(time::macros::datetime!(2024-01-01 00:00 UTC)),
            leaf: case["peer_certificate"]
                .as_str()
                .unwrap()
                .as_bytes()
                .to_vec(),
            anchors: bytes(&case["trusted_certs"]),
            others: bytes(&case["untrusted_intermediates"]),
            crls: bytes(&case["crls"]),
            ocsp: Vec::new(),
            revocation: !texts(&case["crls"]).is_empty(),
            parameters: Parameters::default(),
        })
        .collect();
    // Duties of issuers that no signature rests on: identifiers and CRL numbers that are missing, serial
    // numbers that are not positive, alternative names nobody asks for, bits that say too much.
    let lenient = [
        "crl::crlnumber-missing",
        "crl::crlnumber-critical",
        "rfc5280::aki::intermediate-missing-aki",
        "rfc5280::aki::cross-signed-root-missing-aki",
        "rfc5280::san::malformed",
        "rfc5280::san::underscore-dns",
        "rfc5280::serial::zero",
        "rfc5280::serial::negative",
        "rfc5280::ski::root-missing-ski",
        "rfc5280::ski::intermediate-missing-ski",
        "rfc5280::root-non-critical-basic-constraints",
        "rfc5280::leaf-ku-keycertsign",
        "rfc5280::ca-as-leaf-wrong-san",
        "rfc5280::pc::ica-noncritical-pc",
    ];
    score("x509-limbo", Profile::Received, &cases, &[], &lenient);
    score(
        "x509-limbo",
        Profile::Conforming,
        &cases,
        &[],
        &["rfc5280::ca-as-leaf-wrong-san"],
    );
}

#[test]
fn openssl_ocsp_responses() {
    let Some(folder) = corpus("ocsp") else { return };
    let read = |name: &str| std::fs::read(Path::new(&folder).join(name)).unwrap();
    let cases: Vec<Case> = json(&folder.join("openssl-ocsp-cases.json"))
        .as_array()
        .unwrap()
        .iter()
        .map(|case| Case {
            name: case["name"].as_str().unwrap().to_owned(),
            accept: case["expected"] == "accept",
            at: moment(&case["moment"]).unwrap(),
            leaf: read(case["cert"].as_str().unwrap()),
            anchors: vec![read(case["root"].as_str().unwrap())],
            others: texts(&case["other_certs"])
                .iter()
                .map(|name| read(name))
                .collect(),
            crls: Vec::new(),
            ocsp: texts(&case["ocsps"])
                .iter()
                .map(|name| base64(&read(name)))
                .collect(),
            revocation: true,
            parameters: Parameters::default(),
        })
        .collect();
    // One case brings no word about its intermediate; upstream asks for the leaf's only.
    score(
        "OpenSSL OCSP",
        Profile::Received,
        &cases,
        &["delegated_with_intermediate_success"],
        &[],
    );
}

/// The responses are stored as bare base64.
fn base64(text: &[u8]) -> Vec<u8> {
    let compact: Vec<u8> = text
        .iter()
        .copied()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    let lines: Vec<&str> = compact
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let armour = format!(
        "-----BEGIN OCSP RESPONSE-----\n{}\n-----END OCSP RESPONSE-----\n",
        lines.join("\n")
    );
    der::pem::decode_vec(armour.as_bytes()).unwrap().1
}

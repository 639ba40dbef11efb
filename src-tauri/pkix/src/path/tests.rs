//! Rules that no corpus at hand shows, on certificates put together octet by octet; their signatures are not looked at.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod lists;

use super::names::NameConstraints;
use super::policy::Policies;
use super::{Constraint, Parameters};
use crate::asn1::write;
use crate::{Certificate, ObjectIdentifier};
use std::collections::BTreeSet;

fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write(tag, contents, &mut out);
    out
}

fn oid(dotted: &str) -> Vec<u8> {
    tlv(0x06, ObjectIdentifier::new_unwrap(dotted).as_bytes())
}

fn name(common: &str) -> Vec<u8> {
    let pair = tlv(
        0x30,
        &[oid("2.5.4.3"), tlv(0x0c, common.as_bytes())].concat(),
    );
    tlv(0x30, &tlv(0x31, &pair))
}

/// A certificate with nothing but names and extensions (identifier, value).
fn certificate(subject: &str, issuer: &str, extensions: &[(&str, Vec<u8>)]) -> Certificate {
    let algorithm = tlv(0x30, &oid("1.3.101.112"));
    let validity = tlv(0x30, &tlv(0x17, b"200101000000Z").repeat(2));
    let key = tlv(0x30, &[algorithm.clone(), tlv(0x03, &[0; 33])].concat());
    let list: Vec<u8> = extensions
        .iter()
        .flat_map(|(id, value)| tlv(0x30, &[oid(id), tlv(0x04, value)].concat()))
        .collect();
    let tbs = [
        tlv(0xa0, &tlv(0x02, &[2])),
        tlv(0x02, &[1]),
        algorithm.clone(),
        name(issuer),
        validity,
        name(subject),
        key,
        tlv(0xa3, &tlv(0x30, &list)),
    ]
    .concat();
    let whole = [tlv(0x30, &tbs), algorithm, tlv(0x03, &[0; 65])].concat();
    Certificate::from_der(&tlv(0x30, &whole)).unwrap()
}

fn policies(list: &[&str]) -> (&'static str, Vec<u8>) {
    let contents: Vec<u8> = list.iter().flat_map(|p| tlv(0x30, &oid(p))).collect();
    ("2.5.29.32", tlv(0x30, &contents))
}

fn mappings(list: &[(&str, &str)]) -> (&'static str, Vec<u8>) {
    let contents: Vec<u8> = list
        .iter()
        .flat_map(|(issuer, subject)| tlv(0x30, &[oid(issuer), oid(subject)].concat()))
        .collect();
    ("2.5.29.33", tlv(0x30, &contents))
}

/// The path of certificates, anchor's side first, without the anchor.
fn policy_outcome(path: &[Certificate], parameters: &Parameters) -> Result<bool, Constraint> {
    let mut state = Policies::new(path.len(), parameters, None)?;
    let (last, above) = path.split_last().unwrap();
    for certificate in above {
        state.certificate(certificate, false)?;
        state.prepare(certificate)?;
    }
    state.certificate(last, true)?;
    state.wrap_up(last, parameters.initial_policies.as_ref())
}

fn wanting(policy: &str) -> Parameters {
    Parameters {
        initial_policies: Some(BTreeSet::from([ObjectIdentifier::new_unwrap(policy)])),
        initial_explicit_policy: true,
        ..Parameters::default()
    }
}

#[test]
fn a_mapped_policy_is_wanted_by_the_name_it_has_at_the_top() {
    let path = [
        certificate(
            "A",
            "R",
            &[policies(&["1.2.3.1"]), mappings(&[("1.2.3.1", "1.2.3.9")])],
        ),
        certificate("B", "A", &[policies(&["1.2.3.9"])]),
    ];
    assert_eq!(policy_outcome(&path, &wanting("1.2.3.1")), Ok(true));
    assert_eq!(
        policy_outcome(&path, &wanting("1.2.3.9")),
        Err(Constraint::NoValidPolicy)
    );
    let inhibited = Parameters {
        initial_policy_mapping_inhibit: true,
        ..wanting("1.2.3.1")
    };
    assert_eq!(
        policy_outcome(&path, &inhibited),
        Err(Constraint::NoValidPolicy)
    );
}

#[test]
fn any_policy_may_not_be_mapped() {
    let path = [
        certificate(
            "A",
            "R",
            &[
                policies(&["1.2.3.1"]),
                mappings(&[("1.2.3.1", "2.5.29.32.0")]),
            ],
        ),
        certificate("B", "A", &[policies(&["1.2.3.1"])]),
    ];
    assert_eq!(
        policy_outcome(&path, &Parameters::default()),
        Err(Constraint::AnyPolicyMapped)
    );
}

#[test]
fn policies_that_all_map_to_all_do_not_explode() {
    // As a tree this path has 16 ^ 11 leaves (CVE-2023-0464); as a graph a few thousand edges.
    let names: Vec<String> = (1..=16).map(|n| format!("1.2.3.{n}")).collect();
    let list: Vec<&str> = names.iter().map(String::as_str).collect();
    let all: Vec<(&str, &str)> = list
        .iter()
        .flat_map(|from| list.iter().map(move |to| (*from, *to)))
        .collect();
    let path: Vec<Certificate> = (0..11)
        .map(|n| {
            certificate(
                &format!("A{}", n + 1),
                &format!("A{n}"),
                &[policies(&list), mappings(&all)],
            )
        })
        .collect();
    assert_eq!(policy_outcome(&path, &wanting("1.2.3.4")), Ok(true));
}

#[test]
fn policies_listed_twice_or_without_end_are_none() {
    let twice = [certificate("B", "A", &[policies(&["1.2.3.1", "1.2.3.1"])])];
    assert_eq!(
        policy_outcome(&twice, &wanting("1.2.3.1")),
        Err(Constraint::NoValidPolicy)
    );
    assert_eq!(
        policy_outcome(&twice, &Parameters::default()),
        Ok(false),
        "nobody asks for them"
    );
}

#[test]
fn names_without_end_are_refused_not_compared() {
    let many = |count: usize| -> Vec<Vec<u8>> {
        (0..count)
            .map(|n| tlv(0x82, format!("h{n}.example").as_bytes()))
            .collect()
    };
    let subtrees: Vec<u8> = many(1000).iter().flat_map(|one| tlv(0x30, one)).collect();
    let authority = certificate("A", "R", &[("2.5.29.30", tlv(0x30, &tlv(0xa1, &subtrees)))]);
    let leaf = |count| {
        let list: Vec<u8> = many(count).concat();
        certificate("B", "A", &[("2.5.29.17", tlv(0x30, &list))])
    };
    let outcome = |leaf: &Certificate| {
        let mut state = NameConstraints::default();
        state.add(&authority)?;
        state.check(leaf)
    };
    assert_eq!(
        outcome(&leaf(1)),
        Err(Constraint::NameNotPermitted {
            name: "DNS:h0.example".to_owned()
        })
    );
    let free = certificate(
        "B",
        "A",
        &[("2.5.29.17", tlv(0x30, &tlv(0x82, b"free.vn").repeat(1000)))],
    );
    assert_eq!(outcome(&free), Err(Constraint::TooMuchWork));
}

#[test]
fn constraints_of_an_unknown_form_refuse_names_of_it_only() {
    // otherName
    let other = tlv(0xa0, &[oid("1.2.3"), tlv(0xa0, &tlv(0x0c, b"x"))].concat());
    let authority = certificate(
        "A",
        "R",
        &[("2.5.29.30", tlv(0x30, &tlv(0xa0, &tlv(0x30, &other))))],
    );
    let mut state = NameConstraints::default();
    state.add(&authority).unwrap();
    let without = certificate("B", "A", &[]);
    assert_eq!(state.check(&without), Ok(()));
    let with = certificate("B", "A", &[("2.5.29.17", tlv(0x30, &other))]);
    assert!(matches!(
        state.check(&with),
        Err(Constraint::NameNotPermitted { .. })
    ));
}

#[test]
fn an_empty_or_bounded_subtree_is_malformed() {
    for contents in [
        Vec::new(),
        tlv(0xa0, &[]),
        // minimum 1
        tlv(
            0xa0,
            &tlv(0x30, &[tlv(0x82, b"a.vn"), tlv(0x80, &[1])].concat()),
        ),
    ] {
        let authority = certificate("A", "R", &[("2.5.29.30", tlv(0x30, &contents))]);
        assert_eq!(
            NameConstraints::default().add(&authority),
            Err(Constraint::MalformedExtension),
            "{contents:02x?}"
        );
    }
}

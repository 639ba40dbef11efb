//! `antin path verify`: one certification path, judged by RFC 5280.

use crate::output::Output;
use antin_ops::{
    clock,
    error::{Error, Result},
    message::{Language, line},
    path::{JudgedPath, PathOrder, verify},
};
use clap::{Args, Subcommand};
use std::{path::PathBuf, process::ExitCode};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[derive(Subcommand)]
pub(crate) enum Order {
    /// Judge the path from a certificate to an anchor; exit 0 passes, 1 fails, 2 cannot be told
    Verify(Verify),
}

#[derive(Args)]
pub(crate) struct Verify {
    /// Judge as of this moment (RFC 3339) instead of now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Trust anchors, PEM or DER
    #[arg(long, value_name = "FILE", required = true)]
    anchor: Vec<PathBuf>,
    /// Certificates that may lie between
    #[arg(long, value_name = "FILE")]
    intermediate: Vec<PathBuf>,
    /// Revocation lists; with one, every certificate's revocation must be settled
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// OCSP responses, DER; they count like lists
    #[arg(long, value_name = "FILE")]
    ocsp: Vec<PathBuf>,
    /// Accept this policy; without it any (user-initial-policy-set)
    #[arg(long, value_name = "OID")]
    policy: Vec<String>,
    /// One of the policies must be valid for the path (initial-explicit-policy)
    #[arg(long)]
    explicit_policy: bool,
    /// No policy may be mapped to another (initial-policy-mapping-inhibit)
    #[arg(long)]
    inhibit_policy_mapping: bool,
    /// anyPolicy stands for none (initial-any-policy-inhibit)
    #[arg(long)]
    inhibit_any_policy: bool,
    /// Leave out duties of issuers that a relying party need not look at
    #[arg(long)]
    as_received: bool,
    /// The certificate, PEM or DER
    #[arg(value_name = "LEAF")]
    leaf: PathBuf,
}

pub(crate) fn run(order: &Order, output: &mut Output) -> Result<ExitCode> {
    let Order::Verify(order) = order;
    let at = match &order.at {
        Some(text) => OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|e| Error::unknown(format!("--at {text}: {e}")))?,
        None => clock::now(),
    };
    let judged = verify(
        &PathOrder {
            leaf: &order.leaf,
            anchors: &order.anchor,
            intermediates: &order.intermediate,
            crls: &order.crl,
            ocsp: &order.ocsp,
            policies: &order.policy,
            explicit_policy: order.explicit_policy,
            inhibit_policy_mapping: order.inhibit_policy_mapping,
            inhibit_any_policy: order.inhibit_any_policy,
            as_received: order.as_received,
        },
        at,
    )?;
    output.put(&judged, |language| say(language, &judged));
    Ok(ExitCode::from(judged.exit()))
}

fn say(language: Language, judged: &JudgedPath) -> String {
    let mut text = sentence(language, judged);
    if let Some(clause) = judged.clause {
        text += &format!("\n  {} (RFC 5280 §{clause})", judged.reason);
    }
    for (index, link) in judged.chain.iter().enumerate() {
        let mark = if judged.index == Some(index) {
            "✗"
        } else {
            "·"
        };
        text += &format!("\n  {mark} {index} {}", link.subject);
        if let Some(revocation) = link.revocation.filter(|_| judged.revocation_checked) {
            text += &format!("  [{revocation}]");
        }
    }
    for file in &judged.unreadable {
        text += &format!("\n  ? {}", file.display());
    }
    text
}

fn sentence(language: Language, judged: &JudgedPath) -> String {
    let key = match judged.status {
        "trusted" if !judged.revocation_checked => "trusted-unasked",
        other => other,
    };
    line(language, &["path", key], &[])
}

//! What a judgement lacks: what it is about, and who could be asked for it.

use crate::trust::Source;
use antin_pades::report::{Integrity, Report, SignatureReport, Trust as Standing};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lack {
    /// The certificate of an issuer.
    Issuer,
    /// Whether a certificate was revoked.
    Revocation,
    /// Anything about the authority of a time-stamp.
    Authority,
}

impl Lack {
    /// Its name in the table of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Lack::Issuer => "issuer",
            Lack::Revocation => "revocation",
            Lack::Authority => "authority",
        }
    }
}

/// Something that is not at hand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missing {
    /// What.
    pub what: Lack,
    /// About whom: a certificate's subject.
    pub of: String,
    /// Hosts that could be asked; none when no certificate names one.
    pub from: BTreeSet<String>,
}

/// What a report's signatures lack, each thing once.
pub(super) fn of(report: &Report, sources: impl FnOnce() -> Vec<Source>) -> Vec<Missing> {
    let lacks: BTreeSet<(Lack, String)> = report.signatures.iter().flat_map(lacks).collect();
    if lacks.is_empty() {
        return Vec::new();
    }
    let sources = sources();
    let from = |lack: Lack, of: &str| {
        let about = sources.iter().filter(|source| match lack {
            Lack::Issuer => source.issuer && source.of == of,
            Lack::Revocation => !source.issuer && source.of == of,
            // Its path can break at any certificate above it; whatever may help is asked for.
            Lack::Authority => source.of == of || source.issuer,
        });
        about.flat_map(|source| source.hosts.clone()).collect()
    };
    lacks
        .into_iter()
        .map(|(what, of)| Missing {
            what,
            from: from(what, &of),
            of,
        })
        .collect()
}

fn lacks(signature: &SignatureReport) -> Vec<(Lack, String)> {
    if signature.integrity != Integrity::Intact {
        return Vec::new();
    }
    let mut lacks = Vec::new();
    let path = &signature.path;
    match path.status {
        "no-path" => lacks.extend(path.detail.clone().map(|of| (Lack::Issuer, of))),
        "revocation-unknown" => {
            let about = path.index.and_then(|index| signature.chain.get(index));
            lacks.extend(about.map(|c| (Lack::Revocation, c.subject.clone())));
        }
        _ => {}
    }
    let stamps = signature.timestamps.iter();
    let stamps = stamps.filter(|stamp| stamp.intact && stamp.trust == Standing::Unverified);
    let authorities = stamps.filter_map(|stamp| stamp.authority.clone());
    lacks.extend(authorities.map(|of| (Lack::Authority, of)));
    lacks
}

//! What can be known about a request that did not succeed. The classification is one table, [`RULES`].

use std::{ops::RangeInclusive, time::Duration};

use antin_records::contract::{ProblemDetails, ProblemKind};

/// What a failure means for the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It had no effect; the same request later may succeed.
    Transient,
    /// It may have had its effect: ask before anything else.
    Unknown,
    /// The province refuses these bytes for good; a person must act.
    Blocked,
    /// The credential is not accepted.
    Auth,
}

/// A request that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it means for the request.
    pub class: Class,
    /// A stable code: the problem's own, or `network-unreachable`, `network-timeout`, `network-interrupted`,
    /// `network-not-genuine`, `source-unreadable`.
    pub code: String,
    /// What exactly happened, for the log.
    pub detail: String,
    /// The HTTP status, where there was an answer.
    pub http_status: Option<u16>,
    /// How long the province asks us to wait.
    pub retry_after: Option<Duration>,
    /// The province's own words, where they came.
    pub problem: Option<Box<ProblemDetails>>,
}

impl Failure {
    /// True when the province says it does not hold the file (any more).
    pub fn is_content_missing(&self) -> bool {
        self.code == ProblemKind::ContentMissing.code()
    }

    /// True when the province says there is no such thing.
    pub(crate) fn is_not_found(&self) -> bool {
        self.code == ProblemKind::NotFound.code()
    }

    /// A failure of the network itself. `writing` is true when the request changes something at the province.
    pub(crate) fn network(error: &reqwest::Error, writing: bool) -> Self {
        let (sent, code) = if error.is_connect() || error.is_builder() {
            (false, "network-unreachable")
        } else if error.is_timeout() {
            (true, "network-timeout")
        } else {
            (true, "network-interrupted")
        };
        Self::without_answer(
            if sent && writing {
                Class::Unknown
            } else {
                Class::Transient
            },
            code,
            chain(error),
        )
    }

    /// An answer that is not the province's.
    pub(crate) fn not_genuine(status: u16, writing: bool, detail: impl Into<String>) -> Self {
        let class = if writing {
            Class::Unknown
        } else {
            Class::Transient
        };
        Self {
            http_status: Some(status),
            ..Self::without_answer(class, "network-not-genuine", detail.into())
        }
    }

    /// The file to be sent could not be read here.
    pub(crate) fn source(error: &std::io::Error) -> Self {
        Self::without_answer(Class::Transient, "source-unreadable", error.to_string())
    }

    fn without_answer(class: Class, code: &str, detail: String) -> Self {
        Self {
            class,
            code: code.to_owned(),
            detail,
            http_status: None,
            retry_after: None,
            problem: None,
        }
    }

    /// An answer with an error status.
    pub(crate) fn answered(
        status: u16,
        problem: Option<ProblemDetails>,
        retry_after: Option<Duration>,
        writing: bool,
    ) -> Self {
        let class = classify(status, problem.as_ref(), writing);
        let (code, detail) = match &problem {
            Some(problem) => (
                problem.code.clone(),
                problem
                    .detail
                    .clone()
                    .unwrap_or_else(|| problem.title.clone()),
            ),
            None => (
                "network-not-genuine".to_owned(),
                format!("status {status} without a problem of the contract"),
            ),
        };
        Self {
            class,
            code,
            detail,
            http_status: Some(status),
            retry_after,
            problem: problem.map(Box::new),
        }
    }
}

/// One line of the classification: an answer with such a status, ours or not, means this.
struct Rule {
    statuses: RangeInclusive<u16>,
    /// True: the answer is a problem of the contract. False: it is not, so a portal or a gateway may have spoken.
    genuine: bool,
    class: Class,
}

const fn rule(statuses: RangeInclusive<u16>, genuine: bool, class: Class) -> Rule {
    Rule {
        statuses,
        genuine,
        class,
    }
}

/// The first line that matches decides; what none matches is [`Class::Unknown`]. A foreign answer never blocks a letter,
/// and a foreign or failing server may have passed the request on. Problems named in [`EXCEPTIONS`] go before.
const RULES: &[Rule] = &[
    rule(401..=401, true, Class::Auth),
    rule(408..=408, true, Class::Transient),
    rule(425..=425, true, Class::Transient),
    rule(429..=429, true, Class::Transient),
    rule(400..=499, true, Class::Blocked),
    rule(503..=503, true, Class::Transient),
    rule(400..=499, false, Class::Transient),
    rule(300..=399, false, Class::Transient),
];

/// Problems of the contract whose status alone says too little.
const EXCEPTIONS: &[(ProblemKind, Class)] = &[
    (ProblemKind::ContentMissing, Class::Transient),
    (ProblemKind::MismatchingOffset, Class::Transient),
    (ProblemKind::DigestMismatch, Class::Transient),
];

fn classify(status: u16, problem: Option<&ProblemDetails>, writing: bool) -> Class {
    let named = problem.and_then(|problem| ProblemKind::from_code(&problem.code));
    let exception = EXCEPTIONS
        .iter()
        .find(|(kind, _)| Some(*kind) == named)
        .map(|(_, class)| *class);
    let by_status = || {
        RULES
            .iter()
            .find(|rule| rule.statuses.contains(&status) && rule.genuine == problem.is_some())
    };
    let class = exception
        .or_else(|| by_status().map(|rule| rule.class))
        .unwrap_or(Class::Unknown);
    // A request that changes nothing cannot have had an effect.
    if class == Class::Unknown && !writing {
        Class::Transient
    } else {
        class
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_the_contract_has_the_class_its_hint_promises() {
        use antin_records::contract::RetryHint;
        for kind in ProblemKind::ALL {
            let class = classify(kind.status(), Some(&kind.details(None)), true);
            let promised: &[Class] = match kind.retry() {
                RetryHint::Never => &[Class::Blocked],
                RetryHint::AfterAuth => &[Class::Auth],
                RetryHint::AfterFix => &[Class::Blocked, Class::Transient],
                _ => &[Class::Transient, Class::Unknown],
            };
            assert!(promised.contains(&class), "{kind:?} is {class:?}");
        }
    }

    #[test]
    fn a_foreign_answer_never_blocks_and_never_asks_for_a_login() {
        for status in (300..=499).chain(505..=599) {
            assert!(
                matches!(
                    classify(status, None, true),
                    Class::Transient | Class::Unknown
                ),
                "{status}"
            );
        }
        assert_eq!(
            classify(502, None, true),
            Class::Unknown,
            "a gateway may have passed the request on"
        );
        assert_eq!(
            classify(502, None, false),
            Class::Transient,
            "asking has no effect"
        );
    }
}

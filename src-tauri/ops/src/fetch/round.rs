//! One run of questions about certificates: who was asked for what, and what came of it.
//!
//! A person waits for a run, or the courier does. So a host has a few seconds for the first word of an answer, one that
//! was silent is not asked again in the same run, all questions together end, and a person can stop them at any moment.

use super::{CRL_BYTES, ISSUER_BYTES, OCSP_BYTES, Request, fetch_telling};
use crate::error::Error;
use reqwest::Url;
use serde::Serialize;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// For the first word of an answer. Lists come from file servers, OCSP answers within two seconds (RFC 6960 sets none).
const FIRST_WORD: Duration = Duration::from_secs(5);
/// For one answer: a list of 5 MB over a commune's line.
const ANSWER: Duration = Duration::from_secs(60);
/// For all of them.
const RUN: Duration = Duration::from_secs(90);
/// A letter of five signatures under two authorities needs eight questions.
const QUESTIONS: usize = 48;
/// How soon a person's wish to stop is heard.
const TICK: Duration = Duration::from_millis(25);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// The certificate of an issuer.
    Issuer,
    /// A revocation list.
    Crl,
    /// The status of one certificate.
    Ocsp,
}

impl What {
    /// Its name in the table of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            What::Issuer => "issuer",
            What::Crl => "crl",
            What::Ocsp => "ocsp",
        }
    }

    fn cap(self) -> u64 {
        match self {
            What::Issuer => ISSUER_BYTES,
            What::Crl => CRL_BYTES,
            What::Ocsp => OCSP_BYTES,
        }
    }
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// An answer that can be used.
    Got,
    /// No network, no such host, or no word in time.
    Silent,
    /// The host answered with an error.
    Refused,
    /// The answer is not what was asked for.
    Unusable,
    /// The address is not one that is asked: not public, or not of the web.
    Forbidden,
}

impl Outcome {
    /// Its name in the table of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Got => "got",
            Outcome::Silent => "silent",
            Outcome::Refused => "refused",
            Outcome::Unusable => "unusable",
            Outcome::Forbidden => "forbidden",
        }
    }
}

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// For what.
    pub what: What,
    /// Whom.
    pub host: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// A run. Told of each question before it is asked: what for, whom, and the how-manieth it is.
pub struct Round<'a> {
    cancel: &'a AtomicBool,
    told: &'a mut dyn FnMut(What, &str, usize),
    silent: BTreeSet<String>,
    urls: BTreeSet<String>,
    asked: Vec<Asked>,
    begun: Instant,
}

impl<'a> Round<'a> {
    /// A run that a person asked for, and can stop by `cancel`.
    pub fn new(cancel: &'a AtomicBool, told: &'a mut dyn FnMut(What, &str, usize)) -> Round<'a> {
        Round {
            cancel,
            told,
            silent: BTreeSet::new(),
            urls: BTreeSet::new(),
            asked: Vec::new(),
            begun: Instant::now(),
        }
    }

    /// Hosts that are known to be silent and are not to be asked.
    #[must_use]
    pub fn without(mut self, hosts: BTreeSet<String>) -> Round<'a> {
        self.silent = hosts;
        self
    }

    /// Hosts that were silent.
    #[must_use]
    pub fn silent(&self) -> &BTreeSet<String> {
        &self.silent
    }

    /// Who was asked, in order.
    #[must_use]
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// Whether a person has stopped it.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Asks once; `usable` looks at what came. Nothing when there is no usable answer, or when it is too late to ask.
    pub(crate) fn ask<T>(
        &mut self,
        what: What,
        url: &str,
        body: Option<(Vec<u8>, &'static str)>,
        allowed_hosts: &[String],
        usable: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let host = host(url)?;
        // An answer about one certificate is not one about another: their questions differ in the body.
        let question = format!("{url} {body:?}");
        if self.silent.contains(&host) {
            // Known to be silent from before: that is why there is nothing, and is to be said, once.
            if !self.asked.iter().any(|asked| asked.host == host) {
                let outcome = Outcome::Silent;
                self.asked.push(Asked {
                    what,
                    host,
                    outcome,
                });
            }
            return None;
        }
        if self.is_cancelled()
            || self.asked.len() >= QUESTIONS
            || self.begun.elapsed() > RUN
            || !self.urls.insert(question)
        {
            return None;
        }
        (self.told)(what, &host, self.asked.len() + 1);
        let (outcome, found) = match self.fetch(what, url, body, allowed_hosts) {
            Ok(bytes) => match usable(&bytes) {
                Some(found) => (Outcome::Got, Some(found)),
                None => (Outcome::Unusable, None),
            },
            Err(outcome) => (outcome, None),
        };
        if self.is_cancelled() {
            return None;
        }
        if outcome == Outcome::Silent {
            self.silent.insert(host.clone());
        }
        self.asked.push(Asked {
            what,
            host,
            outcome,
        });
        found
    }

    /// In a thread of its own: looking up a name cannot be stopped. One that is left alone ends by itself.
    fn fetch(
        &self,
        what: What,
        url: &str,
        body: Option<(Vec<u8>, &'static str)>,
        allowed_hosts: &[String],
    ) -> Result<Vec<u8>, Outcome> {
        let (sender, receiver) = mpsc::channel();
        let answering = Arc::new(AtomicBool::new(false));
        let (url, allowed, heard) = (url.to_owned(), allowed_hosts.to_vec(), answering.clone());
        let work = move || {
            let request = Request {
                url: &url,
                body: body.as_ref().map(|(bytes, kind)| (bytes.as_slice(), *kind)),
                cap: what.cap(),
                timeout: FIRST_WORD,
                allowed_hosts: &allowed,
            };
            // Nobody listens any more when the run was stopped.
            let _ = sender.send(fetch_telling(&request, &heard));
        };
        let spawned = thread::Builder::new().name("evidence".into()).spawn(work);
        spawned.map_err(|_| Outcome::Silent)?;
        let begun = Instant::now();
        loop {
            match receiver.recv_timeout(TICK) {
                Ok(answer) => return answer.map_err(|error| outcome(&error)),
                Err(RecvTimeoutError::Disconnected) => return Err(Outcome::Silent),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let (waited, word) = (begun.elapsed(), answering.load(Ordering::Relaxed));
            let patience = if word { ANSWER } else { FIRST_WORD };
            if self.is_cancelled() || waited > patience || self.begun.elapsed() > RUN {
                return Err(Outcome::Silent);
            }
        }
    }
}

/// Host and port of an address; nothing where there is none.
pub(crate) fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn outcome(error: &Error) -> Outcome {
    tracing::warn!(%error, detail = error.detail(), "no evidence");
    let cause = std::error::Error::source(error);
    let forbidden = cause
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .is_some_and(|cause| cause.kind() == std::io::ErrorKind::PermissionDenied);
    if forbidden {
        return Outcome::Forbidden;
    }
    let answered = cause
        .and_then(|cause| cause.downcast_ref::<reqwest::Error>())
        .is_some_and(reqwest::Error::is_status);
    match answered {
        true => Outcome::Refused,
        false => Outcome::Silent,
    }
}

//! A report in words people use (clients.md §13.4): one sentence, then four questions about each signature.

mod changes;
mod fetching;
mod moment;

pub use changes::{Change, modification};
pub use fetching::asking;

use crate::{
    clock,
    fetch::round::Outcome,
    letter,
    message::{Language, line, said},
    trust::TrustData,
    verify::{Lack, Missing, Verified, Word},
};
use antin_pades::{
    indication::SubIndication,
    report::{
        ActKind, CertificateFacts, Coverage, Integrity, ModificationKind, Problem, Report,
        SignatureReport, Trust as Standing, Verdict,
    },
};
use serde::Serialize;
use time::{Duration, OffsetDateTime};

/// The answer to one of the four questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// ✓
    Yes,
    /// !
    Warn,
    /// ✗
    No,
    /// ?
    Unknown,
}

impl Answer {
    /// Its mark.
    #[must_use]
    pub fn mark(self) -> char {
        match self {
            Answer::Yes => '✓',
            Answer::Warn => '!',
            Answer::No => '✗',
            Answer::Unknown => '?',
        }
    }

    fn key(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::Warn => "warn",
            Answer::No => "no",
            Answer::Unknown => "unknown",
        }
    }
}

/// A question with its answer as a statement, and the evidence.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// intact, who, certificate, time.
    pub key: &'static str,
    /// The answer.
    pub answer: Answer,
    /// The answer as a statement.
    pub title: String,
    /// Why.
    pub evidence: String,
}

/// One signature in words.
#[derive(Clone, Debug)]
pub struct Card {
    /// The signer's name.
    pub name: String,
    /// The signer's organisation.
    pub organ: String,
    /// The verdict about this signature.
    pub word: Word,
    /// What was signed as, by whom and when.
    pub act: String,
    /// The four questions.
    pub questions: Vec<Question>,
    /// What was done after it, what is not permitted first.
    pub changes: Vec<Change>,
}

/// A report in words.
#[derive(Clone, Debug)]
pub struct Described {
    /// The verdict.
    pub word: Word,
    /// It is valid, and there is something to be said against it: not for green.
    pub caution: bool,
    /// The one sentence.
    pub sentence: String,
    /// One line of cause.
    pub cause: String,
    /// What to do.
    pub action: String,
    /// A card per signature, in the report's order.
    pub cards: Vec<Card>,
    /// What is not at hand, and where it could be had.
    pub missing: Vec<String>,
    /// Somebody could be asked for it.
    pub fetchable: bool,
    /// Who was asked, and what came of it.
    pub asked: Vec<String>,
    /// That it only counts for trying things out; it stands beside the verdict.
    pub demo: Option<String>,
    /// What else the verdict rests on: how old the trust data is.
    pub basis: Vec<String>,
}

/// Puts a report into words.
#[must_use]
pub fn describe(language: Language, verified: &Verified) -> Described {
    let report = &verified.report;
    let word = verified.word();
    let count = junk_bytes(report).to_string();
    let key = key(verified, word);
    let handler = match &report.problem {
        Some(Problem::Encrypted { handler }) => printable(handler.as_deref().unwrap_or_default()),
        _ => String::new(),
    };
    let facts = [("count", count.as_str()), ("handler", &handler)];
    let sentence = said(language, "verdicts", key, &facts);
    let cards = report.signatures.iter();
    let cards = cards.map(|signature| card(language, signature, report.judged_at));
    Described {
        word,
        sentence: sentence.what,
        caution: key == "weak",
        cause: cause(language, report, word),
        action: action(language, verified, word).unwrap_or(sentence.advice),
        cards: cards.collect(),
        // What failed does not get better by knowing more.
        missing: match word {
            Word::Unverified | Word::Valid => fetching::missing(language, verified),
            _ => Vec::new(),
        },
        fetchable: matches!(word, Word::Unverified | Word::Valid)
            && fetching::is_possible(verified),
        asked: fetching::asked(language, verified),
        demo: verified
            .demo
            .then(|| line(language, &["trust", "demo"], &[])),
        basis: basis(language, verified),
    }
}

/// What to do about what is missing; nothing when that is not what stands in the way.
fn action(language: Language, verified: &Verified, word: Word) -> Option<String> {
    let say = |key| Some(line(language, &["missing", key], &[]));
    match word {
        Word::Unverified if verified.missing.is_empty() => None,
        Word::Unverified if verified.asked.iter().any(|a| a.outcome == Outcome::Silent) => {
            say("no-network")
        }
        Word::Unverified if fetching::is_possible(verified) => say("action"),
        Word::Unverified => say("nowhere-action"),
        _ => None,
    }
}

fn basis(language: Language, verified: &Verified) -> Vec<String> {
    let mut lines = Vec::new();
    if !only_junk(&verified.report) {
        lines.extend(junk(language, &verified.report));
    }
    lines.extend(
        verified
            .trust
            .as_ref()
            .map(|data| trust_data(language, data)),
    );
    lines
}

/// Which sentence of the table a report gets.
fn key(verified: &Verified, word: Word) -> &'static str {
    let report = &verified.report;
    let fetchable = |m: &Missing| m.what == Lack::Issuer && !m.from.is_empty();
    let issuer_missing = verified.missing.iter().any(fetchable);
    let worst = worst(report);
    let sub = worst.and_then(|s| s.sub_indication);
    match word {
        Word::Unsigned => "unsigned",
        Word::Refused => refused(report),
        Word::Valid if report.signatures.iter().any(|s| s.weak) => "weak",
        Word::Valid if !vouched_for(report) => "modified-allowed",
        Word::Valid if report.signatures.iter().all(|s| s.time_proven) => "valid",
        Word::Valid => "valid-no-time",
        Word::Unverified => match sub {
            Some(SubIndication::NoSigningCertificateFound) => "no-certificate",
            Some(SubIndication::TryLater) => "unverified-revocation",
            Some(SubIndication::NoCertificateChainFound) if issuer_missing => "unverified-issuer",
            Some(SubIndication::NoCertificateChainFound) => "unverified-path",
            Some(SubIndication::OutOfBoundsNoPoe) => "unverified-expired",
            Some(SubIndication::RevokedNoPoe | SubIndication::RevokedCaNoPoe) => {
                "unverified-revoked"
            }
            _ => "unverified",
        },
        Word::Invalid => match report.verdict {
            Verdict::ModifiedDisallowed => "invalid-changes",
            Verdict::NotCoveringWholeFile if only_junk(report) => "refused-junk",
            Verdict::NotCoveringWholeFile => "invalid-coverage",
            Verdict::Malformed => "invalid-format",
            Verdict::Invalid => "invalid-altered",
            _ => match sub {
                Some(SubIndication::Revoked) => "invalid-revoked",
                Some(SubIndication::RevokedNoPoe | SubIndication::RevokedCaNoPoe) => {
                    "invalid-revoked-since"
                }
                Some(SubIndication::Expired | SubIndication::NotYetValid) => "invalid-expired",
                _ => "invalid-certificate",
            },
        },
    }
}

/// Why a file could not be examined.
fn refused(report: &Report) -> &'static str {
    match &report.problem {
        Some(Problem::Encrypted { handler: None }) => "refused-encrypted",
        Some(Problem::Encrypted { handler: Some(_) }) => "refused-handler",
        Some(Problem::NotPdf { junk: Some(_) }) => "refused-junk",
        Some(Problem::NotPdf { junk: None }) => "refused-not-pdf",
        Some(Problem::TooBig { .. }) => "refused-too-big",
        _ => "refused",
    }
}

/// Bytes before the header.
fn junk_bytes(report: &Report) -> u64 {
    match (&report.problem, report.junk) {
        (Some(Problem::NotPdf { junk }), _) => junk.unwrap_or_default(),
        (_, junk) => junk.map_or(0, |junk| junk.bytes),
    }
}

/// Bytes before the header that no signature covers, where they are all that is wrong.
fn only_junk(report: &Report) -> bool {
    report.junk.is_some_and(|junk| {
        !junk.covered && matches!(junk.otherwise, Verdict::Valid | Verdict::ModifiedAllowed)
    })
}

/// What bytes before the header mean.
fn junk(language: Language, report: &Report) -> Option<String> {
    let junk = report.junk?;
    let key = match junk.otherwise {
        _ if junk.covered => "junk-covered",
        Verdict::Unsigned => "junk-unsigned",
        Verdict::Valid | Verdict::ModifiedAllowed => "junk-intact",
        _ => "junk-altered",
    };
    let count = junk.bytes.to_string();
    Some(line(language, &["evidence", key], &[("count", &count)]))
}

/// Whether the last signer covers everything that came before: what was completed later is then signed too.
fn vouched_for(report: &Report) -> bool {
    let last = report.signatures.last();
    last.is_some_and(|s| s.verdict == Verdict::Valid && s.coverage == Coverage::WholeFile)
}

/// Prepared fields filled in and signatures added are what the signer provided for; annotations are not.
fn only_completed(signature: &SignatureReport) -> bool {
    let provided_for =
        |kind: ModificationKind| kind.is_neutral() || kind == ModificationKind::FormFilled;
    signature
        .modifications
        .iter()
        .all(|m| m.permitted && provided_for(m.kind))
}

/// The signature that the document's verdict rests on.
fn worst(report: &Report) -> Option<&SignatureReport> {
    report
        .signatures
        .iter()
        .max_by_key(|s| (s.verdict, s.trust))
}

fn cause(language: Language, report: &Report, word: Word) -> String {
    match (word, worst(report)) {
        (Word::Valid | Word::Unverified, _) => acts(language, report),
        _ if only_junk(report) => junk(language, report).unwrap_or_default(),
        (_, Some(worst)) => {
            let questions = questions(language, worst, report.judged_at);
            let failed = questions
                .iter()
                .find(|q| q.answer == Answer::No)
                .or(questions.first());
            failed.map(|q| q.evidence.clone()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// What was signed, in order; one who signed number, day, month and seal one by one is named once.
fn acts(language: Language, report: &Report) -> String {
    let mut told: Vec<(String, &SignatureReport, usize)> = Vec::new();
    for signature in &report.signatures {
        let name = name(signature);
        let known = told
            .iter_mut()
            .find(|(n, s, _)| *n == name && s.act == signature.act);
        match known {
            Some((_, last, count)) => {
                *last = signature;
                *count += 1;
            }
            None => told.push((name, signature, 1)),
        }
    }
    let one = |(_, signature, count): &(String, &SignatureReport, usize)| {
        let act = act(language, signature);
        match count {
            1 => act,
            count => line(
                language,
                &["acts", "times"],
                &[("act", &act), ("count", &count.to_string())],
            ),
        }
    };
    let acts: Vec<String> = told.iter().map(one).collect();
    acts.join("; ")
}

fn act(language: Language, signature: &SignatureReport) -> String {
    let kind = match signature.act {
        ActKind::Approve => "approve",
        ActKind::Issue => "issue",
        ActKind::Number => "number",
        ActKind::Appendix => "appendix",
        ActKind::Copy => "copy",
        ActKind::Incoming => "incoming",
        ActKind::Initial => "initial",
        ActKind::Comment => "comment",
        ActKind::Plain => "plain",
    };
    let time = match (signature.time_proven, signature.claimed_time) {
        (true, _) => clock::spoken(signature.best_time),
        (false, Some(claimed)) => clock::spoken(claimed),
        (false, None) => "…".into(),
    };
    line(
        language,
        &["acts", kind],
        &[("name", &name(signature)), ("time", &time)],
    )
}

/// The certificate's name; the claimed one only where there is no certificate.
fn name(signature: &SignatureReport) -> String {
    let certified = signature
        .signer
        .as_ref()
        .map(|s| s.common_name.clone().unwrap_or_else(|| s.subject.clone()));
    let name = certified
        .or_else(|| signature.name.clone())
        .unwrap_or_else(|| signature.field.clone());
    printable(&name)
}

/// Text from outside without what would steer a terminal or turn the order of what is read.
#[must_use]
pub fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars()
        .map(|c| if steers(c) { '\u{fffd}' } else { c })
        .collect()
}

/// How old something is, in the largest unit that says it well.
#[must_use]
pub(crate) fn age(language: Language, age: Duration) -> String {
    let (key, count) = match age {
        age if age.whole_days() >= 2 => ("days", age.whole_days()),
        age if age.whole_hours() >= 1 => ("hours", age.whole_hours()),
        age => ("minutes", age.whole_minutes().max(0)),
    };
    line(language, &["age", key], &[("count", &count.to_string())])
}

/// Version, date and age of the trust data, as a sentence.
#[must_use]
pub fn trust_data(language: Language, data: &TrustData) -> String {
    let what = trust_age(language, data);
    line(language, &["trust", "data"], &[("what", &what)])
}

/// Version, date and age of the trust data.
pub(crate) fn trust_age(language: Language, data: &TrustData) -> String {
    let issued = letter::date_text(data.issued.to_offset(clock::VIETNAM).date());
    let days = data.age_days.to_string();
    let facts = [
        ("version", data.version.to_string()),
        ("date", issued),
        ("age", line(language, &["age", "days"], &[("count", &days)])),
    ];
    let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
    line(language, &["trust", "age"], &facts)
}

fn card(language: Language, signature: &SignatureReport, judged_at: OffsetDateTime) -> Card {
    let organ = signature
        .signer
        .as_ref()
        .and_then(|s| s.organization.as_deref().map(printable))
        .unwrap_or_default();
    let word = match (signature.verdict, signature.trust) {
        (Verdict::Valid | Verdict::ModifiedAllowed, Standing::Trusted) => Word::Valid,
        (Verdict::Valid | Verdict::ModifiedAllowed, Standing::Unverified)
        | (Verdict::Refused, _) => Word::Unverified,
        _ => Word::Invalid,
    };
    Card {
        name: name(signature),
        organ,
        word,
        act: act(language, signature),
        questions: questions(language, signature, judged_at),
        changes: changes::all(language, signature),
    }
}

fn questions(
    language: Language,
    signature: &SignatureReport,
    judged_at: OffsetDateTime,
) -> Vec<Question> {
    let question = |key: &'static str, (answer, evidence): (Answer, String)| {
        let title = line(language, &["questions", key, answer.key()], &[]);
        Question {
            key,
            answer,
            title,
            evidence: printable(&evidence),
        }
    };
    vec![
        question("intact", intact(language, signature)),
        question("who", who(language, signature)),
        question("certificate", certificate(language, signature, judged_at)),
        question("time", moment::of(language, signature, judged_at)),
    ]
}

fn evidence(language: Language, key: &str, facts: &[(&str, &str)]) -> String {
    line(language, &["evidence", key], facts)
}

fn intact(language: Language, signature: &SignatureReport) -> (Answer, String) {
    let (answer, key) = match signature.verdict {
        Verdict::Valid if signature.coverage == Coverage::WholeFile => {
            (Answer::Yes, "intact-whole")
        }
        Verdict::Valid => (Answer::Yes, "intact-later"),
        Verdict::ModifiedAllowed if only_completed(signature) => (Answer::Yes, "intact-later"),
        Verdict::ModifiedAllowed => (Answer::Warn, "permitted"),
        Verdict::ModifiedDisallowed => {
            return (Answer::No, changes::forbidden(language, signature));
        }
        Verdict::NotCoveringWholeFile => (Answer::No, "coverage"),
        Verdict::Malformed => (Answer::No, "unreadable"),
        Verdict::Refused => (Answer::Unknown, "not-examined"),
        _ => (Answer::No, "altered"),
    };
    (answer, evidence(language, key, &[]))
}

fn who(language: Language, signature: &SignatureReport) -> (Answer, String) {
    let Some(signer) = &signature.signer else {
        return (Answer::Unknown, evidence(language, "no-signer", &[]));
    };
    let named = evidence(
        language,
        "issuer",
        &[
            ("subject", &person(signer)),
            ("issuer", common_name(&signer.issuer)),
        ],
    );
    if signature.integrity != Integrity::Intact {
        return (Answer::Unknown, named);
    }
    match signature.path.status {
        "no-path" | "not-examined" => (Answer::Unknown, evidence(language, "no-path", &[])),
        "constraint-failed" => (Answer::No, not_allowed(language, signature)),
        _ if signature.weak => (Answer::Warn, named),
        _ => (Answer::Yes, named),
    }
}

/// A name as people say it: who, and of which office.
fn person(signer: &CertificateFacts) -> String {
    let name = signer.common_name.as_deref().unwrap_or(&signer.subject);
    match &signer.organization {
        Some(organ) => format!("{name}, {organ}"),
        None => name.to_owned(),
    }
}

/// The CN of a name written as `CN=…, O=…`; the whole name where it has none.
fn common_name(name: &str) -> &str {
    let parts = name.split(", ").find_map(|part| part.strip_prefix("CN="));
    parts.unwrap_or(name)
}

fn not_allowed(language: Language, signature: &SignatureReport) -> String {
    evidence(
        language,
        "not-allowed",
        &[("why", signature.path.detail.as_deref().unwrap_or_default())],
    )
}

fn certificate(
    language: Language,
    signature: &SignatureReport,
    judged_at: OffsetDateTime,
) -> (Answer, String) {
    let path = &signature.path;
    let doubt = if signature.trust == Standing::Untrusted {
        Answer::No
    } else {
        Answer::Unknown
    };
    match path.status {
        "trusted" => {
            let as_of = path.revocation_as_of;
            let spoken = as_of.map(clock::spoken).unwrap_or_default();
            let old = as_of.map(|time| judged_at - time);
            let old = old.filter(|old| *old >= Duration::HOUR);
            let age = old.map(|old| age(language, old)).unwrap_or_default();
            let key = match old {
                Some(_) => "not-revoked-old",
                None => "not-revoked",
            };
            let facts = [("time", spoken.as_str()), ("age", age.as_str())];
            (Answer::Yes, evidence(language, key, &facts))
        }
        "revocation-unknown" => (Answer::Unknown, evidence(language, "no-revocation", &[])),
        "expired" => {
            let date = path
                .since
                .map(|t| letter::date_text(t.to_offset(clock::VIETNAM).date()))
                .unwrap_or_default();
            (doubt, evidence(language, "expired", &[("date", &date)]))
        }
        "revoked" => (doubt, evidence(language, "revoked", &[])),
        "no-path" | "not-examined" => (Answer::Unknown, evidence(language, "no-path", &[])),
        _ => (Answer::No, not_allowed(language, signature)),
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn names_from_outside_cannot_steer_a_terminal() {
        assert_eq!(printable("Phan Ngọc Thọ"), "Phan Ngọc Thọ");
        assert_eq!(
            printable("a\u{1b}[2Jb\u{202e}c\n"),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}"
        );
    }
}

//! The verdict about a file, in the three layers officials read: one sentence, four questions, the technical report.

use serde::Serialize;

use super::DocumentRef;

/// A file, judged.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    /// The file's name, without its folder.
    pub(crate) file: String,
    /// The pages, when they can be drawn.
    pub(crate) document: Option<DocumentRef>,
    /// `valid`, `unverified`, `invalid`, `unsigned` or `refused`.
    pub(crate) verdict: String,
    /// It is valid, and there is something to be said against it: not for green.
    pub(crate) caution: bool,
    /// The verdict in one sentence.
    pub(crate) sentence: String,
    /// What it rests on.
    pub(crate) cause: Option<String>,
    /// What to do, when there is something to do.
    pub(crate) action: Option<String>,
    /// Each signature.
    pub(crate) signatures: Vec<SignatureCard>,
    /// What must be said about the drawn pages, or why there are none.
    pub(crate) notices: Vec<String>,
    /// What is not at hand, and where it could be had.
    pub(crate) missing: Vec<String>,
    /// Somebody could be asked for it.
    pub(crate) fetchable: bool,
    /// Who was asked just now, and what came of it.
    pub(crate) asked: Vec<String>,
    /// That it only counts for trying things out.
    pub(crate) demo: Option<String>,
    /// What else the verdict rests on: how old the trust data is.
    pub(crate) basis: Vec<String>,
    /// The report as JSON text.
    pub(crate) technical: String,
}

/// One signature, judged.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignatureCard {
    /// The field's name.
    pub(crate) field: String,
    /// The signer's common name.
    pub(crate) name: String,
    /// The signer's position.
    pub(crate) title: Option<String>,
    /// The signer's organisation.
    pub(crate) organ: Option<String>,
    /// The time the signer claims.
    pub(crate) claimed_at: Option<String>,
    /// The best proof of the time.
    pub(crate) best_at: Option<String>,
    /// The best time is proven by a time-stamp.
    pub(crate) proven_time: bool,
    /// Index of the page it is drawn on, from 0.
    pub(crate) page: Option<usize>,
    /// Where on that page: left, bottom, right, top in points, y upwards.
    pub(crate) rect: Option<[f64; 4]>,
    /// `valid`, `unverified` or `invalid`.
    pub(crate) verdict: String,
    /// `approve`, `issue` or `plain`.
    pub(crate) act: String,
    /// The four questions in their order.
    pub(crate) questions: Vec<Question>,
}

/// One of the four questions about a signature.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Question {
    /// `intact`, `who`, `certificate` or `time`.
    pub(crate) key: String,
    /// `yes`, `warn`, `no` or `unknown`.
    pub(crate) answer: String,
    /// The answer in words.
    pub(crate) title: String,
    /// What shows it.
    pub(crate) evidence: String,
}

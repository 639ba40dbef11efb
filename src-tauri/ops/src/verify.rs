//! *Kiểm tra*: judges the signatures of a PDF. A failed check is data; "valid" is never said of what was
//! not examined.
//!
//! A judgement rests on what is at hand, at once. What it lacks is named ([`Missing`]) with who could be asked for it;
//! [`fetch`] asks them, and the file is judged again.

mod missing;

use crate::{
    clock,
    error::{Code, Error, Result},
    fetch::round::{Asked, Round},
    office::Office,
    trust::{Network, Trust, TrustData},
};
use antin_cades::{Content, verify_signed_data};
use antin_pades::{
    indication::{Indication, SubIndication},
    report::{ActKind, Report, SignatureReport, Trust as Standing, Verdict},
    validate,
};
use antin_pdf::{Document, FieldKind, Object};
use antin_pkix::Certificate;
pub use missing::{Lack, Missing};
use std::path::Path;
use time::OffsetDateTime;

/// Signatures whose certificates are looked up; a letter has five.
const SIGNATURES: usize = 256;

/// A judged file.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Its name.
    pub file: String,
    /// Everything that was found.
    pub report: Report,
    /// What the trust in it rests on; nothing for a file that was not judged.
    pub trust: Option<TrustData>,
    /// The trust of a signature rests on an anchor that is only for trying things out.
    pub demo: bool,
    /// What is not at hand, for want of which not everything is known.
    pub missing: Vec<Missing>,
    /// Who was asked for what was missing.
    pub asked: Vec<Asked>,
}

/// The rules of judging, for reports: it goes up when the same file and evidence would be judged otherwise.
pub const POLICY: u32 = 1;

/// The verdict as people use it: three values, and two for files that carry none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Intact, and every signer trusted.
    Valid,
    /// Intact, but not enough is known to call it valid.
    Unverified,
    /// Something failed.
    Invalid,
    /// There is no signature.
    Unsigned,
    /// The file could not be examined.
    Refused,
}

impl Word {
    /// Its name in `--json` and for the window.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Word::Valid => "valid",
            Word::Unverified => "unverified",
            Word::Invalid => "invalid",
            Word::Unsigned => "unsigned",
            Word::Refused => "refused",
        }
    }

    /// The exit code of `antin verify` (design §8).
    #[must_use]
    pub fn exit(self) -> u8 {
        match self {
            Word::Valid => 0,
            Word::Invalid => 1,
            Word::Unverified => 2,
            Word::Unsigned => 3,
            Word::Refused => 4,
        }
    }

    /// How much it matters among many files: what failed first, then what is not known.
    #[must_use]
    pub fn gravity(self) -> u8 {
        match self {
            Word::Valid => 0,
            Word::Unsigned => 1,
            Word::Unverified => 2,
            Word::Refused => 3,
            Word::Invalid => 4,
        }
    }
}

impl Verified {
    /// The verdict in one word.
    #[must_use]
    pub fn word(&self) -> Word {
        if self.report.problem.is_some() {
            return Word::Refused;
        }
        match (self.report.verdict, self.report.trust) {
            (Verdict::Unsigned, _) => Word::Unsigned,
            (Verdict::Valid | Verdict::ModifiedAllowed | Verdict::Refused, Standing::Untrusted) => {
                Word::Invalid
            }
            // A signature that could not be examined: an algorithm, a missing certificate.
            (Verdict::Refused, _) => Word::Unverified,
            (Verdict::Valid | Verdict::ModifiedAllowed, Standing::Trusted) => Word::Valid,
            (Verdict::Valid | Verdict::ModifiedAllowed, Standing::Unverified) => Word::Unverified,
            _ => Word::Invalid,
        }
    }
}

/// Judges a file.
///
/// # Errors
/// [`Code::FileUnreadable`]; anything wrong with the content is in the report.
pub fn file(
    trust: &Trust,
    path: &Path,
    network: Network,
    at: Option<OffsetDateTime>,
) -> Result<Verified> {
    let name = path.display().to_string();
    match Document::open_after_junk(path) {
        Ok(opened) => Ok(document(trust, &name, &opened, network, at)),
        Err(antin_pdf::Error::Io(error)) => Err(crate::replace::unreadable(path, error)),
        Err(error) => Ok(unreadable(&name, &error)),
    }
}

/// Judges an open document, at `at` or now. Online, what is missing is asked for once, by whoever waits for it in the
/// background.
#[must_use]
pub fn document(
    trust: &Trust,
    name: &str,
    document: &Document,
    network: Network,
    at: Option<OffsetDateTime>,
) -> Verified {
    let at = at.unwrap_or_else(clock::now);
    let certificates = signers(document);
    let verified = judged(trust, name, document, &certificates, at);
    if network == Network::Offline || verified.missing.is_empty() {
        return verified;
    }
    trust.gather_quietly(&certificates, clock::now());
    judged(trust, name, document, &certificates, at)
}

fn judged(
    trust: &Trust,
    name: &str,
    document: &Document,
    certificates: &[Certificate],
    at: OffsetDateTime,
) -> Verified {
    let help = trust.at_hand(certificates);
    let report = validate(document, &trust.store_with(&help), &help.evidence, at);
    let mut anchors = report.signatures.iter().filter_map(|s| s.chain.last());
    Verified {
        file: name.to_owned(),
        demo: anchors.any(|anchor| trust.is_demo(&anchor.sha256)),
        trust: Some(trust.data(at)),
        missing: missing::of(&report, || trust.sources(certificates)),
        asked: Vec::new(),
        report,
    }
}

/// Fetches what a file's judgement lacks; then it is to be judged again.
///
/// # Errors
/// [`Code::FileUnreadable`]. A file that is no document lacks nothing.
pub fn fetch(trust: &Trust, path: &Path, round: &mut Round<'_>) -> Result<()> {
    match Document::open_after_junk(path) {
        Ok(document) => {
            fetch_for(trust, &document, round);
            Ok(())
        }
        Err(antin_pdf::Error::Io(error)) => Err(crate::replace::unreadable(path, error)),
        Err(_) => Ok(()),
    }
}

/// As [`fetch`], for an open document.
pub(crate) fn fetch_for(trust: &Trust, document: &Document, round: &mut Round<'_>) {
    trust.gather(&signers(document), round, clock::now());
}

/// The report about a file that is no readable document.
#[must_use]
pub fn unreadable(name: &str, error: &antin_pdf::Error) -> Verified {
    Verified {
        file: name.to_owned(),
        report: Report::unopened(error, clock::now()),
        trust: None,
        demo: false,
        missing: Vec::new(),
        asked: Vec::new(),
    }
}

/// The certificates inside the signatures: what evidence is needed about. A field that cannot be read has
/// none; the report will say what is wrong with it.
fn signers(document: &Document) -> Vec<Certificate> {
    let fields = document.fields().unwrap_or_default();
    let signed = fields
        .iter()
        .filter(|field| field.kind == FieldKind::Signature)
        .filter_map(|field| field.value.as_ref());
    signed
        .take(SIGNATURES)
        .flat_map(|value| certificates(document, value))
        .collect()
}

fn certificates(document: &Document, value: &Object) -> Vec<Certificate> {
    let dictionary = document
        .resolve(value)
        .ok()
        .and_then(|object| object.as_dict().cloned().ok());
    let contents = dictionary.and_then(|dict| document.entry(&dict, b"Contents").ok());
    match contents {
        Some(Object::String(cms, _)) => {
            let mut data = verify_signed_data(&cms, Content::Detached(&[]));
            // A time-stamp proves nothing while nothing is known about who made it.
            let stamps = data.signers.iter_mut().flat_map(|s| &mut s.timestamps);
            let stamps = stamps.flat_map(|s| std::mem::take(&mut s.signed_data.certificates));
            let stamps: Vec<Certificate> = stamps.collect();
            data.certificates.extend(stamps);
            data.certificates
        }
        _ => Vec::new(),
    }
}

/// Refuses a document of ours whose signatures do not hold any more.
pub(crate) fn require_intact(office: &Office, document: &Document) -> Result<()> {
    let report = here(office, document).report;
    match report.verdict {
        Verdict::Valid | Verdict::ModifiedAllowed => Ok(()),
        _ => Err(Error::new(Code::LetterAltered)),
    }
}

/// Decree 30, Art. 32.2d: the agency's seal needs the valid signature of the competent person.
///
/// That revocation is not known does not stop the clerk; a signature that fails does.
pub(crate) fn require_leader(office: &Office, document: &Document) -> Result<()> {
    let report = here(office, document).report;
    let leads =
        |signature: &&SignatureReport| signature.act == ActKind::Approve && holds(signature);
    match report.signatures.iter().find(leads) {
        Some(_) if matches!(report.verdict, Verdict::Valid | Verdict::ModifiedAllowed) => Ok(()),
        Some(_) => Err(Error::new(Code::LetterAltered)),
        None => Err(Error::new(Code::LeaderSignatureMissing)),
    }
}

fn holds(signature: &SignatureReport) -> bool {
    match signature.indication {
        Indication::TotalPassed => true,
        Indication::Indeterminate => signature.sub_indication == Some(SubIndication::TryLater),
        Indication::TotalFailed => false,
    }
}

fn here(office: &Office, opened: &Document) -> Verified {
    document(office.trust(), "", opened, Network::Online, None)
}

/// The reader's refusal as the desk branches on it.
pub(crate) fn pdf_error(error: antin_pdf::Error, file: &str) -> Error {
    let code = match &error {
        antin_pdf::Error::NotPdf { header_at: Some(_) } => Code::DocumentBehindJunk,
        antin_pdf::Error::NotPdf { header_at: None } => Code::DocumentNotPdf,
        antin_pdf::Error::PasswordNeeded => Code::DocumentEncrypted,
        antin_pdf::Error::UnknownEncryption { .. } => Code::DocumentEncryptedOtherwise,
        antin_pdf::Error::TooBig { .. } => Code::DocumentTooBig,
        antin_pdf::Error::Io(_) => Code::FileUnreadable,
        _ => Code::DocumentDamaged,
    };
    let fact = match &error {
        antin_pdf::Error::UnknownEncryption { handler } => Some(("handler", handler.clone())),
        antin_pdf::Error::NotPdf {
            header_at: Some(bytes),
        } => Some(("count", bytes.to_string())),
        _ => None,
    };
    let refused = Error::caused(code, error).with("file", file);
    match fact {
        Some((name, value)) => refused.with(name, value),
        None => refused,
    }
}

//! What validation found, as data. The words are the caller's; the JSON names are a contract (design §8).

use antin_pdf::{ObjectId, Rect};
use serde::{Serialize, Serializer};
use time::OffsetDateTime;

use crate::field::field_name;
use crate::indication::{Indication, SubIndication};

/// What is to be said of a document's integrity. Trust is judged apart, see [`Trust`].
///
/// The order is that of severity: a document is as bad as its worst signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every signature verifies; later revisions only add signatures, time-stamps or validation data.
    Valid,
    /// Every signature verifies; later revisions change what the signatures permit to be changed.
    ModifiedAllowed,
    /// It could not be examined, for a reason that is no fault of a signature: an encryption, a budget, an algorithm that is
    /// not implemented, a signer's certificate that is nowhere. Nothing is known to be wrong.
    Refused,
    /// Something was changed afterwards that must not be.
    ModifiedDisallowed,
    /// A signature leaves bytes of its own revision uncovered.
    NotCoveringWholeFile,
    /// A signature cannot be read.
    Malformed,
    /// A signature does not verify.
    Invalid,
    /// There is no signature.
    Unsigned,
}

/// Is the signer who he is said to be, as far as is known?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// A path to an anchor, nothing revoked.
    Trusted,
    /// Not enough is known.
    Unverified,
    /// Known not to be trusted: revoked, expired when it was used, not allowed for signing.
    Untrusted,
}

/// The report about a document.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Integrity of the whole.
    pub verdict: Verdict,
    /// The least trusted signature's trust; unverified if there is none.
    pub trust: Trust,
    /// The moment it was judged at.
    #[serde(serialize_with = "rfc3339")]
    pub judged_at: OffsetDateTime,
    /// How many revisions the file has.
    pub revisions: usize,
    /// Permission of the certifying signature (DocMDP P), if there is one.
    pub certification: Option<u8>,
    /// Why the document as a whole could not be examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// What stands in the file before the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub junk: Option<Junk>,
    /// In the order of the revisions they cover.
    pub signatures: Vec<SignatureReport>,
}

/// Bytes before the header: mostly damage in transit, a broken data URL for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Junk {
    /// How many.
    pub bytes: u64,
    /// Every signature covers them: they were there when the file was signed.
    pub covered: bool,
    /// The verdict on the file without them.
    pub otherwise: Verdict,
}

/// Why a document could not be examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Problem {
    /// It is encrypted, and the empty password does not open it.
    Encrypted {
        /// The security handler, if it is not the one for passwords.
        #[serde(skip_serializing_if = "Option::is_none")]
        handler: Option<String>,
    },
    /// It does not begin with a PDF header.
    NotPdf {
        /// Bytes of junk before the header, if there is one: damage in transit, perhaps.
        junk: Option<u64>,
    },
    /// Its structure contradicts itself.
    Damaged {
        /// What is wrong.
        what: String,
    },
    /// It exceeds a budget.
    TooBig {
        /// Which.
        what: String,
    },
}

/// What a signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureKind {
    /// A person's or an organisation's signature.
    Signature,
    /// A document time-stamp.
    DocumentTimestamp,
}

/// Are the signed bytes what was signed?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integrity {
    /// Digest and signature verify.
    Intact,
    /// The digest of the content differs.
    ContentChanged,
    /// The signature value does not verify, or names another certificate.
    SignatureBroken,
    /// The signature cannot be read.
    Malformed,
    /// An algorithm is not implemented: not examined.
    Unsupported,
    /// The signer's certificate is missing: not examined.
    NoCertificate,
}

/// Which bytes does the signature cover?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// Everything but its own value.
    WholeFile,
    /// Everything up to the end of a revision but its own value.
    WholeRevision,
    /// Bytes are left out.
    Partial,
    /// The ByteRange makes no sense.
    Malformed,
}

/// PAdES baseline level reached, from what is in the file and verifies (EN 319 142-1, 6.3). In ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Level {
    /// A CMS signature without the attributes of PAdES.
    #[serde(rename = "CMS")]
    Cms,
    /// B-B.
    #[serde(rename = "B-B")]
    BasicB,
    /// B-T: with a time-stamp that verifies, its own or a document time-stamp over it.
    #[serde(rename = "B-T")]
    BasicT,
    /// B-LT: the document's store holds all that is needed to validate it, time-stamps included.
    #[serde(rename = "B-LT")]
    BasicLt,
    /// B-LTA: a document time-stamp is over that, too.
    #[serde(rename = "B-LTA")]
    BasicLta,
}

/// Which act of ours a signature is: its dictionary says so, or the name of its field. A claim of the signer's, as
/// `/Reason` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActKind {
    /// *Ký duyệt*.
    Approve,
    /// *Ký phát hành*: number, date, seal.
    Issue,
    /// *Số, ngày* of a letter that nobody prepared for them.
    Number,
    /// *Ký phụ lục*.
    Appendix,
    /// *Ký bản sao*.
    Copy,
    /// *Dấu đến*.
    Incoming,
    /// *Ký nháy*.
    Initial,
    /// *Ý kiến*.
    Comment,
    /// Any other.
    Plain,
}

impl ActKind {
    const ALL: [Self; 9] = [
        Self::Approve,
        Self::Issue,
        Self::Number,
        Self::Appendix,
        Self::Copy,
        Self::Incoming,
        Self::Initial,
        Self::Comment,
        Self::Plain,
    ];

    /// The key of a signature dictionary that names the act: a private one, as ISO 32000-2 (Annex E.2) has them.
    pub(crate) const KEY: &'static str = "XXAct";

    /// How a signature dictionary names it.
    pub(crate) const fn recorded(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::Issue => "Issue",
            Self::Number => "Number",
            Self::Appendix => "Appendix",
            Self::Copy => "Copy",
            Self::Incoming => "Incoming",
            Self::Initial => "Initial",
            Self::Comment => "Comment",
            Self::Plain => "Plain",
        }
    }

    /// The act a signature records, else the one its field is named for.
    pub(crate) fn of(recorded: Option<&[u8]>, field: &str) -> Self {
        let named = |name: &[u8]| {
            Self::ALL
                .into_iter()
                .find(|act| act.recorded().as_bytes() == name)
        };
        recorded
            .and_then(named)
            .unwrap_or_else(|| Self::of_field(field))
    }

    /// Our own fields have names; a number tells apart the sets of one file.
    fn of_field(field: &str) -> Self {
        match field.trim_end_matches(|letter: char| letter.is_ascii_digit()) {
            field_name::LEADER => Self::Approve,
            field_name::SEAL => Self::Issue,
            field_name::APPENDIX => Self::Appendix,
            field_name::COPY => Self::Copy,
            field_name::INCOMING => Self::Incoming,
            field_name::COMMENT => Self::Comment,
            name if field_name::INITIALS.contains(&name) => Self::Initial,
            _ => Self::Plain,
        }
    }
}

/// The report about one signature.
#[derive(Debug, Clone, Serialize)]
pub struct SignatureReport {
    /// Fully qualified name of its field.
    pub field: String,
    /// What it is.
    pub kind: SignatureKind,
    /// Which act of ours it is.
    pub act: ActKind,
    /// Integrity of the document as far as this signature is concerned.
    pub verdict: Verdict,
    /// The conclusion of EN 319 102-1.
    pub indication: Indication,
    /// Why it is not passed.
    pub sub_indication: Option<SubIndication>,
    /// Are the signed bytes what was signed?
    pub integrity: Integrity,
    /// Why the signature is malformed, broken or unsupported, or what is odd about it, for the technical report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which bytes are covered?
    pub coverage: Coverage,
    /// Index of the revision it covers, from 0.
    pub revision: Option<usize>,
    /// What was done after it.
    pub modifications: Vec<Modification>,
    /// Is the signer trusted?
    pub trust: Trust,
    /// The signer's certificate.
    pub signer: Option<CertificateFacts>,
    /// Signer first, anchor last.
    pub chain: Vec<CertificateFacts>,
    /// The outcome of the path.
    pub path: PathFacts,
    /// PAdES level.
    pub level: Level,
    /// `/SubFilter`.
    pub sub_filter: String,
    /// The digest algorithm's name or identifier.
    pub digest: String,
    /// SHA-1 is involved, in the signature or in the certificates.
    pub weak: bool,
    /// The time the signature is judged at: proven by a time-stamp, or that of the examination.
    #[serde(serialize_with = "rfc3339")]
    pub best_time: OffsetDateTime,
    /// Does a time-stamp prove it?
    pub time_proven: bool,
    /// Which one.
    pub proof: Option<ProofFacts>,
    /// What the signer claims, in the file (`/M`) or in the signature.
    #[serde(serialize_with = "rfc3339_option")]
    pub claimed_time: Option<OffsetDateTime>,
    /// Time-stamps over the signature.
    pub timestamps: Vec<TimestampFacts>,
    /// `/Name`
    pub name: Option<String>,
    /// `/Reason`
    pub reason: Option<String>,
    /// `/Location`
    pub location: Option<String>,
    /// Index of the page its widget is on, from 0.
    pub page: Option<usize>,
    /// The widget's rectangle in points, y upwards; absent if it is invisible.
    #[serde(serialize_with = "rect")]
    pub rect: Option<Rect>,
    /// DocMDP P, if it certifies.
    pub certification: Option<u8>,
    /// The fields it locks.
    pub lock: Option<LockFacts>,
}

/// What of a certificate is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// The subject's name, most specific first.
    pub subject: String,
    /// CN.
    pub common_name: Option<String>,
    /// O.
    pub organization: Option<String>,
    /// title.
    pub title: Option<String>,
    /// The issuer's name.
    pub issuer: String,
    /// Hexadecimal.
    pub serial: String,
    /// Beginning of validity.
    #[serde(serialize_with = "rfc3339")]
    pub not_before: OffsetDateTime,
    /// End of validity.
    #[serde(serialize_with = "rfc3339")]
    pub not_after: OffsetDateTime,
    /// SHA-256 over the certificate.
    pub sha256: String,
}

/// The outcome of path validation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathFacts {
    /// trusted, no-path, expired, not-yet-valid, revoked, revocation-unknown, constraint-failed, not-examined.
    pub status: &'static str,
    /// Which certificate of the chain it is about, from 0.
    pub index: Option<usize>,
    /// The particulars, for the technical report.
    pub detail: Option<String>,
    /// When it was revoked or expired, or from when it is valid.
    #[serde(serialize_with = "rfc3339_option")]
    pub since: Option<OffsetDateTime>,
    /// Where the signer's revocation status is known from: crl, ocsp.
    pub revocation_source: Option<&'static str>,
    /// How old that is.
    #[serde(serialize_with = "rfc3339_option")]
    pub revocation_as_of: Option<OffsetDateTime>,
}

/// A time-stamp over a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimestampFacts {
    /// What it says.
    #[serde(serialize_with = "rfc3339_option")]
    pub time: Option<OffsetDateTime>,
    /// It is about this signature, and verifies.
    pub intact: bool,
    /// The authority's name.
    pub authority: Option<String>,
    /// Is the authority trusted, revocation included?
    pub trust: Trust,
    /// The time the authority is judged at: when the next time-stamp proves that this one existed, or the examination.
    #[serde(serialize_with = "rfc3339")]
    pub judged_at: OffsetDateTime,
    /// The outcome of the authority's path, in the words of [`PathFacts::status`].
    pub status: &'static str,
}

/// What proves when a signature existed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofFacts {
    /// Of which kind.
    pub kind: ProofKind,
    /// The field of the time-stamp, or of the signature that carries it.
    pub field: String,
    /// It existed then.
    #[serde(serialize_with = "rfc3339")]
    pub time: OffsetDateTime,
}

/// Kinds of proofs of existence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProofKind {
    /// The signature's own time-stamp.
    SignatureTimestamp,
    /// A document time-stamp; for one, itself.
    DocumentTimestamp,
    /// The time-stamp of a trusted signature that was made over this one.
    LaterSignature,
}

/// Fields a signature locks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockFacts {
    /// All, Include or Exclude.
    pub action: String,
    /// The names.
    pub fields: Vec<String>,
}

/// One change after a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Modification {
    /// What it is.
    pub kind: ModificationKind,
    /// Does the signature permit it?
    pub permitted: bool,
    /// The object, as `number generation`.
    pub object: Option<String>,
    /// The field's name.
    pub field: Option<String>,
    /// Index of the page, from 0.
    pub page: Option<usize>,
    /// Anything else that helps to find it.
    pub detail: Option<String>,
}

/// Kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ModificationKind {
    /// A signature field that waited was signed.
    FieldSigned,
    /// A field was added and signed.
    SignatureAdded,
    /// A document time-stamp was added.
    TimestampAdded,
    /// Validation data (DSS) was added.
    ValidationData,
    /// Document information or XMP metadata changed.
    Metadata,
    /// An object that nothing uses.
    UnusedObject,
    /// A form field was filled in.
    FormFilled,
    /// A form field that the signature locks was changed.
    LockedFieldChanged,
    /// An annotation was added.
    AnnotationAdded,
    /// An annotation was changed.
    AnnotationChanged,
    /// An annotation was removed.
    AnnotationRemoved,
    /// A form field was added, removed or changed beyond its value.
    FormChanged,
    /// A signature was replaced or removed.
    SignatureReplaced,
    /// How a signature looks was changed.
    SignatureAppearance,
    /// A page's content or what it draws with was changed.
    PageContent,
    /// Pages were added, removed or moved.
    PageTree,
    /// The logical structure grew with what was added.
    StructureExtended,
    /// The logical structure was changed.
    Structure,
    /// The catalog was changed.
    Catalog,
    /// Another catalog took its place.
    CatalogReplaced,
    /// Something else was changed.
    Object,
    /// An object that the signed document refers to came into being.
    MissingObjectFilled,
    /// An object cannot be read.
    Unreadable,
    /// Bytes that belong to no object.
    StrayBytes,
    /// A cross-reference that old and new readers read differently.
    HybridReference,
    /// Encryption was added, removed or changed: everything is read otherwise, whatever was touched.
    Encryption,
}

impl ModificationKind {
    /// Additions that leave a document valid.
    #[must_use]
    pub const fn is_neutral(self) -> bool {
        matches!(
            self,
            Self::FieldSigned
                | Self::SignatureAdded
                | Self::TimestampAdded
                | Self::ValidationData
                | Self::Metadata
                | Self::UnusedObject
        )
    }
}

impl Report {
    /// A report about a document that could not be opened.
    #[must_use]
    pub fn unopened(error: &antin_pdf::Error, at: OffsetDateTime) -> Self {
        let (verdict, problem) = problem(error);
        Self {
            verdict,
            trust: Trust::Unverified,
            judged_at: at,
            revisions: 0,
            certification: None,
            problem: Some(problem),
            junk: None,
            signatures: Vec::new(),
        }
    }
}

pub(crate) fn problem(error: &antin_pdf::Error) -> (Verdict, Problem) {
    match error {
        antin_pdf::Error::PasswordNeeded => {
            (Verdict::Refused, Problem::Encrypted { handler: None })
        }
        antin_pdf::Error::UnknownEncryption { handler } => (
            Verdict::Refused,
            Problem::Encrypted {
                handler: Some(handler.clone()),
            },
        ),
        antin_pdf::Error::NotPdf { header_at } => {
            (Verdict::Malformed, Problem::NotPdf { junk: *header_at })
        }
        antin_pdf::Error::TooBig { .. } => (
            Verdict::Refused,
            Problem::TooBig {
                what: error.to_string(),
            },
        ),
        other => (
            Verdict::Malformed,
            Problem::Damaged {
                what: other.to_string(),
            },
        ),
    }
}

pub(crate) fn object_name(id: ObjectId) -> String {
    format!("{} {}", id.0, id.1)
}

fn rfc3339<S: Serializer>(time: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    time::serde::rfc3339::serialize(time, serializer)
}

fn rfc3339_option<S: Serializer>(
    time: &Option<OffsetDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time::serde::rfc3339::option::serialize(time, serializer)
}

fn rect<S: Serializer>(rect: &Option<Rect>, serializer: S) -> Result<S::Ok, S::Error> {
    rect.map(|rect| [rect.x0, rect.y0, rect.x1, rect.y1])
        .serialize(serializer)
}

//! The values of the province's REST contract that both ends write and read: bodies, headers' names, media types, problems.
//! Members a reader does not know are passed over; values it does not know become `Other`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{Date, macros::format_description};

use crate::{
    Agency, AgencyId, DeliveryId, DeliveryState, DispatchId, DocumentType, LetterId, Sha256Digest,
};

/// Media type of a receipt: CMS SignedData in DER.
pub const RECEIPT: &str = "application/vnd.antin.receipt+cms";
/// Media type of problems, RFC 9457.
pub const PROBLEM: &str = "application/problem+json";
/// Media type of a part of an upload, draft-ietf-httpbis-resumable-upload.
pub const PARTIAL_UPLOAD: &str = "application/partial-upload";
/// Media type of everything else.
pub const JSON: &str = "application/json";
/// How much of the upload is there.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// `?1` when the upload is, or with this part becomes, whole.
pub const UPLOAD_COMPLETE: &str = "upload-complete";
/// The size of the whole.
pub const UPLOAD_LENGTH: &str = "upload-length";
/// Digest of one part, RFC 9530.
pub const CONTENT_DIGEST: &str = "content-digest";
/// Digest of the whole, RFC 9530.
pub const REPR_DIGEST: &str = "repr-digest";
/// Identity of a `POST`.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Largest part of an upload the province takes at once.
pub const PART_LIMIT: usize = 1 << 20;
/// Largest file of a letter: the national gateway's message limit.
pub const CONTENT_LIMIT: u64 = 50 << 20;
/// Most changes of one page.
pub const PAGE_LIMIT: u32 = 50;

/// Bytes that travel as base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        STANDARD
            .decode(String::deserialize(deserializer)?)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// A digest as RFC 9530 writes it in a header: `sha-256=:…:`.
pub fn digest_field(digest: Sha256Digest) -> String {
    format!("sha-256=:{}:", STANDARD.encode(digest.as_bytes()))
}

/// Reads the SHA-256 out of a digest header, which may list others beside it.
pub fn read_digest_field(field: &str) -> Option<Sha256Digest> {
    let members = field.split(',').map(str::trim);
    let encoded = members
        .filter_map(|member| member.strip_prefix("sha-256=:")?.strip_suffix(':'))
        .next()?;
    Some(Sha256Digest::from_bytes(
        STANDARD.decode(encoded).ok()?.try_into().ok()?,
    ))
}

/// The directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgencyList {
    /// The agencies, in the directory's order.
    pub agencies: Vec<Agency>,
}

/// Asks for a document number. A number is given once per letter: a repeat has the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberRequest {
    /// Who issues the letter.
    pub agency: AgencyId,
    /// The type; each has a series of its own.
    pub document_type: DocumentType,
    /// True for normative documents (a year in the notation), which are numbered apart.
    #[serde(default)]
    pub normative: bool,
    /// The year of the series.
    pub year: i32,
    /// The date to be printed on the letter.
    #[serde(with = "iso_date")]
    pub date: Date,
}

/// A document number, given for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberGrant {
    /// The letter.
    pub letter_id: LetterId,
    /// The number.
    pub number: u32,
    /// The date given with it.
    #[serde(with = "iso_date")]
    pub date: Date,
}

/// A dispatch as the province holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DispatchView {
    /// Its identity.
    pub dispatch_id: DispatchId,
    /// Digest of the bytes it was submitted with.
    pub request_digest: Sha256Digest,
    /// The receipt of its submission, the same bytes every time.
    pub receipt: Base64,
    /// Its recipients.
    pub deliveries: Vec<DeliveryView>,
}

/// One recipient of a dispatch as the province holds it; for convenience, the receipts are the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    /// The recipient.
    pub recipient: AgencyId,
    /// How far.
    pub state: DeliveryState,
}

/// Receipts in the order of their chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptList {
    /// Each as DER.
    pub receipts: Vec<Base64>,
}

/// A page of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePage {
    /// What happened, in the order it was committed. Delivered at least once.
    pub items: Vec<Change>,
    /// The cursor behind the last item; opaque.
    pub next: String,
    /// True when there is more at once.
    pub has_more: bool,
}

/// Something that happened in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[non_exhaustive]
pub enum Change {
    /// A letter has come.
    Delivery {
        /// Its identity in this mailbox.
        delivery_id: DeliveryId,
        /// The manifest's bytes as the sender froze them.
        manifest: String,
    },
    /// A receipt was issued for one of our dispatches.
    Receipt {
        /// The DER.
        receipt: Base64,
    },
    /// Something this program does not know.
    #[serde(other)]
    Other,
}

/// An error body, RFC 9457, with the members every problem of this contract has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDetails {
    /// A URN that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words, English.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// This occurrence in words, for logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The kind as a short code, the last part of `type`.
    pub code: String,
    /// Whether repeating helps.
    pub retry: RetryHint,
    /// The identity of what is already there, for conflicts and duplicates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing: Option<String>,
}

/// Whether repeating a request helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryHint {
    /// It never will.
    Never,
    /// Later, as it is.
    Later,
    /// With a new credential.
    AfterAuth,
    /// After something else was put right.
    AfterFix,
    /// A hint this program does not know.
    #[serde(other)]
    Other,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident $code:literal $status:literal $retry:ident $title:literal;)*) => {
        /// The kinds of problem of the contract, as data: code, status, hint, title.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ProblemKind { $($(#[$doc])* $variant,)* }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The short code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// Whether repeating helps.
            pub fn retry(self) -> RetryHint {
                match self { $(Self::$variant => RetryHint::$retry),* }
            }

            /// The kind in words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

problems! {
    /// The request cannot be read.
    InvalidRequest "invalid-request" 400 AfterFix "The request cannot be read";
    /// No credential, or one that is not valid.
    Unauthenticated "unauthenticated" 401 AfterAuth "The credential is missing or not valid";
    /// The credential belongs to another agency.
    NotYourOffice "not-your-office" 403 Never "This belongs to another agency";
    /// There is no such thing, for this agency.
    NotFound "not-found" 404 Never "There is no such resource";
    /// The path knows no such method.
    MethodNotAllowed "method-not-allowed" 405 Never "The resource has no such method";
    /// The identity is taken by other bytes.
    DispatchConflict "dispatch-conflict" 409 Never "The dispatch exists with other bytes";
    /// The file is not (wholly) there.
    ContentMissing "content-missing" 409 AfterFix "The content has not been uploaded";
    /// The delivery is not in a state in which this can be said of it.
    IllegalTransition "illegal-transition" 409 Never "The delivery does not allow this status";
    /// The part does not begin where the upload ends.
    MismatchingOffset "mismatching-upload-offset" 409 Later "The part does not begin where the upload ends";
    /// The identity has been given a number under other terms.
    NumberConflict "number-conflict" 409 Never "The letter was numbered under other terms";
    /// Larger than the limit.
    TooLarge "too-large" 413 Never "The content is too large";
    /// The key was used for another request.
    KeyReused "key-reused" 422 Never "The idempotency key belongs to another request";
    /// The document was dispatched under another identity.
    DuplicateDocumentNumber "duplicate-document-number" 422 Never "The document was already dispatched under another identity";
    /// A recipient is not in the directory.
    InvalidAddressee "invalid-addressee" 422 AfterFix "A recipient is not in the directory";
    /// The signatures of the PDF do not hold.
    SignatureInvalid "signature-invalid" 422 Never "The signatures of the letter do not hold";
    /// The bytes do not have the digest they were announced with.
    DigestMismatch "digest-mismatch" 422 Later "The content does not have the announced digest";
    /// A header that must be there is missing.
    PreconditionRequired "precondition-required" 428 AfterFix "A required header is missing";
    /// Something failed here.
    Internal "internal" 500 Later "The server failed";
    /// Not now.
    Unavailable "unavailable" 503 Later "The server is not available";
}

impl ProblemKind {
    /// Reads [`ProblemKind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The body of this problem.
    pub fn details(self, detail: Option<String>) -> ProblemDetails {
        ProblemDetails {
            kind: format!("urn:antin:problem:{}", self.code()),
            title: self.title().to_owned(),
            status: self.status(),
            detail,
            code: self.code().to_owned(),
            retry: self.retry(),
            existing: None,
        }
    }
}

/// Dates as `YYYY-MM-DD`.
mod iso_date {
    use super::{Date, Deserialize, Deserializer, Serializer, format_description};

    pub(super) fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        let (year, month, day) = date.to_calendar_date();
        serializer.collect_str(&format_args!("{year:04}-{:02}-{day:02}", u8::from(month)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        Date::parse(&text, format_description!("[year]-[month]-[day]"))
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_fields_are_written_and_read() {
        let digest = Sha256Digest::of(b"abc");
        let field = digest_field(digest);
        assert_eq!(
            field,
            "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"
        );
        assert_eq!(
            read_digest_field(&format!("md5=:AAAA:, {field}")),
            Some(digest)
        );
        for bad in ["", "sha-256=ungWv48Bz", "sha-256=:AAAA:", "sha-512=:AAAA:"] {
            assert_eq!(read_digest_field(bad), None, "{bad}");
        }
    }

    #[test]
    fn unknown_changes_and_hints_are_passed_over() {
        let page: ChangePage = serde_json::from_str(
            r#"{"items":[{"kind":"recall","x":1}],"next":"7","hasMore":false,"y":2}"#,
        )
        .unwrap();
        assert_eq!(page.items, [Change::Other]);
        assert_eq!(
            serde_json::from_str::<RetryHint>("\"tomorrow\"").unwrap(),
            RetryHint::Other
        );
    }

    #[test]
    fn codes_of_problems_are_unique() {
        for kind in ProblemKind::ALL {
            assert_eq!(ProblemKind::from_code(kind.code()), Some(*kind));
        }
    }
}

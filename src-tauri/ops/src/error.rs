//! What can stop a verb: a closed [`Code`], the facts it carries, and its cause.
//!
//! No text for people stands here; [`crate::message`] words a code in two languages.

use std::{collections::BTreeMap, error, fmt};

/// The result of a verb.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What happened, as the desk branches on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// Every code, in the order of its name.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code's name, as in the table of messages and in `--json`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => stringify!($name)),* }
            }
        }
    };
}

codes! {
    /// A recipient's code is not in the directory.
    AgencyUnknown,
    /// The incoming letter was accepted or returned before.
    AlreadyDecided,
    /// The signer's certificate is past its end.
    CertificateExpired,
    /// Key usage or purpose forbids signing.
    CertificateNotForSigning,
    /// The signer's certificate has not begun.
    CertificateNotYetValid,
    /// The signer's certificate is revoked.
    CertificateRevoked,
    /// No path from the signer's certificate to a trust anchor.
    CertificateUntrusted,
    /// This form of copy cannot be made of this original (Decree 30, Art. 25).
    CopyForbidden,
    /// A signed file is an electronic original, not a copy.
    CopyOfSigned,
    /// A digitised copy older than PDF 1.4.
    CopyTooOld,
    /// No room to write the result.
    DiskFull,
    /// This computer's clock and an authority's differ.
    ClockWrong,
    /// The file is no longer what was read.
    DocumentChangedOnDisk,
    /// Bytes before the PDF header: damage on the way.
    DocumentBehindJunk,
    /// The strict reader refuses the file's structure.
    DocumentDamaged,
    /// The file is encrypted.
    DocumentEncrypted,
    /// The file is encrypted by a handler that is not the one for passwords.
    DocumentEncryptedOtherwise,
    /// Earlier signatures admit only a signature that draws nothing.
    DocumentInvisibleOnly,
    /// DocMDP or FieldMDP of an earlier signature forbids the act.
    DocumentLockedByMdp,
    /// The file is not the one that was shown.
    DocumentNotAsShown,
    /// No PDF header.
    DocumentNotPdf,
    /// The file is encrypted, and its owner's permissions do not admit signing.
    DocumentOwnerForbids,
    /// Beyond a budget of the reader.
    DocumentTooBig,
    /// Nothing says whether a certificate was revoked, and the level needs it.
    EvidenceMissing,
    /// Number and seal are on the letter already.
    FieldsAlreadyFilled,
    /// The letter was signed without fields prepared for issuing.
    FieldsMissing,
    /// The file is marked read-only.
    FileReadOnly,
    /// The file cannot be read.
    FileUnreadable,
    /// The file or its folder cannot be written.
    FileUnwritable,
    /// The signature's or seal's picture is no usable PNG.
    ImageUnusable,
    /// Decree 30 Art. 32.2d: no seal before the leader's valid signature.
    LeaderSignatureMissing,
    /// The signatures on the letter no longer hold.
    LetterAltered,
    /// The letter carries a secrecy marking.
    LetterSecret,
    /// No such letter in the store.
    LetterUnknown,
    /// The letter is not at the step this verb needs.
    LetterWrongState,
    /// The year typed on the draft is not the year of issue.
    LetterYearDiffers,
    /// A host cannot be reached.
    NetworkUnavailable,
    /// The incoming letter's file has not come yet.
    NotFetched,
    /// The system must give the number and cannot be reached (Decree 30 Art. 15.3).
    NumberWaiting,
    /// The folder is no office.
    OfficeMissing,
    /// One result's name for several files.
    OutForOneFile,
    /// The page helper crashed or took too long.
    PageHelperFailed,
    /// The person closed the PIN dialog.
    PinCancelled,
    /// The token wants its PIN changed, or set, first.
    PinExpired,
    /// Wrong PIN.
    PinIncorrect,
    /// Wrong PIN, `CKF_USER_PIN_COUNT_LOW` is set.
    PinIncorrectCountLow,
    /// Wrong PIN, `CKF_USER_PIN_FINAL_TRY` is set.
    PinIncorrectFinalTry,
    /// `CKR_PIN_LEN_RANGE` or `CKR_PIN_INVALID`: no try was used up.
    PinInvalid,
    /// One try is left, and nobody said that it may be used.
    PinLastTry,
    /// `CKR_PIN_LOCKED`.
    PinLocked,
    /// The new PIN is not one that the token takes.
    PinNewInvalid,
    /// The new PIN is the old one.
    PinNewSame,
    /// The new PIN was typed in two ways.
    PinsDiffer,
    /// The leader's block was not found in the text.
    PlacesNotFound,
    /// No token or reader at the computer's ports.
    ReaderMissing,
    /// The system's smart card service does not run.
    ReaderServiceStopped,
    /// A return without a reason.
    ReasonMissing,
    /// A receipt's signature, chain or content does not hold.
    ReceiptInvalid,
    /// A dispatch without recipients.
    RecipientsMissing,
    /// A permanent refusal of the province's system.
    ServerRejected,
    /// The province's system does not accept the credential.
    SessionExpired,
    /// There is no signature to be extended.
    SignatureMissing,
    /// The signatures of a file do not hold any more.
    SignaturesAltered,
    /// office.json names nobody for a role.
    SignerUnknown,
    /// The database cannot be opened or written.
    StoreUnusable,
    /// A text of an act is missing, too wide or too long for its place.
    TextDoesNotFit,
    /// No time-stamp authority answered well.
    TimestampUnavailable,
    /// The token is not plugged in.
    TokenAbsent,
    /// Two tokens bear the label.
    TokenAmbiguous,
    /// The token holds no certificate with a key.
    TokenCertificateMissing,
    /// A driver for 32-bit programs.
    TokenDriver32Bit,
    /// The module hung, crashed or failed.
    TokenDriverFailed,
    /// No known driver is installed.
    TokenDriverMissing,
    /// The driver's file is damaged, of another kind of machine, or refuses to begin.
    TokenDriverUnusable,
    /// The module's file is not there.
    TokenModuleNotFound,
    /// No token at all is plugged in.
    TokenNone,
    /// The token went away at work.
    TokenRemoved,
    /// What the token gave does not verify under its own certificate.
    TokenSignatureWrong,
    /// The token or its driver cannot make this kind of signature.
    TokenUnsupported,
    /// A trust bundle's signature, form or content does not hold.
    TrustBundleInvalid,
    /// A trust bundle is not newer than the one in use.
    TrustBundleOld,
    /// Anything else; `detail` has the cause.
    Unknown,
    /// What a drive gave back is not what was written.
    WrittenDiffers,
}

impl Code {
    /// Whether the next file of a batch may be tried: not after a PIN, token or session error.
    #[must_use]
    pub fn batch_can_continue(self) -> bool {
        let name = self.name();
        !(name.starts_with("Pin")
            || name.starts_with("Token")
            || matches!(self, Code::DiskFull | Code::SessionExpired))
    }
}

/// Why a verb did not do what it was asked.
#[derive(Debug)]
pub struct Error {
    /// What happened.
    pub code: Code,
    /// The facts that the message names, such as `file` or `label`.
    pub facts: BTreeMap<&'static str, String>,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// An error without cause beneath it.
    #[must_use]
    pub fn new(code: Code) -> Error {
        Error {
            code,
            facts: BTreeMap::new(),
            source: None,
        }
    }

    /// An error with the library's error that led to it.
    pub fn caused(code: Code, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Error {
        let source = source.into();
        Error {
            source: Some(source),
            ..Error::new(code)
        }
    }

    /// [`Code::Unknown`] with its cause spelled out.
    pub fn unknown(source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Error {
        let error = Error::caused(Code::Unknown, source);
        let detail = error.detail();
        error.with("detail", detail)
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Error {
        self.facts.insert(name, value.to_string());
        self
    }

    /// Names the file that the error is about, where a lower layer did not know it.
    #[must_use]
    pub(crate) fn about(mut self, file: &std::path::Path) -> Error {
        if self.facts.get("file").is_some_and(String::is_empty) {
            self.facts.insert("file", file.display().to_string());
        }
        self
    }

    /// The chain of causes, for the log and the copied error.
    #[must_use]
    pub fn detail(&self) -> String {
        let mut text = String::new();
        let mut cause = self.source.as_deref().map(|e| e as &dyn error::Error);
        while let Some(error) = cause {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())?;
        for (name, value) in &self.facts {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_deref().map(|e| e as &dyn error::Error)
    }
}

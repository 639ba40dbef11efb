//! The one error of this crate: what happened, told apart as far as PKCS#11 allows, without words for the user.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::machine::Machine;

/// Which call to the helper was under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// Listing tokens and their certificates.
    Tokens,
    /// Looking which tokens are plugged in.
    Present,
    /// Listing readers.
    Readers,
    /// Changing the PIN.
    ChangePin,
    /// Logging in.
    Login,
    /// Signing.
    Sign,
    /// Logging out.
    Logout,
}

/// Why a module cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unusable {
    /// The file is no program library of any kind.
    NotLibrary,
    /// A library for another machine, such as a 32-bit driver under a 64-bit program.
    OtherMachine {
        /// What it was built for.
        machines: Vec<Machine>,
        /// What this program was built for.
        program: Machine,
    },
    /// The system's loader refused it: damaged, or a library it needs is missing.
    NotLoadable {
        /// The loader's own words, for the technical details.
        detail: String,
    },
    /// A library without `C_GetFunctionList`.
    NotPkcs11,
    /// `C_Initialize` or the function list failed.
    Refused {
        /// The PKCS#11 function.
        function: String,
        /// Its `CKR_…` code.
        code: String,
    },
}

/// Everything that can go wrong between asking a token and its answer.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Error {
    /// The PIN was evaluated and found wrong. The flags are the token's, read again after the attempt.
    #[error("the PIN is incorrect (count low: {count_low}, final try: {final_try})")]
    PinIncorrect {
        /// `CKF_USER_PIN_COUNT_LOW`: a wrong PIN was entered at least once since the last success.
        count_low: bool,
        /// `CKF_USER_PIN_FINAL_TRY`: one more wrong PIN locks the token.
        final_try: bool,
    },
    /// The PIN is locked, possibly by this very attempt. No PIN was sent if the token said so beforehand.
    #[error("the PIN is locked")]
    PinLocked,
    /// The PIN cannot be one: empty, too short, too long, or with characters the token does not take.
    #[error("the PIN has a form the token does not accept")]
    PinInvalid,
    /// The token demands that the PIN is changed first (`CKR_PIN_EXPIRED`).
    #[error("the PIN has expired and must be changed")]
    PinExpired,
    /// No PIN was given and the token has no entry device of its own.
    #[error("the token has no PIN pad and no PIN was given")]
    PinRequired,
    /// The user cancelled at the token's own PIN pad or in the driver's own dialog.
    #[error("the login was cancelled at the token")]
    Cancelled,
    /// The token never got a user PIN.
    #[error("the token has no user PIN yet")]
    PinNotInitialised,
    /// Signing was asked for without a login, or the login ended with an earlier helper.
    #[error("no login")]
    LoginRequired,
    /// No token of that label or serial number is present.
    #[error("no token {label:?}")]
    TokenAbsent {
        /// The label or serial number asked for.
        label: String,
    },
    /// More than one token bears the label: ask by serial number.
    #[error("more than one token {label:?}")]
    TokenAmbiguous {
        /// The label asked for.
        label: String,
    },
    /// The token was pulled out while it was in use.
    #[error("the token was removed")]
    TokenRemoved,
    /// The token holds no certificate (or none of the id asked for).
    #[error("no certificate on token {label:?}")]
    NoCertificate {
        /// The token's label.
        label: String,
    },
    /// The certificate is there, its private key is not.
    #[error("the certificate's private key is not on the token")]
    CertificateWithoutKey,
    /// The module's file does not exist.
    #[error("no module at {}", path.display())]
    ModuleNotFound {
        /// The path looked at.
        path: PathBuf,
    },
    /// The module's file exists but cannot serve.
    #[error("the module at {} cannot be used: {cause:?}", path.display())]
    ModuleUnusable {
        /// The module.
        path: PathBuf,
        /// What it failed at.
        cause: Unusable,
    },
    /// The helper process could not be started.
    #[serde(skip)]
    #[error("the helper {} did not start", program.display())]
    HelperNotStarted {
        /// The program that should have become the helper.
        program: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The helper ended, or answered something that is no answer. The next call starts a new one.
    #[error("the helper ended during {during:?} ({status})")]
    HelperCrashed {
        /// The call under way.
        during: Call,
        /// How the process ended, in the system's words.
        status: String,
    },
    /// The helper overran its deadline and was ended. The next call starts a new one.
    #[error("no answer to {during:?} within {after:?}")]
    Timeout {
        /// The call under way.
        during: Call,
        /// The deadline.
        after: Duration,
    },
    /// The token or its module cannot do what was asked.
    #[error("not supported by the token: {what}")]
    Unsupported {
        /// The mechanism, attribute or function, in PKCS#11's own name.
        what: String,
    },
    /// Any other return code, told as it is: never taken for a wrong PIN.
    #[error("{function} returned {code}")]
    Other {
        /// The PKCS#11 function.
        function: String,
        /// Its `CKR_…` code.
        code: String,
    },
}

impl Error {
    /// Tells whether the next document of a batch has a chance, or would fail in the same way.
    pub fn batch_can_continue(&self) -> bool {
        matches!(self, Self::Unsupported { .. } | Self::Other { .. })
    }
}

//! What a script can ask for.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The tokens there are, and what goes wrong.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Script {
    /// The tokens, one to a slot.
    pub tokens: Vec<Token>,
    /// The faults, tried in this order at each call; one after the other may strike.
    pub faults: Vec<Fault>,
}

/// One token, as its maker would have set it up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// Its slot's number.
    pub slot: u64,
    /// Its label: bytes, since not every token keeps to UTF-8.
    pub label: Vec<u8>,
    /// Its serial number.
    pub serial: String,
    /// The PIN it was set up with.
    pub pin: String,
    /// Wrong PINs in a row until it locks. VGCA's bit4id tokens: 3.
    pub tries: u32,
    /// The shortest and the longest PIN it takes.
    pub pin_length: (u64, u64),
    /// `CKF_PROTECTED_AUTHENTICATION_PATH`, and what the person types there, one word a request; an empty word
    /// stands for the pad's cancel button.
    pub pad: Option<Vec<String>>,
    /// Further flags of `CK_TOKEN_INFO`.
    pub flags: u64,
    /// The only mechanisms it knows; all of them where there are none.
    pub mechanisms: Vec<u64>,
    /// The try that locks answers `CKR_PIN_LOCKED` at once instead of `CKR_PIN_INCORRECT`.
    pub locks_loudly: bool,
    /// What it holds.
    pub objects: Vec<Object>,
}

impl Token {
    /// A token as bit4id's for VGCA: three tries, PINs of 4 to 16 characters, no pad, nothing on it yet.
    #[must_use]
    pub fn new(slot: u64, label: &str, serial: &str, pin: &str) -> Self {
        Self {
            slot,
            label: label.as_bytes().to_vec(),
            serial: serial.to_owned(),
            pin: pin.to_owned(),
            tries: 3,
            pin_length: (4, 16),
            pad: None,
            flags: 0,
            mechanisms: Vec::new(),
            locks_loudly: false,
            objects: Vec::new(),
        }
    }
}

impl Stored {
    /// What a sound token holds.
    #[must_use]
    pub fn sound(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            claimed: None,
        }
    }
}

impl Fault {
    /// At every call of a function.
    #[must_use]
    pub fn always(at: &str, action: Action) -> Self {
        Self {
            at: at.to_owned(),
            nth: None,
            action,
        }
    }

    /// At the call of that number alone, counted from 1 in each process.
    #[must_use]
    pub fn at_call(at: &str, nth: u32, action: Action) -> Self {
        Self {
            nth: Some(nth),
            ..Self::always(at, action)
        }
    }
}

/// A certificate, a key, or both under one `CKA_ID`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Object {
    /// `CKA_ID`.
    pub id: Vec<u8>,
    /// `CKA_LABEL`.
    pub label: Vec<u8>,
    /// The certificate.
    pub certificate: Option<Stored>,
    /// The private key's file (PEM); seen only after the login.
    pub key: Option<PathBuf>,
    /// `CKA_ALWAYS_AUTHENTICATE`: the PIN for every signature.
    pub always_authenticate: bool,
    /// Whether a public key shows before the login.
    pub public: bool,
}

/// A value as the token answers it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stored {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// A length told instead of the true one.
    pub claimed: Option<u64>,
}

/// Something that goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    /// The PKCS#11 function, such as `C_Sign`.
    pub at: String,
    /// Only at this call of it in the process, counted from 1.
    pub nth: Option<u32>,
    /// What happens.
    pub action: Action,
}

/// What happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// This code is returned; nothing is done.
    Return(u64),
    /// The call is done this many milliseconds later.
    Delay(u64),
    /// The call never returns.
    Hang,
    /// The process aborts.
    Abort,
    /// The process reads address zero.
    Segfault,
    /// The process ends as if all were well.
    Exit,
    /// The module prints, to standard output and to standard error; `{pin}` stands for the PIN of the call.
    Print(String),
    /// The token of that serial number is pulled out.
    Unplug(String),
    /// A signature of half its length, with success.
    Half,
    /// A signature of the right length that is none, with success.
    Wrong,
    /// Lengths and counts asked for are told as this number.
    Claim(u64),
}

//! What a token shows of itself before any PIN.

use serde::{Deserialize, Serialize};

use crate::Error;

/// How the token shall sign. The hash is named, since an elliptic-curve key does not settle it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 4055's usual set).
    RsaPssSha256,
    /// ECDSA with SHA-256.
    EcdsaSha256,
    /// ECDSA with SHA-384.
    EcdsaSha384,
}

/// One token in a reader, as it is without login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The label given at initialisation, trimmed.
    pub label: String,
    /// The serial number, trimmed.
    pub serial: String,
    /// Maker, trimmed.
    pub manufacturer: String,
    /// Model, trimmed.
    pub model: String,
    /// What the token says about its PIN.
    pub flags: TokenFlags,
    /// The shortest PIN it takes, in bytes.
    pub pin_min: usize,
    /// The longest PIN it takes, in bytes; 0 where the token does not say.
    pub pin_max: usize,
    /// The certificates readable without a PIN, as stored.
    pub certificates: Vec<TokenCertificate>,
    /// Why the certificates could not be read, in the module's own terms.
    pub unreadable: Option<String>,
}

impl Token {
    /// The certificate of that id, or the only or first one where no id is given.
    ///
    /// # Errors
    /// [`Error::NoCertificate`] where there is none.
    pub fn certificate(&self, id: Option<&[u8]>) -> Result<&TokenCertificate, Error> {
        self.certificates
            .iter()
            .find(|certificate| id.is_none_or(|id| certificate.id == id))
            .ok_or_else(|| Error::NoCertificate {
                label: self.label.clone(),
            })
    }

    /// Tells whether the token is called so: by its label or its serial number.
    pub fn is_named(&self, name: &str) -> bool {
        self.label == name || self.serial == name
    }
}

/// A token plugged in, as far as it shows without a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The label, trimmed.
    pub label: String,
    /// The serial number, trimmed.
    pub serial: String,
    /// What the token says about its PIN.
    pub flags: TokenFlags,
}

/// A slot of the module: for a vendor's module, a reader or a port it watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// What the module calls it, trimmed.
    pub name: String,
    /// Whether a token is in it.
    pub has_token: bool,
}

/// The flags of `CK_TOKEN_INFO` that concern a person. PKCS#11 gives flags, never a number of tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenFlags {
    /// A wrong PIN was entered at least once since the last success.
    pub count_low: bool,
    /// The next wrong PIN locks the token.
    pub final_try: bool,
    /// The PIN is locked.
    pub locked: bool,
    /// The PIN is typed at the token's own pad or in the driver's dialog: log in without one.
    pub protected_authentication_path: bool,
    /// A user PIN was set.
    pub pin_initialised: bool,
    /// The PIN must be changed before use.
    pub to_be_changed: bool,
}

/// A certificate object on a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCertificate {
    /// `CKA_ID`, the name it shares with its key.
    #[serde(with = "crate::wire::hex")]
    pub id: Vec<u8>,
    /// The certificate as stored.
    #[serde(with = "crate::wire::hex")]
    pub der: Vec<u8>,
    /// `CKA_LABEL`.
    pub label: String,
    /// Whether its key is on the token. Many tokens hide private keys before login: then not known.
    pub has_key: Option<bool>,
}

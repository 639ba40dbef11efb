//! An office on this computer: a folder with `office.json`, the records and what was fetched.

use crate::{
    clock,
    error::{Code, Error, Result},
    message::Language,
    trust::Trust,
};
use antin_exchange::{AccessToken, Client, Settings};
use antin_store::Store;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, atomic::AtomicBool},
};

/// `office.json`. Relative paths are relative to the office's folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeConfig {
    /// The agency that this office is.
    pub agency: AgencyConfig,
    /// The province's document system.
    pub server: ServerConfig,
    /// Who signs here.
    pub signers: Vec<SignerConfig>,
    /// Files with trust anchors (PEM or DER), beside the bundled ones of the Government Cipher Committee.
    #[serde(default)]
    pub trust: Vec<PathBuf>,
    /// Files with trust anchors that are only for trying things out: every report says so.
    #[serde(default)]
    pub demo_trust: Vec<PathBuf>,
    /// Files with intermediate certificates.
    #[serde(default)]
    pub intermediates: Vec<PathBuf>,
    /// Time-stamp authorities, tried in turn.
    #[serde(default)]
    pub tsa: Vec<String>,
    /// Hosts that evidence may be fetched from although they are not public (the demo's loopback).
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// The day letters are issued under, instead of today: the demo's office lives on its sample letter's day.
    #[serde(default, with = "iso_date", skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<time::Date>,
    /// The language the desk opens in.
    #[serde(default)]
    pub language: Language,
}

impl OfficeConfig {
    /// Reads `office.json` of a folder.
    ///
    /// # Errors
    /// [`Code::OfficeMissing`].
    pub fn read(folder: &Path) -> Result<OfficeConfig> {
        let missing = |e: Box<dyn std::error::Error + Send + Sync>| {
            Error::caused(Code::OfficeMissing, e).with("folder", folder.display())
        };
        let text = fs::read_to_string(folder.join("office.json")).map_err(|e| missing(e.into()))?;
        serde_json::from_str(&text).map_err(|e| missing(e.into()))
    }
}

/// The agency as the province's directory knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyConfig {
    /// Its code in the directory.
    pub id: String,
    /// Its full name.
    pub name: String,
}

/// Where the province's system is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Base address, without `/v1`.
    pub url: String,
    /// File that holds the bearer credential.
    pub credential: PathBuf,
    /// Who signs receipts, for people.
    pub receipt_issuer: String,
    /// The keys that sign receipts: SHA-256 over each SubjectPublicKeyInfo, hexadecimal. Those of the trust bundle count
    /// too; a receipt signed by any other is not believed, whatever name it bears.
    #[serde(default)]
    pub receipt_keys: Vec<String>,
}

/// What a person may do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Signs letters: *ký duyệt*.
    Leader,
    /// Numbers, seals and dispatches them: *văn thư*.
    Clerk,
}

impl Role {
    /// The role's name in `office.json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Leader => "leader",
            Role::Clerk => "clerk",
        }
    }
}

/// A person, the token and the picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerConfig {
    /// What the person does here.
    pub role: Role,
    /// Full name.
    pub name: String,
    /// Position, e.g. *Phó Chủ tịch*.
    pub title: String,
    /// The PKCS#11 module.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The signature's or the seal's picture (PNG with alpha).
    pub image: PathBuf,
    /// Sign RSASSA-PSS with an RSA key that could do both. A key that its certificate keeps for PSS needs no word.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rsa_pss: bool,
}

/// An open office.
pub struct Office {
    folder: PathBuf,
    config: OfficeConfig,
    store: Store,
    trust: Trust,
    helper: PathBuf,
    pages: OnceLock<antin_page::Host>,
    /// One act at a time with a token: two PIN dialogs must never race.
    pub(crate) act: Mutex<()>,
    /// Whether the province answered the last time: what waits is hurried when it comes back, not each time it answers.
    pub(crate) in_touch: AtomicBool,
}

impl Office {
    /// Opens the office in `folder`.
    ///
    /// # Errors
    /// [`Code::OfficeMissing`], [`Code::StoreUnusable`], [`Code::DiskFull`], [`Code::FileUnreadable`].
    pub fn open(folder: &Path) -> Result<Office> {
        let config = OfficeConfig::read(folder)?;
        let store = Store::open(folder).map_err(crate::letter::store_error)?;
        let trust = Trust::of_office(folder, &config)?;
        let helper = crate::helper::program().map_err(Error::unknown)?;
        Ok(Office {
            folder: folder.to_path_buf(),
            config,
            store,
            trust,
            helper,
            pages: OnceLock::new(),
            act: Mutex::new(()),
            in_touch: AtomicBool::new(false),
        })
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its `office.json`.
    #[must_use]
    pub fn config(&self) -> &OfficeConfig {
        &self.config
    }

    /// Its records.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whom it trusts and what it has fetched about certificates.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The program that helpers are started from.
    #[must_use]
    pub fn helper(&self) -> &Path {
        &self.helper
    }

    /// Starts helpers from another program than this one; a test's own program has none.
    pub fn set_helper(&mut self, program: PathBuf) {
        self.pages = OnceLock::new();
        self.helper = program;
    }

    /// The helper that draws pages and reads their text, started when it is first needed.
    ///
    /// # Errors
    /// [`Code::PageHelperFailed`].
    pub fn pages(&self) -> Result<&antin_page::Host> {
        if let Some(host) = self.pages.get() {
            return Ok(host);
        }
        let host = antin_page::Host::spawn(&self.helper).map_err(crate::letter::page_error)?;
        Ok(self.pages.get_or_init(|| host))
    }

    /// Whoever holds `role`.
    ///
    /// # Errors
    /// [`Code::SignerUnknown`].
    pub fn signer(&self, role: Role) -> Result<&SignerConfig> {
        let found = self.config.signers.iter().find(|s| s.role == role);
        found.ok_or_else(|| Error::new(Code::SignerUnknown).with("role", role.name()))
    }

    /// A path of `office.json` made absolute.
    #[must_use]
    pub fn path(&self, relative: &Path) -> PathBuf {
        self.folder.join(relative)
    }

    /// The client of the province's system.
    ///
    /// # Errors
    /// [`Code::FileUnreadable`] when the credential's file is not there.
    pub fn province(&self) -> Result<Client> {
        let path = self.path(&self.config.server.credential);
        let credential =
            fs::read_to_string(&path).map_err(|e| crate::replace::unreadable(&path, e))?;
        let settings = Settings {
            address: self.config.server.url.clone(),
            access_token: AccessToken::new(&credential).map_err(Error::unknown)?,
            allow_plain_http: false,
            roots: Vec::new(),
        };
        Client::new(&settings).map_err(Error::unknown)
    }

    /// The picture of a signer.
    ///
    /// # Errors
    /// [`Code::ImageUnusable`].
    pub fn image(&self, signer: &SignerConfig) -> Result<Vec<u8>> {
        let path = self.path(&signer.image);
        fs::read(&path)
            .map_err(|e| Error::caused(Code::ImageUnusable, e).with("file", path.display()))
    }

    /// Today in Việt Nam, as the letter's date.
    #[must_use]
    pub fn today(&self) -> time::Date {
        clock::now().date()
    }
}

/// A date as `2014-12-26`.
mod iso_date {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use time::{Date, macros::format_description};

    pub(super) fn serialize<S: Serializer>(
        date: &Option<Date>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => serializer.collect_str(date),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Date>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        let parse = |text: String| Date::parse(&text, format_description!("[year]-[month]-[day]"));
        text.map(parse).transpose().map_err(D::Error::custom)
    }
}

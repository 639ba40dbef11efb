//! The configuration: who takes part, with which credential, and where the numbers stand.

use std::{collections::BTreeSet, fs, path::Path};

use antin_records::{Agency, AgencyId, DocumentType, Sha256Digest};
use serde::{Deserialize, Serialize};

use crate::Error;

/// `agencies.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Who issues receipts: the agency that runs this server.
    pub issuer: AgencyId,
    /// Who takes part.
    pub agencies: Vec<AgencyEntry>,
    /// Series that do not begin at 1, such as those kept on paper before.
    #[serde(default)]
    pub series: Vec<SeriesEntry>,
}

/// An agency that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgencyEntry {
    /// Its place in the directory.
    #[serde(flatten)]
    pub agency: Agency,
    /// Digest of its credential. The credential itself is not kept here.
    pub access_token_sha256: Sha256Digest,
}

/// Where a series of numbers stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesEntry {
    /// Whose series.
    pub agency: AgencyId,
    /// Of which type.
    pub document_type: DocumentType,
    /// Of normative documents or of the others.
    #[serde(default)]
    pub normative: bool,
    /// Of which year.
    pub year: i32,
    /// The last number given so far.
    pub last: u32,
}

impl AgencyEntry {
    /// An agency with its credential, which is digested here.
    pub fn new(agency: Agency, access_token: &str) -> Self {
        Self {
            agency,
            access_token_sha256: Sha256Digest::of(access_token.as_bytes()),
        }
    }
}

impl Config {
    /// Reads and checks a configuration.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        let config: Self = serde_json::from_slice(&bytes).map_err(|source| Error::Config {
            path: path.to_owned(),
            source,
        })?;
        config.check()?;
        Ok(config)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut codes = BTreeSet::new();
        let mut credentials = BTreeSet::new();
        for entry in &self.agencies {
            for code in std::iter::once(&entry.agency.id).chain(&entry.agency.other_id) {
                if !codes.insert(code) {
                    return Err(Error::Repeated(code.to_string()));
                }
            }
            if !credentials.insert(entry.access_token_sha256) {
                return Err(Error::Repeated(format!(
                    "the credential of {}",
                    entry.agency.id
                )));
            }
        }
        Ok(())
    }

    /// The agency a code means, in either form.
    pub(crate) fn find(&self, id: &AgencyId) -> Option<&Agency> {
        self.agencies
            .iter()
            .map(|entry| &entry.agency)
            .find(|agency| agency.is_called(id))
    }

    /// The agency a credential belongs to. Digests are compared, so the time it takes says nothing about a credential.
    pub(crate) fn authenticate(&self, access_token: &str) -> Option<&Agency> {
        let digest = Sha256Digest::of(access_token.as_bytes());
        self.agencies
            .iter()
            .find(|entry| entry.access_token_sha256 == digest)
            .map(|entry| &entry.agency)
    }
}

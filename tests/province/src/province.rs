//! The province as a value: what it is made of, and what every operation shares.

use std::{fs, path::PathBuf, sync::Mutex};

use antin_pkix::TrustStore;
use antin_records::{Agency, contract::AgencyList};
use time::OffsetDateTime;

use crate::{Config, Error, ReceiptSigner, database::Database};

/// Tells the time. Only the program's own `main` and tests know where it comes from.
pub type Clock = Box<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// What a province is made of.
pub struct Settings {
    /// Where it keeps what it holds.
    pub dir: PathBuf,
    /// Who takes part.
    pub config: Config,
    /// What signs receipts.
    pub signer: ReceiptSigner,
    /// Under which authorities letters must be signed.
    pub trust: TrustStore,
    /// What tells the time.
    pub clock: Clock,
}

/// The provincial document system without its transport. Every operation blocks and is complete when it returns.
pub struct Province {
    pub(crate) dir: PathBuf,
    pub(crate) config: Config,
    pub(crate) signer: ReceiptSigner,
    pub(crate) trust: TrustStore,
    pub(crate) database: Database,
    /// Held while a part is appended, so that an old request that is still alive cannot interleave with a new one.
    pub(crate) appending: Mutex<()>,
    clock: Clock,
}

impl Province {
    /// Opens what is in the folder, making it where there is nothing.
    pub fn open(settings: Settings) -> Result<Self, Error> {
        settings.config.check()?;
        for folder in ["parts", "contents"] {
            let folder = settings.dir.join(folder);
            fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        }
        let database = Database::open(&settings.dir.join("province.db"), &settings.config)?;
        Ok(Self {
            dir: settings.dir,
            config: settings.config,
            signer: settings.signer,
            trust: settings.trust,
            database,
            appending: Mutex::new(()),
            clock: settings.clock,
        })
    }

    /// The directory.
    pub(crate) fn agencies(&self) -> AgencyList {
        AgencyList {
            agencies: self
                .config
                .agencies
                .iter()
                .map(|entry| entry.agency.clone())
                .collect(),
        }
    }

    /// The agency a credential belongs to.
    pub(crate) fn authenticate(&self, access_token: &str) -> Option<Agency> {
        self.config.authenticate(access_token).cloned()
    }

    /// The time, in whole milliseconds, as documents carry it.
    pub(crate) fn now(&self) -> OffsetDateTime {
        let now = (self.clock)();
        now.replace_millisecond(now.millisecond())
            .unwrap_or(now)
            .to_offset(time::UtcOffset::UTC)
    }
}

//! PKCS#11 tokens that fail as a script says: `antin-fault-module`, kept in a folder of its own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

pub use antin_fault_module::{Action, Fault, Object, Script, Stored, Token};
use antin_fault_module::{JOURNAL, SCRIPT, tries_left, unplugged};

use crate::Error;
use crate::pki::Credential;

/// How often, and how many times, the module is looked for before it counts as not built.
const GLANCE: Duration = Duration::from_millis(100);
const LOOKS: u32 = 100;

/// Tokens described by a script, and what became of them.
#[derive(Debug, Clone)]
pub struct FaultModule {
    dir: PathBuf,
    module: PathBuf,
}

impl FaultModule {
    /// Lays out tokens anew in a folder.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] where the module was not built, [`Error::File`].
    pub fn create(dir: &Path, script: &Script) -> Result<Self, Error> {
        let dir = std::path::absolute(dir).map_err(Error::file(dir))?;
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).map_err(Error::file(&dir))?;
        let faulty = Self {
            dir,
            module: built()?,
        };
        faulty.rewrite(script)?;
        Ok(faulty)
    }

    /// Replaces the script; what the tokens keep stays. Processes at work follow it from their next call on.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn rewrite(&self, script: &Script) -> Result<(), Error> {
        let path = self.dir.join("script.json");
        let beside = self.dir.join("script.new");
        let text = serde_json::to_vec(script)
            .map_err(|error| Error::file(&path)(std::io::Error::other(error)))?;
        fs::write(&beside, text).map_err(Error::file(&beside))?;
        fs::rename(&beside, &path).map_err(Error::file(&path))
    }

    /// The PKCS#11 module.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// The environment in which the module finds its script.
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        vec![(SCRIPT.into(), self.dir.join("script.json").into())]
    }

    /// Pulls a token out, for all processes.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn unplug(&self, serial: &str) -> Result<(), Error> {
        let path = self.dir.join(unplugged(serial));
        fs::write(&path, "").map_err(Error::file(&path))
    }

    /// Plugs it in again.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn plug(&self, serial: &str) -> Result<(), Error> {
        let path = self.dir.join(unplugged(serial));
        fs::remove_file(&path).map_err(Error::file(&path))
    }

    /// The tries a token has left; `None` as long as nobody tried.
    pub fn tries_left(&self, serial: &str) -> Option<u32> {
        fs::read_to_string(self.dir.join(tries_left(serial)))
            .ok()?
            .parse()
            .ok()
    }

    /// Sets the tries a token has left, as if somebody had mistyped.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn leave_tries(&self, serial: &str, tries: u32) -> Result<(), Error> {
        let path = self.dir.join(tries_left(serial));
        fs::write(&path, tries.to_string()).map_err(Error::file(&path))
    }

    /// The calls that carried a PIN or a signature, in their order.
    pub fn journal(&self) -> Vec<String> {
        let text = fs::read_to_string(self.dir.join(JOURNAL)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// How often a PIN was shown to any of the tokens.
    pub fn pins_shown(&self) -> usize {
        let shows = |line: &&String| line.starts_with("C_Login") || line.starts_with("C_SetPIN");
        self.journal().iter().filter(shows).count()
    }
}

/// A certificate with its key, as on a sound token.
pub fn object(id: &[u8], credential: &Credential) -> Object {
    Object {
        id: id.to_vec(),
        label: b"Ch\xe1\xbb\xa9ng th\xc6\xb0".to_vec(),
        certificate: Some(Stored::sound(credential.der())),
        key: Some(credential.key().path().to_path_buf()),
        always_authenticate: false,
        public: false,
    }
}

/// The module lies beside the test's own executable, or in `deps` beside a program: cargo builds it before anything
/// that depends on this crate.
fn built() -> Result<PathBuf, Error> {
    let name = format!(
        "{}antin_fault_module{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let own = std::env::current_exe()?;
    let beside = own.parent().unwrap_or(Path::new("."));
    let places = [beside.join(&name), beside.join("deps").join(&name)];
    // Another cargo at work in the same folder takes it away for the moment in which it links it anew.
    for _ in 0..LOOKS {
        if let Some(path) = places.iter().find(|path| path.is_file()) {
            return Ok(path.clone());
        }
        thread::sleep(GLANCE);
    }
    Err(Error::NotInstalled {
        program: format!("{name} (cargo build -p antin-fault-module)"),
    })
}

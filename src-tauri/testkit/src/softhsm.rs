//! SoftHSM as the office's tokens: real PKCS#11, kept in a folder of its own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use antin_token::find_modules;

use crate::Error;
use crate::pki::{Credential, hex};
use crate::process::run;

/// The name of the variable by which SoftHSM finds its configuration.
const CONFIGURATION: &str = "SOFTHSM2_CONF";

/// A SoftHSM with its own configuration and tokens; nothing of the user's own is touched.
#[derive(Debug, Clone)]
pub struct SoftHsm {
    configuration: PathBuf,
    module: PathBuf,
}

impl SoftHsm {
    /// Prepares a folder for tokens, or takes up one that holds some.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], [`Error::File`].
    pub fn create(dir: &Path) -> Result<Self, Error> {
        let module = find_modules()
            .into_iter()
            .find(|module| module.name == "SoftHSM")
            .ok_or_else(|| Error::NotInstalled {
                program: "SoftHSM (apt package softhsm2)".into(),
            })?;
        let dir = std::path::absolute(dir).map_err(Error::file(dir))?;
        let tokens = dir.join("tokens");
        fs::create_dir_all(&tokens).map_err(Error::file(&tokens))?;
        let configuration = dir.join("softhsm2.conf");
        let lines = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
            tokens.display()
        );
        fs::write(&configuration, lines).map_err(Error::file(&configuration))?;
        Ok(Self {
            configuration,
            module: module.path,
        })
    }

    /// The PKCS#11 module.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// The environment in which the module finds these tokens.
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        vec![(CONFIGURATION.into(), self.configuration.clone().into())]
    }

    /// Sets up a token. One that is only set up holds no certificate.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], [`Error::Tool`].
    pub fn init_token(&self, label: &str, so_pin: &str, pin: &str) -> Result<(), Error> {
        self.util(&[
            "--init-token",
            "--free",
            "--label",
            label,
            "--so-pin",
            so_pin,
            "--pin",
            pin,
        ])
    }

    /// Puts a key and its certificate on a token, under one `CKA_ID`.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], [`Error::Tool`].
    pub fn import(
        &self,
        token: &str,
        pin: &str,
        credential: &Credential,
        id: &[u8],
    ) -> Result<(), Error> {
        self.import_key(token, pin, credential, id)?;
        self.import_certificate(token, pin, credential, id)
    }

    /// Puts only the key on a token.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], [`Error::Tool`].
    pub fn import_key(
        &self,
        token: &str,
        pin: &str,
        credential: &Credential,
        id: &[u8],
    ) -> Result<(), Error> {
        let key = credential.key().path().to_string_lossy();
        self.util(&[
            "--import",
            &key,
            "--token",
            token,
            "--label",
            token,
            "--id",
            &hex(id),
            "--pin",
            pin,
        ])
    }

    /// Puts only the certificate on a token.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], [`Error::Tool`].
    pub fn import_certificate(
        &self,
        token: &str,
        pin: &str,
        credential: &Credential,
        id: &[u8],
    ) -> Result<(), Error> {
        let mut command = Command::new("pkcs11-tool");
        command
            .envs(self.env())
            .arg("--module")
            .arg(&self.module)
            .args([
                "--token-label",
                token,
                "--login",
                "--pin",
                pin,
                "--type",
                "cert",
                "--label",
                token,
            ])
            .args(["--id", &hex(id), "--write-object"])
            .arg(credential.path());
        run(&mut command).map(drop)
    }

    /// Removes a token: for everyone who looks, it is pulled out.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], [`Error::Tool`].
    pub fn delete_token(&self, label: &str) -> Result<(), Error> {
        self.util(&["--delete-token", "--token", label])
    }

    fn util(&self, arguments: &[&str]) -> Result<(), Error> {
        run(Command::new("softhsm2-util")
            .envs(self.env())
            .args(arguments))
        .map(drop)
    }
}

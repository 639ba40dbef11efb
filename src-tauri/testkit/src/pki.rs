//! A look-alike of the Government Cipher Committee's PKI: root, sub-CA, and the certificates an office meets.
//!
//! Everything lies in one folder: `<stem>.crt` (DER), `<stem>_demo_only.pem` (the key), `root.crl`, `sub.crl`,
//! `chain.pem` and `pki.json`. Names say "(DEMO)" and keys say "demo_only": none of it is to be taken for the real one.

mod certificate;
mod crl;
mod role;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use const_oid::db::rfc5280::{
    ID_KP_CLIENT_AUTH, ID_KP_EMAIL_PROTECTION, ID_KP_OCSP_SIGNING, ID_KP_TIME_STAMPING,
};
use der::{Decode, Encode, EncodePem, pem::LineEnding};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use x509_cert::Certificate;

use crate::Error;
use crate::key::{Key, KeyKind};
pub(crate) use certificate::since_epoch;
use certificate::{Issuer, Request, Usage};
pub use role::{Profile, Role, Subject};

/// A certificate with its key, both in files.
#[derive(Debug)]
pub struct Credential {
    key: Key,
    path: PathBuf,
    certificate: Certificate,
    der: Vec<u8>,
}

impl Credential {
    fn open(dir: &Path, stem: &str) -> Result<Self, Error> {
        let path = dir.join(format!("{stem}.crt"));
        let der = fs::read(&path).map_err(Error::file(&path))?;
        let key = Key::open(&dir.join(format!("{stem}_demo_only.pem")))?;
        Ok(Self {
            key,
            path,
            certificate: Certificate::from_der(&der)?,
            der,
        })
    }

    fn keep(dir: &Path, stem: &str, key: Key, certificate: Certificate) -> Result<Self, Error> {
        let path = dir.join(format!("{stem}.crt"));
        let der = certificate.to_der()?;
        fs::write(&path, &der).map_err(Error::file(&path))?;
        Ok(Self {
            key,
            path,
            certificate,
            der,
        })
    }

    /// The private key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The certificate's file (DER).
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The certificate's bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate, decoded.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn issuer(&self) -> Issuer<'_> {
        Issuer {
            key: &self.key,
            certificate: &self.certificate,
        }
    }
}

/// One of the two CAs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ca {
    /// The root.
    Root,
    /// The CA below it, which issues to offices.
    Sub,
}

/// The whole PKI, in a folder.
#[derive(Debug)]
pub struct Pki {
    dir: PathBuf,
    url: String,
    root: Credential,
    sub: Credential,
    leaves: Vec<(Role, Credential)>,
}

/// What the certificates do not say themselves.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    url: String,
    #[serde(with = "time::serde::rfc3339")]
    created: OffsetDateTime,
    revoked: Vec<Revoked>,
}

/// A revocation, effective at once in every CRL and OCSP answer made after it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Revoked {
    /// The serial number in hexadecimal.
    pub(crate) serial: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) at: OffsetDateTime,
}

const MANIFEST: &str = "pki.json";

impl Pki {
    /// Creates a new PKI in a folder, with all its URLs below `url` (where a [`crate::Responder`] will listen).
    ///
    /// # Errors
    /// [`Error::NotInstalled`] without OpenSSL, [`Error::File`], [`Error::Tool`].
    pub fn create(dir: &Path, url: &str, now: OffsetDateTime) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::file(dir))?;
        let mut keys = generate_all(dir)?.into_iter();
        let mut key = || {
            keys.next().ok_or_else(|| Error::NoPki {
                dir: dir.to_path_buf(),
            })
        };

        let (root_key, sub_key) = (key()?, key()?);
        let ca_validity = (now - years(5), now + years(20));
        let root = certificate::issue(
            &Request::ca(
                "RootCA chuyên dùng Chính phủ (DEMO)",
                &root_key,
                ca_validity,
            ),
            None,
        )?;
        let root = Credential::keep(dir, "root", root_key, root)?;
        let mut request = Request::ca(
            "CA phục vụ các cơ quan Nhà nước (DEMO)",
            &sub_key,
            ca_validity,
        );
        request.path_length = Some(0);
        request.published = Some((url, "root"));
        let sub = certificate::issue(&request, Some(root.issuer()))?;
        let sub = Credential::keep(dir, "sub", sub_key, sub)?;

        let mut pki = Self {
            dir: dir.to_path_buf(),
            url: url.to_owned(),
            root,
            sub,
            leaves: Vec::new(),
        };
        for role in Role::ALL {
            let validity = match role {
                Role::Expired => (now - years(4), now - Duration::days(1)),
                _ => (now - years(1), now + years(3)),
            };
            let leaf = pki.issue_for(
                role.stem(),
                &role.subject(),
                role.profile(),
                key()?,
                validity,
            )?;
            pki.leaves.push((role, leaf));
        }
        pki.write_manifest(&Manifest {
            url: url.to_owned(),
            created: now,
            revoked: Vec::new(),
        })?;
        pki.revoke(pki.leaf(Role::Revoked)?, now - Duration::days(30))?;
        pki.write_published(now)?;
        Ok(pki)
    }

    /// Opens the PKI that [`Pki::create`] left in a folder.
    ///
    /// # Errors
    /// [`Error::NoPki`], [`Error::File`], [`Error::Key`].
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let manifest = read_manifest(dir)?;
        let leaves: Result<_, Error> = Role::ALL
            .into_iter()
            .map(|role| Ok((role, Credential::open(dir, role.stem())?)))
            .collect();
        Ok(Self {
            dir: dir.to_path_buf(),
            url: manifest.url,
            root: Credential::open(dir, "root")?,
            sub: Credential::open(dir, "sub")?,
            leaves: leaves?,
        })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where its CRLs, CA certificates, OCSP and time-stamps are to be had.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where to ask for time-stamps.
    pub fn tsa_url(&self) -> String {
        format!("{}/tsa", self.url)
    }

    /// The root, which verifiers are to trust.
    pub fn root(&self) -> &Credential {
        &self.root
    }

    /// The CA below the root, which issued everything else.
    pub fn sub(&self) -> &Credential {
        &self.sub
    }

    /// Root and sub-CA in PEM, as OpenSSL wants them.
    pub fn chain_path(&self) -> PathBuf {
        self.dir.join("chain.pem")
    }

    /// The certificate of a role.
    ///
    /// # Errors
    /// [`Error::NoPki`] never occurs for a PKI made by [`Pki::create`] or [`Pki::open`].
    pub fn leaf(&self, role: Role) -> Result<&Credential, Error> {
        let found = self.leaves.iter().find(|(known, _)| *known == role);
        found.map(|(_, leaf)| leaf).ok_or_else(|| Error::NoPki {
            dir: self.dir.clone(),
        })
    }

    /// Issues one more certificate, with a new key, valid for four years around now.
    ///
    /// # Errors
    /// As [`Pki::create`].
    pub fn issue(
        &self,
        stem: &str,
        subject: &Subject<'_>,
        kind: KeyKind,
        now: OffsetDateTime,
    ) -> Result<Credential, Error> {
        let key = Key::generate(&self.dir, stem, kind)?;
        self.issue_for(
            stem,
            subject,
            Profile::Signer,
            key,
            (now - years(1), now + years(3)),
        )
    }

    fn issue_for(
        &self,
        stem: &str,
        subject: &Subject<'_>,
        profile: Profile,
        key: Key,
        validity: (OffsetDateTime, OffsetDateTime),
    ) -> Result<Credential, Error> {
        let usage = match profile {
            Profile::Signer => Usage::signer(&[ID_KP_CLIENT_AUTH, ID_KP_EMAIL_PROTECTION], false),
            Profile::TimeStamping => Usage::signer(&[ID_KP_TIME_STAMPING], true),
            Profile::OcspResponder => Usage::signer(&[ID_KP_OCSP_SIGNING], false),
        };
        let request = Request {
            subject: *subject,
            key: &key,
            validity,
            usage,
            path_length: None,
            no_check: profile == Profile::OcspResponder,
            published: Some((&self.url, "sub")),
        };
        let certificate = certificate::issue(&request, Some(self.sub.issuer()))?;
        Credential::keep(&self.dir, stem, key, certificate)
    }

    /// Revokes a certificate. Running responders on this folder know it at once.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn revoke(&self, credential: &Credential, at: OffsetDateTime) -> Result<(), Error> {
        let mut manifest = read_manifest(&self.dir)?;
        let serial = serial_hex(&credential.certificate);
        manifest.revoked.retain(|known| known.serial != serial);
        manifest.revoked.push(Revoked { serial, at });
        self.write_manifest(&manifest)
    }

    /// A fresh CRL, valid for seven days.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Der`].
    pub fn crl(&self, ca: Ca, now: OffsetDateTime) -> Result<Vec<u8>, Error> {
        match ca {
            Ca::Root => crl::sign(self.root.issuer(), &[], now),
            Ca::Sub => crl::sign(self.sub.issuer(), &self.revoked()?, now),
        }
    }

    /// What is revoked at this moment.
    pub(crate) fn revoked(&self) -> Result<Vec<Revoked>, Error> {
        Ok(read_manifest(&self.dir)?.revoked)
    }

    fn write_manifest(&self, manifest: &Manifest) -> Result<(), Error> {
        let path = self.dir.join(MANIFEST);
        let json = serde_json::to_vec_pretty(manifest).map_err(std::io::Error::from)?;
        fs::write(&path, json).map_err(Error::file(path))
    }

    /// The files for those who ask no server: CRLs and the chain in PEM.
    fn write_published(&self, now: OffsetDateTime) -> Result<(), Error> {
        let chain = self.root.certificate.to_pem(LineEnding::LF)?
            + &self.sub.certificate.to_pem(LineEnding::LF)?;
        let files = [
            (self.chain_path(), chain.into_bytes()),
            (self.dir.join("root.crl"), self.crl(Ca::Root, now)?),
            (self.dir.join("sub.crl"), self.crl(Ca::Sub, now)?),
        ];
        for (path, bytes) in files {
            fs::write(&path, bytes).map_err(Error::file(&path))?;
        }
        Ok(())
    }
}

/// Root's, sub's and every role's key. Each is an OpenSSL process of its own: as many at a time as there are cores.
fn generate_all(dir: &Path) -> Result<Vec<Key>, Error> {
    let stems: Vec<&str> = ["root", "sub"]
        .into_iter()
        .chain(Role::ALL.map(Role::stem))
        .collect();
    let width = thread::available_parallelism().map_or(1, usize::from);
    let mut keys = Vec::new();
    for batch in stems.chunks(width) {
        let made: Vec<Result<Key, Error>> = thread::scope(|scope| {
            let running: Vec<_> = batch
                .iter()
                .map(|stem| scope.spawn(move || Key::generate(dir, stem, KeyKind::Rsa2048)))
                .collect();
            let lost = || {
                Err(Error::NoPki {
                    dir: dir.to_path_buf(),
                })
            };
            running
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| lost()))
                .collect()
        });
        for key in made {
            keys.push(key?);
        }
    }
    Ok(keys)
}

fn read_manifest(dir: &Path) -> Result<Manifest, Error> {
    let none = || Error::NoPki {
        dir: dir.to_path_buf(),
    };
    let json = fs::read(dir.join(MANIFEST)).map_err(|_| none())?;
    serde_json::from_slice(&json).map_err(|_| none())
}

/// A certificate's serial number in hexadecimal.
pub(crate) fn serial_hex(certificate: &Certificate) -> String {
    hex(certificate.tbs_certificate.serial_number.as_bytes())
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn years(count: i64) -> Duration {
    Duration::days(365 * count)
}

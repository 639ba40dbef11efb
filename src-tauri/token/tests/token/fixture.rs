//! One SoftHSM with one token per situation, and helpers started on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use antin_testkit::key::KeyKind;
use antin_testkit::pki::{Credential, Subject};
use antin_testkit::process::run;
use antin_testkit::{Pki, SoftHsm};
use antin_token::{Host, Launch, UserPin};
use time::macros::datetime;

pub(crate) const PIN: &str = "12345678";
const SO_PIN: &str = "00000000";

/// The token with a key of each kind, and one certificate whose key is elsewhere.
pub(crate) const SIGNER: &str = "Phan Ngọc Thọ";
pub(crate) const RSA_2048: &[u8] = &[1];
pub(crate) const RSA_3072: &[u8] = &[2];
pub(crate) const P256: &[u8] = &[3];
pub(crate) const KEYLESS: &[u8] = &[4];
pub(crate) const RSA_4096: &[u8] = &[6];
pub(crate) const P384: &[u8] = &[7];
/// A key that wants the PIN for every signature.
pub(crate) const JEALOUS: &[u8] = &[5];
/// A token without certificate.
pub(crate) const EMPTY: &str = "Chưa có chứng thư";
/// A token for wrong PINs.
pub(crate) const MISTYPED: &str = "Gõ nhầm";
/// A token whose PIN is changed.
pub(crate) const CHANGED: &str = "Đổi PIN";

pub(crate) struct Fixture {
    pub(crate) dir: PathBuf,
    pub(crate) hsm: SoftHsm,
    pub(crate) rsa_2048: Credential,
    pub(crate) rsa_3072: Credential,
    pub(crate) rsa_4096: Credential,
    pub(crate) p256: Credential,
    pub(crate) p384: Credential,
    pub(crate) jealous: Credential,
    /// A library that is no PKCS#11 module.
    pub(crate) library: PathBuf,
}

pub(crate) static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::create);

impl Fixture {
    /// In cargo's own folder for tests, since what a static holds is never dropped.
    fn create() -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("token");
        let _ = fs::remove_dir_all(&dir);
        let now = datetime!(2026-11-24 08:00 UTC);
        let pki = Pki::create(&dir.join("pki"), "http://127.0.0.1:1", now).unwrap();
        let hsm = SoftHsm::create(&dir.join("hsm")).unwrap();
        for label in [SIGNER, EMPTY, MISTYPED, CHANGED] {
            hsm.init_token(label, SO_PIN, PIN).unwrap();
        }
        let issue = |stem, kind| {
            let subject = Subject {
                name: stem,
                organization: None,
                unit: None,
                locality: None,
            };
            pki.issue(stem, &subject, kind, now).unwrap()
        };
        let rsa_2048 = issue("rsa2048", KeyKind::Rsa2048);
        let rsa_3072 = issue("rsa3072", KeyKind::Rsa3072);
        let rsa_4096 = issue("rsa4096", KeyKind::Rsa4096);
        let p256 = issue("p256", KeyKind::P256);
        let p384 = issue("p384", KeyKind::P384);
        for (credential, id) in [
            (&rsa_2048, RSA_2048),
            (&rsa_3072, RSA_3072),
            (&rsa_4096, RSA_4096),
            (&p256, P256),
            (&p384, P384),
        ] {
            hsm.import(SIGNER, PIN, credential, id).unwrap();
        }
        hsm.import_certificate(SIGNER, PIN, &issue("keyless", KeyKind::P256), KEYLESS)
            .unwrap();
        let jealous = issue("jealous", KeyKind::Rsa2048);
        hsm.import_certificate(SIGNER, PIN, &jealous, JEALOUS)
            .unwrap();
        import_jealously(&hsm, &jealous);
        let library = compile(&dir);
        Self {
            dir,
            hsm,
            rsa_2048,
            rsa_3072,
            rsa_4096,
            p256,
            p384,
            jealous,
            library,
        }
    }

    /// A helper on SoftHSM, with copies of the tokens for itself: SoftHSM loses sight of a token while another process
    /// writes its flags.
    pub(crate) fn host(&self) -> Host {
        static COPIES: AtomicUsize = AtomicUsize::new(0);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        let dir = self.dir.join(format!("copy-{number}"));
        let copy = SoftHsm::create(&dir).unwrap();
        for token in fs::read_dir(self.dir.join("hsm/tokens")).unwrap() {
            let token = token.unwrap();
            let beside = dir.join("tokens").join(token.file_name());
            fs::create_dir_all(&beside).unwrap();
            for file in fs::read_dir(token.path()).unwrap() {
                let file = file.unwrap();
                fs::copy(file.path(), beside.join(file.file_name())).unwrap();
            }
        }
        let launch = Launch {
            environment: copy.env(),
            ..self.launch(copy.module())
        };
        Host::launch(launch).unwrap()
    }

    pub(crate) fn launch(&self, module: &Path) -> Launch {
        let program = Path::new(env!("CARGO_BIN_EXE_antin-token-host"));
        Launch::new(program, module)
    }
}

pub(crate) fn pin(text: &str) -> Option<UserPin> {
    Some(UserPin::new(text.into()))
}

/// Imports a key with `CKA_ALWAYS_AUTHENTICATE`, which softhsm2-util cannot set.
fn import_jealously(hsm: &SoftHsm, credential: &Credential) {
    let der = credential.key().path().with_extension("der");
    let pem = credential.key().path();
    run(Command::new("openssl")
        .args(["pkey", "-outform", "DER", "-in"])
        .arg(pem)
        .arg("-out")
        .arg(&der))
    .unwrap();
    let mut tool = Command::new("pkcs11-tool");
    tool.envs(hsm.env()).arg("--module").arg(hsm.module());
    tool.args([
        "--token-label",
        SIGNER,
        "--login",
        "--pin",
        PIN,
        "--type",
        "privkey",
        "--id",
        "05",
    ]);
    run(tool
        .args(["--always-auth", "--usage-sign", "--write-object"])
        .arg(&der))
    .unwrap();
}

/// A sound library for this machine that is no PKCS#11 module.
fn compile(dir: &Path) -> PathBuf {
    let library = dir.join("library.so");
    run(Command::new("cc")
        .args(["-shared", "-x", "c", "/dev/null", "-o"])
        .arg(&library))
    .unwrap();
    library
}

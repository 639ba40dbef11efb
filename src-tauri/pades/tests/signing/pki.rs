//! A throw-away authority made with the `openssl` command: root, subordinate, three signers, a time-stamping authority.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use antin_cades::KeyAlgorithm;
use antin_pades::Prepared;
use antin_pkix::Certificate;

const EXTENSIONS: &str = "
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature,nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa_policy]
signer_digest = sha256
digests = sha256
default_policy = 1.2.3.4
ess_cert_id_alg = sha256
serial = tsa.serial
";

pub(crate) struct Pki {
    dir: tempfile::TempDir,
}

/// A key with its certificate.
pub(crate) struct Signer {
    key: PathBuf,
    pub(crate) certificate: Vec<u8>,
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) algorithm: KeyAlgorithm,
}

impl Signer {
    /// RSA-2048, and always the same key.
    pub(crate) fn fixed() -> Self {
        let golden = workspace().join("src-tauri/pades/tests/signing/golden");
        Self {
            key: golden.join("key.pem"),
            certificate: std::fs::read(golden.join("certificate.der")).unwrap(),
            chain: Vec::new(),
            algorithm: KeyAlgorithm::Rsa,
        }
    }
}

impl Pki {
    /// The authority, in a folder of this test's own. Making keys takes most of a test's time, so all share them.
    pub(crate) fn make() -> Self {
        static FILES: OnceLock<Vec<(OsString, Vec<u8>)>> = OnceLock::new();
        let files = FILES.get_or_init(|| {
            let made = Self::generate();
            let files = std::fs::read_dir(made.dir.path()).unwrap();
            files
                .map(|file| file.unwrap())
                .map(|file| (file.file_name(), std::fs::read(file.path()).unwrap()))
                .collect()
        });
        let pki = Self::empty();
        for (name, bytes) in files {
            std::fs::write(pki.dir.path().join(name), bytes).unwrap();
        }
        pki
    }

    fn generate() -> Self {
        let pki = Self::empty();
        std::fs::write(pki.path("ext.cnf"), EXTENSIONS).unwrap();
        std::fs::write(pki.path("tsa.serial"), "01\n").unwrap();
        let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
        let p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
        pki.issue(
            "root",
            &rsa,
            "/C=VN/O=Thử nghiệm/CN=Gốc thử nghiệm",
            "ca",
            None,
        );
        pki.issue(
            "sub",
            &rsa,
            "/C=VN/O=Thử nghiệm/CN=CA thử nghiệm",
            "ca",
            Some("root"),
        );
        pki.issue(
            "leader",
            &rsa,
            "/C=VN/O=UBND tỉnh Thừa Thiên Huế/CN=Phan Ngọc Thọ",
            "leaf",
            Some("sub"),
        );
        pki.issue(
            "seal",
            &rsa,
            "/C=VN/O=UBND tỉnh/CN=Ủy ban nhân dân tỉnh Thừa Thiên Huế",
            "leaf",
            Some("sub"),
        );
        pki.issue(
            "curve",
            &p256,
            "/C=VN/O=UBND tỉnh/CN=Chữ ký P-256",
            "leaf",
            Some("sub"),
        );
        pki.issue(
            "tsa",
            &rsa,
            "/C=VN/O=Thử nghiệm/CN=TSA thử nghiệm",
            "tsa",
            Some("sub"),
        );
        pki
    }

    /// A folder without an authority.
    pub(crate) fn empty() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn issue(&self, name: &str, key: &[&str], subject: &str, section: &str, issuer: Option<&str>) {
        let file = |end: &str| format!("{name}.{end}");
        self.openssl(&[&["genpkey"], key, &["-out", &file("key")]].concat());
        let subject = [
            "req",
            "-new",
            "-utf8",
            "-subj",
            subject,
            "-key",
            &file("key"),
            "-out",
            &file("csr"),
        ];
        self.openssl(&subject);
        let mut sign = vec![
            "x509",
            "-req",
            "-days",
            "3650",
            "-sha256",
            "-extfile",
            "ext.cnf",
            "-extensions",
            section,
        ];
        let (csr, pem) = (file("csr"), file("pem"));
        sign.extend(["-in", &csr, "-out", &pem]);
        let own = file("key");
        let (ca, ca_key) = issuer.map_or_else(Default::default, |ca| {
            (format!("{ca}.pem"), format!("{ca}.key"))
        });
        match issuer {
            None => sign.extend(["-signkey", &own]),
            Some(_) => sign.extend(["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial"]),
        }
        self.openssl(&sign);
        self.openssl(&["x509", "-in", &pem, "-outform", "DER", "-out", &file("der")]);
    }

    fn openssl(&self, args: &[&str]) {
        run(Command::new("openssl")
            .args(args)
            .current_dir(self.dir.path()));
    }

    pub(crate) fn signer(&self, name: &str) -> Signer {
        let der = |name: &str| std::fs::read(self.path(&format!("{name}.der"))).unwrap();
        // An office may want PSS of a key that could do both; a certificate may want it of a key that can do nothing else.
        let algorithm = match name {
            "pss" => KeyAlgorithm::RsaPss,
            _ => KeyAlgorithm::of(&Certificate::from_der(&der(name)).unwrap()).unwrap(),
        };
        Signer {
            key: self.path(&format!("{name}.key")),
            algorithm,
            certificate: der(name),
            chain: vec![der("sub")],
        }
    }

    /// Signers of the other kinds of keys, beside "leader" (RSA-2048) and "curve" (P-256).
    pub(crate) fn more_keys(&self) {
        let rsa = |bits: &str| format!("rsa_keygen_bits:{bits}");
        for (name, algorithm, option) in [
            ("rsa3072", "RSA", rsa("3072").as_str()),
            ("rsa4096", "RSA", rsa("4096").as_str()),
            ("pss", "RSA", rsa("2048").as_str()),
            ("pss-only", "RSA-PSS", rsa("2048").as_str()),
            ("p384", "EC", "ec_paramgen_curve:P-384"),
        ] {
            let key = ["-algorithm", algorithm, "-pkeyopt", option];
            let subject = format!("/C=VN/O=UBND tỉnh/CN=Chữ ký {name}");
            self.issue(name, &key, &subject, "leaf", Some("sub"));
        }
    }

    /// Signs as a token would: it sees only the bytes to be signed.
    pub(crate) fn sign(&self, signer: &Signer, prepared: &Prepared) -> Vec<u8> {
        std::fs::write(self.path("tbs"), prepared.to_be_signed()).unwrap();
        let key = signer.key.to_str().unwrap();
        let mut args = vec!["dgst", "-sha256", "-sign", key];
        if signer.algorithm == KeyAlgorithm::RsaPss {
            args.extend(["-sigopt", "rsa_padding_mode:pss"]);
            args.extend(["-sigopt", "rsa_pss_saltlen:digest"]);
        }
        args.extend(["-out", "signature", "tbs"]);
        self.openssl(&args);
        std::fs::read(self.path("signature")).unwrap()
    }

    /// A time-stamp token over a signature value.
    pub(crate) fn timestamp(&self, signature: &[u8]) -> Vec<u8> {
        use sha2::Digest as _;
        self.timestamp_over(&sha2::Sha256::digest(signature).into())
    }

    /// The empty revocation list of an authority.
    pub(crate) fn crl(&self, ca: &str) -> Vec<u8> {
        let config = "[ca]\ndefault_ca = here\n[here]\ndatabase = index.txt\ncrlnumber = crlnumber\n\
                      default_md = sha256\ndefault_crl_days = 30\ncrl_extensions = kept\n\
                      [kept]\nauthorityKeyIdentifier = keyid\n";
        std::fs::write(self.path("crl.cnf"), config).unwrap();
        std::fs::write(self.path("index.txt"), "").unwrap();
        std::fs::write(self.path("crlnumber"), "01\n").unwrap();
        let file = |end: &str| format!("{ca}.{end}");
        let (key, pem, crl) = (file("key"), file("pem"), file("crl"));
        self.openssl(&[
            "ca", "-gencrl", "-config", "crl.cnf", "-keyfile", &key, "-cert", &pem, "-out", &crl,
        ]);
        let der = file("crl.der");
        self.openssl(&["crl", "-in", &crl, "-outform", "DER", "-out", &der]);
        std::fs::read(self.path(&der)).unwrap()
    }

    /// Another program's certification.
    pub(crate) fn certify_with_pyhanko(&self, source: &Path, target: &Path, level: u8) {
        let script = "
import sys
from pyhanko.sign import signers, fields
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
key, cert, chain, source, target, level = sys.argv[1:]
signer = signers.SimpleSigner.load(key, cert, ca_chain_files=(chain,))
meta = signers.PdfSignatureMetadata(field_name='Certified', certify=True, docmdp_permissions=fields.MDPPerm(int(level)))
with open(source, 'rb') as data, open(target, 'wb') as out:
    signers.sign_pdf(IncrementalPdfFileWriter(data), meta, signer=signer, output=out)
";
        let mut command = Command::new(crate::judges::python());
        command.args(["-c", script]);
        command.args(["leader.key", "leader.pem", "sub.pem"].map(|name| self.path(name)));
        run(command.arg(source).arg(target).arg(level.to_string()));
    }

    /// A time-stamp token over bytes with this digest.
    pub(crate) fn timestamp_over(&self, digest: &[u8; 32]) -> Vec<u8> {
        let nonce = 0x0102_0304_0506_0708;
        std::fs::write(
            self.path("tsq"),
            antin_cades::timestamp_request_over(digest, nonce),
        )
        .unwrap();
        self.openssl(&[
            "ts",
            "-reply",
            "-config",
            "ext.cnf",
            "-section",
            "tsa_policy",
            "-queryfile",
            "tsq",
            "-signer",
            "tsa.pem",
            "-inkey",
            "tsa.key",
            "-chain",
            "sub.pem",
            "-out",
            "tsr",
        ]);
        let response = std::fs::read(self.path("tsr")).unwrap();
        antin_cades::accept_timestamp_over(&response, digest, nonce)
            .expect("the authority's answer")
            .der
    }
}

/// Runs a command that must succeed and returns what it printed.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// The folder of this workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

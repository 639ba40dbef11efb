//! A small authority made by the `openssl` program in a folder of its own.

use antin_pkix::Certificate;
use std::path::PathBuf;
use std::process::{Command, Output};

pub(crate) struct Authority {
    folder: tempfile::TempDir,
}

/// Key types, as `openssl genpkey` knows them.
pub(crate) const KEYS: [(&str, &[&str]); 3] = [
    (
        "rsa",
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    ),
    (
        "p256",
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ),
    (
        "p384",
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    ),
];

/// Keys that their certificates keep for RSASSA-PSS, without and with parameters.
pub(crate) const PSS_KEYS: [(&str, &[&str]); 2] = [
    (
        "pss",
        &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
    ),
    (
        "pss-sha256",
        &[
            "-algorithm",
            "RSA-PSS",
            "-pkeyopt",
            "rsa_keygen_bits:3072",
            "-pkeyopt",
            "rsa_pss_keygen_md:sha256",
            "-pkeyopt",
            "rsa_pss_keygen_mgf1_md:sha256",
            "-pkeyopt",
            "rsa_pss_keygen_saltlen:32",
        ],
    ),
];

impl Authority {
    /// A root, and a signer of each key type.
    pub(crate) fn new() -> Self {
        let this = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        this.genpkey("root", KEYS[0].1);
        this.run(&[
            "req",
            "-x509",
            "-new",
            "-key",
            "root.key",
            "-subj",
            "/C=VN/O=Thử nghiệm/CN=Gốc",
            "-utf8",
            "-days",
            "3650",
            "-out",
            "root.pem",
        ]);
        for (name, options) in KEYS {
            this.signer(name, options);
        }
        this
    }

    pub(crate) fn signer(&self, name: &str, options: &[&str]) {
        self.genpkey(name, options);
        self.issue(name, "keyUsage=critical,digitalSignature,nonRepudiation\n");
    }

    pub(crate) fn genpkey(&self, name: &str, options: &[&str]) {
        let key = format!("{name}.key");
        this_args(self, &["genpkey", "-out", &key], options);
    }

    pub(crate) fn issue(&self, name: &str, extensions: &str) {
        std::fs::write(self.path("extensions"), extensions).unwrap();
        let (key, request, certificate) = (
            format!("{name}.key"),
            format!("{name}.csr"),
            format!("{name}.pem"),
        );
        let subject = format!("/C=VN/O=Ủy ban/CN=Người ký {name}");
        self.run(&[
            "req", "-new", "-utf8", "-key", &key, "-subj", &subject, "-out", &request,
        ]);
        self.run(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-days",
            "3650",
            "-extfile",
            "extensions",
            "-out",
            &certificate,
        ]);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn certificate(&self, name: &str) -> Certificate {
        Certificate::from_file(&self.read(&format!("{name}.pem")))
            .unwrap()
            .remove(0)
    }

    /// What a token would answer for `message`.
    pub(crate) fn sign(&self, name: &str, message: &[u8]) -> Vec<u8> {
        self.write("message", message);
        let key = format!("{name}.key");
        let mut args = vec!["dgst", "-sha256", "-sign", &key];
        if name.starts_with("pss") {
            args.extend(["-sigopt", "rsa_pss_saltlen:digest"]);
        }
        args.extend(["-out", "signature", "message"]);
        self.run(&args);
        self.read("signature")
    }

    pub(crate) fn attempt(&self, arguments: &[&str]) -> Output {
        Command::new("openssl")
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .expect("openssl is installed")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.attempt(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "openssl {arguments:?}: {said}");
        said + &String::from_utf8_lossy(&output.stdout)
    }
}

fn this_args(authority: &Authority, first: &[&str], rest: &[&str]) {
    let all: Vec<&str> = first.iter().chain(rest).copied().collect();
    authority.run(&all);
}

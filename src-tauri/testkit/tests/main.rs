//! The real parts, judged by OpenSSL: every structure the demo PKI makes is read by someone else's code.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is a finding"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use antin_testkit::office::{self, CLERK, LEADER};
use antin_testkit::pki::Ca;
use antin_testkit::process::{Guard, command, run};
use antin_testkit::responder::{Behaviour, Listener, Service};
use antin_testkit::{Pki, Responder, Role};
use time::{Duration, OffsetDateTime};

/// One PKI and its responder for all tests of this binary.
struct Fixture {
    dir: PathBuf,
    pki: Arc<Pki>,
    responder: Responder,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| Fixture::create("shared"));

impl Fixture {
    /// In cargo's own folder for tests, since what a static holds is never dropped.
    fn create(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("testkit")
            .join(name);
        let _ = fs::remove_dir_all(&dir);
        let listener = Listener::bind(0).unwrap();
        let pki = Arc::new(Pki::create(&dir, &listener.url(), now()).unwrap());
        let responder = listener.serve(Arc::clone(&pki), Box::new(now));
        Self {
            dir,
            pki,
            responder,
        }
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).to_string_lossy().into_owned()
    }
}

// OpenSSL judges by the machine's clock, so the parts it judges need it as well.
#[expect(clippy::disallowed_methods)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Runs OpenSSL and returns everything it printed, whether content or not.
fn openssl(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&printed).into_owned(),
    )
}

fn pem_of(fixture: &Fixture, stem: &str) -> String {
    let (from, to) = (
        fixture.path(&format!("{stem}.crt")),
        fixture.path(&format!("{stem}.test.pem")),
    );
    let (ok, said) = openssl(&["x509", "-in", &from, "-out", &to]);
    assert!(ok, "{said}");
    to
}

/// One HTTP request; the status and the body, or nothing where the server hung up.
fn ask(url: &str, method: &str, path: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    // A connection that is closed without an answer may also end in a reset.
    let _ = stream.read_to_end(&mut answer);
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let status = str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
    Some((status, answer[at + 4..].to_vec()))
}

#[test]
fn openssl_accepts_the_certificates_that_are_good_and_no_others() {
    let fixture = &*FIXTURE;
    let crls = fixture.path("crls.pem");
    let mut pem = String::new();
    for ca in ["root", "sub"] {
        let (ok, said) = openssl(&["crl", "-in", &fixture.path(&format!("{ca}.crl"))]);
        assert!(ok, "{said}");
        pem += &said;
    }
    fs::write(&crls, pem).unwrap();
    let chain = fixture.path("chain.pem");
    let verify = |stem: &str| {
        let leaf = pem_of(fixture, stem);
        openssl(&[
            "verify",
            "-x509_strict",
            "-crl_check_all",
            "-CRLfile",
            &crls,
            "-CAfile",
            &chain,
            &leaf,
        ])
    };
    for stem in ["official", "seal", "tsa", "ocsp", "receipts"] {
        let (ok, said) = verify(stem);
        assert!(ok, "{stem}: {said}");
    }
    let (ok, said) = verify("expired");
    assert!(!ok && said.contains("certificate has expired"), "{said}");
    let (ok, said) = verify("revoked");
    assert!(!ok && said.contains("certificate revoked"), "{said}");
}

#[test]
fn certificates_look_like_the_committees() {
    let fixture = &*FIXTURE;
    let path = fixture.path("official.crt");
    let (ok, text) = openssl(&[
        "x509",
        "-in",
        &path,
        "-noout",
        "-text",
        "-nameopt",
        "utf8,sep_comma_plus",
    ]);
    assert!(ok, "{text}");
    for part in [
        "O=UBND TỈNH THỪA THIÊN HUẾ",
        "CN=Phan Ngọc Thọ",
        "Digital Signature, Non Repudiation",
        "Authority Information Access",
        &format!("{}/ocsp", fixture.pki.url()),
        &format!("{}/crl/sub.crl", fixture.pki.url()),
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let (_, text) = openssl(&[
        "x509",
        "-in",
        &fixture.path("tsa.crt"),
        "-noout",
        "-ext",
        "extendedKeyUsage",
    ]);
    assert!(
        text.contains("critical") && text.contains("Time Stamping"),
        "{text}"
    );
}

#[test]
fn ocsp_answers_satisfy_openssl() {
    let fixture = &*FIXTURE;
    let (chain, sub) = (fixture.path("chain.pem"), pem_of(fixture, "sub"));
    let url = format!("{}/ocsp", fixture.responder.url());
    for (stem, expected) in [("official", ": good"), ("revoked", ": revoked")] {
        let leaf = pem_of(fixture, stem);
        let (ok, said) = openssl(&[
            "ocsp", "-issuer", &sub, "-sha256", "-cert", &leaf, "-url", &url, "-CAfile", &chain,
        ]);
        assert!(ok && said.contains("Response verify OK"), "{stem}: {said}");
        assert!(said.contains(expected), "{stem}: {said}");
        assert!(!said.contains("no nonce"), "the nonce is echoed: {said}");
    }
}

#[test]
fn time_stamps_satisfy_openssl() {
    let fixture = &*FIXTURE;
    let (data, query, reply) = (
        fixture.path("data"),
        fixture.path("query.tsq"),
        fixture.path("reply.tsr"),
    );
    fs::write(&data, "Chỉ thị").unwrap();
    let (ok, said) = openssl(&[
        "ts", "-query", "-data", &data, "-sha256", "-cert", "-out", &query,
    ]);
    assert!(ok, "{said}");
    let (status, body) = ask(
        &fixture.responder.url(),
        "POST",
        "/tsa",
        &fs::read(&query).unwrap(),
    )
    .unwrap();
    assert_eq!(status, 200);
    fs::write(&reply, body).unwrap();
    let (ok, said) = openssl(&[
        "ts",
        "-verify",
        "-queryfile",
        &query,
        "-in",
        &reply,
        "-CAfile",
        &fixture.path("chain.pem"),
    ]);
    assert!(ok && said.contains("Verification: OK"), "{said}");
}

#[test]
fn the_time_stamping_service_is_as_curt_as_the_real_one() {
    let url = FIXTURE.responder.url();
    assert_eq!(ask(&url, "GET", "/tsa", b"").unwrap().0, 403);
    assert_eq!(ask(&url, "POST", "/tsa", b"no request").unwrap().0, 400);
    assert_eq!(ask(&url, "GET", "/other", b"").unwrap().0, 404);
}

#[test]
fn services_can_be_switched_off_one_by_one() {
    // Its own responder: the shared one is being used by other tests.
    let fixture = Fixture::create("switches");
    let url = fixture.responder.url();
    fixture.responder.set(Service::Ocsp, Behaviour::Off);
    assert!(ask(&url, "POST", "/ocsp", b"").is_none(), "off hangs up");
    assert_eq!(
        ask(&url, "GET", "/crl/sub.crl", b"").unwrap().0,
        200,
        "the others go on"
    );
    assert_eq!(ask(&url, "POST", "/switch/ocsp/on", b"").unwrap().0, 204);
    assert_eq!(
        ask(&url, "POST", "/ocsp", b"").unwrap().0,
        200,
        "a malformed request has an OCSP answer"
    );
    assert_eq!(
        ask(&url, "POST", "/switch/crl/slow/soon", b"").unwrap().0,
        400
    );
}

#[test]
fn a_revocation_is_known_at_once_and_survives_reopening() {
    let fixture = Fixture::create("revocation");
    let before = fixture.pki.crl(Ca::Sub, now()).unwrap();
    fixture
        .pki
        .revoke(
            fixture.pki.leaf(Role::Official).unwrap(),
            now() - Duration::days(1),
        )
        .unwrap();
    let reopened = Pki::open(&fixture.dir).unwrap();
    let after = reopened.crl(Ca::Sub, now()).unwrap();
    assert!(after.len() > before.len(), "one entry more");
    assert_eq!(reopened.root().der(), fixture.pki.root().der());
}

#[test]
fn both_demo_tokens_hold_key_and_certificate() {
    let fixture = &*FIXTURE;
    let hsm = office::create_tokens(&fixture.dir.join("hsm"), &fixture.pki).unwrap();
    for token in [LEADER, CLERK] {
        let mut tool = Command::new("pkcs11-tool");
        tool.envs(hsm.env()).arg("--module").arg(hsm.module());
        let output = run(tool.args(["--token-label", token.label, "-O"])).unwrap();
        let objects = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            objects.contains("Certificate Object"),
            "{}: {objects}",
            token.label
        );
    }
}

/// Starts the demo PKI as a process and waits for the URL it prints.
fn serve(dir: &Path) -> (Guard, String) {
    let mut serve = command(env!("CARGO_BIN_EXE_antin-demo-pki"));
    serve
        .args(["serve", "--port", "0", "--dir"])
        .arg(dir)
        .stdout(Stdio::piped());
    let mut guard = Guard::spawn(serve).unwrap();
    let mut url = String::new();
    BufReader::new(guard.child().stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    (guard, url.trim().to_owned())
}

#[test]
fn the_demo_pki_runs_as_a_process_ends_with_its_guard_and_comes_back_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (mut guard, first) = serve(dir.path());
    let root = ask(&first, "GET", "/crt/root.crt", b"").unwrap();
    assert_eq!(root.0, 200);
    guard.kill();
    assert!(!guard.is_running());
    let (_guard, second) = serve(dir.path());
    assert_eq!(second, first, "the certificates name this URL");
    assert_eq!(
        ask(&second, "GET", "/crt/root.crt", b"").unwrap(),
        root,
        "the same root"
    );
}

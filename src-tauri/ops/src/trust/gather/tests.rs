use super::{Trust, certificates_in};
use crate::{
    fetch::round::{Asked, Outcome, Round, What},
    trust::Help,
};
use antin_pkix::Certificate;
use antin_testkit::{
    Pki, Role,
    responder::{Behaviour, Listener, Responder, Service},
};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tempfile::TempDir;
use time::OffsetDateTime;

#[expect(clippy::disallowed_methods, reason = "the test's own clock")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

struct World {
    folder: TempDir,
    pki: Arc<Pki>,
}

impl World {
    fn at(url: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let pki = Arc::new(Pki::create(&folder.path().join("pki"), url, now()).unwrap());
        World { folder, pki }
    }

    fn served() -> (World, Responder) {
        let listener = Listener::bind(0).unwrap();
        let world = World::at(&listener.url());
        let services = listener.serve(Arc::clone(&world.pki), Box::new(now));
        (world, services)
    }

    /// Trusts the root and nobody below it.
    fn trust(&self) -> Trust {
        let mut trust = Trust::bundled(&[self.pki.root().path().to_path_buf()]).unwrap();
        trust.allowed_hosts = vec!["127.0.0.1".to_owned()];
        trust
    }

    fn leaf(&self, role: Role) -> Certificate {
        Certificate::from_der(self.pki.leaf(role).unwrap().der()).unwrap()
    }
}

fn gather(trust: &Trust, certificates: &[Certificate]) -> Vec<Asked> {
    let (cancel, mut told) = (AtomicBool::new(false), |_: What, _: &str, _: usize| ());
    let mut round = Round::new(&cancel, &mut told);
    trust.gather(certificates, &mut round, now());
    round.asked().to_vec()
}

fn outcomes(asked: &[Asked]) -> Vec<(What, Outcome)> {
    asked
        .iter()
        .map(|asked| (asked.what, asked.outcome))
        .collect()
}

/// Answers every request with the same bytes, or never, until the test ends.
fn server(answer: Option<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut silent = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let Some(answer) = &answer else {
                silent.push(stream);
                continue;
            };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), answer].concat());
        }
    });
    url
}

#[test]
fn issuers_and_lists_are_fetched_once_and_kept() {
    let (world, services) = World::served();
    let trust = world.trust();
    let leaves = [world.leaf(Role::Official), world.leaf(Role::Seal)];
    let before = trust.at_hand(&leaves);
    assert!(before.evidence.is_empty() && before.issuers.is_empty());
    let hosts: Vec<bool> = trust.sources(&leaves).iter().map(|s| s.issuer).collect();
    assert!(
        hosts.contains(&true),
        "an issuer could be asked for: {hosts:?}"
    );

    let asked = outcomes(&gather(&trust, &leaves));
    let got = |what| (what, Outcome::Got);
    assert_eq!(
        asked,
        [got(What::Issuer), got(What::Crl), got(What::Crl)],
        "one issuer for both leaves, a list of each authority"
    );
    let after = trust.at_hand(&leaves);
    assert_eq!(after.evidence.crls.len(), 2);
    let sub = Certificate::from_der(world.pki.sub().der()).unwrap();
    assert!(after.issuers == [sub]);
    assert_eq!(
        gather(&trust, &leaves),
        [],
        "what is kept and has not run out is not asked for"
    );

    // Without lists, the status of each certificate.
    services.set(Service::Crl, Behaviour::Off);
    let trust = world.trust();
    let mut known = trust.at_hand(&leaves);
    known.issuers = after.issuers;
    let mut trust = world.trust();
    trust.loose = known;
    let asked = gather(&trust, &leaves);
    // The lists' server and that of the answers are one here: it was silent, and is not asked again.
    assert_eq!(outcomes(&asked), [(What::Crl, Outcome::Silent)]);
}

#[test]
fn what_is_fetched_is_never_an_anchor() {
    let (world, _services) = World::served();
    let mut trust = Trust::bundled(&[]).unwrap();
    trust.allowed_hosts = vec!["127.0.0.1".to_owned()];
    let leaves = [world.leaf(Role::Official)];
    let asked = outcomes(&gather(&trust, &leaves));
    // The root itself is published too, and comes as the issuer's issuer. Nobody asks for revocation: no path.
    assert_eq!(asked, [(What::Issuer, Outcome::Got); 2]);
    let help = trust.at_hand(&leaves);
    assert_eq!(help.issuers.len(), 2);
    let store = trust.store_with(&help);
    assert!(store.anchors == trust.store().anchors);
    let status = antin_pkix::validate_path(
        &leaves[0],
        &[],
        &store,
        &help.evidence,
        now(),
        antin_pkix::Usage::Signing,
    );
    assert!(!status.leads_to_anchor(), "{:?}", status.status);
}

#[test]
fn nobody_inside_is_asked_unless_the_office_allows_it() {
    let (world, _services) = World::served();
    let mut trust = world.trust();
    trust.allowed_hosts.clear();
    let asked = gather(&trust, &[world.leaf(Role::Official)]);
    assert_eq!(outcomes(&asked), [(What::Issuer, Outcome::Forbidden)]);
    // Issuers come by http alone: https would rest on what is being looked for.
    let world = World::at("https://127.0.0.1:9");
    assert_eq!(gather(&world.trust(), &[world.leaf(Role::Official)]), []);
    for url in ["file:///etc", "ldap://ca.gov.vn"] {
        let world = World::at(url);
        assert_eq!(
            gather(&world.trust(), &[world.leaf(Role::Official)]),
            [],
            "{url}"
        );
    }
}

#[test]
fn a_silent_host_is_asked_once_for_everything_it_has() {
    let (world, services) = World::served();
    services.set(Service::Crl, Behaviour::Off);
    services.set(Service::Ocsp, Behaviour::Off);
    let leaves = [Role::Official, Role::Seal, Role::Receipts].map(|role| world.leaf(role));
    let trust = world.trust();
    assert_eq!(
        outcomes(&gather(&trust, &leaves)),
        [(What::Issuer, Outcome::Silent)]
    );

    // Where nobody presses a button it is left in peace for a while, though it is back.
    trust.gather_quietly(&leaves, now());
    services.set(Service::Crl, Behaviour::On);
    trust.gather_quietly(&leaves, now());
    assert!(trust.at_hand(&leaves).evidence.is_empty());
    assert_eq!(gather(&trust, &leaves).len(), 3, "a button does not wait");
}

#[test]
fn a_person_can_stop_it() {
    let world = World::at(&server(None));
    let (trust, leaves) = (world.trust(), [world.leaf(Role::Official)]);
    let cancel = AtomicBool::new(false);
    let mut told = |_: What, _: &str, count: usize| {
        assert_eq!(count, 1, "nothing is asked after that");
        cancel.store(true, Ordering::Relaxed);
    };
    let mut round = Round::new(&cancel, &mut told);
    trust.gather(&leaves, &mut round, now());
    assert!(round.is_cancelled());
    assert_eq!(
        round.asked(),
        [],
        "what was stopped says nothing about the host"
    );
}

#[test]
fn an_issuer_comes_in_any_form_and_must_be_the_issuer() {
    let source = World::at("http://127.0.0.1:9");
    let pki = source.folder.path().join("pki");
    let openssl = |words: &[&str]| {
        let output = Command::new("openssl")
            .args(words)
            .current_dir(&pki)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    let sub = Certificate::from_der(source.pki.sub().der()).unwrap();
    let forms = [
        fs::read(source.pki.sub().path()).unwrap(),
        openssl(&["x509", "-inform", "DER", "-in", "sub.crt"]),
        openssl(&[
            "crl2pkcs7",
            "-nocrl",
            "-certfile",
            "chain.pem",
            "-outform",
            "DER",
        ]),
        openssl(&["crl2pkcs7", "-nocrl", "-certfile", "chain.pem"]),
    ];
    for form in &forms {
        assert!(certificates_in(form).contains(&sub));
    }
    for nonsense in [
        &b""[..],
        b"<html>",
        &[0x30; 9000],
        b"-----BEGIN PKCS7-----\nzz",
    ] {
        assert!(certificates_in(nonsense).is_empty());
    }

    // A certificate of that name with another key is not the issuer, whoever sends it.
    let other = World::at("http://127.0.0.1:9");
    let impostor = fs::read(other.pki.sub().path()).unwrap();
    let world = World::at(&server(Some(impostor)));
    let (trust, leaves) = (world.trust(), [world.leaf(Role::Official)]);
    assert_eq!(
        outcomes(&gather(&trust, &leaves)),
        [(What::Issuer, Outcome::Unusable)]
    );
    assert!(trust.at_hand(&leaves).issuers.is_empty());
    // An answer without end is cut.
    let world = World::at(&server(Some(vec![0x30; 1 << 20])));
    let (trust, leaves) = (world.trust(), [world.leaf(Role::Official)]);
    assert_eq!(gather(&trust, &leaves)[0].outcome, Outcome::Silent);
}

#[test]
fn a_folder_of_evidence_is_read_whatever_its_files_are_called() {
    let (world, _services) = World::served();
    let folder = world.folder.path().join("evidence");
    fs::create_dir(&folder).unwrap();
    let copy = |from: &str, to: &str| {
        fs::copy(world.folder.path().join("pki").join(from), folder.join(to)).unwrap();
    };
    copy("sub.crl", "một danh sách");
    copy("root.crl", "b.txt");
    copy("sub.crt", "nơi cấp.bin");
    fs::write(folder.join("ghi chú.txt"), "không phải").unwrap();
    fs::write(folder.join("rỗng"), "").unwrap();
    let trust = world.trust().with_evidence(&folder);
    let help: Help = trust.at_hand(&[world.leaf(Role::Official)]);
    assert_eq!(help.evidence.crls.len(), 2);
    assert_eq!(help.issuers.len(), 1);
    let nowhere = world.trust().with_evidence(Path::new("/không/có"));
    assert!(nowhere.at_hand(&[]).evidence.is_empty());
}

/// Refuses revocation lists and passes everything else on, as a host that publishes none.
fn without_lists(listener: TcpListener, behind: String) {
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut begun = [0; 4096];
            let read = client.read(&mut begun).unwrap_or_default();
            if begun.starts_with(b"GET /crl") {
                let _ = client.write_all(
                    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                );
                continue;
            }
            let host = behind.trim_start_matches("http://");
            let mut server = TcpStream::connect(host).unwrap();
            server.write_all(&begun[..read]).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            thread::spawn(move || std::io::copy(&mut server, &mut client));
        }
    });
}

#[test]
fn without_a_list_the_status_of_each_certificate_is_asked_for() {
    let front = TcpListener::bind("127.0.0.1:0").unwrap();
    let world = World::at(&format!("http://{}", front.local_addr().unwrap()));
    let back = Listener::bind(0).unwrap();
    without_lists(front, back.url());
    let _services = back.serve(Arc::clone(&world.pki), Box::new(now));
    let (trust, leaves) = (world.trust(), [world.leaf(Role::Official)]);
    let asked = outcomes(&gather(&trust, &leaves));
    assert_eq!(
        asked,
        [
            (What::Issuer, Outcome::Got),
            (What::Crl, Outcome::Refused),
            (What::Ocsp, Outcome::Got),
            (What::Crl, Outcome::Refused),
            (What::Ocsp, Outcome::Got),
        ]
    );
    let help = trust.at_hand(&leaves);
    assert_eq!((help.evidence.crls.len(), help.evidence.ocsp.len()), (0, 2));
    let (store, usage) = (trust.store_with(&help), antin_pkix::Usage::Signing);
    let path = antin_pkix::validate_path(&leaves[0], &[], &store, &help.evidence, now(), usage);
    assert!(path.leads_to_anchor(), "{:?}", path.status);
    assert!(
        path.revocation[0].is_some(),
        "the answer settles the signer's status"
    );
}

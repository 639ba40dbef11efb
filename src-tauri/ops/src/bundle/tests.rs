use super::{Bundle, FORMAT, KEYS, SHIPPED, import_with, key_name, newest};
use crate::error::Code;
use antin_pkix::Certificate;
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A key of the test's own, so that the project's never has to lie here.
struct Signer {
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl Signer {
    fn new() -> Signer {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        let public = pair.public_key().as_ref().try_into().unwrap();
        Signer { pair, public }
    }

    fn sign(&self, format: &str, text: &str) -> Vec<u8> {
        let signature = self.pair.sign(format!("{format}\n{text}").as_bytes());
        let signature = STANDARD.encode(signature.as_ref());
        format!("{format}\n{} {signature}\n{text}", key_name(&self.public)).into_bytes()
    }

    fn bundle(&self, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut contents = shipped_contents();
        change(&mut contents);
        self.sign(FORMAT, &contents.to_string())
    }

    fn refused(&self, bytes: &[u8], why: &str) {
        let error = Bundle::read(bytes, &[self.public]).unwrap_err();
        assert_eq!(error.code, Code::TrustBundleInvalid);
        assert_eq!(error.facts["why"], why, "{}", error.detail());
    }
}

fn shipped_contents() -> Value {
    let text = std::str::from_utf8(SHIPPED).unwrap();
    serde_json::from_str(text.splitn(3, '\n').nth(2).unwrap()).unwrap()
}

#[test]
fn the_shipped_bundle_is_signed_and_holds_the_certificates_beside_it() {
    let bundle = Bundle::shipped().unwrap();
    assert!(bundle.version() >= 1);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("trust");
    let text = fs::read(folder.join("contents.json")).unwrap();
    let listed: Value = serde_json::from_slice(&text).unwrap();
    let of_role = |role: &str| -> Vec<Certificate> {
        let entries = listed["certificates"].as_array().unwrap().iter();
        let entries = entries.filter(|entry| entry["role"] == role);
        let file = |entry: &Value| fs::read(folder.join(entry["file"].as_str().unwrap())).unwrap();
        entries
            .map(|entry| Certificate::from_der(&file(entry)).unwrap())
            .collect()
    };
    let anchors: Vec<Certificate> = bundle.authorities().cloned().collect();
    assert_eq!(anchors, of_role("anchor"));
    assert_eq!(bundle.intermediates(), of_role("intermediate"));
    let files = fs::read_dir(&folder).unwrap();
    let certificates = files.filter(|e| {
        let path = e.as_ref().unwrap().path();
        path.extension().is_some_and(|ext| ext == "crt")
    });
    assert_eq!(
        certificates.count(),
        anchors.len() + bundle.intermediates().len(),
        "every certificate that lies there is in the bundle"
    );
}

#[test]
fn only_what_was_signed_is_read() {
    let signer = Signer::new();
    let good = signer.bundle(|_| {});
    assert_eq!(
        Bundle::read(&good, &[signer.public]).unwrap().version(),
        Bundle::shipped().unwrap().version()
    );
    // Every byte counts: of the two lines, of the text, and the line ends.
    for at in (0..good.len()).step_by(97).chain([0, 12, 14, 13, 45, 46]) {
        let mut changed = good.clone();
        changed[at] ^= 1;
        assert!(Bundle::read(&changed, &[signer.public]).is_err(), "{at}");
    }
    for cut in [0, 5, 14, 100, good.len() - 1] {
        assert!(
            Bundle::read(&good[..cut], &[signer.public]).is_err(),
            "{cut}"
        );
    }
    let text = String::from_utf8(good.clone()).unwrap();
    signer.refused(text.replace('\n', "\r\n").as_bytes(), "bundle-format");
    let longer = [&good[..], b" "].concat();
    signer.refused(&longer, "bundle-signature");

    let stranger = Signer::new();
    signer.refused(&stranger.bundle(|_| {}), "bundle-key");
    // A stranger that takes the name of a key that is known.
    let text = String::from_utf8(stranger.bundle(|_| {})).unwrap();
    let named = text.replace(&key_name(&stranger.public), &key_name(&signer.public));
    signer.refused(named.as_bytes(), "bundle-signature");
    // While one key takes over from another, both count.
    assert!(Bundle::read(&good, &[stranger.public, signer.public]).is_ok());
}

#[test]
fn what_this_program_does_not_know_is_refused_even_when_signed() {
    let signer = Signer::new();
    let text = shipped_contents().to_string();
    signer.refused(&signer.sign("antin-trust 2", &text), "bundle-format");
    signer.refused(&signer.sign("antin-trust 1 ", &text), "bundle-format");
    for change in [
        (|c: &mut Value| c["next"] = json!(1)) as fn(&mut Value),
        |c| c["version"] = json!(-1),
        |c| c["issued"] = json!("24/11/2026"),
        |c| c["certificates"][0]["role"] = json!("leaf"),
        |c| c["certificates"][0]["purposes"] = json!(["code-signing"]),
        |c| c["certificates"][0]["limits"] = json!([]),
        |c| c["certificates"][0]["sha256"] = json!("00"),
        |c| c["certificates"][0]["sha256"] = c["certificates"][1]["sha256"].clone(),
        |c| c["certificates"][0]["der"] = json!("MIID"),
        |c| c["receipt_keys"] = json!([{ "name": "x", "spki_sha256": "zz" }]),
        |c| {
            let one = c["certificates"][0].clone();
            c["certificates"] = json!(vec![one; 257]);
        },
    ] {
        signer.refused(&signer.bundle(change), "bundle-contents");
    }
}

#[test]
fn an_anchor_is_believed_for_what_the_bundle_says_and_nothing_else() {
    use super::Purpose::{Documents, Receipts};
    let signer = Signer::new();
    let believed = |purposes: Value| {
        let bytes = signer.bundle(|c| c["certificates"][0]["purposes"] = purposes);
        let bundle = Bundle::read(&bytes, &[signer.public]).unwrap();
        [Documents, Receipts].map(|purpose| bundle.anchors(purpose).count())
    };
    let all = believed(json!(["signing", "time-stamp", "receipt"]));
    assert_eq!(all, [2, 2]);
    assert_eq!(believed(json!(["receipt"])), [1, 2]);
    assert_eq!(believed(json!(["signing", "time-stamp"])), [2, 1]);
    assert_eq!(
        believed(json!(["signing"])),
        [1, 1],
        "its time-stamps would count too"
    );
}

#[test]
fn a_version_never_goes_down() {
    let signer = Signer::new();
    let keys = [signer.public];
    let folder = tempfile::tempdir().unwrap();
    let shipped = Bundle::shipped().unwrap().version();
    let file = folder.path().join("new.bundle");
    let import = |version: u64| {
        let bytes = signer.bundle(|c| c["version"] = json!(version));
        fs::write(&file, bytes).unwrap();
        import_with(folder.path(), &file, &keys)
    };
    let current = || newest(folder.path(), &keys).unwrap().version();
    for old in [0, shipped] {
        let error = import(old).unwrap_err();
        assert_eq!(error.code, Code::TrustBundleOld);
        assert_eq!(error.facts["current"], shipped.to_string());
    }
    assert_eq!(current(), shipped);
    assert_eq!(import(shipped + 2).unwrap().version(), shipped + 2);
    assert_eq!(current(), shipped + 2);
    for old in [shipped + 1, shipped + 2] {
        assert_eq!(import(old).unwrap_err().code, Code::TrustBundleOld);
    }
    assert_eq!(current(), shipped + 2);

    // A damaged one is said, not stepped over: what it had removed would be believed again.
    let kept = folder.path().join("trust.bundle");
    let mut bytes = fs::read(&kept).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&kept, bytes).unwrap();
    let error = newest(folder.path(), &keys).unwrap_err();
    assert_eq!(error.code, Code::TrustBundleInvalid);
    // A new import mends it.
    assert_eq!(import(shipped).unwrap_err().code, Code::TrustBundleOld);
    import(shipped + 3).unwrap();
    assert_eq!(current(), shipped + 3);

    // A program that ships a newer one than was imported uses its own.
    fs::write(&kept, signer.bundle(|c| c["version"] = json!(0))).unwrap();
    assert_eq!(current(), shipped);
    // An imported bundle signed with a key that the program gave up is not used.
    assert_eq!(
        newest(folder.path(), KEYS).unwrap_err().facts["why"],
        "bundle-key"
    );
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 3, "no part is left lying: {names:?}");
}

#[test]
fn a_file_without_end_is_not_read() {
    let signer = Signer::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("big");
    fs::write(&file, vec![b' '; 2 << 20]).unwrap();
    let error = import_with(folder.path(), &file, &[signer.public]).unwrap_err();
    assert_eq!(error.facts["why"], "bundle-format");
    let absent = import_with(folder.path(), &folder.path().join("x"), &[signer.public]);
    assert_eq!(absent.unwrap_err().code, Code::FileUnreadable);
}

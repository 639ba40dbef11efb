//! What this crate makes, judged by OpenSSL.

use crate::openssl::{Authority, KEYS, PSS_KEYS};
use antin_cades::{
    KeyAlgorithm, accept_timestamp, signed_attributes, signed_data, timestamp_request,
};
use sha2::{Digest, Sha256};
use time::macros::datetime;

#[test]
fn detached_signatures_verify_with_every_key() {
    let authority = Authority::new();
    let root = authority.certificate("root");
    let content = "Kính gửi Sở Thông tin và Truyền thông".as_bytes();
    authority.write("content", content);
    for (name, options) in PSS_KEYS {
        authority.signer(name, options);
    }
    for (name, _) in KEYS.iter().chain(&PSS_KEYS) {
        let signer = authority.certificate(name);
        let attributes = signed_attributes(&Sha256::digest(content).into(), &signer, None).unwrap();
        let signature = authority.sign(name, attributes.to_der());
        let chain = [signer.clone(), root.clone(), root.clone()];
        let cms = signed_data(
            &attributes,
            &signer,
            &chain,
            KeyAlgorithm::of(&signer).unwrap(),
            &signature,
            None,
            None,
        )
        .unwrap();
        authority.write("cms", &cms);
        let judged = authority.run(&[
            "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content",
            "-CAfile", "root.pem", "-purpose", "any", "-cades", "-out", "out",
        ]);
        assert!(
            judged.contains("CAdES Verification successful"),
            "{name}: {judged}"
        );
        assert_eq!(authority.read("out"), content);
        let printed = authority.run(&["cms", "-cmsout", "-print", "-inform", "DER", "-in", "cms"]);
        let kept_for_pss = name.starts_with("pss");
        assert_eq!(
            printed.matches("(1.2.840.113549.1.1.10)").count() > 1,
            kept_for_pss
        );
        assert!(
            !printed.contains("signingTime"),
            "PAdES carries no signing-time: {printed}"
        );
        assert_eq!(
            printed.matches("d.certificate").count(),
            2,
            "signer and root, each once"
        );
    }
}

#[test]
fn an_attached_receipt_carries_its_time_and_content() {
    let authority = Authority::new();
    let signer = authority.certificate("p256");
    let content = br#"{"type":"accepted"}"#;
    let attributes = signed_attributes(
        &Sha256::digest(content).into(),
        &signer,
        Some(datetime!(2026-11-24 08:00:00 UTC)),
    )
    .unwrap();
    let signature = authority.sign("p256", attributes.to_der());
    let cms = signed_data(
        &attributes,
        &signer,
        &[],
        KeyAlgorithm::EcdsaP256,
        &signature,
        None,
        Some(content),
    )
    .unwrap();
    authority.write("cms", &cms);
    authority.run(&[
        "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-CAfile", "root.pem",
        "-purpose", "any", "-cades", "-out", "out",
    ]);
    assert_eq!(authority.read("out"), content);
    assert!(
        authority
            .run(&["cms", "-cmsout", "-print", "-inform", "DER", "-in", "cms"])
            .contains("Nov 24 08:00:00 2026")
    );
}

#[test]
fn a_time_stamp_is_asked_for_checked_and_embedded() {
    let authority = Authority::new();
    tsa(&authority);
    let signer = authority.certificate("rsa");
    let content = b"content";
    let attributes = signed_attributes(&Sha256::digest(content).into(), &signer, None).unwrap();
    let signature = authority.sign("rsa", attributes.to_der());
    for nonce in [0, 1, 0x80, u64::MAX] {
        let response = answer(&authority, &timestamp_request(&signature, nonce));
        let token = accept_timestamp(&response, &signature, nonce).unwrap();
        assert!(
            accept_timestamp(&response, &signature, nonce ^ 1).is_err(),
            "another nonce is refused"
        );
        assert!(
            accept_timestamp(&response, b"another", nonce).is_err(),
            "another imprint is refused"
        );
        let cms = signed_data(
            &attributes,
            &signer,
            &[],
            KeyAlgorithm::Rsa,
            &signature,
            Some(&token.der),
            None,
        )
        .unwrap();
        authority.write("cms", &cms);
        authority.write("content", content);
        authority.run(&[
            "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content",
            "-CAfile", "root.pem", "-purpose", "any", "-out", "out",
        ]);
        let printed = authority.run(&["cms", "-cmsout", "-print", "-inform", "DER", "-in", "cms"]);
        assert!(printed.contains("id-smime-aa-timeStampToken"), "{printed}");
    }
}

pub(crate) fn tsa(authority: &Authority) {
    authority.genpkey("tsa", KEYS[0].1);
    authority.issue(
        "tsa",
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n",
    );
    authority.write(
        "tsa.cnf",
        b"[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\n",
    );
    authority.write("serial", b"01\n");
}

pub(crate) fn answer(authority: &Authority, request: &[u8]) -> Vec<u8> {
    authority.write("request", request);
    authority.run(&[
        "ts",
        "-reply",
        "-config",
        "tsa.cnf",
        "-queryfile",
        "request",
        "-out",
        "response",
    ]);
    authority.read("response")
}

//! What others make, examined here; and every way to break it.

use crate::openssl::{Authority, KEYS};
use crate::sign::{answer, tsa};
use antin_cades::{
    Check, Content, KeyAlgorithm, Structure, Trailing, accept_timestamp, signed_attributes,
    signed_data, timestamp_request, verify_signed_data, verify_timestamp,
};
use sha2::{Digest, Sha256};

const CONTENT: &[u8] = b"So 77/2014/CT-UBND";

fn by_openssl(authority: &Authority, name: &str, options: &[&str]) -> Vec<u8> {
    authority.write("content", CONTENT);
    let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
    let mut arguments = vec![
        "cms",
        "-sign",
        "-binary",
        "-outform",
        "DER",
        "-in",
        "content",
        "-signer",
        &certificate,
        "-inkey",
        &key,
        "-md",
        "sha256",
        "-out",
        "made",
    ];
    arguments.extend(options);
    authority.run(&arguments);
    authority.read("made")
}

#[test]
fn signatures_of_openssl_verify() {
    let authority = Authority::new();
    for (name, _) in KEYS {
        for options in [
            &[][..],
            &["-cades"],
            &["-noattr"],
            &["-keyid"],
            &["-nodetach"],
            &["-stream", "-nodetach", "-indef"],
        ] {
            let cms = by_openssl(&authority, name, options);
            let report =
                verify_signed_data(&cms, Content::Detached(&[&CONTENT[..5], &CONTENT[5..]]));
            assert_eq!(
                report.structure,
                Structure::WellFormed,
                "{name} {options:?}"
            );
            assert_eq!(report.trailing, Trailing::Nothing, "{name} {options:?}");
            let signer = report.sole_signer().unwrap();
            assert!(signer.is_intact(), "{name} {options:?}: {signer:?}");
            assert_eq!(signer.certificate, Some(authority.certificate(name)));
            assert!(!signer.weak);
            let other = verify_signed_data(&cms, Content::Detached(&[b"So 78/2014/CT-UBND"]));
            assert!(
                !other.sole_signer().unwrap().is_intact(),
                "another content is refused: {name} {options:?}"
            );
        }
    }
    let pss = by_openssl(
        &authority,
        "rsa",
        &[
            "-keyopt",
            "rsa_padding_mode:pss",
            "-keyopt",
            "rsa_pss_saltlen:32",
        ],
    );
    assert!(
        verify_signed_data(&pss, Content::Detached(&[CONTENT]))
            .sole_signer()
            .unwrap()
            .is_intact()
    );
    let sha1 = by_openssl(&authority, "rsa", &["-md", "sha1"]);
    let report = verify_signed_data(&sha1, Content::Detached(&[CONTENT]));
    assert!(
        report.sole_signer().unwrap().is_intact() && report.sole_signer().unwrap().weak,
        "SHA-1 is told, not refused"
    );
}

#[test]
fn own_signatures_verify_and_every_flipped_byte_is_noticed() {
    let authority = Authority::new();
    let signer = authority.certificate("p256");
    let attributes = signed_attributes(&Sha256::digest(CONTENT).into(), &signer, None).unwrap();
    let signature = authority.sign("p256", attributes.to_der());
    let cms = signed_data(
        &attributes,
        &signer,
        &[],
        KeyAlgorithm::EcdsaP256,
        &signature,
        None,
        Some(CONTENT),
    )
    .unwrap();
    let verdict = |cms: &[u8]| {
        let report = verify_signed_data(cms, Content::Attached);
        let intact = report.sole_signer().is_some_and(|signer| {
            signer.is_intact() && signer.signing_certificate_version == Some(2)
        });
        let kept = report.content.as_deref() == Some(CONTENT)
            && report
                .sole_signer()
                .is_some_and(|one| one.certificate.as_ref() == Some(&signer));
        intact && kept && report.trailing == Trailing::Nothing
    };
    assert!(verdict(&cms));
    let mut unnoticed = Vec::new();
    for index in 0..cms.len() {
        let mut changed = cms.clone();
        changed[index] ^= 0x01;
        if verdict(&changed) {
            unnoticed.push(index);
        }
    }
    // What nobody signs: versions, the set of digest algorithms, and the case of the issuer's letters in the
    // signer identifier, which names a certificate that is checked by its hash.
    assert!(
        unnoticed.len() <= 24,
        "{} bytes may change: {unnoticed:?}",
        unnoticed.len()
    );
    for length in 0..cms.len() {
        assert!(!verdict(&cms[..length]), "cut at {length}");
    }
    let padded = [cms.as_slice(), &[0; 100]].concat();
    assert_eq!(
        verify_signed_data(&padded, Content::Attached).trailing,
        Trailing::Zeros(100)
    );
    let followed = [cms.as_slice(), b"x"].concat();
    assert_eq!(
        verify_signed_data(&followed, Content::Attached).trailing,
        Trailing::Foreign(1)
    );
}

#[test]
fn time_stamps_are_examined() {
    let authority = Authority::new();
    tsa(&authority);
    let response = answer(&authority, &timestamp_request(b"signature", 7));
    let token = accept_timestamp(&response, b"signature", 7).unwrap();
    let report = verify_timestamp(&token.der, &[b"signature"]);
    assert!(report.is_intact(), "{report:?}");
    assert_eq!(
        report.signer().unwrap().certificate,
        Some(authority.certificate("tsa"))
    );
    assert_eq!(
        verify_timestamp(&token.der, &[b"another"]).imprint,
        Check::Failed
    );
    let mut forged = token.der.clone();
    // The seconds of genTime.
    let at = token
        .der
        .windows(2)
        .position(|pair| pair == [0x18, 0x0f])
        .unwrap();
    forged[at + 15] ^= 1;
    assert!(
        !verify_timestamp(&forged, &[b"signature"]).is_intact(),
        "a forged time is noticed"
    );
}

#[test]
fn other_things_are_malformed() {
    for bytes in [&b""[..], b"%PDF", &[0x30, 0x80], &[0; 64]] {
        assert!(
            matches!(
                verify_signed_data(bytes, Content::Attached).structure,
                Structure::Malformed(_)
            ),
            "{bytes:02x?}"
        );
    }
}

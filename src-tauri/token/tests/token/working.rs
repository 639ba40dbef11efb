//! What users do with a token that works.

use antin_token::{Error, Host, Launch, SignatureAlgorithm, find_modules};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use std::process::Command;

use antin_testkit::SoftHsm;
use antin_testkit::pki::Credential;
use antin_testkit::process::run;

use crate::fixture::{
    EMPTY, FIXTURE, JEALOUS, KEYLESS, MISTYPED, P256, P384, PIN, RSA_2048, RSA_3072, RSA_4096,
    SIGNER, pin,
};

/// A token that is pulled out.
const PULLED: &str = "Rút ra";
pub(crate) const MESSAGE: &[u8] = "Chỉ thị 77/2014/CT-UBND".as_bytes();

fn logged_in() -> Host {
    let mut host = FIXTURE.host();
    host.login(SIGNER, pin(PIN)).unwrap();
    host
}

/// Two judges: ring, and openssl where the certificate's key is a file.
pub(crate) fn assert_verifies(
    signer: &Credential,
    algorithm: SignatureAlgorithm,
    signature: &[u8],
) {
    let judge: &'static dyn VerificationAlgorithm = match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        SignatureAlgorithm::RsaPssSha256 => &RSA_PSS_2048_8192_SHA256,
        SignatureAlgorithm::EcdsaSha256 => &ECDSA_P256_SHA256_ASN1,
        SignatureAlgorithm::EcdsaSha384 => &ECDSA_P384_SHA384_ASN1,
    };
    let spki = &signer.certificate().tbs_certificate.subject_public_key_info;
    let key = UnparsedPublicKey::new(judge, spki.subject_public_key.raw_bytes());
    key.verify(MESSAGE, signature).unwrap();
    openssl_verifies(signer, algorithm, signature);
}

fn openssl_verifies(signer: &Credential, algorithm: SignatureAlgorithm, signature: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let digest = match algorithm {
        SignatureAlgorithm::EcdsaSha384 => "-sha384",
        _ => "-sha256",
    };
    let mut openssl = Command::new("openssl");
    openssl.args(["dgst", digest]);
    if algorithm == SignatureAlgorithm::RsaPssSha256 {
        for option in [
            "rsa_padding_mode:pss",
            "rsa_pss_saltlen:32",
            "rsa_mgf1_md:sha256",
        ] {
            openssl.args(["-sigopt", option]);
        }
    }
    openssl.arg("-prverify").arg(signer.key().path());
    openssl.arg("-signature").arg(file("signature", signature));
    run(openssl.arg(file("message", MESSAGE))).unwrap();
}

#[test]
fn tokens_show_labels_certificates_and_keys_without_a_pin() {
    let tokens = FIXTURE.host().tokens().unwrap();
    let signer = tokens.iter().find(|token| token.label == SIGNER).unwrap();
    assert!(!signer.serial.is_empty() && signer.serial == signer.serial.trim());
    assert!(signer.flags.pin_initialised && !signer.flags.locked);
    assert!(!signer.flags.protected_authentication_path);
    assert_eq!(signer.certificates.len(), 7);
    let certificate = signer.certificate(Some(RSA_2048)).unwrap();
    assert_eq!(certificate.der, FIXTURE.rsa_2048.der());
    assert_eq!(certificate.has_key, Some(true), "the public key shows");
    assert_eq!(
        signer.certificate(Some(KEYLESS)).unwrap().has_key,
        None,
        "private keys are hidden before login"
    );
    assert!(
        matches!(signer.certificate(Some(&[99])), Err(Error::NoCertificate { label }) if label == SIGNER)
    );
}

#[test]
fn after_login_a_missing_key_is_known_to_be_missing() {
    let tokens = logged_in().tokens().unwrap();
    let signer = tokens.iter().find(|token| token.label == SIGNER).unwrap();
    assert_eq!(
        signer.certificate(Some(KEYLESS)).unwrap().has_key,
        Some(false)
    );
}

#[test]
fn every_kind_of_key_signs() {
    let f = &FIXTURE;
    let mut host = logged_in();
    let rsa: [(&Credential, &[u8]); 3] = [
        (&f.rsa_2048, RSA_2048),
        (&f.rsa_3072, RSA_3072),
        (&f.rsa_4096, RSA_4096),
    ];
    for (signer, id) in rsa {
        for algorithm in [
            SignatureAlgorithm::RsaPkcs1Sha256,
            SignatureAlgorithm::RsaPssSha256,
        ] {
            let signature = host.sign(id, algorithm, MESSAGE).unwrap();
            assert_verifies(signer, algorithm, &signature);
        }
    }
    for (signer, id, algorithm) in [
        (&f.p256, P256, SignatureAlgorithm::EcdsaSha256),
        (&f.p384, P384, SignatureAlgorithm::EcdsaSha384),
    ] {
        let signature = host.sign(id, algorithm, MESSAGE).unwrap();
        assert_verifies(signer, algorithm, &signature);
    }
}

#[test]
fn a_key_that_wants_the_pin_for_every_signature_signs_a_batch() {
    let mut host = logged_in();
    for _ in 0..3 {
        let signature = host
            .sign(JEALOUS, SignatureAlgorithm::RsaPkcs1Sha256, MESSAGE)
            .unwrap();
        assert_verifies(
            &FIXTURE.jealous,
            SignatureAlgorithm::RsaPkcs1Sha256,
            &signature,
        );
    }
}

#[test]
fn the_wrong_algorithm_for_a_key_is_an_answer() {
    let error = logged_in()
        .sign(RSA_2048, SignatureAlgorithm::EcdsaSha256, MESSAGE)
        .unwrap_err();
    assert!(
        matches!(error, Error::Unsupported { .. } | Error::Other { .. }),
        "{error:?}"
    );
}

#[test]
fn a_token_is_also_known_by_its_serial_number() {
    let mut host = FIXTURE.host();
    let serial = host
        .tokens()
        .unwrap()
        .into_iter()
        .find(|token| token.label == SIGNER)
        .unwrap()
        .serial;
    host.login(&serial, pin(PIN)).unwrap();
}

#[test]
fn what_is_not_there_is_told_apart() {
    let mut host = FIXTURE.host();
    let rsa = SignatureAlgorithm::RsaPkcs1Sha256;
    let error = host.login("Không có", pin(PIN)).unwrap_err();
    assert!(
        matches!(error, Error::TokenAbsent { ref label } if label == "Không có"),
        "{error:?}"
    );
    assert!(matches!(
        host.sign(RSA_2048, rsa, MESSAGE),
        Err(Error::LoginRequired)
    ));

    host.login(EMPTY, pin(PIN)).unwrap();
    let error = host.sign(RSA_2048, rsa, MESSAGE).unwrap_err();
    assert!(
        matches!(error, Error::NoCertificate { ref label } if label == EMPTY),
        "{error:?}"
    );

    host.login(SIGNER, pin(PIN)).unwrap();
    let error = host
        .sign(KEYLESS, SignatureAlgorithm::EcdsaSha256, MESSAGE)
        .unwrap_err();
    assert!(matches!(error, Error::CertificateWithoutKey), "{error:?}");
}

#[test]
fn a_wrong_pin_is_told_with_the_tokens_own_flags_and_the_right_one_clears_them() {
    let mut host = FIXTURE.host();
    let error = host.login(MISTYPED, pin("87654321")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::PinIncorrect {
                count_low: true,
                final_try: false
            }
        ),
        "{error:?}"
    );
    host.login(MISTYPED, pin(PIN)).unwrap();
    let tokens = host.tokens().unwrap();
    assert!(
        !tokens
            .iter()
            .find(|token| token.label == MISTYPED)
            .unwrap()
            .flags
            .count_low
    );
}

#[test]
fn pins_that_cannot_be_one_are_never_tried() {
    let mut host = FIXTURE.host();
    assert!(matches!(
        host.login(SIGNER, pin("")),
        Err(Error::PinInvalid)
    ));
    assert!(
        matches!(host.login(SIGNER, None), Err(Error::PinRequired)),
        "SoftHSM has no PIN pad"
    );
}

#[test]
fn logging_out_ends_signing() {
    let mut host = logged_in();
    host.logout().unwrap();
    let error = host
        .sign(RSA_2048, SignatureAlgorithm::RsaPkcs1Sha256, MESSAGE)
        .unwrap_err();
    assert!(matches!(error, Error::LoginRequired), "{error:?}");
    host.logout().unwrap();
}

#[test]
fn a_token_that_disappears_is_absent_to_the_next_helper() {
    // In a folder of its own: SoftHSM trips over tokens that vanish while another process lists them.
    let dir = tempfile::tempdir().unwrap();
    let hsm = SoftHsm::create(dir.path()).unwrap();
    hsm.init_token(PULLED, "00000000", PIN).unwrap();
    let launch = Launch {
        environment: hsm.env(),
        ..FIXTURE.launch(hsm.module())
    };
    Host::launch(launch.clone())
        .unwrap()
        .login(PULLED, pin(PIN))
        .unwrap();
    hsm.delete_token(PULLED).unwrap();
    let error = Host::launch(launch)
        .unwrap()
        .login(PULLED, pin(PIN))
        .unwrap_err();
    assert!(matches!(error, Error::TokenAbsent { .. }), "{error:?}");
}

#[test]
fn softhsm_is_found_on_this_machine() {
    assert!(
        find_modules()
            .iter()
            .any(|module| module.path == FIXTURE.hsm.module())
    );
}

//! What can go wrong between the login and the signature.

use antin_testkit::fault::{Action, Fault, Stored, object};
use antin_token::{Error, SignatureAlgorithm};

use crate::fixture::{FIXTURE, PIN, pin};
use crate::scripted::{KEY, LABEL, SERIAL, ckr, host, lay_out, one_fault, token};
use crate::working::{MESSAGE, assert_verifies};

const RSA: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1Sha256;
const CKM_RSA_PKCS: u64 = 0x01;
const CKM_RSA_PKCS_PSS: u64 = 0x0d;

#[test]
fn a_token_pulled_out_while_signing_is_told_as_removed_whatever_the_module_says() {
    for (name, code) in [
        ("removed", ckr::DEVICE_REMOVED),
        ("device-error", ckr::DEVICE_ERROR),
        ("failed", ckr::FUNCTION_FAILED),
        ("general", ckr::GENERAL_ERROR),
        ("session", ckr::SESSION_HANDLE_INVALID),
        ("vendor", ckr::VENDOR),
    ] {
        for at in ["C_SignInit", "C_Sign"] {
            let faults = vec![
                Fault::always(at, Action::Unplug(SERIAL.to_owned())),
                Fault::always(at, Action::Return(code)),
            ];
            let module = lay_out(&format!("pulled-{name}-{at}"), vec![token()], faults);
            let mut host = host(&module);
            host.login(LABEL, pin(PIN)).unwrap();
            let error = host.sign(KEY, RSA, b"x").unwrap_err();
            assert!(
                matches!(error, Error::TokenRemoved),
                "{name} {at}: {error:?}"
            );
            assert!(!error.batch_can_continue());
            // Plugged in again, the PIN is asked for anew; nobody shows the old one by himself.
            module.plug(SERIAL).unwrap();
            let error = host.sign(KEY, RSA, b"x").unwrap_err();
            assert!(
                matches!(error, Error::LoginRequired),
                "{name} {at}: {error:?}"
            );
            assert_eq!(module.pins_shown(), 1);
        }
    }
}

#[test]
fn a_failing_driver_with_the_token_still_there_is_a_failing_driver() {
    for (at, code) in [
        ("C_SignInit", ckr::FUNCTION_FAILED),
        ("C_Sign", ckr::DEVICE_ERROR),
        ("C_Sign", ckr::VENDOR),
    ] {
        let module = one_fault(&format!("fails-{at}-{code}"), at, Action::Return(code));
        let mut host = host(&module);
        host.login(LABEL, pin(PIN)).unwrap();
        let error = host.sign(KEY, RSA, b"x").unwrap_err();
        assert!(matches!(error, Error::Other { .. }), "{at}: {error:?}");
        assert!(error.batch_can_continue(), "the next file has a chance");
    }
}

#[test]
fn a_login_that_ended_by_itself_is_told_and_not_made_again() {
    let module = one_fault(
        "timed-out",
        "C_SignInit",
        Action::Return(ckr::USER_NOT_LOGGED_IN),
    );
    let mut host = host(&module);
    host.login(LABEL, pin(PIN)).unwrap();
    for _ in 0..2 {
        let error = host.sign(KEY, RSA, b"x").unwrap_err();
        assert!(matches!(error, Error::LoginRequired), "{error:?}");
    }
    assert_eq!(module.pins_shown(), 1);
}

#[test]
fn tokens_that_leave_hashing_to_the_caller_sign_too() {
    for always_authenticate in [false, true] {
        let mut bare = token();
        bare.mechanisms = vec![CKM_RSA_PKCS, CKM_RSA_PKCS_PSS];
        bare.objects[0].always_authenticate = always_authenticate;
        let module = lay_out(&format!("bare-{always_authenticate}"), vec![bare], vec![]);
        let mut host = host(&module);
        host.login(LABEL, pin(PIN)).unwrap();
        for algorithm in [RSA, SignatureAlgorithm::RsaPssSha256] {
            let signature = host.sign(KEY, algorithm, MESSAGE).unwrap();
            assert_verifies(&FIXTURE.rsa_2048, algorithm, &signature);
        }
    }
}

#[test]
fn a_token_without_pss_says_so() {
    let mut old = token();
    old.mechanisms = vec![CKM_RSA_PKCS];
    let module = lay_out("no-pss", vec![old], vec![]);
    let mut host = host(&module);
    host.login(LABEL, pin(PIN)).unwrap();
    let error = host
        .sign(KEY, SignatureAlgorithm::RsaPssSha256, MESSAGE)
        .unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    host.sign(KEY, RSA, MESSAGE).unwrap();
}

/// `CKM_ECDSA` takes its input in one piece, so a PIN between the start and the end needs a call of its own.
#[test]
fn elliptic_keys_that_want_the_pin_each_time_sign() {
    let mut jealous = token();
    jealous.objects = vec![object(&[3], &FIXTURE.p256), object(&[7], &FIXTURE.p384)];
    for object in &mut jealous.objects {
        object.always_authenticate = true;
    }
    let module = lay_out("jealous-curves", vec![jealous], vec![]);
    let mut host = host(&module);
    host.login(LABEL, pin(PIN)).unwrap();
    for (id, signer, algorithm) in [
        (3, &FIXTURE.p256, SignatureAlgorithm::EcdsaSha256),
        (7, &FIXTURE.p384, SignatureAlgorithm::EcdsaSha384),
    ] {
        let signature = host.sign(&[id], algorithm, MESSAGE).unwrap();
        assert_verifies(signer, algorithm, &signature);
    }
}

#[test]
fn a_certificate_without_its_key_is_told_after_the_login() {
    let mut keyless = token();
    keyless.objects[0].key = None;
    let module = lay_out("keyless", vec![keyless], vec![]);
    let mut host = host(&module);
    assert_eq!(host.tokens().unwrap()[0].certificates[0].has_key, None);
    host.login(LABEL, pin(PIN)).unwrap();
    let error = host.sign(KEY, RSA, b"x").unwrap_err();
    assert!(matches!(error, Error::CertificateWithoutKey), "{error:?}");
    assert_eq!(
        host.tokens().unwrap()[0].certificates[0].has_key,
        Some(false)
    );
}

#[test]
fn an_expired_and_a_current_certificate_each_have_their_own_key() {
    let mut renewed = token();
    renewed.objects = vec![
        object(&[1], &FIXTURE.rsa_2048),
        object(&[2], &FIXTURE.rsa_3072),
    ];
    renewed.objects[0].certificate = Some(Stored::sound(FIXTURE.rsa_2048.der()));
    let module = lay_out("renewed", vec![renewed], vec![]);
    let mut host = host(&module);
    let listed = host.tokens().unwrap().remove(0).certificates;
    assert_eq!(listed.len(), 2);
    host.login(LABEL, pin(PIN)).unwrap();
    for (id, signer) in [(1, &FIXTURE.rsa_2048), (2, &FIXTURE.rsa_3072)] {
        let signature = host.sign(&[id], RSA, MESSAGE).unwrap();
        assert_verifies(signer, RSA, &signature);
    }
}

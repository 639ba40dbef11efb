//! Modules that answer nonsense with success.

use antin_testkit::fault::{Action, Fault, Stored, object};
use antin_token::{Error, SignatureAlgorithm};

use crate::fixture::{FIXTURE, PIN, pin};
use crate::scripted::{KEY, LABEL, SERIAL, ckr, host, lay_out, one_fault, token};

const RSA: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1Sha256;
/// More than any machine has.
const HUGE: u64 = 1 << 60;

#[test]
fn certificates_that_are_none_are_left_out_and_the_sound_one_stays() {
    let mut odd = token();
    let stored = |bytes: &[u8], claimed| {
        let mut object = object(&[9], &FIXTURE.rsa_2048);
        object.certificate = Some(Stored {
            bytes: bytes.to_vec(),
            claimed,
        });
        object
    };
    odd.objects.extend([
        stored(b"", None),
        stored(&[0x30; 17 << 10], None),
        stored(FIXTURE.rsa_2048.der(), Some(HUGE)),
        stored(FIXTURE.rsa_2048.der(), Some(0)),
        // `CK_UNAVAILABLE_INFORMATION`
        stored(FIXTURE.rsa_2048.der(), Some(u64::MAX)),
        stored(b"no DER at all", None),
    ]);
    let module = lay_out("odd-certificates", vec![odd], vec![]);
    let mut host = host(&module);
    let token = host.tokens().unwrap().remove(0);
    assert_eq!(token.unreadable, None);
    let listed: Vec<&[u8]> = token
        .certificates
        .iter()
        .map(|c| c.der.as_slice())
        .collect();
    assert_eq!(
        listed,
        [FIXTURE.rsa_2048.der(), b"no DER at all"],
        "bytes here; ops reads them"
    );
    host.login(LABEL, pin(PIN)).unwrap();
    host.sign(KEY, RSA, b"x").unwrap();
}

#[test]
fn a_certificate_cut_while_it_is_read_does_not_end_the_helper() {
    let mut odd = token();
    odd.objects[0].certificate = Some(Stored {
        bytes: FIXTURE.rsa_2048.der().to_vec(),
        claimed: Some(10),
    });
    let module = lay_out("odd-length", vec![odd], vec![]);
    let token = host(&module).tokens().unwrap().remove(0);
    assert!(token.certificates.is_empty() && token.unreadable.is_some());
}

#[test]
fn labels_that_are_no_text_are_shown_as_far_as_they_are() {
    let mut odd = token();
    odd.label = b"Th\xe1\xbb\x8d \xff\xfe\x00\x1b[31m".to_vec();
    odd.objects[0].label = vec![0xff; 40];
    let module = lay_out("odd-labels", vec![odd], vec![]);
    let mut host = host(&module);
    let token = host.tokens().unwrap().remove(0);
    assert!(token.label.starts_with("Thọ \u{fffd}"), "{:?}", token.label);
    assert!(!token.label.contains(char::is_control), "{:?}", token.label);
    assert_eq!(token.certificates.len(), 1);
    host.login(SERIAL, pin(PIN)).unwrap();
    host.login(&token.label, pin(PIN)).unwrap();
}

#[test]
fn counts_beyond_measure_end_at_most_the_helper() {
    for at in ["C_GetSlotList", "C_Sign"] {
        let module = one_fault(&format!("claims-{at}"), at, Action::Claim(HUGE));
        let mut host = host(&module);
        let error = host
            .tokens()
            .and_then(|_| host.login(LABEL, pin(PIN)))
            .and_then(|()| host.sign(KEY, RSA, b"x"))
            .unwrap_err();
        let told = matches!(error, Error::HelperCrashed { .. } | Error::Other { .. });
        assert!(told, "{at}: {error:?}");
        assert!(module.pins_shown() <= 1);
    }
}

#[test]
fn one_broken_token_does_not_hide_another() {
    let mut second = token();
    second.slot = 2;
    second.serial = "0002".to_owned();
    let faults = vec![Fault::at_call(
        "C_FindObjectsInit",
        1,
        Action::Return(ckr::DEVICE_ERROR),
    )];
    let module = lay_out("one-broken", vec![token(), second], faults);
    let tokens = host(&module).tokens().unwrap();
    assert_eq!(tokens.len(), 2);
    assert!(
        tokens[0]
            .unreadable
            .as_deref()
            .unwrap()
            .contains("CKR_DEVICE_ERROR")
    );
    assert_eq!(tokens[1].certificates.len(), 1);
}

/// Whether a signature is one is judged where the certificate is read: `pades` verifies it before it is kept.
#[test]
fn half_a_signature_comes_back_as_it_is() {
    let module = one_fault("half", "C_Sign", Action::Half);
    let mut host = host(&module);
    host.login(LABEL, pin(PIN)).unwrap();
    assert_eq!(host.sign(KEY, RSA, b"x").unwrap().len(), 128);
}

#[test]
fn half_an_elliptic_signature_is_one_of_a_smaller_curve() {
    let mut odd = token();
    odd.objects = vec![object(&[3], &FIXTURE.p256)];
    let faults = vec![Fault::always("C_Sign", Action::Half)];
    let module = lay_out("half-curve", vec![odd], faults);
    let mut host = host(&module);
    host.login(LABEL, pin(PIN)).unwrap();
    // Well-formed, and refused by whoever verifies.
    let signature = host.sign(&[3], SignatureAlgorithm::EcdsaSha256, b"x");
    assert!(signature.is_ok_and(|der| der.len() <= 40));
}

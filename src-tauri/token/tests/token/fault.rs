//! What tokens and their modules do to users: crash, hang, print, lock, and be pulled out.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::time::Duration;

use antin_testkit::process::kill;
use antin_token::{Call, Error, Host, SignatureAlgorithm};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use crate::fixture::{EMPTY, FIXTURE, PIN, RSA_2048, SIGNER, pin};

const RSA: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1Sha256;

fn faulty(fault: &str) -> Host {
    Host::launch(FIXTURE.faulty(fault).0).unwrap()
}

#[test]
fn a_killed_helper_is_told_and_the_next_call_has_a_new_one() {
    let mut host = FIXTURE.host();
    host.login(SIGNER, pin(PIN)).unwrap();
    let first = host.process_id().unwrap();
    kill(first);
    let error = host.sign(RSA_2048, RSA, b"x").unwrap_err();
    assert!(
        matches!(
            error,
            Error::HelperCrashed {
                during: Call::Sign,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(!host.tokens().unwrap().is_empty());
    assert_ne!(host.process_id(), Some(first));
    // The login went with the helper that had it.
    assert!(matches!(
        host.sign(RSA_2048, RSA, b"x"),
        Err(Error::LoginRequired)
    ));
}

#[test]
fn a_module_that_crashes_takes_only_its_helper_along() {
    let mut host = faulty("login-crashes");
    let error = host.login(SIGNER, pin(PIN)).unwrap_err();
    let told = |status: &str| status.contains("SIGSEGV");
    assert!(
        matches!(error, Error::HelperCrashed { during: Call::Login, ref status } if told(status)),
        "{error:?}"
    );
    assert!(!host.tokens().unwrap().is_empty());
}

#[test]
fn a_module_that_hangs_is_ended_at_its_deadline() {
    let (mut launch, _) = FIXTURE.faulty("hangs");
    launch.deadlines.sign = Duration::from_millis(200);
    let mut host = Host::launch(launch).unwrap();
    host.login(SIGNER, pin(PIN)).unwrap();
    let hung = host.process_id().unwrap();
    let error = host.sign(RSA_2048, RSA, b"x").unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                during: Call::Sign,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        !fs::exists(format!("/proc/{hung}")).unwrap(),
        "the hung helper is gone"
    );
    assert!(!host.tokens().unwrap().is_empty());
}

#[test]
fn a_module_that_prints_does_not_disturb_the_conversation() {
    let mut host = faulty("prints");
    for _ in 0..3 {
        assert!(!host.tokens().unwrap().is_empty());
    }
}

#[test]
fn a_token_that_leaves_hashing_to_the_caller_signs_too() {
    let mut host = faulty("raw-rsa");
    host.login(SIGNER, pin(PIN)).unwrap();
    let signature = host.sign(RSA_2048, RSA, b"message").unwrap();
    let spki = &FIXTURE
        .rsa_2048
        .certificate()
        .tbs_certificate
        .subject_public_key_info;
    let key = UnparsedPublicKey::new(
        &RSA_PKCS1_2048_8192_SHA256,
        spki.subject_public_key.raw_bytes(),
    );
    key.verify(b"message", &signature).unwrap();
}

#[test]
fn a_wrong_pin_is_sent_once_and_its_consequence_told() {
    let (launch, log) = FIXTURE.faulty("final-try");
    let error = Host::launch(launch)
        .unwrap()
        .login(SIGNER, pin("0000"))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::PinIncorrect {
                count_low: true,
                final_try: true
            }
        ),
        "{error:?}"
    );
    assert_eq!(
        fs::read_to_string(log).unwrap(),
        "C_Login\n",
        "one try, no other"
    );
}

#[test]
fn the_try_that_locks_is_told_as_locked() {
    let error = faulty("locks").login(SIGNER, pin("0000")).unwrap_err();
    assert!(matches!(error, Error::PinLocked), "{error:?}");
    let error = faulty("login-locked")
        .login(SIGNER, pin("0000"))
        .unwrap_err();
    assert!(matches!(error, Error::PinLocked), "{error:?}");
}

#[test]
fn a_locked_token_is_not_even_tried() {
    let (launch, log) = FIXTURE.faulty("locked");
    let mut host = Host::launch(launch).unwrap();
    assert!(
        host.tokens()
            .unwrap()
            .iter()
            .all(|token| token.flags.locked)
    );
    assert!(matches!(
        host.login(SIGNER, pin(PIN)),
        Err(Error::PinLocked)
    ));
    assert!(!log.exists(), "no login");
}

#[test]
fn a_failing_driver_is_never_taken_for_a_wrong_pin() {
    let error = faulty("login-fails").login(SIGNER, pin(PIN)).unwrap_err();
    let expected =
        |function: &str, code: &str| function == "C_Login" && code == "CKR_FUNCTION_FAILED";
    assert!(
        matches!(error, Error::Other { ref function, ref code } if expected(function, code)),
        "{error:?}"
    );
    assert!(error.batch_can_continue());
}

#[test]
fn a_token_pulled_out_while_signing_is_told_as_removed() {
    let mut host = faulty("pulled-out");
    host.login(SIGNER, pin(PIN)).unwrap();
    let error = host.sign(RSA_2048, RSA, b"x").unwrap_err();
    assert!(matches!(error, Error::TokenRemoved), "{error:?}");
    assert!(!error.batch_can_continue());
}

#[test]
fn the_tokens_own_pin_pad_is_used_without_a_pin() {
    let mut host = faulty("pin-pad");
    assert!(
        host.tokens()
            .unwrap()
            .iter()
            .all(|token| token.flags.protected_authentication_path)
    );
    host.login(SIGNER, None).unwrap();
    host.sign(RSA_2048, RSA, b"x").unwrap();
    assert!(matches!(
        faulty("cancelled").login(SIGNER, None),
        Err(Error::Cancelled)
    ));
}

#[test]
fn the_pin_shows_nowhere_outside_the_pipe() {
    const CANARY: &str = "canary-31415926";
    let mut host = FIXTURE.host();
    let error = host.login(EMPTY, pin(CANARY)).unwrap_err();
    assert!(matches!(error, Error::PinIncorrect { .. }), "{error:?}");
    let shown = format!("{error:?} {error} {host:?} {:?}", pin(CANARY));
    assert!(!shown.contains(CANARY), "{shown}");
    let helper = format!("/proc/{}", host.process_id().unwrap());
    // The helper forbids others to look into it; whoever may look all the same (root) finds nothing.
    for file in ["cmdline", "environ"] {
        let shown = fs::read(format!("{helper}/{file}")).unwrap_or_default();
        assert!(!contains(&shown, CANARY), "{file}");
    }
    let maps = fs::read_to_string(format!("{helper}/maps")).unwrap_or_default();
    for map in maps.lines().filter(|map| {
        map.split(' ')
            .nth(1)
            .is_some_and(|rights| rights.starts_with("rw"))
    }) {
        assert!(
            !contains(&memory(&helper, map), CANARY),
            "a copy was left unwiped in {map}"
        );
    }
}

/// The content of one mapping of a process, or nothing where it may not be read.
fn memory(process: &str, map: &str) -> Vec<u8> {
    let address = |hex: &str| u64::from_str_radix(hex, 16).unwrap();
    let (start, end) = map
        .split(' ')
        .next()
        .and_then(|range| range.split_once('-'))
        .unwrap();
    let Ok(mut file) = fs::File::open(format!("{process}/mem")) else {
        return Vec::new();
    };
    file.seek(SeekFrom::Start(address(start))).unwrap();
    let mut content = Vec::new();
    let _ = file
        .take(address(end) - address(start))
        .read_to_end(&mut content);
    content
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

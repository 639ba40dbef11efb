//! Every way a PIN can go, and how many tries it costs. Above all: no PIN is shown twice.

use antin_testkit::fault::{Action, Fault};
use antin_token::{Error, SignatureAlgorithm};

use crate::fixture::{PIN, pin};
use crate::scripted::{KEY, LABEL, SERIAL, WRONG, ckr, host, lay_out, one_fault, token};

const RSA: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1Sha256;

#[test]
fn three_wrong_pins_lock_and_each_says_what_it_has_done() {
    let module = lay_out("three-wrong", vec![token()], vec![]);
    for (try_number, expected) in [(1, (true, false)), (2, (true, true))] {
        // Each from a process of its own: the count is the token's.
        let error = host(&module).login(LABEL, pin(WRONG)).unwrap_err();
        let Error::PinIncorrect {
            count_low,
            final_try,
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!((count_low, final_try), expected);
        assert_eq!(module.pins_shown(), try_number, "one try, no other");
    }
    let error = host(&module).login(LABEL, pin(WRONG)).unwrap_err();
    assert!(matches!(error, Error::PinLocked), "{error:?}");
    assert_eq!(module.pins_shown(), 3);
    assert_eq!(module.tries_left(SERIAL), Some(0));

    // Locked: not even the right one is tried.
    let mut host = host(&module);
    assert!(host.tokens().unwrap()[0].flags.locked);
    let error = host.login(LABEL, pin(PIN)).unwrap_err();
    assert!(matches!(error, Error::PinLocked), "{error:?}");
    assert_eq!(module.pins_shown(), 3);
}

#[test]
fn a_token_that_says_locked_at_once_is_told_as_locked() {
    let mut loud = token();
    loud.locks_loudly = true;
    let module = lay_out("locks-loudly", vec![loud], vec![]);
    module.leave_tries(SERIAL, 1).unwrap();
    let error = host(&module).login(LABEL, pin(WRONG)).unwrap_err();
    assert!(matches!(error, Error::PinLocked), "{error:?}");
    assert_eq!(module.pins_shown(), 1);
}

#[test]
fn the_right_pin_at_the_last_try_signs_and_clears_the_count() {
    let module = lay_out("last-try-right", vec![token()], vec![]);
    module.leave_tries(SERIAL, 1).unwrap();
    let mut host = host(&module);
    assert!(host.tokens().unwrap()[0].flags.final_try);
    host.login(LABEL, pin(PIN)).unwrap();
    host.sign(KEY, RSA, b"x").unwrap();
    assert_eq!(module.tries_left(SERIAL), Some(3));
    assert_eq!(module.journal(), ["C_Login", "C_Sign"]);
}

#[test]
fn a_pin_of_a_length_the_token_never_takes_is_not_shown_to_it() {
    let module = lay_out("impossible-length", vec![token()], vec![]);
    let mut host = host(&module);
    for impossible in ["", "123", "12345678901234567"] {
        let error = host.login(LABEL, pin(impossible)).unwrap_err();
        assert!(matches!(error, Error::PinInvalid), "{error:?}");
    }
    assert_eq!(module.pins_shown(), 0);
}

#[test]
fn a_length_that_makes_no_sense_is_not_believed() {
    let mut senseless = token();
    senseless.pin_length = (0, 0);
    let module = lay_out("senseless-length", vec![senseless], vec![]);
    // The token itself refuses here; what matters is that it was asked.
    let error = host(&module).login(LABEL, pin(PIN)).unwrap_err();
    assert!(matches!(error, Error::PinInvalid), "{error:?}");
    assert_eq!(module.pins_shown(), 1);
}

/// The answers of `C_Login` that are not about a wrong PIN, each told as what it is.
#[test]
fn no_other_answer_to_a_login_is_taken_for_a_wrong_pin_or_tried_again() {
    type Told = fn(&Error) -> bool;
    let table: [(&str, u64, Told); 11] = [
        ("locked", ckr::PIN_LOCKED, |e| matches!(e, Error::PinLocked)),
        ("invalid", ckr::PIN_INVALID, |e| {
            matches!(e, Error::PinInvalid)
        }),
        ("length", ckr::PIN_LEN_RANGE, |e| {
            matches!(e, Error::PinInvalid)
        }),
        ("expired", ckr::PIN_EXPIRED, |e| {
            matches!(e, Error::PinExpired)
        }),
        ("no-pin-yet", ckr::USER_PIN_NOT_INITIALIZED, |e| {
            matches!(e, Error::PinNotInitialised)
        }),
        ("cancelled", ckr::FUNCTION_CANCELED, |e| {
            matches!(e, Error::Cancelled)
        }),
        ("removed", ckr::DEVICE_REMOVED, |e| {
            matches!(e, Error::TokenRemoved)
        }),
        ("absent", ckr::TOKEN_NOT_PRESENT, |e| {
            matches!(e, Error::TokenRemoved)
        }),
        (
            "failed",
            ckr::FUNCTION_FAILED,
            |e| matches!(e, Error::Other { code, .. } if code == "CKR_FUNCTION_FAILED"),
        ),
        (
            "general",
            ckr::GENERAL_ERROR,
            |e| matches!(e, Error::Other { code, .. } if code == "CKR_GENERAL_ERROR"),
        ),
        (
            "vendor",
            ckr::VENDOR,
            |e| matches!(e, Error::Other { code, .. } if code == "CKR_VENDOR_DEFINED+0x42"),
        ),
    ];
    for (name, code, told) in table {
        let module = one_fault(&format!("login-{name}"), "C_Login", Action::Return(code));
        let error = host(&module).login(LABEL, pin(PIN)).unwrap_err();
        assert!(told(&error), "{name}: {error:?}");
        assert_eq!(module.pins_shown(), 1, "{name}");
    }
}

#[test]
fn a_token_that_cannot_say_its_flags_after_a_wrong_pin_is_told_with_caution() {
    // The second look at the token is the one after the attempt.
    let faults = vec![Fault::at_call(
        "C_GetTokenInfo",
        2,
        Action::Return(ckr::DEVICE_ERROR),
    )];
    let module = lay_out("flagless", vec![token()], faults);
    let error = host(&module).login(LABEL, pin(WRONG)).unwrap_err();
    let careful = matches!(
        error,
        Error::PinIncorrect {
            count_low: true,
            ..
        }
    );
    assert!(careful, "{error:?}");
    assert_eq!(module.pins_shown(), 1);
}

#[test]
fn the_tokens_own_pad_is_used_and_no_pin_is_sent_past_it() {
    let mut padded = token();
    let typed = [PIN, WRONG, "", PIN];
    padded.pad = Some(typed.map(str::to_owned).to_vec());
    let module = lay_out("pad", vec![padded], vec![]);
    let mut host = host(&module);
    assert!(
        host.tokens().unwrap()[0]
            .flags
            .protected_authentication_path
    );
    host.login(LABEL, None).unwrap();
    host.sign(KEY, RSA, b"x").unwrap();
    let error = host.login(LABEL, None).unwrap_err();
    assert!(matches!(error, Error::PinIncorrect { .. }), "{error:?}");
    let error = host.login(LABEL, None).unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error:?}");
    assert_eq!(module.tries_left(SERIAL), Some(2), "cancelling costs none");
    // Somebody hands over a PIN all the same: it stays here, and the pad is asked.
    host.login(LABEL, pin(WRONG)).unwrap();
    assert_eq!(module.tries_left(SERIAL), Some(3));
}

#[test]
fn a_key_that_wants_the_pin_each_time_gets_it_once_a_signature() {
    let mut jealous = token();
    jealous.objects[0].always_authenticate = true;
    let module = lay_out("jealous", vec![jealous.clone()], vec![]);
    let mut host = host(&module);
    host.login(LABEL, pin(PIN)).unwrap();
    for _ in 0..3 {
        host.sign(KEY, RSA, b"x").unwrap();
    }
    let one = ["C_Login context", "C_Sign"];
    assert_eq!(
        module.journal(),
        [&["C_Login"][..], &one, &one, &one].concat()
    );
}

#[test]
fn a_pin_that_has_become_wrong_meanwhile_is_shown_once_and_then_forgotten() {
    let mut jealous = token();
    jealous.objects[0].always_authenticate = true;
    let module = lay_out("jealous-changed", vec![jealous], vec![]);
    let mut signer = host(&module);
    signer.login(LABEL, pin(PIN)).unwrap();
    signer.sign(KEY, RSA, b"x").unwrap();
    // Another program changes the PIN.
    let pins = pin(PIN).zip(pin("87654321"));
    host(&module).change_pin(LABEL, pins).unwrap();
    let error = signer.sign(KEY, RSA, b"x").unwrap_err();
    assert!(matches!(error, Error::PinIncorrect { .. }), "{error:?}");
    assert!(!error.batch_can_continue());
    for _ in 0..3 {
        let error = signer.sign(KEY, RSA, b"x").unwrap_err();
        assert!(matches!(error, Error::LoginRequired), "{error:?}");
    }
    assert_eq!(module.tries_left(SERIAL), Some(2), "one try, no other");
}

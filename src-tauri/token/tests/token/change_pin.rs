//! Changing the PIN: one call, one try.

use antin_testkit::fault::Action;
use antin_token::{Call, Error, Host, UserPin};

use crate::fixture::{CHANGED, FIXTURE, PIN, pin};
use crate::scripted::{LABEL, SERIAL, WRONG, ckr, host, impatient, lay_out, one_fault, token};

const NEW: &str = "87654321";

fn pins(old: &str, new: &str) -> Option<(UserPin, UserPin)> {
    pin(old).zip(pin(new))
}

#[test]
fn a_real_token_takes_the_new_pin_and_forgets_the_old_one() {
    let mut host = FIXTURE.host();
    host.change_pin(CHANGED, pins(PIN, NEW)).unwrap();
    let error = host.login(CHANGED, pin(PIN)).unwrap_err();
    assert!(matches!(error, Error::PinIncorrect { .. }), "{error:?}");
    host.login(CHANGED, pin(NEW)).unwrap();
    host.change_pin(CHANGED, pins(NEW, PIN)).unwrap();
    assert!(
        matches!(
            host.sign(&[1], antin_token::SignatureAlgorithm::RsaPkcs1Sha256, b"x"),
            Err(Error::LoginRequired)
        ),
        "changing ends the login"
    );
}

#[test]
fn one_call_changes_it_and_nothing_else_carries_a_pin() {
    let module = lay_out("change", vec![token()], vec![]);
    let mut host = host(&module);
    host.change_pin(LABEL, pins(PIN, NEW)).unwrap();
    assert_eq!(module.journal(), ["C_SetPIN"]);
    host.login(LABEL, pin(NEW)).unwrap();
}

#[test]
fn a_wrong_old_pin_costs_one_try_and_is_told_with_the_tokens_flags() {
    let module = lay_out("change-wrong", vec![token()], vec![]);
    let mut host = host(&module);
    let mut change = || host.change_pin(LABEL, pins(WRONG, NEW)).unwrap_err();
    assert!(matches!(
        change(),
        Error::PinIncorrect {
            count_low: true,
            final_try: false
        }
    ));
    assert!(matches!(
        change(),
        Error::PinIncorrect {
            final_try: true,
            ..
        }
    ));
    assert!(matches!(change(), Error::PinLocked));
    assert_eq!(module.pins_shown(), 3);
    // Locked: refused here.
    assert!(matches!(change(), Error::PinLocked));
    assert_eq!(module.pins_shown(), 3);
}

#[test]
fn a_new_pin_of_the_wrong_length_never_reaches_the_token() {
    let module = lay_out("change-length", vec![token()], vec![]);
    let mut host = host(&module);
    for bad in ["", "123", "12345678901234567"] {
        let error = host.change_pin(LABEL, pins(PIN, bad)).unwrap_err();
        assert!(matches!(error, Error::PinInvalid), "{error:?}");
    }
    assert_eq!(module.pins_shown(), 0);
    assert_eq!(module.tries_left(SERIAL), None);
}

#[test]
fn the_pad_asks_for_both() {
    let mut padded = token();
    padded.pad = Some([PIN, NEW, NEW].map(str::to_owned).to_vec());
    let module = lay_out("change-pad", vec![padded], vec![]);
    let mut host = host(&module);
    host.change_pin(LABEL, None).unwrap();
    host.login(LABEL, None).unwrap();
    assert_eq!(module.tries_left(SERIAL), Some(3));
    // A token without a pad has nothing to type on.
    let module = lay_out("change-no-pad", vec![token()], vec![]);
    let error = crate::scripted::host(&module)
        .change_pin(LABEL, None)
        .unwrap_err();
    assert!(matches!(error, Error::PinRequired), "{error:?}");
}

#[test]
fn a_driver_that_fails_at_it_is_not_asked_again() {
    let fail = |name: &str, action: Action, make: fn(&_) -> Host| {
        let module = one_fault(&format!("change-{name}"), "C_SetPIN", action);
        let error = make(&module).change_pin(LABEL, pins(PIN, NEW)).unwrap_err();
        assert_eq!(module.pins_shown(), 1, "{name}");
        error
    };
    let error = fail("fails", Action::Return(ckr::FUNCTION_FAILED), host);
    assert!(matches!(error, Error::Other { .. }), "{error:?}");
    let error = fail("wants-login", Action::Return(ckr::USER_NOT_LOGGED_IN), host);
    assert!(matches!(error, Error::LoginRequired), "{error:?}");
    let error = fail("crashes", Action::Abort, host);
    assert!(matches!(error, Error::HelperCrashed { .. }), "{error:?}");
    let error = fail("hangs", Action::Hang, |module| {
        impatient(module, Call::ChangePin)
    });
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

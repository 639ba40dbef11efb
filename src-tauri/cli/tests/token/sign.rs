//! Signing with tokens that fail: the code told, the PINs it cost, and the letter untouched.

use std::fs;

use antin_testkit::fault::{Action, Fault, object};
use antin_testkit::office::LEADER;
use antin_testkit::pki::Role;

use crate::{DEVICE_ERROR, Desk, FUNCTION_FAILED, LEADER_SERIAL, WORLD, tokens};

/// Its name, what goes wrong where, the code told, and the PINs shown to the token.
type Experiment = (
    &'static str,
    Vec<(&'static str, Action)>,
    &'static str,
    usize,
);

const SIGN: [&str; 4] = ["sign", "--pin-stdin", "--level", "b"];

/// Signs one letter; hands back the refusal's code, or `signed`.
fn sign(desk: &Desk, words: &[&str], pin: &str) -> String {
    let letter = desk.letter("letter.pdf");
    let before = fs::read(&letter).unwrap();
    let words = [&SIGN[..], words, &[letter.to_str().unwrap()]].concat();
    let rows = desk.rows(&words, &format!("{pin}\n"));
    let code = rows
        .iter()
        .find_map(|row| row["error"]["code"].as_str())
        .unwrap_or("signed")
        .to_owned();
    let after = fs::read(&letter).unwrap();
    if code == "signed" {
        assert!(after.len() > before.len(), "{rows:?}");
    } else {
        assert!(before == after, "{code}: the letter is untouched");
    }
    code
}

#[test]
fn every_fault_between_the_pin_and_the_signature_has_its_code_and_its_price() {
    let unplug = || Action::Unplug(LEADER_SERIAL.to_owned());
    let table: Vec<Experiment> = vec![
        ("sound", vec![], "signed", 1),
        (
            "login-fails",
            vec![("C_Login", Action::Return(FUNCTION_FAILED))],
            "TokenDriverFailed",
            1,
        ),
        (
            "login-crashes",
            vec![("C_Login", Action::Segfault)],
            "TokenDriverFailed",
            1,
        ),
        (
            "login-cancelled",
            vec![("C_Login", Action::Return(0x50))],
            "PinCancelled",
            1,
        ),
        (
            "login-expired",
            vec![("C_Login", Action::Return(0xa3))],
            "PinExpired",
            1,
        ),
        (
            "login-locked",
            vec![("C_Login", Action::Return(0xa4))],
            "PinLocked",
            1,
        ),
        (
            "sign-fails",
            vec![("C_Sign", Action::Return(FUNCTION_FAILED))],
            "TokenDriverFailed",
            1,
        ),
        (
            "sign-aborts",
            vec![("C_Sign", Action::Abort)],
            "TokenDriverFailed",
            1,
        ),
        (
            "sign-exits",
            vec![("C_Sign", Action::Exit)],
            "TokenDriverFailed",
            1,
        ),
        (
            "pulled",
            vec![
                ("C_Sign", unplug()),
                ("C_Sign", Action::Return(DEVICE_ERROR)),
            ],
            "TokenRemoved",
            1,
        ),
        (
            "pulled-at-login",
            vec![("C_Login", unplug())],
            "TokenRemoved",
            1,
        ),
        (
            "session-lost",
            vec![("C_SignInit", Action::Return(0x101))],
            "TokenRemoved",
            1,
        ),
        (
            "slow",
            vec![
                ("C_Login", Action::Delay(200)),
                ("C_Sign", Action::Delay(200)),
            ],
            "signed",
            1,
        ),
        (
            "prints",
            vec![
                ("C_Login", Action::Print("pin={pin}".into())),
                ("C_Sign", Action::Print("\0ANTIN".into())),
            ],
            "signed",
            1,
        ),
    ];
    for (name, faults, code, tries) in table {
        let faults = faults
            .into_iter()
            .map(|(at, action)| Fault::always(at, action))
            .collect();
        let desk = Desk::new(&format!("sign-{name}"), tokens(), faults);
        assert_eq!(sign(&desk, &[], LEADER.pin), code, "{name}");
        assert_eq!(desk.module.pins_shown(), tries, "{name}");
    }
}

#[test]
fn a_signature_that_is_none_never_gets_into_a_letter() {
    for (name, action) in [("half", Action::Half), ("wrong", Action::Wrong)] {
        let faults = vec![Fault::always("C_Sign", action)];
        let desk = Desk::new(&format!("sign-{name}"), tokens(), faults);
        let code = sign(&desk, &[], LEADER.pin);
        assert_eq!(code, "TokenSignatureWrong", "{name}");
        assert_eq!(desk.module.pins_shown(), 1, "{name}");
    }
}

#[test]
fn a_token_that_knows_no_rsa_says_so_and_the_letter_is_untouched() {
    const CKM_ECDSA: u64 = 0x1041;
    let mut other = tokens();
    other[0].mechanisms = vec![CKM_ECDSA];
    let desk = Desk::new("sign-unsupported", other, vec![]);
    assert_eq!(sign(&desk, &[], LEADER.pin), "TokenUnsupported");
    assert_eq!(desk.module.pins_shown(), 1);
}

#[test]
fn wrong_pins_count_down_to_the_lock_and_no_further() {
    let desk = Desk::new("sign-wrong-pins", tokens(), vec![]);
    let wrong = "canary-0000";
    assert_eq!(sign(&desk, &[], wrong), "PinIncorrectCountLow");
    assert_eq!(sign(&desk, &[], wrong), "PinIncorrectFinalTry");
    assert_eq!(sign(&desk, &[], wrong), "PinLocked");
    assert_eq!(desk.module.pins_shown(), 3);
    assert_eq!(sign(&desk, &[], LEADER.pin), "PinLocked");
    assert_eq!(desk.module.pins_shown(), 3, "a locked token hears no PIN");
}

#[test]
fn two_tokens_of_one_name_hear_no_pin_until_one_is_named_by_its_number() {
    let mut twins = tokens();
    let mut twin = twins[0].clone();
    twin.slot = 3;
    twin.serial = "L-0003".to_owned();
    twins.push(twin);
    let desk = Desk::new("sign-twins", twins, vec![]);
    assert_eq!(sign(&desk, &[], LEADER.pin), "TokenAmbiguous");
    assert_eq!(desk.module.pins_shown(), 0);
    assert_eq!(sign(&desk, &["--token", "L-0003"], LEADER.pin), "signed");
    assert_eq!(desk.module.tries_left(LEADER_SERIAL), None);
}

#[test]
fn beside_an_expired_certificate_the_current_one_signs() {
    for at in [0, 1] {
        let mut renewed = tokens();
        let expired = object(&[9], WORLD.pki().leaf(Role::Expired).unwrap());
        renewed[0].objects.insert(at, expired);
        let desk = Desk::new(&format!("sign-renewed-{at}"), renewed, vec![]);
        assert_eq!(sign(&desk, &[], LEADER.pin), "signed");
    }
    let mut keyless = tokens();
    keyless[0].objects[0].key = None;
    let desk = Desk::new("sign-keyless", keyless, vec![]);
    assert_eq!(sign(&desk, &[], LEADER.pin), "TokenCertificateMissing");
    assert_eq!(
        desk.module.pins_shown(),
        1,
        "only the login shows that the key is not there"
    );
}

#[test]
fn a_batch_with_a_key_that_wants_the_pin_each_time() {
    let mut jealous = tokens();
    jealous[0].objects[0].always_authenticate = true;
    let desk = Desk::new("sign-jealous", jealous, vec![]);
    let files: Vec<String> = ["a.pdf", "b.pdf", "c.pdf"]
        .map(|name| desk.letter(name).display().to_string())
        .to_vec();
    let words: Vec<&str> = SIGN
        .iter()
        .copied()
        .chain(files.iter().map(String::as_str))
        .collect();
    let rows = desk.rows(&words, &format!("{}\n", LEADER.pin));
    assert!(rows.iter().all(|row| row["error"].is_null()), "{rows:?}");
    let context = desk
        .module
        .journal()
        .iter()
        .filter(|call| *call == "C_Login context")
        .count();
    assert_eq!((context, desk.module.pins_shown()), (3, 4));
    assert_eq!(desk.module.tries_left(LEADER_SERIAL), Some(3));
}

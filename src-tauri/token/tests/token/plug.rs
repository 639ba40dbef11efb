//! Tokens that come and go, and more than one at a time.

use antin_testkit::fault::{Action, Fault};
use antin_token::{Call, Error, Host};

use crate::fixture::{FIXTURE, PIN, SIGNER, pin};
use crate::scripted::{LABEL, SERIAL, host, impatient, lay_out, one_fault, token};

fn serials(host: &mut Host) -> Vec<String> {
    let present = host.present().unwrap();
    present.into_iter().map(|token| token.serial).collect()
}

#[test]
fn what_is_plugged_in_and_pulled_out_shows_at_the_next_look() {
    let mut second = token();
    second.slot = 2;
    second.serial = "0002".to_owned();
    let module = lay_out("comes-and-goes", vec![token(), second], vec![]);
    let mut host = host(&module);
    assert_eq!(serials(&mut host), ["0001", "0002"]);
    let helper = host.process_id();
    module.unplug(SERIAL).unwrap();
    assert_eq!(serials(&mut host), ["0002"]);
    let readers = host.readers().unwrap();
    assert_eq!(
        readers.iter().map(|r| r.has_token).collect::<Vec<_>>(),
        [false, true]
    );
    module.unplug("0002").unwrap();
    assert!(serials(&mut host).is_empty());
    module.plug(SERIAL).unwrap();
    assert_eq!(serials(&mut host), ["0001"]);
    assert_eq!(host.process_id(), helper, "one helper throughout");
    assert_eq!(module.pins_shown(), 0);
}

#[test]
fn a_token_pulled_out_while_it_is_listed_is_not_there() {
    let faults = vec![Fault::always(
        "C_OpenSession",
        Action::Unplug(SERIAL.to_owned()),
    )];
    let module = lay_out("pulled-while-listed", vec![token()], faults);
    assert!(host(&module).tokens().unwrap().is_empty());
}

#[test]
fn two_tokens_of_one_label_are_told_apart_by_their_serial_numbers() {
    let mut second = token();
    second.slot = 2;
    second.serial = "0002".to_owned();
    second.pin = "87654321".to_owned();
    let module = lay_out("one-label", vec![token(), second], vec![]);
    let mut host = host(&module);
    let error = host.login(LABEL, pin(PIN)).unwrap_err();
    assert!(
        matches!(error, Error::TokenAmbiguous { ref label } if label == LABEL),
        "{error:?}"
    );
    assert_eq!(module.pins_shown(), 0, "no PIN on a guess");
    host.login("0002", pin("87654321")).unwrap();
    assert_eq!(module.tries_left(SERIAL), None, "the other was left alone");
    assert_eq!(module.pins_shown(), 1);
}

#[test]
fn two_modules_are_two_helpers_and_one_that_hangs_keeps_nobody_waiting() {
    let module = one_fault("beside", "C_GetSlotList", Action::Hang);
    let mut hung = impatient(&module, Call::Tokens);
    let mut sound = FIXTURE.host();
    assert_ne!(hung.process_id(), sound.process_id());
    let error = hung.tokens().unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(sound.tokens().unwrap().iter().any(|t| t.label == SIGNER));
}

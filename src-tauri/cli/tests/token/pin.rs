//! `antin token change-pin`: what is told, what it cost, and that no PIN shows.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use antin_testkit::fault::{Action, Fault};
use antin_testkit::office::LEADER;

use crate::{Desk, FUNCTION_FAILED, LEADER_SERIAL, tokens};

const OLD: &str = LEADER.pin;
const NEW: &str = "canary-8642";
const WRONG: &str = "canary-1357";

const CHANGE: [&str; 5] = [
    "token",
    "change-pin",
    "--pin-stdin",
    "--token",
    LEADER_SERIAL,
];

fn change(desk: &Desk, old: &str, new: &str) -> String {
    desk.refusal(&CHANGE, &format!("{old}\n{new}\n"))
}

#[test]
fn a_pin_is_changed_with_one_call_and_shows_nowhere() {
    // A driver that logs whatever it is given.
    let noisy = vec![Fault::always(
        "C_SetPIN",
        Action::Print("DEBUG pin={pin}".into()),
    )];
    let desk = Desk::new("change", tokens(), noisy);
    let rows = desk.rows(&CHANGE, &format!("{OLD}\n{NEW}\n"));
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["changed"], true);
    let calls = desk.module.journal();
    let with_pins = calls.iter().filter(|call| *call != "C_Finalize");
    assert_eq!(with_pins.collect::<Vec<_>>(), ["C_SetPIN"]);
    // The old one is wrong now, the new one right.
    assert_eq!(change(&desk, OLD, WRONG), "PinIncorrectCountLow");
    assert_eq!(
        desk.rows(&CHANGE, &format!("{NEW}\n{OLD}\n"))[0]["changed"],
        true
    );
}

#[test]
fn what_cannot_be_is_refused_before_the_token_hears_of_it() {
    let desk = Desk::new("change-refused", tokens(), vec![]);
    for (old, new, code) in [
        (OLD, "123", "PinNewInvalid"),
        (OLD, "12345678901234567", "PinNewInvalid"),
        (OLD, "mật-khẩu", "PinNewInvalid"),
        (OLD, OLD, "PinNewSame"),
        ("123", NEW, "PinInvalid"),
        (OLD, "", "PinNewInvalid"),
    ] {
        assert_eq!(change(&desk, old, new), code, "{old} → {new}");
    }
    assert_eq!(desk.module.pins_shown(), 0);
}

#[test]
fn wrong_pins_are_counted_aloud_and_the_last_try_needs_a_word() {
    let desk = Desk::new("change-wrong", tokens(), vec![]);
    assert_eq!(change(&desk, WRONG, NEW), "PinIncorrectCountLow");
    assert_eq!(change(&desk, WRONG, NEW), "PinIncorrectFinalTry");
    assert_eq!(desk.module.pins_shown(), 2);
    // One try left: nothing is sent unless somebody says so.
    assert_eq!(change(&desk, OLD, NEW), "PinLastTry");
    assert_eq!(desk.module.pins_shown(), 2);
    let words = desk.run(&CHANGE, &format!("{OLD}\n{NEW}\n"));
    let text = String::from_utf8_lossy(&words.stdout).into_owned();
    assert!(text.contains("--last-try"), "{text}");
    let last = [&CHANGE[..], &["--last-try"]].concat();
    let input = format!("{WRONG}\n{NEW}\n");
    assert_eq!(desk.refusal(&last, &input), "PinLocked");
    assert_eq!(desk.module.pins_shown(), 3);
    // Locked: not even the right one is sent.
    assert_eq!(change(&desk, OLD, NEW), "PinLocked");
    let input = format!("{OLD}\n{NEW}\n");
    assert_eq!(desk.refusal(&last, &input), "PinLocked");
    assert_eq!(desk.module.pins_shown(), 3);
}

#[test]
fn a_driver_that_fails_is_not_taken_for_a_wrong_pin_nor_asked_again() {
    for (name, action) in [
        ("change-fails", Action::Return(FUNCTION_FAILED)),
        ("change-crashes", Action::Segfault),
    ] {
        let desk = Desk::new(name, tokens(), vec![Fault::always("C_SetPIN", action)]);
        assert_eq!(change(&desk, OLD, NEW), "TokenDriverFailed");
        assert_eq!(desk.module.pins_shown(), 1);
    }
}

#[test]
fn a_token_with_a_pad_is_asked_there() {
    let mut padded = tokens();
    padded[0].pad = Some(vec![OLD.to_owned(), NEW.to_owned()]);
    let desk = Desk::new("change-pad", padded, vec![]);
    let words = ["token", "change-pin", "--token", LEADER.label];
    let output = desk.run(&words, "");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("trên thiết bị"), "{text}");
    assert_eq!(desk.module.tries_left(LEADER_SERIAL), Some(3));
}

#[test]
fn several_tokens_need_a_name() {
    let desk = Desk::new("change-which", tokens(), vec![]);
    let words = ["token", "change-pin", "--pin-stdin"];
    assert_eq!(desk.refusal(&words, "1\n2\n"), "TokenAmbiguous");
    let words = ["token", "change-pin", "--pin-stdin", "--token", "không có"];
    assert_eq!(desk.refusal(&words, "1\n2\n"), "TokenAbsent");
}

/// On a real terminal (util-linux's `script` makes one): each answer is typed once its question stands there, as a person
/// does. Hands back everything the terminal showed.
fn on_a_terminal(desk: &Desk, answers: &[(&str, &str)]) -> String {
    let program = crate::WORLD.programs().path("antin");
    let line = format!(
        "{} token change-pin --token {LEADER_SERIAL}",
        program.display()
    );
    let mut script = Command::new("script");
    for (name, value) in desk.antin().get_envs() {
        script.env(name, value.unwrap());
    }
    script
        .env("ANTIN_LOG", "error")
        .args(["-qec", &line, "/dev/null"]);
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = Vec::new();
    for (question, answer) in answers {
        let begun = shown.len();
        let mut byte = [0];
        while !String::from_utf8_lossy(&shown[begun..]).contains(question) {
            let read = screen.read(&mut byte).unwrap();
            let so_far = String::from_utf8_lossy(&shown);
            assert_eq!(read, 1, "never asked “{question}”: {so_far}");
            shown.push(byte[0]);
        }
        writeln!(keyboard, "{answer}").unwrap();
    }
    screen.read_to_end(&mut shown).unwrap();
    child.wait().unwrap();
    String::from_utf8(shown).unwrap()
}

#[test]
fn pins_typed_on_a_terminal_are_not_shown() {
    const ASKED_OLD: &str = "Mã PIN cũ của Phan Ngọc Thọ: ";
    const ASKED_NEW: &str = "Mã PIN mới (4–16 ký tự): ";
    const ASKED_AGAIN: &str = "Nhập lại mã PIN mới: ";
    let desk = Desk::new("change-typed", tokens(), vec![]);
    let answers = [(ASKED_OLD, OLD), (ASKED_NEW, NEW), (ASKED_AGAIN, NEW)];
    let shown = on_a_terminal(&desk, &answers);
    assert!(shown.contains("Đã đổi mã PIN"), "{shown}");
    assert!(!shown.contains(OLD) && !shown.contains(NEW), "{shown}");
    assert_eq!(desk.module.pins_shown(), 1);
    // Typed differently, or given up with Ctrl-C: nothing is sent.
    let answers = [(ASKED_OLD, NEW), (ASKED_NEW, OLD), (ASKED_AGAIN, WRONG)];
    let shown = on_a_terminal(&desk, &answers);
    assert!(shown.contains("không giống nhau"), "{shown}");
    let shown = on_a_terminal(&desk, &[(ASKED_OLD, "\u{3}")]);
    assert!(shown.contains("Đã hủy"), "{shown}");
    assert_eq!(desk.module.pins_shown(), 1);
}

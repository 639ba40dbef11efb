//! `antin token list`, over two drivers, and over tokens that come and go.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use antin_testkit::fault::{Action, Fault};
use antin_testkit::process::Guard;
use serde_json::Value;

use crate::{CLERK_SERIAL, Desk, LEADER_SERIAL, WORLD, tokens};

/// Far beyond what a person would wait: a line that has not come by then does not come.
const NEVER: Duration = Duration::from_secs(60);

#[test]
fn two_drivers_are_both_asked_and_one_that_crashes_hides_nothing() {
    let desk = Desk::new("two-drivers", tokens(), vec![]);
    let list = |desk: &Desk| {
        let mut antin = desk.antin();
        antin.envs(WORLD.tokens().env());
        antin.args(["--json", "token", "list", "--module"]);
        antin.arg(desk.module.module()).arg("--module");
        let output = antin.arg(WORLD.tokens().module()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let rows: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        rows
    };
    let rows = list(&desk);
    let of = |rows: &[Value], module: &str| {
        rows.iter()
            .filter(|row| row["module"].as_str().is_some_and(|m| m.contains(module)))
            .count()
    };
    assert_eq!(
        (of(&rows, "fault"), of(&rows, "softhsm")),
        (2, 2),
        "{rows:?}"
    );

    let crash = vec![Fault::always("C_GetSlotList", Action::Abort)];
    let desk = Desk::new("two-drivers-one-crashes", tokens(), crash);
    let rows = list(&desk);
    assert_eq!(of(&rows, "softhsm"), 2, "{rows:?}");
    let failed = rows.iter().find(|row| !row["error"].is_null()).unwrap();
    assert_eq!(failed["error"]["code"], "TokenDriverFailed", "{failed}");
}

/// The lines of a watch, as they come.
fn watch(desk: &Desk) -> (Guard, Receiver<Value>) {
    let mut antin = desk.antin();
    antin.args(["--json", "token", "list", "--watch", "--module"]);
    antin.arg(desk.module.module());
    antin
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut guard = Guard::spawn(antin).unwrap();
    let lines = BufReader::new(guard.child().stdout.take().unwrap()).lines();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                break;
            }
        }
    });
    (guard, receiver)
}

#[track_caller]
fn told(lines: &Receiver<Value>, event: &str, serial: &str) {
    let line = lines.recv_timeout(NEVER).unwrap();
    assert_eq!(
        (&line["event"], &line["serial"]),
        (&event.into(), &serial.into())
    );
}

#[test]
fn a_token_plugged_in_appears_and_one_pulled_out_disappears() {
    let desk = Desk::new("watched", tokens(), vec![]);
    desk.module.unplug(LEADER_SERIAL).unwrap();
    let (_antin, lines) = watch(&desk);
    told(&lines, "in", CLERK_SERIAL);
    desk.module.plug(LEADER_SERIAL).unwrap();
    told(&lines, "in", LEADER_SERIAL);
    desk.module.unplug(CLERK_SERIAL).unwrap();
    told(&lines, "out", CLERK_SERIAL);
    desk.module.unplug(LEADER_SERIAL).unwrap();
    told(&lines, "out", LEADER_SERIAL);
    assert_eq!(desk.module.pins_shown(), 0);
}

#[test]
fn a_driver_that_crashes_is_watched_again() {
    // The third look of each helper is its last.
    let crash = vec![Fault::at_call("C_GetSlotList", 5, Action::Abort)];
    let desk = Desk::new("watched-crash", tokens(), crash);
    let (_antin, lines) = watch(&desk);
    for _ in 0..2 {
        let mut serials: Vec<String> = (0..2)
            .map(|_| {
                let line = lines.recv_timeout(NEVER).unwrap();
                assert_eq!(line["event"], "in");
                line["serial"].as_str().unwrap().to_owned()
            })
            .collect();
        serials.sort();
        assert_eq!(serials, [CLERK_SERIAL, LEADER_SERIAL]);
        for _ in 0..2 {
            assert_eq!(lines.recv_timeout(NEVER).unwrap()["event"], "out");
        }
    }
}

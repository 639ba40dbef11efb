//! Each thing that can be wrong with an office, and the one remedy it is given.

use antin_testkit::fault::{Action, Fault, Stored, Token, object};
use antin_testkit::pki::Role;
use serde_json::Value;

use crate::{CLERK_SERIAL, DEVICE_ERROR, Desk, FUNCTION_FAILED, LEADER_SERIAL, WORLD, tokens};

/// The steps of one examination, and its last word.
struct Examined {
    steps: Vec<Value>,
    verdict: Value,
}

impl Examined {
    fn of(desk: &Desk, words: &[&str]) -> Examined {
        let mut steps = desk.rows(&[&["token", "doctor"], words].concat(), "");
        let verdict = steps.pop().unwrap();
        Examined { steps, verdict }
    }

    /// The states of a step, one for each token.
    fn states(&self, step: &str) -> Vec<&str> {
        let of_step = self.steps.iter().filter(|row| row["step"] == step);
        of_step.map(|row| row["state"].as_str().unwrap()).collect()
    }

    /// The codes of what is broken, each with exactly one remedy.
    #[track_caller]
    fn faults(&self) -> Vec<&str> {
        let broken = self.steps.iter().filter(|row| row["state"] == "fault");
        broken
            .map(|row| {
                assert!(!row["what"].as_str().unwrap().is_empty(), "{row}");
                assert!(!row["fix"].as_str().unwrap().is_empty(), "{row}");
                row["code"].as_str().unwrap()
            })
            .collect()
    }
}

#[test]
fn a_healthy_office_is_told_so_in_one_line_at_the_end() {
    let desk = Desk::new("healthy", tokens(), vec![]);
    let examined = Examined::of(&desk, &[]);
    let order: Vec<&str> = examined
        .steps
        .iter()
        .map(|row| row["step"].as_str().unwrap())
        .collect();
    let each = ["token", "certificate", "path"];
    let expected = [&["reader", "driver"][..], &each, &each, &["clock", "tsa"]].concat();
    assert_eq!(order, expected);
    assert_eq!(examined.faults(), [""; 0]);
    assert_eq!(examined.verdict["healthy"], true);
    assert_eq!(examined.verdict["notChecked"], 0, "{:?}", examined.steps);

    let words = desk.run(&["token", "doctor"], "");
    let text = String::from_utf8(words.stdout).unwrap();
    assert_eq!(text.lines().last(), Some("Mọi thứ sẵn sàng để ký."));
    assert_eq!(text.lines().count(), expected.len() + 1, "{text}");
    let words = desk.run(&["--lang", "en", "token", "doctor", "--offline"], "");
    let text = String::from_utf8(words.stdout).unwrap();
    let last = text.lines().last();
    assert_eq!(
        last,
        Some("Nothing is wrong; 2 items could not be checked.")
    );
    assert_eq!(desk.module.pins_shown(), 0);
}

/// An experiment: what is done to the office, and the faults told.
fn experiment(name: &str, tokens: Vec<Token>, faults: Vec<Fault>, expected: &[&str]) -> Examined {
    let desk = Desk::new(name, tokens, faults);
    examine(&desk, expected)
}

#[track_caller]
fn examine(desk: &Desk, expected: &[&str]) -> Examined {
    let examined = Examined::of(desk, &["--offline"]);
    assert_eq!(examined.faults(), expected, "{:?}", examined.steps);
    assert_eq!(examined.verdict["healthy"], expected.is_empty());
    assert_eq!(desk.module.pins_shown(), 0, "nobody asked for a PIN");
    examined
}

#[test]
fn a_missing_token_is_one_fault_and_what_stands_on_it_is_not_blamed() {
    let desk = Desk::new("absent", tokens(), vec![]);
    desk.module.unplug(LEADER_SERIAL).unwrap();
    let examined = examine(&desk, &["TokenAbsent"]);
    assert_eq!(examined.states("certificate"), ["not-checked", "ok"]);
    assert_eq!(examined.states("path"), ["not-checked", "ok"]);
    desk.module.unplug(CLERK_SERIAL).unwrap();
    examine(&desk, &["TokenAbsent", "TokenAbsent"]);
}

#[test]
fn the_states_of_a_pin_are_told_before_anybody_types() {
    let desk = Desk::new("pin-states", tokens(), vec![]);
    desk.module.leave_tries(LEADER_SERIAL, 2).unwrap();
    let examined = examine(&desk, &[]);
    let leader = examined.steps.iter().find(|row| row["step"] == "token");
    let what = leader.unwrap()["what"].as_str().unwrap();
    assert!(what.contains("đã có lần nhập sai"), "{what}");
    desk.module.leave_tries(LEADER_SERIAL, 1).unwrap();
    examine(&desk, &["PinLastTry"]);
    desk.module.leave_tries(LEADER_SERIAL, 0).unwrap();
    examine(&desk, &["PinLocked"]);
}

#[test]
fn certificates_are_told_apart() {
    let with = |role| {
        let mut all = tokens();
        all[0].objects = vec![object(&[1], WORLD.pki().leaf(role).unwrap())];
        all
    };
    experiment(
        "expired",
        with(Role::Expired),
        vec![],
        &["CertificateExpired"],
    );
    experiment(
        "not-for-signing",
        with(Role::OcspResponder),
        vec![],
        &["CertificateNotForSigning"],
    );
    // An expired one beside a current one, in either order, is no fault.
    for (name, at) in [("renewed", 0), ("renewed-behind", 1)] {
        let mut renewed = tokens();
        let expired = object(&[9], WORLD.pki().leaf(Role::Expired).unwrap());
        renewed[0].objects.insert(at, expired);
        experiment(name, renewed, vec![], &[]);
    }
    let mut empty = tokens();
    empty[0].objects.clear();
    experiment("empty", empty, vec![], &["TokenCertificateMissing"]);
    let mut broken = tokens();
    broken[0].objects[0].certificate = Some(Stored::sound(b"\x30\x82\xff\xff broken DER"));
    experiment("broken-der", broken, vec![], &["CertificateNotForSigning"]);
}

#[test]
fn a_revoked_or_unknown_certificate_is_a_broken_path() {
    let mut revoked = tokens();
    revoked[0].objects = vec![object(&[1], WORLD.pki().leaf(Role::Revoked).unwrap())];
    let desk = Desk::new("revoked", revoked, vec![]);
    let examined = Examined::of(&desk, &[]);
    assert_eq!(examined.faults(), ["CertificateRevoked"]);
    assert_eq!(examined.states("path"), ["fault", "ok"]);

    // Judged by the bundled anchors alone, the demo's certificates lead nowhere.
    let desk = Desk::new("untrusted", tokens(), vec![]);
    let mut antin = desk.antin();
    antin.env_remove("ANTIN_OFFICE").arg("--json");
    antin.args(["token", "doctor", "--offline", "--module"]);
    let output = antin.arg(desk.module.module()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("CertificateUntrusted").count(), 2, "{text}");
}

#[test]
fn drivers_are_told_apart() {
    let with = |name: &str, at: &str, action, expected: &[&str]| {
        let examined = experiment(name, tokens(), vec![Fault::always(at, action)], expected);
        assert_eq!(examined.states("token"), ["not-checked"]);
    };
    let failed = Action::Return(FUNCTION_FAILED);
    with("refuses", "C_Initialize", failed, &["TokenDriverUnusable"]);
    with(
        "crashes",
        "C_GetSlotList",
        Action::Segfault,
        &["TokenDriverFailed"],
    );
    with(
        "aborts",
        "C_Initialize",
        Action::Abort,
        &["TokenDriverFailed"],
    );
    let huge = Action::Claim(1 << 60);
    with("claims", "C_GetSlotList", huge, &["TokenDriverFailed"]);

    let desk = Desk::new("files", tokens(), vec![]);
    let of_module = |name: &str, image: Option<&[u8]>| {
        let path = desk.folder.join(name);
        if let Some(image) = image {
            std::fs::write(&path, image).unwrap();
        }
        let words = ["--offline", "--module", path.to_str().unwrap()];
        let examined = Examined::of(&desk, &words);
        let [fault] = examined.faults()[..] else {
            panic!("{name}: {:?}", examined.steps)
        };
        let driver = examined.steps.iter().find(|row| row["step"] == "driver");
        (
            fault.to_owned(),
            driver.unwrap()["what"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(of_module("missing.so", None).0, "TokenModuleNotFound");
    let no_library = of_module("text.so", Some(b"no library"));
    assert_eq!(no_library.0, "TokenDriverUnusable");
    let mut image = std::fs::read(desk.module.module()).unwrap();
    image[4] = 1;
    image[18] = 3;
    let (code, what) = of_module("bits.so", Some(&image));
    assert_eq!(code, "TokenDriver32Bit");
    assert!(what.contains("32 bit"), "{what}");
}

#[test]
fn a_token_that_cannot_be_read_is_the_drivers_fault() {
    let faults = vec![Fault::at_call(
        "C_FindObjectsInit",
        1,
        Action::Return(DEVICE_ERROR),
    )];
    let examined = experiment("unreadable", tokens(), faults, &["TokenDriverFailed"]);
    assert_eq!(examined.states("driver"), ["ok"]);
}

#[test]
fn two_tokens_of_one_name_are_a_fault_of_their_own() {
    let mut twins = tokens();
    let mut twin = twins[0].clone();
    twin.slot = 3;
    twin.serial = "L-0003".to_owned();
    twins.push(twin);
    experiment("twins", twins, vec![], &["TokenAmbiguous"]);
}

#[test]
fn an_authority_that_is_silent_is_told_and_the_hour_is_the_provinces() {
    let desk = Desk::new("no-tsa", tokens(), vec![]);
    let examined = Examined::of(&desk, &["--tsa", "http://127.0.0.1:9/tsa"]);
    assert_eq!(examined.faults(), ["TimestampUnavailable"]);
    assert_eq!(examined.states("clock"), ["ok"]);
    let clock = examined.steps.iter().find(|row| row["step"] == "clock");
    assert_eq!(clock.unwrap()["facts"]["host"], WORLD.province_url());
}

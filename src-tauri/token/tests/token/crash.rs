//! Modules that crash, hang, end the process, print, or are slow: they take only their helper along.

use std::fs;
use std::io::{Read, Seek, SeekFrom};

use antin_testkit::FaultModule;
use antin_testkit::fault::{Action, Fault};
use antin_testkit::process::kill;
use antin_token::{Call, Error, Host, SignatureAlgorithm};

use crate::fixture::{EMPTY, FIXTURE, PIN, RSA_2048, SIGNER, pin};
use crate::scripted::{KEY, LABEL, host, impatient, lay_out, one_fault, token};

const RSA: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1Sha256;

/// One whole use of a token: list, log in, sign.
fn whole_use(host: &mut Host) -> Result<Vec<u8>, Error> {
    host.tokens()?;
    host.login(LABEL, pin(PIN))?;
    host.sign(KEY, RSA, b"x")
}

/// The functions of one whole use, and the call that each belongs to.
const PLACES: [(&str, Call, usize); 7] = [
    ("C_Initialize", Call::Tokens, 0),
    ("C_GetSlotList", Call::Tokens, 0),
    ("C_GetTokenInfo", Call::Tokens, 0),
    ("C_GetAttributeValue", Call::Tokens, 0),
    ("C_Login", Call::Login, 1),
    ("C_SignInit", Call::Sign, 1),
    ("C_Sign", Call::Sign, 1),
];

#[test]
fn a_crash_anywhere_is_told_and_costs_no_second_try() {
    for (at, during, tries) in PLACES {
        for (name, action, status) in [
            ("abort", Action::Abort, "SIGABRT"),
            ("segfault", Action::Segfault, "SIGSEGV"),
            ("exit", Action::Exit, "exit status: 0"),
        ] {
            let module = one_fault(&format!("{name}-{at}"), at, action);
            let error = whole_use(&mut host(&module)).unwrap_err();
            let Error::HelperCrashed {
                during: found,
                status: ended,
            } = error
            else {
                panic!("{name} {at}: {error:?}")
            };
            assert_eq!(found, during, "{name} {at}");
            assert!(ended.contains(status), "{name} {at}: {ended}");
            assert_eq!(module.pins_shown(), tries, "{name} {at}");
        }
    }
}

#[test]
fn a_hang_anywhere_is_ended_at_its_deadline_and_costs_no_second_try() {
    for (at, during, tries) in PLACES {
        let module = one_fault(&format!("hang-{at}"), at, Action::Hang);
        let mut host = impatient(&module, during);
        let hung = host.process_id().unwrap();
        let error = whole_use(&mut host).unwrap_err();
        assert!(
            matches!(error, Error::Timeout { during: found, .. } if found == during),
            "{at}: {error:?}"
        );
        assert!(
            !fs::exists(format!("/proc/{hung}")).unwrap(),
            "{at}: the hung helper is gone"
        );
        assert_eq!(module.pins_shown(), tries, "{at}");
    }
}

#[test]
fn after_a_crash_the_next_call_has_a_new_helper_but_no_login() {
    // The counter begins anew in each process: the second helper's signature would be its first.
    let faults = vec![Fault::at_call("C_Sign", 1, Action::Segfault)];
    let module = lay_out("crash-once", vec![token()], faults);
    let mut host = host(&module);
    host.login(LABEL, pin(PIN)).unwrap();
    let first = host.process_id();
    assert!(host.sign(KEY, RSA, b"x").is_err());
    let error = host.sign(KEY, RSA, b"x").unwrap_err();
    assert!(matches!(error, Error::LoginRequired), "{error:?}");
    assert_ne!(host.process_id(), first);
    assert_eq!(host.tokens().unwrap().len(), 1);
    assert_eq!(module.pins_shown(), 1);
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
fn a_slow_module_is_waited_for() {
    let faults = ["C_GetSlotList", "C_Login", "C_Sign"]
        .map(|at| Fault::always(at, Action::Delay(150)))
        .to_vec();
    let module = lay_out("slow", vec![token()], faults);
    whole_use(&mut host(&module)).unwrap();
}

fn noisy(name: &str, text: &str) -> FaultModule {
    let faults = PLACES
        .map(|(at, ..)| Fault::always(at, Action::Print(text.to_owned())))
        .to_vec();
    lay_out(name, vec![token()], faults)
}

#[test]
fn a_module_that_prints_does_not_disturb_the_conversation() {
    for (name, text) in [
        ("prints", "vendor: 1 reader found"),
        ("prints-pin", "DEBUG C_Login pin={pin}"),
        // What a frame begins with, and a length that would be believed.
        ("prints-frames", "\0ANTIN\u{1}\n\u{7f}\u{7f}\u{7f}\u{7f}{}"),
        ("prints-much", &"x".repeat(100_000)),
    ] {
        let module = noisy(name, text);
        let mut host = host(&module);
        for _ in 0..2 {
            whole_use(&mut host).unwrap();
        }
    }
}

#[test]
fn the_pin_shows_nowhere_outside_the_pipe() {
    const CANARY: &str = "canary-31415926";
    let mut host = FIXTURE.host();
    let error = host.login(EMPTY, pin(CANARY)).unwrap_err();
    assert!(matches!(error, Error::PinIncorrect { .. }), "{error:?}");
    let change = host.change_pin(EMPTY, pin(CANARY).zip(pin(CANARY)));
    let shown = format!("{error:?} {error} {change:?} {host:?} {:?}", pin(CANARY));
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

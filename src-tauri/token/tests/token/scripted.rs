//! Tokens that fail as a script says, and helpers started on them.

use std::path::Path;
use std::time::Duration;

use antin_testkit::FaultModule;
use antin_testkit::fault::{Action, Fault, Script, Token, object};
use antin_token::{Call, Host, Launch};

use crate::fixture::{FIXTURE, PIN};

pub(crate) const LABEL: &str = "Phan Ngọc Thọ";
pub(crate) const SERIAL: &str = "0001";
pub(crate) const KEY: &[u8] = &[1];
pub(crate) const WRONG: &str = "00000000";

/// PKCS#11's numbers, as the standard's header has them.
pub(crate) mod ckr {
    pub(crate) const GENERAL_ERROR: u64 = 0x05;
    pub(crate) const FUNCTION_FAILED: u64 = 0x06;
    pub(crate) const DEVICE_ERROR: u64 = 0x30;
    pub(crate) const DEVICE_REMOVED: u64 = 0x32;
    pub(crate) const FUNCTION_CANCELED: u64 = 0x50;
    pub(crate) const PIN_INVALID: u64 = 0xa1;
    pub(crate) const PIN_LEN_RANGE: u64 = 0xa2;
    pub(crate) const PIN_EXPIRED: u64 = 0xa3;
    pub(crate) const PIN_LOCKED: u64 = 0xa4;
    pub(crate) const SESSION_HANDLE_INVALID: u64 = 0xb3;
    pub(crate) const TOKEN_NOT_PRESENT: u64 = 0xe0;
    pub(crate) const USER_NOT_LOGGED_IN: u64 = 0x101;
    pub(crate) const USER_PIN_NOT_INITIALIZED: u64 = 0x102;
    pub(crate) const VENDOR: u64 = 0x8000_0042;
}

/// The token of these experiments: three tries, one RSA key with its certificate.
pub(crate) fn token() -> Token {
    let mut token = Token::new(1, LABEL, SERIAL, PIN);
    token.objects = vec![object(KEY, &FIXTURE.rsa_2048)];
    token
}

/// An experiment of that name with these tokens and faults.
pub(crate) fn lay_out(name: &str, tokens: Vec<Token>, faults: Vec<Fault>) -> FaultModule {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("token-faults")
        .join(name);
    FaultModule::create(&dir, &Script { tokens, faults }).unwrap()
}

/// An experiment with the usual token and one fault.
pub(crate) fn one_fault(name: &str, at: &str, action: Action) -> FaultModule {
    lay_out(name, vec![token()], vec![Fault::always(at, action)])
}

pub(crate) fn launch(module: &FaultModule) -> Launch {
    Launch {
        environment: module.env(),
        ..FIXTURE.launch(module.module())
    }
}

pub(crate) fn host(module: &FaultModule) -> Host {
    Host::launch(launch(module)).unwrap()
}

/// A helper that counts as hung soon in the call that will hang, and nowhere else.
pub(crate) fn impatient(module: &FaultModule, during: Call) -> Host {
    let mut launch = launch(module);
    let soon = Duration::from_millis(300);
    let deadlines = &mut launch.deadlines;
    match during {
        Call::Login | Call::Logout | Call::ChangePin => deadlines.login = soon,
        Call::Sign => deadlines.sign = soon,
        Call::Tokens | Call::Present | Call::Readers => deadlines.tokens = soon,
    }
    Host::launch(launch).unwrap()
}

//! What a process that loaded the module holds, and the script it follows.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use cryptoki_sys::{
    CK_MECHANISM_TYPE, CK_OBJECT_HANDLE, CK_RV, CK_SESSION_HANDLE, CK_SLOT_ID, CKR_DEVICE_REMOVED,
    CKR_SESSION_HANDLE_INVALID,
};

use crate::script::{Action, Script, Token};
use crate::{JOURNAL, SCRIPT};

/// Everything between `C_Initialize` and `C_Finalize`.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) sessions: HashMap<CK_SESSION_HANDLE, Session>,
    pub(crate) logged_in: HashSet<CK_SLOT_ID>,
    pub(crate) last_session: CK_SESSION_HANDLE,
    calls: HashMap<String, u32>,
}

/// One session.
#[derive(Default)]
pub(crate) struct Session {
    pub(crate) slot: CK_SLOT_ID,
    pub(crate) may_write: bool,
    pub(crate) found: Vec<CK_OBJECT_HANDLE>,
    pub(crate) operation: Option<Operation>,
}

/// A signature under way.
pub(crate) struct Operation {
    pub(crate) mechanism: CK_MECHANISM_TYPE,
    pub(crate) key: PathBuf,
    pub(crate) input: Vec<u8>,
    /// A key that wants the PIN for each signature has not got it yet.
    pub(crate) wants_pin: bool,
    /// The signature, once computed: its length is asked for first.
    pub(crate) done: Option<Vec<u8>>,
}

static STATE: LazyLock<Mutex<State>> = LazyLock::new(Mutex::default);

pub(crate) fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The script, read anew at each call: a test may rewrite it meanwhile. Without one there are no tokens.
pub(crate) fn script() -> Script {
    let read = || serde_json::from_slice(&fs::read(path()?).ok()?).ok();
    read().unwrap_or_default()
}

fn path() -> Option<PathBuf> {
    std::env::var_os(SCRIPT).map(PathBuf::from)
}

/// Where tokens keep their state.
pub(crate) fn folder() -> PathBuf {
    path()
        .and_then(|path| path.parent().map(PathBuf::from))
        .unwrap_or_default()
}

/// Leaves a line in the journal.
pub(crate) fn note(line: &str) {
    let file = File::options()
        .append(true)
        .create(true)
        .open(folder().join(JOURNAL));
    if let Ok(mut file) = file {
        let _ = writeln!(file, "{line}");
    }
}

/// The token of a session, if it is still there.
pub(crate) fn token_of(session: CK_SESSION_HANDLE) -> Result<Token, CK_RV> {
    let slot = state()
        .sessions
        .get(&session)
        .map(|session| session.slot)
        .ok_or(CKR_SESSION_HANDLE_INVALID)?;
    token_in(slot).ok_or(CKR_DEVICE_REMOVED)
}

/// The token in a slot.
pub(crate) fn token_in(slot: CK_SLOT_ID) -> Option<Token> {
    script()
        .tokens
        .into_iter()
        .find(|token| token.slot == slot && token.is_present())
}

/// What the script still asks for once the call has begun.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) half: bool,
    pub(crate) wrong: bool,
    pub(crate) claim: Option<u64>,
}

/// Begins a call: counts it, and does what the script asks for at this point.
pub(crate) fn enter(function: &str, pin: Option<&[u8]>) -> Result<Asked, CK_RV> {
    let count = {
        let mut state = state();
        let count = state.calls.entry(function.to_owned()).or_default();
        *count += 1;
        *count
    };
    let mut asked = Asked::default();
    for fault in script().faults {
        if fault.at != function || fault.nth.is_some_and(|nth| nth != count) {
            continue;
        }
        match fault.action {
            Action::Return(code) => return Err(code),
            Action::Delay(milliseconds) => thread::sleep(Duration::from_millis(milliseconds)),
            Action::Hang => loop {
                thread::park();
            },
            Action::Abort => std::process::abort(),
            Action::Segfault => crate::abi::read_nothing(),
            Action::Exit => std::process::exit(0),
            Action::Print(text) => print(&text, pin),
            Action::Unplug(serial) => Token::pull(&serial),
            Action::Half => asked.half = true,
            Action::Wrong => asked.wrong = true,
            Action::Claim(number) => asked.claim = Some(number),
        }
    }
    Ok(asked)
}

/// As vendors' modules do, into both streams and without asking whose they are.
fn print(text: &str, pin: Option<&[u8]>) {
    let pin = String::from_utf8_lossy(pin.unwrap_or_default());
    let text = text.replace("{pin}", &pin);
    let _ = writeln!(std::io::stdout(), "{text}");
    let _ = writeln!(std::io::stderr(), "{text}");
    let _ = std::io::stdout().flush();
}

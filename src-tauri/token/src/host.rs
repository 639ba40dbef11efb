//! The calling side: starts the helper, asks it, and ends it when it does not answer.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::wire::{Answer, Reply, Request, read_frame, write_frame};
use crate::{Call, Error, Presence, Reader, SignatureAlgorithm, Token, UserPin};
use zeroize::Zeroizing;

/// The first argument that turns a program into the helper.
pub(crate) const ROLE: &str = "token-host";

/// How long an idle helper may take to finish by itself once its pipe is closed.
const FAREWELL: Duration = Duration::from_millis(300);
/// How often that is looked at.
const FAREWELL_STEP: Duration = Duration::from_millis(10);

/// How long each call may take before the helper counts as hung.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Listing: vendors' modules wake readers and read certificates slowly; the first call also loads the module.
    pub tokens: Duration,
    /// Logging in, and logging out.
    pub login: Duration,
    /// Logging in at the token's own PIN pad, where a person types.
    pub pin_pad: Duration,
    /// One signature.
    pub sign: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            tokens: Duration::from_secs(20),
            login: Duration::from_secs(20),
            pin_pad: Duration::from_secs(120),
            sign: Duration::from_secs(30),
        }
    }
}

/// How to start a helper.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program that becomes the helper when its first argument is `token-host`.
    pub program: PathBuf,
    /// The PKCS#11 module.
    pub module: PathBuf,
    /// Added to the helper's environment, such as a module's own configuration. Never a secret.
    pub environment: Vec<(OsString, OsString)>,
    /// The patience per call.
    pub deadlines: Deadlines,
}

impl Launch {
    /// The program and the module, with the usual deadlines and no addition to the environment.
    pub fn new(program: &Path, module: &Path) -> Self {
        Self {
            program: program.to_path_buf(),
            module: module.to_path_buf(),
            environment: Vec::new(),
            deadlines: Deadlines::default(),
        }
    }
}

/// A module in a helper process. Calls block; a login lasts until [`Host::logout`], the helper's end or the drop.
#[derive(Debug)]
pub struct Host {
    launch: Launch,
    process: Option<Process>,
}

impl Host {
    /// Starts a helper for a module, as `<program> token-host <module>`.
    ///
    /// # Errors
    /// [`Error::ModuleNotFound`], [`Error::HelperNotStarted`]. Whether the module is usable shows at the first call.
    pub fn spawn(program: &Path, module: &Path) -> Result<Self, Error> {
        Self::launch(Launch::new(program, module))
    }

    /// Starts a helper with all choices made by the caller.
    ///
    /// # Errors
    /// As [`Host::spawn`].
    pub fn launch(launch: Launch) -> Result<Self, Error> {
        if !launch.module.is_file() {
            return Err(Error::ModuleNotFound {
                path: launch.module,
            });
        }
        let process = Some(Process::start(&launch)?);
        Ok(Self { launch, process })
    }

    /// The module served.
    pub fn module(&self) -> &Path {
        &self.launch.module
    }

    /// The helper's process id, while there is one.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.child.id())
    }

    /// Lists the initialised tokens present and what they show without a PIN.
    ///
    /// # Errors
    /// [`Error::ModuleUnusable`], [`Error::HelperCrashed`], [`Error::Timeout`], [`Error::Other`].
    pub fn tokens(&mut self) -> Result<Vec<Token>, Error> {
        match self.ask(&Request::Tokens, &[], self.launch.deadlines.tokens)? {
            Reply::Tokens(tokens) => Ok(tokens),
            _ => Err(self.senseless(Call::Tokens)),
        }
    }

    /// Looks which initialised tokens are plugged in: cheap enough to be asked every second.
    ///
    /// # Errors
    /// As [`Host::tokens`].
    pub fn present(&mut self) -> Result<Vec<Presence>, Error> {
        match self.ask(&Request::Present, &[], self.launch.deadlines.tokens)? {
            Reply::Present(present) => Ok(present),
            _ => Err(self.senseless(Call::Present)),
        }
    }

    /// Lists the module's slots, with or without a token.
    ///
    /// # Errors
    /// As [`Host::tokens`].
    pub fn readers(&mut self) -> Result<Vec<Reader>, Error> {
        match self.ask(&Request::Readers, &[], self.launch.deadlines.tokens)? {
            Reply::Readers(readers) => Ok(readers),
            _ => Err(self.senseless(Call::Readers)),
        }
    }

    /// Changes the PIN of the token of that label or serial number, and ends any login. The old PIN is shown to the
    /// token once. Without PINs, the token asks for them at its own pad.
    ///
    /// # Errors
    /// As [`Host::login`]; [`Error::PinInvalid`] also for a new PIN the token does not take.
    pub fn change_pin(
        &mut self,
        token: &str,
        pins: Option<(UserPin, UserPin)>,
    ) -> Result<(), Error> {
        let deadlines = self.launch.deadlines;
        let (secret, deadline) = match &pins {
            Some((old, new)) if old.is_sendable() && new.is_sendable() => {
                (UserPin::both(old, new), deadlines.login)
            }
            Some(_) => return Err(Error::PinInvalid),
            None => (Zeroizing::default(), deadlines.pin_pad),
        };
        let request = Request::ChangePin {
            token: token.to_owned(),
        };
        self.ask(&request, &secret, deadline).map(drop)
    }

    /// Logs in to the token of that label or serial number, once, and ends any earlier login.
    ///
    /// Without a PIN the token's own PIN pad or the driver's dialog is used.
    ///
    /// # Errors
    /// Besides those of [`Host::tokens`]: [`Error::TokenAbsent`], [`Error::TokenAmbiguous`], [`Error::PinIncorrect`],
    /// [`Error::PinLocked`], [`Error::PinInvalid`], [`Error::PinExpired`], [`Error::PinRequired`],
    /// [`Error::PinNotInitialised`], [`Error::Cancelled`].
    pub fn login(&mut self, token: &str, pin: Option<UserPin>) -> Result<(), Error> {
        if pin.as_ref().is_some_and(|pin| !pin.is_sendable()) {
            return Err(Error::PinInvalid);
        }
        let deadlines = self.launch.deadlines;
        let deadline = if pin.is_some() {
            deadlines.login
        } else {
            deadlines.pin_pad
        };
        self.ask(
            &Request::Login {
                token: token.to_owned(),
            },
            pin.as_ref().map_or(&[], UserPin::expose),
            deadline,
        )
        .map(drop)
    }

    /// Signs a message (not its digest) with the key of that `CKA_ID` on the token logged in to.
    ///
    /// An ECDSA signature comes as DER.
    ///
    /// # Errors
    /// [`Error::LoginRequired`], [`Error::NoCertificate`], [`Error::CertificateWithoutKey`], [`Error::TokenRemoved`],
    /// [`Error::Unsupported`], and those of [`Host::tokens`].
    pub fn sign(
        &mut self,
        key: &[u8],
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let request = Request::Sign {
            key: key.to_vec(),
            algorithm,
            message: message.to_vec(),
        };
        match self.ask(&request, &[], self.launch.deadlines.sign)? {
            Reply::Signature(signature) => Ok(signature),
            _ => Err(self.senseless(Call::Sign)),
        }
    }

    /// Ends the login. Without one, nothing happens.
    ///
    /// # Errors
    /// Those of [`Host::tokens`]; the login is over in any case.
    pub fn logout(&mut self) -> Result<(), Error> {
        if self.process.is_none() {
            return Ok(());
        }
        self.ask(&Request::Logout, &[], self.launch.deadlines.login)
            .map(drop)
    }

    /// One request and its answer. After a crash or an overrun there is no process, and the next call starts one.
    fn ask(
        &mut self,
        request: &Request,
        secret: &[u8],
        deadline: Duration,
    ) -> Result<Reply, Error> {
        let during = request.call();
        let mut process = match self.process.take() {
            Some(process) => process,
            None => Process::start(&self.launch)?,
        };
        if write_frame(&mut process.requests, request, secret).is_err() {
            return Err(process.post_mortem(during));
        }
        let body = match process.answers.recv_timeout(deadline) {
            Ok(body) => body,
            Err(RecvTimeoutError::Timeout) => {
                return Err(Error::Timeout {
                    during,
                    after: deadline,
                });
            }
            Err(RecvTimeoutError::Disconnected) => return Err(process.post_mortem(during)),
        };
        let Ok(answer) = serde_json::from_slice::<Answer>(&body) else {
            return Err(process.post_mortem(during));
        };
        self.process = Some(process);
        answer
    }

    /// An answer to another question: the helper is not to be trusted any further.
    fn senseless(&mut self, during: Call) -> Error {
        match self.process.take() {
            Some(process) => process.post_mortem(during),
            None => Error::HelperCrashed {
                during,
                status: String::new(),
            },
        }
    }
}

/// A running helper. Dropping it ends it.
#[derive(Debug)]
struct Process {
    child: Child,
    requests: Pipe,
    answers: Receiver<Vec<u8>>,
}

/// The helper's standard input; closed by taking it.
#[derive(Debug)]
struct Pipe(Option<ChildStdin>);

impl Process {
    fn start(launch: &Launch) -> Result<Self, Error> {
        let failed = |source| Error::HelperNotStarted {
            program: launch.program.clone(),
            source,
        };
        let mut command = Command::new(&launch.program);
        command
            .arg(ROLE)
            .arg(&launch.module)
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What vendors' modules log may contain anything: it goes nowhere.
            .stderr(Stdio::null());
        apart(&mut command);
        let mut child = command.spawn().map_err(failed)?;
        let (Some(requests), Some(mut replies)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(std::io::ErrorKind::BrokenPipe.into()));
        };
        // One request is under way at a time; a helper that talks more than it is asked waits in its own pipe.
        let (sender, answers) = sync_channel(1);
        thread::spawn(move || {
            while let Ok(Some(frame)) = read_frame(&mut replies) {
                if sender.send(frame.body).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            child,
            requests: Pipe(Some(requests)),
            answers,
        })
    }

    /// Ends what is left of the process and tells how it ended.
    fn post_mortem(mut self, during: Call) -> Error {
        // A crashing process closes its pipes before it can be waited for: give its own status the precedence.
        self.part();
        let status = self
            .child
            .wait()
            .map_or_else(|error| error.to_string(), |status| status.to_string());
        Error::HelperCrashed { during, status }
    }

    /// Closes the pipe, lets the helper finish for a moment, then ends it.
    fn part(&mut self) {
        self.requests.0 = None;
        for _ in 0..(FAREWELL.as_millis() / FAREWELL_STEP.as_millis()) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(FAREWELL_STEP);
        }
        // Already gone is as good; nothing else can be done about a process that cannot be ended.
        let _ = self.child.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.part();
        let _ = self.child.wait();
    }
}

impl std::io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .as_mut()
            .ok_or(std::io::ErrorKind::BrokenPipe)?
            .write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0
            .as_mut()
            .ok_or(std::io::ErrorKind::BrokenPipe)?
            .flush()
    }
}

/// Ctrl-C is for the program that the person started, which ends its helper itself: a batch finishes the file in hand.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

/// Keeps Windows from opening a console for the helper; without one it hears no Ctrl-C either.
#[cfg(windows)]
fn apart(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    /// `CREATE_NO_WINDOW` of the Windows API's process creation flags.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(any(unix, windows)))]
fn apart(_: &mut Command) {}

//! Child processes that end when whoever started them does: tests, the demo and xtask leave nothing behind.

use std::ffi::OsStr;
use std::io;
use std::process::{Child, Command, Output};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use crate::Error;

/// How long a process may take to end by itself after being asked.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often that is looked at.
const STEP: Duration = Duration::from_millis(20);

/// A child process that is ended when dropped.
///
/// It stays in its parent's process group, so that Ctrl-C reaches it; started by [`command`], it also ends when its
/// parent is killed.
#[derive(Debug)]
pub struct Guard {
    child: Child,
}

impl Guard {
    /// Starts a program.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], [`Error::Io`].
    pub fn spawn(command: Command) -> Result<Self, Error> {
        let program = command.get_program().to_string_lossy().into_owned();
        match from_lasting_thread(command) {
            Ok(child) => Ok(Self { child }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::NotInstalled { program })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The child, to take its pipes or to wait for it.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Tells whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it at once, as a crash or a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        ask_to_end(&self.child);
        for _ in 0..(FAREWELL.as_millis() / STEP.as_millis()) {
            if !self.is_running() {
                return;
            }
            thread::sleep(STEP);
        }
        self.kill();
    }
}

/// A command whose process ends with its parent, however that ends (Linux; elsewhere the plain command).
///
/// util-linux's `setpriv` asks the kernel for it, without unsafe code of ours, and then becomes the program.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    static SETPRIV: LazyLock<bool> = LazyLock::new(|| {
        cfg!(target_os = "linux")
            && Command::new("setpriv")
                .arg("--version")
                .output()
                .is_ok_and(|output| output.status.success())
    });
    if !*SETPRIV {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command
}

/// Runs a tool to its end and hands back what it printed; failing is an error.
///
/// # Errors
/// [`Error::NotInstalled`], [`Error::Tool`], [`Error::Io`].
pub fn run(command: &mut Command) -> Result<Output, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::NotInstalled { program });
        }
        Err(error) => return Err(error.into()),
    };
    if output.status.success() {
        return Ok(output);
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(Error::Tool {
        program,
        output: String::from_utf8_lossy(&printed).trim().to_owned(),
    })
}

/// Kills a process that someone else started for the test, such as a helper, as a crash would.
#[cfg(unix)]
pub fn kill(id: u32) {
    signal(id, rustix::process::Signal::KILL);
}

#[cfg(unix)]
fn ask_to_end(child: &Child) {
    signal(child.id(), rustix::process::Signal::TERM);
}

#[cfg(unix)]
fn signal(id: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(id)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // Gone already is as good.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

#[cfg(not(unix))]
fn ask_to_end(_: &Child) {}

/// Starts a program from a thread that lasts as long as this process: the kernel's "signal at parent's death" is sent
/// when the *thread* that started a child ends, and a test's thread ends before the fixtures it shares.
fn from_lasting_thread(command: Command) -> io::Result<Child> {
    type Order = (Command, Sender<io::Result<Child>>);
    static STARTER: LazyLock<Mutex<Sender<Order>>> = LazyLock::new(|| {
        let (orders, incoming) = channel::<Order>();
        thread::spawn(move || {
            for (mut command, reply) in incoming {
                let _ = reply.send(command.spawn());
            }
        });
        Mutex::new(orders)
    });
    let (reply, child) = channel();
    let lost = |_| io::Error::from(io::ErrorKind::BrokenPipe);
    STARTER
        .lock()
        .map_err(|_| io::ErrorKind::BrokenPipe)?
        .send((command, reply))
        .map_err(|_| io::ErrorKind::BrokenPipe)?;
    child.recv().map_err(lost)?
}

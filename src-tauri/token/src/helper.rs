//! The helper's main: takes requests from its standard input one by one and answers on what was its standard output.
//!
//! `module.rs` holds the module, `sign.rs` signs with it, `raw.rs` makes two calls cryptoki lacks; `fault.rs` turns PKCS#11's return codes into this crate's error.

mod fault;
mod module;
mod raw;
mod sign;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use secrecy::SecretString;

use crate::Error;
use crate::host::ROLE;
use crate::wire::{Answer, Frame, Reply, Request, read_frame, write_frame};
use module::Module;

/// How long a module may still take when the caller is gone, before the process ends under it.
const GRACE: Duration = Duration::from_secs(2);

/// The main function of the helper process, started as `<program> token-host <module>`.
pub fn host() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(role), Some(module), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return ExitCode::from(2);
    };
    if role != ROLE {
        return ExitCode::from(2);
    }
    keep_memory_private();
    let Ok((requests, mut answers)) = private_pipes() else {
        return ExitCode::FAILURE;
    };
    serve(&receive(requests), &mut answers, PathBuf::from(module))
}

/// Answers until the caller closes the pipe.
fn serve(requests: &Receiver<Frame>, answers: &mut File, path: PathBuf) -> ExitCode {
    let mut module = None;
    while let Ok(frame) = requests.recv() {
        let answer = answer(&mut module, &path, frame);
        if write_frame(answers, &answer, &[]).is_err() {
            return ExitCode::FAILURE;
        }
    }
    if let Some(module) = module {
        module.close();
    }
    ExitCode::SUCCESS
}

/// Reads requests in a thread of its own, so that the process ends with its caller even while a module hangs.
fn receive(mut pipe: File) -> Receiver<Frame> {
    let (sender, requests) = sync_channel(1);
    thread::spawn(move || {
        while let Ok(Some(frame)) = read_frame(&mut pipe) {
            if sender.send(frame).is_err() {
                break;
            }
        }
        drop(sender);
        thread::sleep(GRACE);
        std::process::exit(1);
    });
    requests
}

/// Loads the module at the first request, so that a hang or a failure belongs to a call with a deadline and an answer.
fn answer(module: &mut Option<Module>, path: &Path, frame: Frame) -> Answer {
    let request: Request = serde_json::from_slice(&frame.body).map_err(|_| Error::Unsupported {
        what: "request of another version".into(),
    })?;
    let module = match module {
        Some(module) => module,
        None => module.insert(Module::open(path)?),
    };
    match request {
        Request::Tokens => module.tokens().map(Reply::Tokens),
        Request::Login { token } => module.login(&token, pin(&frame)?).map(|()| Reply::Done),
        Request::Sign {
            key,
            algorithm,
            message,
        } => module.sign(&key, algorithm, &message).map(Reply::Signature),
        Request::Present => module.present().map(Reply::Present),
        Request::Readers => module.readers().map(Reply::Readers),
        Request::ChangePin { token } => module
            .change_pin(&token, pins(&frame)?)
            .map(|()| Reply::Done),
        Request::Logout => {
            module.logout();
            Ok(Reply::Done)
        }
    }
}

/// The frame's secret as a PIN; `None` means the token's own PIN pad.
fn pin(frame: &Frame) -> Result<Option<SecretString>, Error> {
    secret(&frame.secret)
}

/// The frame's secret as the old and the new PIN; `None` means the token's own PIN pad.
fn pins(frame: &Frame) -> Result<Option<(SecretString, SecretString)>, Error> {
    let Some((&length, both)) = frame.secret.split_first() else {
        return Ok(None);
    };
    let (old, new) = both
        .split_at_checked(length.into())
        .ok_or(Error::PinInvalid)?;
    Ok(secret(old)?.zip(secret(new)?))
}

fn secret(bytes: &[u8]) -> Result<Option<SecretString>, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| Error::PinInvalid)?;
    Ok((!text.is_empty()).then(|| SecretString::from(text)))
}

/// Takes the two pipes for itself: a module that reads standard input or prints to standard output meets nothing.
///
/// The pipes are used unbuffered, so that no buffer keeps a copy of the PIN.
#[cfg(unix)]
fn private_pipes() -> io::Result<(File, File)> {
    use std::os::fd::AsFd;
    let requests = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let answers = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    rustix::stdio::dup2_stdout(File::options().write(true).open("/dev/null")?)?;
    Ok((requests, answers))
}

/// Takes handles of its own. A module can still print into the pipe: the reader skips to the next frame's magic.
#[cfg(windows)]
fn private_pipes() -> io::Result<(File, File)> {
    use std::os::windows::io::AsHandle;
    let requests = File::from(io::stdin().as_handle().try_clone_to_owned()?);
    let answers = File::from(io::stdout().as_handle().try_clone_to_owned()?);
    Ok((requests, answers))
}

/// No core dump and no debugger of the same user: the process holds a PIN for moments.
///
/// A failure is not told: the measure is a second wall, and refusing to sign without it would help nobody.
#[cfg(target_os = "linux")]
fn keep_memory_private() {
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
fn keep_memory_private() {}

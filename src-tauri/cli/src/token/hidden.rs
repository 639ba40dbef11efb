//! A PIN typed on the terminal, which shows nothing of it.

use antin_ops::{
    UserPin,
    error::{Code, Error, Result},
};

/// Asks for a PIN on the terminal itself, whatever standard input and output are. An empty line, Ctrl-C and Ctrl-D cancel.
///
/// # Errors
/// [`Code::PinCancelled`]; [`Code::Unknown`] where there is no terminal.
pub(super) fn ask(prompt: &str) -> Result<UserPin> {
    let pin = terminal::ask(prompt)?;
    if pin.is_empty() {
        return Err(Error::new(Code::PinCancelled));
    }
    Ok(pin)
}

#[cfg(unix)]
mod terminal {
    use super::{Code, Error, Result, UserPin};
    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };
    use std::fs::File;
    use std::io::{self, Read, Write};

    /// Ctrl-C as a byte.
    const CANCEL: u8 = 3;

    pub(super) fn ask(prompt: &str) -> Result<UserPin> {
        let none = |error: io::Error| Error::unknown(format!("no terminal ({error}): --pin-stdin"));
        let terminal = File::options()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .map_err(none)?;
        let quiet = Quiet::begin(&terminal).map_err(none)?;
        (&terminal).write_all(prompt.as_bytes()).map_err(none)?;
        let pin = UserPin::read_line(&mut UntilCancelled(&terminal));
        drop(quiet);
        // The person's own line end was not shown either.
        let _ = (&terminal).write_all(b"\n");
        pin.map_err(|error| Error::caused(Code::PinCancelled, error))
    }

    /// No echo, and Ctrl-C as a byte that ends the line: a signal would leave the terminal mute. Undone when dropped.
    struct Quiet<'a> {
        terminal: &'a File,
        before: Termios,
    }

    impl<'a> Quiet<'a> {
        fn begin(terminal: &'a File) -> io::Result<Quiet<'a>> {
            let before = tcgetattr(terminal)?;
            let mut quiet = before.clone();
            quiet.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG;
            quiet.special_codes[SpecialCodeIndex::VEOL] = CANCEL;
            tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
            Ok(Quiet { terminal, before })
        }
    }

    impl Drop for Quiet<'_> {
        fn drop(&mut self) {
            let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
        }
    }

    struct UntilCancelled<'a>(&'a File);

    impl Read for UntilCancelled<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let mut file = self.0;
            let read = file.read(bytes)?;
            if bytes.get(..read).unwrap_or_default().contains(&CANCEL) {
                return Err(io::Error::other("cancelled"));
            }
            Ok(read)
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    use super::{Error, Result, UserPin};

    pub(super) fn ask(_: &str) -> Result<UserPin> {
        Err(Error::unknown(
            "this system's console would show the PIN: --pin-stdin",
        ))
    }
}

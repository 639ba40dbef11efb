//! Ctrl-C ends a batch between two files; a second one ends the program, which leaves each file old or new.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// What a program that was interrupted ends with: 128 and the signal's number.
pub(super) const INTERRUPTED: u8 = 130;

/// A flag that Ctrl-C raises.
pub(super) struct Stop {
    raised: Arc<AtomicBool>,
    said: bool,
}

impl Stop {
    /// Listens from now on. Where that is not possible, Ctrl-C ends the program as ever.
    pub(super) fn listen() -> Stop {
        let raised = Arc::new(AtomicBool::new(false));
        // In this order: the first one finds the flag down and raises it, the second finds it up.
        let registered = signal_hook::flag::register_conditional_shutdown(
            signal_hook::consts::SIGINT,
            i32::from(INTERRUPTED),
            Arc::clone(&raised),
        )
        .and_then(|_| {
            signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&raised))
        });
        if let Err(error) = registered {
            tracing::warn!(%error, "Ctrl-C cannot be listened to");
        }
        Stop {
            raised,
            said: false,
        }
    }

    /// The flag.
    pub(super) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.raised)
    }

    /// Whether it was raised.
    pub(super) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Relaxed)
    }

    /// Says once that it was heard.
    pub(super) fn say(&mut self, text: impl FnOnce() -> String) {
        if self.is_raised() && !std::mem::replace(&mut self.said, true) {
            // With standard error closed there is nobody to tell.
            let _ = writeln!(std::io::stderr().lock(), "{}", text());
        }
    }
}

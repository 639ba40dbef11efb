//! Where a long run has got to: one line on standard error that writes over itself, and only where somebody looks.

use std::io::{IsTerminal, Write};

/// Longer lines would wrap, and a wrapped line cannot be written over.
const COLUMNS: usize = 76;
/// How wide a bar is.
const BAR: usize = 20;

pub(crate) struct Progress {
    shown: bool,
    drawn: bool,
}

impl Progress {
    /// Nothing is shown to a program: neither in a pipe nor with `--json`.
    pub(crate) fn new(json: bool) -> Progress {
        Progress {
            shown: !json && std::io::stderr().is_terminal(),
            drawn: false,
        }
    }

    /// Shows a line in place of the last one.
    pub(crate) fn show(&mut self, text: impl FnOnce() -> String) {
        if !self.shown {
            return;
        }
        let line: String = text().chars().take(COLUMNS).collect();
        // A terminal that went away has nobody before it.
        let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K{line}");
        let _ = std::io::stderr().flush();
        self.drawn = true;
    }

    /// Shows a bar of what is done, and a line beside it.
    pub(crate) fn bar(&mut self, done: usize, total: usize, text: impl FnOnce() -> String) {
        self.show(|| {
            let full = (done * BAR).checked_div(total).unwrap_or(BAR).min(BAR);
            format!("{}{} {}", "█".repeat(full), "░".repeat(BAR - full), text())
        });
    }

    /// Makes room for results.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
            let _ = std::io::stderr().flush();
        }
    }
}

//! What the desk holds while it is open: the office, the language, the drawing thread, the courier's bell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use antin_ops::error::Error;
use antin_ops::message::Language;
use antin_ops::office::Office;

use crate::choices::Choices;
use crate::courier::Server;
use crate::error::CommandError;
use crate::pages::Pages;

/// The desk, shared by every command and the courier.
pub(crate) struct Desk {
    /// Opened once. A failure is kept and answers every command, so that the window says what is wrong.
    office: Result<Office, Error>,
    choices: Mutex<Choices>,
    /// A file named on the command line.
    opened: Option<PathBuf>,
    pages: Pages,
    /// The province's system as the courier last found it.
    server: Mutex<Server>,
    bell: mpsc::Sender<()>,
    /// One exchange at a time: the courier's and the one asked for by hand must not overlap.
    exchange: Mutex<()>,
    /// Files that something is being fetched for, and how to stop it.
    fetching: Mutex<BTreeMap<PathBuf, Arc<AtomicBool>>>,
}

impl Desk {
    /// Puts the parts together.
    pub(crate) fn new(
        office: Result<Office, Error>,
        opened: Option<PathBuf>,
        pages: Pages,
        bell: mpsc::Sender<()>,
    ) -> Self {
        if let Err(error) = &office {
            tracing::error!(%error, detail = error.detail(), "the office cannot be opened");
        }
        let choices = office
            .as_ref()
            .map(|office| Choices::of(office.folder()))
            .unwrap_or_default();
        Self {
            office,
            choices: Mutex::new(choices),
            opened,
            pages,
            server: Mutex::new(Server::default()),
            bell,
            exchange: Mutex::new(()),
            fetching: Mutex::default(),
        }
    }

    /// The office, or why it could not be opened.
    ///
    /// # Errors
    /// The worded failure of opening it.
    pub(crate) fn office(&self) -> Result<&Office, CommandError> {
        self.office.as_ref().map_err(|error| self.worded(error))
    }

    /// What was chosen for this desk.
    pub(crate) fn choices(&self) -> Choices {
        *locked(&self.choices)
    }

    /// The language in use: the chosen one, else the office's.
    pub(crate) fn language(&self) -> Language {
        let of_office = || self.office.as_ref().map(|o| o.config().language);
        self.choices()
            .language
            .unwrap_or_else(|| of_office().unwrap_or_default())
    }

    /// Changes what is chosen, from now on and for the next start.
    pub(crate) fn choose(&self, change: impl FnOnce(&mut Choices)) {
        let mut choices = locked(&self.choices);
        change(&mut choices);
        // Without an office there is no desk to remember it for.
        let Ok(office) = &self.office else { return };
        if let Err(error) = choices.keep(office.folder()) {
            // A choice that does not outlive the day is no reason to stop anyone's work.
            tracing::warn!(%error, "desk.json was not written");
        }
    }

    /// The file named on the command line.
    pub(crate) fn opened(&self) -> Option<&Path> {
        self.opened.as_deref()
    }

    /// The opened documents.
    pub(crate) fn pages(&self) -> &Pages {
        &self.pages
    }

    /// The province's system as last found.
    pub(crate) fn server(&self) -> Server {
        *locked(&self.server)
    }

    /// Notes how the province's system was found; tells whether that is news.
    pub(crate) fn note_server(&self, found: Server) -> bool {
        let mut server = locked(&self.server);
        let news = server.state != found.state;
        *server = found;
        news
    }

    /// Sends the courier off now instead of at its next round.
    pub(crate) fn ring(&self) {
        // Without a courier (the office could not be opened) there is nobody to hear it.
        let _ = self.bell.send(());
    }

    /// Holds the right to exchange with the province's system.
    pub(crate) fn exchange(&self) -> MutexGuard<'_, ()> {
        locked(&self.exchange)
    }

    /// Notes that something is being fetched for a file; what is returned becomes true when that is to stop. An earlier
    /// run for the same file is stopped.
    pub(crate) fn begin_fetching(&self, path: &Path) -> Arc<AtomicBool> {
        let cancel = Arc::new(AtomicBool::new(false));
        let earlier = locked(&self.fetching).insert(path.to_owned(), Arc::clone(&cancel));
        if let Some(earlier) = earlier {
            earlier.store(true, Ordering::Relaxed);
        }
        cancel
    }

    /// Notes that this run for a file has ended; a later one for the same file goes on and can be stopped.
    pub(crate) fn end_fetching(&self, path: &Path, run: &Arc<AtomicBool>) {
        let mut fetching = locked(&self.fetching);
        if fetching
            .get(path)
            .is_some_and(|last| Arc::ptr_eq(last, run))
        {
            fetching.remove(path);
        }
    }

    /// Stops fetching for a file.
    pub(crate) fn stop_fetching(&self, path: &Path) {
        if let Some(cancel) = locked(&self.fetching).get(path) {
            cancel.store(true, Ordering::Relaxed);
        }
    }

    /// Words an error in the language in use, and writes its causes into the diary.
    pub(crate) fn worded(&self, error: &Error) -> CommandError {
        tracing::warn!(%error, detail = error.detail(), "a command failed");
        CommandError::new(self.language(), error)
    }

    /// Runs a verb on a thread that may block.
    ///
    /// # Errors
    /// The verb's error, worded.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        verb: impl FnOnce(&Desk, &Office) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, CommandError> {
        let desk = Arc::clone(self);
        let done = tauri::async_runtime::spawn_blocking(move || {
            let office = desk.office()?;
            verb(&desk, office).map_err(|error| desk.worded(&error))
        });
        match done.await {
            Ok(result) => result,
            Err(panicked) => Err(self.worded(&Error::unknown(panicked))),
        }
    }
}

/// A lock poisoned by a panic elsewhere still holds a whole value: each is replaced in one assignment.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Tokens that come and go, seen by asking each module once a second. No PIN and no session is needed for that.

use antin_token::{Deadlines, Host, Launch, Presence};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Two looks and the question between them stay below the two seconds a person gives a plug to be noticed.
const STEP: Duration = Duration::from_secs(1);
/// A driver that fails is begun anew this many steps later, twice as many after each further failure: beginning is what
/// costs.
const REST: u32 = 5;
/// The longest rest, in steps: a driver mended meanwhile is noticed within a minute.
const LONGEST_REST: u32 = 60;
/// A look that takes longer is a driver that hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a module shows at a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// These tokens.
    Tokens(Vec<Presence>),
    /// Nothing, since the driver fails.
    Failed,
}

/// A watch over modules, each by a thread and a helper of its own. Dropping it ends them.
pub struct Watch {
    watchers: Vec<(Sender<()>, JoinHandle<()>)>,
}

impl Watch {
    /// Begins to watch. `changed` hears of a module and what it shows now, whenever that is not what it showed before;
    /// first of all of what is there at the beginning.
    pub fn begin(
        launches: Vec<Launch>,
        changed: impl Fn(&Path, &Seat) + Send + Sync + 'static,
    ) -> Watch {
        let changed = Arc::new(changed);
        let watchers = launches.into_iter().map(|mut launch| {
            launch.deadlines.tokens = PATIENCE;
            let changed = Arc::clone(&changed);
            let (stop, stopped) = channel::<()>();
            let look_until_stopped = move || {
                let module = launch.module.clone();
                let mut watcher = Watcher::new(launch);
                loop {
                    if let Some(seat) = watcher.look() {
                        changed(&module, seat);
                    }
                    if stopped.recv_timeout(STEP) != Err(RecvTimeoutError::Timeout) {
                        break;
                    }
                }
            };
            (stop, thread::spawn(look_until_stopped))
        });
        Watch {
            watchers: watchers.collect(),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for (stop, watcher) in self.watchers.drain(..) {
            drop(stop);
            // It ends at its next look; a panic there is nothing to whoever stops watching.
            let _ = watcher.join();
        }
    }
}

/// How to start the helpers of a watch over these modules.
#[must_use]
pub fn launches(helper: &Path, modules: &[PathBuf]) -> Vec<Launch> {
    let modules = super::these_or_known(modules);
    let launch = |module: &PathBuf| Launch {
        deadlines: Deadlines::default(),
        ..Launch::new(helper, module)
    };
    modules.iter().map(launch).collect()
}

/// The watch over one module.
struct Watcher {
    launch: Launch,
    host: Option<Host>,
    /// Steps until a driver that failed is tried again.
    rest: u32,
    /// How long it rests after its next failure.
    next_rest: u32,
    seen: Option<Seat>,
}

impl Watcher {
    fn new(launch: Launch) -> Watcher {
        Watcher {
            launch,
            host: None,
            rest: 0,
            next_rest: REST,
            seen: None,
        }
    }

    /// One look: what has changed, if anything.
    fn look(&mut self) -> Option<&Seat> {
        let now = self.now()?;
        if self.seen.as_ref() == Some(&now) {
            return None;
        }
        Some(self.seen.insert(now))
    }

    /// What is there now; `None` while a failing driver rests.
    fn now(&mut self) -> Option<Seat> {
        if let Some(rest) = self.rest.checked_sub(1) {
            self.rest = rest;
            return None;
        }
        let host = match self.host.take() {
            Some(host) => Ok(host),
            None => Host::launch(self.launch.clone()),
        };
        let present = host.and_then(|mut host| {
            let present = host.present()?;
            self.host = Some(host);
            Ok(present)
        });
        Some(match present {
            Ok(present) => {
                self.next_rest = REST;
                Seat::Tokens(present)
            }
            Err(error) => {
                tracing::debug!(module = %self.launch.module.display(), %error, "not watched");
                self.rest = self.next_rest;
                self.next_rest = (self.next_rest * 2).min(LONGEST_REST);
                Seat::Failed
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_fails_is_said_once_and_rests() {
        let launch = Launch::new(Path::new("/bin/false"), Path::new("/no/such/module"));
        let mut watcher = Watcher::new(launch);
        assert_eq!(watcher.look(), Some(&Seat::Failed));
        for _ in 0..20 {
            assert_eq!(watcher.look(), None);
        }
    }
}

//! Places where a test can stop this program dead, to see what is left on disk.
//!
//! Compiled for unit tests and with the feature `failpoints` only; a shipped program has none. `ANTIN_FAILPOINT` holds the
//! name of one (it says so on standard error and stands still, to be killed), a name and `#3` (the third time it is
//! passed), `wait:` and a name (it goes on after a line on standard input), or `list` (each is named as it is passed).

/// Names a place. Nothing is left of it in a shipped program.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(any(test, feature = "failpoints"))]
        $crate::failpoint::reached($name);
    };
}
pub(crate) use failpoint;

/// How often the place to stop at was passed.
#[cfg(any(test, feature = "failpoints"))]
static PASSED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

#[cfg(any(test, feature = "failpoints"))]
pub(crate) fn reached(name: &str) {
    use std::{
        io::{BufRead, Write},
        sync::atomic::Ordering,
    };
    let Some(wanted) = std::env::var_os("ANTIN_FAILPOINT") else {
        return;
    };
    let wanted = wanted.to_string_lossy();
    let (wanted, nth) = wanted.split_once('#').map_or((&*wanted, 1), |(name, nth)| {
        (name, nth.parse().unwrap_or(1))
    });
    if wanted == name && PASSED.fetch_add(1, Ordering::Relaxed) + 1 != nth {
        return;
    }
    let waits = wanted.strip_prefix("wait:") == Some(name);
    if wanted != "list" && wanted != name && !waits {
        return;
    }
    // Whoever watches may be gone; then there is nothing to be seen.
    let _ = writeln!(std::io::stderr().lock(), "failpoint {name}");
    if waits {
        let _ = std::io::stdin().lock().read_line(&mut String::new());
    } else if wanted == name {
        loop {
            std::thread::park();
        }
    }
}

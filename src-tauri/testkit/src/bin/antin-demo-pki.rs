//! The demo PKI as a process of its own.
//!
//! `antin-demo-pki serve --dir DIR --port PORT` serves the PKI in a folder, and creates it there at the first start.
//! It prints its URL when it is ready, and ends by a signal.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use antin_testkit::Error;
use antin_testkit::pki::Pki;
use antin_testkit::responder::Listener;
use time::OffsetDateTime;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["serve", "--dir", dir, "--port", port] | ["serve", "--port", port, "--dir", dir] => {
            match port.parse() {
                Ok(port) => serve(&PathBuf::from(dir), port),
                Err(_) => return usage(),
            }
        }
        _ => return usage(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr().lock(), "antin-demo-pki: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    let _ = writeln!(
        io::stderr().lock(),
        "usage: antin-demo-pki serve --dir DIR --port PORT"
    );
    ExitCode::from(2)
}

fn serve(dir: &std::path::Path, port: u16) -> Result<(), Error> {
    let listener = Listener::bind(port)?;
    let url = listener.url();
    let pki = match Pki::open(dir) {
        Ok(pki) => pki,
        Err(Error::NoPki { .. }) => Pki::create(dir, &url, now())?,
        Err(error) => return Err(error),
    };
    let responder = listener.serve(Arc::new(pki), Box::new(now));
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{url}")?;
    stdout.flush()?;
    drop(stdout);
    responder.join();
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this program stands for services that have clocks of their own"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

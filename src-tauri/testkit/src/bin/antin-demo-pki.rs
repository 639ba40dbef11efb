//! The demo PKI as a process of its own.
//!
//! `antin-demo-pki serve --dir DIR --port PORT` creates a PKI in an empty folder and serves it. A folder that holds one
//! is served where its certificates say, whatever the port asked for. It prints its URL when it is ready, and ends by a
//! signal.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use antin_testkit::Error;
use antin_testkit::pki::Pki;
use antin_testkit::responder::Listener;
use time::OffsetDateTime;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (["serve", "--dir", dir, "--port", port] | ["serve", "--port", port, "--dir", dir]) =
        words.as_slice()
    else {
        return fail("usage: antin-demo-pki serve --dir DIR --port PORT");
    };
    let Ok(port) = port.parse() else {
        return fail("no port number");
    };
    match serve(Path::new(dir), port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(why: &str) -> ExitCode {
    // Without an error output there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "antin-demo-pki: {why}");
    ExitCode::FAILURE
}

fn serve(dir: &Path, port: u16) -> Result<(), Error> {
    let (listener, pki) = match Pki::open(dir) {
        Ok(pki) => {
            let own = pki
                .url()
                .rsplit_once(':')
                .and_then(|(_, port)| port.parse().ok());
            (Listener::bind(own.unwrap_or(port))?, pki)
        }
        Err(Error::NoPki { .. }) => {
            let listener = Listener::bind(port)?;
            let pki = Pki::create(dir, &listener.url(), now())?;
            (listener, pki)
        }
        Err(error) => return Err(error),
    };
    let responder = listener.serve(Arc::new(pki), Box::new(now));
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", responder.url())?;
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

//! Serves the reference provincial document system until SIGTERM or Ctrl-C.

use std::{
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use antin_pkix::{Certificate, TrustStore};
use antin_province::{Config, Error, Province, ReceiptSigner, Server, Settings};
use clap::Parser;
use time::OffsetDateTime;

/// The reference provincial document system.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Where everything is kept.
    #[arg(long, value_name = "FOLDER")]
    dir: PathBuf,
    /// Who takes part; `agencies.json` in the folder unless given.
    #[arg(long, value_name = "FILE")]
    agencies: Option<PathBuf>,
    /// Where to listen; port 0 lets the system choose.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The key that signs receipts, PKCS#8 in PEM.
    #[arg(long, value_name = "PEM")]
    signer_key: PathBuf,
    /// Its certificate, with the certificates above it.
    #[arg(long, value_name = "PEM")]
    signer_cert: PathBuf,
    /// Certificates under which letters must be signed: self-signed ones are anchors, the others help to reach them.
    #[arg(long, value_name = "PEM")]
    trust: Vec<PathBuf>,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .with_writer(io::stderr)
        .init();
    match serve(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the province cannot run"
            );
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &Arguments) -> Result<(), Error> {
    let agencies = arguments
        .agencies
        .clone()
        .unwrap_or_else(|| arguments.dir.join("agencies.json"));
    let settings = Settings {
        dir: arguments.dir.clone(),
        config: Config::read(&agencies)?,
        signer: ReceiptSigner::new(
            &read(&arguments.signer_key)?,
            &read(&arguments.signer_cert)?,
        )?,
        trust: trust(&arguments.trust)?,
        clock: Box::new(now),
    };
    let server = Server::start(Province::open(settings)?, arguments.listen)?;
    let mut out = io::stdout().lock();
    writeln!(out, "listening http://{}", server.address())
        .and_then(|()| out.flush())
        .map_err(Error::Listen)?;
    wait_for_the_end().map_err(Error::Listen)?;
    server.stop()
}

fn trust(paths: &[PathBuf]) -> Result<TrustStore, Error> {
    let mut store = TrustStore {
        anchors: Vec::new(),
        intermediates: Vec::new(),
    };
    for path in paths {
        for certificate in Certificate::from_file(&read(path)?)? {
            let place = if certificate.is_self_issued() {
                &mut store.anchors
            } else {
                &mut store.intermediates
            };
            place.push(certificate);
        }
    }
    Ok(store)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program's own clock, handed to everything below"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Returns at SIGTERM or Ctrl-C.
fn wait_for_the_end() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        #[cfg(unix)]
        {
            let mut terminate =
                tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
            tokio::select! {
                _ = terminate.recv() => Ok(()),
                outcome = tokio::signal::ctrl_c() => outcome,
            }
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    })
}

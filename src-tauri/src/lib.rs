//! The desk: one window in which an office signs, sends, receives and judges its letters.
//!
//! This crate is a shell. Each command reads its arguments, runs one verb of `antin_ops` on a thread that may block,
//! and turns the answer into the types of [`dto`]; failures reach the user already worded ([`error`]). Beside the
//! commands it holds what only a window needs: the pages as pixels ([`protocol`], [`pages`]), the courier that
//! exchanges with the province's system while the desk is open ([`courier`]), and the start ([`setup`]).
//!
//! What it deliberately does not do: it reads no PDF, verifies nothing, signs nothing and knows no rule of the office.
//! The web view gets no file, no path it did not name itself, no plugin, no network: the content security policy in
//! `tauri.conf.json` and `capabilities/main.json` say what is left.
//!
//! It upholds: no PIN enters a log (commands' arguments are not traced, a PIN goes straight into `UserPin`); a hostile
//! document's drawing never runs in this process (its pixels come from the `page-host` helper).
//!
//! Where to read next: `command.rs`, then the verb of the same name in `src-tauri/ops`.

#[cfg(test)]
mod bindings;
mod choices;
mod command;
mod courier;
mod dto;
mod error;
mod event;
mod pages;
mod picture;
mod plug;
mod protocol;
mod setup;
mod state;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use tauri::{Builder, Context, Wry};

/// Runs the desk until its window is closed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let asked = setup::asked(arguments);
    let builder = Builder::default()
        .register_asynchronous_uri_scheme_protocol(protocol::SCHEME, protocol::serve)
        .setup(move |app| setup::desk(app, asked))
        .invoke_handler(tauri::generate_handler![
            command::office::office,
            command::office::set_language,
            command::office::set_theme,
            command::office::token_status,
            command::office::sync,
            command::sign::letters,
            command::sign::letter,
            command::sign::choose_pdf,
            command::sign::add_letter,
            command::sign::sign,
            command::outgoing::refusal,
            command::outgoing::issue,
            command::outgoing::agencies,
            command::outgoing::dispatches,
            command::incoming::incoming,
            command::incoming::incoming_letter,
            command::incoming::accept,
            command::incoming::refuse,
            command::verify::open_document,
            command::verify::fetch_missing,
            command::verify::stop_fetching,
            command::verify::notices,
        ]);
    match builder.build(context()) {
        Ok(app) => {
            u8::try_from(app.run_return(|_, _| {})).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            tracing::error!(%error, "the desk did not start");
            ExitCode::FAILURE
        }
    }
}

fn context() -> Context<Wry> {
    tauri::generate_context!()
}

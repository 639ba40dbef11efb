//! How the desk starts: what it was asked to open, where it writes its diary, which window it shows.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use antin_ops::office::Office;
use tauri::webview::NewWindowResponse;
use tauri::{App, Manager, Runtime, Url, WebviewWindowBuilder};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::pages::Pages;
use crate::state::Desk;
use crate::{courier, plug, protocol};

/// The office folder when the command line does not name one.
const OFFICE_VARIABLE: &str = "ANTIN_OFFICE";
/// What to write in the diary, in tracing's filter language.
const LOG_VARIABLE: &str = "ANTIN_LOG";

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The office's folder: `--office DIR`, else the variable `ANTIN_OFFICE`.
    pub(crate) office: Option<PathBuf>,
    /// A PDF to look at first.
    pub(crate) document: Option<PathBuf>,
}

/// Reads the command line. What it does not know is passed over, because desktop environments add arguments of
/// their own.
pub(crate) fn asked(arguments: impl IntoIterator<Item = OsString>) -> Asked {
    let mut arguments = arguments.into_iter();
    let mut asked = Asked::default();
    while let Some(argument) = arguments.next() {
        if argument == "--office" {
            asked.office = arguments.next().map(PathBuf::from);
        } else if asked.document.is_none() && is_pdf(Path::new(&argument)) {
            // The window shows the whole path, and whoever asked may have another working folder in mind later.
            asked.document = std::path::absolute(argument).ok();
        }
    }
    asked.office = asked
        .office
        .or_else(|| std::env::var_os(OFFICE_VARIABLE).map(PathBuf::from));
    asked
}

fn is_pdf(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
}

/// Opens the office and starts everything the window needs, then shows it.
///
/// # Errors
/// What the system refuses: a thread, a window. An office that cannot be opened is no such failure: the window
/// says so.
pub(crate) fn desk<R: Runtime>(
    app: &App<R>,
    asked: Asked,
) -> Result<(), Box<dyn std::error::Error>> {
    let folder = match asked.office {
        Some(folder) => folder,
        None => app.path().app_local_data_dir()?,
    };
    diary(&folder);
    let pages = Pages::start(&antin_ops::helper::program()?)?;
    let (bell, rung) = mpsc::channel();
    let opened = asked.document;
    let desk = Arc::new(Desk::new(
        Office::open(&folder),
        opened,
        pages.clone(),
        bell,
    ));
    app.manage(pages);
    app.manage(Arc::clone(&desk));
    plug::start(app, &desk);
    courier::start(app.handle().clone(), desk, rung)?;
    window(app)?;
    Ok(())
}

/// Opens the diary `desk.log` in the office's folder, keeping the one of the last start beside it; without a folder
/// it goes to standard error. Arguments of commands are never written, so a PIN cannot get there.
fn diary(office: &Path) {
    let path = office.join("desk.log");
    // On the first start there is nothing to keep.
    let _ = fs::rename(&path, office.join("desk.log.1"));
    let writer = match File::create(&path) {
        Ok(file) => BoxMakeWriter::new(Arc::new(file)),
        Err(_) => BoxMakeWriter::new(std::io::stderr),
    };
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer);
    // A second start in one process keeps the first diary.
    let _ = subscriber.try_init();
}

/// Shows the one window. It may go nowhere but to the desk's own origin, and opens no other.
///
/// # Errors
/// What Tauri reports, for example a missing web view runtime.
fn window<R: Runtime>(app: &App<R>) -> tauri::Result<()> {
    let config = app
        .config()
        .app
        .windows
        .first()
        .cloned()
        .unwrap_or_default();
    WebviewWindowBuilder::from_config(app, &config)?
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    Ok(())
}

fn is_own(url: &Url) -> bool {
    url.as_str()
        .strip_prefix(protocol::ORIGIN)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_command_line() {
        let asked = |arguments: &[&str]| asked(arguments.iter().map(OsString::from));
        let here = std::env::current_dir().unwrap();
        let both = Asked {
            office: Some(PathBuf::from("văn phòng.pdf")),
            document: Some(here.join("chỉ thị.PDF")),
        };
        let office = ["--gtk-something", "--office", "văn phòng.pdf"];
        for arguments in [
            &[&office[..], &["chỉ thị.PDF", "khác.pdf"]].concat()[..],
            &[&["chỉ thị.PDF", "không phải"], &office[..]].concat()[..],
        ] {
            assert_eq!(asked(arguments), both, "{arguments:?}");
        }
        assert_eq!(
            asked(&["--office"]).document,
            None,
            "an option without its value"
        );
    }

    #[test]
    fn goes_nowhere_else() {
        let own = |text: &str| is_own(&text.parse().unwrap());
        assert!(own(&format!("{}/index.html", protocol::ORIGIN)));
        for foreign in [
            "https://example.vn/",
            "tauri://localhost.example.vn/",
            "http://tauri.localhost.evil.vn/",
        ] {
            assert!(!own(foreign), "{foreign}");
        }
    }
}

//! Tokens plugged in and pulled out while the desk is open: the front end is told and asks anew.

use antin_ops::tokens::{Watch, launches, modules_of};
use tauri::{App, Manager, Runtime};

use crate::event::{self, Changed};
use crate::state::Desk;

/// Begins to watch the drivers of the office's people. It ends with the application.
pub(crate) fn start<R: Runtime>(app: &App<R>, desk: &Desk) {
    // Without an office nobody signs here; the window says why.
    let Ok(office) = desk.office() else { return };
    let modules = modules_of(office.folder(), office.config());
    if modules.is_empty() {
        return;
    }
    let handle = app.handle().clone();
    let tell = move |_: &std::path::Path, _: &_| event::changed(&handle, Changed::Token);
    app.manage(Watch::begin(launches(office.helper(), &modules), tell));
}

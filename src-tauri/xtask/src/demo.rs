//! `cargo xtask demo`: installs, builds, then hands over to `antin-demo` (in `testkit`).

use crate::{
    packages,
    step::{self, root, run_command, say},
    test,
};
use std::process::Command;

/// Shows the main job; with `window` the desk is opened on the office afterwards.
pub(crate) fn run(window: bool) -> Result<(), String> {
    say(
        "Ấn Tín: dựng văn phòng mẫu rồi làm trọn một việc / builds a demo office and does the main job",
    );
    packages::install()?;
    test::ui_build()?;
    let root = root();
    build(&root)?;
    let mut demo = Command::new(root.join("target/debug/antin-demo"));
    demo.current_dir(&root)
        .arg("--folder")
        .arg(root.join("target/demo"));
    if !window {
        demo.arg("--no-window");
    }
    run_command("demo", &mut demo)
}

fn build(root: &std::path::Path) -> Result<(), String> {
    step::run(
        "build the workspace (minutes the first time)",
        root,
        "cargo",
        &["build", "--workspace"],
    )
}

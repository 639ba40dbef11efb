//! `cargo xtask test`: what "green" means, cheapest checks first.

use crate::{
    packages,
    step::{self, root, run_command, say},
    tidy,
};
use std::{path::Path, process::Command};

/// Everything there is.
pub(crate) fn run() -> Result<(), String> {
    packages::install()?;
    let root = root();
    run_in(&root, "format", &["fmt", "--all", "--check"])?;
    tidy::run()?;
    ui_build()?;
    ui_test()?;
    judges()?;
    run_in(
        &root,
        "lints",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    run_in(&root, "build", &["build", "--workspace", "--all-targets"])?;
    run_command(
        "tests, journeys and the window",
        &mut tests(&root, &["test", "--workspace"]),
    )?;
    say("\n✓ everything is green");
    Ok(())
}

/// The window's journeys alone.
pub(crate) fn window() -> Result<(), String> {
    packages::install()?;
    ui_build()?;
    let root = root();
    run_in(&root, "build", &["build", "--workspace"])?;
    run_command(
        "the real window",
        &mut tests(
            &root,
            &[
                "test",
                "--package",
                "antin-desktop",
                "--test",
                "window",
                "--",
                "--nocapture",
            ],
        ),
    )
}

/// Builds `ui/dist`, which the desk embeds.
pub(crate) fn ui_build() -> Result<(), String> {
    let ui = root().join("ui");
    step::run(
        "UI: packages",
        &ui,
        "npm",
        &["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    )?;
    step::run("UI: build", &ui, "npm", &["run", "--silent", "build"])
}

fn ui_test() -> Result<(), String> {
    let ui = root().join("ui");
    step::run("UI: types", &ui, "npm", &["run", "--silent", "check"])?;
    step::run("UI: tests", &ui, "npm", &["run", "--silent", "test"])
}

/// pyHanko in `target/judges`, made anew when its requirements change.
pub(crate) fn judges() -> Result<(), String> {
    let root = root();
    let folder = root.join("target/judges");
    let wanted = root.join("tests/judges/requirements.txt");
    let made = folder.join("requirements.txt");
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    if read(&wanted).is_some() && read(&wanted) == read(&made) {
        return Ok(());
    }
    step::run(
        "judges: folder",
        &root,
        "python3",
        &["-m", "venv", "--clear", "target/judges"],
    )?;
    step::run(
        "judges: pyHanko",
        &root,
        "target/judges/bin/pip",
        &[
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            "tests/judges/requirements.txt",
        ],
    )?;
    std::fs::copy(&wanted, &made).map_err(|e| format!("✗ {}: {e}", made.display()))?;
    Ok(())
}

fn run_in(root: &Path, name: &str, arguments: &[&str]) -> Result<(), String> {
    step::run(name, root, "cargo", arguments)
}

fn tests(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(arguments)
        .current_dir(root)
        .env("ANTIN_JUDGES", root.join("target/judges/bin/python"));
    command
}

//! The system packages, each with its reason. Debian only: elsewhere it says what is missing.

use crate::step::{output, run_command, say};
use std::process::Command;

/// (package, why).
const PACKAGES: &[(&str, &str)] = &[
    ("libwebkit2gtk-4.1-dev", "the window (Tauri on Linux)"),
    ("webkit2gtk-driver", "drives the real window in tests"),
    ("xvfb", "a display where there is none"),
    ("imagemagick", "screenshots"),
    ("softhsm2", "a real PKCS#11 module for demo and tests"),
    ("opensc", "looks into tokens from outside (pkcs11-tool)"),
    (
        "poppler-utils",
        "outside judge of signatures and text (pdfsig, pdftotext)",
    ),
    ("qpdf", "outside judge of PDF structure"),
    (
        "openssl",
        "outside judge of CMS, OCSP and time-stamps; makes demo keys",
    ),
    (
        "python3-venv",
        "pyHanko, an outside judge, lives in its own folder",
    ),
    ("fonts-liberation2", "an ordinary text font for the system"),
    ("xauth", "lets programs onto the virtual display"),
];

/// Installs what is missing, saying which and why; asks sudo when not root.
pub(crate) fn install() -> Result<(), String> {
    let missing: Vec<_> = PACKAGES
        .iter()
        .filter(|(name, _)| !installed(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    say("Cần cài thêm các gói hệ thống / system packages to install:");
    for (name, why) in &missing {
        say(&format!("  {name:<24} {why}"));
    }
    if output("apt-get", &["--version"]).is_none() {
        return Err("✗ apt-get was not found. Install the packages above with this system's own tool, then run the command again.".into());
    }
    apt("refresh the package lists", &["update", "-q"])?;
    let mut arguments = vec!["install", "-y", "-q", "--no-install-recommends"];
    arguments.extend(missing.iter().map(|(name, _)| *name));
    apt("install the system packages", &arguments)
}

fn installed(name: &str) -> bool {
    output("dpkg-query", &["-W", "-f", "${Status}", name])
        .is_some_and(|s| s.starts_with("install ok"))
}

fn apt(step: &str, arguments: &[&str]) -> Result<(), String> {
    let root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        sudo
    };
    run_command(
        step,
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

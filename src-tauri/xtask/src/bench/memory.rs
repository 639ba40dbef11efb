//! Memory of a program with all its helpers, sampled while it runs.

use super::{kit::Kit, sign::SIGN};
use crate::step;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

/// A helper lives for a few milliseconds; what the largest did is in the kit's own figure.
const PAUSE: Duration = Duration::from_micros(500);
const MIB: f64 = 1024.0;

/// The most memory that one signing act takes, in MiB: the processes' proportional shares added up, so that what they
/// share, this program's own text above all, counts once.
pub(super) fn signing(kit: &Kit, input: &str) -> Result<f64, String> {
    let folder = Scratch::new(kit)?;
    let letter = folder.0.join(format!("{input}.pdf"));
    copy(&kit.home.join(format!("inputs/{input}.pdf")), &letter)?;
    let mut command = command(kit, SIGN, &[letter.as_path()])?;
    let mut child = command.spawn().map_err(|e| format!("✗ antin: {e}"))?;
    let mut peak: f64 = 0.0;
    loop {
        peak = peak.max(shares(child.id()));
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(peak / MIB),
            Ok(None) => sleep(PAUSE),
            other => return Err(format!("✗ antin on {input}: {other:?}")),
        }
    }
}

/// Kilobytes of a process and of all that it started.
fn shares(process: u32) -> f64 {
    let of = |path: String| fs::read_to_string(path).unwrap_or_default();
    let own = of(format!("/proc/{process}/smaps_rollup"));
    let own = own
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .and_then(|rest| {
            rest.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<f64>()
                .ok()
        });
    // A thread starts helpers, and it need not be the first one.
    let threads = fs::read_dir(format!("/proc/{process}/task"));
    let children = threads.into_iter().flatten().flatten().map(|thread| {
        let kids = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let kids = kids.split_whitespace().filter_map(|kid| kid.parse().ok());
        kids.map(shares).sum::<f64>()
    });
    own.unwrap_or_default() + children.sum::<f64>()
}

/// Our program with the kit's words filled in, the PIN on its standard input.
pub(super) fn command(kit: &Kit, template: &str, files: &[&Path]) -> Result<Command, String> {
    let pin = fs::File::open(kit.home.join("pin")).map_err(|e| format!("✗ the PIN: {e}"))?;
    let home = kit.home.display().to_string();
    let words = template
        .replace("{module}", super::kit::MODULE)
        .replace("{root}", "{home}/ca/root.pem")
        .replace("{home}", &home);
    let mut command = kit.command(&kit.antin);
    command
        .args(words.split_whitespace())
        .args(files)
        .stdin(pin)
        .stdout(Stdio::null());
    Ok(command)
}

/// A folder that goes away; in memory where there is one.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn new(kit: &Kit) -> Result<Scratch, String> {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory } else { &kit.home };
        let folder = base.join(format!("antin-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|e| format!("✗ {}: {e}", folder.display()))?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            step::say(&format!("{} is left: {error}", self.0.display()));
        }
    }
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to)
        .map(drop)
        .map_err(|e| format!("✗ {}: {e}", from.display()))
}

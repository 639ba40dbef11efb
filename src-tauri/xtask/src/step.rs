//! Steps: a named command that shows that it runs, how long it took, and what it said if it failed.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// The workspace's root: two levels above this crate.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// A line for the person who watches; a closed pipe is no reason to stop.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
}

/// Runs `program` in `folder`, its output going where ours goes.
pub(crate) fn run(
    name: &str,
    folder: &Path,
    program: &str,
    arguments: &[&str],
) -> Result<(), String> {
    run_command(
        name,
        Command::new(program).args(arguments).current_dir(folder),
    )
}

/// As [`run`], for a command that needs its environment set.
pub(crate) fn run_command(name: &str, command: &mut Command) -> Result<(), String> {
    say(&format!("\n▸ {name}"));
    let begun = Instant::now();
    let status = command.stdin(Stdio::null()).status().map_err(|e| {
        format!(
            "✗ {name}: {} did not start: {e}",
            command.get_program().to_string_lossy()
        )
    })?;
    let took = begun.elapsed().as_secs_f32();
    if status.success() {
        say(&format!("✓ {name} ({took:.1} s)"));
        Ok(())
    } else {
        Err(format!("✗ {name}: {status} after {took:.1} s"))
    }
}

/// What `program` prints, if it ends well.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let answer = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    answer
        .status
        .success()
        .then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

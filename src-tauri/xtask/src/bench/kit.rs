//! The peers' kit: prepared, and its tools run for their JSON lines.

use super::{Wish, note};
use crate::step;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The PKCS#11 module that the kit signs with.
pub(super) const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// Where everything is.
pub(super) struct Kit {
    /// The kit's scripts.
    pub(super) tools: PathBuf,
    /// What `setup.sh` made.
    pub(super) home: PathBuf,
    /// The program under test.
    pub(super) antin: PathBuf,
}

/// One row of a tool, by its column.
#[derive(Clone, Default)]
pub(super) struct Row(BTreeMap<String, f64>);

impl Row {
    /// A column's figure.
    pub(super) fn get(&self, column: &str) -> Option<f64> {
        self.0.get(column).copied()
    }
}

/// Rows by label and input.
#[derive(Default)]
pub(super) struct Rows(BTreeMap<(String, String), Row>);

impl Rows {
    /// A row. What the peers need in the file beforehand (`_field`) makes no other input of it.
    pub(super) fn get(&self, label: &str, input: &str) -> Option<&Row> {
        self.0.get(&(label.to_owned(), input.to_owned()))
    }

    /// Adds another tool's rows.
    pub(super) fn extend(&mut self, other: Rows) {
        self.0.extend(other.0);
    }
}

impl Kit {
    /// Prepares inputs, keys and peers, and builds the program as it is given out.
    pub(super) fn prepare(root: &Path) -> Result<Kit, String> {
        let tools = root.join("../shared/tools/peers");
        let tools = tools.canonicalize().map_err(|_| {
            "✗ The peers' kit is not there (../shared/tools/peers beside this checkout): without it there are neither inputs nor peers to measure beside. Nothing was measured."
                .to_owned()
        })?;
        let kit = Kit {
            tools,
            home: root.join("target/peers"),
            antin: root.join("target/release/antin"),
        };
        note("the kit: inputs, keys, pyHanko, pdfsig, mutool");
        kit.quietly(Command::new(kit.tools.join("setup.sh")).current_dir(root))?;
        kit.evidence()?;
        note("antin, as it is given out");
        kit.quietly(
            Command::new("cargo")
                .args(["build", "--release", "--quiet", "--package", "antin"])
                .current_dir(root),
        )?;
        Ok(kit)
    }

    /// What the kit's certificates refer to, in a folder of its own: their issuer and the lists of revocations.
    fn evidence(&self) -> Result<(), String> {
        let folder = self.home.join("evidence");
        let failed = |e: std::io::Error| format!("✗ {}: {e}", folder.display());
        std::fs::create_dir_all(&folder).map_err(failed)?;
        for name in ["root.crl", "sub.crl", "sub.der"] {
            std::fs::copy(self.home.join("ca").join(name), folder.join(name)).map_err(failed)?;
        }
        Ok(())
    }

    /// A command that knows where the kit's files are.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("PEERS_HOME", &self.home)
            .env("SOFTHSM2_CONF", self.home.join("softhsm2.conf"))
            .env_remove("ANTIN_OFFICE");
        command
    }

    /// Our command line for the kit's templates.
    pub(super) fn ours(&self, words: &str) -> String {
        format!("{} {words}", self.antin.display())
    }

    /// Runs one of the kit's tools and collects its rows.
    pub(super) fn rows(&self, tool: &str, wish: Wish, arguments: &[&str]) -> Result<Rows, String> {
        let mut command = self.command(self.tools.join(tool));
        command
            .args(arguments)
            .args(["--json", "--runs", &wish.runs.to_string()]);
        let answer = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| format!("✗ {tool} did not start: {e}"))?;
        let text = String::from_utf8_lossy(&answer.stdout);
        let mut rows = Rows::default();
        for line in text.lines().filter(|line| line.starts_with('{')) {
            let Ok(Value::Object(row)) = serde_json::from_str(line) else {
                return Err(format!("✗ {tool} answered {line:?}"));
            };
            let word = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
            if row.contains_key("failed") {
                return Err(format!(
                    "✗ {} on {}: {}",
                    word("label"),
                    word("input"),
                    word("output")
                ));
            }
            if !matches!(word("check"), "" | "ok") {
                return Err(format!(
                    "✗ {} on {}: the result did not pass its check",
                    word("label"),
                    word("input")
                ));
            }
            let key = (
                word("label").to_owned(),
                word("input").trim_end_matches("_field").to_owned(),
            );
            let figures = row
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
            rows.0.insert(key, Row(figures.collect()));
        }
        if answer.status.success() {
            Ok(rows)
        } else {
            Err(format!("✗ {tool}: {}: {text}", answer.status))
        }
    }

    /// The peers' rows of a section; none when they are not wanted.
    pub(super) fn peers(&self, section: &str, wish: Wish) -> Result<Rows, String> {
        if !wish.peers {
            return Ok(Rows::default());
        }
        note(&format!("{section}: pyHanko, pdfsig and mutool"));
        self.rows("bench_peers.sh", wish, &[section])
    }

    fn quietly(&self, command: &mut Command) -> Result<(), String> {
        let answer = command
            .env("PEERS_HOME", &self.home)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("✗ {}: {e}", command.get_program().to_string_lossy()))?;
        if answer.status.success() {
            return Ok(());
        }
        step::say(&String::from_utf8_lossy(&answer.stdout));
        Err(format!(
            "✗ {}: {}: {}",
            command.get_program().to_string_lossy(),
            answer.status,
            String::from_utf8_lossy(&answer.stderr)
        ))
    }
}

//! A world for one journey: PKI, tokens, province and offices in a folder that goes away with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use antin_ops::error::Error;
use antin_ops::message::{self, Language};
use antin_testkit::office::{CLERK, LEADER};
use antin_testkit::process;
use antin_testkit::world::{DemoAgency, PROVINCE, Programs, World};
use serde_json::Value;
use tempfile::TempDir;

/// The world, and the folder it lies in.
pub(crate) struct Stage {
    pub(crate) world: World,
    // After the world: its processes end before their folder goes.
    pub(crate) folder: TempDir,
}

/// What a program printed and how it ended.
pub(crate) struct Answer {
    pub(crate) words: String,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    pub(crate) fn of(words: &[&str], output: &Output) -> Answer {
        Answer {
            words: words.join(" "),
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// One JSON object a line.
    #[track_caller]
    pub(crate) fn rows(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{self}: {e}"));
        self.out.lines().map(parse).collect()
    }

    /// The only JSON object.
    #[track_caller]
    pub(crate) fn row(&self) -> Value {
        let [row] = <[Value; 1]>::try_from(self.rows()).unwrap_or_else(|_| panic!("{self}"));
        row
    }

    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Answer {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Answer {
            words,
            code,
            out,
            err,
        } = self;
        write!(
            f,
            "antin {words}: exit {code:?}\nstdout: {out}\nstderr: {err}"
        )
    }
}

/// Everything of an office that trouble must leave alone: its letters, its outbox, every file it keeps.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    letters: String,
    outbox: String,
    kept: BTreeMap<PathBuf, Vec<u8>>,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        let programs = Programs::beside_this().unwrap();
        for name in ["antin", "antin-province", "antin-demo-pki"] {
            assert!(
                programs.path(name).exists(),
                "{} is missing: first `cargo build -p antin -p antin-province -p antin-testkit`",
                programs.path(name).display()
            );
        }
        let folder = tempfile::tempdir().unwrap();
        let world = World::create(&folder.path().join("world"), &samples(), programs).unwrap();
        Stage { world, folder }
    }

    /// A path beside the world.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `antin` in an office, in words for people.
    pub(crate) fn antin(&self, agency: &DemoAgency, words: &[&str], input: &str) -> Answer {
        Answer::of(words, &self.world.run(agency, words, input).unwrap())
    }

    /// `antin --json` in an office.
    pub(crate) fn json(&self, agency: &DemoAgency, words: &[&str], input: &str) -> Answer {
        self.antin(agency, &[&["--json"], words].concat(), input)
    }

    /// The one object `antin --json` answers with when all goes well.
    #[track_caller]
    pub(crate) fn done(&self, agency: &DemoAgency, words: &[&str], input: &str) -> Value {
        self.json(agency, words, input).ended(0).row()
    }

    /// The objects `antin --json` answers with when all goes well.
    #[track_caller]
    pub(crate) fn all(&self, agency: &DemoAgency, words: &[&str]) -> Vec<Value> {
        self.json(agency, words, "").ended(0).rows()
    }

    /// `antin` for anyone: no office, no tokens.
    pub(crate) fn antin_anywhere(&self, words: &[&str]) -> Answer {
        antin_anywhere(self.world.programs(), words)
    }

    /// A sample letter before the leader.
    #[track_caller]
    pub(crate) fn add(&self, sample: &Path) -> String {
        text(
            &self.done(&PROVINCE, &["letter", "add", utf8(sample)], ""),
            "letter",
        )
    }

    /// A sample letter signed by the leader.
    #[track_caller]
    pub(crate) fn approved(&self, name: &str) -> String {
        let letter = self.add(&sample(name));
        let words = ["sign", "--act", "approve", "--pin-stdin", &letter];
        let signed = self.done(&PROVINCE, &words, &line(LEADER.pin));
        assert_eq!(signed["state"], "signed");
        letter
    }

    /// A sample letter signed, numbered and sealed.
    #[track_caller]
    pub(crate) fn issued(&self, name: &str) -> String {
        let letter = self.approved(name);
        let issued = self.done(
            &PROVINCE,
            &["issue", "--pin-stdin", &letter],
            &line(CLERK.pin),
        );
        assert_eq!(issued["state"], "issued");
        letter
    }

    /// A copy of a letter's file as it is now.
    #[track_caller]
    pub(crate) fn export(&self, letter: &str, name: &str) -> PathBuf {
        let out = self.path(name);
        self.antin(&PROVINCE, &["letter", "export", letter, utf8(&out)], "")
            .ended(0);
        out
    }

    /// The row of a letter in a list of `antin --json`.
    #[track_caller]
    pub(crate) fn row_of(&self, words: &[&str], letter: &str) -> Value {
        let rows = self.all(&PROVINCE, words);
        let mut found = rows.into_iter().filter(|row| row["letter"] == letter);
        let row = found
            .next()
            .unwrap_or_else(|| panic!("{letter} is not in {words:?}"));
        assert!(found.next().is_none(), "{letter} is in {words:?} twice");
        row
    }

    pub(crate) fn standing(&self) -> Standing {
        Standing {
            letters: self.json(&PROVINCE, &["letter", "list"], "").ended(0).out,
            outbox: self.json(&PROVINCE, &["outbox"], "").ended(0).out,
            kept: files(&self.world.office(&PROVINCE).join("blobs")),
        }
    }

    /// Asserts that `antin` refuses with the table's words for `error`, and with its code in JSON; nothing is printed
    /// that a program could take for a result.
    #[track_caller]
    pub(crate) fn refuses(&self, words: &[&str], input: &str, error: &Error) {
        let said = message::say(Language::Vi, error);
        let answer = self.antin(&PROVINCE, words, input).ended(1);
        assert_eq!(
            answer.err,
            format!("{}\n  → {}\n", said.what, said.advice),
            "{answer}"
        );
        assert_eq!(answer.out, "", "{answer}");
        assert!(!said.what.contains('{'), "a fact is missing: {}", said.what);
        self.refuses_in_json(words, input, error);
    }

    /// The second half of [`Stage::refuses`].
    #[track_caller]
    pub(crate) fn refuses_in_json(&self, words: &[&str], input: &str, error: &Error) {
        let said = message::say(Language::Vi, error);
        let answer = self.json(&PROVINCE, words, input).ended(1);
        let told = &answer.row()["error"];
        assert_eq!(told["code"], error.code.name(), "{answer}");
        assert_eq!(told["what"], said.what, "{answer}");
        assert_eq!(told["advice"], said.advice, "{answer}");
        assert_eq!(answer.err, "", "{answer}");
    }

    /// Changes `office.json` of the sender.
    pub(crate) fn change_office(&self, change: impl FnOnce(&mut Value)) {
        let path = self.world.office(&PROVINCE).join("office.json");
        let mut config = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut config);
        fs::write(&path, config.to_string()).unwrap();
    }

    /// Gives the leader another token.
    pub(crate) fn give_leader(&self, label: &str) {
        self.change_office(|config| config["signers"][0]["token"] = label.into());
    }
}

/// `antin` for anyone: no office, no tokens, no network that its files could name.
pub(crate) fn antin_anywhere(programs: &Programs, words: &[&str]) -> Answer {
    let mut command = process::command(programs.path("antin"));
    command
        .args(words)
        .env_remove("ANTIN_OFFICE")
        .env("ANTIN_LANG", "vi");
    Answer::of(words, &command.output().unwrap())
}

/// What a tool printed on both outputs; failing is the test's failure.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = process::run(command).unwrap_or_else(|error| panic!("{command:?}: {error}"));
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn samples() -> PathBuf {
    root().join("tests/letter")
}

/// A sample letter.
pub(crate) fn sample(name: &str) -> PathBuf {
    samples().join(name)
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            found.insert(path, bytes);
        }
    }
    found
}

pub(crate) fn utf8(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[track_caller]
pub(crate) fn text(value: &Value, key: &str) -> String {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {value}"))
        .to_owned()
}

pub(crate) fn line(pin: &str) -> String {
    format!("{pin}\n")
}

/// Asserts `actual == expected` without printing a whole PDF when it is not so.
#[track_caller]
pub(crate) fn assert_same(actual: &[u8], expected: &[u8], what: &str) {
    assert!(
        actual == expected,
        "{what}: {} bytes against {}",
        actual.len(),
        expected.len()
    );
}

//! `antin token` and signing over tokens that fail as a script says: what a person reads, what it cost, and that no PIN
//! shows anywhere.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "token/doctor.rs"]
mod doctor;
#[path = "token/pin.rs"]
mod pin;
#[path = "token/sign.rs"]
mod sign;
#[path = "token/watch.rs"]
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use antin_testkit::FaultModule;
use antin_testkit::fault::{Fault, Script, Token, object};
use antin_testkit::office::{CLERK, LEADER};
use antin_testkit::pki::Role;
use antin_testkit::process;
use antin_testkit::world::{PROVINCE, Programs, World};
use serde_json::Value;

const LEADER_SERIAL: &str = "L-0001";
const CLERK_SERIAL: &str = "C-0002";
/// `CKR_…` of the standard's header.
const FUNCTION_FAILED: u64 = 0x06;
const DEVICE_ERROR: u64 = 0x30;

fn letters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/letter")
}

/// One world for all tests of this file: nothing here changes it but the tokens, which each test has for itself.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-token");
    let programs = Programs::beside_this().unwrap();
    World::create(&folder.join("world"), &letters(), programs).unwrap()
});

/// The office's two tokens, well.
fn tokens() -> Vec<Token> {
    let pki = WORLD.pki();
    let mut leader = Token::new(1, LEADER.label, LEADER_SERIAL, LEADER.pin);
    leader.objects = vec![object(LEADER.id, pki.leaf(LEADER.role).unwrap())];
    let mut clerk = Token::new(2, CLERK.label, CLERK_SERIAL, CLERK.pin);
    clerk.objects = vec![object(CLERK.id, pki.leaf(Role::Seal).unwrap())];
    vec![leader, clerk]
}

/// An office whose tokens follow a script.
struct Desk {
    folder: PathBuf,
    module: FaultModule,
}

impl Desk {
    fn new(name: &str, tokens: Vec<Token>, faults: Vec<Fault>) -> Desk {
        let folder = WORLD.folder().join("faults").join(name);
        let module = FaultModule::create(&folder, &Script { tokens, faults }).unwrap();
        let office = folder.join("office");
        copy_folder(&WORLD.office(&PROVINCE), &office);
        let path = office.join("office.json");
        let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for signer in config["signers"].as_array_mut().unwrap() {
            signer["module"] = module.module().to_str().into();
        }
        fs::write(&path, config.to_string()).unwrap();
        Desk { folder, module }
    }

    /// `antin` in this office, with everything logged.
    fn antin(&self) -> Command {
        let mut antin = process::command(WORLD.programs().path("antin"));
        antin
            .env("ANTIN_OFFICE", self.folder.join("office"))
            .env("ANTIN_LANG", "vi")
            .env("ANTIN_LOG", "trace")
            .envs(self.module.env());
        antin
    }

    fn run(&self, words: &[&str], input: &str) -> Output {
        let mut antin = self.antin();
        antin
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = antin.spawn().unwrap();
        // A program that wants nothing may close its end first.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// The JSON objects printed, one a line; no secret of `input` may show in them or beside them.
    #[track_caller]
    fn rows(&self, words: &[&str], input: &str) -> Vec<Value> {
        let output = self.run(&[&["--json"], words].concat(), input);
        for secret in input.lines().filter(|secret| secret.len() > 3) {
            assert_absent(&output, secret);
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {text}"));
        text.lines().map(parse).collect()
    }

    /// The code of the refusal, in the last object printed.
    #[track_caller]
    fn refusal(&self, words: &[&str], input: &str) -> String {
        let rows = self.rows(words, input);
        let last = rows.last().unwrap_or_else(|| panic!("nothing printed"));
        last["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no refusal: {last}"))
            .to_owned()
    }

    /// A letter to sign.
    fn letter(&self, name: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::copy(letters().join("directive.pdf"), &path).unwrap();
        path
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let beside = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &beside);
        } else {
            fs::copy(entry.path(), beside).unwrap();
        }
    }
}

#[track_caller]
fn assert_absent(output: &Output, secret: &str) {
    for stream in [&output.stdout, &output.stderr] {
        let shown = String::from_utf8_lossy(stream);
        assert!(!shown.contains(secret), "“{secret}” shows: {shown}");
    }
}

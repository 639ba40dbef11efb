//! A batch in which something fails: the table of experiments is `tests/FAULTS.md`.
//!
//! Whatever happens, each file is the old one or a signed one, what is not signed is named, and the same command again
//! signs the rest.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use antin_testkit::FaultModule;
use antin_testkit::fault::{Action, Fault, Script, Token, object};
use antin_testkit::office::LEADER;
use antin_testkit::pki::Role;
use antin_testkit::world::PROVINCE;
use serde_json::{Value, json};

use crate::batch::{letters, signatures, words};
use crate::fixture::{Answer, Stage, assert_same, files, line, sample, utf8};
use crate::trouble::small_disk;

const NAMES: [&str; 6] = ["1.pdf", "2.pdf", "3.pdf", "4.pdf", "5.pdf", "6.pdf"];
const SERIAL: &str = "0001";

/// The leader's token of the fault module, six letters, and the letter as it was.
struct Experiment {
    stage: Stage,
    module: FaultModule,
    all: Vec<PathBuf>,
    before: Vec<u8>,
}

impl Experiment {
    fn new() -> Experiment {
        let stage = Stage::new();
        let module = FaultModule::create(&stage.path("faults"), &Script::default()).unwrap();
        let all = letters(&stage, "lô", &NAMES);
        let before = fs::read(sample("cong-van.pdf")).unwrap();
        let experiment = Experiment {
            stage,
            module,
            all,
            before,
        };
        experiment.faults(Vec::new());
        experiment
    }

    /// From now on this goes wrong.
    fn faults(&self, faults: Vec<Fault>) {
        let official = self.stage.world.pki().leaf(Role::Official).unwrap();
        let mut token = Token::new(1, LEADER.label, SERIAL, LEADER.pin);
        token.objects = vec![object(&[1], official)];
        let script = Script {
            tokens: vec![token],
            faults,
        };
        self.module.rewrite(&script).unwrap();
    }

    /// What is added to `antin`.
    fn arguments(&self) -> Vec<String> {
        let words = ["--json", "sign", "--pin-stdin", "--level", "b", "--token"];
        let mut all: Vec<_> = words.map(str::to_owned).to_vec();
        all.extend([LEADER.label, "--module", utf8(self.module.module())].map(str::to_owned));
        all.extend(self.all.iter().map(|file| utf8(file).to_owned()));
        all
    }

    fn command(&self) -> Command {
        let mut command = self.stage.world.antin(&PROVINCE);
        command
            .args(self.arguments())
            .envs(self.module.env())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn start(&self, pin: &str) -> Child {
        let mut child = self.command().spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(line(pin).as_bytes()).unwrap();
        child
    }

    fn sign(&self, pin: &str) -> Answer {
        let output = self.start(pin).wait_with_output().unwrap();
        Answer::of(&["sign"], &output)
    }

    /// Each file is the old one or carries one signature, and nothing lies beside them. Says how many are signed.
    #[track_caller]
    fn old_or_signed(&self) -> usize {
        let mut signed = 0;
        for file in &self.all {
            let now = fs::read(file).unwrap();
            if now.len() == self.before.len() {
                assert_same(&now, &self.before, "the old file");
            } else {
                assert_eq!(signatures(&self.stage, file), 1, "{}", file.display());
                signed += 1;
            }
        }
        signed
    }

    /// With the fault gone the same command signs the rest.
    #[track_caller]
    fn goes_on(&self) {
        self.faults(Vec::new());
        let signed = self.old_or_signed();
        let again = self.sign(LEADER.pin).ended(0);
        let summary = summary(&again);
        assert_eq!(summary["already"], signed, "{again}");
        assert_eq!(summary["signed"], self.all.len() - signed, "{again}");
        assert_eq!(self.old_or_signed(), self.all.len());
        let folder = self.all[0].parent().unwrap();
        assert_eq!(
            files(folder).len(),
            self.all.len(),
            "nothing lies beside them"
        );
    }
}

#[track_caller]
fn summary(answer: &Answer) -> Value {
    answer.rows().last().unwrap()["summary"].clone()
}

/// What a driver answers in the middle ends the batch at once, and no PIN is shown again.
#[test]
fn a_token_that_fails_in_the_middle_ends_the_batch() {
    /// The driver is asked for a signature's length first, then for the signature.
    const SECOND_PART: u32 = 2;
    const FUNCTION_FAILED: u64 = 0x06;
    const DEVICE_REMOVED: u64 = 0x32;
    const SESSION_HANDLE_INVALID: u64 = 0xb3;
    const USER_NOT_LOGGED_IN: u64 = 0x101;
    let experiment = Experiment::new();
    for (action, code) in [
        (Action::Return(DEVICE_REMOVED), "TokenRemoved"),
        (Action::Return(USER_NOT_LOGGED_IN), "TokenRemoved"),
        (Action::Return(SESSION_HANDLE_INVALID), "TokenRemoved"),
        (Action::Return(FUNCTION_FAILED), "TokenDriverFailed"),
        (Action::Abort, "TokenDriverFailed"),
        (Action::Exit, "TokenDriverFailed"),
    ] {
        for file in &experiment.all {
            fs::write(file, &experiment.before).unwrap();
        }
        let shown = experiment.module.pins_shown();
        experiment.faults(vec![Fault::at_call(
            "C_Sign",
            SECOND_PART * 3,
            action.clone(),
        )]);
        let answer = experiment.sign(LEADER.pin).ended(3);
        let said = words(&answer.rows());
        let signed = said.iter().filter(|word| *word == "signed").count();
        let failed = said.iter().filter(|word| *word == code).count();
        assert_eq!((signed, failed), (2, 1), "{action:?}: {answer}");
        assert_eq!(summary(&answer)["left"], 3, "{answer}");
        assert_eq!(summary(&answer)["endedBy"], code, "{answer}");
        assert_eq!(experiment.old_or_signed(), 2, "{action:?}");
        assert_eq!(
            experiment.module.pins_shown(),
            shown + 1,
            "{action:?}: one PIN"
        );
        experiment.goes_on();
    }
}

#[test]
fn a_wrong_or_a_locked_pin_is_tried_once() {
    let experiment = Experiment::new();
    for (pin, code) in [
        ("00001111", "PinIncorrectCountLow"),
        ("00002222", "PinIncorrectFinalTry"),
    ] {
        let shown = experiment.module.pins_shown();
        let refused = experiment.sign(pin).ended(1).row();
        assert_eq!(refused["error"]["code"], code, "{refused}");
        assert_eq!(experiment.module.pins_shown(), shown + 1);
    }
    experiment.module.leave_tries(SERIAL, 0).unwrap();
    let refused = experiment.sign(LEADER.pin).ended(1).row();
    assert_eq!(refused["error"]["code"], "PinLocked", "{refused}");
    assert_eq!(experiment.old_or_signed(), 0);
}

/// Ctrl-C while the token signs: that file is finished, the others are named. The helpers do not hear it.
#[test]
fn ctrl_c_ends_between_files() {
    let experiment = Experiment::new();
    experiment.faults(vec![Fault::always("C_Sign", Action::Delay(400))]);
    let mut child = experiment.start(LEADER.pin);
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{first}{rest}");
    let rows: Vec<Value> = (first + &rest)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let said = words(&rows);
    let signed = said.iter().filter(|word| *word == "signed").count();
    let left = said.iter().filter(|word| *word == "left").count();
    assert!(signed >= 1 && left >= 1 && signed + left == 6, "{said:?}");
    assert_eq!(rows.last().unwrap()["summary"]["endedBy"], Value::Null);
    assert_eq!(experiment.old_or_signed(), signed);
    experiment.goes_on();
}

/// Files that somebody removes, writes to or takes away the right to write, while others are signed.
#[test]
fn files_that_change_while_the_batch_runs_are_refused_each_by_itself() {
    let experiment = Experiment::new();
    experiment.faults(vec![Fault::always("C_Sign", Action::Delay(300))]);
    let mut child = experiment.start(LEADER.pin);
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut all = String::new();
    lines.read_line(&mut all).unwrap();
    // Three are in work by now; the last one is not.
    fs::remove_file(&experiment.all[5]).unwrap();
    // The second is at the token or behind it, the third is prepared: what was prepared is not what is there.
    let mut grown = fs::OpenOptions::new()
        .append(true)
        .open(&experiment.all[3])
        .unwrap();
    grown.write_all(b"\n% more\n").unwrap();
    lines.read_to_string(&mut all).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{all}");
    let rows: Vec<Value> = all
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let said = words(&rows);
    assert_eq!(
        [&said[0], &said[1], &said[2], &said[4]],
        ["signed"; 4],
        "{said:?}"
    );
    assert_eq!(said[5], "FileUnreadable", "{said:?}");
    // Read before it grew, or after: then it is a file with something behind its end.
    assert!(
        ["DocumentChangedOnDisk", "DocumentDamaged"].contains(&said[3].as_str()),
        "{said:?}"
    );
    let now = fs::read(&experiment.all[3]).unwrap();
    assert!(
        now == [&experiment.before[..], b"\n% more\n"].concat(),
        "nothing is lost and nothing added"
    );
}

/// The disk runs full in the middle: what was signed stays, what was not is the old file, the batch ends.
#[test]
fn a_disk_that_runs_full_ends_the_batch() {
    let experiment = Experiment::new();
    let folder = experiment.all[0].parent().unwrap().to_path_buf();
    let each = experiment.before.len().next_multiple_of(4096);
    // Six letters, and room for the copy of one; each signature takes 8 KiB of what is left.
    let Some(mut command) = small_disk(&experiment.stage, &folder, 7 * each + (20 << 10)) else {
        return;
    };
    command
        .args(experiment.arguments())
        .envs(experiment.module.env());
    let pin = experiment.stage.path("pin");
    fs::write(&pin, line(LEADER.pin)).unwrap();
    command.stdin(fs::File::open(&pin).unwrap());
    let answer = Answer::of(&["sign"], &command.output().unwrap()).ended(3);
    assert_eq!(summary(&answer)["endedBy"], "DiskFull", "{answer}");
    fs::remove_dir_all(&folder).unwrap();
    fs::rename(experiment.stage.path("what was left"), &folder).unwrap();
    let signed = experiment.old_or_signed();
    assert_eq!(summary(&answer)["signed"], signed, "{answer}");
    assert!(signed < 6, "{answer}");
    experiment.goes_on();
}

/// Two programs over the same files: of each file one wins, and the other says so or finds it signed.
#[test]
fn two_batches_over_the_same_files_at_once() {
    let experiment = Experiment::new();
    experiment.faults(vec![Fault::always("C_Sign", Action::Delay(20))]);
    let [one, other] = [0, 1].map(|_| experiment.start(LEADER.pin)).map(|run| {
        let answer = Answer::of(&["sign"], &run.wait_with_output().unwrap());
        words(&answer.rows())
    });
    assert_eq!(experiment.old_or_signed(), 6, "{one:?} {other:?}");
    for (one, other) in one.iter().zip(&other) {
        let outcomes = [one.as_str(), other.as_str()];
        let signed = outcomes.iter().filter(|word| **word == "signed").count();
        let known = ["signed", "already", "DocumentChangedOnDisk"];
        assert!(
            signed == 1 && outcomes.iter().all(|word| known.contains(word)),
            "{outcomes:?}"
        );
    }
}

/// SIGKILL at many moments: nothing can clean up, and nothing needs to.
#[test]
fn killed_at_any_moment_each_file_is_the_old_one_or_signed() {
    let experiment = Experiment::new();
    let slow = || vec![Fault::always("C_Sign", Action::Delay(15))];
    for run in 0..12 {
        for file in &experiment.all {
            fs::write(file, &experiment.before).unwrap();
        }
        experiment.faults(slow());
        let mut child = experiment.start(LEADER.pin);
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        // After so many lines, and then at whatever comes next.
        let mut said = String::new();
        for _ in 0..run % 6 {
            lines.read_line(&mut said).unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(run));
        child.kill().unwrap();
        child.wait().unwrap();
        let signed = experiment.old_or_signed();
        let told = said
            .lines()
            .filter(|line| line.contains("\"field\""))
            .count();
        assert!(signed >= told, "{told} told, {signed} there: {said}");
        experiment.goes_on();
    }
}

/// A folder in which nothing may be made is said of each file, before the token is asked.
#[test]
fn a_read_only_disk_refuses_each_file() {
    let experiment = Experiment::new();
    let folder = experiment.all[0].parent().unwrap();
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" || exit 99; shift; exec \"$@\"";
    let inner = experiment.command();
    let mut command = Command::new("unshare");
    command
        .args(["-m", "sh", "-c", script, "sh"])
        .arg(folder)
        .arg(inner.get_program())
        .args(inner.get_args());
    for (name, value) in inner.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let pin = experiment.stage.path("pin");
    fs::write(&pin, line(LEADER.pin)).unwrap();
    command.stdin(fs::File::open(&pin).unwrap());
    let output = command.output().unwrap();
    if output.status.code() == Some(99) || !output.stderr.is_empty() && output.stdout.is_empty() {
        let _ = writeln!(
            std::io::stderr().lock(),
            "SKIPPED: no file system may be mounted here"
        );
        return;
    }
    let answer = Answer::of(&["sign"], &output).ended(1);
    assert_eq!(words(&answer.rows()), ["FileReadOnly"; 6], "{answer}");
    assert_eq!(
        experiment
            .module
            .journal()
            .iter()
            .filter(|l| l.starts_with("C_Sign"))
            .count(),
        0
    );
    experiment.goes_on();
}

/// A slow authority costs a batch one moment, and every time-stamp comes later.
#[test]
fn a_batch_does_not_wait_for_time_stamps() {
    let experiment = Experiment::new();
    let stage = &experiment.stage;
    crate::levels::authority(stage, "slow/3600000");
    let files: Vec<_> = experiment.all.iter().map(|file| utf8(file)).collect();
    let words = [&["sign", "--pin-stdin", "--level", "t"], &files[..]].concat();
    let signed = stage.json(&PROVINCE, &words, &line(LEADER.pin)).ended(0);
    let rows = signed.rows();
    for row in &rows[..6] {
        assert_eq!(row["timestamped"], false, "{signed}");
    }
    crate::levels::authority(stage, "on");
    let mut stamped = 0;
    for _ in 0..40 {
        let run = stage.done(&PROVINCE, &["sync"], "");
        stamped += run["timestamps"]["stamped"].as_u64().unwrap();
        if run["timestamps"]["waiting"] == json!(0) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    assert_eq!(stamped, 6);
    let again = stage.json(&PROVINCE, &words, &line(LEADER.pin)).ended(0);
    for row in &again.rows()[..6] {
        assert_eq!(
            (&row["already"], &row["timestamped"]),
            (&json!(true), &json!(true)),
            "{again}"
        );
    }
}

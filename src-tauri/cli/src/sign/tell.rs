//! A batch as it is told: a line for each file, what is under way where somebody looks, and a summary of several.

use super::stop::Stop;
use crate::{output::Output, progress::Progress};
use antin_ops::{
    batch::{AlreadySigned, LetterTold, Named, Outcome, SignedFile, Summary, Told},
    error::{Code, Error},
    letter,
    message::{self, line},
    office::Office,
    records::LetterId,
    sign::Level,
    store::Letter,
    timestamp,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// How many names stand behind a cause in the summary.
const NAMES: usize = 5;

/// Tells of one batch.
pub(super) struct Teller<'a> {
    output: &'a mut Output,
    progress: Progress,
    stop: &'a mut Stop,
    office: Option<&'a Office>,
    level: Level,
    total: usize,
    through: usize,
    /// The first refusal of each kind, and whose it was.
    causes: BTreeMap<Code, (Error, Vec<PathBuf>)>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(
        output: &'a mut Output,
        stop: &'a mut Stop,
        office: Option<&'a Office>,
        level: Level,
        total: usize,
    ) -> Teller<'a> {
        Teller {
            progress: Progress::new(output.is_json()),
            output,
            stop,
            office,
            level,
            total,
            through: 0,
            causes: BTreeMap::new(),
        }
    }

    /// What the batch says while it runs.
    pub(super) fn hear(&mut self, told: Told<'_>) {
        let language = self.output.language();
        self.stop.say(|| line(language, &["cli", "stopping"], &[]));
        match told {
            Told::Signing(named) => self.show(&named.path),
            Told::Through(named, outcome) => {
                self.through += 1;
                self.progress.clear();
                self.file(named, outcome);
            }
        }
    }

    fn show(&mut self, file: &Path) {
        if self.total < 2 {
            return;
        }
        let (language, through, total) = (self.output.language(), self.through, self.total);
        self.progress.bar(through, total, || {
            let (done, total) = (through.to_string(), total.to_string());
            let name = file.file_name().unwrap_or(file.as_os_str());
            let facts = [
                ("done", done.as_str()),
                ("total", &total),
                ("file", &name.to_string_lossy()),
            ];
            line(language, &["cli", "signing"], &facts)
        });
    }

    fn file(&mut self, named: &Named, outcome: Outcome) {
        match outcome {
            Outcome::Signed(signed) => {
                self.signed(&signed);
                if !signed.timestamped && self.level.stamps_later() {
                    self.wait_for_timestamp(&signed.path, &signed.field);
                }
            }
            Outcome::Already(already) => {
                self.already(&already);
                if !already.timestamped && self.level == Level::TLater {
                    self.wait_for_timestamp(&already.path, &already.field);
                }
            }
            Outcome::Refused(error) => {
                self.output.refusal(&named.path, &error);
                let cause = self.causes.entry(error.code);
                cause
                    .or_insert_with(|| (error, Vec::new()))
                    .1
                    .push(named.path.clone());
            }
            Outcome::Left => {
                let object = json!({ "file": named.path.display().to_string(), "left": true });
                let name = named.path.display().to_string();
                self.output.put(&object, |language| {
                    line(language, &["cli", "left"], &[("file", &name)])
                });
            }
        }
    }

    fn signed(&mut self, signed: &SignedFile) {
        let mut object = json!({
            "file": signed.path.display().to_string(), "field": signed.field, "signer": signed.signer,
            "bytesAppended": signed.grown, "timestamped": signed.timestamped,
        });
        if let (Some(drive), Some(object)) = (signed.drive, object.as_object_mut()) {
            object.insert("networkDrive".into(), drive.into());
        }
        self.output.put(&object, |language| {
            let key = if signed.timestamped {
                "signed-timestamp"
            } else {
                "signed"
            };
            let (file, grown) = (signed.path.display().to_string(), signed.grown.to_string());
            line(
                language,
                &["cli", key],
                &[
                    ("file", &file),
                    ("field", &signed.field),
                    ("signer", &signed.signer),
                    ("bytes", &grown),
                ],
            )
        });
        if let Some(drive) = signed.drive {
            self.output.say("network-drive", &[("drive", drive)]);
        }
    }

    fn already(&mut self, already: &AlreadySigned) {
        let object = json!({
            "file": already.path.display().to_string(), "field": already.field, "signer": already.signer,
            "already": true, "timestamped": already.timestamped,
        });
        let file = already.path.display().to_string();
        let facts = [
            ("file", file.as_str()),
            ("field", &already.field),
            ("signer", &already.signer),
        ];
        self.output.put(&object, |language| {
            line(language, &["cli", "already"], &facts)
        });
    }

    /// In an office the queue remembers the file; a file that cannot be noted is signed all the same.
    fn wait_for_timestamp(&mut self, path: &Path, field: &str) {
        let Some(office) = self.office.filter(|office| !office.config().tsa.is_empty()) else {
            return;
        };
        match timestamp::queue_file(office, path, field) {
            Ok(()) => self
                .output
                .say("stamp-later", &[("file", &path.display().to_string())]),
            Err(error) => self.output.refusal(path, &error),
        }
    }

    /// What came of all, when there were several.
    pub(super) fn sum_up(mut self, summary: &Summary) {
        self.progress.clear();
        if self.total < 2 {
            return;
        }
        let causes = std::mem::take(&mut self.causes);
        self::summary(self.output, self.total, summary, causes);
    }
}

/// What came of several files or letters.
pub(super) fn summary(
    output: &mut Output,
    total: usize,
    summary: &Summary,
    causes: BTreeMap<Code, (Error, Vec<PathBuf>)>,
) {
    let refused = summary.refused.iter();
    let by_code: BTreeMap<_, _> = refused.map(|(code, count)| (code.name(), *count)).collect();
    let object = json!({ "summary": {
        "files": total, "signed": summary.signed, "already": summary.already,
        "refused": by_code, "left": summary.left, "endedBy": summary.ended_by.map(Code::name),
    } });
    let counts = [
        ("total", total),
        ("signed", summary.signed),
        ("already", summary.already),
        ("refused", summary.refused.values().sum()),
        ("left", summary.left),
    ]
    .map(|(name, count)| (name, count.to_string()));
    let facts = counts
        .each_ref()
        .map(|(name, count)| (*name, count.as_str()));
    output.put(&object, |language| {
        let mut text = line(language, &["cli", "batch"], &facts);
        for (error, files) in causes.into_values() {
            text.push_str("\n  ✗ ");
            text.push_str(&cause(language, error, &files));
        }
        if !summary.is_complete() {
            text.push('\n');
            text.push_str(&line(language, &["cli", "run-again"], &[]));
        }
        text
    });
}

/// A letter that the leader has signed.
pub(super) fn approved(output: &mut Output, letter: &Letter, signer: &str) {
    let object = json!({ "letter": letter.id, "state": letter.state.key(), "signer": signer });
    output.put(&object, |language| {
        line(
            language,
            &["cli", "approved"],
            &[("subject", &letter::title(letter)), ("signer", signer)],
        )
    });
}

/// What became of one letter among several.
pub(super) fn letter(output: &mut Output, id: LetterId, told: LetterTold, signer: &str) {
    let name = id.to_string();
    let mut says = |key: &str, name: &str| {
        let object = json!({ "letter": id, key: true });
        let facts = [("file", name), ("field", "ChuKy"), ("signer", signer)];
        output.put(&object, |language| line(language, &["cli", key], &facts));
    };
    match told {
        LetterTold::Progress(_) => {}
        LetterTold::Already => says("already", &name),
        LetterTold::Left => says("left", &name),
        LetterTold::Signed(letter) => approved(output, &letter, signer),
        LetterTold::Refused(error) => output.refusal_of("letter", Path::new(&name), &error),
    }
}

/// One sentence for all files that were refused for the same reason.
fn cause(language: message::Language, error: Error, files: &[PathBuf]) -> String {
    let shown: Vec<_> = files
        .iter()
        .take(NAMES)
        .map(|file| {
            file.file_name()
                .unwrap_or(file.as_os_str())
                .to_string_lossy()
        })
        .collect();
    let mut names = shown.join(", ");
    if files.len() > NAMES {
        let more = (files.len() - NAMES).to_string();
        names = line(
            language,
            &["cli", "and-more"],
            &[("names", &names), ("count", &more)],
        );
    }
    let names_file = error.facts.contains_key("file");
    let error = if names_file {
        error.with("file", &names)
    } else {
        error
    };
    let said = message::say(language, &error);
    let what = if said.what.contains(&names) {
        said.what
    } else {
        format!("{names}: {}", said.what)
    };
    format!("{what} {}", said.advice)
}

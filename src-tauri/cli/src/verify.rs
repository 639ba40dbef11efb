//! `antin verify`: one sentence, then a card per signature, and a table after many files; `--json` has the whole
//! report (design §8), `--report` one page for the file, `--diff` pictures of what changed after signing.

mod ahead;
mod tell;
mod walk;

use crate::{
    output::Output,
    progress::Progress,
    words::{Verify, Words},
};
use antin_ops::{
    check::{self, Checked},
    compare::{Album, Comparison, compare},
    describe::{asking, describe, printable},
    error::{Code, Error, Result},
    fetch::round::{Asked, Round, What},
    helper,
    message::line,
    page::Host,
    paper,
    trust::{Network, Trust, TrustData},
    verify::{self, Missing, POLICY, Word},
};
use serde::Serialize;
use serde_json::json;
use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::AtomicBool,
};
use tell::Style;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use walk::{Found, walk};

/// The report with its file in front, as the contract has it. Nothing in it depends on the machine, the language or the
/// network, but for `fetched`, which says what the network gave.
#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    word: &'static str,
    /// Which rules it was judged by.
    policy: u32,
    /// Whom the judgement trusts, and how old that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    trust_data: Option<&'a TrustData>,
    /// It rests on an anchor that is only for trying things out.
    demo: bool,
    /// What was not at hand.
    missing: &'a [Missing],
    /// Who was asked for it.
    #[serde(skip_serializing_if = "<[Asked]>::is_empty")]
    fetched: &'a [Asked],
    #[serde(flatten)]
    report: &'a antin_ops::pades::Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<&'a [Comparison]>,
}

/// What remains of a file for the table.
struct Judged {
    file: String,
    word: Word,
    sentence: String,
}

pub(crate) fn run(words: &Words, order: &Verify, output: &mut Output) -> Result<ExitCode> {
    let trust = trust(words, order)?;
    let found = walk(&order.files);
    let mut run = Run {
        order,
        trust: &trust,
        at: order.at.as_deref().map(moment).transpose()?,
        total: found.len(),
        silent: BTreeSet::new(),
        names: BTreeSet::new(),
        pages: None,
        progress: Progress::new(words.json),
        style: Style::of_stdout(),
        output,
    };
    let mut judged = Vec::new();
    let (at_hand, at) = (&trust, run.at);
    ahead::each(
        &found,
        |found| match found {
            Found::File(path) => Some(path.as_path()),
            Found::Unreadable(..) => None,
        },
        &|path| check::open(at_hand, path, Network::Offline, at),
        &mut |index, found, checked| {
            judged.push(run.one(index, found, checked)?);
            Ok(())
        },
    )?;
    run.progress.clear();
    let Run { style, output, .. } = run;
    if judged.is_empty() {
        let folder: Vec<String> = order
            .files
            .iter()
            .map(|f| f.display().to_string())
            .collect();
        let folder = printable(&folder.join(", "));
        let said = line(
            output.language(),
            &["check", "no-files"],
            &[("folder", &folder)],
        );
        aside(words.json, &said);
        return Ok(ExitCode::from(Word::Refused.exit()));
    }
    if judged.len() > 1 {
        aside(
            words.json,
            &tell::summary(output.language(), style, &judged),
        );
    }
    let worst = judged
        .iter()
        .map(|j| j.word)
        .max_by_key(|word| word.gravity());
    Ok(ExitCode::from(worst.unwrap_or(Word::Valid).exit()))
}

/// The office's trust, or the program's own with the anchors named.
fn trust(words: &Words, order: &Verify) -> Result<Trust> {
    let trust = match words.named_office() {
        Some(office) if order.trust.is_empty() => Trust::of_folder(&office)?,
        _ => Trust::bundled(&order.trust)?,
    };
    Ok(match &order.evidence {
        Some(folder) => trust.with_evidence(folder),
        None => trust,
    })
}

/// A line that is for a person only: `--json` prints one object a file and nothing else.
fn aside(json: bool, text: &str) {
    if !json {
        // A reader that closed the pipe is no error of ours.
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }
}

fn moment(text: &str) -> Result<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|e| Error::unknown(format!("--at {text}: {e}")))
}

struct Run<'a> {
    order: &'a Verify,
    trust: &'a Trust,
    at: Option<OffsetDateTime>,
    total: usize,
    /// Hosts that did not answer are not asked for the next file either.
    silent: BTreeSet<String>,
    /// Names of reports and pictures already given: two folders may hold files of one name.
    names: BTreeSet<String>,
    /// The page helper, started when it is first needed.
    pages: Option<Host>,
    progress: Progress,
    style: Style,
    output: &'a mut Output,
}

impl Run<'_> {
    /// Judges one file and says so. Only what was asked to be written and cannot be stops the run.
    fn one(
        &mut self,
        index: usize,
        found: &Found,
        checked: Option<Result<Checked>>,
    ) -> Result<Judged> {
        let (path, checked) = match (found, checked) {
            (Found::Unreadable(path, error), _) => return Ok(self.unreadable(path, error)),
            (Found::File(path), Some(checked)) => (path, checked),
            (Found::File(path), None) => (
                path,
                check::open(self.trust, path, Network::Offline, self.at),
            ),
        };
        self.announce(index, path);
        match checked.and_then(|checked| self.completed(path, checked)) {
            Ok(checked) => self.checked(path, &checked),
            Err(error) => Ok(self.unreadable(path, &error)),
        }
    }

    /// What is missing is fetched if that is wanted, and then the file is judged again.
    fn completed(&mut self, path: &Path, checked: Checked) -> Result<Checked> {
        if !self.order.fetch || checked.verified.missing.is_empty() {
            return Ok(checked);
        }
        let (language, progress) = (self.output.language(), &mut self.progress);
        // A person at a terminal stops the whole program.
        let cancel = AtomicBool::new(false);
        let mut told = |what: What, host: &str, count: usize| {
            progress.show(|| asking(language, what, host, count));
        };
        let silent = std::mem::take(&mut self.silent);
        let mut round = Round::new(&cancel, &mut told).without(silent);
        verify::fetch(self.trust, path, &mut round)?;
        self.silent = round.silent().clone();
        let asked = round.asked().to_vec();
        drop(checked);
        let mut checked = check::open(self.trust, path, Network::Offline, self.at)?;
        checked.verified.asked = asked;
        Ok(checked)
    }

    fn announce(&mut self, index: usize, path: &Path) {
        let (language, total) = (self.output.language(), self.total);
        if total > 1 {
            self.progress.show(|| {
                let facts = [
                    ("done", (index + 1).to_string()),
                    ("total", total.to_string()),
                    ("file", printable(&name(path))),
                ];
                let facts: Vec<(&str, &str)> =
                    facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
                line(language, &["check", "progress"], &facts)
            });
        }
    }

    fn checked(&mut self, path: &Path, checked: &Checked) -> Result<Judged> {
        let verified = &checked.verified;
        let language = self.output.language();
        let stem = self.stem(path);
        let (comparison, failed) = match self.compared(checked, &stem) {
            Ok(comparison) => (comparison, None),
            Err(error) if error.code == Code::FileUnwritable || error.code == Code::DiskFull => {
                return Err(error);
            }
            Err(error) => (None, Some(error)),
        };
        let report = self.report(checked, &stem)?;
        self.progress.clear();
        let row = Row {
            file: &verified.file,
            word: verified.word().name(),
            policy: POLICY,
            trust_data: verified.trust.as_ref(),
            demo: verified.demo,
            missing: &verified.missing,
            fetched: &verified.asked,
            report: &verified.report,
            comparison: comparison.as_deref(),
        };
        let (style, brief) = (self.style, self.total > 1);
        self.output.put(&row, |language| {
            let mut text = tell::file(language, style, verified, brief);
            if let Some(comparison) = &comparison {
                text += &tell::comparisons(language, comparison);
            }
            if let Some(report) = &report {
                let written = printable(&report.display().to_string());
                let facts = [("file", written.as_str())];
                text += &format!(
                    "\n\n{}",
                    line(language, &["check", "report-written"], &facts)
                );
            }
            if brief { text + "\n" } else { text }
        });
        let mut word = verified.word();
        if let Some(error) = failed {
            // The pictures that were asked for are missing: that is no verdict, but not success either.
            self.output.failure(&error);
            if Word::Refused.gravity() > word.gravity() {
                word = Word::Refused;
            }
        }
        Ok(Judged {
            file: verified.file.clone(),
            word,
            sentence: describe(language, verified).sentence,
        })
    }

    fn unreadable(&mut self, path: &Path, error: &Error) -> Judged {
        self.progress.clear();
        let said = tell::error(self.output.language(), error);
        let judged = Judged {
            file: path.display().to_string(),
            word: Word::Refused,
            sentence: said.what,
        };
        let row = json!({
            "file": judged.file, "word": Word::Refused.name(), "verdict": Word::Refused.name(), "signatures": [],
            "error": {
                "code": error.code.name(), "what": judged.sentence, "advice": said.advice, "detail": error.detail(),
            },
        });
        let (style, brief) = (self.style, self.total > 1);
        self.output.put(&row, |language| {
            let text = tell::unreadable(language, style, &judged, &said.advice);
            if brief { text + "\n" } else { text }
        });
        judged
    }

    /// Pictures of what changed after each signature, if they are wanted.
    fn compared(&mut self, checked: &Checked, stem: &str) -> Result<Option<Vec<Comparison>>> {
        let Some(folder) = &self.order.diff else {
            return Ok(None);
        };
        let host = helper_of_pages(&mut self.pages)?;
        let (language, progress) = (self.output.language(), &mut self.progress);
        let album = Album { folder, name: stem };
        let compared = compare(checked, host, album, &mut |field, done, total| {
            progress.show(|| {
                let facts = [
                    ("done", done.to_string()),
                    ("total", total.to_string()),
                    ("field", printable(field)),
                ];
                let facts: Vec<(&str, &str)> =
                    facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
                line(language, &["check", "comparing"], &facts)
            });
        });
        compared.map(Some)
    }

    /// The one page for the file, if it is wanted; where it went.
    fn report(&mut self, checked: &Checked, stem: &str) -> Result<Option<PathBuf>> {
        let Some(asked) = &self.order.report else {
            return Ok(None);
        };
        let many = self.total > 1 || asked.is_dir();
        let out = if many {
            asked.join(format!("{stem}-kiem-tra.pdf"))
        } else {
            asked.clone()
        };
        let language = self.output.language();
        // Without the helper the page says that number and sender are not known.
        let pages = helper_of_pages(&mut self.pages).ok();
        paper::save(language, self.trust, checked, pages, &out)?;
        Ok(Some(out))
    }

    /// What names of results about a file begin with.
    fn stem(&mut self, path: &Path) -> String {
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
        let stem = stem.unwrap_or_default();
        let mut unique = stem.clone();
        let mut next = 2;
        while !self.names.insert(unique.clone()) {
            unique = format!("{stem}-{next}");
            next += 1;
        }
        unique
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

fn helper_of_pages(held: &mut Option<Host>) -> Result<&Host> {
    let failed = |e| Error::caused(Code::PageHelperFailed, e);
    if held.is_none() {
        let program = helper::program().map_err(Error::unknown)?;
        *held = Some(Host::spawn(&program).map_err(failed)?);
    }
    held.as_ref()
        .ok_or_else(|| Error::new(Code::PageHelperFailed))
}

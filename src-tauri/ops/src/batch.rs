//! *Ký nhiều*: many files, one login ([`sign`]), or many letters of the office ([`approve`]). The procedure, one step a line; what is done to each file stands in `batch/desk.rs`.
//!
//! A few files are in work at once: while the token signs one, the next are read and hashed and the last are written. A PIN,
//! token or session error ends the batch at once, a bad file does not. Whoever stops it, the file under the token's hand is
//! finished and the others are left as they are; there is never half a file.
//!
//! The same command can be given again: what this key has signed last, for this act, and nobody has changed since is
//! passed over. The file itself says so, by a signature that verifies and covers it to its end; no list of ours is trusted,
//! so a file that was replaced meanwhile is signed.

mod alone;
mod desk;
mod expect;
mod letters;
mod names;
mod reader;
mod signed;

use crate::{
    clock,
    error::{Code, Error, Result},
    replace::Writer,
    sign::{FileAct, Level, refuse_known_bad},
    signer::{Signer, Wanted},
    trust::Trust,
};
use antin_token::UserPin;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        atomic::AtomicBool,
        mpsc::{Receiver, channel},
    },
    thread,
};

pub use letters::{LetterTold, Waits, approve};
pub use names::listed;

/// Files in work at once: one under the token's hand, one before and one after it.
const AT_ONCE: usize = 3;

/// A file, and what the person saw of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the file as it was shown; `None` where nobody showed it.
    pub shown: Option<[u8; 32]>,
}

impl From<PathBuf> for Named {
    fn from(path: PathBuf) -> Named {
        Named { path, shown: None }
    }
}

/// An act on files, in place or beside it.
pub struct Order<'a> {
    /// The PKCS#11 module.
    pub module: &'a Path,
    /// The token's label or serial number.
    pub token: &'a str,
    /// `CKA_ID` of the certificate; `None` takes the current one.
    pub certificate: Option<&'a [u8]>,
    /// The PIN; `None` where the token has its own pad.
    pub pin: Option<UserPin>,
    /// What is done.
    pub act: &'a dyn FileAct,
    /// The level.
    pub level: Level,
    /// Time-stamp authorities, tried in turn.
    pub authorities: &'a [String],
    /// The files, one login for all.
    pub files: &'a [Named],
    /// Where the only file's result goes; `None` replaces each file.
    pub out: Option<&'a Path>,
    /// Signs again what this key signed last.
    pub again: bool,
}

/// What became of one file.
#[derive(Debug)]
pub enum Outcome {
    /// It is signed.
    Signed(SignedFile),
    /// This key had signed it for this act, and nobody has changed it since.
    Already(AlreadySigned),
    /// It is what it was before.
    Refused(Error),
    /// The batch ended before its turn.
    Left,
}

/// A file with its new signature.
#[derive(Debug)]
pub struct SignedFile {
    /// Where the result is.
    pub path: PathBuf,
    /// The signature's field.
    pub field: String,
    /// The signer's name.
    pub signer: String,
    /// Bytes appended.
    pub grown: usize,
    /// Whether a time-stamp is in it.
    pub timestamped: bool,
    /// The kind of network drive it lies on: a rename there may be seen in two steps.
    pub drive: Option<&'static str>,
}

/// A file that was passed over.
#[derive(Debug)]
pub struct AlreadySigned {
    /// The file.
    pub path: PathBuf,
    /// The signature's field.
    pub field: String,
    /// The signer's name.
    pub signer: String,
    /// Whether a time-stamp is in it.
    pub timestamped: bool,
}

/// What is told while the batch runs.
pub enum Told<'a> {
    /// The token signs this file now.
    Signing(&'a Named),
    /// The next file, in the order they were named, is through.
    Through(&'a Named, Outcome),
}

/// How a batch ended.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many files are signed.
    pub signed: usize,
    /// How many had been signed before.
    pub already: usize,
    /// How many were refused, for each reason.
    pub refused: BTreeMap<Code, usize>,
    /// How many were not begun.
    pub left: usize,
    /// Why it ended before its end; with files left and no reason here, somebody stopped it.
    pub ended_by: Option<Code>,
}

impl Summary {
    /// Whether every file carries the signature now.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.refused.is_empty() && self.left == 0
    }

    fn refuse(&mut self, error: &Error) {
        *self.refused.entry(error.code).or_default() += 1;
        if !error.code.batch_can_continue() {
            self.ended_by.get_or_insert(error.code);
        }
    }

    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Signed(_) => self.signed += 1,
            Outcome::Already(_) => self.already += 1,
            Outcome::Refused(error) => self.refuse(error),
            Outcome::Left => self.left += 1,
        }
    }
}

/// Signs files with one login. `tell` hears of each as it is done or refused; setting `stop` ends the batch between files.
///
/// # Errors
/// What stops everything before the first file: no token, no certificate, a wrong PIN.
pub fn sign(
    helper: &Path,
    trust: &Trust,
    mut order: Order<'_>,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Summary> {
    let now = clock::now();
    let wanted = Wanted {
        module: order.module,
        token: order.token,
        certificate: order.certificate,
    };
    let mut signer = Signer::take_up(helper, &wanted, now)?;
    refuse_known_bad(&signer, trust, now)?;
    // A file that is no PDF is said before the PIN is asked of the token.
    let opened = match order.files {
        [only] => Some(desk::Opened::of(&only.path)?),
        _ => None,
    };
    signer.unlock(order.pin.take())?;
    let writer = Writer::default();
    let desk = desk::Desk::new(helper, trust, &order, signer, &writer, stop);
    let summary = desk.with(opened).work(tell);
    writer.settle()?;
    Ok(summary)
}

impl desk::Desk<'_> {
    /// Gives the files out to a few workers, and tells of them in the order they were named.
    fn work(&self, tell: &mut dyn FnMut(Told<'_>)) -> Summary {
        thread::scope(|scope| {
            let (sender, messages) = channel();
            for _ in 0..AT_ONCE.min(self.files.len()) {
                let sender = sender.clone();
                scope.spawn(move || self.serve(&sender));
            }
            drop(sender);
            self.tell(&messages, tell)
        })
    }

    fn tell(&self, messages: &Receiver<desk::Message>, tell: &mut dyn FnMut(Told<'_>)) -> Summary {
        let mut summary = Summary::default();
        let mut early = BTreeMap::new();
        let mut files = self.files.iter().enumerate().peekable();
        for message in messages {
            match message {
                desk::Message::Signing(at) => {
                    if let Some(named) = self.files.get(at) {
                        tell(Told::Signing(named));
                    }
                }
                desk::Message::Through(at, outcome) => {
                    early.insert(at, outcome);
                }
            }
            while let Some((_, named)) = files.next_if(|(at, _)| early.contains_key(at)) {
                if let Some((_, outcome)) = early.pop_first() {
                    summary.count(&outcome);
                    tell(Told::Through(named, outcome));
                }
            }
        }
        for (_, named) in files {
            summary.count(&Outcome::Left);
            tell(Told::Through(named, Outcome::Left));
        }
        summary
    }
}

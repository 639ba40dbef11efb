//! One file after the other through the hands of one worker; the token is what they share.

use super::{
    AlreadySigned, Named, Order, Outcome, SignedFile, expect::Expected, reader::Reader, signed,
};
use crate::{
    clock,
    error::{Code, Error, Result},
    extend,
    replace::{self, Placed, Seen, Writer},
    sign::{self, FileAct, Level, Pen, Signed},
    signer::{Holder, Signer},
    trust::Trust,
};
use antin_pades::Words;
use antin_pdf::Document;
use std::{
    fs::File,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::Sender,
    },
};

/// What a worker says.
pub(super) enum Message {
    /// The token signs the file of that place.
    Signing(usize),
    /// It is through.
    Through(usize, Outcome),
}

/// Why a file was not signed.
enum Halt {
    Refused(Error),
    /// The batch has ended meanwhile.
    Left,
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Refused(error)
    }
}

/// A file that was opened before the token was asked for anything. A large one is not read twice.
pub(super) struct Opened {
    seen: Seen,
    document: Document,
}

impl Opened {
    /// Opens a file and refuses what nobody can sign.
    ///
    /// # Errors
    /// [`crate::error::Code::DocumentNotPdf`] and its siblings.
    pub(super) fn of(file: &Path) -> Result<Opened> {
        let seen = Seen::of(file)?;
        let document = sign::open(file)?;
        antin_pades::permissions(&document).map_err(|e| sign::pades_error(e).about(file))?;
        Ok(Opened { seen, document })
    }
}

/// Where the files are signed.
pub(super) struct Desk<'a> {
    helper: &'a Path,
    trust: &'a Trust,
    act: &'a dyn FileAct,
    level: Level,
    authorities: &'a [String],
    pub(super) files: &'a [Named],
    /// The only file, if it was opened already.
    opened: Mutex<Option<Opened>>,
    out: Option<&'a Path>,
    /// What this key signed last is passed over.
    resumes: bool,
    holder: Holder,
    token: Mutex<Signer>,
    writer: &'a Writer,
    next: AtomicUsize,
    stop: &'a AtomicBool,
    /// Nothing more may be asked of the token, or be written.
    ended: AtomicBool,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        helper: &'a Path,
        trust: &'a Trust,
        order: &Order<'a>,
        signer: Signer,
        writer: &'a Writer,
        stop: &'a AtomicBool,
    ) -> Desk<'a> {
        Desk {
            helper,
            trust,
            act: order.act,
            level: order.level,
            authorities: order.authorities,
            files: order.files,
            opened: Mutex::new(None),
            out: order.out,
            // One file by itself is signed as often as it is asked for.
            resumes: !order.again && order.files.len() > 1,
            holder: signer.holder(trust),
            token: Mutex::new(signer),
            writer,
            next: AtomicUsize::new(0),
            stop,
            ended: AtomicBool::new(false),
        }
    }

    /// Takes over the only file.
    pub(super) fn with(mut self, opened: Option<Opened>) -> Desk<'a> {
        self.opened = Mutex::new(opened);
        self
    }

    fn has_ended(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.ended.load(Ordering::Relaxed)
    }

    /// Takes files until there are none or the batch ends.
    pub(super) fn serve(&self, tell: &Sender<Message>) {
        let mut reader = Reader::new(self.helper);
        while !self.has_ended() {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(named) = self.files.get(at) else {
                return;
            };
            let outcome = match self.file(at, named, &mut reader, tell) {
                Ok(outcome) => outcome,
                Err(Halt::Left) => Outcome::Left,
                Err(Halt::Refused(error)) => {
                    if !error.code.batch_can_continue() {
                        self.ended.store(true, Ordering::Relaxed);
                    }
                    Outcome::Refused(error.about(&named.path))
                }
            };
            if tell.send(Message::Through(at, outcome)).is_err() {
                return;
            }
        }
    }

    /// Reads, refuses, prepares, lets the token sign, writes.
    fn file(
        &self,
        at: usize,
        named: &Named,
        reader: &mut Reader,
        tell: &Sender<Message>,
    ) -> std::result::Result<Outcome, Halt> {
        let file = &named.path;
        let target = self.out.unwrap_or(file);
        let opened = self
            .opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let seen = match &opened {
            Some(opened) => opened.seen.clone(),
            None => Seen::of(file)?,
        };
        replace::may_replace(target)?;
        let document = match opened {
            Some(opened) => opened.document,
            None => sign::open(file)?,
        };
        let before = signed::look(&document, self.trust)?;
        let texts = reader.open_ones(&document, self.act.pages())?;
        let (act, reason) = self.act.on(&document, &texts)?;
        if self.resumes
            && let Some(last) = before
                .as_ref()
                .and_then(|report| signed::last(report, &self.holder, &reason))
        {
            // A mapped file cannot be replaced on Windows.
            drop(document);
            return Ok(Outcome::Already(self.complete(file, last)?));
        }
        let original = File::open(file).map_err(|e| replace::unreadable(file, e))?;
        let mut original = Expected::new(original, named.shown);
        let pen = Pen {
            holder: &self.holder,
            trust: self.trust,
            authorities: self.authorities,
            level: self.level,
            now: clock::now(),
        };
        let words = Words {
            name: self.holder.name(),
            reason,
            location: String::new(),
        };
        let draft = pen.draft(&document, &mut original, act, words)?;
        if !original.is_as_shown() {
            let error = Error::new(Code::DocumentNotAsShown).with("file", file.display());
            return Err(error.into());
        }
        let mut token =
            |message: &[u8]| self.token_signs(message, || tell.send(Message::Signing(at)).is_ok());
        let signed = pen.complete(&document, draft, &mut token, &mut |_| ())?;
        drop(document);
        Ok(Outcome::Signed(self.write(file, &seen, signed, target)?))
    }

    /// One signature at a time; none once the batch has ended, for a PIN or a token that failed is not tried again.
    fn token_signs(
        &self,
        message: &[u8],
        begin: impl FnOnce() -> bool,
    ) -> std::result::Result<Vec<u8>, Halt> {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if self.has_ended() || !begin() {
            return Err(Halt::Left);
        }
        let signature = token.sign(message);
        if signature
            .as_ref()
            .is_err_and(|e| !e.code.batch_can_continue())
        {
            self.ended.store(true, Ordering::Relaxed);
        }
        Ok(signature?)
    }

    fn write(&self, file: &Path, seen: &Seen, signed: Signed, target: &Path) -> Result<SignedFile> {
        let Placed { path, drive } =
            self.writer
                .append(file, seen, &signed.update.bytes, target)?;
        if self.level == Level::Lta {
            extend::extend_file(self.trust, self.authorities, extend::Level::Lta, &path)?;
        }
        Ok(SignedFile {
            path,
            field: signed.update.field,
            signer: self.holder.name(),
            grown: signed.update.bytes.len(),
            timestamped: signed.timestamped,
            drive,
        })
    }

    /// Brings a file that was signed before up to the level asked for now.
    fn complete(&self, file: &Path, last: signed::Last) -> Result<AlreadySigned> {
        let wanted = match self.level {
            Level::T if !last.timestamped => Some(extend::Level::T),
            Level::Lt => Some(extend::Level::Lt),
            Level::Lta if !last.archived => Some(extend::Level::Lta),
            _ => None,
        };
        if let Some(level) = wanted {
            extend::extend_file(self.trust, self.authorities, level, file)?;
        }
        Ok(AlreadySigned {
            path: file.to_path_buf(),
            field: last.field,
            signer: self.holder.name(),
            timestamped: last.timestamped || wanted.is_some(),
        })
    }
}

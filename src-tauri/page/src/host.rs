//! Our side of the helper: start, ask, wait, kill, start again.

use crate::wire::{self, Answer, Refusal, Request};
use crate::{Error, Notice, PageSize, PageText};
use serde::de::DeserializeOwned;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What a helper may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Wall clock for one answer. The slowest honest page of a corpus of 1,893 files took 3 s.
    pub deadline: Duration,
    /// Address space of the helper, where the system can limit it (Unix). The heaviest honest page took
    /// 0.55 GB; the rest is room for the program itself and for the document.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            deadline: Duration::from_secs(15),
            memory_bytes: 2 * 1024 * 1024 * 1024,
        }
    }
}

/// A page as it is shown: opaque (drawn on white), rows from the top, 4 bytes a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height * 4` bytes: red, green, blue, 255.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({} x {})", self.width, self.height)
    }
}

/// Opens documents, each in a helper process of its own, so that no document can harm another's pictures.
#[derive(Debug, Clone)]
pub struct Host {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    program: PathBuf,
    limits: Limits,
    /// Started ahead, so that opening does not wait for a program to load.
    idle: Mutex<Option<Process>>,
}

impl Host {
    /// Starts a helper: `program page-host`. The program must call [`crate::host`] for that argument.
    pub fn spawn(program: &Path) -> Result<Host, Error> {
        Host::with_limits(program, Limits::default())
    }

    /// As [`Host::spawn`], with limits of the caller's.
    pub fn with_limits(program: &Path, limits: Limits) -> Result<Host, Error> {
        let host = Host {
            shared: Arc::new(Shared {
                program: program.to_owned(),
                limits,
                idle: Mutex::new(None),
            }),
        };
        host.warm()?;
        Ok(host)
    }

    /// Starts the helper for the next document now. A program with a window does this after each [`Host::open`].
    pub fn warm(&self) -> Result<(), Error> {
        let mut idle = self
            .shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if idle.is_none() {
            *idle = Some(Process::start(&self.shared.program)?);
        }
        Ok(())
    }

    /// Opens a document. The bytes given here are what every later picture and text is made from.
    pub fn open(&self, bytes: impl Into<Arc<[u8]>>) -> Result<DocumentHandle, Error> {
        let bytes = bytes.into();
        let (process, pages) = self.shared.open(&bytes)?;
        Ok(DocumentHandle {
            shared: Arc::clone(&self.shared),
            bytes,
            pages,
            process: Mutex::new(Some(process)),
        })
    }

    /// Reads a file once and opens what was read.
    pub fn open_file(&self, path: &Path) -> Result<DocumentHandle, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        self.open(bytes)
    }
}

/// Reads documents one after the other, all in one helper process: for many files of which a word is wanted each. What is
/// shown comes from a process of its own, by [`Host::open`].
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    process: Option<Process>,
}

impl Reader {
    /// A reader whose helper starts when it is first needed: `program page-host`.
    pub fn new(program: &Path) -> Reader {
        Reader {
            shared: Arc::new(Shared {
                program: program.to_owned(),
                limits: Limits::default(),
                idle: Mutex::new(None),
            }),
            process: None,
        }
    }

    /// Takes up a document in place of the last one. Says how many pages it has.
    pub fn open(&mut self, bytes: Arc<[u8]>) -> Result<usize, Error> {
        let idle = match self.process.take() {
            Some(process) if process.lives() => process,
            _ => Process::start(&self.shared.program)?,
        };
        let (process, pages) = self.shared.open_in(idle, &bytes)?;
        self.process = Some(process);
        Ok(pages.len())
    }

    /// The text of a page of it.
    pub fn text(&mut self, page: usize) -> Result<PageText, Error> {
        match self.ask(Request::Text { page })? {
            (Answer::Text, body) => page_text(&body, page),
            (other, _) => Err(refusal(&other)),
        }
    }

    /// The lines of a page of it, each in the parts that stand apart: [`Line::columns`](crate::Line::columns).
    pub fn columns(&mut self, page: usize) -> Result<Vec<Vec<String>>, Error> {
        match self.ask(Request::Columns { page })? {
            (Answer::Columns, body) => parsed(&body),
            (other, _) => Err(refusal(&other)),
        }
    }

    fn ask(&mut self, request: Request) -> Result<(Answer, Vec<u8>), Error> {
        let none = Error::Protocol("no document is open");
        let mut process = self.process.take().ok_or(none)?;
        let answer = process.ask(request, None, self.shared.limits.deadline)?;
        // A helper that failed is not put back: dropping it kills it.
        self.process = Some(process);
        Ok(answer)
    }
}

impl Shared {
    /// A helper that holds the document.
    fn open(&self, bytes: &Arc<[u8]>) -> Result<(Process, Vec<PageSize>), Error> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let process = match idle {
            Some(process) if process.lives() => process,
            _ => Process::start(&self.program)?,
        };
        self.open_in(process, bytes)
    }

    fn open_in(
        &self,
        mut process: Process,
        bytes: &Arc<[u8]>,
    ) -> Result<(Process, Vec<PageSize>), Error> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > wire::DOCUMENT_LIMIT {
            return Err(Error::TooBig {
                bytes: length,
                limit: wire::DOCUMENT_LIMIT,
            });
        }
        let request = Request::Open {
            memory_bytes: self.limits.memory_bytes,
            deadline_ms: milliseconds(self.limits.deadline),
        };
        match process.ask(request, Some(Arc::clone(bytes)), self.limits.deadline)? {
            (Answer::Opened, body) => {
                let pages: Vec<PageSize> = parsed(&body)?;
                if !pages.iter().all(is_finite) {
                    return Err(Error::Protocol("a page size that is no number"));
                }
                Ok((process, pages))
            }
            (other, _) => Err(refusal(&other)),
        }
    }
}

/// An open document. Calls block until the helper has answered; they may come from any thread.
#[derive(Debug)]
pub struct DocumentHandle {
    shared: Arc<Shared>,
    bytes: Arc<[u8]>,
    pages: Vec<PageSize>,
    process: Mutex<Option<Process>>,
}

impl DocumentHandle {
    /// The bytes that are drawn.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// The sizes of its pages.
    pub fn pages(&self) -> &[PageSize] {
        &self.pages
    }

    /// Draws a page so wide. A page that would become too large is drawn smaller, in proportion, and
    /// [`Notice::PageClamped`] is recorded.
    pub fn render(&self, page: usize, pixel_width: u32) -> Result<Pixels, Error> {
        let (answer, rgba) = self.ask(Request::Render {
            page,
            width: pixel_width,
        })?;
        let Answer::Pixels { width, height } = answer else {
            return Err(refusal(&answer));
        };
        let expected = u64::from(width) * u64::from(height) * 4;
        if width == 0 || height == 0 || u64::try_from(rgba.len()).ok() != Some(expected) {
            return Err(Error::Protocol("a picture of another size than announced"));
        }
        Ok(Pixels {
            width,
            height,
            rgba,
        })
    }

    /// The text of a page.
    pub fn text(&self, page: usize) -> Result<PageText, Error> {
        let (answer, body) = self.ask(Request::Text { page })?;
        let Answer::Text = answer else {
            return Err(refusal(&answer));
        };
        page_text(&body, page)
    }

    /// The text of every page, for [`crate::find_places`].
    pub fn texts(&self) -> Result<Vec<PageText>, Error> {
        (0..self.pages.len().min(TEXT_PAGES))
            .map(|page| self.text(page))
            .collect()
    }

    /// What the pictures drawn so far, and the annotations of all pages, ask to be said.
    pub fn notices(&self) -> Result<Vec<Notice>, Error> {
        match self.ask(Request::Notices)? {
            (Answer::Notices, body) => parsed(&body),
            (other, _) => Err(refusal(&other)),
        }
    }

    fn ask(&self, request: Request) -> Result<(Answer, Vec<u8>), Error> {
        let mut held = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let mut process = match held.take() {
            Some(process) => process,
            None => self.shared.open(&self.bytes)?.0,
        };
        // A helper that failed is not put back: dropping it kills it.
        let answer = process.ask(request, None, self.shared.limits.deadline)?;
        *held = Some(process);
        Ok(answer)
    }
}

/// Signature pages come early; a book is not read to its end for them.
const TEXT_PAGES: usize = 100;

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|_| Error::Protocol("a body that is not what it should be"))
}

fn page_text(body: &[u8], page: usize) -> Result<PageText, Error> {
    let text: PageText = parsed(body)?;
    if text.page != page || !text.is_consistent() {
        return Err(Error::Protocol("text whose parts disagree"));
    }
    Ok(text)
}

fn is_finite(size: &PageSize) -> bool {
    let crop = &size.crop;
    [size.width, size.height, crop.x0, crop.y0, crop.x1, crop.y1]
        .iter()
        .all(|number| number.is_finite())
}

fn refusal(answer: &Answer) -> Error {
    match answer {
        Answer::Refused(Refusal::Encrypted) => Error::Encrypted,
        Answer::Refused(Refusal::Unreadable) => Error::Unreadable,
        Answer::Refused(Refusal::NoSuchPage { page, pages }) => Error::NoSuchPage {
            page: *page,
            pages: *pages,
        },
        Answer::Refused(Refusal::AnswerTooBig) => Error::TooBig {
            bytes: wire::ANSWER_LIMIT + 1,
            limit: wire::ANSWER_LIMIT,
        },
        _ => Error::Protocol("an answer to another question"),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

type Question = (Request, Option<Arc<[u8]>>);
type Reply = io::Result<(Answer, Vec<u8>)>;

/// One running helper. Its pipes are served by a thread, so that the caller can stop waiting.
#[derive(Debug)]
struct Process {
    child: Mutex<Child>,
    questions: Sender<Question>,
    replies: Receiver<Reply>,
}

impl Process {
    fn start(program: &Path) -> Result<Process, Error> {
        let failed = |source| Error::Start {
            program: program.to_owned(),
            source,
        };
        let mut command = Command::new(program);
        command
            .arg("page-host")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        apart(&mut command);
        let mut child = command.spawn().map_err(failed)?;
        let (Some(mut to), Some(mut from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(io::ErrorKind::BrokenPipe.into()));
        };
        let (questions, asked) = mpsc::channel::<Question>();
        let (answered, replies) = mpsc::channel::<Reply>();
        // Made first, so that a failing thread kills and reaps the child.
        let process = Process {
            child: Mutex::new(child),
            questions,
            replies,
        };
        thread::Builder::new()
            .name("page-host".to_owned())
            .spawn(move || {
                for (request, body) in asked {
                    let reply = wire::write(&mut to, &request, body.as_deref().unwrap_or_default())
                        .and_then(|()| read_reply(&mut from));
                    let last = reply.is_err();
                    if answered.send(reply).is_err() || last {
                        return;
                    }
                }
            })
            .map_err(failed)?;
        Ok(process)
    }

    fn lives(&self) -> bool {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(child.try_wait(), Ok(None))
    }

    fn ask(
        &mut self,
        request: Request,
        body: Option<Arc<[u8]>>,
        deadline: Duration,
    ) -> Result<(Answer, Vec<u8>), Error> {
        if self.questions.send((request, body)).is_err() {
            return Err(self.crashed());
        }
        match self.replies.recv_timeout(deadline) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error))
                if matches!(
                    error.kind(),
                    io::ErrorKind::Other | io::ErrorKind::InvalidData
                ) =>
            {
                Err(Error::Protocol("a frame that is no frame"))
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(self.crashed()),
            Err(RecvTimeoutError::Timeout) => Err(Error::Timeout {
                milliseconds: milliseconds(deadline),
            }),
        }
    }

    /// The pipe broke, so the helper is gone or as good as gone.
    fn crashed(&mut self) -> Error {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Closing the pipe comes before the exit by a moment, and the status is worth that moment.
        let status = (0..50).find_map(|_| {
            let status = child.try_wait().ok().flatten();
            if status.is_none() {
                thread::sleep(Duration::from_millis(10));
            }
            status
        });
        Error::Crashed {
            status: status.map_or_else(|| "no status".to_owned(), |s| s.to_string()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        // It may have ended by itself; either way it must be reaped.
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn read_reply(from: &mut impl io::Read) -> Reply {
    let (answer, length) = wire::read_header(from, wire::ANSWER_LIMIT)?
        .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    Ok((answer, wire::read_body(from, length)?))
}

/// Ctrl-C is for the program that the person started, which ends its helper itself: a batch finishes the file in hand.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn apart(_: &mut Command) {}

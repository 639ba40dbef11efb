//! The other side of the pipes: the process that touches hostile bytes.
//!
//! It opens one document, answers questions about it, and ends when the pipe closes. It has no way to
//! be told to stop, so it is meant to be killed. A watchdog ends it when an answer takes too long,
//! for the case that nobody is left to kill it.

use crate::wire::{self, Answer, Refusal, Request};
use crate::{Notice, PageSize, Rect, content, fonts, render, text};
use hayro::RenderCache;
use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning};
use hayro::hayro_syntax::object::dict::keys::{ANNOTS, AP, F, N, PARENT, RECT, SUBTYPE, V};
use hayro::hayro_syntax::object::{Array, Dict, Name, Object};
use hayro::hayro_syntax::page::{Page, Rotation};
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// A render cache only grows; it is begun anew after so many pages.
const PAGES_PER_CACHE: u32 = 64;

/// Pages looked through for annotations that nobody draws.
const ANNOTATED_PAGES: usize = 10_000;

/// Notices kept; a file can have a million annotations.
const NOTICES: usize = 200;

/// Longer font names and subtypes are cut: they end up on a screen.
const NAME_CHARS: usize = 60;

/// How much later than the caller's deadline the watchdog bites.
const GRACE: Duration = Duration::from_secs(2);

/// The helper: serves one document after the other over stdin and stdout until stdin closes.
///
/// A program that uses [`crate::Host`] calls this first thing when its first argument is `page-host`.
pub fn host() -> ExitCode {
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    match serve(&mut from, &mut to) {
        Ok(()) => ExitCode::SUCCESS,
        // The caller sees the closed pipe and the status; there is nobody else to tell.
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let Some((request, mut length)) = wire::read_header(from, wire::DOCUMENT_LIMIT)? else {
        return Ok(());
    };
    let Request::Open {
        memory_bytes,
        deadline_ms,
    } = request
    else {
        return wire::write(to, &Answer::Refused(Refusal::OutOfOrder), &[]);
    };
    limit_memory(memory_bytes)?;
    let watchdog = Watchdog::start(Duration::from_millis(deadline_ms).saturating_add(GRACE))?;
    while let Some(next) = serve_document(from, to, length, &watchdog)? {
        length = next;
    }
    Ok(())
}

/// Serves the document that follows. Says how long the next one is; `None` at the end.
fn serve_document(
    from: &mut impl Read,
    to: &mut impl Write,
    length: u64,
    watchdog: &Watchdog,
) -> io::Result<Option<u64>> {
    let bytes = wire::read_body(from, length)?;
    watchdog.begin();
    let pdf = match Pdf::new(bytes) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(_)) => return refuse(to, Refusal::Encrypted).map(|()| None),
        Err(LoadPdfError::Invalid) => return refuse(to, Refusal::Unreadable).map(|()| None),
    };
    let sizes: wire::PageSizes = pdf.pages().iter().map(page_size).collect();
    if sizes.is_empty() {
        return refuse(to, Refusal::Unreadable).map(|()| None);
    }
    answer(to, &Answer::Opened, &sizes)?;
    watchdog.end();

    let desk = Desk::new(&pdf);
    let mut cache = RenderCache::new();
    let mut rendered = 0;
    while let Some((request, length)) = wire::read_header(from, wire::DOCUMENT_LIMIT)? {
        if let Request::Open { .. } = request {
            return Ok(Some(length));
        }
        if length > 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        watchdog.begin();
        if rendered >= PAGES_PER_CACHE {
            (cache, rendered) = (RenderCache::new(), 0);
        }
        rendered += 1;
        desk.answer(&request, &cache, to)?;
        watchdog.end();
    }
    Ok(None)
}

/// The open document and what it asks to be said.
struct Desk<'a> {
    pdf: &'a Pdf,
    settings: InterpreterSettings,
    notices: Arc<Mutex<BTreeSet<Notice>>>,
}

impl<'a> Desk<'a> {
    fn new(pdf: &'a Pdf) -> Self {
        let notices = Arc::new(Mutex::new(BTreeSet::new()));
        let (of_fonts, of_content) = (Arc::clone(&notices), Arc::clone(&notices));
        let settings = InterpreterSettings {
            font_resolver: Arc::new(move |query| {
                note(
                    &of_fonts,
                    Notice::FontNotEmbedded {
                        font: cut(&fonts::name(query)),
                    },
                );
                fonts::resolve(query)
            }),
            warning_sink: Arc::new(move |warning| match warning {
                // Those are found by looking at the annotations, together with the page.
                InterpreterWarning::UnresolvedAnnotationAppearance => {}
                _ => note(&of_content, Notice::ContentNotDrawn),
            }),
            ..InterpreterSettings::default()
        };
        Desk {
            pdf,
            settings,
            notices,
        }
    }

    fn answer(
        &self,
        request: &Request,
        cache: &RenderCache<'a>,
        to: &mut impl Write,
    ) -> io::Result<()> {
        match request {
            Request::Open { .. } => refuse(to, Refusal::OutOfOrder),
            Request::Render { page, width } => {
                let Some(found) = self.pdf.pages().get(*page) else {
                    return self.no_such_page(*page, to);
                };
                let drawn = render::page(found, cache, &self.settings, *width);
                self.note_content(found);
                if drawn.clamped {
                    note(&self.notices, Notice::PageClamped { page: *page });
                }
                let header = Answer::Pixels {
                    width: drawn.width,
                    height: drawn.height,
                };
                wire::write(to, &header, &drawn.rgba)
            }
            Request::Text { page } => {
                let Some(found) = self.pdf.pages().get(*page) else {
                    return self.no_such_page(*page, to);
                };
                let (text, invisible) =
                    text::collect(self.pdf, found, *page, page_size(found), &self.settings);
                self.note_content(found);
                if invisible {
                    note(&self.notices, Notice::InvisibleText { page: *page });
                }
                answer(to, &Answer::Text, &text)
            }
            Request::Columns { page } => {
                let Some(found) = self.pdf.pages().get(*page) else {
                    return self.no_such_page(*page, to);
                };
                let settings = InterpreterSettings {
                    font_resolver: Arc::new(fonts::resolve_to_read),
                    warning_sink: Arc::new(|_| ()),
                    ..InterpreterSettings::default()
                };
                let (text, _) = text::collect(self.pdf, found, *page, page_size(found), &settings);
                let lines = text.lines.iter();
                let columns: Vec<_> = lines.map(|line| line.columns()).collect();
                answer(to, &Answer::Columns, &columns)
            }
            Request::Notices => {
                self.note_annotations();
                let notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
                answer(to, &Answer::Notices, &*notices)
            }
        }
    }

    fn no_such_page(&self, page: usize, to: &mut impl Write) -> io::Result<()> {
        refuse(
            to,
            Refusal::NoSuchPage {
                page,
                pages: self.pdf.pages().len(),
            },
        )
    }

    fn note_content(&self, page: &Page<'_>) {
        if !content::is_whole(page) {
            note(&self.notices, Notice::ContentNotDrawn);
        }
    }

    fn note_annotations(&self) {
        let pages = self.pdf.pages();
        for (index, page) in pages.iter().enumerate().take(ANNOTATED_PAGES) {
            let Some(annotations) = page.raw().get::<Array<'_>>(ANNOTS) else {
                continue;
            };
            for annotation in annotations.iter::<Dict<'_>>() {
                if let Some(subtype) = undrawn(&annotation) {
                    note(
                        &self.notices,
                        Notice::AnnotationNotDrawn {
                            page: index,
                            subtype,
                        },
                    );
                }
            }
        }
        if pages.len() > ANNOTATED_PAGES {
            note(&self.notices, Notice::NotAllPagesExamined);
        }
    }
}

/// The subtype of an annotation that another program would draw from its own imagination.
fn undrawn(annotation: &Dict<'_>) -> Option<String> {
    const HIDDEN: u32 = 1 << 1;
    const NO_VIEW: u32 = 1 << 5;
    if annotation.get::<u32>(F).unwrap_or(0) & (HIDDEN | NO_VIEW) != 0 {
        return None;
    }
    let appearance = annotation.get::<Dict<'_>>(AP);
    if appearance.is_some_and(|appearance| appearance.contains_key(N)) {
        return None;
    }
    let rect = annotation.get::<hayro::hayro_syntax::object::Rect>(RECT)?;
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return None;
    }
    let subtype = annotation.get::<Name<'_>>(SUBTYPE)?;
    match subtype.as_ref() {
        // Links are not content; a pop-up belongs to another annotation, which is looked at itself.
        b"Link" | b"Popup" => None,
        // An empty field shows nothing anywhere.
        b"Widget" if !has_value(annotation) => None,
        _ => Some(cut(subtype.as_str())),
    }
}

fn has_value(widget: &Dict<'_>) -> bool {
    let own = widget.get::<Object<'_>>(V);
    own.or_else(|| widget.get::<Dict<'_>>(PARENT)?.get::<Object<'_>>(V))
        .is_some_and(|value| !matches!(value, Object::Null(_)))
}

fn page_size(page: &Page<'_>) -> PageSize {
    let (width, height) = page.render_dimensions();
    let crop = page.intersected_crop_box();
    PageSize {
        width: f64::from(width),
        height: f64::from(height),
        crop: Rect {
            x0: crop.x0,
            y0: crop.y0,
            x1: crop.x1,
            y1: crop.y1,
        },
        rotate: match page.rotation() {
            Rotation::None => 0,
            Rotation::Horizontal => 90,
            Rotation::Flipped => 180,
            Rotation::FlippedHorizontal => 270,
        },
    }
}

fn note(notices: &Mutex<BTreeSet<Notice>>, notice: Notice) {
    let mut notices = notices.lock().unwrap_or_else(PoisonError::into_inner);
    if notices.len() < NOTICES {
        notices.insert(notice);
    }
}

fn cut(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(NAME_CHARS)
        .collect()
}

fn refuse(to: &mut impl Write, refusal: Refusal) -> io::Result<()> {
    wire::write(to, &Answer::Refused(refusal), &[])
}

fn answer<T: Serialize>(to: &mut impl Write, header: &Answer, body: &T) -> io::Result<()> {
    let body = serde_json::to_vec(body)?;
    if u64::try_from(body.len()).map_or(true, |length| length > wire::ANSWER_LIMIT) {
        return refuse(to, Refusal::AnswerTooBig);
    }
    wire::write(to, header, &body)
}

#[cfg(unix)]
fn limit_memory(bytes: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // A limit set from outside may already be lower, and only that one may stay.
    let maximum = getrlimit(Resource::As).maximum;
    let bytes = maximum.map_or(bytes, |maximum| maximum.min(bytes));
    setrlimit(
        Resource::As,
        Rlimit {
            current: Some(bytes),
            maximum,
        },
    )?;
    // A helper that is killed by its limit leaves no core file with the letter in it.
    setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    )?;
    Ok(())
}

#[cfg(not(unix))]
fn limit_memory(_bytes: u64) -> io::Result<()> {
    Ok(())
}

/// Ends the process when one answer takes too long.
struct Watchdog(Sender<bool>);

impl Watchdog {
    fn start(limit: Duration) -> io::Result<Watchdog> {
        let (to, work) = mpsc::channel::<bool>();
        thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(move || {
                let mut working = false;
                loop {
                    let told = if working {
                        work.recv_timeout(limit)
                    } else {
                        work.recv().map_err(RecvTimeoutError::from)
                    };
                    match told {
                        Ok(now) => working = now,
                        Err(RecvTimeoutError::Timeout) => std::process::exit(1),
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
            })?;
        Ok(Watchdog(to))
    }

    fn begin(&self) {
        // A watchdog that is gone cannot be told; then the caller's deadline remains.
        let _ = self.0.send(true);
    }

    fn end(&self) {
        let _ = self.0.send(false);
    }
}

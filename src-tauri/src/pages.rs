//! Opened documents, known to the front end by random tokens.
//!
//! Each document is drawn in a helper process of its own; the least recently used one is let go when there are too
//! many. Bytes that are open already keep their token, so that fetching a letter again costs nothing and the
//! page on the screen need not be drawn anew.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use antin_ops::page::{DocumentHandle, Error, Host, Notice};
use uuid::Uuid;

use crate::dto::{DocumentRef, PageSize};
use crate::picture;

pub(crate) use antin_ops::page::Pixels;

/// Documents and pictures kept open: each room shows one letter with up to two pictures, the rest is for going back
/// and forth in a list.
const OPEN: usize = 12;

/// What can be opened for drawing.
enum Content {
    Document(DocumentHandle),
    Picture { file: Arc<[u8]>, pixels: Pixels },
}

struct Opened {
    token: String,
    content: Content,
}

impl Opened {
    fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Document(document) => document.bytes(),
            Content::Picture { file, .. } => file,
        }
    }

    fn reference(&self) -> DocumentRef {
        let pages = match &self.content {
            Content::Document(document) => document
                .pages()
                .iter()
                .map(|page| PageSize {
                    width: page.width,
                    height: page.height,
                })
                .collect(),
            Content::Picture { pixels, .. } => {
                vec![PageSize {
                    width: f64::from(pixels.width),
                    height: f64::from(pixels.height),
                }]
            }
        };
        DocumentRef {
            token: self.token.clone(),
            pages,
        }
    }
}

/// The opened documents.
#[derive(Clone)]
pub(crate) struct Pages {
    host: Host,
    /// The most recently used first.
    open: Arc<Mutex<VecDeque<Arc<Opened>>>>,
}

impl Pages {
    /// Starts the first drawing helper: `program` in its other role.
    ///
    /// # Errors
    /// [`Error::Start`].
    pub(crate) fn start(program: &Path) -> Result<Self, Error> {
        Ok(Self {
            host: Host::spawn(program)?,
            open: Arc::default(),
        })
    }

    /// Opens a document for drawing: the very bytes that the office keeps, judges and signs.
    ///
    /// # Errors
    /// What the helper says of the document, or that it is gone.
    pub(crate) fn open(&self, bytes: &[u8]) -> Result<(DocumentRef, Vec<Notice>), Error> {
        let opened = match self.find(|opened| opened.bytes() == bytes) {
            Some(opened) => opened,
            None => {
                let document = self.host.open(bytes)?;
                // The next document shall not wait for a program to load.
                if let Err(error) = self.host.warm() {
                    tracing::warn!(%error, "no drawing helper is kept ready");
                }
                self.keep(Content::Document(document))
            }
        };
        let notices = match &opened.content {
            Content::Document(document) => document.notices()?,
            Content::Picture { .. } => Vec::new(),
        };
        Ok((opened.reference(), notices))
    }

    /// Opens a picture (PNG) as a document of one page that is drawn as it is, with its transparency.
    pub(crate) fn open_picture(&self, file: Vec<u8>) -> Option<DocumentRef> {
        let opened = match self.find(|opened| opened.bytes() == file) {
            Some(opened) => opened,
            None => {
                let pixels = picture::decode(&file)?;
                self.keep(Content::Picture {
                    file: file.into(),
                    pixels,
                })
            }
        };
        Some(opened.reference())
    }

    /// Draws a page; `None` when the token opens nothing. Blocks until the helper has answered.
    ///
    /// # Errors
    /// What the helper says of the page.
    pub(crate) fn draw(
        &self,
        token: &str,
        page: usize,
        width: u32,
    ) -> Result<Option<Pixels>, Error> {
        match self.find(|opened| opened.token == token).as_deref() {
            None => Ok(None),
            Some(Opened {
                content: Content::Picture { pixels, .. },
                ..
            }) => Ok(Some(pixels.clone())),
            Some(Opened {
                content: Content::Document(document),
                ..
            }) => document.render(page, width).map(Some),
        }
    }

    /// What must be said about a document, as far as its pages have been drawn; nothing when the token opens none.
    ///
    /// # Errors
    /// That the helper is gone.
    pub(crate) fn notices(&self, token: &str) -> Result<Vec<Notice>, Error> {
        match self.find(|opened| opened.token == token).as_deref() {
            Some(Opened {
                content: Content::Document(document),
                ..
            }) => document.notices(),
            _ => Ok(Vec::new()),
        }
    }

    /// The first match, which thereby becomes the most recently used.
    fn find(&self, matches: impl Fn(&Opened) -> bool) -> Option<Arc<Opened>> {
        let mut open = self.list();
        let index = open.iter().position(|opened| matches(opened))?;
        let found = open.remove(index)?;
        open.push_front(Arc::clone(&found));
        Some(found)
    }

    fn keep(&self, content: Content) -> Arc<Opened> {
        let opened = Arc::new(Opened {
            token: Uuid::new_v4().simple().to_string(),
            content,
        });
        let mut open = self.list();
        open.push_front(Arc::clone(&opened));
        // Whoever is drawing from a document that is let go here holds it until the drawing is done.
        open.truncate(OPEN);
        opened
    }

    fn list(&self) -> MutexGuard<'_, VecDeque<Arc<Opened>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What a reader sees now against what each signer saw: page by page, with a red frame around what differs.
//!
//! Both states are drawn from their own bytes by the page helper ([`antin_page`]): the signed revision from the bytes up
//! to its end, the present from all of them. Pages are matched by their object, so that one page put in front does
//! not make all others differ. It judges nothing: [`crate::verify`] does, from the objects, and sees what no picture
//! shows.

mod regions;

use crate::{
    check::Checked,
    error::{Error, Result},
    fresh,
    letter::page_error,
    verify::pdf_error,
};
use antin_pades::report::SignatureReport;
use antin_page::{DocumentHandle, Host, PageSize, Pixels};
use antin_pdf::Document;
use regions::{Region, differing, frame};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Width of the pictures: A4 at 150 dots an inch, where a changed comma is still a dozen pixels.
const WIDTH: u32 = 1240;
/// Pages compared for one signature; a second a page, so that somebody can wait for it.
const PAGES: usize = 200;
/// Signed revisions compared; a letter has five signatures.
const REVISIONS: usize = 16;
/// Pictures written for one file; every page is listed all the same.
const PICTURES: usize = 100;
/// Pages that could not be drawn before giving up: each may have cost the helper's whole deadline.
const UNSEEN: usize = 4;
/// Characters of a name that go into a picture's name.
const NAME_CHARS: usize = 60;

/// What came of comparing one signature's revision with the present.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The signature's field.
    pub field: String,
    /// How far it got.
    pub outcome: Outcome,
    /// Pages compared.
    pub compared: usize,
    /// Pages there were to compare.
    pub total: usize,
    /// The pages that differ, in order; unchanged ones are not mentioned.
    pub pages: Vec<ChangedPage>,
}

/// How far a comparison got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every page was compared.
    Compared,
    /// Not every page: there are too many, or they cannot be drawn.
    NotAll,
    /// Nothing follows the signed revision.
    NothingLater,
    /// The signature covers no whole revision.
    NoRevision,
    /// More signed revisions than are compared.
    TooMany,
}

/// A page that looks different.
#[derive(Clone, Debug, Serialize)]
pub struct ChangedPage {
    /// Index from 0: of the page now, or in the signed revision if it is gone.
    pub page: usize,
    /// What happened to it.
    pub change: PageChange,
    /// Where it differs: x0, y0, x1, y1 in points, y upwards.
    pub boxes: Vec<[f64; 4]>,
    /// The picture's file name.
    pub picture: Option<String>,
}

/// What happened to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageChange {
    /// It looks different.
    Changed,
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It has another size, so that its pictures cannot be laid over each other.
    Resized,
    /// It could not be drawn.
    Unseen,
}

/// Where pictures go.
#[derive(Clone, Copy, Debug)]
pub struct Album<'a> {
    /// The folder; it is made when it is needed.
    pub folder: &'a Path,
    /// What their names begin with.
    pub name: &'a str,
}

/// Compares every signed revision of a file with the present, and writes a picture of each page that differs:
/// `<name>-<field>-trang-<page>.png`.
///
/// # Errors
/// [`crate::error::Code::PageHelperFailed`] when the file cannot be drawn at all, [`crate::error::Code::DocumentDamaged`],
/// [`crate::error::Code::FileUnwritable`].
pub fn compare(
    checked: &Checked,
    host: &Host,
    album: Album<'_>,
    progress: &mut dyn FnMut(&str, usize, usize),
) -> Result<Vec<Comparison>> {
    let Some(document) = &checked.document else {
        return Ok(Vec::new());
    };
    let last = document.revisions().len().saturating_sub(1);
    let mut run = Run {
        document,
        host,
        album,
        now: None,
        known: BTreeMap::new(),
        names: BTreeSet::new(),
        pictures: 0,
    };
    let mut comparisons = Vec::new();
    for signature in &checked.verified.report.signatures {
        let without = |outcome| Comparison {
            field: signature.field.clone(),
            outcome,
            compared: 0,
            total: 0,
            pages: Vec::new(),
        };
        comparisons.push(match signature.revision {
            None => without(Outcome::NoRevision),
            Some(revision) if revision >= last => without(Outcome::NothingLater),
            Some(revision) => match run.known.get(&revision) {
                Some(known) => Comparison {
                    field: signature.field.clone(),
                    ..known.clone()
                },
                None if run.known.len() >= REVISIONS => without(Outcome::TooMany),
                None => run.revision(revision, signature, progress)?,
            },
        });
    }
    Ok(comparisons)
}

struct Run<'a> {
    document: &'a Document,
    host: &'a Host,
    album: Album<'a>,
    /// The present, opened when the first revision needs it.
    now: Option<DocumentHandle>,
    known: BTreeMap<usize, Comparison>,
    names: BTreeSet<String>,
    pictures: usize,
}

/// A page then and now; one of both is missing where it was added or removed.
type Pair = (Option<usize>, Option<usize>);

impl Run<'_> {
    fn revision(
        &mut self,
        revision: usize,
        signature: &SignatureReport,
        progress: &mut dyn FnMut(&str, usize, usize),
    ) -> Result<Comparison> {
        let signed = self
            .document
            .at_revision(revision)
            .map_err(|e| pdf_error(e, self.album.name))?;
        let then = self
            .host
            .open(signed.bytes().to_vec())
            .map_err(page_error)?;
        let now = match self.now.take() {
            Some(now) => now,
            None => self
                .host
                .open(self.document.bytes().to_vec())
                .map_err(page_error)?,
        };
        let mut pairs = pairs(
            &signed,
            self.document,
            then.pages().len(),
            now.pages().len(),
        );
        let named: BTreeSet<usize> = signature
            .modifications
            .iter()
            .filter_map(|m| m.page)
            .collect();
        pairs.sort_by_key(|(_, now)| !now.is_some_and(|page| named.contains(&page)));
        let mut comparison = Comparison {
            field: signature.field.clone(),
            outcome: Outcome::Compared,
            compared: 0,
            total: pairs.len(),
            pages: Vec::new(),
        };
        let mut unseen = 0;
        for pair in &pairs {
            if comparison.compared >= PAGES || unseen >= UNSEEN {
                comparison.outcome = Outcome::NotAll;
                break;
            }
            comparison.compared += 1;
            progress(&signature.field, comparison.compared, pairs.len());
            let Some(seen) = look(*pair, &then, &now) else {
                continue;
            };
            unseen += usize::from(seen.change == PageChange::Unseen);
            let picture = seen
                .picture
                .map(|picture| self.keep(signature, seen.page, &picture));
            comparison.pages.push(ChangedPage {
                page: seen.page,
                change: seen.change,
                boxes: seen.boxes,
                picture: picture.transpose()?.flatten(),
            });
        }
        comparison
            .pages
            .sort_by_key(|page| (page.page, page.change == PageChange::Removed));
        self.now = Some(now);
        self.known.insert(revision, comparison.clone());
        Ok(comparison)
    }

    /// Writes a picture, and gives its name.
    fn keep(
        &mut self,
        signature: &SignatureReport,
        page: usize,
        picture: &Pixels,
    ) -> Result<Option<String>> {
        if self.pictures >= PICTURES {
            return Ok(None);
        }
        self.pictures += 1;
        let (file, field) = (file_name(self.album.name), file_name(&signature.field));
        let stem = format!("{file}-{field}-trang-{}", page + 1);
        let mut name = format!("{stem}.png");
        let mut next = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{stem}-{next}.png");
            next += 1;
        }
        let folder = self.album.folder;
        fresh::folder(folder)?;
        fresh::write(&folder.join(&name), &png(picture)?)?;
        Ok(Some(name))
    }
}

/// Which pages belong together: those of one object, else those in one place.
fn pairs(signed: &Document, present: &Document, then: usize, now: usize) -> Vec<Pair> {
    let (old, new) = (
        signed.page_ids().unwrap_or_default(),
        present.page_ids().unwrap_or_default(),
    );
    // The helper counts pages in its own way; where it disagrees, ids say nothing about its pages.
    if old.len() != then || new.len() != now {
        let page = |index, count| (index < count).then_some(index);
        return (0..then.max(now))
            .map(|i| (page(i, then), page(i, now)))
            .collect();
    }
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    for (index, id) in old.iter().enumerate() {
        places.entry(*id).or_insert(index);
    }
    let mut left: BTreeSet<usize> = (0..then).collect();
    let mut matched: Vec<Option<usize>> = Vec::with_capacity(now);
    for id in new {
        matched.push(places.get(id).copied().filter(|index| left.remove(index)));
    }
    let mut pairs: Vec<Pair> = Vec::with_capacity(now);
    for (index, old) in matched.into_iter().enumerate() {
        let old = old.or_else(|| left.take(&index));
        pairs.push((old, Some(index)));
    }
    pairs.extend(left.into_iter().map(|index| (Some(index), None)));
    pairs
}

/// What was seen of a page that differs.
struct Seen {
    page: usize,
    change: PageChange,
    boxes: Vec<[f64; 4]>,
    picture: Option<Pixels>,
}

/// Draws a page then and now; `None` when they look alike.
fn look(pair: Pair, then: &DocumentHandle, now: &DocumentHandle) -> Option<Seen> {
    match pair {
        (Some(old), Some(new)) => both(old, new, then, now),
        (None, Some(page)) => Some(alone(page, PageChange::Added, now)),
        (Some(page), None) => Some(alone(page, PageChange::Removed, then)),
        (None, None) => None,
    }
}

fn both(old: usize, page: usize, then: &DocumentHandle, now: &DocumentHandle) -> Option<Seen> {
    let (Ok(before), Ok(mut after)) = (then.render(old, WIDTH), now.render(page, WIDTH)) else {
        return Some(Seen {
            page,
            change: PageChange::Unseen,
            boxes: Vec::new(),
            picture: None,
        });
    };
    let (was, is) = (then.pages().get(old)?, now.pages().get(page)?);
    if !same_size(was, is) || (before.width, before.height) != (after.width, after.height) {
        return Some(alone(page, PageChange::Resized, now));
    }
    let regions = differing(&before, &after);
    if regions.is_empty() {
        return None;
    }
    let boxes = regions
        .iter()
        .map(|region| points(*region, is, &after))
        .collect();
    regions.iter().for_each(|region| frame(&mut after, *region));
    Some(Seen {
        page,
        change: PageChange::Changed,
        boxes,
        picture: Some(after),
    })
}

/// A page that stands alone is framed as a whole.
fn alone(page: usize, change: PageChange, of: &DocumentHandle) -> Seen {
    let drawn = of.render(page, WIDTH).ok().zip(of.pages().get(page));
    let Some((mut picture, size)) = drawn else {
        return Seen {
            page,
            change,
            boxes: Vec::new(),
            picture: None,
        };
    };
    let whole = Region::whole(&picture);
    let boxes = vec![points(whole, size, &picture)];
    frame(&mut picture, whole);
    Seen {
        page,
        change,
        boxes,
        picture: Some(picture),
    }
}

/// Half a point is what rounding makes.
fn same_size(was: &PageSize, is: &PageSize) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 0.5;
    near(was.width, is.width) && near(was.height, is.height) && was.rotate == is.rotate
}

/// To a tenth of a point.
fn points(region: Region, size: &PageSize, picture: &Pixels) -> [f64; 4] {
    let rect = region.points(size, picture);
    [rect.x0, rect.y0, rect.x1, rect.y1].map(|value| (value * 10.0).round() / 10.0)
}

/// What a file name may have on every system.
fn file_name(text: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || matches!(c, '-' | '_') {
            c
        } else {
            '_'
        }
    };
    text.chars().map(safe).take(NAME_CHARS).collect()
}

fn png(picture: &Pixels) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let opaque: Vec<u8> = picture
        .rgba
        .chunks_exact(4)
        .flat_map(|p| p.iter().take(3).copied())
        .collect();
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&opaque));
    written.map_err(Error::unknown)?;
    Ok(bytes)
}

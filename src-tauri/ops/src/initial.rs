//! *Ký nháy, ý kiến*: before the leader's signature. The first of them prepares the draft for all that follows.

use crate::{
    error::{Code, Error, Result},
    letter,
    sign::{FileAct, Place, picture},
};
use antin_pades::{Act, Initial, Mark, Rect};
use antin_page::{PageText, find_places};
use antin_pdf::Document;
use std::path::Path;

/// Pages read to find the places; a letter has fewer.
const PAGES: usize = 60;
/// The side of an initial: 15 to 30 points in real letters (domain.md §6.7).
const SIDE: f64 = 26.0;
/// From the last line to the initial, in points.
const GAP: f64 = 4.0;
/// How near the edge of the page it may come, in points.
const EDGE: f64 = 8.0;
/// Lines closer than this, in points, stand level.
const LEVEL: f64 = 4.0;

/// An initial or comment.
pub struct InitialBy {
    /// What is drawn.
    mark: Mark,
    /// Where; `None` puts an initial behind the body's last line and draws no comment.
    place: Option<Place>,
}

impl InitialBy {
    /// An initial with a picture.
    ///
    /// # Errors
    /// [`Code::ImageUnusable`].
    pub fn picture(file: &Path, place: Option<Place>) -> Result<InitialBy> {
        let png = std::fs::read(file)
            .map_err(|e| Error::caused(Code::ImageUnusable, e).with("file", file.display()))?;
        let mark = Mark::Picture(picture(&png, file)?);
        Ok(InitialBy { mark, place })
    }

    /// A comment in words.
    #[must_use]
    pub fn comment(text: String, place: Option<Place>) -> InitialBy {
        let mark = Mark::Comment(text);
        InitialBy { mark, place }
    }
}

impl FileAct for InitialBy {
    fn pages(&self) -> usize {
        PAGES
    }

    fn on(&self, _: &Document, texts: &[PageText]) -> Result<(Act, String)> {
        let places = letter::places_of(find_places(texts));
        let (place, reason) = match &self.mark {
            Mark::Picture(_) => {
                let found = places.leader.and_then(|leader| behind_body(texts, leader));
                let place = self.place.or(found);
                let place = place.ok_or_else(|| Error::new(Code::PlacesNotFound))?;
                (Some(place), "Ký nháy".to_owned())
            }
            Mark::Comment(text) => (self.place, format!("Ý kiến: {text}")),
        };
        let act = Initial {
            mark: self.mark.clone(),
            place,
            later: places.later(),
        };
        Ok((Act::Initial(act), reason))
    }
}

/// Behind the last line of the body: the lowest one above the recipients and the leader's block, on his page or before.
fn behind_body(texts: &[PageText], leader: Place) -> Option<Place> {
    // The lines of a turned page do not stand in user space.
    let before = texts
        .iter()
        .filter(|text| text.page <= leader.page && text.size.rotate == 0);
    before.rev().find_map(|text| {
        let floor = if text.page == leader.page {
            foot(text, leader)
        } else {
            f64::NEG_INFINITY
        };
        let last = text
            .lines
            .iter()
            .filter(|line| line.baseline > floor + LEVEL && is_body(&line.text))
            .min_by(|one, other| one.baseline.total_cmp(&other.baseline))?;
        let paper = text.size.crop;
        let x0 = (last.rect().x1 + GAP).min(paper.x1 - EDGE - SIDE);
        let y0 = last.baseline + last.size / 3.0 - SIDE / 2.0;
        Some(Place {
            page: text.page,
            rect: Rect::new(x0, y0, x0 + SIDE, y0 + SIDE),
        })
    })
}

/// The upper line of the letter's foot: "Nơi nhận", or the first line over the leader's space that is set like it.
fn foot(text: &PageText, leader: Place) -> f64 {
    const PREFIXES: [&str; 5] = ["TM.", "KT.", "TL.", "TUQ.", "Q."];
    let begins = |line: &str| {
        line.starts_with("Nơi nhận") || PREFIXES.iter().any(|prefix| line.contains(prefix))
    };
    text.lines
        .iter()
        .filter(|line| line.baseline > leader.rect.y0 && begins(line.text.trim()))
        .map(|line| line.baseline)
        .fold(leader.rect.y1, f64::max)
}

/// Not a page number.
fn is_body(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

//! `antin sign --act initial`: a picture or a comment, and where it goes.

use crate::words::Facts;
use antin_ops::{
    error::{Code, Error, Result},
    initial::InitialBy,
    pades::Rect,
    sign::Place,
};

pub(crate) fn of(facts: &Facts) -> Result<InitialBy> {
    let place = place(&facts.place)?;
    match (&facts.image, &facts.comment) {
        (Some(image), _) => InitialBy::picture(image, place),
        (None, Some(comment)) => Ok(InitialBy::comment(comment.clone(), place)),
        (None, None) => Err(Error::new(Code::ImageUnusable).with("file", "--image")),
    }
}

/// Five numbers, or none.
pub(crate) fn place(numbers: &[f64]) -> Result<Option<Place>> {
    /// More pages than any letter has.
    const PAGES: usize = 10_000;
    let &[page, x0, y0, x1, y1] = numbers else {
        return if numbers.is_empty() {
            Ok(None)
        } else {
            Err(Error::new(Code::PlacesNotFound))
        };
    };
    let index = (0..PAGES).find(|index| {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        f64::from(number) == page
    });
    let page = index.ok_or_else(|| Error::new(Code::PlacesNotFound))?;
    let rect = Rect::new(x0, y0, x1, y1);
    Ok(Some(Place { page, rect }))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_a_page_from_one_and_a_rectangle() {
        let found = place(&[3.0, 10.0, 20.0, 30.0, 40.0]).expect("a place");
        assert_eq!(found.map(|place| place.page), Some(2));
        assert!(place(&[]).expect("none").is_none());
        for wrong in [
            &[1.0][..],
            &[0.0, 1.0, 2.0, 3.0, 4.0],
            &[1.5, 1.0, 2.0, 3.0, 4.0],
        ] {
            assert!(place(wrong).is_err(), "{wrong:?}");
        }
    }
}

//! *Số, ngày* on a letter signed elsewhere, which has no fields for them: a signature of their own, before [`crate::seal`].

use crate::{
    error::{Code, Error, Result},
    issue::month_text,
    letter,
    seal::signed_by_somebody,
    sign::FileAct,
};
use antin_pades::{Act, Disputed, Number};
use antin_page::{PageText, find_places};
use antin_pdf::Document;
use time::{Date, Month};

/// A letter's number and date.
pub struct NumberBy {
    /// The number as it is written: "77", "05".
    pub number: String,
    /// The day of issue.
    pub date: Date,
    /// What to do where validators differ.
    pub disputed: Disputed,
}

impl FileAct for NumberBy {
    fn pages(&self) -> usize {
        1
    }

    fn on(&self, document: &Document, texts: &[PageText]) -> Result<(Act, String)> {
        signed_by_somebody(document)?;
        let found = find_places(texts);
        let printed = found.letter.year.as_deref().and_then(|y| y.parse().ok());
        if let Some(printed) = printed.filter(|year: &i32| *year != self.date.year()) {
            return Err(Error::new(Code::LetterYearDiffers)
                .with("printed", printed)
                .with("year", self.date.year()));
        }
        let [number, day, month] = letter::places_of(found).blanks();
        let number = number.ok_or_else(|| Error::new(Code::PlacesNotFound))?;
        let mut texts = vec![(self.number.clone(), number)];
        texts.extend(day.map(|place| (format!("{:02}", self.date.day()), place)));
        texts.extend(month.map(|place| (month_text(self.date), place)));
        let reason = format!("Số {}, ngày {}", self.number, letter::date_text(self.date));
        let act = Number {
            texts,
            disputed: self.disputed,
        };
        Ok((Act::Number(act), reason))
    }
}

/// Reads `dd/MM/yyyy`.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    let mut parts = text.trim().splitn(3, '/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::date;
    use time::macros::date;

    #[test]
    fn days_are_read_as_they_are_written() {
        assert_eq!(date("26/12/2014"), Some(date!(2014 - 12 - 26)));
        assert_eq!(date(" 5/1/2026"), Some(date!(2026 - 01 - 05)));
        for wrong in ["2014-12-26", "31/02/2026", "26/12", ""] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }
}

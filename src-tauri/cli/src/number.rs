//! `antin sign --act number`: number and date of a letter signed elsewhere.

use crate::words::Facts;
use antin_ops::{
    clock,
    error::{Code, Error, Result},
    number::{NumberBy, date},
};

pub(crate) fn of(facts: &Facts) -> Result<NumberBy> {
    let wrong = |text: &str| Error::new(Code::TextDoesNotFit).with("text", text);
    Ok(NumberBy {
        number: facts.number.clone().unwrap_or_default(),
        date: match facts.day.as_deref() {
            Some(text) => date(text).ok_or_else(|| wrong(text))?,
            None => clock::now().date(),
        },
        disputed: facts.disputed(),
    })
}

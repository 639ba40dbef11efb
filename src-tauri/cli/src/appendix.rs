//! `antin sign --act appendix`: the letter's number and notation.

use crate::words::Facts;
use antin_ops::{
    appendix::AppendixOf,
    error::{Code, Error, Result},
};

pub(crate) fn of(facts: &Facts) -> Result<AppendixOf> {
    let printed = facts.number.as_deref().unwrap_or_default();
    let code = printed
        .parse()
        .map_err(|e| Error::caused(Code::TextDoesNotFit, e).with("text", printed))?;
    Ok(AppendixOf { code })
}

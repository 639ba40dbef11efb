//! `antin sign --act incoming`: number and day of arrival.

use crate::{sign::agency, words::Facts};
use antin_ops::{clock, error::Result, incoming::Arrival, letter::date_text, office::Office};

pub(crate) fn of(facts: &Facts, office: Option<&Office>) -> Result<Arrival> {
    let today = || date_text(clock::now().date());
    Ok(Arrival {
        agency: agency(facts, office)?,
        number: facts.number.clone().unwrap_or_default(),
        day: facts.day.clone().unwrap_or_else(today),
        forwarded: facts.forward.clone(),
        dossier: facts.dossier.clone(),
    })
}

//! The province's directory, kept on this computer so that recipients can be chosen offline.

use crate::{
    error::{Code, Error, Result},
    office::Office,
};
use antin_exchange::Client;
use antin_records::{Agency, AgencyId, text};
use std::{fs, path::PathBuf};

/// Fetches the directory and keeps it.
///
/// # Errors
/// [`Code::NetworkUnavailable`] and its siblings; what was kept stays.
pub fn refresh(office: &Office) -> Result<usize> {
    refresh_with(office, &office.province()?)
}

pub(crate) fn refresh_with(office: &Office, client: &Client) -> Result<usize> {
    let agencies = client
        .agencies()
        .map_err(|e| crate::sync::exchange_error(office, e, Code::NetworkUnavailable))?;
    let json = serde_json::to_vec(&agencies).map_err(Error::unknown)?;
    crate::fresh::write(&path(office), &json)?;
    Ok(agencies.len())
}

/// Agencies whose name or code holds `query`, typed with or without diacritics; our own is left out.
#[must_use]
pub fn search(office: &Office, query: &str) -> Vec<Agency> {
    let wanted = text::fold(query);
    let own = &office.config().agency.id;
    let fits = |agency: &Agency| {
        text::fold(&agency.name).contains(&wanted)
            || text::fold(agency.id.as_str()).contains(&wanted)
    };
    kept(office)
        .into_iter()
        .filter(|a| a.id.as_str() != own && fits(a))
        .collect()
}

/// The agency of a code, in either form.
///
/// # Errors
/// [`Code::AgencyUnknown`].
pub fn find(office: &Office, id: &str) -> Result<Agency> {
    let unknown = || Error::new(Code::AgencyUnknown).with("agency", id);
    let id: AgencyId = id.parse().map_err(|_| unknown())?;
    kept(office)
        .into_iter()
        .find(|a| a.is_called(&id))
        .ok_or_else(unknown)
}

/// This office's own agency, with the directory's name where it has one.
///
/// # Errors
/// [`Code::AgencyUnknown`] when office.json holds no well-formed code.
pub fn own(office: &Office) -> Result<Agency> {
    let config = &office.config().agency;
    let id: AgencyId = config
        .id
        .parse()
        .map_err(|_| Error::new(Code::AgencyUnknown).with("agency", &config.id))?;
    Ok(Agency::new(id, &config.name))
}

/// A directory that was never fetched is empty.
fn kept(office: &Office) -> Vec<Agency> {
    fs::read(path(office))
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .unwrap_or_default()
}

fn path(office: &Office) -> PathBuf {
    office.folder().join("agencies.json")
}

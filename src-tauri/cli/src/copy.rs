//! `antin sign --act copy`: the copy's form, and what was copied.

use crate::{
    sign::agency,
    words::{Facts, FormName, OriginalName},
};
use antin_ops::{
    copy::{CopyBy, CopyForm, CopySource},
    error::Result,
    office::Office,
};

pub(crate) fn of(facts: &Facts, office: Option<&Office>) -> Result<CopyBy> {
    let form = match facts.form {
        Some(FormName::SaoLuc) => CopyForm::OfCopy,
        Some(FormName::TrichSao) => CopyForm::Extract,
        Some(FormName::SaoY) | None => CopyForm::Full,
    };
    let source = match facts.of {
        Some(OriginalName::Copy) => CopySource::PaperCopy,
        Some(OriginalName::Electronic) => CopySource::Electronic,
        Some(OriginalName::Paper) | None => CopySource::Paper,
    };
    Ok(CopyBy {
        form,
        source,
        agency: agency(facts, office)?,
    })
}

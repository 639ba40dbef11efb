//! What was done after a signature, in words.

use super::{evidence, printable};
use crate::message::{Language, line};
use antin_pades::report::{Modification, SignatureReport};
use serde::Serialize;

/// What was done after a signature, named; several of a kind at one place are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Does the signature permit it?
    pub permitted: bool,
    /// What it is and where.
    pub text: String,
}

/// Named changes of a signature; a file can have a million.
const CHANGES: usize = 20;

pub(super) fn all(language: Language, signature: &SignatureReport) -> Vec<Change> {
    let mut counted: Vec<(Change, usize)> = Vec::new();
    let (mut forbidden, mut permitted) = (0_usize, 0_usize);
    let mut order: Vec<&Modification> = signature.modifications.iter().collect();
    order.sort_by_key(|m| m.permitted);
    for change in order {
        let named = Change {
            permitted: change.permitted,
            text: named(language, change),
        };
        let known = counted.iter().position(|(known, _)| *known == named);
        match known {
            Some(index) => counted
                .iter_mut()
                .skip(index)
                .take(1)
                .for_each(|(_, n)| *n += 1),
            None if counted.len() < CHANGES => counted.push((named, 1)),
            None if named.permitted => permitted += 1,
            None => forbidden += 1,
        }
    }
    let told = |(change, count): (Change, usize)| {
        let count = count.to_string();
        let facts = [("what", change.text.as_str()), ("count", &count)];
        let text = match count.as_str() {
            "1" => change.text,
            _ => line(language, &["changes", "times"], &facts),
        };
        Change { text, ..change }
    };
    let rest = [(false, forbidden), (true, permitted)];
    let rest = rest.into_iter().filter(|(_, count)| *count > 0);
    let rest = rest.map(|(permitted, count)| Change {
        permitted,
        text: line(
            language,
            &["changes", "more"],
            &[("count", &count.to_string())],
        ),
    });
    counted.into_iter().map(told).chain(rest).collect()
}

/// What is permitted needs no object number to be found by.
fn named(language: Language, change: &Modification) -> String {
    if change.permitted {
        let anonymous = Modification {
            object: None,
            ..change.clone()
        };
        return modification(language, &anonymous);
    }
    modification(language, change)
}

pub(super) fn forbidden(language: Language, signature: &SignatureReport) -> String {
    let forbidden: Vec<&Modification> = signature
        .modifications
        .iter()
        .filter(|m| !m.permitted)
        .collect();
    let first = forbidden
        .first()
        .map(|m| modification(language, m))
        .unwrap_or_default();
    evidence(
        language,
        "changed",
        &[("count", &forbidden.len().to_string()), ("first", &first)],
    )
}

/// One change in words: "trang 2: nội dung trang bị thay".
#[must_use]
pub fn modification(language: Language, change: &Modification) -> String {
    let kind = serde_json::to_value(change.kind)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default();
    let text = line(language, &["modifications", &kind], &[]);
    let place = match (&change.page, &change.field, &change.object) {
        (Some(page), ..) => ("page", (page + 1).to_string()),
        (None, Some(field), _) => ("field", printable(field)),
        (None, None, Some(object)) => ("object", object.clone()),
        _ => return text,
    };
    line(
        language,
        &["places", place.0],
        &[("place", &place.1), ("what", &text)],
    )
}

#[cfg(test)]
mod tests {
    use super::modification;
    use crate::message::Language;
    use antin_pades::report::{Modification, ModificationKind};

    #[test]
    fn every_change_has_its_name_in_both_languages() {
        // One of each; the compiler does not list an enum, serde's names do not either.
        let kinds = [
            ModificationKind::FieldSigned,
            ModificationKind::SignatureAdded,
            ModificationKind::TimestampAdded,
            ModificationKind::ValidationData,
            ModificationKind::Metadata,
            ModificationKind::UnusedObject,
            ModificationKind::FormFilled,
            ModificationKind::LockedFieldChanged,
            ModificationKind::AnnotationAdded,
            ModificationKind::AnnotationChanged,
            ModificationKind::AnnotationRemoved,
            ModificationKind::FormChanged,
            ModificationKind::SignatureReplaced,
            ModificationKind::SignatureAppearance,
            ModificationKind::PageContent,
            ModificationKind::PageTree,
            ModificationKind::StructureExtended,
            ModificationKind::Structure,
            ModificationKind::Catalog,
            ModificationKind::CatalogReplaced,
            ModificationKind::Object,
            ModificationKind::MissingObjectFilled,
            ModificationKind::Unreadable,
            ModificationKind::StrayBytes,
            ModificationKind::HybridReference,
            ModificationKind::Encryption,
        ];
        for kind in kinds {
            let change = Modification {
                kind,
                permitted: false,
                object: None,
                field: None,
                page: Some(1),
                detail: None,
            };
            for (language, page) in [(Language::Vi, "trang 2: "), (Language::En, "page 2: ")] {
                let told = modification(language, &change);
                let name = serde_json::to_value(kind).expect("a name");
                let name = name.as_str().expect("a name");
                assert!(told.starts_with(page), "{told}");
                assert!(
                    !told.ends_with(name) || name == "metadata",
                    "{name} has no line"
                );
            }
        }
    }
}

//! The fields that the first signature prepares and later ones fill: their names, and finding them again.

use antin_pdf::{Document, Field, FieldKind, Object};

use crate::{Error, Permissions};

/// Names of the prepared fields. A form that already has one of them gets the whole set with a number behind: `So2` …
pub mod field_name {
    /// The signature of the competent person (*chữ ký*).
    pub const LEADER: &str = "ChuKy";
    /// The number (*số*).
    pub const NUMBER: &str = "So";
    /// The day of issue (*ngày*).
    pub const DAY: &str = "Ngay";
    /// The month of issue (*tháng*).
    pub const MONTH: &str = "Thang";
    /// The signature with the agency's seal (*dấu*).
    pub const SEAL: &str = "Dau";
    /// The signature with the receiver's stamp (*dấu đến*).
    pub const INCOMING: &str = "DauDen";
    /// The agency's signature on an appendix (*phụ lục*).
    pub const APPENDIX: &str = "PhuLuc";
    /// Initials (*ký nháy*): real drafts bear up to three.
    pub const INITIALS: [&str; 3] = ["KyNhayA", "KyNhayB", "KyNhayC"];
    /// A comment (*ý kiến*); these are numbered from the second on.
    pub const COMMENT: &str = "YKien";
    /// The agency's signature on a copy (*bản sao*).
    pub const COPY: &str = "BanSao";
    /// A signature of no special kind (*ký*); these are numbered.
    pub const PLAIN: &str = "Ky";

    /// All of a prepared set.
    pub(crate) const SET: [&str; 10] = [
        LEADER,
        NUMBER,
        DAY,
        MONTH,
        SEAL,
        INCOMING,
        APPENDIX,
        INITIALS[0],
        INITIALS[1],
        INITIALS[2],
    ];
}

/// A set's number: more than this many letters in one file are not letters.
const MAX_SETS: u32 = 100;

/// One set of prepared fields, told from others of the same file by its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Set(u32);

impl Set {
    fn all() -> impl Iterator<Item = Self> {
        (1..=MAX_SETS).map(Self)
    }

    /// The field's name in this set.
    pub(crate) fn name(self, base: &str) -> String {
        if self.0 == 1 {
            base.to_owned()
        } else {
            format!("{base}{}", self.0)
        }
    }

    /// Whether this crate would prepare a field of this name.
    pub(crate) fn is_ours(name: &str) -> bool {
        let base = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        field_name::SET.contains(&base)
    }

    fn find<'a>(self, fields: &'a [Field], base: &str) -> Option<&'a Field> {
        let name = self.name(base);
        fields.iter().find(|field| field.name == name)
    }

    /// A set of which no name is taken.
    pub(crate) fn free(fields: &[Field]) -> Result<Self, Error> {
        Self::all()
            .find(|set| {
                field_name::SET
                    .iter()
                    .all(|base| set.find(fields, base).is_none())
            })
            .ok_or(Error::Malformed { what: "form" })
    }

    /// The first field of this kind that waits for its signature and may have it, in any set.
    pub(crate) fn waiting<'a>(
        fields: &'a [Field],
        permissions: &Permissions,
        base: &str,
    ) -> Option<&'a Field> {
        Self::all()
            .filter_map(|set| set.find(fields, base))
            .find(|field| permissions.fills(field))
    }

    /// A name of this kind that is not taken.
    pub(crate) fn free_name(fields: &[Field], base: &str) -> Result<String, Error> {
        Self::all()
            .map(|set| set.name(base))
            .find(|name| fields.iter().all(|field| &field.name != name))
            .ok_or(Error::Malformed { what: "form" })
    }

    /// A name for a plain signature that is not taken.
    pub(crate) fn free_plain_name(fields: &[Field]) -> Result<String, Error> {
        let limit = fields.len().saturating_add(1);
        (1..=limit)
            .map(|number| format!("{}{number}", field_name::PLAIN))
            .find(|name| fields.iter().all(|field| &field.name != name))
            .ok_or(Error::Malformed { what: "form" })
    }
}

/// The fields issuing needs, found and checked.
pub(crate) struct PreparedFields<'a> {
    pub(crate) number: &'a Field,
    pub(crate) day: Option<&'a Field>,
    pub(crate) month: Option<&'a Field>,
    pub(crate) seal: &'a Field,
}

impl<'a> PreparedFields<'a> {
    /// Finds the set that is ready to be issued, or says what the nearest one lacks.
    pub(crate) fn find(document: &Document, fields: &'a [Field]) -> Result<Self, Error> {
        let mut refusal = Error::FieldMissing {
            field: field_name::SEAL.to_owned(),
        };
        for set in Set::all() {
            if set.find(fields, field_name::SEAL).is_none()
                && set.find(fields, field_name::NUMBER).is_none()
            {
                continue;
            }
            match Self::of_set(document, fields, set) {
                Ok(prepared) => return Ok(prepared),
                Err(why) => refusal = why,
            }
        }
        Err(refusal)
    }

    fn of_set(document: &Document, fields: &'a [Field], set: Set) -> Result<Self, Error> {
        let need = |base: &str, kind: FieldKind| {
            set.find(fields, base)
                .filter(|field| field.kind == kind)
                .ok_or_else(|| Error::FieldMissing {
                    field: set.name(base),
                })
        };
        let leader = need(field_name::LEADER, FieldKind::Signature)?;
        if !is_signed(document, leader)? {
            return Err(Error::NotApproved {
                field: leader.name.clone(),
            });
        }
        let text = |base: &str| {
            set.find(fields, base)
                .filter(|field| field.kind == FieldKind::Text)
        };
        let prepared = Self {
            number: need(field_name::NUMBER, FieldKind::Text)?,
            day: text(field_name::DAY),
            month: text(field_name::MONTH),
            seal: need(field_name::SEAL, FieldKind::Signature)?,
        };
        let filled = [
            Some(prepared.seal),
            Some(prepared.number),
            prepared.day,
            prepared.month,
        ]
        .into_iter()
        .flatten()
        .find(|field| !is_empty(field));
        filled.map_or(Ok(prepared), |field| {
            Err(Error::AlreadyFilled {
                field: field.name.clone(),
            })
        })
    }
}

/// Whether a field has no value, or an empty text.
fn is_empty(field: &Field) -> bool {
    match &field.value {
        None | Some(Object::Null) => true,
        Some(Object::String(text, _)) => text.is_empty(),
        Some(_) => false,
    }
}

/// Whether a signature field holds a signature. Whether it is a good one is for `validate` to say.
pub(crate) fn is_signed(document: &Document, field: &Field) -> Result<bool, Error> {
    let Some(value) = field
        .value
        .as_ref()
        .filter(|_| field.kind == FieldKind::Signature)
    else {
        return Ok(false);
    };
    Ok(match document.resolve(value)? {
        Object::Dictionary(signature) => signature.has(b"Contents"),
        _ => false,
    })
}

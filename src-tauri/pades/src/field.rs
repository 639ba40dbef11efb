//! The fields an approval prepares and issuing fills: their names, and finding them again.

use antin_pdf::{Document, Field, FieldKind, Object};

use crate::Error;

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
    /// A signature of no special kind (*ký*); these are numbered.
    pub const PLAIN: &str = "Ky";

    /// All of a prepared set.
    pub(crate) const SET: [&str; 6] = [LEADER, NUMBER, DAY, MONTH, SEAL, INCOMING];
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

/// What the document's signatures allow to later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// No certification.
    Free,
    /// A certification that allows form filling and signing (DocMDP P=2 or 3).
    Certified,
    /// A certification that allows nothing (DocMDP P=1).
    Nothing,
}

impl Permission {
    /// Reads the strictest DocMDP of the document: the catalog's `/Perms` and every signature's `/Reference`.
    pub(crate) fn of(document: &Document, fields: &[Field]) -> Result<Self, Error> {
        let mut strictest = Self::Free;
        let mut see = |permission: Option<Self>| match permission {
            Some(Self::Nothing) => strictest = Self::Nothing,
            Some(Self::Certified) if strictest == Self::Free => strictest = Self::Certified,
            _ => (),
        };
        let catalog = document.catalog()?;
        if let Ok(perms) = catalog.get(b"Perms")
            && let Object::Dictionary(perms) = document.resolve(perms)?
            && let Ok(signature) = perms.get(b"DocMDP")
        {
            see(Some(
                Self::of_signature(document, signature)?.unwrap_or(Self::Certified),
            ));
        }
        for field in fields {
            if let Some(value) = field
                .value
                .as_ref()
                .filter(|_| field.kind == FieldKind::Signature)
            {
                see(Self::of_signature(document, value)?);
            }
        }
        Ok(strictest)
    }

    fn of_signature(document: &Document, signature: &Object) -> Result<Option<Self>, Error> {
        let Object::Dictionary(signature) = document.resolve(signature)? else {
            return Ok(None);
        };
        let Ok(references) = signature.get(b"Reference") else {
            return Ok(None);
        };
        let Object::Array(references) = document.resolve(references)? else {
            return Ok(None);
        };
        for reference in &references {
            let Object::Dictionary(reference) = document.resolve(reference)? else {
                continue;
            };
            if !matches!(reference.get(b"TransformMethod"), Ok(Object::Name(method)) if method == b"DocMDP")
            {
                continue;
            }
            // Without parameters the level is 2 (ISO 32000-1, table 254).
            let Ok(parameters) = reference.get(b"TransformParams") else {
                return Ok(Some(Self::Certified));
            };
            let Object::Dictionary(parameters) = document.resolve(parameters)? else {
                return Ok(Some(Self::Certified));
            };
            let level = parameters
                .get(b"P")
                .map_or(Ok(Object::Integer(2)), |level| document.resolve(level))?;
            return Ok(Some(if matches!(level, Object::Integer(1)) {
                Self::Nothing
            } else {
                Self::Certified
            }));
        }
        Ok(None)
    }
}

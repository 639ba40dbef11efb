//! What a document still allows: its signatures by DocMDP, FieldMDP and `/Lock` (ISO 32000-2, 12.8.2.2 and 12.8.2.4), and
//! its owner by the permissions of an encryption (7.6.4.2), read before anything is signed. What they say about changes already made is for `validate` to judge.

use antin_pdf::{Dictionary, Document, Field, FieldKind, Object, text_string};

use crate::{Error, field::is_signed};

/// What may be signed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signing {
    /// Nothing: a certification forbids every change, or every field is locked.
    Nothing,
    /// Only empty signature fields that exist.
    Prepared,
    /// Empty signature fields, and new ones that draw nothing: validators differ on new drawings under a
    /// certification (pdf-association/pdf-issues#735), so none is made.
    Invisible,
    /// Also new fields with a drawing: nobody certified.
    Free,
}

/// What a document's own signatures allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// Signature fields that are signed, in the form's order.
    pub signed: Vec<String>,
    /// The strictest DocMDP P in force; `None` if nobody certified.
    pub certification: Option<u8>,
    /// What may be signed.
    pub signing: Signing,
    /// Empty signature fields that may be signed.
    pub empty: Vec<String>,
    /// The owner of an encrypted document allows less than everything that signing needs.
    pub owner_forbids: bool,
}

/// Fields that stand still.
enum Lock {
    All,
    Include(Vec<String>),
    Exclude(Vec<String>),
}

impl Lock {
    fn covers(&self, field: &str) -> bool {
        // A name stands for everything below it.
        let named = |names: &[String]| {
            names.iter().any(|name| {
                field
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        match self {
            Self::All => true,
            Self::Include(names) => named(names),
            Self::Exclude(names) => !named(names),
        }
    }
}

/// A name no lock lists: whether it is covered tells about new fields.
const NEW_FIELD: &str = "\u{1}new";

/// Says what `document` allows before anything is signed.
///
/// # Errors
/// [`Error::Pdf`] if form or signatures cannot be read.
pub fn permissions(document: &Document) -> Result<Permissions, Error> {
    Permissions::of(document, &document.fields()?)
}

impl Permissions {
    pub(crate) fn of(document: &Document, fields: &[Field]) -> Result<Self, Error> {
        let mut signed = Vec::new();
        let mut levels = Vec::new();
        let mut locks = Vec::new();
        if let Object::Dictionary(perms) = document.entry(&document.catalog()?, b"Perms")?
            && let Object::Dictionary(signature) = document.entry(&perms, b"DocMDP")?
        {
            let own = transform(document, &signature, b"DocMDP")?;
            levels.push(
                own.map_or(Ok(Some(2)), |own| level(document, &own))?
                    .unwrap_or(2),
            );
        }
        for field in fields {
            if !is_signed(document, field)? {
                continue;
            }
            signed.push(field.name.clone());
            let value = field.value.as_ref().unwrap_or(&Object::Null);
            let Object::Dictionary(signature) = document.resolve(value)? else {
                continue;
            };
            if let Some(own) = transform(document, &signature, b"DocMDP")? {
                levels.push(level(document, &own)?.unwrap_or(2));
            }
            let fixed = transform(document, &signature, b"FieldMDP")?;
            let own = match document.entry(&field.dict, b"Lock")? {
                Object::Dictionary(lock) => Some(lock),
                _ => None,
            };
            if let Some(own) = &own {
                levels.extend(level(document, own)?);
            }
            if let Some(parameters) = fixed.or(own) {
                locks.push(lock(document, &parameters)?);
            }
        }
        let certification = levels.into_iter().min();
        let locked = |name: &str| locks.iter().any(|lock: &Lock| lock.covers(name));
        let owner = document.permissions();
        let fills = owner.is_none_or(|owner| owner.fill_forms);
        let creates = owner.is_none_or(|owner| owner.create_fields());
        let mut empty = Vec::new();
        if certification != Some(1) && fills {
            for field in fields {
                let waits = field.kind == FieldKind::Signature && !is_signed(document, field)?;
                if waits && !locked(&field.name) {
                    empty.push(field.name.clone());
                }
            }
        }
        let signing = match certification {
            Some(1) => Signing::Nothing,
            _ if (locked(NEW_FIELD) || !creates) && empty.is_empty() => Signing::Nothing,
            _ if locked(NEW_FIELD) || !creates => Signing::Prepared,
            Some(_) => Signing::Invisible,
            None => Signing::Free,
        };
        Ok(Self {
            signed,
            certification,
            signing,
            empty,
            owner_forbids: !creates,
        })
    }

    /// Whether this existing field may be signed.
    pub(crate) fn fills(&self, field: &Field) -> bool {
        self.empty.contains(&field.name)
    }

    /// Refuses a document in which nothing may be signed.
    pub(crate) fn not_locked(&self) -> Result<(), Error> {
        match self.signing {
            Signing::Nothing => Err(self.because(Error::Locked)),
            _ => Ok(()),
        }
    }

    /// A refusal by the name of whoever caused it.
    pub(crate) fn because(&self, error: Error) -> Error {
        match error {
            Error::Locked if self.owner_forbids => Error::OwnerForbids,
            other => other,
        }
    }
}

/// The parameters of a transform method among the references of a signature.
fn transform(
    document: &Document,
    signature: &Dictionary,
    method: &[u8],
) -> Result<Option<Dictionary>, Error> {
    let Object::Array(references) = document.entry(signature, b"Reference")? else {
        return Ok(None);
    };
    for reference in &references {
        let Object::Dictionary(reference) = document.resolve(reference)? else {
            continue;
        };
        let named = document.entry(&reference, b"TransformMethod")?;
        if matches!(named, Object::Name(name) if name == method) {
            return Ok(Some(
                match document.entry(&reference, b"TransformParams")? {
                    Object::Dictionary(parameters) => parameters,
                    _ => Dictionary::new(),
                },
            ));
        }
    }
    Ok(None)
}

/// `/P`; what is not 1, 2 or 3 permits nothing.
fn level(document: &Document, dict: &Dictionary) -> Result<Option<u8>, Error> {
    Ok(match document.entry(dict, b"P")? {
        Object::Null => None,
        Object::Integer(2) => Some(2),
        Object::Integer(3) => Some(3),
        _ => Some(1),
    })
}

/// What is not understood locks everything.
fn lock(document: &Document, parameters: &Dictionary) -> Result<Lock, Error> {
    let mut names = Vec::new();
    if let Object::Array(items) = document.entry(parameters, b"Fields")? {
        for item in &items {
            names.extend(text_string(&document.resolve(item)?));
        }
    }
    Ok(match document.entry(parameters, b"Action")? {
        Object::Name(action) if action == b"Include" => Lock::Include(names),
        Object::Name(action) if action == b"Exclude" => Lock::Exclude(names),
        _ => Lock::All,
    })
}

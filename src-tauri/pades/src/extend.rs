//! What makes signatures last that are already in the file: a security store (B-LT, EN 319 142-1, 5.4.2), document
//! time-stamps (B-LTA, 5.4.3), and their renewal.
//!
//! For B-LTA one revision holds the validation data and the time-stamp that covers them, so that no unsigned tail is left.
//! For B-LT alone there is nothing that could sign: the store is a tail, which tools that count `%%EOF` call a change.
//! Both are allowed under every certification: additions of a security store and document time-stamps are no changes in the sense
//! of DocMDP, P=1 included (ISO 32000-2, 12.8.2.2.2).

use std::io::Read;

use antin_cades::{Content, TimeStampToken, verify_signed_data};
use antin_pdf::{Document, Field, FieldKind, Object, Rect, Update};
use antin_pkix::{Certificate, DigestAlgorithm, Usage};

use crate::{
    Error, IncrementalUpdate, ValidationData, dss,
    form::{self, PRINT_LOCKED, Widget},
    hole::{Hole, signature_dictionary},
    object::name,
    prepare::{TIMESTAMP_ROOM, digest},
};

/// Field names of document time-stamps; these are numbered.
const FIELD: &str = "ThoiGian";
/// Signatures looked at; `validate` judges no more.
const SIGNATURE_LIMIT: usize = 200;

/// A certificate whose path a signature or time-stamp stands on.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The signer's or the authority's.
    pub certificate: Certificate,
    /// What came beside it.
    pub beside: Vec<Certificate>,
    /// What it was used for.
    pub usage: Usage,
}

/// The certificates all signatures and time-stamps of a document stand on: what validation data are needed for.
///
/// # Errors
/// [`Error::Pdf`] if the fields cannot be read. A signature that cannot be read has no leaf: `validate` says so.
pub fn leaves(document: &Document) -> Result<Vec<Leaf>, Error> {
    let mut found: Vec<Leaf> = Vec::new();
    for field in document.fields()?.iter().take(SIGNATURE_LIMIT) {
        let Some((dict, cms)) = signature(document, field)? else {
            continue;
        };
        let stamp = matches!(document.entry(&dict, b"SubFilter")?, Object::Name(name) if name == b"ETSI.RFC3161");
        let usage = if stamp {
            Usage::TimeStamping
        } else {
            Usage::Signing
        };
        collect(&cms, usage, &mut found);
    }
    Ok(found)
}

/// The certificates a time-stamp token stands on.
#[must_use]
pub fn leaves_of_token(token: &[u8]) -> Vec<Leaf> {
    let mut found = Vec::new();
    collect(token, Usage::TimeStamping, &mut found);
    found
}

fn collect(cms: &[u8], usage: Usage, found: &mut Vec<Leaf>) {
    let content = match usage {
        Usage::TimeStamping => Content::Attached,
        _ => Content::Detached(&[]),
    };
    let report = verify_signed_data(cms, content);
    let Some(signer) = report.sole_signer() else {
        return;
    };
    let mut add = |certificate: &Option<Certificate>, beside: &[Certificate], usage: Usage| {
        let Some(certificate) = certificate else {
            return;
        };
        let known = |leaf: &Leaf| leaf.certificate == *certificate && leaf.usage == usage;
        if !found.iter().any(known) {
            found.push(Leaf {
                certificate: certificate.clone(),
                beside: beside.to_vec(),
                usage,
            });
        }
    };
    add(&signer.certificate, &report.certificates, usage);
    for stamp in &signer.timestamps {
        if let Some(authority) = stamp.signer() {
            add(
                &authority.certificate,
                &stamp.signed_data.certificates,
                Usage::TimeStamping,
            );
        }
    }
}

/// A signed field's dictionary and the bytes of its `/Contents`.
pub(crate) fn signature(
    document: &Document,
    field: &Field,
) -> Result<Option<(antin_pdf::Dictionary, Vec<u8>)>, Error> {
    let Some(value) = field
        .value
        .as_ref()
        .filter(|_| field.kind == FieldKind::Signature)
    else {
        return Ok(None);
    };
    let Object::Dictionary(dict) = document.resolve(value)? else {
        return Ok(None);
    };
    Ok(match document.entry(&dict, b"Contents")? {
        Object::String(cms, _) => Some((dict, cms)),
        _ => None,
    })
}

/// Whether the document's security store holds everything of `data`.
///
/// # Errors
/// [`Error::Pdf`] if it cannot be read.
pub fn holds(document: &Document, data: &ValidationData) -> Result<bool, Error> {
    dss::holds(&Update::new(document), data)
}

/// One revision with validation data and nothing else (B-LT); `None` if the document holds all of them.
///
/// # Errors
/// See [`Error`]; the document is never touched.
pub fn store(document: &Document, data: &ValidationData) -> Result<Option<Vec<u8>>, Error> {
    form::refuse_xfa(document)?;
    let mut update = Update::new(document);
    if !dss::write(&mut update, data)? {
        return Ok(None);
    }
    Ok(Some(update.write()?.bytes))
}

/// A document time-stamp without its token. Only [`prepare_timestamp`] makes one.
#[derive(Debug, Clone)]
pub struct PreparedTimestamp {
    field: String,
    bytes: Vec<u8>,
    hole: Hole,
    digest: [u8; 32],
}

/// Prepares one revision with validation data and a document time-stamp over everything.
///
/// `original` gives exactly the document's bytes once more, to be hashed. `least_room` is what a token is known to need;
/// 0 keeps the usual room.
///
/// # Errors
/// See [`Error`]; the document is never touched.
pub fn prepare_timestamp(
    document: &Document,
    data: &ValidationData,
    mut original: impl Read,
    least_room: usize,
) -> Result<PreparedTimestamp, Error> {
    if document
        .permissions()
        .is_some_and(|owner| !owner.create_fields())
    {
        return Err(Error::OwnerForbids);
    }
    form::refuse_xfa(document)?;
    let fields = document.fields()?;
    let field = free_name(&fields)?;
    let mut update = Update::new(document);
    let signature = update.reserve();
    let page = document.page(0)?;
    let mut widget = Widget {
        kind: "Sig",
        name: &field,
        description: "Dấu thời gian của văn bản",
        page: &page,
        rect: Rect {
            x0: 0.0,
            y0: 0.0,
            x1: 0.0,
            y1: 0.0,
        },
        flags: PRINT_LOCKED,
        appearance: None,
    }
    .dictionary();
    widget.set("V", Object::Reference(signature));
    let widget = update.add(Object::Dictionary(widget));
    form::add_to_page(&mut update, page.id, &[widget])?;
    form::add_to_form(&mut update, &[widget], &[])?;
    dss::write(&mut update, data)?;
    let mut dict = signature_dictionary(least_room.max(TIMESTAMP_ROOM));
    dict.set("Type", name("DocTimeStamp"));
    dict.set("SubFilter", name("ETSI.RFC3161"));
    update.set(signature, Object::Dictionary(dict));
    let appended = update.write()?;

    let length = u64::try_from(document.bytes().len()).unwrap_or(u64::MAX);
    let at = appended
        .offsets
        .get(&signature)
        .and_then(|offset| usize::try_from(offset.checked_sub(length)?).ok())
        .ok_or(Error::Malformed {
            what: "signature dictionary",
        })?;
    let mut bytes = appended.bytes;
    let hole = Hole::open(&mut bytes, at, length)?;
    let digest = digest(&mut original, length, &hole.covered(&bytes))?;
    Ok(PreparedTimestamp {
        field,
        bytes,
        hole,
        digest,
    })
}

fn free_name(fields: &[Field]) -> Result<String, Error> {
    let limit = fields.len().saturating_add(1);
    (1..=limit)
        .map(|number| format!("{FIELD}{number}"))
        .find(|name| fields.iter().all(|field| &field.name != name))
        .ok_or(Error::Malformed { what: "form" })
}

impl PreparedTimestamp {
    /// SHA-256 of everything the time-stamp covers; `antin_cades::timestamp_request_over` takes it.
    #[must_use]
    pub fn imprint(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Puts the token into its place.
    ///
    /// # Errors
    /// [`Error::SignatureMismatch`] if it is over something else, [`Error::HoleTooSmall`] if it needs more room.
    pub fn finish(mut self, token: &[u8]) -> Result<IncrementalUpdate, Error> {
        let read = TimeStampToken::read(token)?;
        if read.imprint_algorithm != DigestAlgorithm::Sha256.oid() || read.imprint != self.digest {
            return Err(Error::SignatureMismatch);
        }
        self.hole.fill(&mut self.bytes, token)?;
        Ok(IncrementalUpdate {
            bytes: self.bytes,
            field: self.field,
        })
    }
}

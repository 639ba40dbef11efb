//! The acts as edits of a document: which fields, appearances and entries each one writes.

mod builder;
mod fill;

use antin_pdf::{Dictionary, Document, Field, Object, ObjectId, Rect, Update};

use builder::Builder;

use crate::{
    Approve, Error, Image, Issue, Place, Plain, TextStyle,
    field::{Permission, PreparedFields, Set, field_name, is_signed},
    form,
    object::dictionary_of,
};

/// What an act wrote, for the signature that will cover it.
pub(crate) struct Written {
    /// The signature field's fully qualified name.
    pub(crate) field: String,
    /// `/Reference` entries of the signature dictionary.
    pub(crate) references: Vec<Dictionary>,
}

/// Writes everything of an approval but the signature dictionary.
pub(crate) fn approve(
    update: &mut Update<'_>,
    act: &Approve,
    signature: ObjectId,
) -> Result<Written, Error> {
    let document = update.document();
    let fields = document.fields()?;
    for field in &fields {
        if is_signed(document, field)? {
            return Err(Error::AlreadySigned {
                field: field.name.clone(),
            });
        }
    }
    let mut builder = Builder::new(update, Set::free(&fields)?);
    let field = builder.set.name(field_name::LEADER);
    builder.signed(
        &field,
        "Chữ ký của người có thẩm quyền",
        act.place,
        Some(&act.image),
        signature,
    )?;
    let mut fonts = Vec::new();
    if let Some(places) = &act.fields {
        let blanks = [
            (field_name::NUMBER, "Số văn bản", 15, Some(places.number)),
            (field_name::DAY, "Ngày ban hành", 2, places.day),
            (field_name::MONTH, "Tháng ban hành", 2, places.month),
        ];
        let mut locked = Vec::new();
        for (base, description, length, place) in blanks {
            let Some(place) = place else { continue };
            let name = builder.set.name(base);
            builder.blank(&name, description, length, place)?;
            locked.push(name);
            builder.form_font(place.style, &mut fonts)?;
        }
        let lock = builder.update.add(Object::Dictionary(form::lock(&locked)));
        let name = builder.set.name(field_name::SEAL);
        builder.unsigned(&name, "Dấu của cơ quan, tổ chức", places.seal, Some(lock))?;
        if let Some(place) = places.incoming {
            let name = builder.set.name(field_name::INCOMING);
            builder.unsigned(&name, "Dấu văn bản đến", place, None)?;
        }
    }
    builder.place(&fonts)?;
    form::certify(update, signature)?;
    Ok(Written {
        field,
        references: vec![form::docmdp_reference(2)],
    })
}

/// Fills the prepared fields and puts the signature into the seal's.
pub(crate) fn issue(
    update: &mut Update<'_>,
    act: &Issue,
    signature: ObjectId,
) -> Result<Written, Error> {
    let document = update.document();
    let fields = document.fields()?;
    let prepared = PreparedFields::find(document, &fields)?;
    not_locked(document, &fields)?;
    let texts = [
        (Some(prepared.number), &act.number, TextStyle::NUMBER),
        (prepared.day, &act.day, TextStyle::DATE),
        (prepared.month, &act.month, TextStyle::DATE),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(field, value, style)| Some((field?, value.trim(), style)));
    fill::texts(update, &texts.collect::<Vec<_>>())?;
    let seal = prepared.seal;
    fill::signature(update, seal, &act.seal, signature)?;
    let mut references = Vec::new();
    if let Ok(lock) = seal.dict.get(b"Lock") {
        let lock = dictionary_of(document.resolve(lock)?, "Lock")?;
        references.push(form::fieldmdp_reference(document, &lock));
    }
    Ok(Written {
        field: seal.name.clone(),
        references,
    })
}

/// Adds a field of its own and signs it.
pub(crate) fn plain(
    update: &mut Update<'_>,
    act: &Plain,
    signature: ObjectId,
) -> Result<Written, Error> {
    let document = update.document();
    let fields = document.fields()?;
    not_locked(document, &fields)?;
    let field = Set::free_plain_name(&fields)?;
    let mut builder = Builder::new(update, Set::free(&fields)?);
    match &act.appearance {
        Some((place, image)) => {
            builder.signed(&field, "Chữ ký số", *place, Some(image), signature)?
        }
        None => {
            let nowhere = Place {
                page: 0,
                rect: Rect {
                    x0: 0.0,
                    y0: 0.0,
                    x1: 0.0,
                    y1: 0.0,
                },
            };
            builder.signed(&field, "Chữ ký số", nowhere, None, signature)?;
        }
    }
    builder.place(&[])?;
    Ok(Written {
        field,
        references: Vec::new(),
    })
}

/// Says before anything is signed whether [`Act::Issue`](crate::Act::Issue) is possible.
///
/// # Errors
/// [`Error::FieldMissing`], [`Error::NotApproved`], [`Error::AlreadyFilled`], [`Error::Locked`]: what `prepare` would
/// refuse. Whether the leader's signature is a good one is for validation to say.
pub fn ready_to_issue(document: &Document) -> Result<(), Error> {
    let fields = document.fields()?;
    PreparedFields::find(document, &fields)?;
    not_locked(document, &fields)
}

fn not_locked(document: &Document, fields: &[Field]) -> Result<(), Error> {
    match Permission::of(document, fields)? {
        Permission::Nothing => Err(Error::Locked),
        Permission::Free | Permission::Certified => Ok(()),
    }
}

/// The lawful place of the seal for a leader's image drawn in `leader`: a circle of `diameter` points over its left
/// third (Decree 30/2020, Annex I, II.8.a), level with its middle.
#[must_use]
pub fn seal_place(leader: Place, image: &Image, diameter: f64) -> Place {
    let drawn = image.fitted(leader.rect);
    let right = drawn.x0 + (drawn.x1 - drawn.x0) / 3.0;
    let middle = f64::midpoint(drawn.y0, drawn.y1);
    let radius = diameter / 2.0;
    let x0 = (right - diameter).max(0.0);
    Place {
        page: leader.page,
        rect: Rect {
            x0,
            y0: middle - radius,
            x1: x0 + diameter,
            y1: middle + radius,
        },
    }
}

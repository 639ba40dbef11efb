//! What is not signed, and what the judges say when a sealed letter is changed.

use antin_pades::{Act, Error, Image, Plain, field_name, ready_to_issue};
use antin_pdf::{Document, Object, StringFormat, Update};

use crate::{
    acts::write,
    judges::pyhanko,
    letter::{approve, issue, prepared, read, signed},
    pki::Pki,
};

fn edited(pdf: &[u8], edit: impl FnOnce(&Document, &mut Update<'_>)) -> Vec<u8> {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let mut update = Update::new(&document);
    edit(&document, &mut update);
    [pdf, &update.write().unwrap().bytes].concat()
}

fn set_in_field(
    document: &Document,
    update: &mut Update<'_>,
    name: &str,
    key: &str,
    value: Option<Object>,
) {
    let field = document
        .fields()
        .unwrap()
        .into_iter()
        .find(|field| field.name == name)
        .unwrap();
    let mut dict = update.get(field.id).unwrap().as_dict().unwrap().clone();
    match value {
        Some(value) => dict.set(key, value),
        None => _ = dict.remove(key.as_bytes()),
    }
    update.set(field.id, Object::Dictionary(dict));
}

#[test]
fn a_letter_is_approved_once_and_issued_once_after_that() {
    let pki = Pki::make();
    let (leader, seal) = (pki.signer("leader"), pki.signer("seal"));
    let draft = read("directive.pdf");
    let refused = prepared(&draft, &seal, Act::Issue(issue()));
    assert!(
        matches!(&refused, Err(Error::FieldMissing { field }) if field == field_name::SEAL),
        "{refused:?}"
    );

    let approved = signed(&pki, &draft, &leader, Act::Approve(approve()), false);
    let refused = prepared(&approved, &leader, Act::Approve(approve()));
    assert!(
        matches!(&refused, Err(Error::AlreadySigned { field }) if field == field_name::LEADER),
        "{refused:?}"
    );

    let emptied = edited(&approved, |document, update| {
        set_in_field(document, update, field_name::LEADER, "V", None)
    });
    let refused = prepared(&emptied, &seal, Act::Issue(issue()));
    assert!(
        matches!(&refused, Err(Error::NotApproved { field }) if field == field_name::LEADER),
        "{refused:?}"
    );

    let ready = |pdf: &[u8]| ready_to_issue(&Document::from_bytes(pdf.to_vec()).unwrap());
    assert!(ready(&approved).is_ok(), "an approved letter can be issued");
    assert!(
        ready(&draft).is_err() && ready(&emptied).is_err(),
        "as prepare itself says"
    );

    let mut act = issue();
    act.day = " ".into();
    let refused = prepared(&approved, &seal, Act::Issue(act));
    assert!(
        matches!(&refused, Err(Error::TextMissing { field }) if field == field_name::DAY),
        "{refused:?}"
    );
    let mut act = issue();
    act.number = "1234567890".into();
    let refused = prepared(&approved, &seal, Act::Issue(act));
    assert!(
        matches!(&refused, Err(Error::TextTooWide { field, .. }) if field == field_name::NUMBER),
        "{refused:?}"
    );

    let issued = signed(&pki, &approved, &seal, Act::Issue(issue()), false);
    let refused = prepared(&issued, &seal, Act::Issue(issue()));
    assert!(
        matches!(&refused, Err(Error::AlreadyFilled { field }) if field == field_name::SEAL),
        "{refused:?}"
    );
}

#[test]
fn a_changed_number_breaks_the_seal() {
    let pki = Pki::make();
    let approved = signed(
        &pki,
        &read("directive.pdf"),
        &pki.signer("leader"),
        Act::Approve(approve()),
        false,
    );
    let issued = signed(
        &pki,
        &approved,
        &pki.signer("seal"),
        Act::Issue(issue()),
        false,
    );
    let changed = edited(&issued, |document, update| {
        let number = Object::String(b"78".to_vec(), StringFormat::Literal);
        set_in_field(document, update, field_name::NUMBER, "V", Some(number));
    });
    let verdicts = pyhanko(&pki, &write(&pki, "changed.pdf", &changed));
    assert_eq!(verdicts[1]["field"], field_name::SEAL);
    assert_eq!(
        verdicts[1]["intact"], true,
        "the signed bytes are untouched"
    );
    assert_ne!(
        verdicts[1]["docmdp_ok"], true,
        "the lock of the seal is broken: {}",
        verdicts[1]
    );
    assert_eq!(verdicts[1]["bottom_line"], false, "{}", verdicts[1]);
}

#[test]
fn a_certification_without_permissions_is_final() {
    let pki = Pki::make();
    let leader = pki.signer("leader");
    let mut act = approve();
    act.fields = None;
    let approved = signed(
        &pki,
        &read("directive.pdf"),
        &leader,
        Act::Approve(act),
        false,
    );
    let locked = edited(&approved, |document, update| {
        let field = document
            .fields()
            .unwrap()
            .into_iter()
            .find(|field| field.name == field_name::LEADER)
            .unwrap();
        let id = field.dict.get(b"V").unwrap().as_reference().unwrap();
        let mut signature = update.get(id).unwrap().as_dict().unwrap().clone();
        let reference = signature
            .get_mut(b"Reference")
            .unwrap()
            .as_array_mut()
            .unwrap();
        let parameters = reference[0]
            .as_dict_mut()
            .unwrap()
            .get_mut(b"TransformParams")
            .unwrap();
        parameters.as_dict_mut().unwrap().set("P", 1);
        update.set(id, Object::Dictionary(signature));
    });
    assert!(matches!(
        prepared(&locked, &leader, Act::Plain(Plain::default())),
        Err(Error::Locked)
    ));
    assert!(
        prepared(&approved, &leader, Act::Plain(Plain::default())).is_ok(),
        "P=2 leaves it to the validator"
    );
}

#[test]
fn a_foreign_signature_value_is_not_written() {
    let pki = Pki::make();
    let leader = pki.signer("leader");
    let first = prepared(&read("directive.pdf"), &leader, Act::Approve(approve())).unwrap();
    let seal = pki.signer("seal");
    let wrong_key = pki.sign(&seal, &first);
    assert!(matches!(
        first.clone().finish(&wrong_key, None),
        Err(Error::SignatureMismatch)
    ));
    let right = pki.sign(&leader, &first);
    assert_eq!(first.signature_imprint(&right).unwrap().len(), 32);
    let huge = vec![0x30; 20_000];
    assert!(
        first.clone().finish(&right, Some(&huge)).is_err(),
        "a time-stamp beyond the hole"
    );
    assert!(first.finish(&right, None).is_ok());
}

#[test]
fn places_must_be_on_the_paper() {
    let pki = Pki::make();
    let leader = pki.signer("leader");
    let mut act = approve();
    act.place.page = 3;
    let refused = prepared(&read("directive.pdf"), &leader, Act::Approve(act));
    assert!(
        matches!(refused, Err(Error::PlaceOutside { page: 3 })),
        "{refused:?}"
    );
    for y in [f64::NAN, 5_000.0, 213.5] {
        let mut act = approve();
        act.place.rect.y0 = y;
        act.place.rect.y1 = y;
        let refused = prepared(&read("directive.pdf"), &leader, Act::Approve(act));
        assert!(
            matches!(refused, Err(Error::PlaceOutside { page: 2 })),
            "{y}: {refused:?}"
        );
    }
    assert!(matches!(
        Image::from_png(&read("directive.pdf")),
        Err(Error::ImageUnreadable)
    ));
}

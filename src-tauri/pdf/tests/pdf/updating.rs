//! The incremental update, judged by reading it back and by qpdf.

use antin_pdf::{Appended, Damage, Document, Error, Limit, Object, Stream, Update, XrefKind};

use crate::support::{self, Folder};

/// Adds a title, a stream and a change to the first page.
fn update(bytes: &[u8]) -> (Vec<u8>, Appended) {
    let document = Document::from_bytes(bytes.to_vec()).unwrap();
    let page = document.page(0).unwrap();
    let mut update = Update::new(&document);
    let content = update.add(Object::Stream(Stream::new(
        support::dictionary("<<>>"),
        b"0 g\n".to_vec(),
    )));
    let raw = update.reserve();
    assert!(matches!(update.write(), Err(Error::NotSet(id)) if id == raw));
    update.set_raw(raw, b"<</Type /Sig /Contents <0000>   >>".to_vec());
    let mut dict = page.dict.clone();
    dict.set("Contents", Object::Reference(content));
    update.set(page.id, Object::Dictionary(dict));
    let appended = update.write().unwrap();

    let whole = [bytes, &appended.bytes].concat();
    assert_eq!(
        appended
            .bytes
            .windows(5)
            .filter(|window| window == b"%%EOF")
            .count(),
        1
    );
    let after = Document::from_bytes(whole.clone()).unwrap();
    assert_eq!(after.revisions().len(), document.revisions().len() + 1);
    assert_eq!(after.revisions().last().unwrap().end, whole.len() as u64);
    assert_eq!(
        after.page(0).unwrap().dict.get(b"Contents").unwrap(),
        &Object::Reference(content)
    );
    assert_eq!(after.page_count().unwrap(), document.page_count().unwrap());
    assert_eq!(
        after.trailer().get(b"ID").ok(),
        document.trailer().get(b"ID").ok()
    );
    for id in [content, raw, page.id] {
        assert_eq!(appended.span_of(id), after.object_span(id), "{id:?}");
    }
    let contents = after.contents_span(raw).unwrap().unwrap();
    let body = appended.body_of(raw).unwrap();
    assert_eq!(
        contents,
        body.start + 23..body.start + 29,
        "raw bytes stand as they were given"
    );
    assert!(
        after
            .unclaimed(document.revisions().len())
            .unwrap()
            .is_empty()
    );
    (whole, appended)
}

#[test]
fn every_style_of_file_twice_over() {
    let folder = Folder::new();
    let classic = support::classic();
    let inputs = [
        ("classic", classic.clone(), XrefKind::Table),
        (
            "no end of line",
            classic[..classic.len() - 1].to_vec(),
            XrefKind::Table,
        ),
        (
            "trailing NULs",
            [classic.as_slice(), b"\0\0\0"].concat(),
            XrefKind::Table,
        ),
        ("hybrid", support::hybrid(), XrefKind::Table),
        (
            "object streams",
            folder.qpdf(&classic, &["--object-streams=generate"]),
            XrefKind::Stream,
        ),
        (
            "linearized",
            folder.qpdf(&classic, &["--linearize"]),
            XrefKind::Table,
        ),
        (
            "linearized with object streams",
            folder.qpdf(&classic, &["--linearize", "--object-streams=generate"]),
            XrefKind::Stream,
        ),
    ];
    for (name, bytes, kind) in inputs {
        folder.check(&bytes, name);
        let (once, _) = update(&bytes);
        folder.check(&once, name);
        let (twice, appended) = update(&once);
        folder.check(&twice, name);
        assert!(
            twice.starts_with(&once) && once.starts_with(&bytes),
            "{name}: a strict prefix"
        );
        let document = Document::from_bytes(twice).unwrap();
        let newest = document.revisions().last().unwrap();
        assert_eq!(newest.xref, kind, "{name}: the style of the file");
        assert_eq!(newest.startxref, appended.startxref, "{name}");
        assert!(!newest.trailer.has(b"XRefStm"), "{name}");
    }
}

#[test]
fn new_numbers_are_above_all_others() {
    let document = Document::from_bytes(
        support::letter()
            .object(40, "(far)")
            .table(support::TRAILER)
            .bytes,
    )
    .unwrap();
    let mut update = Update::new(&document);
    assert_eq!(
        update.reserve(),
        (41, 0),
        "above /Size and above the highest entry"
    );
    update.set((41, 0), Object::Null);
    let whole = [document.bytes(), &update.write().unwrap().bytes].concat();
    let after = Document::from_bytes(whole).unwrap();
    assert_eq!(after.trailer().get(b"Size").unwrap(), &Object::Integer(42));
    assert!(!after.revisions()[1].exceeds_size);
}

#[test]
fn numbers_end_somewhere() {
    let bytes = support::letter().table("/Size 4294967295/Root 1 0 R").bytes;
    let document = Document::from_bytes(bytes).unwrap();
    let mut update = Update::new(&document);
    update.add(Object::Null);
    let refused = update.write();
    assert!(
        matches!(
            refused,
            Err(Error::TooBig {
                what: Limit::Objects,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[test]
fn an_update_sees_its_own_objects() {
    let document = Document::from_bytes(support::classic()).unwrap();
    let mut update = Update::new(&document);
    let id = update.add(Object::Reference((5, 0)));
    update.set((5, 0), Object::Integer(7));
    assert_eq!(
        update.resolve(&Object::Reference(id)).unwrap(),
        Object::Integer(7)
    );
    update.set_raw(id, b"(raw)".to_vec());
    assert_eq!(update.get(id).unwrap(), Object::string_literal("raw"));
    assert_eq!(
        update.get((12, 0)).unwrap(),
        document.object((12, 0)).unwrap()
    );
}

#[test]
fn nothing_is_appended_behind_orphans() {
    let bytes = [support::classic().as_slice(), b"98 0 obj null endobj"].concat();
    let document = Document::from_bytes(bytes).unwrap();
    let refused = Update::new(&document).write();
    assert!(
        matches!(
            refused,
            Err(Error::Damaged {
                what: Damage::OrphanTail,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[test]
fn what_has_no_spelling_is_refused() {
    let document = Document::from_bytes(support::classic()).unwrap();
    let mut update = Update::new(&document);
    let id = update.add(Object::Real(f32::INFINITY));
    assert!(matches!(update.write(), Err(Error::Unwritable(own)) if own == id));
}

#[test]
fn a_number_in_an_unchanged_entry_keeps_its_digits() {
    let exact = "[0 0 595.303937007874 841.889763779528]";
    let bytes = format!(
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
         3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox {exact}/Rotate 0>>\nendobj\n"
    );
    let offset = |id: u32| bytes.find(&format!("{id} 0 obj")).unwrap();
    let table: String = (1..4)
        .map(|id| format!("{:010} 00000 n \n", offset(id)))
        .collect();
    let whole = format!(
        "{bytes}xref\n0 4\n0000000000 65535 f \n{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n",
        bytes.len()
    );
    let document = Document::from_bytes(whole.into_bytes()).unwrap();
    let page = document.page(0).unwrap();
    let mut update = Update::new(&document);
    let mut dict = document.dictionary(page.id).unwrap();
    dict.set("Rotate", 90);
    update.set(page.id, Object::Dictionary(dict));
    let written = update.write().unwrap().bytes;
    let text = String::from_utf8(written).unwrap();
    assert!(text.contains(&format!("/MediaBox {exact}")), "{text}");
    assert!(text.contains("/Rotate 90"), "{text}");
}

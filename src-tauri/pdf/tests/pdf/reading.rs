//! Objects, pages, fields and exact places.

use antin_pdf::{Document, FieldKind, Object, Rect};

use crate::support::{self, Builder};

fn open(bytes: Vec<u8>) -> Document {
    Document::from_bytes(bytes).unwrap()
}

#[test]
fn pages_inherit() {
    let document = open(support::classic());
    assert_eq!(document.page_count().unwrap(), 2);
    let first = document.page(0).unwrap();
    assert_eq!(first.id, (3, 0));
    assert_eq!(
        first.media_box,
        Rect::new(0.0, 0.0, 595.0, 842.0),
        "corners come in any order"
    );
    assert_eq!(first.crop_box, first.media_box, "the default");
    assert_eq!(
        first.rotate, 270,
        "inherited, and turned into a positive angle"
    );
    let second = document.page(1).unwrap();
    assert_eq!(
        second.crop_box,
        Rect::new(10.0, 10.0, 595.0, 400.0),
        "cut to the media box"
    );
    assert_eq!(second.rotate, 0, "its own");
    let beyond = document.page(2);
    assert!(
        matches!(
            beyond,
            Err(antin_pdf::Error::NoSuchPage { index: 2, count: 2 })
        ),
        "{beyond:?}"
    );
}

#[test]
fn a_wrong_count_is_not_believed() {
    let file = |count: u32| {
        let file = Builder::new()
            .object(1, "<</Type/Catalog/Pages 2 0 R>>")
            .object(
                2,
                &format!("<</Type/Pages/Count {count}/Kids[3 0 R 5 0 R]/MediaBox[0 0 9 9]>>"),
            )
            .object(
                3,
                "<</Type/Pages/Parent 2 0 R/Count 3/Kids[4 0 R 6 0 R 7 0 R]>>",
            )
            .object(4, "<</Type/Page/Parent 3 0 R>>")
            .object(5, "<</Type/Page/Parent 2 0 R>>")
            .object(6, "<</Type/Page/Parent 3 0 R>>")
            .object(7, "<</Type/Page/Parent 3 0 R>>");
        open(file.table("/Size 8/Root 1 0 R").bytes)
    };
    for count in [0, 1, 2, 3, 4, 5, 4_000_000_000] {
        assert_eq!(file(count).page_count().unwrap(), 4, "count {count}");
        let ids: Vec<u32> = (0..4)
            .map(|index| file(count).page(index).unwrap().id.0)
            .collect();
        assert_eq!(ids, [4, 6, 7, 5], "count {count}");
        assert!(file(count).page(4).is_err(), "count {count}");
        for (index, id) in [4, 6, 7, 5].into_iter().enumerate() {
            let found = file(count).page_index((id, 0)).unwrap();
            assert_eq!(found, Some(index), "count {count}");
        }
        for no_page in [1, 2, 3, 8] {
            let found = file(count).page_index((no_page, 0)).unwrap();
            assert_eq!(found, None, "count {count}");
        }
    }
}

#[test]
fn fields_inherit_and_have_full_names() {
    let fields = open(support::classic()).fields().unwrap();
    let names: Vec<_> = fields
        .iter()
        .map(|field| (field.name.as_str(), field.kind))
        .collect();
    assert_eq!(
        names,
        [
            ("number.Ấ", FieldKind::Text),
            ("seal", FieldKind::Signature)
        ]
    );
    let text = &fields[0];
    assert_eq!(text.widgets, [(12, 0), (13, 0)]);
    assert_eq!(
        text.value,
        Some(Object::string_literal("77")),
        "inherited from the parent"
    );
    assert_eq!(text.dict.get(b"Ff").unwrap(), &Object::Integer(1));
    assert_eq!(
        text.dict.get(b"DA").unwrap(),
        &Object::string_literal("/F 0 Tf"),
        "the form's default"
    );
    let seal = &fields[1];
    assert_eq!(
        (seal.id, seal.widgets.as_slice()),
        ((14, 0), [(14, 0)].as_slice()),
        "field and widget in one"
    );
    assert_eq!(
        seal.value,
        Some(Object::Reference((15, 0))),
        "the reference is kept"
    );
}

#[test]
fn the_place_of_contents_is_exact() {
    let bytes = support::classic();
    let document = open(bytes.clone());
    let slice = |span: std::ops::Range<u64>| {
        let start = usize::try_from(span.start).unwrap();
        let end = usize::try_from(span.end).unwrap();
        String::from_utf8_lossy(&bytes[start..end]).into_owned()
    };
    let span = document.contents_span((15, 0)).unwrap().unwrap();
    assert_eq!(
        slice(span),
        "<00 4142>",
        "neither the comments nor the /Contents of a dictionary inside"
    );
    let range = document
        .value_span((15, 0), &[b"ByteRange"])
        .unwrap()
        .unwrap();
    assert_eq!(slice(range), "[0 1 2 3]");
    let nested = document
        .value_span((1, 0), &[b"AcroForm", b"DA"])
        .unwrap()
        .unwrap();
    assert_eq!(slice(nested), "(/F 0 Tf)");
    assert_eq!(
        document.contents_span((14, 0)).unwrap(),
        None,
        "no such key"
    );
    let object = document.object_span((12, 0)).unwrap();
    let text = slice(object);
    assert!(
        text.starts_with("12 0 obj") && text.ends_with("endobj"),
        "{text}"
    );
}

#[test]
fn contents_twice_is_refused() {
    let file = support::letter().object(15, "<</Type/Sig/Contents<00>/Contents<01>>>");
    let document = open(file.table(support::TRAILER).bytes);
    assert!(document.contents_span((15, 0)).is_err());
}

#[test]
fn objects_in_object_streams() {
    let document = open(support::compressed().bytes);
    assert_eq!(document.page_count().unwrap(), 1);
    assert_eq!(document.page(0).unwrap().id, (3, 0));
    assert_eq!(
        document.object_span((3, 0)),
        None,
        "it has no place of its own in the file"
    );
    assert_eq!(
        document.object((99, 0)).unwrap(),
        Object::Null,
        "never defined"
    );
    assert_eq!(
        document.object((3, 1)).unwrap(),
        Object::Null,
        "another generation"
    );
}

#[test]
fn hybrid_files_show_what_they_hide() {
    let document = open(support::hybrid());
    assert_eq!(
        document.object((6, 0)).unwrap(),
        Object::string_literal("vi")
    );
    assert_eq!(document.revisions().len(), 1);
    assert_eq!(document.revisions()[0].xref, antin_pdf::XrefKind::Hybrid);
    assert!(document.page(0).is_ok());
}

#[test]
fn streams_are_decoded_through_indirect_parameters() {
    let file = support::letter()
        .object(16, "[/ASCIIHexDecode 17 0 R]")
        .object(17, "/RunLengthDecode")
        .object(18, "12")
        .object(
            19,
            "<</Filter 16 0 R/Length 18 0 R>>stream\n0241 42 4380\nendstream",
        );
    let document = open(file.table("/Size 20/Root 1 0 R").bytes);
    let Object::Stream(stream) = document.object((19, 0)).unwrap() else {
        panic!("a stream")
    };
    assert_eq!(document.stream_data(&stream).unwrap(), b"ABC");
    assert!(document.dictionary((19, 0)).unwrap().has(b"Filter"));
}

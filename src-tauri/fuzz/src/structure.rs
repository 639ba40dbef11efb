//! ISO 32000 syntax: files and objects.

use antin_pdf::{Document, Object, Update, parse_object, serialise};

/// Objects looked at in each revision, so that one input stays cheap.
const LOOKED_AT: usize = 64;

/// A whole file: its sections, revisions, pages, fields, streams; and that an update keeps its bytes.
pub fn xref(data: &[u8]) {
    let Ok(document) = Document::from_bytes(data.to_vec()) else {
        return;
    };
    assert_eq!(document.bytes(), data, "reading changes nothing");
    if let Ok(count) = document.page_count() {
        let _ = document.page(count);
        for index in 0..count.min(LOOKED_AT) {
            if let Ok(page) = document.page(index) {
                let _ = document.page_at(page.id);
            }
        }
    }
    let _ = (
        document.catalog(),
        document.page_ids(),
        document.form(),
        document.fields(),
        document.orphan_tail(),
    );
    revisions(&document);
    keeps_its_bytes(&document);
}

fn revisions(document: &Document) {
    let mut last = 0;
    for (index, revision) in document.revisions().iter().enumerate() {
        assert!(
            last <= revision.start && revision.start <= revision.eof,
            "revision {index} begins after the one before"
        );
        assert!(
            revision.eof <= revision.end && revision.end <= document.bytes().len() as u64,
            "revision {index} ends inside the file"
        );
        last = revision.end;
        let _ = document.unclaimed(index);
        if let Ok(state) = document.at_revision(index) {
            assert!(
                document.bytes().starts_with(state.bytes()),
                "an older state is a prefix"
            );
            let _ = (state.page_count(), state.fields());
        }
        for id in revision
            .touched
            .iter()
            .chain(&revision.freed)
            .take(LOOKED_AT)
        {
            if let Some(span) = document.object_span(*id) {
                assert!(
                    span.start <= span.end && span.end <= document.bytes().len() as u64,
                    "an object lies inside the file"
                );
            }
            let _ = document.contents_span(*id);
            if let Ok(Object::Stream(stream)) = document.object(*id) {
                let _ = document.stream_data(&stream);
            }
        }
    }
}

/// An update of whatever was read: the original is a prefix, what was written is what is read.
fn keeps_its_bytes(document: &Document) {
    let mut update = Update::new(document);
    let id = update.add(Object::string_literal("added"));
    let Ok(appended) = update.write() else {
        return;
    };
    let whole = [document.bytes(), &appended.bytes].concat();
    let Ok(after) = Document::from_bytes(whole) else {
        return;
    };
    assert!(
        after.bytes().starts_with(document.bytes()),
        "the original is a prefix"
    );
    let read = after.object(id).ok();
    let read = read.as_ref().and_then(|object| object.as_str().ok());
    assert_eq!(read, Some(&b"added"[..]), "what was written");
    assert_eq!(after.root_id(), document.root_id(), "the catalog stays");
}

/// One object; what is read, written and read again is the same.
pub fn object(data: &[u8]) {
    let Ok(object) = parse_object(data) else {
        return;
    };
    let _ = antin_pdf::text_string(&object);
    let Some(written) = serialise(&object) else {
        return;
    };
    let again = parse_object(&written);
    assert!(again.is_ok(), "what is written can be read: {again:?}");
    let rewritten = again.ok().and_then(|object| serialise(&object));
    assert_eq!(rewritten, Some(written), "writing is stable");
}

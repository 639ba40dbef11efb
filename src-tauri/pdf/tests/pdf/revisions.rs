//! The states a file has been in.

use antin_pdf::{Document, Object, XrefKind};

use crate::support::{self, Builder, Folder};

fn open(bytes: &[u8]) -> Document {
    Document::from_bytes(bytes.to_vec()).unwrap()
}

/// The classic letter with its title changed, then freed.
fn three() -> (Vec<u8>, Vec<usize>) {
    let first = support::letter()
        .object(16, "(one)")
        .table("/Size 17/Root 1 0 R");
    let second = Builder::after(&first.bytes, first.startxref)
        .object(16, "(two)")
        .object(17, "(new)");
    let second = second.table("/Size 18/Root 1 0 R");
    let at = second.bytes.len();
    let third = format!(
        "xref\n16 1\n0000000000 00001 f \ntrailer\n<</Size 18/Root 1 0 R/Prev {}>>\nstartxref\n{at}\n%%EOF\n",
        second.startxref
    );
    let ends = vec![first.bytes.len(), second.bytes.len(), at + third.len()];
    (second.text(&third).bytes, ends)
}

#[test]
fn each_update_is_a_revision() {
    let (bytes, ends) = three();
    let document = open(&bytes);
    let found: Vec<_> = document
        .revisions()
        .iter()
        .map(|revision| usize::try_from(revision.end).unwrap())
        .collect();
    assert_eq!(found, ends);
    assert_eq!(document.revisions()[1].start, ends[0] as u64);
    assert_eq!(document.revisions()[1].eof, ends[1] as u64 - 1);
    assert_eq!(document.revisions()[1].touched, [(16, 0), (17, 0)]);
    assert_eq!(document.revisions()[2].touched, []);
    assert_eq!(document.revisions()[2].freed, [(16, 0)]);
    let title = |document: &Document| document.object((16, 0)).unwrap();
    assert_eq!(title(&document), Object::Null);
    let second = document.at_revision(1).unwrap();
    assert_eq!(title(&second), Object::string_literal("two"));
    assert_eq!(second.bytes().len(), ends[1]);
    assert_eq!(
        title(&second.at_revision(0).unwrap()),
        Object::string_literal("one")
    );
    assert!(second.at_revision(2).is_err(), "a state knows no later one");
}

#[test]
fn a_table_repeated_in_full_touches_nothing() {
    let first = support::letter();
    let offsets = first.offsets.clone();
    let first = first.table(support::TRAILER);
    let second = Builder {
        offsets,
        ..first.clone()
    }
    .object(5, "null")
    .table(support::TRAILER);
    assert_eq!(open(&second.bytes).revisions()[1].touched, [(5, 0)]);
}

#[test]
fn replacing_an_object_stream_changes_what_is_in_it() {
    let first = support::compressed();
    let data = support::PAGES.replace("595", "100");
    let second = Builder::after(&first.bytes, first.startxref)
        .stream(5, "/Type/ObjStm/N 2/First 9", &data)
        .xref_stream(7, "/Size 8/Root 1 0 R", &[])
        .tail();
    let document = open(&second.bytes);
    assert_eq!(document.page(0).unwrap().media_box.width(), 100.0);
    let before = document.at_revision(0).unwrap();
    assert_eq!(
        before.page(0).unwrap().media_box.width(),
        595.0,
        "the cache keeps states apart"
    );
    assert_eq!(
        document.revisions()[1].touched,
        [(2, 0), (3, 0), (5, 0), (7, 0)]
    );
}

#[test]
fn a_linearized_file_is_one_revision() {
    let bytes = Folder::new().qpdf(&support::classic(), &["--linearize"]);
    assert_eq!(
        bytes.windows(5).filter(|window| window == b"%%EOF").count(),
        2
    );
    let document = open(&bytes);
    assert_eq!(document.revisions().len(), 1);
    assert_eq!(document.revisions()[0].sections.len(), 2);
    assert_eq!(document.revisions()[0].end, bytes.len() as u64);
    assert_eq!(document.page_count().unwrap(), 2);
    assert_eq!(
        document.unclaimed(0).unwrap(),
        [],
        "both sections and both tails are accounted for"
    );
}

#[test]
fn bytes_behind_the_last_revision_are_reported() {
    let classic = support::classic();
    let with = |tail: &[u8]| open(&[classic.as_slice(), tail].concat()).orphan_tail();
    assert_eq!(with(b""), None);
    assert_eq!(
        with(b"\r\n \0\0"),
        None,
        "white space and NULs mean nothing"
    );
    let tail = classic.len() as u64;
    assert_eq!(with(b"99 0 obj null endobj"), Some(tail..tail + 20));
}

#[test]
fn a_second_tail_for_the_same_section_is_an_orphan() {
    let first = support::letter().table(support::TRAILER);
    let end = first.bytes.len() as u64;
    let bytes = first.object(5, "(no entry)").tail().bytes;
    let document = open(&bytes);
    assert_eq!(document.revisions().len(), 1);
    assert_eq!(document.revisions()[0].end, end);
    assert_eq!(document.orphan_tail(), Some(end..bytes.len() as u64));
}

#[test]
fn objects_without_an_entry_are_unclaimed() {
    let first = support::letter().table(support::TRAILER);
    let second = Builder::after(&first.bytes, first.startxref)
        .object(16, "(a)")
        .text("% a comment\n");
    let clean = second.clone().table("/Size 17/Root 1 0 R");
    assert_eq!(open(&clean.bytes).unclaimed(1).unwrap(), []);
    let start = second.bytes.len() as u64;
    let hidden = second
        .text("98 0 obj (hidden) endobj")
        .table("/Size 17/Root 1 0 R");
    assert_eq!(
        open(&hidden.bytes).unclaimed(1).unwrap(),
        std::slice::from_ref(&(start..start + 24))
    );
}

#[test]
fn a_section_without_a_tail_belongs_to_the_next_revision() {
    let first = support::letter().table(support::TRAILER);
    let second = Builder::after(&first.bytes, first.startxref)
        .object(16, "(a)")
        .table("/Size 17/Root 1 0 R");
    let cut = second.bytes.len() - format!("startxref\n{}\n%%EOF\n", second.startxref).len();
    let third = Builder::after(&second.bytes[..cut], second.startxref)
        .object(17, "(b)")
        .table("/Size 18/Root 1 0 R");
    let document = open(&third.bytes);
    assert_eq!(document.revisions().len(), 2);
    assert_eq!(document.revisions()[1].touched, [(16, 0), (17, 0)]);
}

#[test]
fn a_number_beyond_size_is_kept_and_said() {
    let document = open(
        &support::letter()
            .object(40, "(far)")
            .table(support::TRAILER)
            .bytes,
    );
    assert!(document.revisions()[0].exceeds_size);
    assert_eq!(
        document.object((40, 0)).unwrap(),
        Object::string_literal("far")
    );
    assert!(!open(&support::classic()).revisions()[0].exceeds_size);
}

#[test]
fn kinds_of_sections() {
    let kind = |bytes: &[u8]| open(bytes).revisions()[0].xref;
    assert_eq!(kind(&support::classic()), XrefKind::Table);
    assert_eq!(kind(&support::compressed().bytes), XrefKind::Stream);
}

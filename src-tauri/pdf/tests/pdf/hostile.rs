//! What is refused, and by which name.

use antin_pdf::{Damage, Document, Error, Limit};

use crate::support::{self, Builder, Folder};

fn open(bytes: Vec<u8>) -> Result<Document, Error> {
    Document::from_bytes(bytes)
}

fn damage<T: std::fmt::Debug>(result: Result<T, Error>) -> Damage {
    match result {
        Err(Error::Damaged { what, .. }) => what,
        other => panic!("not damaged: {other:?}"),
    }
}

#[test]
fn no_header_at_the_first_byte() {
    let junk = [b"junk\n".as_slice(), &support::classic()].concat();
    assert!(matches!(
        open(junk),
        Err(Error::NotPdf { header_at: Some(5) })
    ));
    assert!(matches!(
        open(Vec::new()),
        Err(Error::NotPdf { header_at: None })
    ));
    let missing = Document::open(std::path::Path::new("there is no such file.pdf"));
    assert!(matches!(missing, Err(Error::Io(_))));
}

#[test]
fn junk_before_the_header_is_passed_over_only_when_asked() {
    let after = |junk: &[u8], bytes: &[u8]| Document::from_bytes_after_junk([junk, bytes].concat());
    let clean = open(support::classic()).unwrap();
    let junk = b"data:application/pdf;";
    let document = after(junk, &support::classic()).unwrap();
    assert_eq!(document.junk(), junk);
    assert_eq!(document.bytes(), clean.bytes());
    assert_eq!(document.page_count().unwrap(), 2);
    assert_eq!(document.revisions()[0].end, clean.revisions()[0].end);
    assert_eq!(
        document.object((15, 0)).unwrap(),
        clean.object((15, 0)).unwrap()
    );
    assert!(document.windows(0..100).flatten().eq(&clean.bytes()[..100]));
    assert!(document.unclaimed(0).unwrap().is_empty() && document.orphan_tail().is_none());
    let mut update = antin_pdf::Update::new(&document);
    update.add(antin_pdf::Object::Null);
    assert!(
        matches!(
            update.write(),
            Err(Error::NotPdf {
                header_at: Some(21)
            })
        ),
        "nothing is built upon it"
    );

    let folder = Folder::new();
    let path = folder.file("junk.pdf", &[junk.as_slice(), &support::classic()].concat());
    assert_eq!(Document::open_after_junk(&path).unwrap().junk(), junk);
    assert!(matches!(
        Document::open(&path),
        Err(Error::NotPdf {
            header_at: Some(21)
        })
    ));

    assert!(after(b"", &support::classic()).unwrap().junk().is_empty());
    assert!(after(&[b'x'; 1000], &support::classic()).is_ok());
    for much in [1020, 5000] {
        let refused = after(&vec![b'x'; much], &support::classic());
        assert!(matches!(refused, Err(Error::NotPdf { header_at: None })));
    }
    // Offsets that count from the file's first byte are not guessed at.
    let mut other = Builder::new();
    other.bytes.splice(0..0, *b"junk\n");
    let mut other = support::letter_in(other).table(support::TRAILER).bytes;
    assert!(matches!(
        Document::from_bytes_after_junk(std::mem::take(&mut other)),
        Err(Error::NotPdf { header_at: Some(5) })
    ));
}

#[test]
fn a_mapped_file_reads_as_a_buffer_does() {
    let folder = Folder::new();
    let path = folder.file("letter.pdf", &support::classic());
    assert_eq!(Document::open(&path).unwrap().page_count().unwrap(), 2);
    let empty = folder.file("empty.pdf", b"");
    assert!(matches!(
        Document::open(&empty),
        Err(Error::NotPdf { header_at: None })
    ));
}

#[test]
fn encrypted() {
    let encrypt = ["--encrypt", "user", "owner", "256", "--"];
    let bytes = Folder::new().qpdf(&support::classic(), &encrypt);
    assert!(matches!(open(bytes), Err(Error::PasswordNeeded)));
    let streams = [
        "--object-streams=generate",
        "--encrypt",
        "",
        "owner",
        "256",
        "--",
    ];
    let bytes = Folder::new().qpdf(&support::classic(), &streams);
    let opened = open(bytes).unwrap();
    assert_eq!(
        opened.page_count().unwrap(),
        2,
        "an owner password closes nothing"
    );
}

#[test]
fn tails_and_sections() {
    let text = String::from_utf8_lossy(&support::classic()).into_owned();
    let with = |from: &str, to: &str| open(text.replace(from, to).into_bytes());
    assert_eq!(damage(with("startxref", "startxxxx")), Damage::Tail);
    assert_eq!(damage(with("%%EOF", "%%EO")), Damage::Tail);
    assert_eq!(
        damage(with("startxref\n", "startxref\n1")),
        Damage::XrefMissing
    );
    assert_eq!(damage(with("/Root 1 0 R", "/Root 7 0 R")), Damage::Root);
    assert_eq!(damage(with("/Root 1 0 R", "/Root (1)")), Damage::Root);
    assert_eq!(damage(with("/Size 16", "/Size(6)")), Damage::Trailer);
    assert_eq!(
        damage(with("0000000000 65535 f", "000000000x 65535 f")),
        Damage::Xref
    );
    assert_eq!(
        damage(with("1 0 obj\n<</Type/Catalog", "8 0 obj\n<</Type/Catalog")),
        Damage::WrongObject
    );
}

#[test]
fn circles() {
    let own = support::letter();
    let at = own.bytes.len();
    assert_eq!(
        damage(open(
            own.table(&format!("/Size 16/Root 1 0 R/Prev {at}")).bytes
        )),
        Damage::XrefLoop
    );

    let tree = support::letter()
        .object(4, "<</Type/Pages/Count 1/Kids[2 0 R]>>")
        .table(support::TRAILER);
    assert_eq!(
        damage(open(tree.bytes).unwrap().page_count()),
        Damage::PageTree
    );

    let fields = support::letter()
        .object(11, "<</T(x)/Kids[10 0 R]>>")
        .table(support::TRAILER);
    assert_eq!(damage(open(fields.bytes).unwrap().fields()), Damage::Form);

    let length = support::letter()
        .object(5, "<</Length 5 0 R>>stream\nx\nendstream")
        .table(support::TRAILER);
    assert_eq!(
        damage(open(length.bytes).unwrap().object((5, 0))),
        Damage::Type
    );

    let reference = support::letter()
        .object(5, "6 0 R")
        .object(6, "5 0 R")
        .table(support::TRAILER);
    let document = open(reference.bytes).unwrap();
    assert_eq!(
        damage(document.resolve(&antin_pdf::Object::Reference((5, 0)))),
        Damage::Loop
    );
}

#[test]
fn one_object_in_two_places() {
    let file = support::letter();
    let twice = format!(
        "5 1\n{:010} 00000 n \n5 1\n{:010} 00000 n \n",
        file.offsets[&5], file.offsets[&4]
    );
    let bytes = file.table(support::TRAILER).bytes;
    let text = String::from_utf8_lossy(&bytes).replace("trailer\n", &format!("{twice}trailer\n"));
    assert_eq!(damage(open(text.into_bytes())), Damage::XrefConflict);
}

#[test]
fn an_object_stream_must_hold_what_the_entry_says() {
    let swapped = Builder::new()
        .object(1, "<</Type/Catalog/Pages 2 0 R>>")
        .stream(5, "/Type/ObjStm/N 2/First 9", support::PAGES)
        .xref_stream(6, "/Size 7/Root 1 0 R", &[(2, 5, 1), (3, 5, 0)])
        .tail();
    assert_eq!(
        damage(open(swapped.bytes).unwrap().page_count()),
        Damage::ObjectStream
    );
    let inside = Builder::new()
        .object(1, "<</Type/Catalog/Pages 2 0 R>>")
        .xref_stream(6, "/Size 7/Root 1 0 R", &[(2, 3, 0), (3, 2, 0)])
        .tail();
    assert_eq!(
        damage(open(inside.bytes).unwrap().page_count()),
        Damage::ObjectStream,
        "streams in streams"
    );
}

#[test]
fn streams_end_where_they_say() {
    for wrong in [
        "/Length 2",
        "/Length 900000",
        "/Length -1",
        "/Length(1)",
        "",
    ] {
        let file = support::letter().object(5, &format!("<<{wrong}>>stream\n12345\nendstream"));
        let document = open(file.table(support::TRAILER).bytes).unwrap();
        assert_eq!(
            damage(document.object((5, 0))),
            Damage::StreamLength,
            "{wrong}"
        );
    }
}

#[test]
fn too_many_sections() {
    let mut file = support::letter().table(support::TRAILER);
    for _ in 0..1100 {
        file = file.table(support::TRAILER);
    }
    assert!(matches!(
        open(file.bytes),
        Err(Error::TooBig {
            what: Limit::Sections,
            ..
        })
    ));
}

#[test]
fn objects_that_overlap_cost_no_more_than_the_budget() {
    // Each object is a string that holds all later ones.
    let count = 20_000;
    let mut file = support::letter();
    for number in 20..count {
        file.offsets.insert(number, file.bytes.len());
        file = file.text(&format!("{number} 0 obj("));
    }
    let close = ")endobj ".repeat(20_000);
    let document = open(
        file.text(&close)
            .table(&format!("/Size {count}/Root 1 0 R"))
            .bytes,
    )
    .unwrap();
    let mut refused = false;
    for number in 20..count {
        refused |= matches!(
            document.object((number, 0)),
            Err(Error::TooBig {
                what: Limit::Work,
                ..
            })
        );
        if refused {
            break;
        }
    }
    assert!(refused, "the sum of work is bounded");
}

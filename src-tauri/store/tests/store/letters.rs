use antin_records::{LetterId, Sha256Digest, Urgency};
use antin_store::{Advance, Error, Letter, LetterState, NewLetter, Store};
use time::macros::date;

use super::sample::{NOW, later};

pub(super) fn add(store: &Store, bytes: &[u8], urgency: Urgency, minute: i64) -> Letter {
    let new = NewLetter {
        id: LetterId::mint(later(minute)),
        state: LetterState::Waiting,
        file_name: "Chỉ thị.pdf".into(),
        source: "Văn phòng".into(),
        pages: 4,
        urgency,
        metadata: serde_json::json!({"subject": "Về việc …"}),
        places: serde_json::json!([]),
        at: later(minute),
    };
    store.add_letter(&new, bytes).unwrap()
}

#[test]
fn a_letter_advances_and_every_file_it_was_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let waiting = add(&store, b"%PDF", Urgency::Normal, 0);
    assert_eq!(store.letter(waiting.id).unwrap(), waiting);
    let signed_content = store.put_blob(b"%PDF signed").unwrap();
    let step = Advance {
        id: waiting.id,
        from: LetterState::Waiting,
        replaces: waiting.content,
        to: LetterState::Signed,
        content: signed_content,
        at: later(1),
    };
    let signed = store.advance_letter(&step).unwrap();
    assert_eq!(
        (signed.state, signed.content, signed.original),
        (LetterState::Signed, signed_content, waiting.content)
    );
    assert_eq!((signed.signed_at, signed.issued_at), (Some(later(1)), None));
    assert!(
        matches!(
            store.advance_letter(&step),
            Err(Error::LetterChanged { .. })
        ),
        "nobody signs what they did not see"
    );

    let files: Vec<_> = store
        .letter_versions(waiting.id)
        .unwrap()
        .iter()
        .map(|version| version.content)
        .collect();
    assert_eq!(files, [waiting.content, signed_content]);
    assert_eq!(store.blob(waiting.content).unwrap(), b"%PDF");
}

#[test]
fn a_letter_cannot_become_a_file_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let letter = add(&store, b"%PDF", Urgency::Normal, 0);
    let step = Advance {
        id: letter.id,
        from: LetterState::Waiting,
        replaces: letter.content,
        to: LetterState::Signed,
        content: Sha256Digest::of(b"nowhere"),
        at: NOW,
    };
    assert!(matches!(
        store.advance_letter(&step),
        Err(Error::BlobDamaged(_))
    ));
    assert_eq!(store.letter(letter.id).unwrap(), letter);
}

#[test]
fn a_number_is_given_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let letter = add(&store, b"%PDF", Urgency::Normal, 0);
    let code = "77/2014/CT-UBND".parse().unwrap();
    store
        .grant_number(letter.id, &code, date!(2014 - 12 - 26))
        .unwrap();
    store
        .grant_number(letter.id, &code, date!(2014 - 12 - 26))
        .unwrap();
    let other = store.grant_number(
        letter.id,
        &"78/2014/CT-UBND".parse().unwrap(),
        date!(2014 - 12 - 26),
    );
    assert!(
        matches!(other, Err(Error::NumberHeld { ref held }) if held == "77/2014/CT-UBND"),
        "{other:?}"
    );
    let held = store.letter(letter.id).unwrap();
    assert_eq!(
        (held.code, held.issued_on),
        (Some(code), Some(date!(2014 - 12 - 26)))
    );
}

#[test]
fn rooms_show_urgent_letters_first_then_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let old = add(&store, b"a", Urgency::Normal, 0);
    let urgent = add(&store, b"b", Urgency::Khan, 1);
    let new = add(&store, b"c", Urgency::Normal, 2);
    let ids: Vec<_> = store
        .letters(&[LetterState::Draft, LetterState::Waiting])
        .unwrap()
        .iter()
        .map(|letter| letter.id)
        .collect();
    assert_eq!(ids, [urgent.id, new.id, old.id]);
    assert!(store.letters(&[LetterState::Issued]).unwrap().is_empty());
    assert!(matches!(
        store.letter(LetterId::mint(NOW)),
        Err(Error::NotFound { what: "letter", .. })
    ));
}

#[test]
fn a_stream_is_kept_only_when_it_is_what_was_announced() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let digest = Sha256Digest::of(b"%PDF");
    let wrong = store.put_blob_from(&mut &b"%PDX"[..], Some(digest), 100);
    assert!(
        matches!(wrong, Err(Error::DigestMismatch { .. })),
        "{wrong:?}"
    );
    let long = store.put_blob_from(&mut &b"%PDF%PDF"[..], Some(digest), 4);
    assert!(matches!(long, Err(Error::TooBig { limit: 4 })), "{long:?}");
    assert!(!store.has_blob(digest));
    assert_eq!(
        store
            .put_blob_from(&mut &b"%PDF"[..], Some(digest), 4)
            .unwrap(),
        digest
    );
    let left_over: Vec<_> = std::fs::read_dir(dir.path().join("blobs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(
        left_over,
        [std::ffi::OsString::from(&digest.to_string()[..2])],
        "no unfinished file is left"
    );
}

use antin_records::Urgency;
use antin_store::{Advance, Error, LetterState, Store, TimestampState, TimestampSubject};

use super::{
    letters::add,
    sample::{NOW, later},
};

#[test]
fn a_signature_waits_until_its_time_stamp_is_in() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let letter = add(&store, b"%PDF signed", Urgency::Normal, 0);
    let subject = TimestampSubject::Letter(letter.id);
    store.queue_timestamp(&subject, "ChuKy", NOW).unwrap();
    store.queue_timestamp(&subject, "ChuKy", later(1)).unwrap();
    let [queued] = store
        .timestamps_waiting(Some(NOW))
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!((&queued.subject, queued.attempts), (&subject, 0));

    store
        .postpone_timestamp(queued.id, later(5), "off")
        .unwrap();
    assert!(store.timestamps_waiting(Some(later(4))).unwrap().is_empty());
    let [queued] = store.timestamps_waiting(None).unwrap().try_into().unwrap();
    assert_eq!((queued.attempts, queued.cause.as_deref()), (1, Some("off")));
    assert_eq!(queued.created_at, NOW);

    let content = store.put_blob(b"%PDF stamped").unwrap();
    let stamped = store
        .stamp_letter(queued.id, letter.id, letter.content, content, later(5))
        .unwrap();
    assert_eq!((stamped.state, stamped.content), (letter.state, content));
    assert_eq!(stamped.signed_at, letter.signed_at, "signing was earlier");
    assert_eq!(store.letter_versions(letter.id).unwrap().len(), 2);
    assert!(store.timestamps_waiting(None).unwrap().is_empty());
}

#[test]
fn a_letter_that_has_gone_on_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let letter = add(&store, b"%PDF signed", Urgency::Normal, 0);
    store
        .queue_timestamp(&TimestampSubject::Letter(letter.id), "ChuKy", NOW)
        .unwrap();
    let queued = store.timestamps_waiting(None).unwrap().remove(0);
    let step = Advance {
        id: letter.id,
        from: letter.state,
        replaces: letter.content,
        to: LetterState::Issued,
        content: store.put_blob(b"%PDF issued").unwrap(),
        at: later(1),
    };
    store.advance_letter(&step).unwrap();
    let content = store.put_blob(b"%PDF stamped").unwrap();
    let outcome = store.stamp_letter(queued.id, letter.id, letter.content, content, later(2));
    assert!(matches!(outcome, Err(Error::LetterChanged { .. })));
    store
        .end_timestamp(queued.id, TimestampState::Superseded, later(2))
        .unwrap();
    assert!(store.timestamps_waiting(None).unwrap().is_empty());
}

#[test]
fn files_wait_by_their_path() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let subject = TimestampSubject::File("/vb/Chỉ thị #1.pdf".into());
    store.queue_timestamp(&subject, "Ky1", NOW).unwrap();
    let [queued] = store.timestamps_waiting(None).unwrap().try_into().unwrap();
    assert_eq!(queued.subject, subject);
}

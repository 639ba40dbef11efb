use std::collections::BTreeSet;

use antin_exchange::Class;
use antin_records::{Agency, DeliveryState, DispatchId, LetterId, Urgency, contract::Change};

use super::fixture::{NOW, client, manifest, send, signed_letter, start, upload};

#[test]
fn a_repeat_has_the_same_receipt_and_no_second_effect() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    upload(&office, signed_letter());
    let manifest = manifest(signed_letter(), 1);
    let frozen = manifest.freeze().unwrap();
    assert_eq!(office.probe(manifest.dispatch_id).unwrap(), None);
    let first = office.submit(manifest.dispatch_id, &frozen.bytes).unwrap();
    let second = office.submit(manifest.dispatch_id, &frozen.bytes).unwrap();
    assert_eq!((first.repeated, second.repeated), (false, true));
    assert_eq!(first.receipt, second.receipt);
    let view = office.probe(manifest.dispatch_id).unwrap().unwrap();
    assert_eq!(
        (view.request_digest, &view.receipt.0),
        (frozen.digest, &first.receipt)
    );
    assert!(
        view.deliveries
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Relayed)
    );
    assert_eq!(
        client(&server, "H57.02").changes(None).unwrap().items.len(),
        1,
        "one letter in the mailbox"
    );
    assert_eq!(
        client(&server, "H57.02")
            .probe(manifest.dispatch_id)
            .unwrap(),
        None,
        "another agency's dispatch"
    );
}

#[test]
fn one_dispatch_sent_many_times_at_once_is_accepted_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    upload(&client(&server, "H57"), signed_letter());
    let manifest = manifest(signed_letter(), 1);
    let frozen = manifest.freeze().unwrap();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let send = || {
            client(&server, "H57")
                .submit(manifest.dispatch_id, &frozen.bytes)
                .unwrap()
        };
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(send)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(
        outcomes
            .iter()
            .map(|outcome| &outcome.receipt)
            .collect::<BTreeSet<_>>()
            .len(),
        1
    );
    assert_eq!(
        outcomes.iter().filter(|outcome| !outcome.repeated).count(),
        1
    );
    for agency in ["H57.02", "H57.03", "H57.04"] {
        assert_eq!(
            client(&server, agency).changes(None).unwrap().items.len(),
            1,
            "{agency}"
        );
    }
}

#[test]
fn what_may_not_pass_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    let good = manifest(signed_letter(), 1);
    let frozen = good.freeze().unwrap();
    let missing = office.submit(good.dispatch_id, &frozen.bytes).unwrap_err();
    assert!(missing.is_content_missing());
    assert_eq!(
        missing.class,
        Class::Transient,
        "it is uploaded again, then it passes"
    );
    upload(&office, signed_letter());

    let refused = |change: &dyn Fn(&mut antin_records::DispatchManifest)| {
        let mut changed = good.clone();
        change(&mut changed);
        let failure = office
            .submit(changed.dispatch_id, &changed.freeze().unwrap().bytes)
            .unwrap_err();
        assert_eq!(failure.class, Class::Blocked, "{}", failure.code);
        (failure.code, failure.problem.unwrap().existing)
    };
    let stranger = Agency::new("H99".parse().unwrap(), "Không có trong danh bạ");
    assert_eq!(
        refused(&|m| m.recipients.push(stranger.clone())).0,
        "invalid-addressee"
    );
    let other_form = Agency::new("000.00.03.H57".parse().unwrap(), "Phong Điền");
    assert_eq!(
        refused(&|m| m.recipients.push(other_form.clone())).0,
        "invalid-addressee",
        "the same agency in two forms"
    );
    assert_eq!(refused(&|m| m.content.size += 1).0, "invalid-request");

    office.submit(good.dispatch_id, &frozen.bytes).unwrap();
    assert_eq!(
        refused(&|m| m.urgency = Urgency::Khan).0,
        "dispatch-conflict",
        "other bytes under the same identity"
    );
    let again = refused(&|m| m.dispatch_id = DispatchId::mint(NOW));
    assert_eq!(
        again,
        (
            "duplicate-document-number".into(),
            Some(good.dispatch_id.to_string())
        ),
        "a second identity"
    );
    let foreign = client(&server, "H57.02")
        .submit(good.dispatch_id, &frozen.bytes)
        .unwrap_err();
    assert_eq!(foreign.code, "not-your-office");
    let path = office
        .submit(DispatchId::mint(NOW), &frozen.bytes)
        .unwrap_err();
    assert_eq!(
        path.code, "invalid-request",
        "the path and the bytes name different dispatches"
    );
}

#[test]
fn further_recipients_may_get_the_same_letter() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    upload(&office, signed_letter());
    let mut first = manifest(signed_letter(), 1);
    let last = first.recipients.pop().unwrap();
    office
        .submit(first.dispatch_id, &first.freeze().unwrap().bytes)
        .unwrap();
    let mut second = first.clone();
    second.dispatch_id = DispatchId::mint(NOW);
    second.recipients = vec![last];
    assert!(
        !office
            .submit(second.dispatch_id, &second.freeze().unwrap().bytes)
            .unwrap()
            .repeated
    );

    let mut other_letter = second.clone();
    other_letter.dispatch_id = DispatchId::mint(NOW);
    other_letter.letter_id = LetterId::mint(NOW);
    let another = [signed_letter(), b"\n"].concat();
    other_letter.content.sha256 = upload(&office, &another);
    other_letter.content.size += 1;
    let failure = office
        .submit(
            other_letter.dispatch_id,
            &other_letter.freeze().unwrap().bytes,
        )
        .unwrap_err();
    assert_eq!(
        failure.code, "duplicate-document-number",
        "another document under the same number"
    );
}

#[test]
fn recipients_are_found_by_either_code_and_get_the_bytes_as_frozen() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    upload(&office, signed_letter());
    let mut by_other_code = manifest(signed_letter(), 1);
    by_other_code.recipients = vec![Agency::new("000.00.03.H57".parse().unwrap(), "Phong Điền")];
    let frozen = by_other_code.freeze().unwrap();
    office
        .submit(by_other_code.dispatch_id, &frozen.bytes)
        .unwrap();
    let page = client(&server, "H57.03").changes(None).unwrap();
    match page.items.as_slice() {
        [Change::Delivery { manifest, .. }] => assert_eq!(manifest.as_bytes(), frozen.bytes),
        other => panic!("{other:?}"),
    }
    let (_, receipt) = send(&office, 2);
    assert!(!receipt.is_empty());
    assert_eq!(
        client(&server, "H57.03")
            .changes(Some(&page.next))
            .unwrap()
            .items
            .len(),
        1,
        "only what came since"
    );
}

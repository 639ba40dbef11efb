use antin_records::{DeliveryState, DispatchManifest, ReceiptKind, Sha256Digest, Urgency};
use antin_store::{AttemptKind, Error, Event, OutboxState, Store};

use super::sample::{LEASE, NOW, cause, enqueue, later, manifest_of, receipt};

fn id(frozen: &antin_records::FrozenManifest) -> antin_records::DispatchId {
    DispatchManifest::parse(&frozen.bytes).unwrap().dispatch_id
}

#[test]
fn a_dispatch_goes_all_the_way_and_every_attempt_is_on_record() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let frozen = enqueue(&store, 77, Urgency::Normal, NOW);

    let mut claim = store.claim_due(NOW, LEASE).unwrap().unwrap();
    assert_eq!(
        claim.dispatch.manifest, frozen,
        "the bytes come back as they were frozen"
    );
    store.upload_started(&mut claim, NOW).unwrap();
    store.upload_complete(&mut claim, NOW).unwrap();
    store.submit_started(&mut claim, NOW).unwrap();
    assert_eq!(
        store.dispatch(id(&frozen)).unwrap().state,
        OutboxState::Submitting,
        "on disk before the first byte leaves"
    );
    let sent = store
        .submitted(
            claim,
            &receipt(&frozen, 1, ReceiptKind::SubmissionAcceptance, None),
            NOW,
        )
        .unwrap();
    assert_eq!(
        (sent.state, sent.submitted_at),
        (OutboxState::Submitted, Some(NOW))
    );
    assert!(
        store
            .deliveries(sent.id)
            .unwrap()
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Relayed)
    );
    assert!(
        store.claim_due(later(60), LEASE).unwrap().is_none(),
        "nothing is left to do"
    );

    store
        .store_receipt(
            &receipt(&frozen, 2, ReceiptKind::Acceptance, Some("H57.02")),
            NOW,
        )
        .unwrap();
    store
        .store_receipt(&receipt(&frozen, 3, ReceiptKind::Done, Some("H57.02")), NOW)
        .unwrap();
    store
        .store_receipt(
            &receipt(&frozen, 4, ReceiptKind::Refusal, Some("H57.03")),
            NOW,
        )
        .unwrap();
    let closed = store.dispatch(sent.id).unwrap();
    assert_eq!(
        closed.state,
        OutboxState::Closed,
        "every recipient has settled"
    );
    let deliveries = store.deliveries(sent.id).unwrap();
    assert_eq!(deliveries[1].reason.as_deref(), Some("Gửi nhầm nơi nhận"));
    let kinds: Vec<_> = store
        .attempts(sent.id)
        .unwrap()
        .iter()
        .map(|attempt| (attempt.kind, attempt.outcome.clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            (AttemptKind::Upload, Some("ok".into())),
            (AttemptKind::Submit, Some("ok".into()))
        ]
    );
}

#[test]
fn urgent_letters_go_first_and_the_others_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let first = enqueue(&store, 1, Urgency::Normal, NOW);
    let second = enqueue(&store, 2, Urgency::Normal, later(1));
    let urgent = enqueue(&store, 3, Urgency::HoaToc, later(2));
    let mut order = Vec::new();
    while let Some(claim) = store.claim_due(later(3), LEASE).unwrap() {
        order.push(claim.dispatch.id);
        store
            .blocked(claim, &cause("invalid-addressee"), later(3))
            .unwrap();
    }
    assert_eq!(order, [id(&urgent), id(&first), id(&second)]);
}

#[test]
fn a_failure_waits_for_its_time_and_the_network_can_wake_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let frozen = enqueue(&store, 1, Urgency::Normal, NOW);
    let claim = store.claim_due(NOW, LEASE).unwrap().unwrap();
    let waiting = store
        .retry_at(claim, &cause("network-unreachable"), later(10), NOW)
        .unwrap();
    assert_eq!(
        (waiting.state, waiting.next_at),
        (OutboxState::Queued, Some(later(10)))
    );
    assert_eq!(waiting.cause.unwrap().code, "network-unreachable");
    assert!(store.claim_due(later(9), LEASE).unwrap().is_none());
    assert_eq!(store.next_due().unwrap(), Some(later(10)));
    assert!(!store.dispatch(id(&frozen)).unwrap().is_overdue(later(10)));
    assert!(
        store
            .dispatch(id(&frozen))
            .unwrap()
            .is_overdue(later(24 * 60)),
        "late, flagged, still there"
    );
    assert_eq!(store.wake().unwrap(), 1);
    assert!(store.claim_due(later(1), LEASE).unwrap().is_some());
}

#[test]
fn an_unknown_outcome_is_probed_and_sent_again_under_the_same_identity() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let frozen = enqueue(&store, 1, Urgency::Normal, NOW);
    let mut claim = store.claim_due(NOW, LEASE).unwrap().unwrap();
    store.upload_started(&mut claim, NOW).unwrap();
    store.upload_complete(&mut claim, NOW).unwrap();
    store.submit_started(&mut claim, NOW).unwrap();
    store
        .unknown(claim, &cause("network-timeout"), later(1), NOW)
        .unwrap();
    assert!(matches!(
        store.cancel(id(&frozen), NOW),
        Err(Error::MayHaveLeft { .. })
    ));

    let mut claim = store.claim_due(later(1), LEASE).unwrap().unwrap();
    assert_eq!(claim.dispatch.state, OutboxState::Unknown);
    store.probe_started(&mut claim, later(1)).unwrap();
    store.submit_started(&mut claim, later(1)).unwrap();
    assert_eq!(claim.dispatch.manifest, frozen);
    assert_eq!(claim.dispatch.submit_attempts, 2);
}

#[test]
fn only_a_dispatch_that_cannot_have_left_is_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let frozen = enqueue(&store, 1, Urgency::Normal, NOW);
    let mut claim = store.claim_due(NOW, LEASE).unwrap().unwrap();
    store.upload_started(&mut claim, NOW).unwrap();
    assert_eq!(
        store.cancel(id(&frozen), NOW).unwrap().state,
        OutboxState::Cancelled
    );
    let lost = store.upload_complete(&mut claim, NOW);
    assert!(
        matches!(lost, Err(Error::LeaseLost { .. })),
        "the worker notices at its next step: {lost:?}"
    );
    assert!(matches!(
        store.repaired(id(&frozen)),
        Err(Error::IllegalTransition {
            event: Event::Repaired,
            ..
        })
    ));
}

#[test]
fn a_login_and_a_repair_put_dispatches_back_into_the_queue() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let refused = enqueue(&store, 1, Urgency::Normal, NOW);
    let blocked = enqueue(&store, 2, Urgency::Normal, later(1));
    let claim = store.claim_due(later(1), LEASE).unwrap().unwrap();
    assert_eq!(
        store
            .auth_wait(claim, &cause("unauthenticated"), NOW)
            .unwrap()
            .state,
        OutboxState::AuthWait
    );
    let claim = store.claim_due(later(1), LEASE).unwrap().unwrap();
    store
        .blocked(claim, &cause("invalid-addressee"), NOW)
        .unwrap();
    assert!(store.claim_due(later(100), LEASE).unwrap().is_none());
    assert_eq!(store.auth_restored().unwrap(), 1);
    assert_eq!(
        store.dispatch(id(&refused)).unwrap().state,
        OutboxState::Queued
    );
    assert_eq!(
        store.repaired(id(&blocked)).unwrap().state,
        OutboxState::Queued
    );
}

#[test]
fn an_expired_lease_is_taken_over_and_its_first_owner_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Store::open(dir.path()).unwrap();
    let cli = Store::open(dir.path()).unwrap();
    enqueue(&desk, 1, Urgency::Normal, NOW);
    let mut slow = desk.claim_due(NOW, LEASE).unwrap().unwrap();
    assert!(
        cli.claim_due(later(1), LEASE).unwrap().is_none(),
        "the desk works on it"
    );
    desk.upload_started(&mut slow, later(1)).unwrap();
    assert!(
        cli.claim_due(later(2), LEASE).unwrap().is_none(),
        "every step renews the lease"
    );
    let taken = cli.claim_due(later(3), LEASE).unwrap().unwrap();
    assert_eq!(taken.dispatch.state, OutboxState::Uploading);
    assert!(matches!(
        desk.upload_complete(&mut slow, later(3)),
        Err(Error::LeaseLost { .. })
    ));
}

#[test]
fn a_closed_store_leaves_its_work_to_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let first = Store::open(dir.path()).unwrap();
    enqueue(&first, 1, Urgency::Normal, NOW);
    let mut claim = first.claim_due(NOW, LEASE).unwrap().unwrap();
    first.upload_started(&mut claim, NOW).unwrap();
    first.upload_complete(&mut claim, NOW).unwrap();
    first.submit_started(&mut claim, NOW).unwrap();
    drop(first);
    let second = Store::open(dir.path()).unwrap();
    let state = second.dispatch(claim.dispatch.id).unwrap().state;
    assert_eq!(
        state,
        OutboxState::Unknown,
        "SUBMITTING of a process that is gone"
    );
    assert!(
        second.claim_due(NOW, LEASE).unwrap().is_some(),
        "without waiting for the lease to run out"
    );
}

#[test]
fn enqueue_is_idempotent_and_refuses_what_is_not_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let frozen = manifest_of(b"%PDF-absent", 1, Urgency::Normal, NOW)
        .freeze()
        .unwrap();
    let absent = store.enqueue(&frozen, later(60), NOW);
    assert!(
        matches!(absent, Err(Error::BlobDamaged(digest)) if digest == Sha256Digest::of(b"%PDF-absent")),
        "{absent:?}"
    );
    assert!(store.dispatches().unwrap().is_empty());

    store.put_blob(b"%PDF-absent").unwrap();
    let first = store.enqueue(&frozen, later(60), NOW).unwrap();
    assert_eq!(store.enqueue(&frozen, later(60), later(5)).unwrap(), first);

    let mut other = DispatchManifest::parse(&frozen.bytes).unwrap();
    other.urgency = Urgency::Khan;
    let conflict = store.enqueue(&other.freeze().unwrap(), later(60), NOW);
    assert!(
        matches!(conflict, Err(Error::Conflict { .. })),
        "one identity, one set of bytes: {conflict:?}"
    );

    std::fs::write(
        store.blob_path(Sha256Digest::of(b"%PDF-absent")),
        b"%PDF-broken",
    )
    .unwrap();
    let again = manifest_of(b"%PDF-absent", 2, Urgency::Normal, NOW)
        .freeze()
        .unwrap();
    assert!(
        matches!(
            store.enqueue(&again, later(60), NOW),
            Err(Error::BlobDamaged(_))
        ),
        "a damaged file is not sent"
    );
}

#[test]
fn receipts_prove_a_submission_before_its_answer_comes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let frozen = enqueue(&store, 1, Urgency::Normal, NOW);
    let mut claim = store.claim_due(NOW, LEASE).unwrap().unwrap();
    store.upload_started(&mut claim, NOW).unwrap();

    let mut forged = receipt(&frozen, 2, ReceiptKind::Acceptance, Some("H57.02"));
    forged.verified = false;
    store.store_receipt(&forged, NOW).unwrap();
    assert_eq!(
        store.dispatch(id(&frozen)).unwrap().state,
        OutboxState::Uploading,
        "what does not verify moves nothing"
    );
    assert_eq!(
        store.receipts(id(&frozen)).unwrap().len(),
        1,
        "but it is kept"
    );

    store
        .store_receipt(
            &receipt(&frozen, 3, ReceiptKind::Arrival, Some("H57.02")),
            NOW,
        )
        .unwrap();
    assert_eq!(
        store.dispatch(id(&frozen)).unwrap().state,
        OutboxState::Submitted
    );
    assert!(matches!(
        store.upload_complete(&mut claim, NOW),
        Err(Error::LeaseLost { .. })
    ));
}

#[test]
fn any_order_of_receipts_ends_in_the_same_state() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let kinds = [
        ReceiptKind::SubmissionAcceptance,
        ReceiptKind::Arrival,
        ReceiptKind::Acceptance,
        ReceiptKind::Done,
    ];
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]];
    for (number, order) in (1..).zip(orders) {
        let frozen = enqueue(&store, number, Urgency::Normal, NOW);
        for place in order.into_iter().chain(order) {
            let recipient = (place > 0).then_some("H57.02");
            let seq = u64::try_from(place).unwrap() + 1;
            store
                .store_receipt(&receipt(&frozen, seq, kinds[place], recipient), NOW)
                .unwrap();
        }
        let states: Vec<_> = store
            .deliveries(id(&frozen))
            .unwrap()
            .iter()
            .map(|delivery| delivery.state)
            .collect();
        assert_eq!(
            states,
            [DeliveryState::Done, DeliveryState::Relayed],
            "order {order:?}"
        );
    }
}

#[test]
fn a_file_the_province_has_lost_is_uploaded_again_after_a_pause() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    enqueue(&store, 1, Urgency::Normal, NOW);
    let mut claim = store.claim_due(NOW, LEASE).unwrap().unwrap();
    store.upload_started(&mut claim, NOW).unwrap();
    store.upload_complete(&mut claim, NOW).unwrap();
    store.submit_started(&mut claim, NOW).unwrap();
    let waiting = store
        .content_missing(claim, &cause("content-missing"), NOW)
        .unwrap();
    assert_eq!(waiting.state, OutboxState::Queued);
    assert!(
        store.claim_due(NOW, LEASE).unwrap().is_none(),
        "no hot loop"
    );
    assert!(store.claim_due(later(1), LEASE).unwrap().is_some());
}

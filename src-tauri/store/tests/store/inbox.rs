use antin_records::{
    DeliveryId, DispatchManifest, FrozenManifest, ReceiptKind, StatusCode, Urgency,
};
use antin_store::{Error, InboundItem, IncomingState, NewIncoming, PageSummary, Store};

use super::sample::{LEASE, NOW, cause, later, manifest_of, receipt};

fn arrive(store: &Store, number: u32) -> (DeliveryId, FrozenManifest) {
    let frozen = manifest_of(b"%PDF", number, Urgency::Normal, NOW)
        .freeze()
        .unwrap();
    let delivery_id = DeliveryId::mint(NOW);
    let item = InboundItem::Delivery(NewIncoming {
        delivery_id,
        manifest: frozen.bytes.clone(),
    });
    store
        .apply_page("H57.02", &[item], &format!("c{number}"), NOW)
        .unwrap();
    (delivery_id, frozen)
}

fn codes(store: &Store, delivery: DeliveryId) -> Vec<StatusCode> {
    store
        .ops(delivery)
        .unwrap()
        .iter()
        .map(|op| op.code)
        .collect()
}

#[test]
fn a_page_is_stored_with_its_cursor_and_a_repeat_registers_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.cursor("H57.02").unwrap(), None);
    let frozen = manifest_of(b"%PDF", 1, Urgency::Normal, NOW)
        .freeze()
        .unwrap();
    let delivery_id = DeliveryId::mint(NOW);
    let page = [
        InboundItem::Delivery(NewIncoming {
            delivery_id,
            manifest: frozen.bytes.clone(),
        }),
        InboundItem::Delivery(NewIncoming {
            delivery_id: DeliveryId::mint(NOW),
            manifest: b"{}".to_vec(),
        }),
    ];
    let once = PageSummary {
        letters: 1,
        receipts: 0,
        unreadable: 1,
    };
    assert_eq!(store.apply_page("H57.02", &page, "c1", NOW).unwrap(), once);
    assert_eq!(
        store.apply_page("H57.02", &page, "c1", later(1)).unwrap(),
        PageSummary { letters: 0, ..once }
    );
    assert_eq!(store.cursor("H57.02").unwrap().as_deref(), Some("c1"));
    assert_eq!(store.incoming_letters().unwrap().len(), 1);
    assert_eq!(
        codes(&store, delivery_id),
        [StatusCode::Arrived],
        "01 is queued by itself, once"
    );
}

#[test]
fn accepting_needs_a_verdict_and_gives_the_next_arrival_number_of_the_year() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (first, _) = arrive(&store, 1);
    let (second, _) = arrive(&store, 2);
    assert!(matches!(
        store.accept(first, NOW),
        Err(Error::NotJudged { .. })
    ));
    for delivery in [first, second] {
        store
            .judged(delivery, &serde_json::json!({"verdict": "valid"}))
            .unwrap();
    }
    assert_eq!(store.accept(first, NOW).unwrap().arrival, Some((2026, 1)));
    assert_eq!(
        store.accept(second, later(1)).unwrap().arrival,
        Some((2026, 2))
    );
    assert!(matches!(
        store.accept(first, NOW),
        Err(Error::AlreadyDecided { .. })
    ));
    assert!(matches!(
        store.refuse(first, "muộn", NOW),
        Err(Error::AlreadyDecided { .. })
    ));
    assert_eq!(
        codes(&store, first),
        [StatusCode::Arrived, StatusCode::Accepted]
    );

    let (new_year, _) = arrive(&store, 3);
    store.judged(new_year, &serde_json::json!({})).unwrap();
    let midnight = time::macros::datetime!(2026-12-31 17:00 UTC);
    assert_eq!(
        store.accept(new_year, midnight).unwrap().arrival,
        Some((2027, 1)),
        "the year is Vietnam's"
    );
}

#[test]
fn a_refusal_has_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (delivery, _) = arrive(&store, 1);
    store
        .judged(delivery, &serde_json::json!({"verdict": "invalid"}))
        .unwrap();
    assert!(store.refuse(delivery, "  ", NOW).is_err());
    assert_eq!(
        store.incoming_letter(delivery).unwrap().state,
        IncomingState::New,
        "nothing of the attempt remains"
    );
    let refused = store.refuse(delivery, "Chữ ký không hợp lệ", NOW).unwrap();
    assert_eq!(
        (refused.state, refused.reason.as_deref()),
        (IncomingState::Refused, Some("Chữ ký không hợp lệ"))
    );
}

#[test]
fn the_same_document_under_another_dispatch_is_named_a_duplicate() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (first, _) = arrive(&store, 1);
    let (second, _) = arrive(&store, 1);
    assert_eq!(store.incoming_letter(first).unwrap().duplicate_of, None);
    assert_eq!(
        store.incoming_letter(second).unwrap().duplicate_of,
        Some(first)
    );
}

#[test]
fn operations_of_a_delivery_are_sent_in_order_under_the_same_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (delivery, frozen) = arrive(&store, 1);
    store.judged(delivery, &serde_json::json!({})).unwrap();
    store.accept(delivery, NOW).unwrap();
    assert_eq!(store.ops_pending().unwrap(), 2);

    let claim = store.claim_due_op(NOW, LEASE).unwrap().unwrap();
    let (key, body) = (claim.op.id, claim.op.body.clone());
    assert_eq!(claim.op.code, StatusCode::Arrived);
    assert!(
        store.claim_due_op(NOW, LEASE).unwrap().is_none(),
        "03 waits for 01"
    );
    store
        .op_retry_at(claim, &cause("network-timeout"), later(5))
        .unwrap();
    assert!(
        store.claim_due_op(later(4), LEASE).unwrap().is_none(),
        "and waits with it"
    );

    let claim = store.claim_due_op(later(5), LEASE).unwrap().unwrap();
    assert_eq!(
        (claim.op.id, &claim.op.body, claim.op.attempts),
        (key, &body, 2),
        "same key, same bytes"
    );
    store
        .op_done(
            claim,
            &receipt(&frozen, 1, ReceiptKind::Arrival, Some("H57.02")),
            later(5),
        )
        .unwrap();
    let claim = store.claim_due_op(later(5), LEASE).unwrap().unwrap();
    assert_eq!(claim.op.code, StatusCode::Accepted);
    store
        .op_blocked(claim, &cause("illegal-transition"))
        .unwrap();
    assert_eq!(store.ops_pending().unwrap(), 0);
    let dispatch_id = DispatchManifest::parse(&frozen.bytes).unwrap().dispatch_id;
    assert_eq!(
        store.receipts(dispatch_id).unwrap().len(),
        1,
        "the receiver keeps the receipt of what it said"
    );
}

use std::io::Read;

use antin_exchange::{Class, Client};
use antin_records::{
    DeliveryId, IdempotencyKey, ReceiptKind, ReceiptStatement, StatusCode, StatusMessage,
    contract::Change, receipt::statement_matches,
};

use super::fixture::{NOW, client, send, signed_letter, start, statement};

fn delivery(client: &Client) -> DeliveryId {
    match client.changes(None).unwrap().items.as_slice() {
        [Change::Delivery { delivery_id, .. }] => *delivery_id,
        other => panic!("{other:?}"),
    }
}

fn message(code: StatusCode, reason: Option<&str>) -> Vec<u8> {
    StatusMessage {
        code,
        reason: reason.map(str::to_owned),
        at: NOW,
    }
    .freeze()
    .unwrap()
}

fn receipts_in(client: &Client) -> Vec<ReceiptStatement> {
    let items = client.changes(None).unwrap().items;
    let receipts = items.iter().map(|item| match item {
        Change::Receipt { receipt } => statement(&receipt.0),
        other => panic!("{other:?}"),
    });
    receipts.collect()
}

#[test]
fn a_letter_arrives_is_fetched_accepted_and_its_sender_has_the_proof() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let sender = client(&server, "H57");
    let (frozen, _) = send(&sender, 77);
    let receiver = client(&server, "H57.02");
    let delivery = delivery(&receiver);
    let size = u64::try_from(signed_letter().len()).unwrap();
    let mut copy = Vec::new();
    let digest = antin_records::Sha256Digest::of(signed_letter());
    receiver
        .content(digest, size)
        .unwrap()
        .read_to_end(&mut copy)
        .unwrap();
    assert_eq!(copy, signed_letter());

    let early = receiver
        .status(
            delivery,
            IdempotencyKey::mint(NOW),
            &message(StatusCode::Accepted, None),
        )
        .unwrap_err();
    assert_eq!(
        (early.code.as_str(), early.class),
        ("illegal-transition", Class::Blocked),
        "03 before 01"
    );
    receiver
        .status(
            delivery,
            IdempotencyKey::mint(NOW),
            &message(StatusCode::Arrived, None),
        )
        .unwrap();
    let key = IdempotencyKey::mint(NOW);
    let accepted = receiver
        .status(delivery, key, &message(StatusCode::Accepted, None))
        .unwrap();
    assert_eq!(
        receiver
            .status(delivery, key, &message(StatusCode::Accepted, None))
            .unwrap(),
        accepted,
        "same key, same receipt"
    );
    let other_key = IdempotencyKey::mint(NOW);
    assert_eq!(
        receiver
            .status(delivery, other_key, &message(StatusCode::Accepted, None))
            .unwrap(),
        accepted,
        "already said"
    );
    let reused = receiver
        .status(delivery, key, &message(StatusCode::Done, None))
        .unwrap_err();
    assert_eq!(reused.code, "key-reused");

    let receipts = receipts_in(&sender);
    let kinds: Vec<_> = receipts.iter().map(|receipt| receipt.kind).collect();
    assert_eq!(
        kinds,
        [
            ReceiptKind::SubmissionAcceptance,
            ReceiptKind::Arrival,
            ReceiptKind::Acceptance
        ]
    );
    for receipt in &receipts {
        assert_eq!(statement_matches(receipt, &frozen), Ok(()));
    }
    assert_eq!(receipts[2].recipient, Some("H57.02".parse().unwrap()));
}

#[test]
fn a_refusal_carries_its_reason_and_is_final() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let sender = client(&server, "H57");
    send(&sender, 77);
    let receiver = client(&server, "H57.04");
    let delivery = delivery(&receiver);
    receiver
        .status(
            delivery,
            IdempotencyKey::mint(NOW),
            &message(StatusCode::Arrived, None),
        )
        .unwrap();
    let refused = receiver
        .status(
            delivery,
            IdempotencyKey::mint(NOW),
            br#"{"at":"2026-11-24T08:00:00Z","code":"02"}"#,
        )
        .unwrap_err();
    assert_eq!(
        refused.code, "invalid-request",
        "a refusal without a reason"
    );
    let receipt = receiver
        .status(
            delivery,
            IdempotencyKey::mint(NOW),
            &message(StatusCode::Refused, Some("Gửi nhầm")),
        )
        .unwrap();
    assert_eq!(statement(&receipt).reason.as_deref(), Some("Gửi nhầm"));
    let late = receiver
        .status(
            delivery,
            IdempotencyKey::mint(NOW),
            &message(StatusCode::Accepted, None),
        )
        .unwrap_err();
    assert_eq!(late.code, "illegal-transition");
    let foreign = client(&server, "H57.02").status(
        delivery,
        IdempotencyKey::mint(NOW),
        &message(StatusCode::Arrived, None),
    );
    assert_eq!(
        foreign.unwrap_err().code,
        "not-found",
        "another agency's delivery"
    );
}

#[test]
fn a_mailbox_is_read_page_by_page_and_again_from_any_cursor() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let sender = client(&server, "H57");
    let receiver = client(&server, "H57.02");
    let empty = receiver.changes(None).unwrap();
    assert!(empty.items.is_empty() && !empty.has_more);
    let sent: Vec<_> = (1..=53)
        .map(|number| send(&sender, number).0.bytes)
        .collect();
    let first = receiver.changes(Some(&empty.next)).unwrap();
    assert!(first.has_more);
    assert_eq!(
        first,
        receiver.changes(None).unwrap(),
        "the empty cursor is the beginning"
    );
    let second = receiver.changes(Some(&first.next)).unwrap();
    assert!(!second.has_more);
    let manifests: Vec<_> = first
        .items
        .iter()
        .chain(&second.items)
        .map(|item| match item {
            Change::Delivery { manifest, .. } => manifest.clone().into_bytes(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(manifests, sent, "all of them, once, in order");
    assert_eq!(
        receiver.changes(Some("elsewhere")).unwrap_err().code,
        "invalid-request"
    );
}

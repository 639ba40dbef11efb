//! A letter, its dispatch and its receipts, as tests need them.

use antin_records::{
    Agency, Content, DispatchId, DispatchManifest, DocKey, DocumentType, FrozenManifest, LetterId,
    LetterMetadata, ReceiptId, ReceiptKind, ReceiptStatement, Sha256Digest, Signer, Urgency,
    manifest, receipt,
};
use antin_store::{Cause, NewReceipt, Store};
use time::{
    Duration, OffsetDateTime,
    macros::{date, datetime},
};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 08:00 UTC);
pub(crate) const LEASE: Duration = Duration::minutes(2);

pub(crate) fn later(minutes: i64) -> OffsetDateTime {
    NOW + Duration::minutes(minutes)
}

pub(crate) fn manifest_of(
    bytes: &[u8],
    number: u32,
    urgency: Urgency,
    at: OffsetDateTime,
) -> DispatchManifest {
    let notation: antin_records::CodeNotation = "2014/CT-UBND".parse().unwrap();
    DispatchManifest {
        v: manifest::VERSION,
        dispatch_id: DispatchId::mint(at),
        letter_id: LetterId::mint(at),
        doc_key: DocKey {
            organ_id: "H57".parse().unwrap(),
            issued_on: date!(2014 - 12 - 26),
            code: notation.with_number(number).unwrap(),
        },
        sender: Agency::new(
            "H57".parse().unwrap(),
            "Ủy ban nhân dân tỉnh Thừa Thiên Huế",
        ),
        recipients: vec![
            Agency::new("H57.02".parse().unwrap(), "Sở Thông tin và Truyền thông"),
            Agency::new(
                "H57.03".parse().unwrap(),
                "Ủy ban nhân dân huyện Phong Điền",
            ),
        ],
        content: Content {
            sha256: Sha256Digest::of(bytes),
            size: u64::try_from(bytes.len()).unwrap(),
            file_name: "chi-thi-77.pdf".into(),
        },
        metadata: LetterMetadata {
            document_type: DocumentType::Directive,
            notation,
            organ_name: "Ủy ban nhân dân tỉnh Thừa Thiên Huế".into(),
            subject: "Về việc tăng cường trao đổi văn bản điện tử".into(),
            place_name: "Thừa Thiên Huế".into(),
            page_count: 4,
            signer: Signer {
                competence: None,
                position: "Phó Chủ tịch".into(),
                full_name: "Phan Ngọc Thọ".into(),
            },
            to_places: vec![],
        },
        urgency,
        sealed_at: at,
    }
}

/// Enqueues a dispatch of its own letter.
pub(crate) fn enqueue(
    store: &Store,
    number: u32,
    urgency: Urgency,
    at: OffsetDateTime,
) -> FrozenManifest {
    let bytes = format!("%PDF-1.7 {number}");
    store.put_blob(bytes.as_bytes()).unwrap();
    let frozen = manifest_of(bytes.as_bytes(), number, urgency, at)
        .freeze()
        .unwrap();
    store.enqueue(&frozen, at + Duration::days(1), at).unwrap();
    frozen
}

pub(crate) fn receipt(
    frozen: &FrozenManifest,
    seq: u64,
    kind: ReceiptKind,
    recipient: Option<&str>,
) -> NewReceipt {
    let manifest = DispatchManifest::parse(&frozen.bytes).unwrap();
    let statement = ReceiptStatement {
        v: receipt::VERSION,
        kind,
        receipt_id: ReceiptId::mint(NOW),
        issuer: "H57".parse().unwrap(),
        chain: "H57/H57".into(),
        seq,
        prev: None,
        dispatch_id: manifest.dispatch_id,
        doc_key: manifest.doc_key,
        request_digest: frozen.digest,
        content_digest: manifest.content.sha256,
        recipient: recipient.map(|id| id.parse().unwrap()),
        event_time: NOW,
        reason: (kind == ReceiptKind::Refusal).then(|| "Gửi nhầm nơi nhận".to_owned()),
    };
    let der = statement.to_bytes().unwrap();
    NewReceipt {
        statement,
        der,
        verified: true,
        verdict: serde_json::json!({"signature": "ok"}),
    }
}

pub(crate) fn cause(code: &str) -> Cause {
    Cause {
        code: code.into(),
        detail: "in a test".into(),
        http_status: Some(503),
    }
}

//! A stranger at the province's door: whoever does not use our program can still send any bytes.

use crate::Outcome;
use antin_exchange::{AccessToken, Client, Settings};
use antin_records::{
    Agency, Content, DispatchId, DispatchManifest, DocKey, DocumentType, LetterId, LetterMetadata,
    Sha256Digest, Urgency, metadata::Signer,
};
use antin_testkit::world::{PROVINCE, RECEIVERS, World};
use std::io::Cursor;
use time::OffsetDateTime;

/// Sends `pdf` as if it were a letter of the province and returns the code of the refusal, or `accepted`.
pub(crate) fn knock(world: &World, pdf: &[u8]) -> Outcome<String> {
    let client = Client::new(&Settings {
        address: world.province_url(),
        access_token: AccessToken::new(&World::credential(&PROVINCE))?,
        allow_plain_http: false,
        roots: Vec::new(),
    })?;
    let digest = Sha256Digest::of(pdf);
    let size = u64::try_from(pdf.len())?;
    let told = |failure: antin_exchange::Failure| format!("{}: {}", failure.code, failure.detail);
    client
        .upload(digest, size, &mut Cursor::new(pdf), &mut |_| ())
        .map_err(told)?;
    let manifest = manifest(digest, size)?;
    match client.submit(manifest.dispatch_id, &manifest.freeze()?.bytes) {
        Ok(_) => Ok("accepted".into()),
        Err(failure) => Ok(failure.code),
    }
}

fn manifest(sha256: Sha256Digest, size: u64) -> Outcome<DispatchManifest> {
    let now = now();
    let sender = Agency::new(PROVINCE.id.parse()?, PROVINCE.name);
    Ok(DispatchManifest {
        v: antin_records::manifest::VERSION,
        dispatch_id: DispatchId::mint(now),
        letter_id: LetterId::mint(now),
        doc_key: DocKey {
            organ_id: sender.id.clone(),
            issued_on: now.date(),
            code: "78/2014/CT-UBND".parse()?,
        },
        sender,
        recipients: vec![Agency::new(RECEIVERS[0].id.parse()?, RECEIVERS[0].name)],
        content: Content {
            sha256,
            size,
            file_name: "gia-mao.pdf".into(),
        },
        metadata: LetterMetadata {
            document_type: DocumentType::Directive,
            notation: "2014/CT-UBND".parse()?,
            organ_name: PROVINCE.name.into(),
            subject: "Văn bản bị sửa một byte".into(),
            place_name: "Thừa Thiên Huế".into(),
            page_count: 3,
            signer: Signer {
                competence: None,
                position: "Phó Chủ tịch".into(),
                full_name: "Phan Ngọc Thọ".into(),
            },
            to_places: Vec::new(),
        },
        urgency: Urgency::Normal,
        sealed_at: now,
    })
}

#[expect(clippy::disallowed_methods, reason = "the demo happens now")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

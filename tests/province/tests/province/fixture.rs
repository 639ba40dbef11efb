//! A province with four agencies, its PKI, and a letter that is really signed.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use antin_exchange::{AccessToken, Client, Settings as ClientSettings};
use antin_pades::{Act, KeyAlgorithm, Plain, SignRequest, Words};
use antin_pdf::Document;
use antin_pkix::{Certificate, TrustStore};
use antin_province::{AgencyEntry, Config, Province, ReceiptSigner, SeriesEntry, Server, Settings};
use antin_records::{
    Agency, Content, DispatchId, DispatchManifest, DocKey, DocumentType, FrozenManifest, LetterId,
    LetterMetadata, Sha256Digest, Signer, Urgency, manifest,
};
use antin_testkit::{Pki, Role};
use tempfile::TempDir;
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 08:00 UTC);
/// The agencies: sender, then three recipients.
pub(crate) const AGENCIES: [(&str, &str); 4] = [
    ("H57", "Ủy ban nhân dân tỉnh Thừa Thiên Huế"),
    ("H57.02", "Sở Thông tin và Truyền thông"),
    ("H57.03", "Ủy ban nhân dân huyện Phong Điền"),
    ("H57.04", "Ủy ban nhân dân thành phố Huế"),
];

pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<(TempDir, Pki)> = OnceLock::new();
    let (_, pki) = PKI.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let pki = Pki::create(dir.path(), "http://127.0.0.1:9", NOW).unwrap();
        (dir, pki)
    });
    pki
}

pub(crate) fn config() -> Config {
    let agencies = AGENCIES.map(|(id, name)| {
        let mut agency = Agency::new(id.parse().unwrap(), name);
        agency.other_id = (id == "H57.03").then(|| "000.00.03.H57".parse().unwrap());
        AgencyEntry::new(agency, &credential(id))
    });
    let directives = SeriesEntry {
        agency: "H57".parse().unwrap(),
        document_type: DocumentType::Directive,
        normative: true,
        year: 2014,
        last: 76,
    };
    Config {
        issuer: "H57".parse().unwrap(),
        agencies: agencies.to_vec(),
        series: vec![directives],
    }
}

pub(crate) fn credential(agency: &str) -> String {
    format!("credential of {agency}")
}

/// Starts a province on a folder.
pub(crate) fn start(dir: &Path) -> Server {
    let signer = pki().leaf(Role::Receipts).unwrap();
    let certificate = |der: &[u8]| Certificate::from_der(der).unwrap();
    let settings = Settings {
        dir: dir.to_owned(),
        config: config(),
        signer: ReceiptSigner::new(&fs::read(signer.key().path()).unwrap(), signer.der()).unwrap(),
        trust: TrustStore {
            anchors: vec![certificate(pki().root().der())],
            intermediates: vec![certificate(pki().sub().der())],
        },
        clock: Box::new(|| NOW),
    };
    Server::start(
        Province::open(settings).unwrap(),
        "127.0.0.1:0".parse().unwrap(),
    )
    .unwrap()
}

pub(crate) fn client_at(address: &str, agency: &str) -> Client {
    Client::new(&ClientSettings {
        address: address.to_owned(),
        access_token: AccessToken::new(&credential(agency)).unwrap(),
        allow_plain_http: false,
        roots: vec![],
    })
    .unwrap()
}

pub(crate) fn client(server: &Server, agency: &str) -> Client {
    client_at(&format!("http://{}", server.address()), agency)
}

pub(crate) fn letter_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../letter/directive.pdf")
}

/// The Directive, signed by the vice chairman.
pub(crate) fn signed_letter() -> &'static [u8] {
    static LETTER: OnceLock<Vec<u8>> = OnceLock::new();
    LETTER.get_or_init(|| sign(Role::Official))
}

pub(crate) fn sign(role: Role) -> Vec<u8> {
    sign_under(pki(), role)
}

pub(crate) fn sign_under(pki: &Pki, role: Role) -> Vec<u8> {
    let signer = pki.leaf(role).unwrap();
    let mut bytes = fs::read(letter_path()).unwrap();
    let document = Document::from_bytes(bytes.clone()).unwrap();
    let request = SignRequest {
        act: Act::Plain(Plain::default()),
        certificate: signer.der(),
        chain: &[pki.sub().der().to_vec()],
        algorithm: KeyAlgorithm::of(&Certificate::from_der(signer.der()).unwrap()).unwrap(),
        time: NOW,
        timestamp: false,
        words: Words::default(),
    };
    let prepared = antin_pades::prepare(&document, &request).unwrap();
    let signature = signer.key().sign(prepared.to_be_signed()).unwrap();
    bytes.extend(prepared.finish(&signature, None).unwrap().bytes);
    bytes
}

/// A dispatch of `letter` under a number, to all three recipients.
pub(crate) fn manifest(letter: &[u8], number: u32) -> DispatchManifest {
    let sender = Agency::new(AGENCIES[0].0.parse().unwrap(), AGENCIES[0].1);
    let notation: antin_records::CodeNotation = "2014/CT-UBND".parse().unwrap();
    DispatchManifest {
        v: manifest::VERSION,
        dispatch_id: DispatchId::mint(NOW),
        letter_id: LetterId::mint(NOW),
        doc_key: DocKey {
            organ_id: sender.id.clone(),
            issued_on: date!(2014 - 12 - 26),
            code: notation.with_number(number).unwrap(),
        },
        metadata: LetterMetadata {
            document_type: DocumentType::Directive,
            notation,
            organ_name: sender.name.clone(),
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
        sender,
        recipients: AGENCIES[1..]
            .iter()
            .map(|(id, name)| Agency::new(id.parse().unwrap(), *name))
            .collect(),
        content: Content {
            sha256: Sha256Digest::of(letter),
            size: u64::try_from(letter.len()).unwrap(),
            file_name: "chi-thi-77.pdf".into(),
        },
        urgency: Urgency::Normal,
        sealed_at: NOW,
    }
}

pub(crate) fn upload(client: &Client, bytes: &[u8]) -> Sha256Digest {
    let digest = Sha256Digest::of(bytes);
    let size = u64::try_from(bytes.len()).unwrap();
    client
        .upload(digest, size, &mut Cursor::new(bytes), &mut |_| {})
        .unwrap();
    digest
}

/// Uploads the signed letter and submits it under a number.
pub(crate) fn send(client: &Client, number: u32) -> (FrozenManifest, Vec<u8>) {
    upload(client, signed_letter());
    let manifest = manifest(signed_letter(), number);
    let frozen = manifest.freeze().unwrap();
    let receipt = client
        .submit(manifest.dispatch_id, &frozen.bytes)
        .unwrap()
        .receipt;
    (frozen, receipt)
}

/// What a receipt says, its signature checked by our own code.
pub(crate) fn statement(receipt: &[u8]) -> antin_records::ReceiptStatement {
    let report = antin_cades::verify_signed_data(receipt, antin_cades::Content::Attached);
    assert!(report.sole_signer().unwrap().is_intact());
    antin_records::ReceiptStatement::parse(&report.content.unwrap()).unwrap()
}

//! Makes the seeds anew: `cargo test -p antin-pades --test fuzz_short -- --ignored make_seeds`. Only needed when what is
//! signed changes; the keys are thrown away.

use crate::handmade;
use crate::letter::{elsewhere, request};
use crate::pki::{Pki, run};
use crate::seeds;
use antin_cades::{signed_attributes, signed_data, timestamp_request};
use antin_pades::{Act, Approve, Image, Plain, prepare};
use antin_pdf::Document;
use antin_pkix::Certificate;
use antin_records::{
    Agency, AgencyId, Content, DispatchId, DispatchManifest, DocKey, DocumentType, LetterId,
    LetterMetadata, ReceiptId, ReceiptKind, ReceiptStatement, Sha256Digest, Signer, Urgency,
};
use sha2::{Digest, Sha256};
use std::process::Command;
use time::macros::{date, datetime};

/// As `targets::NONCE`, which cannot be had before the seeds exist.
const NONCE: u64 = 0x0102_0304_0506_0708;

#[test]
#[ignore = "writes into the source tree"]
fn make_seeds() {
    let pki = Pki::make();
    let folder = seeds();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let read = |name: &str| std::fs::read(pki.path(name)).unwrap();
    for (name, as_name) in [("root", "root"), ("sub", "sub"), ("curve", "leaf")] {
        put(&format!("{as_name}.der"), &read(&format!("{name}.der")));
    }
    put("certificate/pem", &read("curve.pem"));
    put("certificate/tsa", &read("tsa.der"));
    for name in ["root", "sub"] {
        put(&format!("{name}.crl"), &list(&pki, name));
    }
    put("leaf.ors", &answer(&pki));

    let plain = handmade::table();
    for (name, act, timestamped) in [
        ("signed", Act::Plain(Plain::default()), false),
        ("stamped", Act::Plain(Plain::default()), true),
        ("certified", certifying(), false),
    ] {
        put(
            &format!("{name}.pdf"),
            &sign(&pki, &plain, act, timestamped),
        );
    }
    let cheap = encrypted(&pki, &plain, &["128", "--use-aes=y"]);
    put(
        "locked.pdf",
        &sign(&pki, &cheap, Act::Plain(Plain::default()), false),
    );
    put("xref/rc4", &encrypted(&pki, &plain, &["40"]));
    put("xref/aes256", &encrypted(&pki, &plain, &["256"]));
    put("xref/table", &plain);
    put("xref/hybrid", &handmade::hybrid());
    messages(&pki, &put);
    changes(&put);
    records(&put);
    for (index, text) in OBJECTS.iter().enumerate() {
        put(&format!("object/{index}"), text.as_bytes());
    }
    for (index, text) in TEXTS.iter().enumerate() {
        put(&format!("receipt/text-{index}"), text.as_bytes());
    }
}

/// With an owner password only.
fn encrypted(pki: &Pki, pdf: &[u8], way: &[&str]) -> Vec<u8> {
    let (source, target) = (pki.path("plain.pdf"), pki.path("encrypted.pdf"));
    std::fs::write(&source, pdf).unwrap();
    let mut command = Command::new("qpdf");
    command.args(["--allow-weak-crypto", "--encrypt", "", "owner"]);
    run(command.args(way).arg("--").arg(&source).arg(&target));
    std::fs::read(&target).unwrap()
}

/// Room for a time-stamp only where there is one: what is mutated should not be padding.
fn sign(pki: &Pki, pdf: &[u8], act: Act, timestamped: bool) -> Vec<u8> {
    let signer = pki.signer("curve");
    let mut request = request(&signer, act);
    request.timestamp = timestamped;
    let prepared = prepare(&Document::from_bytes(pdf.to_vec()).unwrap(), &request).unwrap();
    let signature = pki.sign(&signer, &prepared);
    let token = timestamped.then(|| pki.timestamp(&signature));
    let update = prepared.finish(&signature, token.as_deref()).unwrap();
    [pdf, &update.bytes].concat()
}

/// *Ký duyệt* with a picture of one transparent pixel.
fn certifying() -> Act {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 1, 1);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0; 4]).unwrap();
    writer.finish().unwrap();
    let image = Image::from_png(&png).unwrap();
    Act::Approve(Approve {
        image,
        ..elsewhere()
    })
}

/// Objects set over each signed file: what `targets::update` reads.
fn changes(put: &dyn Fn(&str, &[u8])) {
    let field = "<</FT/Sig/T(Chen)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R/F 132>>";
    let page = |annots: &str| {
        format!(
            "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[{annots}]/Resources<</Font 10 0 R>>>>"
        )
    };
    let annotated = page("6 0 R 40 0 R");
    let sets: &[(&str, &[(u16, &str)])] = &[
        ("content", &[(4, "<</Length 2>>stream\nq \nendstream")]),
        (
            "note",
            &[
                (3, &annotated),
                (40, "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(!)>>"),
            ],
        ),
        (
            "fill",
            &[(
                6,
                "<</Type/Annot/Subtype/Widget/FT/Tx/T(So)/V(8)/Rect[72 600 172 620]/F 4/P 3 0 R>>",
            )],
        ),
        (
            "field",
            &[(8, "[6 0 R 40 0 R]"), (40, field), (5, "[6 0 R 40 0 R]")],
        ),
        (
            "catalog",
            &[
                (
                    1,
                    "<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R/DSS<</CRLs[40 0 R]>>/Metadata 41 0 R>>",
                ),
                (40, "<</Length 0>>stream\n\nendstream"),
            ],
        ),
        (
            "pages",
            &[(
                2,
                "<</Type/Pages/Kids[3 0 R 3 0 R 2 0 R]/Count 3/MediaBox[0 0 595 842]>>",
            )],
        ),
        (
            "form",
            &[(
                7,
                "<</Fields 8 0 R/SigFlags 3/XFA 40 0 R/DA(/Helv 0 Tf 0 g)>>",
            )],
        ),
    ];
    for (index, base) in ["signed", "certified", "stamped"].iter().enumerate() {
        for (name, objects) in sets {
            let mut input = vec![u8::try_from(index).unwrap()];
            for (number, body) in *objects {
                input.extend(number.to_be_bytes());
                input.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
                input.extend(body.as_bytes());
            }
            put(&format!("update/{base}-{name}"), &input);
        }
        // One byte changed; one byte appended; a tail without a section.
        for (name, rest) in [
            ("byte", b"\x01\x00\x30\x00\x01\x01X".as_slice()),
            ("tail", b"\0\n%\n"),
            (
                "object",
                b"\x004 0 obj\n<</Length 0>>stream\n\nendstream\nendobj\nstartxref\n0\n%%EOF\n",
            ),
        ] {
            put(
                &format!("byte_range/{base}-{name}"),
                &[&[u8::try_from(index).unwrap()], rest].concat(),
            );
        }
    }
}

/// A manifest and a receipt about it.
fn records(put: &dyn Fn(&str, &[u8])) {
    let now = datetime!(2026-11-24 08:00 UTC);
    let office: AgencyId = "H57".parse().unwrap();
    let receiver: AgencyId = "H57.02".parse().unwrap();
    let manifest = DispatchManifest {
        v: antin_records::manifest::VERSION,
        dispatch_id: DispatchId::mint(now),
        letter_id: LetterId::mint(now),
        doc_key: DocKey {
            organ_id: office.clone(),
            issued_on: date!(2014 - 12 - 26),
            code: "77/2014/CT-UBND".parse().unwrap(),
        },
        sender: Agency::new(office.clone(), "Ủy ban nhân dân tỉnh"),
        recipients: vec![Agency::new(receiver.clone(), "Sở")],
        content: Content {
            sha256: Sha256Digest::of(b"%PDF"),
            size: 4,
            file_name: "77.pdf".into(),
        },
        metadata: LetterMetadata {
            document_type: DocumentType::Directive,
            notation: "2014/CT-UBND".parse().unwrap(),
            organ_name: "Ủy ban nhân dân tỉnh".into(),
            subject: "Về việc".into(),
            place_name: "Huế".into(),
            page_count: 4,
            signer: Signer {
                competence: None,
                position: "Phó Chủ tịch".into(),
                full_name: "Phan Ngọc Thọ".into(),
            },
            to_places: vec!["Như trên;".into()],
        },
        urgency: Urgency::Normal,
        sealed_at: now,
    };
    let frozen = manifest.freeze().unwrap();
    put("receipt/manifest", &frozen.bytes);
    let receipt = ReceiptStatement {
        v: antin_records::receipt::VERSION,
        kind: ReceiptKind::Acceptance,
        receipt_id: ReceiptId::mint(now),
        issuer: office,
        chain: "H57".into(),
        seq: 2,
        prev: Some(Sha256Digest::of(b"first")),
        dispatch_id: manifest.dispatch_id,
        doc_key: manifest.doc_key,
        request_digest: frozen.digest,
        content_digest: manifest.content.sha256,
        recipient: Some(receiver),
        event_time: now,
        reason: Some("Sai thẩm quyền".into()),
    };
    put("receipt/receipt", &receipt.to_bytes().unwrap());
}

const OBJECTS: &[&str] = &[
    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 10 20 30]/Contents<00ff>/M(D:20261124093000+07'00')>>",
    "[null true false -1 +2 3. .5 -.002 4 0 R 5 1 R (a(b)\\n\\(\\101\\\n) <feff1ea4> /A#20B /]",
    "<</Length 5/Filter[/FlateDecode]/DecodeParms[<</Predictor 12/Columns 4>>]>>stream\r\nhello\r\nendstream",
    "%comment\r<< /Kids [1 0 R%x\n2 0 R] /Nested <</A<</B[[[[]]]]>>>> >>",
];

const TEXTS: &[&str] = &[
    "77/2014/CT-UBND",
    "05/2026/QĐ-UBND",
    "2014/CT-UBND",
    "Số:      /2014/CT-UBND",
    "H57.02.01",
    "000.00.02.H57",
    "MẬT",
    r#"{"at":"2026-11-24T06:30:00Z","code":"02","reason":"Sai thẩm quyền"}"#,
];

fn list(pki: &Pki, name: &str) -> Vec<u8> {
    std::fs::write(pki.path("database"), "").unwrap();
    std::fs::write(pki.path("number"), "01\n").unwrap();
    std::fs::write(
        pki.path("ca.cnf"),
        "[ca]\ndefault_ca=d\n[d]\ndatabase=database\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n",
    )
    .unwrap();
    let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
    openssl(
        pki,
        &[
            "ca", "-gencrl", "-config", "ca.cnf", "-keyfile", &key, "-cert", &pem, "-out",
            "list.pem",
        ],
    );
    openssl(
        pki,
        &[
            "crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der",
        ],
    );
    std::fs::read(pki.path("list.der")).unwrap()
}

fn answer(pki: &Pki) -> Vec<u8> {
    let der = std::fs::read(pki.path("curve.der")).unwrap();
    let serial = Certificate::from_der(&der)
        .unwrap()
        .serial_hex()
        .to_uppercase();
    std::fs::write(
        pki.path("index"),
        format!("V\t361124000000Z\t\t{serial}\tunknown\t/CN=x\n"),
    )
    .unwrap();
    openssl(
        pki,
        &[
            "ocsp",
            "-issuer",
            "sub.pem",
            "-cert",
            "curve.pem",
            "-reqout",
            "request",
            "-no_nonce",
        ],
    );
    openssl(
        pki,
        &[
            "ocsp",
            "-index",
            "index",
            "-CA",
            "sub.pem",
            "-rsigner",
            "sub.pem",
            "-rkey",
            "sub.key",
            "-reqin",
            "request",
            "-ndays",
            "30",
            "-resp_no_certs",
            "-respout",
            "answer",
        ],
    );
    std::fs::read(pki.path("answer")).unwrap()
}

/// A CMS over `fuzz`, a time-stamp over `fuzz`, and what else is small.
fn messages(pki: &Pki, put: &dyn Fn(&str, &[u8])) {
    let signer = pki.signer("curve");
    let certificate = Certificate::from_der(&signer.certificate).unwrap();
    let digest: [u8; 32] = Sha256::digest(b"fuzz").into();
    let attributes = signed_attributes(&digest, &certificate, None).unwrap();
    std::fs::write(pki.path("tbs"), attributes.to_der()).unwrap();
    openssl(
        pki,
        &[
            "dgst",
            "-sha256",
            "-sign",
            "curve.key",
            "-out",
            "signature",
            "tbs",
        ],
    );
    let signature = std::fs::read(pki.path("signature")).unwrap();
    let token = pki.timestamp(&signature);
    for (name, token, attached) in [
        ("detached", None, None),
        ("stamped", Some(token.as_slice()), None),
        ("attached", None, Some(b"fuzz".as_slice())),
    ] {
        let cms = signed_data(
            &attributes,
            &certificate,
            &[],
            signer.algorithm,
            &signature,
            token,
            attached,
        )
        .unwrap();
        put(&format!("cms/{name}"), &cms);
    }
    std::fs::write(pki.path("fuzz"), "fuzz").unwrap();
    openssl(
        pki,
        &[
            "cms",
            "-sign",
            "-binary",
            "-stream",
            "-nodetach",
            "-in",
            "fuzz",
            "-signer",
            "curve.pem",
            "-inkey",
            "curve.key",
            "-outform",
            "DER",
            "-out",
            "ber",
        ],
    );
    put("cms/ber", &std::fs::read(pki.path("ber")).unwrap());

    std::fs::write(pki.path("tsq"), timestamp_request(b"fuzz", NONCE)).unwrap();
    openssl(
        pki,
        &[
            "ts",
            "-reply",
            "-config",
            "ext.cnf",
            "-section",
            "tsa_policy",
            "-queryfile",
            "tsq",
            "-signer",
            "tsa.pem",
            "-inkey",
            "tsa.key",
            "-out",
            "tsr",
        ],
    );
    let response = std::fs::read(pki.path("tsr")).unwrap();
    put("tst/response", &response);
    put(
        "tst/token",
        &antin_cades::accept_timestamp(&response, b"fuzz", NONCE)
            .unwrap()
            .der,
    );
}

fn openssl(pki: &Pki, args: &[&str]) {
    run(Command::new("openssl").current_dir(pki.path("")).args(args));
}

//! What no fuzzer finds, since its inputs are small: files whose size is the attack.

use crate::pki::run;
use crate::{seeds, targets};
use antin_pades::report::Problem;
use antin_pades::{Report, Trust, Verdict, validate};
use antin_pdf::{Dictionary, Document, Object, Stream, Update};
use antin_pkix::{Certificate, Evidence, TrustStore, Usage, validate_path};
use std::fmt::Write;
use std::io::Write as _;
use std::process::Command;
use time::macros::datetime;

/// A page, `signatures` fields with a signature over all but its own number of bytes, and `padding` bytes.
fn file(signatures: usize, padding: usize) -> Vec<u8> {
    let cms = include_bytes!("../../../fuzz/seeds/cms/detached");
    let cms: String = cms.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let fields: Vec<String> = (0..signatures)
        .map(|index| format!("{} 0 R", 5 + 2 * index))
        .collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>".to_owned(),
        format!("<</SigFlags 3/Fields[{}]>>", fields.join(" ")),
    ];
    for index in 0..signatures {
        objects.push(format!("<</FT/Sig/T(s{index})/V {} 0 R>>", 6 + 2 * index));
        objects.push(format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 {} {} {padding}]/Contents<{cms}>>>",
            index + 1,
            index + 2
        ));
    }
    objects.push(format!(
        "<</Length {padding}>>stream\n{}\nendstream",
        "x".repeat(padding)
    ));
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut table = "0000000000 65535 f\r\n".to_owned();
    for (number, body) in (1..).zip(&objects) {
        write!(table, "{:010} 00000 n\r\n", pdf.len()).unwrap();
        write!(pdf, "{number} 0 obj\n{body}\nendobj\n").unwrap();
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    write!(
        pdf,
        "xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    pdf.into_bytes()
}

fn judge(signatures: usize, padding: usize) -> Report {
    let document = Document::from_bytes(file(signatures, padding)).expect("a file without fault");
    let trust = nobody();
    validate(
        &document,
        &trust,
        &Evidence::default(),
        datetime!(2026-11-24 09:00 UTC),
    )
}

#[track_caller]
fn assert_refused(report: &Report) {
    assert_eq!(report.verdict, Verdict::Refused);
    assert!(
        matches!(report.problem, Some(Problem::TooBig { .. })),
        "{:?}",
        report.problem
    );
}

#[test]
fn no_signature_beyond_the_budget_is_left_out() {
    let report = judge(200, 10);
    assert_eq!(report.signatures.len(), 200, "as many as are examined");
    assert_refused(&judge(201, 10));
}

/// Two hundred passes over the file took a minute for each 100 MB of it.
#[test]
fn signatures_that_all_cover_a_large_file_are_refused() {
    assert_eq!(judge(3, 11 << 20).signatures.len(), 3, "a few are examined");
    assert_refused(&judge(200, 11 << 20));
}

/// A signed file whose security store holds the genuine lists after `bombs` streams of 8 MiB each.
fn with_store(bombs: usize) -> Vec<u8> {
    let base = targets::SIGNED[0];
    let document = Document::from_bytes(base.to_vec()).unwrap();
    let mut update = Update::new(&document);
    let mut zeros = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zeros.write_all(&vec![0; 8 << 20]).unwrap();
    let filter = Dictionary::from_iter([("Filter", Object::Name(b"FlateDecode".to_vec()))]);
    let bomb = Stream::new(filter, zeros.finish().unwrap());
    let mut lists: Vec<Object> = (0..bombs)
        .map(|_| Object::Reference(update.add(bomb.clone().into())))
        .collect();
    for name in ["root.crl", "sub.crl"] {
        let list = std::fs::read(seeds().join(name)).unwrap();
        let id = update.add(Stream::new(Dictionary::new(), list).into());
        lists.push(Object::Reference(id));
    }
    let mut catalog = document.catalog().unwrap();
    let store = Dictionary::from_iter([("CRLs", Object::Array(lists))]);
    catalog.set("DSS", store);
    update.set(document.root_id(), Object::Dictionary(catalog));
    [base, &update.write().unwrap().bytes].concat()
}

#[test]
fn a_security_store_is_read_up_to_its_budget() {
    let certificate =
        |name: &str| Certificate::from_der(&std::fs::read(seeds().join(name)).unwrap()).unwrap();
    let trust = TrustStore {
        anchors: vec![certificate("root.der")],
        intermediates: vec![certificate("sub.der")],
    };
    let at = certificate("leaf.der").not_before() + time::Duration::hours(2);
    let judge = |bombs| {
        let document = Document::from_bytes(with_store(bombs)).unwrap();
        validate(&document, &trust, &Evidence::default(), at).trust
    };
    assert_eq!(judge(7), Trust::Trusted, "56 MiB before the lists");
    assert_eq!(judge(8), Trust::Unverified, "64 MiB before the lists");
}

/// One file of 1.5 MB with 200 signatures and 256 keys of 8192 bits, all named as the issuer, took twenty seconds.
#[test]
fn a_large_key_takes_its_share_of_a_search() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-521 -nodes -keyout key -utf8 -outform DER -out twin";
    run(Command::new("openssl")
        .current_dir(folder.path())
        .args(arguments.split(' '))
        .args(["-subj", "/C=VN/O=Thử nghiệm/CN=CA thử nghiệm"]));
    let twin = Certificate::from_der(&std::fs::read(folder.path().join("twin")).unwrap()).unwrap();
    let leaf = std::fs::read(seeds().join("leaf.der")).unwrap();
    let leaf = Certificate::from_der(&leaf).unwrap();
    assert!(
        twin.subject().matches(leaf.issuer()),
        "it looks like the issuer"
    );
    let (trust, evidence) = (nobody(), Evidence::default());
    let exhausted = |twins: usize| {
        let extra = vec![twin.clone(); twins];
        let at = leaf.not_before();
        validate_path(&leaf, &extra, &trust, &evidence, at, Usage::Signing).budget_exhausted
    };
    assert!(!exhausted(4), "a few are tried");
    assert!(
        exhausted(20),
        "not all of many, though a hundred small ones would be"
    );
}

fn nobody() -> TrustStore {
    TrustStore {
        anchors: Vec::new(),
        intermediates: Vec::new(),
    }
}

//! Long-term levels and the time-stamp that comes later.

use antin_pades::{Act, Extras, Plain, ValidationData, extend, field_name, later, prepare_with};
use antin_pdf::Document;

use crate::{
    acts::write,
    judges::{assert_good, ltv, pdfsig_says_nothing_bad, pyhanko, qpdf},
    letter::{approve, issue, read, request, signed},
    pki::Pki,
};

/// Everything that proves the paths of this PKI.
pub(crate) fn data(pki: &Pki) -> ValidationData {
    let der = |name: &str| std::fs::read(pki.path(name)).unwrap();
    ValidationData {
        certificates: vec![der("sub.der"), der("root.der")],
        crls: vec![pki.crl("root"), pki.crl("sub")],
        ocsp: Vec::new(),
    }
}

fn eofs(bytes: &[u8]) -> usize {
    bytes.windows(5).filter(|window| window == b"%%EOF").count()
}

/// Signs with validation data in the signature's own revision.
fn long_term(pki: &Pki, pdf: &[u8], who: &str, act: Act, data: &ValidationData) -> Vec<u8> {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let signer = pki.signer(who);
    let extras = Extras {
        validation: Some(data),
        ..Extras::default()
    };
    let prepared = prepare_with(&document, &request(&signer, act), pdf, extras).unwrap();
    let signature = pki.sign(&signer, &prepared);
    let update = prepared
        .finish(&signature, Some(&pki.timestamp(&signature)))
        .unwrap();
    assert_eq!(eofs(&update.bytes), 1, "one act, one revision");
    [pdf, &update.bytes].concat()
}

/// One more archive time-stamp.
pub(crate) fn archived(pki: &Pki, pdf: &[u8], data: &ValidationData) -> Vec<u8> {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let prepared = extend::prepare_timestamp(&document, data, pdf, 0).unwrap();
    let token = pki.timestamp_over(prepared.imprint());
    let update = prepared.finish(&token).unwrap();
    assert_eq!(
        eofs(&update.bytes),
        1,
        "store and time-stamp are one revision"
    );
    [pdf, &update.bytes].concat()
}

#[test]
fn validation_data_in_the_signature_s_own_revision() {
    let pki = Pki::make();
    let data = data(&pki);
    let act = Act::Approve(approve());
    let approved = long_term(&pki, &read("directive.pdf"), "leader", act, &data);
    let issued = long_term(&pki, &approved, "seal", Act::Issue(issue()), &data);
    let file = write(&pki, "lt.pdf", &issued);
    let verdicts = pyhanko(&pki, &file);
    assert_eq!(verdicts.len(), 2);
    // The second signature's data are all there already: nothing is written twice.
    assert_good(
        &verdicts[0],
        field_name::LEADER,
        "ENTIRE_REVISION",
        "FORM_FILLING",
    );
    assert_good(&verdicts[1], field_name::SEAL, "ENTIRE_FILE", "NONE");
    let judged = ltv(&pki, &file, "lt");
    assert_eq!(
        judged[0]["store"],
        serde_json::json!({"certs": 2, "crls": 2, "ocsps": 0})
    );
    assert_eq!(judged.len(), 3);
    for verdict in &judged[1..] {
        assert_eq!(verdict["good"], true, "{verdict}");
    }
    pdfsig_says_nothing_bad(&file, 2);
    qpdf(&file);
    let document = Document::from_bytes(issued).unwrap();
    assert!(extend::holds(&document, &data).unwrap());
    let usages: Vec<_> = extend::leaves(&document).unwrap();
    assert_eq!(usages.len(), 3, "leader, seal, authority: {usages:?}");
}

/// B-LT afterwards: the store alone, no time-stamp.
#[test]
fn a_store_comes_later_and_once() {
    let pki = Pki::make();
    let leader = pki.signer("leader");
    let draft = read("directive.pdf");
    let approved = signed(&pki, &draft, &leader, Act::Approve(approve()), true);
    let data = data(&pki);
    let document = Document::from_bytes(approved.clone()).unwrap();
    let tail = extend::store(&document, &data).unwrap().unwrap();
    assert_eq!(eofs(&tail), 1);
    let extended = [approved, tail].concat();
    let file = write(&pki, "store-later.pdf", &extended);
    let judged = ltv(&pki, &file, "lt");
    assert_eq!(judged[0]["stamps"], serde_json::json!([]));
    assert_eq!(judged[1]["good"], true, "{}", judged[1]);
    let verdicts = pyhanko(&pki, &file);
    let (leader, level) = (field_name::LEADER, "LTA_UPDATES");
    assert_good(&verdicts[0], leader, "ENTIRE_REVISION", level);
    pdfsig_says_nothing_bad(&file, 1);
    qpdf(&file);
    crate::chains::own(&pki, &extended);
    let document = Document::from_bytes(extended).unwrap();
    assert_eq!(extend::store(&document, &data).unwrap(), None);
}

#[test]
fn archived_and_renewed() {
    let pki = Pki::make();
    let approved = signed(
        &pki,
        &read("directive.pdf"),
        &pki.signer("leader"),
        Act::Approve(approve()),
        true,
    );
    let issued = signed(
        &pki,
        &approved,
        &pki.signer("seal"),
        Act::Issue(issue()),
        true,
    );
    // Lists issued after the signature prove more than those before it.
    let data = data(&pki);
    let once = archived(&pki, &issued, &data);
    let twice = archived(&pki, &once, &data);
    for (name, pdf, stamps) in [("lta.pdf", &once, 1), ("lta-renewed.pdf", &twice, 2)] {
        let file = write(&pki, name, pdf);
        let judged = ltv(&pki, &file, "lta");
        assert_eq!(
            judged[0]["stamps"].as_array().unwrap().len(),
            stamps,
            "{name}"
        );
        for verdict in &judged[1..] {
            assert_eq!(verdict["good"], true, "{name}: {verdict}");
        }
        let verdicts = pyhanko(&pki, &file);
        assert_good(
            &verdicts[1],
            field_name::SEAL,
            "ENTIRE_REVISION",
            "LTA_UPDATES",
        );
        pdfsig_says_nothing_bad(&file, 2);
        qpdf(&file);
        let document = Document::from_bytes(pdf.clone()).unwrap();
        let report = own_report(&pki, &document);
        assert!(
            matches!(
                report.verdict,
                antin_pades::Verdict::Valid | antin_pades::Verdict::ModifiedAllowed
            ),
            "{name}: {report:?}"
        );
    }
}

fn own_report(pki: &Pki, document: &Document) -> antin_pades::Report {
    let root = std::fs::read(pki.path("root.der")).unwrap();
    let trust = antin_pkix::TrustStore {
        anchors: vec![antin_pkix::Certificate::from_der(&root).unwrap()],
        intermediates: Vec::new(),
    };
    antin_pades::validate(
        document,
        &trust,
        &antin_pkix::Evidence::default(),
        crate::letter::TIME,
    )
}

/// pyHanko certifies with P=1; additions of store and time-stamp are no changes (ISO 32000-2, 12.8.2.2.2).
#[test]
fn archived_under_a_certification_that_allows_nothing() {
    let pki = Pki::make();
    let (source, certified) = (pki.path("source.pdf"), pki.path("p1.pdf"));
    std::fs::write(&source, read("giay-moi.pdf")).unwrap();
    pki.certify_with_pyhanko(&source, &certified, 1);
    let pdf = archived(&pki, &std::fs::read(&certified).unwrap(), &data(&pki));
    let file = write(&pki, "p1-archived.pdf", &pdf);
    let verdicts = pyhanko(&pki, &file);
    assert_eq!(verdicts[0]["certification"], 1, "{:?}", verdicts[0]);
    assert_eq!(verdicts[0]["docmdp_ok"], true, "{:?}", verdicts[0]);
    assert_eq!(
        verdicts[0]["modification_level"], "LTA_UPDATES",
        "{:?}",
        verdicts[0]
    );
    assert_eq!(verdicts[0]["bottom_line"], true, "{:?}", verdicts[0]);
    qpdf(&file);
}

#[test]
fn the_time_stamp_comes_later() {
    let pki = Pki::make();
    let offline = signed(
        &pki,
        &read("directive.pdf"),
        &pki.signer("leader"),
        Act::Approve(approve()),
        false,
    );
    let document = Document::from_bytes(offline.clone()).unwrap();
    assert_eq!(
        later::waiting_field(&document).unwrap().as_deref(),
        Some(field_name::LEADER)
    );
    let value = later::waiting(&document, field_name::LEADER).unwrap();
    let token = pki.timestamp(&value);
    let patch = later::insert(&document, field_name::LEADER, &token).unwrap();
    let mut stamped = offline.clone();
    assert!(patch.apply(&mut stamped));
    assert_eq!(stamped.len(), offline.len(), "not a byte more");
    let file = write(&pki, "later.pdf", &stamped);
    let verdicts = pyhanko(&pki, &file);
    assert_good(&verdicts[0], field_name::LEADER, "ENTIRE_FILE", "NONE");
    assert_eq!(verdicts[0]["timestamp_valid"], true);
    crate::judges::pdfsig(&file, 1);
    qpdf(&file);

    // Once is enough.
    let document = Document::from_bytes(stamped.clone()).unwrap();
    assert!(matches!(
        later::insert(&document, field_name::LEADER, &token),
        Err(antin_pades::Error::Cades(
            antin_cades::Error::AlreadyTimestamped
        ))
    ));
    // A token over something else is refused.
    let document = Document::from_bytes(offline.clone()).unwrap();
    let foreign = pki.timestamp(b"something else");
    assert!(matches!(
        later::insert(&document, field_name::LEADER, &foreign),
        Err(antin_pades::Error::Cades(
            antin_cades::Error::TimestampMismatch { .. }
        ))
    ));
    // A later signature covers the hole.
    let issued = signed(
        &pki,
        &offline,
        &pki.signer("seal"),
        Act::Issue(issue()),
        false,
    );
    let document = Document::from_bytes(issued).unwrap();
    assert!(matches!(
        later::insert(&document, field_name::LEADER, &token),
        Err(antin_pades::Error::LaterRevision { .. })
    ));
    assert_eq!(
        later::waiting_field(&document).unwrap().as_deref(),
        Some(field_name::SEAL)
    );
}

#[test]
fn curves_get_their_time_stamp_too() {
    let pki = Pki::make();
    let offline = signed(
        &pki,
        &read("giay-moi.pdf"),
        &pki.signer("curve"),
        Act::Plain(Plain::default()),
        false,
    );
    let document = Document::from_bytes(offline.clone()).unwrap();
    let field = later::waiting_field(&document).unwrap().unwrap();
    let token = pki.timestamp(&later::waiting(&document, &field).unwrap());
    let mut stamped = offline;
    assert!(
        later::insert(&document, &field, &token)
            .unwrap()
            .apply(&mut stamped)
    );
    let file = write(&pki, "later-curve.pdf", &stamped);
    assert_eq!(pyhanko(&pki, &file)[0]["timestamp_valid"], true);
}

#[test]
fn a_hole_without_room_grows_when_asked() {
    let pki = Pki::make();
    let pdf = read("giay-moi.pdf");
    let document = Document::from_bytes(pdf.clone()).unwrap();
    let signer = pki.signer("leader");
    let mut small = request(&signer, Act::Plain(Plain::default()));
    small.timestamp = false;
    let prepared = prepare_with(&document, &small, pdf.as_slice(), Extras::default()).unwrap();
    let signature = pki.sign(&signer, &prepared);
    let token = pki.timestamp(&signature);
    let Err(antin_pades::Error::HoleTooSmall { needed, room }) =
        prepared.finish(&signature, Some(&token))
    else {
        panic!("no room was kept for a time-stamp");
    };
    assert!(needed > room);
    let extras = Extras {
        validation: None,
        least_room: needed,
        ..Extras::default()
    };
    let prepared = prepare_with(&document, &small, pdf.as_slice(), extras).unwrap();
    let signature = pki.sign(&signer, &prepared);
    let update = prepared
        .finish(&signature, Some(&pki.timestamp(&signature)))
        .unwrap();
    let file = write(&pki, "grown.pdf", &[pdf, update.bytes].concat());
    assert_good(&pyhanko(&pki, &file)[0], "Ky1", "ENTIRE_FILE", "NONE");
}

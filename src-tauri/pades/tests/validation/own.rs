//! What this crate signs, and what can be done to it afterwards.

use crate::letter::{approve, image, issue, read, signed};
use crate::pki::{Pki, run};
use antin_pades::indication::{Indication, SubIndication};
use antin_pades::report::{ActKind, Coverage, Integrity, Level, ModificationKind as Kind};
use antin_pades::{Act, Plain, Report, Trust, Verdict, field_name, validate};
use antin_pdf::{Dictionary, Document, Object, Stream, Update};
use antin_pkix::{Certificate, Evidence, TrustStore};
use std::process::Command;
use time::{Duration, OffsetDateTime};

struct World {
    pki: Pki,
    trust: TrustStore,
    at: OffsetDateTime,
}

impl World {
    fn new() -> Self {
        let pki = Pki::make();
        let root = Certificate::from_der(&std::fs::read(pki.path("root.der")).unwrap()).unwrap();
        let leader =
            Certificate::from_der(&std::fs::read(pki.path("leader.der")).unwrap()).unwrap();
        Self {
            trust: TrustStore {
                anchors: vec![root],
                intermediates: Vec::new(),
            },
            at: leader.not_before() + Duration::hours(2),
            pki,
        }
    }

    /// Lists of both authorities; the subordinate's names `revoked` with a date and reason.
    fn evidence(&self, revoked: Option<(&str, OffsetDateTime)>) -> Evidence {
        let line = revoked.map_or_else(String::new, |(name, since)| {
            let der = std::fs::read(self.pki.path(&format!("{name}.der"))).unwrap();
            let serial = Certificate::from_der(&der)
                .unwrap()
                .serial_hex()
                .to_uppercase();
            let format = time::macros::format_description!(
                "[year repr:last_two][month][day][hour][minute][second]Z"
            );
            let since = since.format(&format).unwrap();
            format!("R\t361124000000Z\t{since},keyCompromise\t{serial}\tunknown\t/CN=x\n")
        });
        let crls = [("root", String::new()), ("sub", line)].map(|(name, database)| {
            std::fs::write(self.pki.path("database"), database).unwrap();
            std::fs::write(self.pki.path("number"), "01\n").unwrap();
            std::fs::write(
                self.pki.path("ca.cnf"),
                "[ca]\ndefault_ca=d\n[d]\ndatabase=database\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n",
            )
            .unwrap();
            let folder = self.pki.path("");
            let files = [format!("{name}.key"), format!("{name}.pem")];
            run(Command::new("openssl").current_dir(&folder).args(["ca", "-gencrl", "-config", "ca.cnf", "-keyfile", &files[0], "-cert", &files[1], "-out", "list.pem"]));
            std::fs::read(self.pki.path("list.pem")).unwrap()
        });
        let mut evidence = Evidence::default();
        for crl in &crls {
            evidence.add_crl_file(crl).unwrap();
        }
        evidence
    }

    fn judge(&self, pdf: &[u8], evidence: &Evidence) -> Report {
        validate(
            &Document::from_bytes(pdf.to_vec()).unwrap(),
            &self.trust,
            evidence,
            self.at,
        )
    }

    fn approved(&self) -> Vec<u8> {
        signed(
            &self.pki,
            &read("directive.pdf"),
            &self.pki.signer("leader"),
            Act::Approve(approve()),
            true,
        )
    }

    fn issued(&self) -> Vec<u8> {
        signed(
            &self.pki,
            &self.approved(),
            &self.pki.signer("seal"),
            Act::Issue(issue()),
            true,
        )
    }
}

/// Appends an update that `edit` makes.
fn changed(pdf: &[u8], edit: impl FnOnce(&Document, &mut Update<'_>)) -> Vec<u8> {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let mut update = Update::new(&document);
    edit(&document, &mut update);
    [pdf, &update.write().unwrap().bytes].concat()
}

/// A note over the first page's text.
fn noted(pdf: &[u8]) -> Vec<u8> {
    changed(pdf, |document, update| {
        let page = document.page(0).unwrap();
        let mut annotation = Dictionary::new();
        annotation.set("Type", Object::Name(b"Annot".to_vec()));
        annotation.set("Subtype", Object::Name(b"FreeText".to_vec()));
        annotation.set(
            "Rect",
            Object::Array(vec![100.into(), 100.into(), 400.into(), 400.into()]),
        );
        let id = update.add(Object::Dictionary(annotation));
        let mut dict = page.dict;
        let mut annotations = match document.entry(&dict, b"Annots").unwrap() {
            Object::Array(annotations) => annotations,
            _ => Vec::new(),
        };
        annotations.push(Object::Reference(id));
        dict.set("Annots", Object::Array(annotations));
        update.set(page.id, Object::Dictionary(dict));
    })
}

fn kinds(report: &Report, signature: usize) -> Vec<(Kind, bool, Option<&str>)> {
    report.signatures[signature]
        .modifications
        .iter()
        .map(|one| (one.kind, one.permitted, one.field.as_deref()))
        .collect()
}

#[test]
fn an_approved_letter_is_valid_and_as_trusted_as_the_evidence() {
    let world = World::new();
    let pdf = world.approved();
    let report = world.judge(&pdf, &world.evidence(None));
    assert_eq!(
        (report.verdict, report.trust),
        (Verdict::Valid, Trust::Trusted),
        "{report:#?}"
    );
    let one = &report.signatures[0];
    assert_eq!(
        (one.indication, one.sub_indication),
        (Indication::TotalPassed, None)
    );
    assert_eq!(
        (one.field.as_str(), one.act, one.level),
        (field_name::LEADER, ActKind::Approve, Level::BasicT)
    );
    assert_eq!(
        (one.coverage, one.integrity, one.page),
        (Coverage::WholeFile, Integrity::Intact, Some(2))
    );
    assert_eq!(
        (one.certification, report.certification),
        (Some(2), Some(2))
    );
    assert!(
        one.time_proven && one.timestamps[0].intact && one.timestamps[0].trust == Trust::Trusted
    );
    assert_eq!(
        one.signer.as_ref().unwrap().common_name.as_deref(),
        Some("Phan Ngọc Thọ")
    );
    assert_eq!(one.chain.len(), 3);
    assert_eq!(one.path.revocation_source, Some("crl"));
    assert_eq!(one.name.as_deref(), Some("Phan Ngọc Thọ"));
    let again = world.judge(&pdf, &world.evidence(None));
    assert_eq!(
        serde_json::to_value(&report).unwrap()["signatures"][0]["signer"],
        serde_json::to_value(&again).unwrap()["signatures"][0]["signer"]
    );

    let without = world.judge(&pdf, &Evidence::default());
    assert_eq!(
        (without.verdict, without.trust),
        (Verdict::Valid, Trust::Unverified),
        "no evidence is neither green nor red"
    );
    assert_eq!(
        without.signatures[0].sub_indication,
        Some(SubIndication::TryLater)
    );
    let stranger = validate(
        &Document::from_bytes(pdf).unwrap(),
        &TrustStore::default(),
        &Evidence::default(),
        world.at,
    );
    assert_eq!(
        (stranger.verdict, stranger.trust),
        (Verdict::Valid, Trust::Unverified)
    );
    assert_eq!(
        stranger.signatures[0].sub_indication,
        Some(SubIndication::NoCertificateChainFound)
    );
    assert!(
        !stranger.signatures[0].time_proven,
        "a stranger's time-stamp proves nothing"
    );
}

#[test]
fn an_issued_letter_changes_only_what_the_leader_permits() {
    let world = World::new();
    let report = world.judge(&world.issued(), &world.evidence(None));
    assert_eq!(
        (report.verdict, report.trust),
        (Verdict::ModifiedAllowed, Trust::Trusted),
        "{report:#?}"
    );
    let mut found = kinds(&report, 0);
    found.sort();
    assert_eq!(
        found,
        [
            (Kind::FieldSigned, true, Some("Dau")),
            (Kind::FormFilled, true, Some("Ngay")),
            (Kind::FormFilled, true, Some("So")),
            (Kind::FormFilled, true, Some("Thang")),
        ]
    );
    let seal = &report.signatures[1];
    assert_eq!(
        (seal.act, seal.verdict, seal.coverage),
        (ActKind::Issue, Verdict::Valid, Coverage::WholeFile)
    );
    assert_eq!(seal.lock.as_ref().unwrap().fields, ["So", "Ngay", "Thang"]);
}

#[test]
fn a_revoked_signer_is_judged_by_the_proven_time() {
    let world = World::new();
    let pdf = world.approved();
    let before = world.evidence(Some(("leader", world.at - Duration::hours(3))));
    let report = world.judge(&pdf, &before);
    assert_eq!(
        (report.verdict, report.trust),
        (Verdict::Valid, Trust::Untrusted)
    );
    assert_eq!(
        (
            report.signatures[0].indication,
            report.signatures[0].sub_indication
        ),
        (Indication::Indeterminate, Some(SubIndication::RevokedNoPoe)),
        "not trusted, but that it was made after the revocation is not proven"
    );
    let after = world.evidence(Some(("leader", world.at - Duration::minutes(1))));
    assert_eq!(
        world.judge(&pdf, &after).trust,
        Trust::Trusted,
        "the time-stamp is older than the revocation"
    );
    let plain = signed(
        &world.pki,
        &read("directive.pdf"),
        &world.pki.signer("leader"),
        Act::Approve(approve()),
        false,
    );
    let report = world.judge(&plain, &after);
    assert_eq!(
        (
            report.signatures[0].indication,
            report.signatures[0].sub_indication
        ),
        (Indication::Indeterminate, Some(SubIndication::RevokedNoPoe))
    );
    assert_eq!(report.signatures[0].level, Level::BasicB);
}

#[test]
fn a_number_changed_after_sealing_breaks_the_seals_lock() {
    let world = World::new();
    let pdf = changed(&world.issued(), |document, update| {
        let fields = document.fields().unwrap();
        let number = fields.iter().find(|field| field.name == "So").unwrap();
        let mut dict = update.dictionary(number.id).unwrap();
        dict.set("V", Object::string_literal("78"));
        update.set(number.id, Object::Dictionary(dict));
    });
    let report = world.judge(&pdf, &world.evidence(None));
    assert_eq!(report.verdict, Verdict::ModifiedDisallowed);
    assert_eq!(
        kinds(&report, 1),
        [(Kind::LockedFieldChanged, false, Some("So"))]
    );
    assert_eq!(
        report.signatures[1].sub_indication,
        Some(SubIndication::SigConstraintsFailure)
    );
}

#[test]
fn changed_pages_are_named() {
    let world = World::new();
    let issued = world.issued();
    let content = changed(&issued, |document, update| {
        let page = document.page(1).unwrap();
        let contents = page.dict.get(b"Contents").unwrap().clone();
        let id = match contents {
            Object::Reference(id) => id,
            Object::Array(items) => items[0].as_reference().unwrap(),
            other => panic!("{other:?}"),
        };
        update.set(
            id,
            Object::Stream(Stream::new(Dictionary::new(), b"BT ET".to_vec())),
        );
    });
    let report = world.judge(&content, &Evidence::default());
    assert_eq!(report.verdict, Verdict::ModifiedDisallowed);
    let change = report.signatures[1]
        .modifications
        .iter()
        .find(|one| !one.permitted)
        .unwrap();
    assert_eq!(
        (change.kind, change.page),
        (Kind::PageContent, Some(1)),
        "{change:?}"
    );

    let resources = changed(&issued, |document, update| {
        let page = document.page(0).unwrap();
        let mut dict = page.dict;
        dict.set("Contents", Object::Array(Vec::new()));
        update.set(page.id, Object::Dictionary(dict));
    });
    let report = world.judge(&resources, &Evidence::default());
    assert_eq!(
        (
            kinds(&report, 1),
            report.signatures[1].modifications[0].page
        ),
        (vec![(Kind::PageContent, false, None)], Some(0))
    );

    let note = noted(&issued);
    let report = world.judge(&note, &Evidence::default());
    assert_eq!(report.verdict, Verdict::ModifiedDisallowed);
    assert_eq!(kinds(&report, 1), [(Kind::AnnotationAdded, false, None)]);
}

#[test]
fn objects_the_signed_letter_waited_for_are_told() {
    let world = World::new();
    // The page draws with an object that does not exist yet.
    let waiting = changed(&read("directive.pdf"), |document, update| {
        let page = document.page(0).unwrap();
        let mut dict = page.dict;
        let first = dict.get(b"Contents").unwrap().clone();
        let mut all = match first {
            Object::Array(items) => items,
            one => vec![one],
        };
        let id = update.reserve();
        update.set(id, Object::Null);
        all.push(Object::Reference(id));
        dict.set("Contents", Object::Array(all));
        update.set(page.id, Object::Dictionary(dict));
    });
    let plain = Act::Plain(Plain { appearance: None });
    let signed = signed(
        &world.pki,
        &waiting,
        &world.pki.signer("leader"),
        plain,
        false,
    );
    assert_eq!(
        world.judge(&signed, &Evidence::default()).verdict,
        Verdict::Valid
    );
    let document = Document::from_bytes(waiting).unwrap();
    let contents = document
        .page(0)
        .unwrap()
        .dict
        .get(b"Contents")
        .unwrap()
        .as_array()
        .unwrap()
        .clone();
    let id = contents.last().unwrap().as_reference().unwrap();
    let filled = changed(&signed, |_, update| {
        update.set(
            id,
            Object::Stream(Stream::new(Dictionary::new(), b"0 0 600 800 re f".to_vec())),
        );
    });
    let report = world.judge(&filled, &Evidence::default());
    assert_eq!(
        (report.verdict, kinds(&report, 0)),
        (
            Verdict::ModifiedDisallowed,
            vec![(Kind::MissingObjectFilled, false, None)]
        )
    );
}

#[test]
fn damage_is_noticed_wherever_it_is() {
    let world = World::new();
    let issued = world.issued();
    let approved = world.judge(&issued, &Evidence::default()).signatures[0].revision;
    assert_eq!(approved, Some(1), "the letter itself is revision 0");
    let step = issued.len() / 150;
    for at in (0..issued.len()).step_by(step) {
        let mut broken = issued.clone();
        broken[at] ^= 0x20;
        let Ok(document) = Document::from_bytes(broken) else {
            continue;
        };
        let report = validate(&document, &world.trust, &Evidence::default(), world.at);
        let same_cms = report
            .signatures
            .iter()
            .all(|one| one.integrity == Integrity::Intact);
        let good = matches!(report.verdict, Verdict::Valid | Verdict::ModifiedAllowed);
        // Inside a hole only padding and the case of hexadecimal digits may change.
        assert!(
            !good || (same_cms && in_hole(&issued, at)),
            "byte {at}: {:?}",
            report.verdict
        );
    }
    let tail = [issued.as_slice(), b"\n99 0 obj\n<< >>\nendobj\n"].concat();
    let report = world.judge(&tail, &Evidence::default());
    assert_eq!(
        (report.verdict, kinds(&report, 1)),
        (
            Verdict::ModifiedDisallowed,
            vec![(Kind::StrayBytes, false, None)]
        )
    );
}

/// Does a byte lie in the value of a `/Contents`?
fn in_hole(pdf: &[u8], at: usize) -> bool {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    document
        .fields()
        .unwrap()
        .iter()
        .filter_map(|field| field.value.as_ref()?.as_reference().ok())
        .any(|id| {
            let span = document.contents_span(id).unwrap();
            span.is_some_and(|span| span.contains(&u64::try_from(at).unwrap()))
        })
}

#[test]
fn a_second_plain_signature_leaves_the_first_valid() {
    let world = World::new();
    let plain = || Act::Plain(Plain { appearance: None });
    let once = signed(
        &world.pki,
        &read("directive.pdf"),
        &world.pki.signer("leader"),
        plain(),
        false,
    );
    let twice = signed(
        &world.pki,
        &once,
        &world.pki.signer("curve"),
        Act::Plain(Plain {
            appearance: Some((approve().place, image("signature.png"))),
        }),
        false,
    );
    let report = world.judge(&twice, &world.evidence(None));
    assert_eq!(
        (report.verdict, report.trust),
        (Verdict::Valid, Trust::Trusted),
        "{report:#?}"
    );
    assert_eq!(
        kinds(&report, 0),
        [(Kind::SignatureAdded, true, Some("Ky2"))]
    );

    // Nobody certified, so nobody permitted notes: a white one hides what was signed.
    let report = world.judge(&noted(&once), &Evidence::default());
    assert_eq!(report.verdict, Verdict::ModifiedDisallowed);
    assert_eq!(kinds(&report, 0), [(Kind::AnnotationAdded, false, None)]);
}

#[test]
fn a_letter_with_nothing_but_the_leaf_needs_the_bundled_intermediate() {
    let mut world = World::new();
    let mut leader = world.pki.signer("leader");
    leader.chain.clear();
    let pdf = signed(
        &world.pki,
        &read("directive.pdf"),
        &leader,
        Act::Approve(approve()),
        false,
    );
    let report = world.judge(&pdf, &world.evidence(None));
    let one = &report.signatures[0];
    assert_eq!(
        (one.trust, one.sub_indication),
        (
            Trust::Unverified,
            Some(SubIndication::NoCertificateChainFound)
        )
    );
    assert!(
        one.path
            .detail
            .as_deref()
            .unwrap()
            .contains("CA thử nghiệm"),
        "the missing issuer is named"
    );
    let sub = std::fs::read(world.pki.path("sub.der")).unwrap();
    world
        .trust
        .intermediates
        .push(Certificate::from_der(&sub).unwrap());
    let report = world.judge(&pdf, &world.evidence(None));
    assert_eq!(
        (
            report.verdict,
            report.trust,
            report.signatures[0].indication
        ),
        (Verdict::Valid, Trust::Trusted, Indication::TotalPassed)
    );
}

#[test]
fn a_file_that_cannot_be_opened_is_said_to_be_so() {
    let letter = read("directive.pdf");
    let at = time::macros::datetime!(2026-11-24 08:00 UTC);
    let junk = [b"data:application/pdf;", letter.as_slice()].concat();
    let error = Document::from_bytes(junk).unwrap_err();
    let report = Report::unopened(&error, at);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        (
            json["verdict"].as_str(),
            json["problem"]["kind"].as_str(),
            json["problem"]["junk"].as_u64()
        ),
        (Some("malformed"), Some("not-pdf"), Some(21))
    );
    let unsigned = validate(
        &Document::from_bytes(letter).unwrap(),
        &TrustStore::default(),
        &Evidence::default(),
        at,
    );
    assert_eq!(
        (unsigned.verdict, unsigned.trust),
        (Verdict::Unsigned, Trust::Unverified)
    );
}

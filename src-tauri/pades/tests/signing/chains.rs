//! Chains of acts, and acts over letters that other programs signed: every earlier signature stays good.

use std::process::Command;

use antin_pades::{
    Act, Appendix, CopyForm, CopySource, Error, Incoming, Initial, Later, Mark, Permissions, Place,
    Rect, Report, Signing, Verdict, field_name, permissions, validate,
};
use antin_pdf::Document;
use antin_pkix::{Certificate, Evidence, TrustStore};
use serde_json::Value;

use crate::{
    acts::write,
    gallery::copy,
    judges::{assert_good, pdfsig, pyhanko, qpdf},
    letter::{approve, elsewhere, image, issue, prepared, read, signed},
    pki::{Pki, run},
};

pub(crate) fn place(page: usize, x0: f64, y0: f64, x1: f64, y1: f64) -> Place {
    Place {
        page,
        rect: Rect { x0, y0, x1, y1 },
    }
}

/// An initial behind the Directive's last line.
pub(crate) fn initial() -> Initial {
    let Approve {
        place: leader,
        fields,
    } = ahead();
    Initial {
        mark: Mark::Picture(image("signature.png")),
        place: Some(place(2, 448.0, 350.0, 474.0, 376.0)),
        later: Some(Later { leader, fields }),
    }
}

struct Approve {
    place: Place,
    fields: Option<antin_pades::IssueFields>,
}

fn ahead() -> Approve {
    let mut act = approve();
    if let Some(fields) = &mut act.fields {
        fields.incoming = Some(place(0, 85.0, 620.0, 226.73, 719.21));
    }
    Approve {
        place: act.place,
        fields: act.fields,
    }
}

pub(crate) fn incoming() -> Incoming {
    Incoming {
        agency: "Sở Thông tin và Truyền thông".into(),
        number: "1234".into(),
        day: "29/12/2014".into(),
        forwarded: "Phòng Công nghệ thông tin".into(),
        dossier: String::new(),
        place: None,
    }
}

pub(crate) fn appendix() -> Act {
    Act::Appendix(Appendix {
        code: "77/2014/CT-UBND".into(),
    })
}

/// What this crate says.
pub(crate) fn report(pki: &Pki, pdf: &[u8]) -> Report {
    let root = Certificate::from_der(&std::fs::read(pki.path("root.der")).unwrap()).unwrap();
    let at = root.not_before() + time::Duration::hours(2);
    let trust = TrustStore {
        anchors: vec![root],
        intermediates: Vec::new(),
    };
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    validate(&document, &trust, &Evidence::default(), at)
}

/// Every signature holds, whatever came after it.
#[track_caller]
pub(crate) fn own(pki: &Pki, pdf: &[u8]) {
    let report = report(pki, pdf);
    assert!(!report.signatures.is_empty());
    for one in &report.signatures {
        assert!(
            matches!(one.verdict, Verdict::Valid | Verdict::ModifiedAllowed),
            "{one:#?}"
        );
    }
}

/// All judges; `fields` are the signatures, oldest first.
#[track_caller]
pub(crate) fn judged(pki: &Pki, name: &str, pdf: &[u8], fields: &[&str]) -> Vec<Value> {
    let file = write(pki, name, pdf);
    let verdicts = pyhanko(pki, &file);
    assert_eq!(verdicts.len(), fields.len(), "{verdicts:?}");
    for (verdict, field) in verdicts.iter().zip(fields) {
        if Some(field) == fields.last() {
            assert_good(verdict, field, "ENTIRE_FILE", "NONE");
        } else {
            assert_good(verdict, field, "ENTIRE_REVISION", "FORM_FILLING");
        }
    }
    qpdf(&file);
    own(pki, pdf);
    verdicts
}

pub(crate) fn text(pki: &Pki, name: &str, page: &str) -> String {
    run(Command::new("pdftotext")
        .args(["-layout", "-f", page, "-l", page])
        .arg(pki.path(name))
        .arg("-"))
}

pub(crate) fn allowed(pdf: &[u8]) -> Permissions {
    permissions(&Document::from_bytes(pdf.to_vec()).unwrap()).unwrap()
}

#[test]
fn initial_approve_issue_incoming() {
    let pki = Pki::make();
    let (leader, seal, other) = (
        pki.signer("leader"),
        pki.signer("seal"),
        pki.signer("curve"),
    );
    let draft = read("directive.pdf");
    let first = signed(&pki, &draft, &other, Act::Initial(initial()), false);
    let a = field_name::INITIALS[0];
    let verdicts = judged(&pki, "initial.pdf", &first, &[a]);
    assert_eq!(
        verdicts[0]["certification"], 2,
        "whoever is first certifies"
    );

    let second = signed(&pki, &first, &seal, Act::Initial(initial()), false);
    let b = field_name::INITIALS[1];
    judged(&pki, "initials.pdf", &second, &[a, b]);

    let approved = signed(&pki, &second, &leader, Act::Approve(approve()), true);
    let c = field_name::LEADER;
    let verdicts = judged(&pki, "initial-approved.pdf", &approved, &[a, b, c]);
    assert_eq!(
        verdicts[2]["certification"],
        Value::Null,
        "only one certifies"
    );

    let issued = signed(&pki, &approved, &seal, Act::Issue(issue()), true);
    let d = field_name::SEAL;
    judged(&pki, "initial-issued.pdf", &issued, &[a, b, c, d]);

    let arrived = signed(&pki, &issued, &other, Act::Incoming(incoming()), true);
    let e = field_name::INCOMING;
    judged(&pki, "initial-incoming.pdf", &arrived, &[a, b, c, d, e]);
    pdfsig(&pki.path("initial-incoming.pdf"), 5);
    let stamp = text(&pki, "initial-incoming.pdf", "1");
    for part in ["ĐẾN", "Số: 1234", "29/12/2014", "TRUYỀN THÔNG"] {
        assert!(stamp.contains(part), "{part} in {stamp}");
    }
}

#[test]
fn approve_issue_incoming_appendix() {
    let pki = Pki::make();
    let (leader, seal) = (pki.signer("leader"), pki.signer("seal"));
    let mut act = approve();
    act.fields = ahead().fields;
    let approved = signed(
        &pki,
        &read("directive.pdf"),
        &leader,
        Act::Approve(act),
        false,
    );
    let issued = signed(&pki, &approved, &seal, Act::Issue(issue()), false);
    let (a, b, c) = (field_name::LEADER, field_name::SEAL, field_name::APPENDIX);
    let appended = signed(&pki, &issued, &seal, appendix(), false);
    judged(&pki, "issued-appendix.pdf", &appended, &[a, b, c]);

    let arrived = signed(&pki, &issued, &leader, Act::Incoming(incoming()), false);
    let appended = signed(&pki, &arrived, &seal, appendix(), false);
    judged(
        &pki,
        "incoming-appendix.pdf",
        &appended,
        &[a, b, field_name::INCOMING, c],
    );
    let again = prepared(&appended, &seal, appendix());
    assert!(matches!(again, Err(Error::OnlyInvisible)), "{again:?}");
    // A second receiver's stamp has no field any more; it may be nothing that is seen.
    let forwarded = signed(&pki, &arrived, &seal, Act::Incoming(incoming()), false);
    judged(
        &pki,
        "forwarded.pdf",
        &forwarded,
        &[a, b, field_name::INCOMING, "DauDen2"],
    );
}

#[test]
fn an_appendix_in_a_file_of_its_own() {
    let pki = Pki::make();
    let seal = pki.signer("seal");
    let once = signed(&pki, &read("cong-van.pdf"), &seal, appendix(), true);
    judged(&pki, "appendix.pdf", &once, &[field_name::APPENDIX]);
    let shown = text(&pki, "appendix.pdf", "1");
    let lines: Vec<_> = shown
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(lines[..2], ["77/2014/CT-UBND", "2026-11-24T09:30:00+07:00"]);
    let again = prepared(&once, &seal, appendix());
    assert!(
        matches!(again, Err(Error::AlreadyFilled { .. })),
        "{again:?}"
    );
    // The receiver stamps it: nobody certified, so a new drawing is allowed.
    let arrived = signed(&pki, &once, &seal, Act::Incoming(incoming()), false);
    judged(
        &pki,
        "appendix-incoming.pdf",
        &arrived,
        &[field_name::APPENDIX, field_name::INCOMING],
    );
    let empty = prepared(
        &read("cong-van.pdf"),
        &seal,
        Act::Appendix(Appendix { code: " ".into() }),
    );
    assert!(matches!(empty, Err(Error::TextMissing { .. })), "{empty:?}");
}

#[test]
fn the_corner_is_the_readers() {
    let pki = Pki::make();
    let seal = pki.signer("seal");
    for turn in ["+90", "+180", "+270"] {
        let (source, turned) = (pki.path("source.pdf"), pki.path("turned.pdf"));
        std::fs::write(&source, read("giay-moi.pdf")).unwrap();
        run(Command::new("qpdf")
            .arg(format!("--rotate={turn}:1"))
            .args([&source, &turned]));
        let pdf = signed(
            &pki,
            &std::fs::read(&turned).unwrap(),
            &seal,
            appendix(),
            false,
        );
        let name = format!("corner{turn}.pdf");
        judged(&pki, &name, &pdf, &[field_name::APPENDIX]);
        // Where poppler sees the words, on the page as it is turned.
        let boxes = run(Command::new("pdftotext")
            .args(["-bbox", "-l", "1"])
            .arg(pki.path(&name))
            .arg("-"));
        let attribute = |line: &str, key: &str| -> f64 {
            let at = line.split(&format!("{key}=\"")).nth(1).unwrap();
            at.split('"').next().unwrap().parse().unwrap()
        };
        let page = boxes.lines().find(|line| line.contains("<page")).unwrap();
        let word = boxes
            .lines()
            .find(|line| line.contains(">77/2014/CT-UBND<"))
            .unwrap();
        // The page's size is given as it is without the turn.
        let width = attribute(page, if turn == "+180" { "width" } else { "height" });
        assert!(attribute(word, "yMin") < 40.0, "{turn}: {word} on {page}");
        assert!(
            (width - 60.0..width - 30.0).contains(&attribute(word, "xMax")),
            "{turn}: {word} on {page}"
        );
    }
}

#[test]
fn copies_and_what_they_may_be_made_of() {
    let pki = Pki::make();
    let seal = pki.signer("seal");
    let scan = read("giay-moi.pdf");
    let made = [
        (CopyForm::Full, CopySource::Paper, "Sao y"),
        (CopyForm::OfCopy, CopySource::PaperCopy, "Sao lục"),
        (CopyForm::Extract, CopySource::Electronic, "Trích sao"),
        (CopyForm::Extract, CopySource::Paper, "Trích sao"),
    ];
    for (form, source, words) in made {
        let pdf = signed(&pki, &scan, &seal, copy(form, source), false);
        let name = format!("copy-{form:?}-{source:?}.pdf");
        judged(&pki, &name, &pdf, &[field_name::COPY]);
        let shown = text(&pki, &name, "1");
        for part in [words, "tỉnh Thừa Thiên Huế", "2026-11-24T09:30:00+07:00"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }
    let all = [
        CopySource::Paper,
        CopySource::PaperCopy,
        CopySource::Electronic,
    ];
    for form in [CopyForm::Full, CopyForm::OfCopy, CopyForm::Extract] {
        for source in all {
            let lawful = made.iter().any(|one| (one.0, one.1) == (form, source));
            let refused = prepared(&scan, &seal, copy(form, source));
            match refused {
                Ok(_) => assert!(lawful, "{form:?} of {source:?}"),
                Err(Error::CopyForbidden { .. }) => assert!(!lawful, "{form:?} of {source:?}"),
                Err(error) => panic!("{form:?} of {source:?}: {error}"),
            }
        }
    }
    let original = signed(&pki, &scan, &seal, Act::Approve(elsewhere()), false);
    let refused = prepared(
        &original,
        &seal,
        copy(CopyForm::Extract, CopySource::Electronic),
    );
    assert!(
        matches!(&refused, Err(Error::CopyOfSigned { field }) if field == field_name::LEADER),
        "{refused:?}"
    );
    let mut old = scan;
    old[5..8].copy_from_slice(b"1.3");
    let refused = prepared(&old, &seal, copy(CopyForm::Full, CopySource::Paper));
    assert!(
        matches!(&refused, Err(Error::CopyTooOld { version }) if version == "1.3"),
        "{refused:?}"
    );
}

#[test]
fn a_comment_before_and_after_the_approval() {
    let pki = Pki::make();
    let (leader, clerk) = (pki.signer("leader"), pki.signer("curve"));
    let words = "Đồng ý trình ký; đề nghị bổ sung nơi nhận: Sở Tài chính, Kho bạc Nhà nước tỉnh.";
    let comment = |place| Initial {
        mark: Mark::Comment(words.into()),
        place,
        ..initial()
    };
    let at = Some(place(0, 300.0, 20.0, 560.0, 60.0));
    let first = signed(
        &pki,
        &read("directive.pdf"),
        &clerk,
        Act::Initial(comment(at)),
        false,
    );
    judged(&pki, "comment.pdf", &first, &[field_name::COMMENT]);
    assert!(text(&pki, "comment.pdf", "1").contains("Đồng ý trình ký"));
    let approved = signed(&pki, &first, &leader, Act::Approve(approve()), false);
    let late = signed(&pki, &approved, &clerk, Act::Initial(comment(at)), false);
    let fields = [field_name::COMMENT, field_name::LEADER, "YKien2"];
    judged(&pki, "comments.pdf", &late, &fields);

    let mut long = comment(Some(place(0, 300.0, 20.0, 400.0, 40.0)));
    let refused = prepared(&read("directive.pdf"), &clerk, Act::Initial(long.clone()));
    assert!(
        matches!(refused, Err(Error::TextTooLong { .. })),
        "{refused:?}"
    );
    long.mark = Mark::Comment(String::new());
    let refused = prepared(&read("directive.pdf"), &clerk, Act::Initial(long));
    assert!(
        matches!(refused, Err(Error::TextMissing { .. })),
        "{refused:?}"
    );
}

#[test]
fn an_approved_letter_says_what_waits() {
    let pki = Pki::make();
    let approved = signed(
        &pki,
        &read("directive.pdf"),
        &pki.signer("leader"),
        Act::Approve(approve()),
        false,
    );
    let said = allowed(&approved);
    assert_eq!(
        (said.signing, said.certification),
        (Signing::Invisible, Some(2))
    );
    assert_eq!(said.signed, [field_name::LEADER]);
    assert_eq!(
        said.empty,
        [field_name::SEAL, field_name::INCOMING, field_name::APPENDIX]
    );
    let fresh = allowed(&read("directive.pdf"));
    assert_eq!((fresh.signing, fresh.signed.len()), (Signing::Free, 0));
}

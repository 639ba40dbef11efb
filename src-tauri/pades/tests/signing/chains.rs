//! Chains of acts, and acts over letters that other programs signed: every earlier signature stays good.

use std::process::Command;

use antin_pades::{
    Act, Appendix, CertifiedCopy, CopyForm, CopySource, Error, Incoming, Initial, Later, Mark,
    Permissions, Place, Plain, Rect, Signing, Verdict, field_name, permissions, validate,
};
use antin_pdf::Document;
use antin_pkix::{Certificate, Evidence, TrustStore};
use serde_json::Value;

use crate::{
    acts::write,
    judges::{assert_good, pdfsig, pyhanko, qpdf},
    letter::{approve, elsewhere, image, issue, prepared, read, signed},
    pki::{Pki, run, workspace},
};

fn place(page: usize, x0: f64, y0: f64, x1: f64, y1: f64) -> Place {
    Place {
        page,
        rect: Rect { x0, y0, x1, y1 },
    }
}

/// An initial behind the Directive's last line.
fn initial() -> Initial {
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

fn incoming() -> Incoming {
    Incoming {
        agency: "Sở Thông tin và Truyền thông".into(),
        number: "1234".into(),
        day: "29/12/2014".into(),
        forwarded: "Phòng Công nghệ thông tin".into(),
        dossier: String::new(),
        place: None,
    }
}

fn appendix() -> Act {
    Act::Appendix(Appendix {
        code: "77/2014/CT-UBND".into(),
    })
}

/// What this crate says: every signature holds, whatever came after it.
#[track_caller]
fn own(pki: &Pki, pdf: &[u8]) {
    let root = Certificate::from_der(&std::fs::read(pki.path("root.der")).unwrap()).unwrap();
    let at = root.not_before() + time::Duration::hours(2);
    let trust = TrustStore {
        anchors: vec![root],
        intermediates: Vec::new(),
    };
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let report = validate(&document, &trust, &Evidence::default(), at);
    for one in &report.signatures {
        assert!(
            matches!(one.verdict, Verdict::Valid | Verdict::ModifiedAllowed),
            "{one:#?}"
        );
    }
}

/// All judges; `fields` are the signatures, oldest first.
#[track_caller]
fn judged(pki: &Pki, name: &str, pdf: &[u8], fields: &[&str]) -> Vec<Value> {
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

fn text(pki: &Pki, name: &str, page: &str) -> String {
    run(Command::new("pdftotext")
        .args(["-layout", "-f", page, "-l", page])
        .arg(pki.path(name))
        .arg("-"))
}

fn allowed(pdf: &[u8]) -> Permissions {
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

fn copy(form: CopyForm, source: CopySource) -> Act {
    Act::Copy(CertifiedCopy {
        form,
        source,
        agency: "Ủy ban nhân dân tỉnh Thừa Thiên Huế".into(),
    })
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

/// The Directive as pyHanko signs it: `meta` is Python for the signature's metadata, `field` for its field.
fn elsewhere_signed(pki: &Pki, name: &str, meta: &str, field: &str) -> Vec<u8> {
    let script = format!(
        "
import sys
from pyhanko.sign import signers, fields
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
key, cert, chain, source, target = sys.argv[1:]
signer = signers.SimpleSigner.load(key, cert, ca_chain_files=(chain,))
with open(source, 'rb') as data, open(target, 'wb') as out:
    writer = IncrementalPdfFileWriter(data)
    fields.append_signature_field(writer, fields.SigFieldSpec('Signature1'{field}))
    signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name='Signature1'{meta}), signer=signer, output=out)
"
    );
    let source = pki.path("source.pdf");
    std::fs::write(&source, read("directive.pdf")).unwrap();
    let python = std::env::var_os("ANTIN_JUDGES").map_or_else(
        || workspace().join("target/judges/bin/python"),
        std::path::PathBuf::from,
    );
    let mut command = Command::new(python);
    command.args(["-c", &script]);
    command.args(["leader.key", "leader.pem", "sub.pem"].map(|name| pki.path(name)));
    run(command.arg(&source).arg(pki.path(name)));
    std::fs::read(pki.path(name)).unwrap()
}

#[test]
fn letters_signed_elsewhere_say_what_they_allow() {
    let pki = Pki::make();
    let seal = pki.signer("seal");
    let stamp = || Act::Incoming(incoming());
    let visible = || {
        Act::Plain(Plain {
            appearance: Some((elsewhere().place, image("signature.png"))),
        })
    };

    // adbe.pkcs7.detached, no certification: a visible stamp is allowed.
    let free = elsewhere_signed(&pki, "free.pdf", "", "");
    let said = allowed(&free);
    assert_eq!((said.signing, said.certification), (Signing::Free, None));
    assert_eq!(said.signed, ["Signature1"]);
    let stamped = signed(&pki, &free, &seal, stamp(), false);
    judged(
        &pki,
        "free-incoming.pdf",
        &stamped,
        &["Signature1", field_name::INCOMING],
    );
    assert!(text(&pki, "free-incoming.pdf", "1").contains("Số: 1234"));
    let plain = signed(&pki, &free, &seal, visible(), false);
    judged(&pki, "free-plain.pdf", &plain, &["Signature1", "Ky1"]);
    let refused = prepared(&free, &seal, Act::Approve(approve()));
    assert!(
        matches!(&refused, Err(Error::AlreadySigned { .. })),
        "{refused:?}"
    );

    for level in [2, 3] {
        let meta = format!(", certify=True, docmdp_permissions=fields.MDPPerm({level})");
        let pdf = elsewhere_signed(&pki, "certified.pdf", &meta, "");
        let said = allowed(&pdf);
        assert_eq!(
            (said.signing, said.certification),
            (Signing::Invisible, Some(level))
        );
        let stamped = signed(&pki, &pdf, &seal, stamp(), false);
        let name = format!("certified{level}-incoming.pdf");
        judged(&pki, &name, &stamped, &["Signature1", field_name::INCOMING]);
        let plain = signed(&pki, &pdf, &seal, Act::Plain(Plain::default()), false);
        judged(&pki, "certified-plain.pdf", &plain, &["Signature1", "Ky1"]);
        let refused = prepared(&pdf, &seal, visible());
        assert!(matches!(refused, Err(Error::OnlyInvisible)), "{refused:?}");
        let refused = prepared(&pdf, &seal, appendix());
        assert!(matches!(refused, Err(Error::OnlyInvisible)), "{refused:?}");
    }

    let meta = ", certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES";
    let lock = ", field_mdp_spec=fields.FieldMDPSpec(fields.FieldMDPAction.ALL), doc_mdp_update_value=fields.MDPPerm.NO_CHANGES";
    for (meta, field) in [(meta, ""), ("", lock)] {
        let pdf = elsewhere_signed(&pki, "final.pdf", meta, field);
        let said = allowed(&pdf);
        assert_eq!(
            (said.signing, said.certification),
            (Signing::Nothing, Some(1)),
            "{field}"
        );
        assert!(said.empty.is_empty());
        for act in [
            stamp(),
            visible(),
            Act::Plain(Plain::default()),
            appendix(),
            Act::Initial(initial()),
        ] {
            let refused = prepared(&pdf, &seal, act);
            assert!(matches!(refused, Err(Error::Locked)), "{refused:?}");
        }
    }
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

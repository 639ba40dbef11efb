//! Whatever a document is like: the original is a prefix, what was written is what was meant, everything else stays, and
//! the signature covers all but its own value.

use std::cell::RefCell;

use antin_pades::{
    Act, Approve, Initial, IssueFields, Mark, Place, Plain, Rect, TextPlace, TextStyle, field_name,
    report::Integrity,
};
use antin_pdf::{Dictionary, Document, Field, Object, Update, text_string};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    acts::write,
    chains::{appendix, incoming, own, report},
    generated::{Shape, Xref, shapes},
    judges::{pyhanko_all, qpdf},
    letter::{image, issue, signed},
    matrix::every_revision_ends_in_a_signature,
    pki::{Pki, Signer},
};

/// Documents made; each is signed three times.
const CASES: u32 = 24;

/// A rectangle inside the paper, by shares of its free width and height.
fn place(shape: &Shape, page: usize, share: (f64, f64), size: (f64, f64)) -> Place {
    let [x0, y0, x1, y1] = shape
        .paper()
        .map(|edge| f64::from(i32::try_from(edge).unwrap()));
    let x = x0 + share.0 * (x1 - x0 - size.0);
    let y = y0 + share.1 * (y1 - y0 - size.1);
    Place {
        page: page % shape.pages,
        rect: Rect::new(x, y, x + size.0, y + size.1),
    }
}

/// The document with its history: each revision adds an object and touches the catalog.
fn with_history(shape: &Shape) -> Vec<u8> {
    let mut pdf = shape.bytes();
    for revision in 0..shape.history {
        let document = Document::from_bytes(pdf.clone()).unwrap();
        let mut update = Update::new(&document);
        let mut catalog = document.catalog().unwrap();
        let added = update.add(Object::Integer(i64::try_from(revision).unwrap()));
        catalog.set(format!("XXHistory{revision}"), Object::Reference(added));
        update.set(document.root_id(), Object::Dictionary(catalog));
        pdf.extend(update.write().unwrap().bytes);
    }
    pdf
}

fn field(document: &Document, name: &str) -> Field {
    let fields = document.fields().unwrap();
    let known: Vec<_> = fields.iter().map(|field| field.name.clone()).collect();
    let found = fields.into_iter().find(|field| field.name == name);
    found.unwrap_or_else(|| panic!("no field {name} in {known:?}"))
}

/// A new field is where it was meant to be.
#[track_caller]
fn stands(document: &Document, name: &str, place: Place, kind: &[u8]) -> Dictionary {
    let dict = field(document, name).dict;
    assert_eq!(dict.get(b"FT").unwrap().as_name().unwrap(), kind);
    let rect = document.rect(dict.get(b"Rect").unwrap()).unwrap().unwrap();
    for (is, meant) in [
        (rect.x0, place.rect.x0),
        (rect.x1, place.rect.x1),
        (rect.y0, place.rect.y0),
        (rect.y1, place.rect.y1),
    ] {
        assert!((is - meant).abs() < 0.002, "{name}: {rect:?} for {place:?}");
    }
    let page = dict.get(b"P").unwrap().as_reference().unwrap();
    assert_eq!(page, document.page_ids().unwrap()[place.page]);
    dict
}

/// What every act leaves as it was: the catalog, pages and their annotations, earlier fields.
fn kept(before: &[u8], after: &[u8]) {
    assert!(after.starts_with(before));
    let (old, new) = (
        Document::from_bytes(before.to_vec()).unwrap(),
        Document::from_bytes(after.to_vec()).unwrap(),
    );
    assert_eq!(new.revisions().len(), old.revisions().len() + 1);
    let differing = |old: &Dictionary, new: &Dictionary| -> Vec<String> {
        let keys = old.iter().chain(new.iter()).map(|(key, _)| key);
        keys.filter(|key| old.get(key).ok() != new.get(key).ok())
            .map(|key| String::from_utf8_lossy(key).into_owned())
            .collect()
    };
    let changed = differing(&old.catalog().unwrap(), &new.catalog().unwrap());
    assert!(
        changed
            .iter()
            .all(|key| ["AcroForm", "Perms"].contains(&key.as_str())),
        "{changed:?}"
    );
    assert_eq!(old.page_ids().unwrap(), new.page_ids().unwrap());
    let annotations = |document: &Document, page: &Dictionary| match document.entry(page, b"Annots")
    {
        Ok(Object::Array(items)) => items,
        _ => Vec::new(),
    };
    for page in 0..old.page_count().unwrap() {
        let (was, is) = (old.page(page).unwrap(), new.page(page).unwrap());
        let changed = differing(&was.dict, &is.dict);
        assert!(changed.iter().all(|key| key == "Annots"), "{changed:?}");
        let sizes = |page: &antin_pdf::Page| (page.media_box, page.crop_box, page.rotate);
        assert_eq!(sizes(&was), sizes(&is));
        assert!(annotations(&new, &is.dict).starts_with(&annotations(&old, &was.dict)));
    }
    let names = |document: &Document| -> Vec<String> {
        let fields = document.fields().unwrap();
        fields.into_iter().map(|field| field.name).collect()
    };
    assert!(
        names(&new).starts_with(&names(&old)),
        "fields stay, in their order"
    );
}

/// The signature in `name` covers the file but for its own value.
fn covered(pdf: &[u8], name: &str) {
    let document = Document::from_bytes(pdf.to_vec()).unwrap();
    let value = field(&document, name).value.unwrap();
    let id = value.as_reference().unwrap();
    let signature = document.dictionary(id).unwrap();
    let range: Vec<usize> = signature
        .get(b"ByteRange")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|number| usize::try_from(number.as_i64().unwrap()).unwrap())
        .collect();
    let hole = document.contents_span(id).unwrap().unwrap();
    let (start, end) = (
        usize::try_from(hole.start).unwrap(),
        usize::try_from(hole.end).unwrap(),
    );
    assert_eq!(range, [0, start, end, pdf.len() - end]);
    assert!(pdf[start] == b'<' && pdf[end - 1] == b'>');
    assert!(pdf[start + 1..end - 1].iter().all(u8::is_ascii_hexdigit));
}

/// Which kind of first act, its page, and where things stand.
type Orders = (u8, usize, (f64, f64), (f64, f64));

/// Three acts over a document: certify and prepare, or sign; then what follows.
fn through(pki: &Pki, shape: &Shape, (first, page, one, other): Orders) -> Vec<u8> {
    let signer = Signer::fixed();
    let draft = with_history(shape);
    let sign = |before: &[u8], act: Act, name: &str| {
        let after = signed(pki, before, &signer, act, false);
        kept(before, &after);
        covered(&after, name);
        after
    };
    // The shape's own field takes the name of ours.
    let suffix = if draft.windows(6).any(|window| window == b"/T (So") {
        "2"
    } else {
        ""
    };
    let named = |base: &str| format!("{base}{suffix}");
    let last = if first == 0 {
        let leader = place(shape, page, one, (150.0, 80.0));
        let blank = |share, style| TextPlace {
            place: place(shape, 0, share, (40.0, 18.0)),
            baseline: None,
            style,
        };
        let fields = IssueFields {
            number: blank(other, TextStyle::NUMBER),
            day: Some(blank((other.1, other.0), TextStyle::DATE)),
            month: None,
            seal: place(shape, page, other, (102.0, 102.0)),
            incoming: None,
        };
        let act = Approve {
            image: image("signature.png"),
            place: leader,
            fields: Some(fields.clone()),
        };
        let approved = sign(&draft, Act::Approve(act), &named(field_name::LEADER));
        let document = Document::from_bytes(approved.clone()).unwrap();
        stands(&document, &named(field_name::LEADER), leader, b"Sig");
        let number = stands(
            &document,
            &named(field_name::NUMBER),
            fields.number.place,
            b"Tx",
        );
        assert!(!number.has(b"V"));
        stands(&document, &named(field_name::SEAL), fields.seal, b"Sig");
        let catalog = document.catalog().unwrap();
        let Object::Dictionary(perms) = document.entry(&catalog, b"Perms").unwrap() else {
            panic!("nobody certified")
        };
        let value = field(&document, &named(field_name::LEADER)).value;
        assert_eq!(perms.get(b"DocMDP").ok(), value.as_ref());
        let issued = sign(&approved, Act::Issue(issue()), &named(field_name::SEAL));
        let document = Document::from_bytes(issued.clone()).unwrap();
        for (base, meant) in [(field_name::NUMBER, "77"), (field_name::DAY, "26")] {
            let value = field(&document, &named(base)).value.unwrap();
            assert_eq!(text_string(&value).unwrap(), meant);
        }
        sign(&issued, appendix(), &named(field_name::APPENDIX))
    } else {
        let seen = place(shape, page, one, (120.0, 60.0));
        let visible = Plain {
            appearance: Some((seen, image("signature.png"))),
        };
        let once = sign(&draft, Act::Plain(visible), "Ky1");
        stands(
            &Document::from_bytes(once.clone()).unwrap(),
            "Ky1",
            seen,
            b"Sig",
        );
        let at = place(shape, page, other, (220.0, 60.0));
        let comment = Initial {
            mark: Mark::Comment("Đồng ý, trình ký.".into()),
            place: Some(at),
            later: None,
        };
        let twice = sign(&once, Act::Initial(comment), field_name::COMMENT);
        stands(
            &Document::from_bytes(twice.clone()).unwrap(),
            field_name::COMMENT,
            at,
            b"Sig",
        );
        sign(&twice, Act::Incoming(incoming()), field_name::INCOMING)
    };
    every_revision_ends_in_a_signature(&last, draft.len());
    last
}

#[test]
fn any_document_is_signed_as_meant() {
    let pki = Pki::make();
    let made = RefCell::new(Vec::new());
    let share = || (0.0..1.0_f64, 0.0..1.0_f64);
    let orders = (0_u8..2, 0_usize..4, share(), share());
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig {
            cases: CASES,
            failure_persistence: None,
            ..ProptestConfig::default()
        },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let outcome = runner.run(&(shapes(), orders), |(shape, orders)| {
        let pdf = through(&pki, &shape, orders);
        let said = report(&pki, &pdf);
        for one in &said.signatures {
            assert_eq!(one.integrity, Integrity::Intact, "{one:#?}");
        }
        own(&pki, &pdf);
        let index = made.borrow().len();
        let kind = if shape.xref == Xref::Hybrid {
            "hybrid"
        } else {
            "any"
        };
        let file = write(&pki, &format!("{kind}-{index}.pdf"), &pdf);
        qpdf(&file);
        made.borrow_mut().push(file);
        Ok(())
    });
    outcome.unwrap();
    let lenient = |file: &std::path::PathBuf| file.to_string_lossy().contains("hybrid-");
    let (hybrid, strict): (Vec<_>, Vec<_>) = made.into_inner().into_iter().partition(lenient);
    for files in [hybrid, strict] {
        let verdicts = pyhanko_all(&pki, &files);
        assert_eq!(verdicts.len(), 3 * files.len());
        for verdict in verdicts {
            for key in ["intact", "valid", "docmdp_ok"] {
                assert_eq!(verdict[key], true, "{key} in {verdict}");
            }
        }
    }
}

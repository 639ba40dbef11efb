//! The signed PDFs of iText, DSS, pyHanko, pdfium, SiVa, and the published attacks.
//!
//! The corpora lie beside the workspace and are not part of it; without them this test says so and passes.
//! What differs from the manifest is listed exactly: a file that starts to agree must leave its list.

use antin_pades::{Report, Verdict, validate};
use antin_pkix::{Certificate, Evidence, TrustStore};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

struct Row {
    path: String,
    category: String,
    accepted: Vec<String>,
    scored: bool,
    root: String,
    at: OffsetDateTime,
}

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    if folder.join("MANIFEST.tsv").is_file() {
        return Some(folder);
    }
    println!(
        "SKIPPED, NOTHING CHECKED: the corpora are absent ({})",
        folder.display()
    );
    None
}

fn rows(folder: &Path) -> Vec<Row> {
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let mut lines = manifest.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let column = |name: &str| names.iter().position(|known| *known == name).unwrap();
    let [path, category, expected, also, scored, root, at] = [
        "path",
        "category",
        "expected",
        "also_acceptable",
        "scored",
        "trust_root",
        "upstream_validation_time",
    ]
    .map(column);
    lines
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .map(|cells| Row {
            path: cells[path].to_owned(),
            category: cells[category].to_owned(),
            accepted: std::iter::once(cells[expected])
                .chain(cells[also].split('|'))
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
            scored: cells[scored] != "no",
            root: cells[root].to_owned(),
            at: moment(cells[at]),
        })
        .collect()
}

/// The first RFC 3339 moment in a cell, or a fixed one.
fn moment(cell: &str) -> OffsetDateTime {
    let word = cell
        .split_whitespace()
        .find(|word| word.starts_with("20"))
        .unwrap_or_default();
    let full = if word.len() == 10 {
        format!("{word}T00:00:00Z")
    } else {
        word.to_owned()
    };
    OffsetDateTime::parse(&full, &Rfc3339).unwrap_or(time::macros::datetime!(2026-11-24 00:00 UTC))
}

fn examine(file: &Path, root: &Path, at: OffsetDateTime) -> Report {
    let anchors = std::fs::read(root)
        .ok()
        .and_then(|bytes| Certificate::from_file(&bytes).ok())
        .unwrap_or_default();
    let trust = TrustStore {
        anchors,
        intermediates: Vec::new(),
    };
    match antin_pdf::Document::open(file) {
        Ok(document) => validate(&document, &trust, &Evidence::default(), at),
        Err(error) => Report::unopened(&error, at),
    }
}

fn word(verdict: Verdict) -> String {
    serde_json::to_value(verdict)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn signed_documents() {
    let Some(folder) = folder() else { return };
    let (mut tally, mut wrong): (BTreeMap<String, [usize; 4]>, Vec<String>) = Default::default();
    let mut locked = Vec::new();
    for row in rows(&folder)
        .into_iter()
        .filter(|row| row.path.starts_with("pdf-signed/"))
    {
        let report = examine(&folder.join(&row.path), &folder.join(&row.root), row.at);
        let got = word(report.verdict);
        if !row.scored {
            continue;
        }
        let good = |word: &str| matches!(word, "valid" | "modified-allowed");
        let count = tally.entry(row.category.clone()).or_default();
        count[0] += 1;
        // The manifest's word for "must be refused clearly, or opened".
        let refused = got == "refused" && row.accepted.iter().any(|word| word == "may-refuse");
        if refused {
            locked.push(row.path.clone());
        }
        if refused || row.accepted.contains(&got) {
            count[1] += 1;
            continue;
        }
        let expected_good = row.accepted.iter().any(|word| good(word));
        count[2] += usize::from(!expected_good && good(&got));
        count[3] += usize::from(expected_good && !good(&got));
        let why: Vec<String> = report
            .signatures
            .iter()
            .map(|one| {
                let changes: Vec<String> = one
                    .modifications
                    .iter()
                    .filter(|change| !change.permitted || !change.kind.is_neutral())
                    .map(|change| format!("{change:?}"))
                    .collect();
                format!(
                    "{}: {:?} {:?} {:?} {changes:?}",
                    one.field, one.integrity, one.coverage, one.detail
                )
            })
            .collect();
        wrong.push(format!(
            "{}\t{}\t{got}\t{:?}\t{}",
            row.path,
            row.accepted.join("|"),
            report.problem,
            why.join("; ")
        ));
    }
    let mut total = [0; 4];
    for (category, count) in &tally {
        println!(
            "{category:32} {:3}/{:<3} false good {} false bad {}",
            count[1], count[0], count[2], count[3]
        );
        total
            .iter_mut()
            .zip(count)
            .for_each(|(sum, one)| *sum += one);
    }
    println!(
        "total {}/{}, false good {}, false bad {}",
        total[1], total[0], total[2], total[3]
    );
    let (known, new): (Vec<&String>, Vec<&String>) = wrong
        .iter()
        .partition(|line| DIFFERENT.iter().any(|name| line.contains(name)));
    assert!(
        new.is_empty(),
        "differ from the manifest:\n{}",
        new.iter()
            .map(|line| line.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert_eq!(
        known.len(),
        DIFFERENT.len(),
        "one of these agrees now, or is gone:\n{}",
        DIFFERENT.join("\n")
    );
    assert_eq!(total[2], 0, "nothing bad may be called good");
    let unlisted = |path: &&String| !LOCKED.iter().any(|name| path.ends_with(name));
    let unlisted: Vec<&String> = locked.iter().filter(unlisted).collect();
    assert!(
        unlisted.is_empty() && locked.len() == LOCKED.len(),
        "refused, and not listed so: {unlisted:?}; {} of {} listed",
        locked.len(),
        LOCKED.len()
    );
}

/// What is expected to differ from the manifest, and why.
const DIFFERENT: [&str; 1] = [
    // It certifies with P=1, which permits nothing (ISO 32000-2, 12.8.2.2), and was filled in afterwards. The manifest has
    // its word from pdfsig, which does not look, and from pyHanko, which in the same row says that DocMDP is broken.
    "itext-java--fillInField.pdf",
];

/// What nobody can examine without a password or a private key, and is refused with that reason. The scorer beside the
/// corpora compares letters and counts these eleven as wrong; by the manifest's own key (`may-refuse`) they are right.
const LOCKED: [&str; 11] = [
    // A user password.
    "itext-java--cmp_signedEncrypted.pdf",
    "itext-java--cmp_updateSignedMacProtectedDocumentTest.pdf",
    "itext-java--thirdPartyMacProtectedAndSignedDocument.pdf",
    "itext-java--cmp_signMacProtectedDocTest_signDetached.pdf",
    "itext-java--cmp_signMacProtectedDocTest_signExternalContainerBlank.pdf",
    "itext-java--cmp_signMacProtectedDocTest_signExternalContainerReal.pdf",
    "itext-java--cmp_signNotMacProtectedDocInAppendModeTest_signDetached.pdf",
    "itext-java--macEncryptedDoc.pdf",
    "itext-java--macEncryptedDocSHA3_384.pdf",
    // A recipient's private key.
    "itext-java--macEncryptedWithPublicHandlerDoc.pdf",
    "itext-java--encryptedPublicKeyDocTest.pdf",
];

/// Files that were never meant to be signed, many of them broken: whatever is said of them, it is said.
#[test]
fn hostile_documents_end_in_a_report() {
    let Some(folder) = folder() else { return };
    let (mut files, mut good) = (0, Vec::new());
    for row in rows(&folder)
        .into_iter()
        .filter(|row| row.path.starts_with("pdf-parser/"))
    {
        let report = examine(&folder.join(&row.path), Path::new(""), row.at);
        files += 1;
        if matches!(report.verdict, Verdict::Valid | Verdict::ModifiedAllowed) {
            good.push(format!("{} {:?}", row.path, report.verdict));
        }
    }
    println!("{files} files, signed and intact: {}", good.len());
    println!("{}", good.join("\n"));
}

/// Every byte that a signature covers counts: of intact files, some bytes are changed one at a time.
#[test]
fn changed_bytes_of_others_signatures_are_noticed() {
    const CHANGES: usize = 6;
    let Some(folder) = folder() else { return };
    let (mut changes, mut unnoticed) = (0, Vec::new());
    let rows = rows(&folder)
        .into_iter()
        .filter(|row| row.path.starts_with("pdf-signed/"));
    for (seed, row) in rows
        .filter(|row| row.accepted.iter().any(|word| word == "valid"))
        .enumerate()
    {
        let bytes = std::fs::read(folder.join(&row.path)).unwrap();
        if bytes.len() > 2_000_000 {
            continue;
        }
        let judge = |bytes: Vec<u8>| {
            let document = antin_pdf::Document::from_bytes(bytes).ok()?;
            let report = validate(
                &document,
                &TrustStore::default(),
                &Evidence::default(),
                row.at,
            );
            let good = matches!(report.verdict, Verdict::Valid | Verdict::ModifiedAllowed);
            good.then_some((document, report.signatures))
        };
        let Some((document, signatures)) = judge(bytes.clone()) else {
            continue;
        };
        if !signatures
            .iter()
            .any(|one| one.coverage == antin_pades::report::Coverage::WholeFile)
        {
            continue;
        }
        let holes: Vec<std::ops::Range<u64>> = document
            .fields()
            .unwrap()
            .iter()
            .filter_map(|field| match field.value.as_ref()? {
                antin_pdf::Object::Reference(id) => document.contents_span(*id).ok()?,
                // The signature dictionary may stand in the field itself.
                _ => document.value_span(field.id, &[b"V", b"Contents"]).ok()?,
            })
            .collect();
        for step in 0..CHANGES {
            let at = (seed * 7919 + step * bytes.len() / CHANGES + step * 131) % bytes.len();
            if holes
                .iter()
                .any(|hole| hole.contains(&u64::try_from(at).unwrap()))
            {
                continue;
            }
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (step % 8);
            changes += 1;
            if judge(changed).is_some() {
                unnoticed.push(format!("{} byte {at}", row.path));
            }
        }
    }
    println!("{changes} bytes changed, {} unnoticed", unnoticed.len());
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

/// A letter signed in 2013, archived at once, renewed twice in 2019 by two authorities: what all of that proves is asked of
/// the file alone. SHA-1 in its certificates is older than the first collision of SHA-1.
#[test]
fn a_real_archive_slides_back_six_years() {
    let Some(folder) = folder() else { return };
    let row = rows(&folder)
        .into_iter()
        .find(|row| row.path.ends_with("extended-LTA-2019-07-02(DSS).pdf"))
        .unwrap();
    let document = antin_pdf::Document::open(&folder.join(&row.path)).unwrap();
    let catalog = document.catalog().unwrap();
    let Ok(antin_pdf::Object::Dictionary(store)) = document.entry(&catalog, b"DSS") else {
        panic!("no store");
    };
    let Ok(antin_pdf::Object::Array(items)) = document.entry(&store, b"Certs") else {
        panic!("no certificates");
    };
    let mut inside: Vec<Certificate> = items
        .iter()
        .filter_map(|item| match document.resolve(item) {
            Ok(antin_pdf::Object::Stream(stream)) => document.stream_data(&stream).ok(),
            _ => None,
        })
        .filter_map(|der| Certificate::from_der(&der).ok())
        .collect();
    for field in document.fields().unwrap() {
        let value = field.value.map(|value| document.resolve(&value).unwrap());
        if let Some(antin_pdf::Object::Dictionary(signature)) = value
            && let Ok(antin_pdf::Object::String(cms, _)) = document.entry(&signature, b"Contents")
        {
            let detached = antin_cades::Content::Detached(&[]);
            inside.extend(antin_cades::verify_signed_data(&cms, detached).certificates);
        }
    }
    // Whoever stands at the top of a path inside the file is trusted here.
    let is_top = |one: &&Certificate| {
        let authority = one.basic_constraints().ok().flatten();
        let self_issued = one.subject().matches(one.issuer());
        authority.is_some_and(|constraints| constraints.ca)
            && (self_issued || !inside.iter().any(|o| o.subject().matches(one.issuer())))
    };
    let trust = TrustStore {
        anchors: inside.iter().filter(is_top).cloned().collect(),
        intermediates: Vec::new(),
    };
    let judge = |trust: &TrustStore, at: OffsetDateTime| {
        let report = validate(&document, trust, &Evidence::default(), at);
        let one = report.signatures.into_iter().next().unwrap();
        let proof = one.proof.map(|proof| (proof.field, proof.time.year()));
        let said = (one.indication, one.level, proof, one.weak);
        serde_json::to_string(&(said.0, said.1, said.2, said.3)).unwrap()
    };
    let soon = time::macros::datetime!(2019-07-03 00:00 UTC);
    assert_eq!(
        judge(&trust, soon),
        r#"["TOTAL_PASSED","B-LTA",["Cryptolog-1895426501",2013],false]"#
    );
    // The list about the last time-stamp's authority has run out by then, and it was not renewed.
    let late = time::macros::datetime!(2019-08-03 00:00 UTC);
    assert_eq!(
        judge(&trust, late),
        r#"["INDETERMINATE","B-LTA",null,true]"#
    );
}

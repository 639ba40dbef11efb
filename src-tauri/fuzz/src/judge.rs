//! Validation: a signature never vouches for bytes that its key did not sign.

use super::seed;
use antin_pades::report::{Coverage, Integrity, SignatureReport};
use antin_pades::{Report, Trust, Verdict, validate};
use antin_pdf::{Document, ObjectId, Update};
use antin_pkix::Evidence;

/// Changes made to a base by one input.
const EDITS: usize = 16;

/// A file of its own (`%PDF-…`), or changes to a signed one: the number of the base, how many changes, for each a
/// position (24 bits), how many bytes go and how many come; then what is appended.
pub fn byte_range(data: &[u8]) {
    if data.starts_with(b"%PDF-") {
        judge(data);
        return;
    }
    let mut input = Input(data);
    let base = input.base();
    let mut file = base.to_vec();
    for _ in 0..usize::from(input.byte()) % EDITS {
        let position = input.number() << 8 | usize::from(input.byte());
        let (go, come) = (usize::from(input.byte()), usize::from(input.byte()));
        let start = position % file.len().max(1);
        let end = start.saturating_add(go).min(file.len());
        file.splice(start..end, input.take(come).iter().copied());
    }
    file.extend_from_slice(input.0);
    judge(&file);
}

/// Validates a file as the seeds' office would, and holds the report against what must always be so.
pub fn judge(file: &[u8]) -> Option<Report> {
    let document = Document::from_bytes(file.to_vec()).ok()?;
    let evidence = Evidence {
        crls: vec![seed::ROOT_LIST.to_vec(), seed::SUB_LIST.to_vec()],
        ocsp: Vec::new(),
    };
    let report = validate(&document, &seed::trust(), &evidence, seed::now());
    let json = serde_json::to_string(&report);
    assert!(json.is_ok(), "a report can be written: {json:?}");
    let worst = report.signatures.iter().map(|one| one.verdict).max();
    if report.problem.is_none() {
        assert_eq!(
            report.verdict,
            worst.unwrap_or(Verdict::Unsigned),
            "as bad as the worst"
        );
    }
    for one in &report.signatures {
        consistent(one);
        genuine(one, file);
    }
    Some(report)
}

fn consistent(one: &SignatureReport) {
    if one.verdict <= Verdict::ModifiedDisallowed && one.verdict != Verdict::Refused {
        assert_eq!(one.integrity, Integrity::Intact, "{one:?}");
        assert!(
            matches!(one.coverage, Coverage::WholeFile | Coverage::WholeRevision),
            "{one:?}"
        );
    }
    if one.verdict == Verdict::Valid {
        assert!(one.modifications.iter().all(|one| one.permitted), "{one:?}");
    }
    assert_eq!(one.time_proven, one.proof.is_some(), "{one:?}");
}

/// What the seeds' key vouches for is what it signed.
fn genuine(one: &SignatureReport, file: &[u8]) {
    let vouched = one.integrity == Integrity::Intact
        && matches!(one.coverage, Coverage::WholeFile | Coverage::WholeRevision)
        && one.trust == Trust::Trusted;
    if !vouched {
        return;
    }
    let known = seed::SIGNED.iter().any(|base| {
        let [first, second] = signed_ranges(base);
        file.starts_with(first) && seed::holds(file, second)
    });
    assert!(
        known,
        "a trusted signature over bytes nobody signed: {one:?}"
    );
}

/// What the only signature of a base is over. Its ByteRange is written by us: `[0 a b c]` with fixed spaces.
fn signed_ranges(base: &[u8]) -> [&[u8]; 2] {
    let text = |from: usize| base.get(from..).unwrap_or_default();
    let at = base
        .windows(11)
        .rposition(|window| window == b"/ByteRange[" || window == b"/ByteRange ")
        .unwrap_or_default();
    let numbers: Vec<usize> = text(at + 10)
        .split(|byte| *byte == b']')
        .next()
        .unwrap_or_default()
        .split(|byte| !byte.is_ascii_digit())
        .filter_map(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        .collect();
    match numbers.as_slice() {
        [0, first, resume, rest] => [
            base.get(..*first).unwrap_or_default(),
            base.get(*resume..resume + rest).unwrap_or_default(),
        ],
        _ => panic!("the base has no ByteRange of ours: {numbers:?}"),
    }
}

/// Objects set over a signed base in one more revision: the number of the base, then for each object its number and
/// length (16 bits each) and its bytes.
pub fn update(data: &[u8]) {
    let mut input = Input(data);
    let base = input.base();
    let Ok(document) = Document::from_bytes(base.to_vec()) else {
        panic!("a seed opens");
    };
    let mut update = Update::new(&document);
    for _ in 0..EDITS {
        if input.0.is_empty() {
            break;
        }
        let (number, length) = (input.number() % 64, input.number());
        let id: ObjectId = (u32::try_from(number).unwrap_or(1).max(1), 0);
        update.set_raw(id, input.take(length).to_vec());
    }
    let Ok(appended) = update.write() else {
        return;
    };
    let file = [base, &appended.bytes].concat();
    let Some(report) = judge(&file) else {
        return;
    };
    let Ok(after) = Document::from_bytes(file) else {
        return;
    };
    assert!(after.bytes().starts_with(base), "the original is a prefix");
    let (before, now) = (drawn(&document), drawn(&after));
    if before != now {
        let good = |one: &SignatureReport| one.verdict <= Verdict::ModifiedAllowed;
        assert!(
            !report.signatures.iter().any(good),
            "another page content passes: {before:?} → {now:?}"
        );
    }
}

/// What the first page's own content draws, or that it cannot be known.
fn drawn(document: &Document) -> Option<Vec<u8>> {
    let page = document.page(0).ok()?;
    match document.entry(&page.dict, b"Contents").ok()? {
        antin_pdf::Object::Stream(stream) => document.stream_data(&stream).ok(),
        _ => None,
    }
}

/// The input, read from the front; zeros when it ends.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    fn number(&mut self) -> usize {
        usize::from(self.byte()) << 8 | usize::from(self.byte())
    }

    fn base(&mut self) -> &'static [u8] {
        let index = usize::from(self.byte()) % seed::SIGNED.len();
        seed::SIGNED.get(index).copied().unwrap_or_default()
    }
}

//! What a verdict promises (design §8): exit codes, JSON, no byte that can be changed unseen, the same answer with and
//! without a network, and a sentence that names what was replaced.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use antin_pdf::{Document, FieldKind, Object, Stream, Update};
use antin_testkit::world::{PROVINCE, RECEIVERS};
use serde_json::Value;

use crate::fixture::{Stage, run, sample, utf8};
use crate::judges;

/// The moment two judgements are compared at; the reader's clock must not show in them.
const LATER: &str = "2026-12-01T08:00:00+07:00";

#[test]
fn exit_codes_tell_the_verdicts_apart() {
    let stage = Stage::new();
    let letter = stage.issued("directive.pdf");
    let signed = stage.export(&letter, "issued.pdf");
    let verify = |words: &[&str], file: &Path| {
        stage.json(
            &RECEIVERS[0],
            &[&["verify"], words, &[utf8(file)]].concat(),
            "",
        )
    };

    let unknown = verify(&["--offline"], &signed).ended(2).row();
    assert_eq!(
        unknown["word"], "unverified",
        "nothing was fetched yet: never green, never red"
    );
    assert_eq!(unknown["verdict"], "modified-allowed");
    for signature in signatures(&unknown) {
        assert_eq!(signature["indication"], "INDETERMINATE", "{signature}");
        assert_eq!(signature["sub_indication"], "TRY_LATER", "{signature}");
        assert_eq!(signature["integrity"], "intact", "{signature}");
    }
    let stranger = stage
        .antin_anywhere(&["--json", "verify", utf8(&signed)])
        .ended(2)
        .row();
    assert_eq!(
        stranger["signatures"][0]["sub_indication"], "NO_CERTIFICATE_CHAIN_FOUND",
        "the demo's root is nobody's but the demo's"
    );

    let valid = verify(&["--fetch"], &signed).ended(0).row();
    assert_eq!(valid["word"], "valid");
    has_the_contract_members(&valid);

    let mut bytes = fs::read(&signed).unwrap();
    bytes[1_000] ^= 1;
    let altered = written(&stage, "altered.pdf", &bytes);
    assert_eq!(verify(&[], &altered).ended(1).row()["word"], "invalid");

    let unsigned = verify(&[], &sample("cong-van.pdf")).ended(3).row();
    assert_eq!(unsigned["verdict"], "unsigned");
    assert_eq!(unsigned["signatures"], Value::Array(Vec::new()));

    let not_pdf = written(&stage, "letter.docx.pdf", b"PK\x03\x04 no PDF at all");
    let refused = verify(&[], &not_pdf).ended(4).row();
    assert_eq!(refused["word"], "refused");
    assert_eq!(refused["problem"]["kind"], "not-pdf");
    let encrypted = stage.path("encrypted.pdf");
    let encrypt = |user: &str| {
        run(Command::new("qpdf")
            .args(["--encrypt", user, "chu-so-huu", "256", "--"])
            .arg(sample("giay-moi.pdf"))
            .arg(&encrypted));
    };
    encrypt("");
    let owned = verify(&[], &encrypted).ended(3).row();
    assert_eq!(
        owned["verdict"], "unsigned",
        "an owner password closes nothing"
    );
    encrypt("nguoi-doc");
    let refused = verify(&[], &encrypted).ended(4).row();
    assert_eq!(refused["problem"]["kind"], "encrypted");

    // Of many files the gravest counts: what failed, then what could not be examined, then what is not known.
    let of_many = |files: &[&Path], code: i32| {
        let files: Vec<&str> = files.iter().map(|file| utf8(file)).collect();
        let words = [vec!["verify"], files].concat();
        let rows = stage.json(&RECEIVERS[0], &words, "").ended(code).rows();
        assert_eq!(rows.len(), words.len() - 1, "a row for each file");
    };
    let draft = sample("cong-van.pdf");
    of_many(&[&signed, &draft], 3);
    of_many(&[&signed, &encrypted, &draft], 4);
    of_many(&[&altered, &encrypted, &signed], 1);
}

#[track_caller]
fn has_the_contract_members(row: &Value) {
    for key in ["file", "verdict", "signatures"] {
        assert!(row.get(key).is_some(), "{key} in {row}");
    }
    assert_eq!(signatures(row).len(), 2, "{row}");
    for signature in signatures(row) {
        for key in [
            "field",
            "indication",
            "sub_indication",
            "integrity",
            "coverage",
            "modifications",
            "signer",
            "level",
            "best_time",
        ] {
            assert!(signature.get(key).is_some(), "{key} in {signature}");
        }
        for key in ["subject", "issuer", "serial", "not_before", "not_after"] {
            assert!(signature["signer"][key].is_string(), "{key} in {signature}");
        }
        assert_eq!(signature["level"], "B-T");
        assert_eq!(signature["indication"], "TOTAL_PASSED");
    }
}

fn signatures(row: &Value) -> &Vec<Value> {
    row["signatures"].as_array().unwrap()
}

fn written(stage: &Stage, name: &str, bytes: &[u8]) -> PathBuf {
    let path = stage.path(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Invariant 7: the same file, trust, evidence and time give the same report, with or without a network.
#[test]
fn a_network_changes_nothing_when_the_evidence_is_there() {
    let mut stage = Stage::new();
    let letter = stage.issued("cong-van.pdf");
    let signed = stage.export(&letter, "issued.pdf");
    let words = ["verify", "--at", LATER, utf8(&signed)];
    let fetching = [&words[..], &["--fetch"]].concat();
    stage.json(&RECEIVERS[0], &fetching, "").ended(0);
    let online = stage.json(&RECEIVERS[0], &fetching, "").ended(0);
    let offline = [&words[..], &["--offline"]].concat();
    let kept = stage.json(&RECEIVERS[0], &offline, "").ended(0);
    assert_eq!(online.out, kept.out, "online and offline");
    stage.world.kill_province();
    let again = stage.json(&RECEIVERS[0], &fetching, "").ended(0);
    assert_eq!(online.out, again.out, "with the province gone");
    assert!(
        online.out.contains("\"judged_at\":\"2026-12-01T"),
        "judged at the time asked for: {online}"
    );
}

/// Every byte of a signed letter is either covered by a signature or part of one. A changed byte anywhere is seen;
/// what may be seen as less than "invalid" is only what nobody signed: a time-stamp or an issuer's certificate that
/// travels inside the last signature.
#[test]
fn one_byte_changed_anywhere_is_seen() {
    let stage = Stage::new();
    let letter = stage.issued("directive.pdf");
    let signed = stage.export(&letter, "issued.pdf");
    let bytes = fs::read(&signed).unwrap();
    let hole = last_hole(&signed);
    stage
        .json(&PROVINCE, &["verify", utf8(&signed)], "")
        .ended(0);

    let covered = positions(&bytes, &hole);
    let files: Vec<PathBuf> = covered
        .iter()
        .map(|&at| {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            written(&stage, &format!("changed-{at}.pdf"), &changed)
        })
        .collect();
    let words: Vec<&str> = [vec!["verify"], files.iter().map(|f| utf8(f)).collect()].concat();
    let rows = stage.json(&PROVINCE, &words, "").ended(1).rows();
    assert_eq!(rows.len(), covered.len());
    for (at, row) in covered.iter().zip(&rows) {
        assert!(
            ["invalid", "refused"].contains(&row["word"].as_str().unwrap()),
            "byte {at} of {}, hole {hole:?}: {row}",
            bytes.len()
        );
    }
}

/// Positions that a signature covers: spread over the whole file, and the delicate ones.
fn positions(bytes: &[u8], hole: &Range<usize>) -> BTreeSet<usize> {
    let mut positions: BTreeSet<usize> = (0..40).map(|n| n * bytes.len() / 40).collect();
    let mut delicate = vec![
        0,
        bytes.len() - 1,
        bytes.len() - 3,
        // The brackets of the hole, and what stands next to them.
        hole.start,
        hole.end - 1,
        hole.start - 1,
        hole.end,
    ];
    for word in [
        &b"%%EOF"[..],
        b"startxref",
        b"/ByteRange",
        b"/Contents",
        b"/Prev",
        b"/Lock",
        b"/Perms",
    ] {
        for at in find_all(bytes, word) {
            delicate.extend([at, at + word.len() + 2]);
        }
    }
    positions.extend(delicate.into_iter().filter(|&at| at < bytes.len()));
    positions.retain(|at| !(hole.start + 1..hole.end - 1).contains(at));
    positions
}

fn find_all(bytes: &[u8], word: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(word.len()).enumerate();
    windows
        .filter(|(_, window)| *window == word)
        .map(|(at, _)| at)
        .collect()
}

/// Where the last signature's `/Contents` stands, brackets included: the only bytes it does not cover.
fn last_hole(file: &Path) -> Range<usize> {
    let document = Document::open(file).unwrap();
    let holes = document.fields().unwrap().into_iter().filter_map(|field| {
        let signature = field.value.filter(|_| field.kind == FieldKind::Signature)?;
        let dictionary = document.resolve(&signature).unwrap();
        let range = dictionary.as_dict().unwrap().get(b"ByteRange").unwrap();
        let numbers: Vec<usize> = range
            .as_array()
            .unwrap()
            .iter()
            .map(|number| usize::try_from(number.as_i64().unwrap()).unwrap())
            .collect();
        Some(numbers[1]..numbers[2])
    });
    holes.max_by_key(|hole| hole.start).unwrap()
}

/// The hole itself. What the signer signed cannot be changed, and neither can the padding; what nobody signed (issuers'
/// certificates, the time-stamp) may at most cost the proof of time.
#[test]
fn a_signature_cannot_be_changed_inside() {
    let stage = Stage::new();
    let letter = stage.issued("giay-moi.pdf");
    let signed = stage.export(&letter, "issued.pdf");
    let bytes = fs::read(&signed).unwrap();
    let hole = last_hole(&signed);
    let digits = hole.start + 1..hole.end - 1;
    let cms = unhex(&bytes[digits.clone()]);
    let unsigned = unsigned_parts(&cms, stage.world.pki().sub().der());

    // Every 64th byte of what is there, and some of the padding; one digit of each is another one then.
    let places: Vec<usize> = (0..unsigned[1].end)
        .step_by(64)
        .chain([unsigned[1].end, unsigned[1].end + 9, cms.len() - 1])
        .collect();
    let files: Vec<PathBuf> = places
        .iter()
        .map(|&place| {
            let mut changed = bytes.clone();
            let digit = &mut changed[digits.start + 2 * place + 1];
            *digit = if *digit == b'1' { b'2' } else { b'1' };
            written(&stage, &format!("hole-{place}.pdf"), &changed)
        })
        .collect();
    let words: Vec<&str> = [vec!["verify"], files.iter().map(|f| utf8(f)).collect()].concat();
    let rows = stage.json(&PROVINCE, &words, "").ended(1).rows();
    assert_eq!(rows.len(), places.len());
    let mut spared = 0;
    for (place, row) in places.iter().zip(&rows) {
        let seal = &signatures(row)[1];
        if unsigned.iter().any(|part| part.contains(place)) && row["word"] == "valid" {
            spared += 1;
            let proven = seal["timestamps"][0]["intact"] == true;
            assert_eq!(seal["time_proven"], proven, "byte {place}: {seal}");
            assert_eq!(seal["integrity"], "intact", "byte {place}: {seal}");
            continue;
        }
        // What stands behind the CMS in its room belongs to nobody: it changes nothing, and is told.
        if *place >= unsigned[1].end && row["word"] == "valid" {
            let detail = seal["detail"].as_str().unwrap_or_default();
            assert!(detail.contains("foreign bytes"), "byte {place}: {seal}");
            continue;
        }
        // A signature whose certificate or algorithm cannot be told is not judged: not red, and never green.
        let unknown = row["word"] == "unverified"
            && (seal["integrity"] == "no-certificate" || seal["integrity"] == "unsupported");
        assert!(
            row["word"] == "invalid" || unknown,
            "byte {place} of {unsigned:?}: {row}"
        );
    }
    assert!(spared > 0, "the parts nobody signed were found");
}

fn unhex(digits: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(digits).unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The issuer's certificate and the unsigned attributes, which run to the end of the structure.
fn unsigned_parts(cms: &[u8], issuer: &[u8]) -> [Range<usize>; 2] {
    let certificate = find_all(cms, issuer)[0];
    // id-aa-timeStampToken, and before it the headers of `[1]` and of the attribute.
    let stamp = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e";
    let attributes = find_all(cms, stamp)[0] - 8;
    assert_eq!(cms[attributes], 0xa1, "where the unsigned attributes begin");
    let length = usize::from(cms[2]) << 8 | usize::from(cms[3]);
    assert_eq!(cms[..2], [0x30, 0x82], "a sequence of a long length");
    [
        certificate..certificate + issuer.len(),
        attributes..4 + length,
    ]
}

/// What an attacker can do without any key: append a revision in which the second page says something else.
#[test]
fn a_page_replaced_afterwards_is_named() {
    let stage = Stage::new();
    let letter = stage.issued("directive.pdf");
    let signed = stage.export(&letter, "issued.pdf");
    let document = Document::open(&signed).unwrap();
    let page = document.page(1).unwrap();
    let mut update = Update::new(&document);
    let content = b"BT /F1 14 Tf 90 700 Td (another text) Tj ET".to_vec();
    let stream = update.add(Object::Stream(Stream::new(
        antin_pdf::Dictionary::new(),
        content,
    )));
    let mut dict = page.dict.clone();
    dict.set("Contents", Object::Reference(stream));
    update.set(page.id, Object::Dictionary(dict));
    let replaced = [document.bytes(), &update.write().unwrap().bytes].concat();
    let forged = written(&stage, "page-replaced.pdf", &replaced);
    judges::qpdf(&forged);

    let words = ["verify", utf8(&forged)];
    let row = stage.json(&PROVINCE, &words, "").ended(1).row();
    assert_eq!(row["word"], "invalid");
    assert_eq!(row["verdict"], "modified-disallowed");
    for signature in signatures(&row) {
        assert_eq!(
            signature["integrity"], "intact",
            "what was signed is still there: {signature}"
        );
        let named = signature["modifications"]
            .as_array()
            .unwrap()
            .iter()
            .any(|change| {
                change["kind"] == "page-content"
                    && change["permitted"] == false
                    && change["page"] == 1
            });
        assert!(named, "{signature}");
    }
    let said = stage.antin(&PROVINCE, &words, "").ended(1).out;
    assert!(
        said.contains("Không hợp lệ: có thay đổi không được phép sau khi ký"),
        "{said}"
    );
    assert!(
        said.contains("trang 2: nội dung trang bị thay"),
        "the sentence names the page: {said}"
    );
    assert!(said.contains("hỏi cơ quan gửi"), "and what to do: {said}");
}

//! Many files, one login: what is wrong with one does not stop the others, what is wrong with the token stops all.

use std::fs;

use antin_testkit::office::LEADER;
use antin_testkit::world::PROVINCE;

use crate::fixture::{Stage, assert_same, files, line, sample, text, utf8};
use crate::judges;

#[test]
fn three_files_of_which_one_is_no_pdf() {
    let stage = Stage::new();
    let folder = stage.path("lô");
    fs::create_dir(&folder).unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let letters = ["cong-van.pdf", "giay-moi.pdf"].map(|name| fs::read(sample(name)).unwrap());
    let first = put("1 công văn.pdf", &letters[0]);
    let wrong = put("2 bảng tính.xlsx", b"PK\x03\x04 no PDF at all");
    let last = put("3 giấy mời.pdf", &letters[1]);
    let words = [
        "sign",
        "--pin-stdin",
        utf8(&first),
        utf8(&wrong),
        utf8(&last),
    ];

    // A wrong PIN stops everything before the first file: it must not be tried three times.
    let refused = stage.json(&PROVINCE, &words, &line("00001111")).ended(1);
    let code = text(&refused.row()["error"], "code");
    assert!(code.starts_with("PinIncorrect"), "{refused}");
    assert_same(&fs::read(&first).unwrap(), &letters[0], "the first file");

    // The PIN is read once and one line of it: one login signs them all.
    let answer = stage.json(&PROVINCE, &words, &line(LEADER.pin)).ended(1);
    let [signed, refused, signed_too] = answer.rows().try_into().expect("a row each");
    for (row, file, before) in [
        (&signed, &first, &letters[0]),
        (&signed_too, &last, &letters[1]),
    ] {
        assert_eq!(row["file"], utf8(file));
        assert_eq!(row["signer"], "Phan Ngọc Thọ");
        assert_eq!(row["timestamped"], true);
        let after = fs::read(file).unwrap();
        assert_same(
            &after[..before.len()],
            before,
            "the file before is a prefix",
        );
        let grown = row["bytesAppended"].as_u64().unwrap();
        assert_eq!(after.len() as u64, before.len() as u64 + grown);
        let [verdict] = judges::pyhanko(stage.world.pki(), file)
            .try_into()
            .expect("one signature");
        judges::assert_good(&verdict, &text(row, "field"), "ENTIRE_FILE", "NONE");
        judges::pdfsig(file, 1);
    }
    assert_eq!(refused["file"], utf8(&wrong));
    assert_eq!(refused["error"]["code"], "DocumentNotPdf");
    assert_same(
        &fs::read(&wrong).unwrap(),
        b"PK\x03\x04 no PDF at all",
        "what is no PDF",
    );
    assert_eq!(files(&folder).len(), 3, "nothing is left beside them");

    let verified = stage.json(&PROVINCE, &["verify", utf8(&first), utf8(&last)], "");
    for row in verified.ended(0).rows() {
        assert_eq!(row["word"], "valid", "{row}");
    }
}

//! Encrypted files: qpdf makes them in every way it can, and judges what is written into them.

use antin_pdf::{
    Damage, Dictionary, Document, Error, Object, ObjectId, Stream, StringFormat, Update, serialise,
};

use crate::support::{self, Builder, Folder};

/// A letter with text, an attachment and metadata.
fn letter() -> Vec<u8> {
    support::letter()
        .stream(6, "/Type/EmbeddedFile", "attached")
        .stream(7, "/Type/Metadata/Subtype/XML", "<x:xmpmeta/>")
        .object(
            1,
            "<</Type/Catalog/Pages 2 0 R/Metadata 7 0 R/Lang(vi)/Own[6 0 R(\\377\\000)[()<</A(b)>>]]\
             /AcroForm<</Fields[10 0 R 14 0 R]/DA(/F 0 Tf)>>>>",
        )
        .table(support::TRAILER)
        .bytes
}

/// Every way of qpdf to encrypt with an owner password only.
const WAYS: [(&str, &[&str]); 8] = [
    ("RC4, 40 bits", &["40"]),
    ("RC4, 128 bits", &["128", "--use-aes=n"]),
    ("RC4, crypt filter", &["128", "--use-aes=n", "--force-V4"]),
    ("AES-128", &["128", "--use-aes=y"]),
    (
        "AES-128, metadata in clear",
        &["128", "--use-aes=y", "--cleartext-metadata"],
    ),
    ("AES-256", &["256"]),
    (
        "AES-256, metadata in clear",
        &["256", "--cleartext-metadata"],
    ),
    ("AES-256, revision 5", &["256", "--force-R5"]),
];

fn encrypt(bytes: &[u8], user: &str, way: &[&str], more: &[&str]) -> Vec<u8> {
    let options = [
        more,
        &["--allow-weak-crypto", "--encrypt", user, "owner"],
        way,
        &["--"],
    ]
    .concat();
    Folder::new().qpdf(bytes, &options)
}

fn open(bytes: &[u8]) -> Result<Document, Error> {
    Document::from_bytes(bytes.to_vec())
}

fn damage<T: std::fmt::Debug>(result: Result<T, Error>) -> Damage {
    match result {
        Err(Error::Damaged { what, .. }) => what,
        other => panic!("not damaged: {other:?}"),
    }
}

/// What an object says, with a stream's data decoded and the length of the encoded data left out.
fn said(document: &Document, id: ObjectId) -> Object {
    plain(match document.object(id).unwrap() {
        Object::Stream(mut stream) => {
            stream.content = document.stream_data(&stream).unwrap();
            stream.start_position = None;
            for key in [&b"Length"[..], b"Filter", b"DecodeParms"] {
                stream.dict.remove(key);
            }
            Object::Stream(stream)
        }
        Object::Dictionary(mut dict) => {
            // AES-256 is an extension of PDF 1.7, which qpdf says in the catalog.
            dict.remove(b"Extensions");
            Object::Dictionary(dict)
        }
        other => other,
    })
}

#[test]
fn every_object_reads_as_it_was_before_encryption() {
    for objects in ["--object-streams=disable", "--object-streams=generate"] {
        let plain = open(&Folder::new().qpdf(&letter(), &[objects])).unwrap();
        for (name, way) in WAYS {
            let document = open(&encrypt(&letter(), "", way, &[objects])).unwrap();
            assert!(document.permissions().unwrap().create_fields(), "{name}");
            let mut compared = 0;
            for number in 1..20 {
                let object = said(&document, (number, 0));
                let typed = |object: &Object| match object {
                    Object::Stream(stream) => {
                        stream.dict.has_type(b"XRef") || stream.dict.has_type(b"ObjStm")
                    }
                    Object::Dictionary(dict) => dict.has(b"StmF") || dict.has(b"U"),
                    _ => false,
                };
                if typed(&object) || typed(&said(&plain, (number, 0))) {
                    continue;
                }
                assert_eq!(
                    object,
                    said(&plain, (number, 0)),
                    "{name}, {objects}, object {number}"
                );
                compared += usize::from(object != Object::Null);
            }
            assert!(compared >= 12, "{name}: {compared}");
        }
    }
}

#[test]
fn an_update_is_encrypted_as_the_document_is() {
    const SECRET: &[u8] = b"UBND huyen A Luoi";
    for objects in ["--object-streams=disable", "--object-streams=generate"] {
        for (name, way) in WAYS {
            let bytes = encrypt(&letter(), "", way, &[objects]);
            let document = open(&bytes).unwrap();
            let mut update = Update::new(&document);
            let stream = update.add(Object::Stream(Stream::new(
                support::dictionary("<</Own(UBND huyen A Luoi)>>"),
                SECRET.to_vec(),
            )));
            let signature = update.add(Object::Dictionary(support::dictionary(
                "<</Type/Sig/ByteRange[0 1 2 3]/Contents<0000>/Reason(UBND huyen A Luoi)>>",
            )));
            let raw = update.reserve();
            update.set_raw(raw, b"[ 1.00000001   true ]".to_vec());
            let page = document.page(0).unwrap();
            let mut dict = page.dict.clone();
            dict.set("Contents", Object::Reference(stream));
            dict.set(
                "Own",
                vec![Object::Reference(signature), Object::Reference(raw)],
            );
            update.set(page.id, Object::Dictionary(dict));
            let appended = update.write().unwrap();
            let whole = [bytes.as_slice(), &appended.bytes].concat();

            assert!(
                !appended
                    .bytes
                    .windows(SECRET.len())
                    .any(|window| window == SECRET),
                "{name}: in clear"
            );
            let after = open(&whole).unwrap();
            assert!(after.encrypted_otherwise(0).is_empty());
            assert_eq!(
                after.trailer().get(b"ID").ok(),
                document.trailer().get(b"ID").ok()
            );
            let Object::Stream(read) = after.object(stream).unwrap() else {
                panic!("{name}: no stream");
            };
            assert_eq!(read.content, SECRET, "{name}");
            let dict = after.dictionary(signature).unwrap();
            assert_eq!(
                dict.get(b"Reason").unwrap().as_str().unwrap(),
                SECRET,
                "{name}"
            );
            let span = after.contents_span(signature).unwrap().unwrap();
            let span = usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap();
            assert_eq!(&whole[span], b"<0000>", "{name}: Contents stays in clear");
            assert!(
                after
                    .unclaimed(after.revisions().len() - 1)
                    .unwrap()
                    .is_empty()
            );
            Folder::new().check(&whole, name);
            let decrypted =
                Folder::new().qpdf(&whole, &["--decrypt", "--qdf", "--object-streams=disable"]);
            let seen = decrypted
                .windows(SECRET.len())
                .filter(|window| *window == SECRET)
                .count();
            assert_eq!(seen, 3, "{name}: qpdf reads what was written");
        }
    }
}

#[test]
fn what_cannot_be_written() {
    let bytes = encrypt(&letter(), "", &["256"], &[]);
    let document = open(&bytes).unwrap();
    let mut update = Update::new(&document);
    let raw = update.reserve();
    update.set_raw(raw, b"(not encrypted)".to_vec());
    assert!(matches!(update.write(), Err(Error::Unwritable(id)) if id == raw));
    let own = document
        .trailer()
        .get(b"Encrypt")
        .unwrap()
        .as_reference()
        .unwrap();
    let mut update = Update::new(&document);
    update.set(own, Object::Null);
    assert!(matches!(update.write(), Err(Error::Unwritable(id)) if id == own));
    let coded = open(&after(&bytes, "/AuthCode<</MACLocation/Standalone>>", &[])).unwrap();
    let mut update = Update::new(&coded);
    update.add(Object::Null);
    assert!(
        matches!(update.write(), Err(Error::UnknownEncryption { handler }) if handler == "AuthCode"),
        "a new revision would break the code"
    );
}

#[test]
fn passwords_and_permissions() {
    for (name, way) in WAYS {
        let locked = open(&encrypt(&letter(), "user", way, &[]));
        assert!(
            matches!(locked, Err(Error::PasswordNeeded)),
            "{name}: {locked:?}"
        );
    }
    let with = |modify: &str| {
        let bytes = encrypt(&letter(), "", &["256", modify], &[]);
        open(&bytes).unwrap().permissions().unwrap()
    };
    let none = with("--modify=none");
    assert!(!none.fill_forms && !none.create_fields() && !none.assemble && none.print);
    let form = with("--modify=form");
    assert!(form.fill_forms && !form.create_fields());
    assert!(with("--modify=all").create_fields());
    assert_eq!(open(&letter()).unwrap().permissions(), None);
}

/// One more revision: its objects, and entries for the trailer beside those that are there.
fn after(bytes: &[u8], entries: &str, objects: &[(u32, &str)]) -> Vec<u8> {
    let document = open(bytes).unwrap();
    let mut trailer = document.trailer().clone();
    for key in [&b"Prev"[..], b"Size", b"Info"] {
        trailer.remove(key);
    }
    for (key, value) in support::dictionary(&format!("<<{entries}>>")) {
        trailer.set(key, value);
    }
    let trailer = String::from_utf8(hexadecimal(&trailer)).unwrap();
    let trailer = trailer
        .strip_prefix("<<")
        .unwrap()
        .strip_suffix(">>")
        .unwrap();
    let startxref = document.revisions().last().unwrap().startxref;
    let mut file = Builder::after(bytes, usize::try_from(startxref).unwrap());
    for (number, body) in objects {
        file = file.object(*number, body);
    }
    file.table(&format!("/Size 99{trailer}")).bytes
}

/// An object with its strings in hexadecimal.
fn plain(mut object: Object) -> Object {
    fn go(object: &mut Object) {
        match object {
            Object::String(_, format) => *format = StringFormat::Hexadecimal,
            Object::Array(items) => items.iter_mut().for_each(go),
            Object::Dictionary(dict) | Object::Stream(Stream { dict, .. }) => {
                dict.iter_mut().for_each(|(_, value)| go(value));
            }
            _ => {}
        }
    }
    go(&mut object);
    object
}

/// A dictionary as ASCII.
fn hexadecimal(dict: &Dictionary) -> Vec<u8> {
    serialise(&plain(Object::Dictionary(dict.clone()))).unwrap()
}

#[test]
fn ciphertext_that_is_none() {
    let bytes = encrypt(&letter(), "", &["256"], &[]);
    let odd = "<</Length 17>>stream\n12345678901234567\nendstream";
    let unpadded = "<</Length 32>>stream\n12345678901234561234567890123456\nendstream";
    let crypt = |filter: &str| format!("<</Length 3/Filter{filter}>>stream\nabc\nendstream");
    let (twice, second) = (crypt("[/Crypt/Crypt]"), crypt("[/FlateDecode/Crypt]"));
    let unknown = crypt("/Crypt/DecodeParms<</Name/Nothing>>");
    let own = crypt("/Crypt/DecodeParms<</Name 57 0 R>>");
    let document = open(&after(
        &bytes,
        "",
        &[
            (50, "(short)"),
            (51, "<</A[<00112233445566778899AABBCCDDEEFF00>]>>"),
            (52, odd),
            (53, unpadded),
            (54, &twice),
            (55, &second),
            (56, &unknown),
            (57, &own),
            (58, "()"),
            (59, "<00112233445566778899AABBCCDDEEFF>"),
            (60, &crypt("/Crypt")),
            (61, "<</Length 3/Filter 61 0 R>>stream\nabc\nendstream"),
        ],
    ))
    .unwrap();
    for number in [50, 51, 52, 53] {
        assert_eq!(
            damage(document.object((number, 0))),
            Damage::Ciphertext,
            "{number}"
        );
    }
    for number in [54, 55] {
        assert!(
            matches!(document.object((number, 0)), Err(Error::Filter { .. })),
            "{number}"
        );
    }
    for number in [56, 57] {
        assert_eq!(
            damage(document.object((number, 0))),
            Damage::Encryption,
            "{number}"
        );
    }
    assert!(
        document.object((61, 0)).is_err(),
        "a filter that leads to its own stream"
    );
    for number in [58, 59] {
        let text = document.object((number, 0)).unwrap();
        assert!(
            text.as_str().unwrap().is_empty(),
            "nothing, or nothing but an initial vector"
        );
    }
    let Object::Stream(clear) = document.object((60, 0)).unwrap() else {
        panic!("no stream");
    };
    assert_eq!(
        document.stream_data(&clear).unwrap(),
        b"abc",
        "Identity is the default"
    );
    let plain = open(
        &support::letter()
            .object(5, &crypt("/Crypt"))
            .table(support::TRAILER)
            .bytes,
    )
    .unwrap();
    let Object::Stream(stream) = plain.object((5, 0)).unwrap() else {
        panic!("no stream");
    };
    assert!(
        matches!(plain.stream_data(&stream), Err(Error::Filter { .. })),
        "nothing to undo there"
    );
}

#[test]
fn dictionaries_that_give_no_key() {
    let with = |encrypt: &str| {
        let trailer = format!("{}/Encrypt {encrypt}", support::TRAILER);
        open(&support::letter().table(&trailer).bytes)
    };
    let long = "00".repeat(32);
    let standard = |rest: &str| {
        with(&format!(
            "<</Filter/Standard/P -4/O<{long}>/U<{long}>{rest}>>"
        ))
    };
    for wrong in [
        "1",
        "(x)",
        "[]",
        "99 0 R",
        "<<>>",
        "<</Filter(Standard)>>",
        "<</Filter/Standard>>",
    ] {
        assert_eq!(damage(with(wrong)), Damage::Encryption, "{wrong}");
    }
    for wrong in [
        "<</Filter/Standard/V 1/R 2/P -4/O<00>/U<00>>>",
        "<</Filter/Standard/V 1/R 3/P -4/O()/U()>>",
        "<</Filter/Standard/V 5/R 6/P -4/O<00>/U<00>/OE<00>/UE<00>/Perms<00>>>",
        "<</Filter/Standard/V 5/R 6/P -4/O<00>/U<00>>>",
        "<</Filter/Standard/V 2/R 3/P/All/O<00>/U<00>>>",
    ] {
        assert_eq!(damage(with(wrong)), Damage::Encryption, "{wrong}");
    }
    for wrong in [
        "/V 2/R 3/Length 0",
        "/V 2/R 3/Length -8",
        "/V 2/R 3/Length 4096",
        "/V 2/R 3/Length(9)",
    ] {
        assert_eq!(damage(standard(wrong)), Damage::Encryption, "{wrong}");
    }
    for wrong in [
        "/V 4/R 4/StmF/StdCF",
        "/V 4/R 4/StrF/StdCF/CF<</Other<</CFM/V2>>>>",
        "/V 4/R 4/CF[]",
        "/V 4/R 4/CF<</StdCF 1>>",
        "/V 4/R 4/EncryptMetadata/No",
    ] {
        assert_eq!(damage(standard(wrong)), Damage::Encryption, "{wrong}");
    }
    for (unknown, named) in [
        (
            "<</Filter/Adobe.PubSec/V 4/SubFilter/adbe.pkcs7.s5>>",
            "Adobe.PubSec",
        ),
        ("<</Filter/Standard/V 6/R 7/P -4>>", "Standard, V 6, R 7"),
        ("<</Filter/Standard/V 3/R 3/P -4>>", "Standard, V 3, R 3"),
        ("<</Filter/Standard/V 5/R 4/P -4>>", "Standard, V 5, R 4"),
    ] {
        let refused = with(unknown);
        assert!(
            matches!(&refused, Err(Error::UnknownEncryption { handler }) if handler == named),
            "{unknown}: {refused:?}"
        );
    }
    assert!(matches!(
        standard("/V 4/R 4/StmF/Own/CF<</Own<</CFM/None>>>>"),
        Err(Error::UnknownEncryption { .. })
    ));
    let long = "00".repeat(48);
    let six = format!(
        "<</Filter/Standard/V 5/R 6/P -4/O<{long}>/U<{long}>/OE<{}>/UE<{}>/Perms<{}>>>",
        "00".repeat(32),
        "00".repeat(32),
        "00".repeat(16)
    );
    assert!(matches!(with(&six), Err(Error::PasswordNeeded)));
    assert!(matches!(standard("/V 1/R 2"), Err(Error::PasswordNeeded)));
    assert!(with("null").unwrap().permissions().is_none());
}

/// The encryption dictionary of a file, direct and as ASCII.
fn own(locked: &[u8]) -> String {
    let document = open(locked).unwrap();
    let id = document.trailer().get(b"Encrypt").unwrap();
    let dict = document.dictionary(id.as_reference().unwrap()).unwrap();
    String::from_utf8(hexadecimal(&dict)).unwrap()
}

#[test]
fn revisions_that_are_encrypted_otherwise() {
    let locked = encrypt(&letter(), "", &["256"], &[]);
    let added = Folder::new().qpdf(&letter(), &["--object-streams=disable"]);
    let own = own(&locked);
    let clear = own.replace("/StrF/StdCF", "");
    for (name, bytes) in [
        ("removed", after(&locked, "/Encrypt null", &[])),
        ("added", after(&added, &format!("/Encrypt{clear}"), &[])),
        (
            "strings in clear",
            after(&locked, &format!("/Encrypt{clear}"), &[]),
        ),
    ] {
        let document = open(&bytes).unwrap();
        assert_eq!(document.encrypted_otherwise(0), [1], "{name}");
        let mut update = Update::new(&document);
        update.add(Object::Null);
        assert_eq!(damage(update.write()), Damage::EncryptionChanged, "{name}");
    }
    let same = open(&after(&locked, &format!("/Encrypt{own}"), &[])).unwrap();
    assert!(
        same.encrypted_otherwise(0).is_empty(),
        "written anew, meaning the same"
    );
    assert!(open(&letter()).unwrap().check_encryption().is_ok());
    let unreadable = open(&after(&added, &format!("/Encrypt{own}"), &[]));
    assert_eq!(
        damage(unreadable),
        Damage::Ciphertext,
        "the catalog has strings"
    );
}

#[test]
fn many_keys_in_one_file_cost_no_more_than_the_budget() {
    let mut file = Builder::after(&letter(), 0);
    let document = open(&letter()).unwrap();
    file.startxref = usize::try_from(document.revisions()[0].startxref).unwrap();
    let own = own(&encrypt(&letter(), "", &["256"], &[]));
    // A filter that nobody uses makes each revision's settings its own.
    for index in 0..40 {
        let own = own.replace("/StrF/StdCF", "");
        let own = own.replace("/CF<<", &format!("/CF<</F{index}<</CFM/AESV3>>"));
        file = file.table(&format!("{}/Encrypt{own}", support::TRAILER));
    }
    let document = open(&file.bytes).unwrap();
    let states: Vec<_> = (0..41).map(|index| document.at_revision(index)).collect();
    assert!(
        states
            .iter()
            .any(|state| matches!(state, Err(Error::TooBig { .. })))
    );
    assert!(states.iter().filter(|state| state.is_ok()).count() < 20);
}

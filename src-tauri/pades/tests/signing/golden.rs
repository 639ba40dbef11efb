//! Golden bytes: with a fixed key and a fixed time every byte an act appends is known. The snapshots say what it is, object
//! by object, and the digest says that it is all.

use std::fmt::Write;

use antin_pades::{Act, Extras, Plain, prepare_with};
use antin_pdf::{Dictionary, Document, Object};
use sha2::{Digest, Sha256};

use crate::{
    gallery,
    letter::{read, request},
    pki::Pki,
};

/// Text of a stream shown whole; what is longer is told by its digest.
const SHOWN: usize = 700;

#[test]
fn what_each_act_appends() {
    let pki = Pki::empty();
    for shown in gallery::all(&pki) {
        let told = told(&shown.before, &shown.after);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "golden" }, {
            insta::assert_snapshot!(shown.name, told);
        });
    }
}

/// Field, dictionary and cross-reference are at most three tenths of the SignedData as it stands in the file, with the one
/// certificate of the path that goes into it.
#[test]
fn an_invisible_signature_is_little_more_than_its_signed_data() {
    let pki = Pki::make();
    let signer = pki.signer("leader");
    let token = pki.timestamp(b"whatever").len();
    for (draft, stamped) in [
        ("giay-moi.pdf", false),
        ("directive.pdf", false),
        ("directive.pdf", true),
    ] {
        let pdf = read(draft);
        let document = Document::from_bytes(pdf).unwrap();
        let mut order = request(&signer, Act::Plain(Plain::default()));
        order.timestamp = stamped;
        // As it is known from the authority's last answer.
        let extras = Extras {
            timestamp_room: Some(token + 256),
            ..Extras::default()
        };
        let prepared = prepare_with(&document, &order, document.bytes(), extras).unwrap();
        let signature = pki.sign(&signer, &prepared);
        let stamp = stamped.then(|| pki.timestamp(&signature));
        let grown = prepared.finish(&signature, stamp.as_deref()).unwrap().bytes;
        // From the hole's first digit to the zeros behind the SignedData, whose length is in its second to fourth byte.
        let opening = b"/Contents<3082";
        let mut windows = grown.windows(opening.len());
        let at = windows.position(|window| window == opening).unwrap() + 10;
        let length = std::str::from_utf8(&grown[at + 4..at + 8]).unwrap();
        let digits = 2 * (4 + usize::from_str_radix(length, 16).unwrap());
        let size = grown.len();
        assert!(
            10 * size <= 13 * digits,
            "{draft}: {size} bytes for {digits} digits"
        );
    }
}

fn told(before: &[u8], after: &[u8]) -> String {
    let document = Document::from_bytes(after.to_vec()).unwrap();
    let newest = document.revisions().last().unwrap();
    let mut text = format!(
        "{} bytes appended, {} objects\nthe whole file: {}\n",
        after.len() - before.len(),
        newest.touched.len(),
        hex(after)
    );
    for id in &newest.touched {
        let object = document.object(*id).unwrap();
        write!(text, "\n{} {} obj\n", id.0, id.1).unwrap();
        put(&document, &object, 0, &mut text);
        text.push('\n');
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn put(document: &Document, object: &Object, depth: usize, text: &mut String) {
    match object {
        Object::Dictionary(dict) => put_dictionary(document, dict, depth, text),
        Object::Stream(stream) => {
            put_dictionary(document, &stream.dict, depth, text);
            let data = document.stream_data(stream).unwrap();
            match std::str::from_utf8(&data) {
                Ok(plain) if data.len() <= SHOWN => write!(text, "\nstream: {plain}"),
                _ => write!(text, "\nstream: {} bytes, {}", data.len(), hex(&data)),
            }
            .unwrap();
        }
        Object::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                put(document, item, depth + 1, text);
            }
            text.push(']');
        }
        Object::String(bytes, _) => match antin_pdf::text_string(object) {
            // The SignedData is in the file's digest; its zeros are too.
            _ if bytes.len() > SHOWN => write!(text, "<{} bytes>", bytes.len()),
            Some(plain) => write!(text, "({plain})"),
            None => write!(text, "<{}>", hex(bytes)),
        }
        .unwrap(),
        Object::Name(name) => write!(text, "/{}", String::from_utf8_lossy(name)).unwrap(),
        Object::Reference(id) => write!(text, "{} {} R", id.0, id.1).unwrap(),
        Object::Integer(number) => write!(text, "{number}").unwrap(),
        Object::Real(number) => write!(text, "{number}").unwrap(),
        Object::Boolean(value) => write!(text, "{value}").unwrap(),
        Object::Null => text.push_str("null"),
    }
}

fn put_dictionary(document: &Document, dict: &Dictionary, depth: usize, text: &mut String) {
    text.push_str("<<");
    for (key, value) in dict {
        write!(
            text,
            "\n{}/{} ",
            "  ".repeat(depth + 1),
            String::from_utf8_lossy(key)
        )
        .unwrap();
        put(document, value, depth + 1, text);
    }
    text.push_str(" >>");
}

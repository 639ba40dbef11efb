//! What holds for all inputs.

use antin_pdf::{Dictionary, Document, Object, StringFormat, Update, parse_object, serialise};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::support;

fn objects() -> impl Strategy<Value = Object> {
    let format = prop_oneof![Just(StringFormat::Literal), Just(StringFormat::Hexadecimal)];
    let leaf = prop_oneof![
        Just(Object::Null),
        any::<bool>().prop_map(Object::Boolean),
        any::<i64>().prop_map(Object::Integer),
        proptest::num::f32::NORMAL.prop_map(Object::Real),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(Object::Name),
        (proptest::collection::vec(any::<u8>(), 0..40), format)
            .prop_map(|(text, format)| Object::String(text, format)),
        (any::<u32>(), any::<u16>()).prop_map(Object::Reference),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        let entries = proptest::collection::btree_map(
            proptest::collection::vec(any::<u8>(), 0..8),
            inner.clone(),
            0..8,
        );
        prop_oneof![
            proptest::collection::vec(inner, 0..8).prop_map(Object::Array),
            entries.prop_map(|entries| Object::Dictionary(
                entries.into_iter().collect::<Dictionary>()
            )),
        ]
    })
}

/// Looks at everything there is to look at.
fn examine(bytes: Vec<u8>) {
    let Ok(document) = Document::from_bytes(bytes) else {
        return;
    };
    let _ = (
        document.page_count(),
        document.page(0),
        document.page(1),
        document.fields(),
        document.orphan_tail(),
    );
    for (index, revision) in document.revisions().iter().enumerate() {
        let _ = (
            document
                .at_revision(index)
                .and_then(|state| state.page_count()),
            document.unclaimed(index),
        );
        for &id in revision.touched.iter().take(100) {
            let _ = (document.object_span(id), document.contents_span(id));
            if let Ok(Object::Stream(stream)) = document.object(id) {
                let _ = document.stream_data(&stream);
            }
        }
    }
    let _ = Update::new(&document).write();
}

fn bases() -> Vec<Vec<u8>> {
    let folder = support::Folder::new();
    let classic = support::classic();
    vec![
        folder.qpdf(&classic, &["--object-streams=generate"]),
        folder.qpdf(&classic, &["--linearize"]),
        support::hybrid(),
        support::compressed().bytes,
        classic,
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(object in objects()) {
        let bytes = serialise(&object).unwrap();
        prop_assert_eq!(parse_object(&bytes).unwrap(), object);
    }

    #[test]
    fn an_update_keeps_the_original(objects in proptest::collection::vec(objects(), 0..6), hybrid: bool) {
        let bytes = if hybrid { support::hybrid() } else { support::compressed().bytes };
        let document = Document::from_bytes(bytes.clone()).unwrap();
        let mut update = Update::new(&document);
        let ids: Vec<_> = objects.iter().map(|object| update.add(object.clone())).collect();
        let whole = [bytes.as_slice(), &update.write().unwrap().bytes].concat();
        let after = Document::from_bytes(whole).unwrap();
        let before = after.at_revision(0).unwrap();
        prop_assert_eq!(before.bytes(), bytes.as_slice());
        for (id, object) in ids.into_iter().zip(objects) {
            prop_assert_eq!(after.object(id).unwrap(), object);
        }
    }

    #[test]
    fn any_bytes_are_an_answer_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_object(&bytes);
        examine([b"%PDF-1.7\n".as_slice(), &bytes].concat());
    }
}

#[test]
fn changed_bytes_never_panic() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let bases = bases();
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    let cut = proptest::option::weighted(0.2, any::<prop::sample::Index>());
    for base in bases {
        for _ in 0..400 {
            let changes = changes.new_tree(&mut runner).unwrap().current();
            let mut bytes = base.clone();
            for (index, byte) in changes {
                // Half of the changes swap in a byte that means something.
                let swapped = b"0159<>[]()/% Rf\n"[usize::from(byte & 15)];
                *index.get_mut(&mut bytes) = if byte & 16 == 0 { byte } else { swapped };
            }
            if let Some(at) = cut.new_tree(&mut runner).unwrap().current() {
                bytes.truncate(at.index(base.len()));
            }
            examine(bytes);
        }
    }
}

//! Holds `ui/src/ipc/bindings.ts` to the commands and types of this crate.
//!
//! The front end's file is written by hand: the generator for it exists only as release candidates that pull an
//! unmaintained crate. What a generator would guarantee is compared here instead, from the sources of both sides:
//! every command in every list, every field, whether it may be null, whether it is a list.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::NAMES;

const BINDINGS: &str = include_str!("../../ui/src/ipc/bindings.ts");
const CAPABILITY: &str = include_str!("../capabilities/main.json");
const HANDLER: &str = include_str!("lib.rs");
const TYPES: &[&str] = &[
    include_str!("dto.rs"),
    include_str!("dto/desk.rs"),
    include_str!("dto/exchange.rs"),
    include_str!("dto/judged.rs"),
    include_str!("error.rs"),
    include_str!("event.rs"),
];

/// A field's name on the wire and its shape.
type Fields = BTreeMap<String, Shape>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    nullable: bool,
    list: bool,
}

#[test]
fn every_list_names_the_same_commands() {
    let expected: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();

    let list = between(HANDLER, "generate_handler![", "]");
    let handled: BTreeSet<String> = list
        .split(',')
        .filter_map(|path| path.trim().rsplit("::").next())
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect();
    assert_eq!(handled, expected, "the handler in lib.rs");

    let allowed: BTreeSet<String> = quoted(CAPABILITY)
        .filter_map(|text| text.strip_prefix("allow-"))
        .map(|name| name.replace('-', "_"))
        .collect();
    assert_eq!(allowed, expected, "capabilities/main.json");

    let called: BTreeSet<String> = BINDINGS
        .split("invoke<")
        .skip(1)
        .filter_map(|call| quoted(call).next())
        .map(str::to_owned)
        .collect();
    assert_eq!(called, expected, "ui/src/ipc/bindings.ts");
}

#[test]
fn the_capability_allows_nothing_else_but_hearing_events() {
    let core: Vec<&str> = quoted(CAPABILITY)
        .filter(|text| text.starts_with("core:"))
        .collect();
    assert_eq!(
        core,
        ["core:event:allow-listen", "core:event:allow-unlisten"]
    );
}

#[test]
fn both_sides_mean_the_same_types() {
    let (rust, typescript) = (rust_types(), typescript_types());
    assert!(rust.len() > 20, "the types were found: {:?}", rust.keys());
    for (name, fields) in &rust {
        let there = typescript
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in bindings.ts"));
        assert_eq!(
            there, fields,
            "{name}: bindings.ts (left) and Rust (right) differ"
        );
    }
}

/// The structs with public fields, flattened ones resolved.
fn rust_types() -> BTreeMap<String, Fields> {
    let (mut types, mut flattened) = (BTreeMap::<String, Fields>::new(), Vec::new());
    for source in TYPES {
        for part in source.split("\npub(crate) struct ").skip(1) {
            let (name, body) = part.split_once(" {\n").expect("a struct with fields");
            let body = body.split("\n}").next().unwrap_or_default();
            let (mut fields, mut renamed, mut flatten) = (Fields::new(), None, false);
            for line in body.lines().map(str::trim) {
                if line.starts_with("#[serde(rename") {
                    renamed = quoted(line).next().map(str::to_owned);
                } else if line.starts_with("#[serde(flatten)") {
                    flatten = true;
                } else if let Some((field, kind)) = line
                    .strip_prefix("pub(crate) ")
                    .and_then(|l| l.split_once(": "))
                {
                    let kind = kind.trim_end_matches(',');
                    if std::mem::take(&mut flatten) {
                        flattened.push((name.to_owned(), kind.to_owned()));
                        continue;
                    }
                    let inner = kind.strip_prefix("Option<").unwrap_or(kind);
                    let shape = Shape {
                        nullable: inner != kind,
                        list: inner.starts_with("Vec<"),
                    };
                    fields.insert(renamed.take().unwrap_or_else(|| camel(field)), shape);
                }
            }
            types.insert(name.to_owned(), fields);
        }
    }
    for (outer, inner) in flattened {
        let more = types.get(&inner).cloned().expect("the flattened struct");
        types
            .get_mut(&outer)
            .expect("the outer struct")
            .extend(more);
    }
    types
}

/// The object types, intersections resolved.
fn typescript_types() -> BTreeMap<String, Fields> {
    let mut types = BTreeMap::<String, Fields>::new();
    for part in BINDINGS.split("\nexport type ").skip(1) {
        let Some((name, definition)) = part.split_once(" = ") else {
            continue;
        };
        let definition = definition.split(";\n\n").next().unwrap_or_default();
        let Some((head, body)) = definition.split_once('{') else {
            continue;
        };
        if head.contains('|') {
            continue;
        }
        let mut fields = types
            .get(head.trim_end_matches([' ', '&']))
            .cloned()
            .unwrap_or_default();
        for field in split_fields(body.split('}').next().unwrap_or_default()) {
            let (field, kind) = field.split_once(':').expect("a field with a type");
            let nullable = kind.contains("| null");
            let list = kind.replace("| null", "").trim().ends_with("[]");
            fields.insert(
                field.trim().trim_end_matches('?').to_owned(),
                Shape { nullable, list },
            );
        }
        types.insert(name.to_owned(), fields);
    }
    types
}

fn split_fields(body: &str) -> impl Iterator<Item = &str> {
    body.split(';')
        .map(str::trim)
        .filter(|field| !field.is_empty())
}

fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        name.push_str(&first.to_uppercase());
        name.push_str(rest);
    }
    name
}

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start)
        .and_then(|(_, rest)| rest.split_once(end))
        .map(|(found, _)| found)
        .unwrap_or_default()
}

//! How much an act adds to a letter.

use super::{
    figure::{Figure, Figures, Good},
    kit::Kit,
    memory::{self, Scratch},
    sign::SIGN,
};
use std::{fs, path::Path};

/// Of the CMS as it stands in the file, in hexadecimal: what is left for field, dictionary and cross-reference.
const OF_CMS: f64 = 1.3;
/// With picture and fonts.
const VISIBLE: f64 = 60_000.0;
/// Acts on files that draw.
const ACTS: [(&str, &str); 5] = [
    ("appendix", "--act appendix --number 12/2026/CT-UBND"),
    (
        "copy",
        "--act copy --form trich-sao --of electronic --agency UBND",
    ),
    ("incoming", "--act incoming --number 345 --agency UBND"),
    (
        "initial",
        "--act initial --image {image} --place 1,400,40,440,80",
    ),
    (
        "comment",
        "--act initial --comment Xem --place 1,400,40,520,80",
    ),
];

pub(super) fn run(kit: &Kit, figures: &mut Figures) -> Result<(), String> {
    let folder = Scratch::new(kit)?;
    let letter = folder.0.join("letter.pdf");
    let original = kit.home.join("inputs/letter.pdf");
    let grown = grow(kit, SIGN, &original, &letter)?;
    let cms = contents(&grown).ok_or("✗ no CMS was found in what the signature added")?;
    figures.add(Figure {
        section: "growth",
        what: "bytes, invisible",
        input: "letter".to_owned(),
        ours: bytes(grown.len()),
        limit: Good::AtMost(OF_CMS * bytes(cms)),
        rule: "1.3 × the CMS in hexadecimal",
        others: vec![("CMS", Some(bytes(cms)))],
    });
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/letter/seal.png");
    for (name, words) in ACTS {
        let words = words.replace("{image}", &image.display().to_string());
        let grown = grow(kit, &format!("{SIGN} {words}"), &original, &letter)?;
        figures.add(Figure {
            section: "growth",
            what: "bytes, visible",
            input: name.to_owned(),
            ours: bytes(grown.len()),
            limit: Good::AtMost(VISIBLE),
            rule: "60 KB with picture and fonts",
            others: Vec::new(),
        });
    }
    Ok(())
}

/// What an act appends.
fn grow(kit: &Kit, template: &str, original: &Path, letter: &Path) -> Result<Vec<u8>, String> {
    memory::copy(original, letter)?;
    let answer = memory::command(kit, template, &[letter])?.output();
    let answer = answer.map_err(|e| format!("✗ antin: {e}"))?;
    if !answer.status.success() {
        return Err(format!(
            "✗ {template}: {}",
            String::from_utf8_lossy(&answer.stderr)
        ));
    }
    let read = |path: &Path| fs::read(path).map_err(|e| format!("✗ {}: {e}", path.display()));
    let (before, mut after) = (read(original)?, read(letter)?);
    if !after.starts_with(&before) {
        return Err(format!(
            "✗ {template}: the original is not a prefix of the result"
        ));
    }
    Ok(after.split_off(before.len()))
}

/// Hexadecimal digits of the CMS in the hole, without the zeros that fill it. Pages have contents, too.
fn contents(grown: &[u8]) -> Option<usize> {
    let key = b"/Contents";
    grown
        .windows(key.len())
        .enumerate()
        .find_map(|(at, found)| {
            let rest = grown.get(at + key.len()..)?.trim_ascii_start();
            let digits = rest.strip_prefix(b"<3082").filter(|_| found == key)?;
            // A SEQUENCE with a length in two bytes.
            let length = digits
                .get(..4)
                .and_then(|hex| std::str::from_utf8(hex).ok())?;
            let length = usize::from_str_radix(length, 16).ok()?;
            Some(2 * (length + 4))
        })
}

fn bytes(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

//! A helper, the letters, and a writer of small PDF files.

use antin_page::{DocumentHandle, Host, Limits};
use std::path::{Path, PathBuf};

pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_page-host"))
}

pub(crate) fn letter(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/letter")
        .join(name)
}

pub(crate) fn open(bytes: Vec<u8>) -> DocumentHandle {
    Host::spawn(program()).unwrap().open(bytes).unwrap()
}

pub(crate) fn limits(deadline_ms: u64, memory_mib: u64) -> Limits {
    Limits {
        deadline: std::time::Duration::from_millis(deadline_ms),
        memory_bytes: memory_mib * 1024 * 1024,
    }
}

/// A file of these objects, numbered from 1; the first is the catalog.
pub(crate) fn pdf(objects: &[String]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let xref = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(
        format!(
            "trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    file
}

pub(crate) fn stream(content: &str) -> String {
    format!(
        "<</Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// One page of this size whose content uses the font F (object 5 and what follows it).
pub(crate) fn one_page(media_box: &str, content: &str, page: &str, fonts: &[String]) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox{media_box}/Contents 4 0 R\
             /Resources<</Font<</F 5 0 R>>>>{page}>>"
        ),
        stream(content),
    ];
    objects.extend_from_slice(fonts);
    pdf(&objects)
}

/// Times New Roman, not embedded, whose codes 65… are these glyph names.
pub(crate) fn times_not_embedded(glyph_names: &str) -> Vec<String> {
    vec![
        format!(
            "<</Type/Font/Subtype/TrueType/BaseFont/TimesNewRomanPSMT/FirstChar 65/LastChar 70\
             /Widths[722 722 722 722 722 722]/FontDescriptor 6 0 R\
             /Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[65 {glyph_names}]>>>>"
        ),
        "<</Type/FontDescriptor/FontName/TimesNewRomanPSMT/Flags 34/FontBBox[-568 -307 2000 1007]\
         /ItalicAngle 0/Ascent 891/Descent -216/CapHeight 662/StemV 82>>"
            .to_owned(),
    ]
}

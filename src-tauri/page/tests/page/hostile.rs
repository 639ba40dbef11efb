//! Files that spin, grow, hide or lack something.

use crate::fixture::{letter, limits, one_page, open, pdf, program, stream, times_not_embedded};
use antin_page::{Error, Host, Notice};
use std::path::Path;
use std::process::Command;

/// A font whose widths are said for four thousand million codes: reading them takes a minute and 8 GB.
fn widths_bomb() -> Vec<u8> {
    let page = |contents: u32| {
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents {contents} 0 R\
             /Resources<</Font<</F 7 0 R>>>>>>"
        )
    };
    pdf(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>".to_owned(),
        page(5),
        page(6),
        stream("BT /F 20 Tf 50 50 Td <0041> Tj ET"),
        stream("0 0 100 100 re f"),
        "<</Type/Font/Subtype/Type0/BaseFont/Bomb/Encoding/Identity-H/DescendantFonts[8 0 R]>>"
            .to_owned(),
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/Bomb/W[0 4294967295 500]\
         /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 9 0 R>>"
            .to_owned(),
        "<</Type/FontDescriptor/FontName/Bomb/Flags 4>>".to_owned(),
    ])
}

#[test]
fn a_file_that_spins_is_cut_off_and_the_host_goes_on() {
    let host = Host::with_limits(program(), limits(1500, 4096)).unwrap();
    let document = host.open(widths_bomb()).unwrap();
    let error = document.render(0, 300).unwrap_err();
    assert!(
        matches!(error, Error::Timeout { milliseconds: 1500 }),
        "{error:?}"
    );
    let pixels = document
        .render(1, 300)
        .expect("its other page is drawn by a new helper");
    assert_eq!((pixels.width, pixels.height), (300, 300));
    let honest = host
        .open_file(&letter("directive.pdf"))
        .expect("the next document is opened");
    honest.render(0, 300).expect("and drawn");
}

#[cfg(unix)]
#[test]
fn a_file_that_grows_is_stopped_by_the_memory_limit() {
    let host = Host::with_limits(program(), limits(120_000, 256)).unwrap();
    let document = host.open(widths_bomb()).unwrap();
    let error = document.text(0).unwrap_err();
    assert!(matches!(error, Error::Crashed { .. }), "{error:?}");
    document.render(1, 300).expect("the next call works");
}

#[test]
fn a_huge_page_is_drawn_within_bounds_and_said_to_be() {
    let content = "1 0 0 rg 0 0 100000 200000 re f";
    let document = open(one_page(
        "[0 0 200000 200000]",
        content,
        "",
        &times_not_embedded("/A"),
    ));
    let pixels = document.render(0, 900).unwrap();
    assert_eq!((pixels.width, pixels.height), (900, 900));
    assert_eq!(pixels.rgba[..4], [255, 0, 0, 255]);
    assert_eq!(document.notices().unwrap(), []);
    let pixels = document.render(0, u32::MAX).unwrap();
    assert!(
        pixels.width <= 8192 && pixels.rgba.len() <= 64_100_000,
        "{pixels:?}"
    );
    assert_eq!(
        document.notices().unwrap(),
        [Notice::PageClamped { page: 0 }]
    );
}

#[test]
fn vietnamese_in_a_font_that_is_not_embedded_is_drawn_and_told() {
    // Ộ, ữ, ằ, đ, Ư, ỵ: none of them in Latin-1; names of both kinds that writers use
    let font = times_not_embedded("/uni1ED8/uhorntilde/abrevegrave/dcroat/Uhorn/uni1EF5");
    let ink = |content: &str| {
        let document = open(one_page("[0 0 300 100]", content, "", &font));
        let pixels = document.render(0, 300).unwrap();
        (
            document,
            pixels
                .rgba
                .chunks_exact(4)
                .filter(|pixel| pixel[0] < 128)
                .count(),
        )
    };
    for letter in ["A", "B", "C", "D", "E", "F"] {
        let (_, dark) = ink(&format!("BT /F 60 Tf 20 30 Td ({letter}) Tj ET"));
        assert!(dark > 150, "letter {letter} is dropped: {dark} dark pixels");
    }
    let (document, _) = ink("BT /F 40 Tf 20 30 Td (ABCDEF) Tj ET");
    assert_eq!(document.text(0).unwrap().lines[0].text, "ỘữằđƯỵ");
    let expected = Notice::FontNotEmbedded {
        font: "Times-Roman".to_owned(),
    };
    assert_eq!(document.notices().unwrap(), [expected]);
}

#[test]
fn vietnamese_by_character_code_is_drawn_from_a_font_that_is_not_embedded() {
    // Word's other way: two-byte codes that are glyphs of a font nobody has, and a map to characters.
    let font = [
        "<</Type/Font/Subtype/Type0/BaseFont/TimesNewRomanPS-BoldMT/Encoding/Identity-H\
         /DescendantFonts[6 0 R]/ToUnicode 8 0 R>>"
            .to_owned(),
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/TimesNewRomanPS-BoldMT/DW 722/FontDescriptor 7 0 R\
         /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>"
            .to_owned(),
        "<</Type/FontDescriptor/FontName/TimesNewRomanPS-BoldMT/Flags 4>>".to_owned(),
        stream(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n\
             1 begincodespacerange <0000> <ffff> endcodespacerange\n\
             2 beginbfchar <fff0> <1ed8> <fff1> <1eef> endbfchar\nendcmap end end",
        ),
    ];
    for code in ["fff0", "fff1"] {
        let content = format!("BT /F 60 Tf 20 30 Td <{code}> Tj ET");
        let document = open(one_page("[0 0 300 100]", &content, "", &font));
        let pixels = document.render(0, 300).unwrap();
        let dark = pixels
            .rgba
            .chunks_exact(4)
            .filter(|pixel| pixel[0] < 128)
            .count();
        assert!(dark > 150, "code {code} is dropped: {dark} dark pixels");
    }
}

#[test]
fn letters_and_tones_apart_in_the_file_are_read_as_one() {
    // ToUnicode gives a decomposed letter for A, and B is a tone by itself.
    let map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n\
               1 begincodespacerange <00> <ff> endcodespacerange\n\
               3 beginbfchar <41> <0054> <42> <0068006f> <43> <0323> endbfchar\n\
               endcmap end end";
    let mut font = times_not_embedded("/T/h/o");
    font[0] = font[0].replace("/FontDescriptor", "/ToUnicode 7 0 R/FontDescriptor");
    font.push(stream(map));
    let content = "BT /F 20 Tf 20 30 Td (A) Tj (B) Tj (C) Tj ET";
    let text = open(one_page("[0 0 300 100]", content, "", &font))
        .text(0)
        .unwrap();
    assert_eq!(text.lines[0].text, "Thọ");
    assert_eq!(text.lines[0].marks.len(), 3);
}

#[test]
fn several_fonts_and_invisible_text_on_a_line() {
    let content = "BT /F 20 Tf 20 30 Td (A) Tj /F 10 Tf (B) Tj 3 Tr (CC) Tj ET";
    let document = open(one_page(
        "[0 0 300 100]",
        content,
        "",
        &times_not_embedded("/A/B/C"),
    ));
    let text = document.text(0).unwrap();
    assert_eq!(text.lines.len(), 1, "{text:?}");
    assert_eq!(text.lines[0].text, "AB", "what nobody sees is not read");
    assert!(
        document
            .notices()
            .unwrap()
            .contains(&Notice::InvisibleText { page: 0 })
    );
}

#[test]
fn annotations_that_nobody_draws_are_told() {
    let annotations = "/Annots[\
        <</Type/Annot/Subtype/FreeText/Rect[10 10 90 90]/Contents(x)>>\
        <</Type/Annot/Subtype/Link/Rect[10 10 90 90]>>\
        <</Type/Annot/Subtype/Widget/FT/Sig/T(a)/Rect[10 10 90 90]>>\
        <</Type/Annot/Subtype/Widget/FT/Tx/T(b)/V(77)/Rect[10 10 90 90]>>\
        <</Type/Annot/Subtype/Square/F 2/Rect[10 10 90 90]>>\
        <</Type/Annot/Subtype/Square/Rect[10 10 10 10]>>]";
    let document = open(one_page(
        "[0 0 300 100]",
        "",
        annotations,
        &times_not_embedded("/A"),
    ));
    let told = |subtype: &str| Notice::AnnotationNotDrawn {
        page: 0,
        subtype: subtype.to_owned(),
    };
    assert_eq!(
        document.notices().unwrap(),
        [told("FreeText"), told("Widget")]
    );
}

#[test]
fn what_is_no_document_is_refused_with_a_reason() {
    let host = Host::spawn(program()).unwrap();
    let error = host.open(b"not a PDF".to_vec()).unwrap_err();
    assert!(matches!(error, Error::Unreadable), "{error:?}");
    let error = host.open_file(Path::new("no-such-file.pdf")).unwrap_err();
    assert!(matches!(error, Error::Read { .. }), "{error:?}");
    let directive = host.open_file(&letter("directive.pdf")).unwrap();
    let error = directive.render(3, 100).unwrap_err();
    assert!(
        matches!(error, Error::NoSuchPage { page: 3, pages: 3 }),
        "{error:?}"
    );
    directive
        .render(2, 100)
        .expect("a refusal does not cost the helper");
    let error = Host::spawn(Path::new("no-such-program")).unwrap_err();
    assert!(matches!(error, Error::Start { .. }), "{error:?}");
}

#[test]
fn content_that_cannot_be_decoded_is_told_since_the_page_looks_empty() {
    let is_told = |entries: &str, content: &str| {
        let file = pdf(&[
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents[4 0 R]>>".to_owned(),
            stream(content).replacen("<<", &format!("<<{entries}"), 1),
        ]);
        let page = open(file);
        page.render(0, 100).unwrap();
        page.notices().unwrap().contains(&Notice::ContentNotDrawn)
    };
    assert!(!is_told("", "0 0 50 50 re f"));
    assert!(!is_told(
        "/Filter/ASCIIHexDecode",
        "302030203530203530207265206620>"
    ));
    assert!(is_told("/Filter/FlateDecode", "this is not deflated"));
    assert!(is_told("/Filter/NoSuchDecode", "0 0 50 50 re f"));
}

#[test]
fn an_encrypted_document_is_told_from_a_broken_one() {
    let encrypted = std::env::temp_dir().join(format!("antin-page-{}.pdf", std::process::id()));
    let encrypt = |user: &str, way: &[&str]| {
        let status = Command::new("qpdf")
            .args(["--allow-weak-crypto", "--encrypt", user, "owner"])
            .args(way)
            .arg("--")
            .arg(letter("giay-moi.pdf"))
            .arg(&encrypted)
            .status()
            .unwrap();
        assert!(status.success());
    };
    let draw = |file: &Path| {
        let pages = Host::spawn(program()).unwrap().open_file(file).unwrap();
        pages.render(0, 100).unwrap()
    };
    let picture = draw(&letter("giay-moi.pdf"));
    for way in [
        &["40"][..],
        &["128", "--use-aes=n"],
        &["128", "--use-aes=y"],
        &["256"],
    ] {
        encrypt("", way);
        assert!(
            draw(&encrypted) == picture,
            "{way:?}: an owner password closes nothing"
        );
    }
    encrypt("user", &["256"]);
    let opened = Host::spawn(program()).unwrap().open_file(&encrypted);
    std::fs::remove_file(&encrypted).unwrap();
    assert!(matches!(opened, Err(Error::Encrypted)), "{opened:?}");
}

#[test]
fn a_program_that_is_no_helper_is_found_out() {
    // It ends at once, so the pipe breaks before there is an answer.
    let host = Host::spawn(Path::new(if cfg!(windows) { "hostname" } else { "false" })).unwrap();
    let error = host.open(b"%PDF-1.7".to_vec()).unwrap_err();
    assert!(matches!(error, Error::Crashed { .. }), "{error:?}");
}

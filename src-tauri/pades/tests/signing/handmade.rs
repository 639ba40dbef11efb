//! A page with a form of its own, written by hand: everything that can be indirect is, and a field is called `So`.

use std::fmt::Write;

/// Objects 10 and 11, the form's fonts, which a hybrid file hides in an object stream.
const FONTS: [&str; 2] = [
    "<< /Helv 11 0 R >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
];

fn objects() -> Vec<String> {
    let content = "BT /Helv 12 Tf 72 700 Td (A form) Tj ET";
    [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 7 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] /Rotate 0 >>",
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Annots 5 0 R /Resources << /Font 10 0 R >> >>",
        &format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "[6 0 R]",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (So) /V (7) /Rect [72 600 172 620] /F 4 /P 3 0 R >>",
        "<< /Fields 8 0 R /DR 9 0 R /DA (/Helv 0 Tf 0 g) >>",
        "[6 0 R]",
        "<< /Font 10 0 R >>",
        FONTS[0],
        FONTS[1],
    ]
    .map(str::to_owned)
    .to_vec()
}

fn append(pdf: &mut String, number: usize, body: &str) -> usize {
    let at = pdf.len();
    write!(pdf, "{number} 0 obj\n{body}\nendobj\n").unwrap();
    at
}

fn entry(offset: usize) -> String {
    format!("{offset:010} 00000 n\r\n")
}

/// With an ordinary cross-reference table.
pub(crate) fn table() -> Vec<u8> {
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut xref = "0000000000 65535 f\r\n".to_owned();
    for (number, body) in (1..).zip(objects()) {
        xref.push_str(&entry(append(&mut pdf, number, &body)));
    }
    let start = pdf.len();
    write!(
        pdf,
        "xref\n0 12\n{xref}trailer\n<< /Size 12 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    pdf.into_bytes()
}

/// Hybrid (ISO 32000-1, 7.5.8.4): objects 10 and 11 are free in the table and found by its `/XRefStm`.
pub(crate) fn hybrid() -> Vec<u8> {
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut xref = "0000000010 65535 f\r\n".to_owned();
    for (number, body) in (1..10).zip(objects()) {
        xref.push_str(&entry(append(&mut pdf, number, &body)));
    }
    xref.push_str("0000000011 00000 f\r\n0000000000 00000 f\r\n");
    let index = format!("10 0 11 {} ", FONTS[0].len() + 1);
    let packed = format!("{index}{} {}", FONTS[0], FONTS[1]);
    let stream = format!(
        "<< /Type /ObjStm /N 2 /First {} /Length {} >>\nstream\n{packed}\nendstream",
        index.len(),
        packed.len()
    );
    xref.push_str(&entry(append(&mut pdf, 12, &stream)));
    // Two entries of type 2: object stream 12, index 0 and 1.
    let hidden = "02 000C 00\n02 000C 01>";
    let stream = format!(
        "<< /Type /XRef /Size 14 /W [1 2 1] /Index [10 2] /Filter /ASCIIHexDecode /Length {} >>\nstream\n{hidden}\nendstream",
        hidden.len()
    );
    let at = append(&mut pdf, 13, &stream);
    xref.push_str(&entry(at));
    let start = pdf.len();
    let trailer = format!("<< /Size 14 /Root 1 0 R /XRefStm {at} >>");
    write!(
        pdf,
        "xref\n0 14\n{xref}trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    pdf.into_bytes()
}

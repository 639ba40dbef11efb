//! Small documents written by hand, and qpdf as a maker and judge of others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use antin_pdf::{Dictionary, Object};

/// A file in the making.
#[derive(Clone)]
pub(crate) struct Builder {
    pub(crate) bytes: Vec<u8>,
    /// Objects since the last section.
    pub(crate) offsets: BTreeMap<u32, usize>,
    pub(crate) startxref: usize,
}

impl Builder {
    pub(crate) fn new() -> Self {
        let bytes = "%PDF-1.7\n%âãÏÓ\n".as_bytes().to_vec();
        Builder {
            bytes,
            offsets: BTreeMap::new(),
            startxref: 0,
        }
    }

    /// Continues a file.
    pub(crate) fn after(bytes: &[u8], startxref: usize) -> Self {
        Builder {
            bytes: bytes.to_vec(),
            offsets: BTreeMap::new(),
            startxref,
        }
    }

    pub(crate) fn object(mut self, number: u32, body: &str) -> Self {
        self.offsets.insert(number, self.bytes.len());
        self.text(&format!("{number} 0 obj\n{body}\nendobj\n"))
    }

    pub(crate) fn stream(self, number: u32, entries: &str, data: &str) -> Self {
        let length = data.len();
        self.object(
            number,
            &format!("<<{entries}/Length {length}>>stream\n{data}\nendstream"),
        )
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    /// A table of the objects since the last section, with its trailer and tail.
    pub(crate) fn table(mut self, trailer: &str) -> Self {
        let prev = self.startxref;
        self.startxref = self.bytes.len();
        let mut text = "xref\n".to_owned();
        if prev == 0 {
            text += "0 1\n0000000000 65535 f \n";
        }
        for (number, offset) in std::mem::take(&mut self.offsets) {
            text += &format!("{number} 1\n{offset:010} 00000 n \n");
        }
        let prev = if prev == 0 {
            String::new()
        } else {
            format!("/Prev {prev}")
        };
        text += &format!(
            "trailer\n<<{trailer}{prev}>>\nstartxref\n{}\n%%EOF\n",
            self.startxref
        );
        self.text(&text)
    }

    /// A cross-reference stream as object `number`, of the objects since the last section and `more` entries
    /// (number, object stream, index).
    pub(crate) fn xref_stream(
        mut self,
        number: u32,
        trailer: &str,
        more: &[(u32, u32, u32)],
    ) -> Self {
        let at = self.bytes.len();
        self.offsets.insert(number, at);
        let mut entries: BTreeMap<u32, String> = BTreeMap::new();
        for (number, offset) in std::mem::take(&mut self.offsets) {
            entries.insert(number, format!("01{offset:08x}0000"));
        }
        for (number, container, index) in more {
            entries.insert(*number, format!("02{container:08x}{index:04x}"));
        }
        let index: String = entries
            .keys()
            .map(|number| format!("{number} 1 "))
            .collect();
        let data: String = entries.into_values().collect();
        let prev = if self.startxref == 0 {
            String::new()
        } else {
            format!("/Prev {}", self.startxref)
        };
        self.startxref = at;
        let head =
            format!("/Type/XRef/W[1 4 2]/Index[{index}]/Filter/ASCIIHexDecode{trailer}{prev}");
        let file = self.stream(number, &head, &format!("{data}>"));
        Builder {
            offsets: BTreeMap::new(),
            ..file
        }
    }

    pub(crate) fn tail(self) -> Self {
        let startxref = self.startxref;
        self.text(&format!("startxref\n{startxref}\n%%EOF\n"))
    }
}

/// A letter of two pages with a form: nested text fields and a signature field whose widget is its own.
pub(crate) fn letter() -> Builder {
    letter_in(Builder::new())
}

pub(crate) fn letter_in(file: Builder) -> Builder {
    file
        .object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[10 0 R 14 0 R]/DA(/F 0 Tf)>>>>")
        .object(2, "<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 842 595 0]/Rotate -90>>")
        .object(3, "<</Type/Page/Parent 2 0 R/Contents 5 0 R/Resources<<>>/Annots[12 0 R 13 0 R 14 0 R]>>")
        .object(4, "<</Type/Page/Parent 2 0 R/Resources<<>>/CropBox[10 10 9999 400]/Rotate 0>>")
        .stream(5, "", "0 0 10 10 re f")
        .object(10, "<</T(number)/FT/Tx/Ff 1/V(77)/Kids[11 0 R]>>")
        .object(11, "<</T<FEFF1EA4>/Parent 10 0 R/Kids[12 0 R 13 0 R]>>")
        .object(12, "<</Subtype/Widget/Parent 11 0 R/Rect[0 0 9 9]>>")
        .object(13, "<</Subtype/Widget/Parent 11 0 R/Rect[9 9 20 20]>>")
        .object(14, "<</T(seal)/FT/Sig/Subtype/Widget/V 15 0 R/Rect[0 0 0 0]>>")
        .object(15, "<</Type/Sig/Reference[<</Contents<AA>>>]/Contents %(<)\n <00 4142>%>\n/ByteRange[0 1 2 3]>>")
}

pub(crate) const TRAILER: &str = "/Size 16/Root 1 0 R/ID[<AA><BB>]";

pub(crate) fn classic() -> Vec<u8> {
    letter().table(TRAILER).bytes
}

/// A letter whose page tree is in an object stream, with a cross-reference stream.
pub(crate) fn compressed() -> Builder {
    Builder::new()
        .object(1, "<</Type/Catalog/Pages 2 0 R>>")
        .stream(5, "/Type/ObjStm/N 2/First 9", PAGES)
        .xref_stream(6, "/Size 7/Root 1 0 R", &[(2, 5, 0), (3, 5, 1)])
        .tail()
}

/// An object stream's data with the page tree: objects 2 and 3.
pub(crate) const PAGES: &str = "2 0 3 59 <</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>\n <</Type/Page/Parent 2 0 R/Resources<<>>>>";

/// A hybrid file: objects 4 and 6 are hidden in an object stream.
pub(crate) fn hybrid() -> Vec<u8> {
    let file = Builder::new()
        .object(1, "<</Type/Catalog/Pages 2 0 R/Lang 6 0 R>>")
        .object(
            2,
            "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>",
        )
        .object(3, "<</Type/Page/Parent 2 0 R/Resources 4 0 R>>")
        .stream(5, "/Type/ObjStm/N 2/First 8", "4 0 6 5 <<>> (vi)");
    let table = file.offsets.clone();
    let file = file.xref_stream(7, "/Size 8/Root 1 0 R", &[(4, 5, 0), (6, 5, 1)]);
    let hidden = file.startxref;
    let mut file = Builder {
        offsets: table,
        startxref: 0,
        ..file
    };
    file.offsets.remove(&5);
    let free = "xref\n4 1\n0000000000 65535 f \n6 1\n0000000000 65535 f \n";
    let startxref = file.bytes.len();
    let mut file = file.table(&format!("/Size 8/Root 1 0 R/XRefStm {hidden}"));
    let section = file.bytes.split_off(startxref);
    let section = String::from_utf8(section).unwrap();
    // The hidden objects are free to readers of tables.
    file.text(&section.replacen("xref\n", free, 1)).bytes
}

pub(crate) fn dictionary(text: &str) -> Dictionary {
    match antin_pdf::parse_object(text.as_bytes()) {
        Ok(Object::Dictionary(dict)) => dict,
        other => panic!("{text} is no dictionary: {other:?}"),
    }
}

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What qpdf makes of a file with these options.
    pub(crate) fn qpdf(&self, bytes: &[u8], options: &[&str]) -> Vec<u8> {
        let input = self.file("in.pdf", bytes);
        let output = self.0.path().join("out.pdf");
        let status = Command::new("qpdf")
            .args(options)
            .arg(&input)
            .arg(&output)
            .status();
        assert!(
            status.expect("qpdf is installed").success(),
            "qpdf {options:?}"
        );
        std::fs::read(output).unwrap()
    }

    /// Asserts that `qpdf --check` has nothing to say.
    pub(crate) fn check(&self, bytes: &[u8], what: &str) {
        let path = self.file("check.pdf", bytes);
        let output = Command::new("qpdf")
            .arg("--check")
            .arg(path)
            .output()
            .expect("qpdf is installed");
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && !said.contains("WARNING"),
            "{what}: {said}"
        );
    }
}

pub(crate) fn pages_by_qpdf(path: &Path) -> Option<usize> {
    let output = Command::new("qpdf")
        .arg("--show-npages")
        .arg(path)
        .output()
        .expect("qpdf is installed");
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

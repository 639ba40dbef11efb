//! Documents as other programs write them, each feature by itself or with any other.

use std::fmt::Write;

use proptest::prelude::*;

/// How objects are found (ISO 32000-1, 7.5.4, 7.5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Xref {
    Table,
    Stream,
    /// A cross-reference stream, and what can be is in an object stream.
    ObjectStream,
    /// A table for old readers, and a stream for what it hides.
    Hybrid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Living {
    Absent,
    Direct,
    Indirect,
}

/// What a document is like.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) xref: Xref,
    pub(crate) pages: usize,
    /// Pages hang on inner nodes of the tree, two on each.
    pub(crate) nested: bool,
    /// MediaBox, Resources and Rotate are those of the root.
    pub(crate) inherited: bool,
    pub(crate) rotate: i64,
    /// Lower left corner of the MediaBox.
    pub(crate) origin: (i64, i64),
    /// How much smaller the CropBox is on each side.
    pub(crate) crop: Option<i64>,
    pub(crate) user_unit: Option<f64>,
    /// `/Annots`, with a link.
    pub(crate) annots: Living,
    /// `/AcroForm`, with a text field called `So`.
    pub(crate) form: Living,
    pub(crate) form_list_indirect: bool,
    pub(crate) need_appearances: bool,
    /// Revisions before ours.
    pub(crate) history: usize,
    pub(crate) final_line_end: bool,
}

pub(crate) fn shapes() -> impl Strategy<Value = Shape> {
    let living = || {
        prop_oneof![
            Just(Living::Absent),
            Just(Living::Direct),
            Just(Living::Indirect)
        ]
    };
    let xref = prop_oneof![
        Just(Xref::Table),
        Just(Xref::Stream),
        Just(Xref::ObjectStream),
        Just(Xref::Hybrid)
    ];
    let tree = (1_usize..5, any::<bool>(), any::<bool>());
    let paper = (
        prop_oneof![Just(0_i64), Just(90), Just(180), Just(270)],
        (-300_i64..300, -300_i64..300),
        proptest::option::of(1_i64..60),
        proptest::option::of(prop_oneof![Just(0.5), Just(2.0), Just(10.0)]),
    );
    let form = (living(), living(), any::<bool>(), any::<bool>());
    let file = (0_usize..3, any::<bool>());
    (xref, tree, paper, form, file).prop_map(|(xref, tree, paper, form, file)| Shape {
        xref,
        pages: tree.0,
        nested: tree.1,
        inherited: tree.2,
        rotate: paper.0,
        origin: paper.1,
        crop: paper.2,
        user_unit: paper.3,
        annots: form.0,
        form: form.1,
        form_list_indirect: form.2,
        need_appearances: form.3,
        history: file.0,
        final_line_end: file.1,
    })
}

/// An object's body, and whether it may hide in an object stream.
struct Body {
    text: String,
    hides: bool,
}

/// Objects by number, from 1.
struct Objects(Vec<Body>);

impl Objects {
    fn add(&mut self, text: impl Into<String>) -> usize {
        let text = text.into();
        let hides = !text.contains("stream\n");
        self.0.push(Body { text, hides });
        self.0.len()
    }

    fn set(&mut self, number: usize, text: String) {
        self.0[number - 1] = Body { text, hides: true };
    }
}

impl Shape {
    /// Lower left and upper right corner of the paper.
    pub(crate) fn paper(&self) -> [i64; 4] {
        let (x, y) = self.origin;
        [x, y, x + 595, y + 842]
    }

    fn attributes(&self) -> String {
        let [x0, y0, x1, y1] = self.paper();
        format!(
            "/MediaBox [{x0} {y0} {x1} {y1}] /Rotate {} /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>",
            self.rotate
        )
    }

    fn objects(&self) -> Objects {
        let mut objects = Objects(Vec::new());
        let (catalog, root) = (objects.add(""), objects.add(""));
        let mut parents = vec![root];
        if self.nested {
            parents = (0..self.pages.div_ceil(2))
                .map(|_| objects.add(""))
                .collect();
        }
        let field = (self.form != Living::Absent).then(|| objects.add(""));
        let mut kids = vec![Vec::new(); parents.len()];
        for page in 0..self.pages {
            let parent = if self.nested { page / 2 } else { 0 };
            let number = self.page(&mut objects, page, parents[parent], field);
            kids[parent].push(number);
        }
        let list = |numbers: &[usize]| {
            let items: Vec<_> = numbers
                .iter()
                .map(|number| format!("{number} 0 R"))
                .collect();
            format!("[{}]", items.join(" "))
        };
        let inherited = if self.inherited {
            self.attributes()
        } else {
            String::new()
        };
        let root_kids = if self.nested { &parents } else { &kids[0] };
        let count = self.pages;
        objects.set(
            root,
            format!(
                "<< /Type /Pages /Kids {} /Count {count} {inherited} >>",
                list(root_kids)
            ),
        );
        if self.nested {
            for (parent, kids) in parents.iter().zip(&kids) {
                let count = kids.len();
                let kids = list(kids);
                objects.set(
                    *parent,
                    format!("<< /Type /Pages /Parent {root} 0 R /Kids {kids} /Count {count} >>"),
                );
            }
        }
        let form = field.map_or_else(String::new, |field| self.form(&mut objects, field));
        objects.set(
            catalog,
            format!("<< /Type /Catalog /Pages {root} 0 R /Lang (vi) /PageMode /UseNone {form} >>"),
        );
        objects
    }

    /// The entry of the catalog.
    fn form(&self, objects: &mut Objects, field: usize) -> String {
        let mut fields = format!("[{field} 0 R]");
        if self.form_list_indirect {
            fields = format!("{} 0 R", objects.add(fields));
        }
        let need = self.need_appearances;
        let dict = format!(
            "<< /Fields {fields} /NeedAppearances {need} /DA (/Helv 0 Tf 0 g) /DR << /Font << >> >> >>"
        );
        match self.form {
            Living::Indirect => format!("/AcroForm {} 0 R", objects.add(dict)),
            _ => format!("/AcroForm {dict}"),
        }
    }

    fn page(
        &self,
        objects: &mut Objects,
        index: usize,
        parent: usize,
        field: Option<usize>,
    ) -> usize {
        let content = format!("BT /F1 12 Tf 72 700 Td (Page {index}) Tj ET");
        let content = objects.add(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
        let page = objects.add("");
        let mut annotations = Vec::new();
        if self.annots != Living::Absent {
            let link = "<< /Type /Annot /Subtype /Link /Rect [10 10 20 20] /Border [0 0 0] >>";
            annotations.push(format!("{} 0 R", objects.add(link)));
        }
        if let Some(field) = field.filter(|_| index == 0) {
            let rect = format!("[{} {} {} {}]", 72.5, 600, 172, 620.25);
            objects.set(
                field,
                format!("<< /Type /Annot /Subtype /Widget /FT /Tx /T (So) /V (7) /Rect {rect} /F 4 /P {page} 0 R >>"),
            );
            annotations.push(format!("{field} 0 R"));
        }
        let mut annots = String::new();
        if !annotations.is_empty() {
            let mut list = format!("[{}]", annotations.join(" "));
            if self.annots == Living::Indirect {
                list = format!("{} 0 R", objects.add(list));
            }
            annots = format!("/Annots {list}");
        }
        let mut own = if self.inherited {
            String::new()
        } else {
            self.attributes()
        };
        if let Some(crop) = self.crop {
            let [x0, y0, x1, y1] = self.paper();
            write!(
                own,
                " /CropBox [{} {} {} {}]",
                x0 + crop,
                y0 + crop,
                x1 - crop,
                y1 - crop
            )
            .unwrap();
        }
        if let Some(unit) = self.user_unit {
            write!(own, " /UserUnit {unit}").unwrap();
        }
        objects.set(
            page,
            format!(
                "<< /Type /Page /Parent {parent} 0 R /Contents {content} 0 R {annots} {own} >>"
            ),
        );
        page
    }

    /// The document's bytes, without its history.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut objects = self.objects().0;
        let visible = objects.len();
        let hides = |body: &Body| match self.xref {
            Xref::ObjectStream => body.hides,
            // Links and lists of annotations: what an old reader can do without.
            Xref::Hybrid => {
                body.hides && (body.text.contains("/Link") || body.text.starts_with('['))
            }
            _ => false,
        };
        let hidden: Vec<usize> = (0..visible).filter(|at| hides(&objects[*at])).collect();
        let (mut index, mut packed) = (String::new(), String::new());
        for at in &hidden {
            write!(index, "{} {} ", at + 1, packed.len()).unwrap();
            packed.push_str(&objects[*at].text);
            packed.push(' ');
        }
        let holder = objects.len() + 1;
        if !hidden.is_empty() {
            let text = format!(
                "<< /Type /ObjStm /N {} /First {} /Length {} >>\nstream\n{index}{packed}\nendstream",
                hidden.len(),
                index.len(),
                index.len() + packed.len()
            );
            objects.push(Body { text, hides: false });
        }
        let mut pdf = "%PDF-1.7\n%\u{e2}\u{e3}\n".to_owned();
        let mut places = Vec::new();
        for (at, body) in objects.iter().enumerate() {
            places.push(match hidden.iter().position(|hidden| *hidden == at) {
                Some(index) => (2, holder, index),
                None => {
                    let offset = pdf.len();
                    write!(pdf, "{} 0 obj\n{}\nendobj\n", at + 1, body.text).unwrap();
                    (1, offset, 0)
                }
            });
        }
        match self.xref {
            Xref::Table => table(&mut pdf, &places, ""),
            Xref::Hybrid if hidden.is_empty() => table(&mut pdf, &places, ""),
            Xref::Hybrid => {
                let at = pdf.len();
                places.push((1, at, 0));
                let own = places.len();
                stream(&mut pdf, &places, &hidden, own, "");
                table(&mut pdf, &places, &format!("/XRefStm {at}"));
            }
            Xref::Stream | Xref::ObjectStream => {
                let at = pdf.len();
                places.push((1, at, 0));
                let (own, all) = (places.len(), (0..places.len()).collect::<Vec<_>>());
                stream(&mut pdf, &places, &all, own, "/Root 1 0 R");
                write!(pdf, "startxref\n{at}\n%%EOF").unwrap();
            }
        }
        if self.final_line_end {
            pdf.push('\n');
        }
        pdf.into_bytes()
    }
}

/// Type, offset or holder, generation or index.
type Entry = (u8, usize, usize);

fn table(pdf: &mut String, places: &[Entry], more: &str) {
    let start = pdf.len();
    let size = places.len() + 1;
    let mut xref = String::new();
    for (kind, offset, _) in places {
        // What hides is free for old readers.
        match kind {
            1 => write!(xref, "{offset:010} 00000 n\r\n").unwrap(),
            _ => xref.push_str("0000000000 00000 f\r\n"),
        }
    }
    write!(
        pdf,
        "xref\n0 {size}\n0000000000 65535 f\r\n{xref}trailer\n<< /Size {size} /Root 1 0 R {more} >>\nstartxref\n{start}\n%%EOF"
    )
    .unwrap();
}

/// A cross-reference stream of these entries, as object `own`.
fn stream(pdf: &mut String, places: &[Entry], listed: &[usize], own: usize, more: &str) {
    let mut data = String::new();
    let mut index = String::new();
    for at in listed {
        let (kind, first, second) = places[*at];
        write!(index, "{} 1 ", at + 1).unwrap();
        write!(data, "{kind:02x}{first:08x}{second:04x}").unwrap();
    }
    data.push('>');
    let size = places.len() + 1;
    write!(
        pdf,
        "{own} 0 obj\n<< /Type /XRef /Size {size} /W [1 4 2] /Index [{index}] /Filter /ASCIIHexDecode {more} /Length {} >>\nstream\n{data}\nendstream\nendobj\n",
        data.len()
    )
    .unwrap();
}

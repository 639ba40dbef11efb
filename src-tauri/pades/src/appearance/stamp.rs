//! The incoming stamp *ĐẾN* (Decree 30/2020, Annex IV): a red frame, 50 mm wide and 35 mm high.

use antin_pdf::{Object, ObjectId, Update};
use unicode_normalization::UnicodeNormalization;

use super::{Frame, NARROWEST};
use crate::{
    Error, Incoming,
    font::{Face, Line, Subset},
    object::dictionary,
};

/// The stamp's own size, 50 × 35 mm in points.
pub(crate) const STAMP: (f64, f64) = (50.0 / 25.4 * 72.0, 35.0 / 25.4 * 72.0);
/// From the frame to the text, in points.
const MARGIN: f64 = 6.0;
/// Where "Số:" and "Ngày:" begin, beside "ĐẾN".
const BESIDE: f64 = 49.0;
/// Size of the agency's name, and of the lines below.
const SMALL: f64 = 9.5;
/// Size of "ĐẾN".
const LARGE: f64 = 17.0;
/// Lines of the agency's name.
const NAME_LINES: usize = 2;

/// Collects operators and the glyphs they use.
struct Drawing<'a> {
    field: &'a str,
    regular: Subset,
    bold: Subset,
    content: String,
}

impl Drawing<'_> {
    fn line(&mut self, face: Face, text: &str) -> Result<Line, Error> {
        match face {
            Face::Bold => self.bold.line(text),
            _ => self.regular.line(text),
        }
    }

    fn put(&mut self, face: Face, size: f64, line: &Line, (x, y): (f64, f64), narrow: f64) {
        self.content.push_str(&format!(
            " /{} {size} Tf {:.2} Tz 1 0 0 1 {x:.3} {y:.3} Tm <{}> Tj",
            face.resource(),
            narrow * 100.0,
            line.codes
        ));
    }

    /// One line between `x` and the right margin; narrowed if it must be.
    fn text(&mut self, text: &str, x: f64, y: f64) -> Result<(), Error> {
        let room = STAMP.0 - MARGIN - x;
        let line = self.line(Face::Regular, text)?;
        let narrow = (room / (line.width * SMALL)).min(1.0);
        if narrow < NARROWEST {
            return Err(Error::TextTooWide {
                field: self.field.to_owned(),
                text: text.to_owned(),
                needed: line.width * SMALL,
                available: room,
            });
        }
        self.put(Face::Regular, SMALL, &line, (x, y), narrow);
        Ok(())
    }

    /// A label and its value; what nobody has written is dotted, as on paper.
    fn entry(&mut self, label: &str, value: &str, x: f64, y: f64) -> Result<(), Error> {
        let value = value.trim();
        if !value.is_empty() {
            return self.text(&format!("{label} {value}"), x, y);
        }
        let room = STAMP.0 - MARGIN - x;
        let mut dotted = format!("{label} ");
        while self.line(Face::Regular, &format!("{dotted}."))?.width * SMALL < room {
            dotted.push('.');
        }
        self.text(&dotted, x, y)
    }

    /// The agency's name in capitals, centred, in one line or two.
    fn agency(&mut self, name: &str) -> Result<(), Error> {
        let room = STAMP.0 - 2.0 * MARGIN;
        let name: String = name.nfc().collect::<String>().to_uppercase();
        let words: Vec<&str> = name.split_whitespace().collect();
        let whole = self.line(Face::Bold, &words.join(" "))?;
        let lines = if whole.width * SMALL <= room || words.len() < NAME_LINES {
            vec![whole]
        } else {
            self.halves(&words)?
        };
        let mut y = if lines.len() == 1 { 80.0 } else { 85.0 };
        for line in lines {
            let narrow = (room / (line.width * SMALL)).min(1.0);
            if narrow < NARROWEST * NARROWEST {
                return Err(Error::TextTooWide {
                    field: self.field.to_owned(),
                    text: name,
                    needed: line.width * SMALL,
                    available: room,
                });
            }
            let x = (STAMP.0 - line.width * SMALL * narrow) / 2.0;
            self.put(Face::Bold, SMALL, &line, (x, y), narrow);
            y -= SMALL * 1.15;
        }
        Ok(())
    }

    /// Broken where the longer half is shortest.
    fn halves(&mut self, words: &[&str]) -> Result<Vec<Line>, Error> {
        let mut best: Option<(f64, Vec<Line>)> = None;
        for at in 1..words.len() {
            let (first, second) = words.split_at(at);
            let first = self.line(Face::Bold, &first.join(" "))?;
            let second = self.line(Face::Bold, &second.join(" "))?;
            let longer = first.width.max(second.width);
            if best.as_ref().is_none_or(|(least, _)| longer < *least) {
                best = Some((longer, vec![first, second]));
            }
        }
        Ok(best.map(|(_, lines)| lines).unwrap_or_default())
    }
}

impl Frame {
    /// The stamp, as large as the frame lets it be in its proportions, centred.
    pub(crate) fn stamp(
        self,
        update: &mut Update<'_>,
        field: &str,
        act: &Incoming,
    ) -> Result<ObjectId, Error> {
        for text in [&act.agency, &act.number, &act.day] {
            if text.trim().is_empty() {
                return Err(Error::TextMissing {
                    field: field.to_owned(),
                });
            }
        }
        let mut drawing = Drawing {
            field,
            regular: Subset::new(Face::Regular)?,
            bold: Subset::new(Face::Bold)?,
            content: String::new(),
        };
        drawing.agency(&act.agency)?;
        let arrived = drawing.line(Face::Bold, "ĐẾN")?;
        drawing.put(Face::Bold, LARGE, &arrived, (MARGIN, 49.0), 1.0);
        drawing.entry("Số:", &act.number, BESIDE, 57.0)?;
        drawing.entry("Ngày:", &act.day, BESIDE, 42.0)?;
        drawing.entry("Chuyển:", &act.forwarded, MARGIN, 25.0)?;
        drawing.entry("Số và ký hiệu HS:", &act.dossier, MARGIN, 9.0)?;

        let (width, height) = STAMP;
        let scale = (self.width / width).min(self.height / height);
        let (x, y) = (
            (self.width - width * scale) / 2.0,
            (self.height - height * scale) / 2.0,
        );
        // The red of stamps; the frame's line lies inside the box.
        let content = format!(
            "q {scale:.4} 0 0 {scale:.4} {x:.3} {y:.3} cm 0.85 0 0 RG 0.85 0 0 rg \
             1.5 w 0.75 0.75 {:.3} {:.3} re S BT{} ET Q",
            width - 1.5,
            height - 1.5,
            drawing.content
        );
        let fonts = dictionary([
            (
                Face::Regular.resource(),
                Object::Reference(drawing.regular.embed(update)?),
            ),
            (
                Face::Bold.resource(),
                Object::Reference(drawing.bold.embed(update)?),
            ),
        ]);
        let resources = dictionary([("Font", Object::Dictionary(fonts))]);
        Ok(self.form(update, resources, &content))
    }
}

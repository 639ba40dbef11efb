//! Lines of black upright text: appendices, copies, comments.

use antin_pdf::{Object, ObjectId, Update};

use super::{Frame, NARROWEST};
use crate::{
    Error,
    font::{ASCENT, DESCENT, Face, Line, Subset},
    object::dictionary,
};

/// From baseline to baseline, in em.
const LEADING: f64 = 1.2;
/// Space above the first and below the last line, in points.
const MARGIN: f64 = 2.0;
/// Characters of one text; a comment is a sentence or two, and each word is measured.
const LONGEST: usize = 2_000;

/// A text that is broken into lines at its spaces.
pub(crate) struct Block<'a> {
    /// The field's name, for refusals.
    pub(crate) field: &'a str,
    /// Each begins a line.
    pub(crate) paragraphs: &'a [&'a str],
    /// In points, from the smallest allowed to the largest.
    pub(crate) sizes: (f64, f64),
    /// Set at the right edge.
    pub(crate) right: bool,
}

/// Lines of one size.
struct Laid {
    size: f64,
    lines: Vec<Line>,
}

impl Laid {
    fn height(&self) -> f64 {
        let between = f64::from(u32::try_from(self.lines.len().saturating_sub(1)).unwrap_or(0));
        (between * LEADING + ASCENT + DESCENT) * self.size + 2.0 * MARGIN
    }
}

impl Block<'_> {
    /// The height of the text at its largest size in a box of `width` points.
    pub(crate) fn height(&self, width: f64) -> Result<f64, Error> {
        let mut subset = Subset::new(Face::Regular)?;
        Ok(self.lay(&mut subset, width, self.sizes.1)?.height())
    }

    fn lay(&self, subset: &mut Subset, width: f64, size: f64) -> Result<Laid, Error> {
        let mut lines = Vec::new();
        for paragraph in self.paragraphs {
            let mut line: Option<(String, Line)> = None;
            for word in paragraph.split_whitespace() {
                let longer = match &line {
                    Some((text, _)) => format!("{text} {word}"),
                    None => word.to_owned(),
                };
                let measured = subset.line(&longer)?;
                if line.is_some() && measured.width * size > width {
                    lines.extend(line.take().map(|(_, line)| line));
                    line = Some((word.to_owned(), subset.line(word)?));
                } else {
                    line = Some((longer, measured));
                }
            }
            lines.extend(line.map(|(_, line)| line));
        }
        match lines
            .iter()
            .find(|line| line.width * size * NARROWEST > width)
        {
            Some(line) => Err(Error::TextTooWide {
                field: self.field.to_owned(),
                text: self.paragraphs.join(" "),
                needed: line.width * size,
                available: width,
            }),
            None => Ok(Laid { size, lines }),
        }
    }

    fn too_long(&self, height: f64) -> Error {
        Error::TextTooLong {
            field: self.field.to_owned(),
            text: self.paragraphs.join(" "),
            height,
        }
    }

    /// The largest size at which the text fits.
    fn fitted(&self, subset: &mut Subset, frame: Frame) -> Result<Laid, Error> {
        let (smallest, mut size) = self.sizes;
        loop {
            let laid = self.lay(subset, frame.width, size);
            match laid {
                // Rectangles are rounded to a thousandth of a point.
                Ok(laid) if laid.height() <= frame.height + 0.01 => return Ok(laid),
                Err(error) if size <= smallest => return Err(error),
                Ok(_) if size <= smallest => return Err(self.too_long(frame.height)),
                _ => size = (size - 0.5).max(smallest),
            }
        }
    }

    /// Adds the drawing.
    pub(crate) fn draw(&self, frame: Frame, update: &mut Update<'_>) -> Result<ObjectId, Error> {
        let length: usize = self
            .paragraphs
            .iter()
            .map(|text| text.chars().count())
            .sum();
        if self.paragraphs.iter().all(|text| text.trim().is_empty()) {
            return Err(Error::TextMissing {
                field: self.field.to_owned(),
            });
        }
        if length > LONGEST {
            return Err(self.too_long(frame.height));
        }
        let mut subset = Subset::new(Face::Regular)?;
        let laid = self.fitted(&mut subset, frame)?;
        let font = Face::Regular.resource();
        let size = laid.size;
        let mut content = format!("/Tx BMC q BT 0 g /{font} {size} Tf");
        let mut y = frame.height - MARGIN - ASCENT * size;
        for line in &laid.lines {
            let narrow = (frame.width / (line.width * size)).min(1.0);
            let x = if self.right {
                frame.width - line.width * size * narrow
            } else {
                0.0
            };
            content.push_str(&format!(
                " {:.2} Tz 1 0 0 1 {x:.3} {y:.3} Tm <{}> Tj",
                narrow * 100.0,
                line.codes
            ));
            y -= LEADING * size;
        }
        content.push_str(" ET Q EMC");
        let embedded = subset.embed(update)?;
        let fonts = dictionary([(font, Object::Reference(embedded))]);
        let resources = dictionary([("Font", Object::Dictionary(fonts))]);
        Ok(frame.form(update, resources, &content))
    }
}

//! Positioned glyphs to lines.

mod letters;
mod lines;

use crate::{PageSize, Rect};
use hayro::hayro_interpret::font::{Glyph, GlyphRun, OutlineFontData};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, RenderContent, SoftMask, interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{self, Affine, BezPath, Point};
use letters::Letters;
use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;

/// A gap wider than this, in em, divides two columns; a space in a line set wide stays below it.
const COLUMN_GAP: f64 = 0.9;

/// Glyphs kept of one page; a page of a letter has 4,000.
const GLYPHS: usize = 100_000;

/// The text of one page, top line first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PageText {
    /// Page index, from 0.
    pub page: usize,
    /// The page.
    pub size: PageSize,
    /// Its lines, in [`PageSize::frame`]. Columns that share a baseline share a line.
    pub lines: Vec<Line>,
}

/// Everything that stands on one baseline, from left to right, whatever its fonts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Line {
    /// NFC. One space wherever there is one or more, or a gap of more than a fifth of an em.
    pub text: String,
    /// Where each `char` of `text` stands.
    pub marks: Vec<Mark>,
    /// y of the baseline.
    pub baseline: f64,
    /// Font size of most of the line, in points.
    pub size: f64,
}

/// Where one character stands.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Mark {
    /// Its left edge.
    pub x0: f64,
    /// Its right edge.
    pub x1: f64,
    /// y of its own baseline: columns that share a line may stand a point apart.
    pub baseline: f64,
    /// Font size in points.
    pub size: f64,
    /// Set in a bold font.
    pub bold: bool,
    /// Set in an italic font.
    pub italic: bool,
}

impl PageText {
    /// Whether every character has its mark, and every number is one.
    pub(crate) fn is_consistent(&self) -> bool {
        self.lines.iter().all(|line| {
            line.text.chars().count() == line.marks.len()
                && line.baseline.is_finite()
                && line.size.is_finite()
                && line.marks.iter().all(|mark| {
                    [mark.x0, mark.x1, mark.baseline, mark.size]
                        .iter()
                        .all(|number| number.is_finite())
                })
        })
    }
}

impl Line {
    /// The line in parts that stand apart: those of a letter's head share a line, and so does a stamp with what is
    /// beside it.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec![String::new()];
        for (character, mark) in self.text.chars().zip(&self.marks) {
            let divides = character.is_whitespace() && mark.x1 - mark.x0 > COLUMN_GAP * mark.size;
            match columns.last_mut() {
                Some(column) if !divides => column.push(character),
                _ => columns.push(String::new()),
            }
        }
        columns
    }

    /// The box of the line. A font's own ascent and descent are not known; these fit Times.
    pub fn rect(&self) -> Rect {
        let x0 = self
            .marks
            .iter()
            .map(|mark| mark.x0)
            .fold(f64::INFINITY, f64::min);
        let x1 = self
            .marks
            .iter()
            .map(|mark| mark.x1)
            .fold(f64::NEG_INFINITY, f64::max);
        Rect {
            x0,
            y0: self.baseline - lines::DESCENT * self.size,
            x1,
            y1: self.baseline + lines::ASCENT * self.size,
        }
    }
}

/// One glyph as the page places it, in the page's frame.
#[derive(Debug, Clone, PartialEq)]
struct Placed {
    text: String,
    x0: f64,
    x1: f64,
    baseline: f64,
    size: f64,
    bold: bool,
    italic: bool,
}

/// The page's text, and whether it also has text that nobody sees.
pub(crate) fn collect<'a>(
    pdf: &'a Pdf,
    page: &'a Page<'a>,
    index: usize,
    size: PageSize,
    settings: &InterpreterSettings,
) -> (PageText, bool) {
    // Stamps of earlier signatures are not the letter's text.
    let settings = InterpreterSettings {
        render_content: RenderContent::PAGE,
        ..settings.clone()
    };
    let cache = InterpreterCache::new();
    let frame = size.frame();
    let crop = kurbo::Rect::new(frame.x0, frame.y0, frame.x1, frame.y1);
    let mut context = Context::new(Affine::new(size.turn()), crop, &cache, pdf.xref(), settings);
    let mut collector = Collector::default();
    interpret_page(page, &mut context, &mut collector);
    let lines = lines::build(collector.glyphs);
    (
        PageText {
            page: index,
            size,
            lines,
        },
        collector.invisible,
    )
}

#[derive(Default)]
struct Collector {
    glyphs: Vec<Placed>,
    letters: Letters,
    invisible: bool,
}

impl Collector {
    fn push(&mut self, glyph: Placed) {
        if self.glyphs.len() >= GLYPHS {
            return;
        }
        // A tone set as a glyph of its own belongs to the letter before it.
        let first = glyph.text.chars().next();
        let is_tone = first.is_some_and(|c| !c.is_ascii() && is_combining_mark(c));
        if let (true, Some(letter)) = (is_tone, self.glyphs.last_mut())
            && (letter.baseline - glyph.baseline).abs() < letter.size
            && (glyph.x0 - letter.x1).abs() < letter.size
        {
            letter.text.push_str(&glyph.text);
            return;
        }
        self.glyphs.push(glyph);
    }
}

impl<'a> Device<'a> for Collector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Invisible) {
            self.invisible |= !run.glyphs().is_empty();
            return;
        }
        // What is shown at once is set in one font.
        let face = run.glyphs().first().map(|glyph| Face::of(glyph));
        for glyph in run.glyphs() {
            let transform = props.transform * glyph.transform();
            let placed = face
                .as_ref()
                .and_then(|face| placed(glyph, transform, face, &mut self.letters));
            if let Some(placed) = placed {
                self.push(placed);
            }
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_rect(&mut self, _: &kurbo::Rect, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &kurbo::Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// The font that a run of glyphs is set in.
#[derive(Default)]
struct Face {
    font: Option<OutlineFontData>,
    bold: bool,
    italic: bool,
}

impl Face {
    fn of(glyph: &Glyph<'_>) -> Face {
        let Glyph::Outline(outline) = glyph else {
            return Face::default();
        };
        let Some(font) = outline.font_data() else {
            return Face::default();
        };
        let name = font.postscript_name.as_deref().unwrap_or_default();
        let name = name.to_lowercase();
        Face {
            bold: font.weight.is_some_and(|weight| weight >= 600) || name.contains("bold"),
            italic: font.is_italic || name.contains("italic") || name.contains("oblique"),
            font: Some(font),
        }
    }
}

/// An upright glyph in the page's frame; `None` for one that is turned, or has no place.
fn placed(
    glyph: &Glyph<'_>,
    transform: Affine,
    face: &Face,
    letters: &mut Letters,
) -> Option<Placed> {
    let advance = match glyph {
        Glyph::Outline(outline) => outline.advance_width(),
        Glyph::Type3(drawn) => drawn.advance_width(),
    };
    let origin = transform * Point::ZERO;
    let end = transform * Point::new(f64::from(advance.unwrap_or(0.0)), 0.0);
    let [a, b, c, d, ..] = transform.as_coeffs();
    // Glyph space has 1000 units to the em. A drawn font has its own matrix: then this is a guess.
    let size = c.hypot(d) * 1000.0;
    let size = if (1.0..=400.0).contains(&size) {
        size
    } else {
        12.0
    };
    let upright = a > 0.0 && b.abs() <= 0.05 * a.abs();
    if !upright
        || ![origin.x, origin.y, end.x]
            .iter()
            .all(|number| number.is_finite())
    {
        return None;
    }
    let text = letters.of(glyph, face.font.as_ref());
    let baseline = origin.y;
    Some(Placed {
        text,
        x0: origin.x,
        x1: end.x.max(origin.x),
        baseline,
        size,
        bold: face.bold,
        italic: face.italic,
    })
}

//! Words on one A4 page: measured, wrapped, drawn and tagged for a screen reader.
//!
//! Vietnamese in NFC needs no shaping: each letter is one glyph of these fonts. What is drawn is also what is tagged:
//! heading, table, list and paragraph in reading order; marks and bars are artifacts, their meaning is in the words.

use super::Mark;
use crate::error::{Error, Result};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, LineCap, Paint, Stroke},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, TableHeaderScope, Tag,
        TagGroup, TagKind, TagTree,
    },
    text::{Font, GlyphId, KrillaGlyph},
};
use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
};
use std::num::NonZeroU16;

static REGULAR: &[u8] = include_bytes!("../../../page/fonts/LiberationSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../page/fonts/LiberationSans-Bold.ttf");

/// A4 in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 44.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// Width of a table's first column.
const NAMES: f32 = 104.0;
/// Baseline below the top of a line, in em, and the distance of lines.
const ASCENT: f32 = 0.905;
const LEADING: f32 = 1.28;
/// Size of the text at scale 1.
const BODY: f32 = 9.4;

/// Red, green, blue.
#[derive(Clone, Copy)]
struct Colour(u8, u8, u8);

const INK: Colour = Colour(0x1c, 0x1c, 0x1c);
const MUTED: Colour = Colour(0x4a, 0x4a, 0x4a);
const RULE: Colour = Colour(0xc4, 0xc4, 0xc4);

impl Mark {
    fn colour(self) -> Colour {
        match self {
            Mark::Good => Colour(0x1a, 0x73, 0x3a),
            Mark::Doubt => Colour(0x8f, 0x5a, 0x00),
            Mark::Bad => Colour(0xb0, 0x1f, 0x1f),
            Mark::Unknown => Colour(0x4f, 0x57, 0x5e),
        }
    }
}

/// A piece of the page.
pub(super) enum Block {
    Heading {
        level: u16,
        text: String,
    },
    Verdict {
        mark: Mark,
        sentence: String,
        lines: Vec<String>,
    },
    Facts(Vec<(String, String)>),
    Answers(Vec<(Mark, String, String)>),
    Words(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Regular,
    Bold,
}

/// A font to measure with and the same to draw with.
struct Face {
    reader: FontRef<'static>,
    font: Font,
    unit: f32,
}

impl Face {
    fn new(data: &'static [u8]) -> Result<Face> {
        let reader = FontRef::new(data).map_err(Error::unknown)?;
        let unit = reader
            .metrics(Size::unscaled(), LocationRef::default())
            .units_per_em;
        let font = Font::new(data.into(), 0).ok_or_else(|| Error::unknown("the bundled font"))?;
        Ok(Face {
            reader,
            font,
            unit: f32::from(unit),
        })
    }

    /// The text with what the font has no glyph for replaced.
    fn writable(&self, text: &str) -> String {
        let charmap = self.reader.charmap();
        let known = |c: char| charmap.map(c).is_some_and(|glyph| glyph.to_u32() != 0);
        text.chars()
            .map(|c| if known(c) { c } else { '?' })
            .collect()
    }

    /// The glyphs of a text that is [`Face::writable`], and its width in em.
    fn glyphs(&self, text: &str) -> (Vec<KrillaGlyph>, f32) {
        let charmap = self.reader.charmap();
        let metrics = self
            .reader
            .glyph_metrics(Size::unscaled(), LocationRef::default());
        let mut width = 0.0;
        let glyph = |(at, c): (usize, char)| {
            let glyph = charmap.map(c).unwrap_or_default();
            let advance = metrics.advance_width(glyph).unwrap_or_default() / self.unit;
            width += advance;
            let id = GlyphId::new(glyph.to_u32());
            KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        };
        let glyphs = text.char_indices().map(glyph).collect();
        (glyphs, width)
    }
}

/// A run of one weight in a line.
type Run = (Weight, String);

/// Both weights of the bundled font.
pub(super) struct Faces([Face; 2]);

impl Faces {
    pub(super) fn load() -> Result<Faces> {
        Ok(Faces([Face::new(REGULAR)?, Face::new(BOLD)?]))
    }

    fn of(&self, weight: Weight) -> &Face {
        let [regular, bold] = &self.0;
        match weight {
            Weight::Regular => regular,
            Weight::Bold => bold,
        }
    }

    fn width(&self, weight: Weight, text: &str, size: f32) -> f32 {
        self.of(weight).glyphs(text).1 * size
    }

    /// Lines of at most `width`; a word that is longer is cut; beyond `most` lines an ellipsis stands.
    fn wrap(&self, runs: &[Run], size: f32, width: f32, most: usize) -> Vec<Vec<Run>> {
        let mut lines: Vec<Vec<Run>> = vec![Vec::new()];
        let mut used = 0.0;
        for (weight, word) in runs.iter().flat_map(|run| self.pieces(run, size, width)) {
            let wide = self.width(weight, &word, size);
            let visible = self.width(weight, word.trim_end(), size);
            if used > 0.0 && used + visible > width {
                lines.push(Vec::new());
                used = 0.0;
            }
            used += wide;
            let Some(line) = lines.last_mut() else {
                continue;
            };
            match line.last_mut() {
                Some((last, text)) if *last == weight => text.push_str(&word),
                _ => line.push((weight, word)),
            }
        }
        if lines.len() > most {
            lines.truncate(most);
            let mut tail = lines.pop().unwrap_or_default();
            self.shorten(&mut tail, size, width);
            lines.push(tail);
        }
        lines
    }

    /// Words with the space after them, none wider than a line.
    fn pieces(&self, (weight, text): &Run, size: f32, width: f32) -> Vec<Run> {
        let mut pieces = Vec::new();
        for word in self.of(*weight).writable(text).split_inclusive(' ') {
            let mut rest = String::new();
            for c in word.chars() {
                rest.push(c);
                if c != ' ' && self.width(*weight, &rest, size) > width {
                    rest.pop();
                    pieces.push((*weight, std::mem::take(&mut rest)));
                    rest.push(c);
                }
            }
            pieces.push((*weight, rest));
        }
        pieces
    }

    /// Makes room for an ellipsis at the end of a line.
    fn shorten(&self, line: &mut Vec<Run>, size: f32, width: f32) {
        let wide = |line: &[Run]| -> f32 {
            line.iter()
                .map(|(weight, text)| self.width(*weight, text, size))
                .sum()
        };
        while let Some((_, text)) = line.last_mut() {
            while text.ends_with(' ') {
                text.pop();
            }
            text.push('…');
            if wide(line) <= width {
                return;
            }
            let Some((_, text)) = line.last_mut() else {
                return;
            };
            text.pop();
            if text.pop().is_none() {
                line.pop();
            }
        }
    }
}

/// The page while it is being written, or measured when it has no surface.
struct Sheet<'f, 's> {
    faces: &'f Faces,
    surface: Option<Surface<'s>>,
    tree: TagTree,
    outline: Outline,
    y: f32,
    scale: f32,
}

/// The height blocks take at a scale.
pub(super) fn height(faces: &Faces, blocks: &[Block], scale: f32) -> f32 {
    let mut sheet = Sheet::new(faces, None, scale);
    blocks.iter().for_each(|block| sheet.put(block));
    sheet.y - MARGIN
}

/// The height there is.
pub(super) const ROOM: f32 = PAGE.1 - 2.0 * MARGIN;

/// Writes the page. It is PDF/UA-1, or this is an error.
pub(super) fn write(
    faces: &Faces,
    blocks: &[Block],
    scale: f32,
    metadata: Metadata,
    language: &str,
) -> Result<Vec<u8>> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|e| Error::unknown(format!("{e:?}")))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| Error::unknown("A4"))?;
    let (tree, outline) = {
        let mut page = document.start_page_with(size);
        let mut sheet = Sheet::new(faces, Some(page.surface()), scale);
        blocks.iter().for_each(|block| sheet.put(block));
        (sheet.tree, sheet.outline)
    };
    document.set_tag_tree(tree.with_lang(Some(language.to_owned())));
    document.set_outline(outline);
    document.set_metadata(metadata);
    document
        .finish()
        .map_err(|e| Error::unknown(format!("{e:?}")))
}

impl<'f, 's> Sheet<'f, 's> {
    fn new(faces: &'f Faces, surface: Option<Surface<'s>>, scale: f32) -> Sheet<'f, 's> {
        Sheet {
            faces,
            surface,
            tree: TagTree::new(),
            outline: Outline::new(),
            y: MARGIN,
            scale,
        }
    }

    fn put(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text } => self.heading(*level, text),
            Block::Verdict {
                mark,
                sentence,
                lines,
            } => self.verdict(*mark, sentence, lines),
            Block::Facts(rows) => self.facts(rows),
            Block::Answers(answers) => self.answers(answers),
            Block::Words(text) => {
                let words = self.words(MARGIN, WIDTH, 0.92, MUTED, &plain(text), 3);
                self.tree.push(group(Tag::P, words));
            }
        }
    }

    fn heading(&mut self, level: u16, text: &str) {
        let (size, above) = if level == 1 { (1.75, 0.0) } else { (1.12, 7.0) };
        self.y += above * self.scale;
        let top = self.y;
        let runs = [(Weight::Bold, text.to_owned())];
        let words = self.words(MARGIN, WIDTH, size, INK, &runs, 2);
        self.y += 2.0 * self.scale;
        let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
        self.tree
            .push(group(Tag::Hn(level, Some(text.to_owned())), words));
        let place = XyzDestination::new(0, Point::from_xy(MARGIN, top));
        self.outline
            .push_child(OutlineNode::new(text.to_owned(), place));
    }

    fn verdict(&mut self, mark: Mark, sentence: &str, lines: &[String]) {
        let indent = 12.0;
        self.y += 4.0 * self.scale;
        let top = self.y;
        let runs = [(Weight::Bold, sentence.to_owned())];
        let words = self.words(
            MARGIN + indent,
            WIDTH - indent,
            1.35,
            mark.colour(),
            &runs,
            2,
        );
        self.tree.push(group(Tag::P, words));
        for line in lines.iter().filter(|line| !line.is_empty()) {
            let words = self.words(MARGIN + indent, WIDTH - indent, 1.0, INK, &plain(line), 3);
            self.tree.push(group(Tag::P, words));
        }
        self.bar(MARGIN, top, 4.0, self.y - top, mark.colour());
        self.y += 4.0 * self.scale;
    }

    fn facts(&mut self, rows: &[(String, String)]) {
        let mut table = TagGroup::new(Tag::Table);
        for (name, value) in rows {
            let top = self.y;
            let head = self.words(MARGIN, NAMES - 8.0, 1.0, MUTED, &plain(name), 2);
            let left = self.y;
            self.y = top;
            let cell = self.words(MARGIN + NAMES, WIDTH - NAMES, 1.0, INK, &plain(value), 3);
            self.y = self.y.max(left) + 1.5 * self.scale;
            self.bar(MARGIN, self.y - 0.6 * self.scale, WIDTH, 0.4, RULE);
            let mut row = TagGroup::new(Tag::TR);
            row.push(group(Tag::TH(TableHeaderScope::Row), head));
            row.push(group(Tag::TD, cell));
            table.push(row);
        }
        self.tree.push(table);
    }

    fn answers(&mut self, answers: &[(Mark, String, String)]) {
        let indent = 15.0;
        let mut list = TagGroup::new(Tag::L(ListNumbering::None));
        for (mark, title, evidence) in answers {
            self.sign(*mark);
            let runs = [
                (Weight::Bold, format!("{title}. ")),
                (Weight::Regular, evidence.clone()),
            ];
            let words = self.words(MARGIN + indent, WIDTH - indent, 1.0, INK, &runs, 2);
            let mut item = TagGroup::new(Tag::LI);
            item.push(group(Tag::LBody, words));
            list.push(item);
        }
        self.tree.push(list);
    }

    /// Writes text at the current height and moves below it.
    fn words(
        &mut self,
        x: f32,
        width: f32,
        size: f32,
        colour: Colour,
        runs: &[Run],
        most: usize,
    ) -> Option<Identifier> {
        let size = size * BODY * self.scale;
        let faces = self.faces;
        let lines = faces.wrap(runs, size, width, most);
        let identifier = self
            .surface
            .as_mut()
            .map(|s| s.start_tagged(ContentTag::Other));
        for line in &lines {
            let mut at = x;
            for (weight, text) in line {
                let face = faces.of(*weight);
                let (glyphs, wide) = face.glyphs(text);
                if let Some(surface) = &mut self.surface {
                    surface.set_stroke(None);
                    surface.set_fill(Some(fill(colour)));
                    let start = Point::from_xy(at, self.y + ASCENT * size);
                    surface.draw_glyphs(start, &glyphs, face.font.clone(), text, size, false);
                }
                at += wide * size;
            }
            self.y += LEADING * size;
        }
        if let Some(surface) = &mut self.surface {
            surface.end_tagged();
        }
        identifier
    }

    /// A filled rectangle that a screen reader passes over.
    fn bar(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        let Some(rect) = Rect::from_xywh(x, y, width, height) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        self.artifact(path, Some(fill(colour)), None);
    }

    /// The answer as a mark before its line: shapes differ, not only colours.
    fn sign(&mut self, mark: Mark) {
        let em = BODY * self.scale;
        let (x, y) = (MARGIN + 2.0, self.y + 0.28 * em);
        let strokes: &[&[(f32, f32)]] = match mark {
            Mark::Good => &[&[(0.0, 0.4), (0.25, 0.65), (0.75, 0.0)]],
            Mark::Bad => &[&[(0.05, 0.05), (0.65, 0.65)], &[(0.65, 0.05), (0.05, 0.65)]],
            Mark::Doubt => &[&[(0.35, -0.05), (0.35, 0.4)], &[(0.35, 0.62), (0.35, 0.68)]],
            Mark::Unknown => &[
                &[
                    (0.12, 0.1),
                    (0.25, -0.05),
                    (0.45, -0.05),
                    (0.55, 0.1),
                    (0.35, 0.3),
                    (0.35, 0.42),
                ],
                &[(0.35, 0.62), (0.35, 0.68)],
            ],
        };
        for points in strokes {
            let mut path = PathBuilder::new();
            for (index, (dx, dy)) in points.iter().enumerate() {
                let (x, y) = (x + dx * em, y + dy * em);
                if index == 0 {
                    path.move_to(x, y)
                } else {
                    path.line_to(x, y)
                }
            }
            let stroke = Stroke {
                paint: paint(mark.colour()),
                width: 0.14 * em,
                line_cap: LineCap::Round,
                ..Stroke::default()
            };
            self.artifact(path, None, Some(stroke));
        }
    }

    fn artifact(&mut self, path: PathBuilder, fill: Option<Fill>, stroke: Option<Stroke>) {
        let (Some(surface), Some(path)) = (&mut self.surface, path.finish()) else {
            return;
        };
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
            ArtifactType::Layout,
        )));
        surface.set_fill(fill);
        surface.set_stroke(stroke);
        surface.draw_path(&path);
        surface.end_tagged();
    }
}

fn plain(text: &str) -> [Run; 1] {
    [(Weight::Regular, text.to_owned())]
}

fn group(tag: impl Into<TagKind>, content: Option<Identifier>) -> TagGroup {
    let children = content.map(Node::from).into_iter().collect();
    TagGroup::with_children(tag, children)
}

fn fill(colour: Colour) -> Fill {
    Fill {
        paint: paint(colour),
        opacity: NormalizedF32::ONE,
        ..Fill::default()
    }
}

fn paint(Colour(red, green, blue): Colour) -> Paint {
    rgb::Color::new(red, green, blue).into()
}

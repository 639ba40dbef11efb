//! One page to pixels, within bounds.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};

/// Side of the largest picture. hayro casts sides to `u16` and panics beyond it; memory ends before.
pub(crate) const SIDE_LIMIT: u32 = 8192;

/// Pixels of the largest picture: A4 at 400 dots per inch is 15.4 million.
pub(crate) const PIXEL_LIMIT: u32 = 16_000_000;

/// What came out of drawing.
pub(crate) struct Drawn {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgba: Vec<u8>,
    /// The picture is smaller than asked for.
    pub(crate) clamped: bool,
}

pub(crate) fn page<'a>(
    page: &'a Page<'a>,
    cache: &RenderCache<'a>,
    settings: &InterpreterSettings,
    width: u32,
) -> Drawn {
    let (page_width, page_height) = page.render_dimensions();
    let (target, clamped) = fitted(f64::from(page_width), f64::from(page_height), width);
    let scale = |pixels: u32, points: f32| {
        // A hundredth of a pixel over, since hayro cuts the fraction off.
        to_f32((f64::from(pixels) + 0.01) / f64::from(points))
    };
    let pixmap = hayro::render(
        page,
        cache,
        settings,
        // Hinting runs the font's own program, which can be made to recurse without end.
        &RenderSettings {
            hinting: false,
            ..RenderSettings::default()
        },
        &PixmapSettings {
            x_scale: scale(target.0, page_width),
            y_scale: scale(target.1, page_height),
            bg_color: WHITE,
        },
    );
    Drawn {
        width: u32::from(pixmap.width()),
        height: u32::from(pixmap.height()),
        rgba: pixmap.data_as_u8_slice().to_vec(),
        clamped,
    }
}

/// Pixels for a page of this size at this width, in proportion; and whether the bounds made it smaller.
fn fitted(page_width: f64, page_height: f64, width: u32) -> ((u32, u32), bool) {
    let wanted = f64::from(width.max(1));
    let ratio = page_height / page_width;
    let side = f64::from(SIDE_LIMIT);
    let by_side = side.min(side / ratio);
    let by_area = (f64::from(PIXEL_LIMIT) / ratio).sqrt();
    let fitting = wanted.min(by_side).min(by_area).max(1.0);
    let height = (fitting * ratio).clamp(1.0, side);
    ((to_u32(fitting), to_u32(height)), fitting + 0.5 < wanted)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a scale needs no more digits than an f32 has"
)]
fn to_f32(number: f64) -> f32 {
    number as f32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to the sides a picture may have"
)]
fn to_u32(number: f64) -> u32 {
    number.round().clamp(1.0, f64::from(SIDE_LIMIT)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_a4_page_is_as_wide_as_asked() {
        assert_eq!(fitted(595.276, 841.89, 900), ((900, 1273), false));
    }

    #[test]
    fn no_page_exceeds_the_bounds() {
        for (page_width, page_height) in [
            (200_000.0, 200_000.0),
            (1.0, 14_400.0),
            (14_400.0, 1.0),
            (1.0, 1.0),
            (200_000.0, 1.0),
        ] {
            for width in [0, 1, 900, u32::MAX] {
                let ((w, h), _) = fitted(page_width, page_height, width);
                let inside = (1..=SIDE_LIMIT).contains(&w) && (1..=SIDE_LIMIT).contains(&h);
                assert!(inside, "{page_width} x {page_height} at {width}: {w} x {h}");
                assert!(
                    w * h <= PIXEL_LIMIT + SIDE_LIMIT,
                    "{page_width} x {page_height} at {width}: {w} x {h}"
                );
            }
        }
        assert!(fitted(595.0, 842.0, 100_000).1, "the caller is told");
        assert!(
            !fitted(200_000.0, 200_000.0, 900).1,
            "a huge page at a small width is not clamped"
        );
    }
}

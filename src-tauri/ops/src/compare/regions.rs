//! Where two pictures of a page differ: boxes around what belongs together, and frames drawn around them.

use antin_page::{PageSize, Pixels, Rect};

/// Side of the squares that are looked at as one, in pixels.
const TILE: u32 = 8;
/// How many squares apart two differences may be and still be one: a word's letters, not two paragraphs.
const REACH: usize = 2;
/// Differences of a channel that no eye sees; the same bytes are drawn alike, so this is only for rounding.
const TOLERANCE: u8 = 8;
/// A page with more regions than this is one region: nobody looks at a hundred frames.
const REGIONS: usize = 40;
/// The frame: its distance and its width in pixels, and its colour.
const DISTANCE: u32 = 5;
const STROKE: u32 = 4;
const RED: [u8; 3] = [0xd0, 0x10, 0x10];

/// A box of pixels, from the top left; the ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) x0: u32,
    pub(super) y0: u32,
    pub(super) x1: u32,
    pub(super) y1: u32,
}

impl Region {
    fn point(x: u32, y: u32) -> Region {
        Region {
            x0: x,
            y0: y,
            x1: x,
            y1: y,
        }
    }

    /// The whole picture.
    pub(super) fn whole(picture: &Pixels) -> Region {
        Region {
            x0: 0,
            y0: 0,
            x1: picture.width.saturating_sub(1),
            y1: picture.height.saturating_sub(1),
        }
    }

    fn with(self, other: Region) -> Region {
        Region {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    fn touches(self, other: Region) -> bool {
        let near = 2 * (DISTANCE + STROKE);
        self.x0 <= other.x1 + near
            && other.x0 <= self.x1 + near
            && self.y0 <= other.y1 + near
            && other.y0 <= self.y1 + near
    }

    /// The box in user space of a page that is `size`, drawn as `picture`.
    pub(super) fn points(self, size: &PageSize, picture: &Pixels) -> Rect {
        let (crop, turned) = (size.crop, matches!(size.rotate, 90 | 270));
        let (wide, high) = match turned {
            true => (crop.height(), crop.width()),
            false => (crop.width(), crop.height()),
        };
        let (to_x, to_y) = (
            wide / f64::from(picture.width),
            high / f64::from(picture.height),
        );
        // As shown: from the left and from the top.
        let (left, right) = (f64::from(self.x0) * to_x, f64::from(self.x1 + 1) * to_x);
        let (top, bottom) = (f64::from(self.y0) * to_y, f64::from(self.y1 + 1) * to_y);
        // `/Rotate` turns the page clockwise before it is shown.
        let (x0, y0, x1, y1) = match size.rotate {
            90 => (
                crop.x0 + top,
                crop.y0 + left,
                crop.x0 + bottom,
                crop.y0 + right,
            ),
            180 => (
                crop.x1 - right,
                crop.y0 + top,
                crop.x1 - left,
                crop.y0 + bottom,
            ),
            270 => (
                crop.x1 - bottom,
                crop.y1 - right,
                crop.x1 - top,
                crop.y1 - left,
            ),
            _ => (
                crop.x0 + left,
                crop.y1 - bottom,
                crop.x0 + right,
                crop.y1 - top,
            ),
        };
        Rect { x0, y0, x1, y1 }
    }
}

/// The regions in which two pictures of one size differ, from the top.
pub(super) fn differing(before: &Pixels, after: &Pixels) -> Vec<Region> {
    let columns = usize::try_from(after.width.div_ceil(TILE)).unwrap_or(0);
    let mut tiles = tiles(before, after, columns);
    let mut found = Vec::new();
    for index in 0..tiles.len() {
        if let Some(seed) = tiles.get_mut(index).and_then(Option::take) {
            found.push(gather(&mut tiles, columns, index, seed));
        }
    }
    let mut merged = merge(found);
    if merged.len() > REGIONS {
        merged = merged
            .into_iter()
            .reduce(Region::with)
            .into_iter()
            .collect();
    }
    merged.sort_by_key(|region| (region.y0, region.x0));
    merged
}

/// For each square the box around its differing pixels.
fn tiles(before: &Pixels, after: &Pixels, columns: usize) -> Vec<Option<Region>> {
    let rows = usize::try_from(after.height.div_ceil(TILE)).unwrap_or(0);
    let mut tiles: Vec<Option<Region>> = vec![None; columns * rows];
    let row_bytes = usize::try_from(after.width).unwrap_or(0) * 4;
    if row_bytes == 0 {
        return tiles;
    }
    let lines = before
        .rgba
        .chunks_exact(row_bytes)
        .zip(after.rgba.chunks_exact(row_bytes));
    for (y, (old, new)) in (0_u32..).zip(lines) {
        if old == new {
            continue;
        }
        let pixels = old.chunks_exact(4).zip(new.chunks_exact(4));
        for (x, (old, new)) in (0_u32..).zip(pixels) {
            let differs = old.iter().zip(new).any(|(a, b)| a.abs_diff(*b) > TOLERANCE);
            let column = usize::try_from(x / TILE).unwrap_or(0);
            let row = usize::try_from(y / TILE).unwrap_or(0);
            if let Some(tile) = tiles.get_mut(row * columns + column).filter(|_| differs) {
                let here = Region::point(x, y);
                *tile = Some(tile.map_or(here, |known| known.with(here)));
            }
        }
    }
    tiles
}

/// Takes everything within reach of a square out of the field, and the box around it.
fn gather(tiles: &mut [Option<Region>], columns: usize, at: usize, seed: Region) -> Region {
    let mut whole = seed;
    let mut open = vec![at];
    while let Some(index) = open.pop() {
        let (row, column) = (index / columns, index % columns);
        for y in row.saturating_sub(REACH)..=row + REACH {
            for x in column.saturating_sub(REACH)..=(column + REACH).min(columns - 1) {
                let near = y * columns + x;
                if let Some(tile) = tiles.get_mut(near).and_then(Option::take) {
                    whole = whole.with(tile);
                    open.push(near);
                }
            }
        }
    }
    whole
}

/// Boxes whose frames would cross become one.
fn merge(mut regions: Vec<Region>) -> Vec<Region> {
    let mut merged: Vec<Region> = Vec::new();
    while let Some(mut region) = regions.pop() {
        while let Some(other) = merged.iter().position(|known| known.touches(region)) {
            region = region.with(merged.swap_remove(other));
        }
        merged.push(region);
    }
    merged
}

/// Draws a red frame around a region, not over it.
pub(super) fn frame(picture: &mut Pixels, region: Region) {
    let outer = DISTANCE + STROKE;
    let x0 = region.x0.saturating_sub(outer);
    let y0 = region.y0.saturating_sub(outer);
    let x1 = (region.x1 + outer).min(picture.width.saturating_sub(1));
    let y1 = (region.y1 + outer).min(picture.height.saturating_sub(1));
    let width = usize::try_from(picture.width).unwrap_or(0);
    for y in y0..=y1 {
        let edge = y < y0 + STROKE || y + STROKE > y1;
        for x in x0..=x1 {
            if !(edge || x < x0 + STROKE || x + STROKE > x1) {
                continue;
            }
            let (Ok(column), Ok(row)) = (usize::try_from(x), usize::try_from(y)) else {
                continue;
            };
            let at = (row * width + column) * 4;
            if let Some(pixel) = picture.rgba.get_mut(at..at + 3) {
                pixel.copy_from_slice(&RED);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Region, differing, frame};
    use antin_page::{PageSize, Pixels, Rect};

    fn white(width: u32, height: u32) -> Pixels {
        let bytes = usize::try_from(width * height * 4).expect("small");
        Pixels {
            width,
            height,
            rgba: vec![255; bytes],
        }
    }

    fn ink(picture: &mut Pixels, x: u32, y: u32) {
        let at = usize::try_from((y * picture.width + x) * 4).expect("small");
        picture.rgba[at..at + 3].fill(0);
    }

    #[test]
    fn what_is_near_is_one_region_and_what_is_far_another() {
        let before = white(400, 300);
        let mut after = before.clone();
        assert_eq!(differing(&before, &after), [], "the same");
        ink(&mut after, 20, 30);
        ink(&mut after, 31, 33);
        ink(&mut after, 300, 200);
        let first = Region {
            x0: 20,
            y0: 30,
            x1: 31,
            y1: 33,
        };
        assert_eq!(differing(&before, &after), [first, Region::point(300, 200)]);
    }

    #[test]
    fn a_page_full_of_differences_is_one_region() {
        let before = white(2000, 2000);
        let mut after = before.clone();
        for x in 0..10 {
            for y in 0..10 {
                ink(&mut after, 100 + 180 * x, 100 + 180 * y);
            }
        }
        let all = Region {
            x0: 100,
            y0: 100,
            x1: 1720,
            y1: 1720,
        };
        assert_eq!(differing(&before, &after), [all]);
    }

    #[test]
    fn a_frame_goes_around_and_stays_on_the_page() {
        let mut picture = white(40, 40);
        frame(
            &mut picture,
            Region {
                x0: 18,
                y0: 18,
                x1: 22,
                y1: 22,
            },
        );
        let pixel = |x: usize, y: usize| picture.rgba[(y * 40 + x) * 4];
        assert_eq!(pixel(20, 20), 255, "what changed is not covered");
        assert_eq!(pixel(9, 20), 0xd0, "the frame");
        frame(
            &mut picture,
            Region {
                x0: 0,
                y0: 0,
                x1: 39,
                y1: 39,
            },
        );
    }

    #[test]
    fn points_are_those_of_the_page_however_it_is_turned() {
        let crop = Rect {
            x0: 10.0,
            y0: 20.0,
            x1: 110.0,
            y1: 220.0,
        };
        // The lower left corner of user space, as each rotation shows it.
        for (rotate, region, (wide, high)) in [
            (
                0,
                Region {
                    x0: 0,
                    y0: 380,
                    x1: 19,
                    y1: 399,
                },
                (200, 400),
            ),
            (
                90,
                Region {
                    x0: 0,
                    y0: 0,
                    x1: 19,
                    y1: 19,
                },
                (400, 200),
            ),
            (
                180,
                Region {
                    x0: 180,
                    y0: 0,
                    x1: 199,
                    y1: 19,
                },
                (200, 400),
            ),
            (
                270,
                Region {
                    x0: 380,
                    y0: 180,
                    x1: 399,
                    y1: 199,
                },
                (400, 200),
            ),
        ] {
            let size = PageSize {
                width: 0.0,
                height: 0.0,
                crop,
                rotate,
            };
            let found = region.points(&size, &white(wide, high));
            let expected = Rect {
                x0: 10.0,
                y0: 20.0,
                x1: 20.0,
                y1: 30.0,
            };
            assert_eq!(found, expected, "turned by {rotate}");
        }
    }
}

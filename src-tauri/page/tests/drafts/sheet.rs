//! Pictures for people to look at: each draft's pages with what was found (blue) and where it belongs (red),
//! twelve to a sheet, in `target/screens/drafts-*.png`.

use crate::expected::Expected;
use crate::judge::places;
use antin_page::{DocumentHandle, PageSize, Places, Rect};
use std::collections::BTreeSet;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Mutex;

const WIDTH: u32 = 480;
const HEIGHT: u32 = 680;
const COLUMNS: usize = 4;
const ROWS: usize = 3;
const BLUE: [u8; 3] = [0, 60, 255];
const RED: [u8; 3] = [230, 0, 0];

/// One page of a draft, drawn.
struct Tile {
    name: String,
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

static TILES: Mutex<Vec<Tile>> = Mutex::new(Vec::new());

pub(crate) fn draw(letter: &DocumentHandle, name: &str, expected: &Expected, found: &Places) {
    let spots = || expected.places.values().flat_map(|wanted| wanted.spots());
    let mut pages: BTreeSet<usize> = spots().map(|spot| spot.page).collect();
    pages.extend(
        places(found)
            .iter()
            .filter_map(|(_, place)| Some(place.as_ref()?.page)),
    );
    pages.insert(0);
    for page in pages {
        let size = letter.pages()[page];
        let pixels = letter.render(page, WIDTH).unwrap();
        let mut tile = Tile {
            name: format!("{name} p{}", page + 1),
            width: pixels.width,
            height: pixels.height,
            rgba: pixels.rgba,
        };
        for spot in spots().filter(|spot| spot.page == page) {
            tile.frame(&size, &Rect::around(spot.x, spot.y, 8.0, 8.0), RED);
        }
        for (_, place) in places(found) {
            if let Some(place) = place.filter(|place| place.page == page) {
                tile.frame(&size, &place.rect, BLUE);
            }
        }
        TILES.lock().unwrap().push(tile);
    }
}

pub(crate) fn save() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screens");
    std::fs::create_dir_all(&folder).unwrap();
    let tiles = TILES.lock().unwrap();
    for (number, part) in tiles.chunks(COLUMNS * ROWS).enumerate() {
        let width = WIDTH as usize * COLUMNS;
        let height = HEIGHT as usize * ROWS;
        let mut sheet = vec![160_u8; width * height * 3];
        for (index, tile) in part.iter().enumerate() {
            let left = (index % COLUMNS) * WIDTH as usize;
            let top = (index / COLUMNS) * HEIGHT as usize;
            for y in 0..tile.height.min(HEIGHT) as usize {
                for x in 0..tile.width.min(WIDTH) as usize {
                    let from = (y * tile.width as usize + x) * 4;
                    let to = ((top + y) * width + left + x) * 3;
                    sheet[to..to + 3].copy_from_slice(&tile.rgba[from..from + 3]);
                }
            }
        }
        let path = folder.join(format!("drafts-{number:02}.png"));
        let names: Vec<&str> = part.iter().map(|tile| tile.name.as_str()).collect();
        println!("{}: {}", path.display(), names.join(", "));
        let file = BufWriter::new(std::fs::File::create(path).unwrap());
        let mut encoder = png::Encoder::new(file, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&sheet)
            .unwrap();
    }
}

impl Tile {
    fn frame(&mut self, size: &PageSize, rect: &Rect, colour: [u8; 3]) {
        let scale = f64::from(self.width) / size.width;
        let (rect, crop) = (*rect, size.crop);
        let shown = match size.rotate {
            // A quarter turn to the right: what was at the left is at the top.
            90 => Rect {
                x0: rect.y0 - crop.y0,
                y0: crop.x1 - rect.x1,
                x1: rect.y1 - crop.y0,
                y1: crop.x1 - rect.x0,
            },
            _ => Rect {
                x0: rect.x0 - crop.x0,
                y0: rect.y0 - crop.y0,
                x1: rect.x1 - crop.x0,
                y1: rect.y1 - crop.y0,
            },
        };
        let rect = shown;
        let across = |x: f64| (x * scale).round() as i64;
        let down = |y: f64| ((size.height - y) * scale).round() as i64;
        let (x0, x1, y0, y1) = (
            across(rect.x0),
            across(rect.x1),
            down(rect.y1),
            down(rect.y0),
        );
        for x in x0..=x1 {
            self.dot(x, y0, colour);
            self.dot(x, y1, colour);
        }
        for y in y0..=y1 {
            self.dot(x0, y, colour);
            self.dot(x1, y, colour);
        }
    }

    fn dot(&mut self, x: i64, y: i64, colour: [u8; 3]) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if x < self.width && y < self.height {
            let at = (y * self.width + x) as usize * 4;
            self.rgba[at..at + 3].copy_from_slice(&colour);
        }
    }
}

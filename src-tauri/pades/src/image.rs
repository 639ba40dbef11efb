//! Pictures of signatures and seals: PNG in, image XObject with a soft mask out (ISO 32000-1, 8.9.5, 11.6.5.3).

use std::{io::Cursor, sync::Arc};

use antin_pdf::{Dictionary, Object, ObjectId, Rect, Stream, Update};

use crate::{
    Error,
    object::{deflated, name},
};

/// The limit of the tools in use is 3.5 MB for a signature picture (VGCA's own settings dialog).
const MAX_BYTES: usize = 3_500_000;
/// A page scanned at 400 dpi has 15.5 million pixels; a signature needs less.
const MAX_PIXELS: u64 = 20_000_000;
/// A picture is reduced while at least this many pixels per inch are left: what office printers resolve.
const PRINTED_DPI: f64 = 300.0;
/// A mask larger than this, compressed, is reduced to sixteen levels: letters travel over slow lines.
const LARGE_MASK: usize = 12 * 1024;

/// A decoded picture. Cloning is cheap.
#[derive(Clone)]
pub struct Image(Arc<Pixels>);

struct Pixels {
    width: usize,
    height: usize,
    /// Red, green, blue, alpha.
    rgba: Vec<[u8; 4]>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({} x {})", self.0.width, self.0.height)
    }
}

impl Image {
    /// Decodes a PNG of any colour type; 16-bit samples are cut to 8.
    ///
    /// # Errors
    /// [`Error::ImageTooBig`] before anything is decoded, [`Error::ImageUnreadable`] for everything else.
    pub fn from_png(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::ImageTooBig {
                bytes: bytes.len(),
                pixels: 0,
            });
        }
        let unreadable = |_| Error::ImageUnreadable;
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(unreadable)?;
        let (width, height) = reader.info().size();
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MAX_PIXELS {
            return Err(Error::ImageTooBig {
                bytes: bytes.len(),
                pixels,
            });
        }
        let mut samples = vec![0; reader.output_buffer_size().ok_or(Error::ImageUnreadable)?];
        let frame = reader.next_frame(&mut samples).map_err(unreadable)?;
        samples.truncate(frame.buffer_size());
        let rgba = match frame.color_type {
            png::ColorType::Grayscale => samples.iter().map(|&g| [g, g, g, 255]).collect(),
            png::ColorType::GrayscaleAlpha => pixels_of(&samples, |&[g, a]| [g, g, g, a]),
            png::ColorType::Rgb => pixels_of(&samples, |&[r, g, b]| [r, g, b, 255]),
            png::ColorType::Rgba => pixels_of(&samples, |&rgba| rgba),
            png::ColorType::Indexed => return Err(Error::ImageUnreadable),
        };
        let (width, height) = (index(frame.width), index(frame.height));
        if width == 0 || height == 0 || rgba.len() != width * height {
            return Err(Error::ImageUnreadable);
        }
        Ok(Self(Arc::new(Pixels {
            width,
            height,
            rgba,
        })))
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.0.width, self.0.height)
    }

    /// Whether any pixel lets the page through, as Decree 30/2020 asks of signature and seal.
    #[must_use]
    pub fn is_transparent(&self) -> bool {
        self.0.rgba.iter().any(|&[.., alpha]| alpha < 255)
    }

    /// The largest rectangle of the picture's proportions centred in `rect`: where it is drawn.
    #[must_use]
    pub fn fitted(&self, rect: Rect) -> Rect {
        let (width, height) = (rect.x1 - rect.x0, rect.y1 - rect.y0);
        let (image_width, image_height) = (float(self.0.width), float(self.0.height));
        let scale = (width / image_width).min(height / image_height);
        let (x, y) = (
            (width - image_width * scale) / 2.0,
            (height - image_height * scale) / 2.0,
        );
        Rect {
            x0: rect.x0 + x,
            y0: rect.y0 + y,
            x1: rect.x1 - x,
            y1: rect.y1 - y,
        }
    }

    /// Adds the image XObject for a drawing of `width` points and returns its id.
    pub(crate) fn embed(&self, update: &mut Update<'_>, width: f64) -> ObjectId {
        let pixels = self.0.reduced(width / 72.0 * PRINTED_DPI);
        let mut dict = pixels.dictionary("DeviceRGB");
        if pixels.rgba.iter().any(|&[.., alpha]| alpha < 255) {
            let mask = update.add(Object::Stream(pixels.mask()));
            dict.set("SMask", Object::Reference(mask));
        }
        // What cannot be seen takes the colour seen before it: long runs, small streams.
        let mut last = [0; 3];
        let mut rgb = Vec::with_capacity(pixels.rgba.len() * 3);
        for &[r, g, b, alpha] in &pixels.rgba {
            if alpha > 0 {
                last = [r, g, b];
            }
            rgb.extend_from_slice(&last);
        }
        update.add(Object::Stream(deflated(dict, &rgb)))
    }
}

impl Pixels {
    fn dictionary(&self, colour_space: &str) -> Dictionary {
        let mut dict = Dictionary::new();
        dict.set("Type", name("XObject"));
        dict.set("Subtype", name("Image"));
        dict.set("Width", integer(self.width));
        dict.set("Height", integer(self.height));
        dict.set("ColorSpace", name(colour_space));
        dict.set("BitsPerComponent", 8);
        dict
    }

    /// The alpha channel as a grey image. Where it is noisy, as in a scanned stamp, sixteen levels are enough.
    fn mask(&self) -> Stream {
        let exact: Vec<u8> = self.rgba.iter().map(|&[.., alpha]| alpha).collect();
        let mask = deflated(self.dictionary("DeviceGray"), &exact);
        if mask.content.len() <= LARGE_MASK {
            return mask;
        }
        let levels: Vec<u8> = exact
            .iter()
            .map(|alpha| alpha.saturating_add(8) / 17 * 17)
            .collect();
        deflated(self.dictionary("DeviceGray"), &levels)
    }

    /// Averages whole blocks of pixels while more than `wanted` pixels are left across.
    fn reduced(&self, wanted: f64) -> Self {
        let factor = (1..=self.width)
            .take_while(|&n| float(self.width) / float(n) >= wanted)
            .last()
            .unwrap_or(1);
        let (width, height) = (self.width.div_ceil(factor), self.height.div_ceil(factor));
        let mut rgba = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                rgba.push(self.average(x * factor, y * factor, factor));
            }
        }
        Self {
            width,
            height,
            rgba,
        }
    }

    /// The mean of a block, colours weighted by their alpha.
    fn average(&self, x: usize, y: usize, side: usize) -> [u8; 4] {
        let (mut sums, mut alphas, mut count) = ([0_u64; 3], 0_u64, 0_u64);
        for row in self.rgba.chunks(self.width).skip(y).take(side) {
            for &[r, g, b, alpha] in row.iter().skip(x).take(side) {
                let weight = u64::from(alpha);
                for (sum, sample) in sums.iter_mut().zip([r, g, b]) {
                    *sum += u64::from(sample) * weight;
                }
                alphas += weight;
                count += 1;
            }
        }
        let [r, g, b] = sums.map(|sum| byte(sum.checked_div(alphas).unwrap_or(0)));
        [r, g, b, byte(alphas.checked_div(count).unwrap_or(0))]
    }
}

fn pixels_of<const N: usize>(samples: &[u8], pixel: impl Fn(&[u8; N]) -> [u8; 4]) -> Vec<[u8; 4]> {
    samples.as_chunks::<N>().0.iter().map(pixel).collect()
}

fn byte(mean: u64) -> u8 {
    u8::try_from(mean).unwrap_or(u8::MAX)
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn integer(value: usize) -> Object {
    Object::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of pixels across is far below 2^52"
)]
fn float(value: usize) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, colour: png::ColorType, samples: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(colour);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .unwrap()
            .write_image_data(samples)
            .unwrap();
        out
    }

    #[test]
    fn proportions_are_kept_and_centred() {
        let image = Image::from_png(&png(2, 1, png::ColorType::Grayscale, &[0, 255])).unwrap();
        let fitted = image.fitted(Rect {
            x0: 100.0,
            y0: 200.0,
            x1: 140.0,
            y1: 240.0,
        });
        assert_eq!(
            (fitted.x0, fitted.y0, fitted.x1, fitted.y1),
            (100.0, 210.0, 140.0, 230.0)
        );
        assert!(!image.is_transparent());
    }

    #[test]
    fn a_reduction_weighs_colours_by_alpha() {
        let samples = [200, 0, 0, 255, 0, 0, 0, 0, 200, 0, 0, 255, 0, 0, 0, 0];
        let image = Image::from_png(&png(2, 2, png::ColorType::Rgba, &samples)).unwrap();
        let reduced = image.0.reduced(1.0);
        assert_eq!((reduced.width, reduced.height), (1, 1));
        assert_eq!(
            reduced.rgba,
            [[200, 0, 0, 127]],
            "unseen black does not darken the red"
        );
    }

    #[test]
    fn hostile_pictures_are_refused() {
        assert!(matches!(
            Image::from_png(b"GIF89a"),
            Err(Error::ImageUnreadable)
        ));
        assert!(matches!(
            Image::from_png(&vec![0; MAX_BYTES + 1]),
            Err(Error::ImageTooBig { .. })
        ));
        let mut bomb = png(1, 1, png::ColorType::Grayscale, &[0]);
        bomb.splice(16..24, [0, 1, 0, 0, 0, 1, 0, 0]);
        assert!(
            Image::from_png(&bomb).is_err(),
            "its checksum is wrong, and 65536 x 65536 pixels are too many"
        );
    }
}

//! The office's own pictures (signature, seal) as pixels. They are no part of a stranger's document, so they are
//! decoded here, within a budget.

use std::io::Cursor;

use antin_ops::page::Pixels;
use png::{ColorType, Decoder, Limits, Transformations};

/// A signature scanned at 600 dpi over a whole A5 sheet has 17 million pixels; twice that is no signature.
const PIXEL_BYTES: usize = 4 * 2 * 17_000_000;

/// Decodes a PNG; `None` when it is none or too large.
pub(crate) fn decode(file: &[u8]) -> Option<Pixels> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: PIXEL_BYTES });
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let size = reader
        .output_buffer_size()
        .filter(|size| *size <= PIXEL_BYTES)?;
    let mut buffer = vec![0; size];
    let frame = reader.next_frame(&mut buffer).ok()?;
    buffer.truncate(frame.buffer_size());
    let rgba = match frame.color_type {
        ColorType::Rgba => buffer,
        ColorType::GrayscaleAlpha => buffer
            .as_chunks::<2>()
            .0
            .iter()
            .flat_map(|&[grey, alpha]| [grey, grey, grey, alpha])
            .collect(),
        _ => return None,
    };
    Some(Pixels {
        width: frame.width,
        height: frame.height,
        rgba,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_icon_and_nothing_else() {
        let icon = include_bytes!("../../icons/icon.png");
        let pixels = decode(icon).unwrap();
        assert_eq!(
            (pixels.width, pixels.height, pixels.rgba.len()),
            (512, 512, 512 * 512 * 4)
        );
        assert_eq!(
            pixels.rgba[..4],
            [0x34, 0x19, 0x4c, 0],
            "the corner is transparent"
        );
        assert!(decode(&icon[..icon.len() / 2]).is_none(), "half a picture");
        assert!(decode(b"%PDF-1.7").is_none());
    }
}

//! The predictors of Flate and LZW (7.4.4.4): TIFF 2 and the PNG ones.

use lopdf::Dictionary;

use super::broken;
use crate::{Damage, Error};

/// Colours of one sample: no device space has more, and `DeviceN` stops at 32 (Annex C).
const MAX_COLORS: i64 = 32;
/// Samples of one row: far beyond any page at any resolution.
const MAX_COLUMNS: i64 = 1 << 20;

/// How rows were predicted.
pub(super) struct Predictor {
    kind: i64,
    colors: usize,
    bits: usize,
    columns: usize,
}

impl Predictor {
    pub(super) fn new(parameters: Option<&Dictionary>) -> Result<Self, Error> {
        let entry = |key: &[u8], default: i64, max: i64| {
            let value = match parameters.and_then(|own| own.get(key).ok()) {
                None => default,
                Some(value) => value
                    .as_i64()
                    .map_err(|_| Error::damaged(Damage::Type, 0))?,
            };
            if (1..=max).contains(&value) {
                Ok(value)
            } else {
                Err(broken())
            }
        };
        let size = |value: i64| usize::try_from(value).map_err(|_| broken());
        Ok(Predictor {
            kind: entry(b"Predictor", 1, 15)?,
            colors: size(entry(b"Colors", 1, MAX_COLORS)?)?,
            bits: size(entry(b"BitsPerComponent", 8, 16)?)?,
            columns: size(entry(b"Columns", 1, MAX_COLUMNS)?)?,
        })
    }

    /// Gives back what was predicted.
    pub(super) fn undo(&self, data: Vec<u8>) -> Result<Vec<u8>, Error> {
        let row = (self.colors * self.bits * self.columns).div_ceil(8);
        let pixel = (self.colors * self.bits).div_ceil(8);
        match self.kind {
            1 => Ok(data),
            2 => self.tiff(data, row),
            10..=15 => png(&data, row, pixel),
            _ => Err(broken()),
        }
    }

    fn tiff(&self, mut data: Vec<u8>, row: usize) -> Result<Vec<u8>, Error> {
        if self.bits != 8 {
            return Err(Error::Filter {
                name: format!("TIFF predictor with {} bits", self.bits),
            });
        }
        for line in data.chunks_mut(row) {
            for index in self.colors..line.len() {
                let left = line.get(index - self.colors).copied().unwrap_or_default();
                if let Some(byte) = line.get_mut(index) {
                    *byte = byte.wrapping_add(left);
                }
            }
        }
        Ok(data)
    }
}

/// PNG filters (ISO/IEC 15948, 9): each row is preceded by its own filter's number.
fn png(data: &[u8], row: usize, pixel: usize) -> Result<Vec<u8>, Error> {
    let mut decoded = Vec::with_capacity(data.len());
    let mut above = vec![0u8; row];
    let mut line = vec![0u8; row];
    for encoded in data.chunks(row + 1) {
        let (&filter, encoded) = encoded.split_first().ok_or_else(broken)?;
        line.fill(0);
        line.get_mut(..encoded.len())
            .ok_or_else(broken)?
            .copy_from_slice(encoded);
        match filter {
            0 => {}
            2 => line
                .iter_mut()
                .zip(&above)
                .for_each(|(byte, up)| *byte = byte.wrapping_add(*up)),
            1 | 3 | 4 => unpredict(filter, &mut line, &above, pixel),
            _ => return Err(broken()),
        }
        decoded.extend_from_slice(line.get(..encoded.len()).unwrap_or_default());
        std::mem::swap(&mut above, &mut line);
    }
    Ok(decoded)
}

/// Sub, Average and Paeth, which look at the pixel to the left.
fn unpredict(filter: u8, line: &mut [u8], above: &[u8], pixel: usize) {
    for index in 0..line.len() {
        let before = index.checked_sub(pixel);
        let left = before.and_then(|at| line.get(at).copied()).unwrap_or(0);
        let up = above.get(index).copied().unwrap_or(0);
        let corner = before.and_then(|at| above.get(at).copied()).unwrap_or(0);
        let guess = match filter {
            1 => left,
            3 => left.midpoint(up),
            _ => paeth(left, up, corner),
        };
        if let Some(byte) = line.get_mut(index) {
            *byte = byte.wrapping_add(guess);
        }
    }
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (estimate - i16::from(value)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn png_rows() {
        let data = [2, 1, 2, 3, 2, 1, 1, 1, 1, 5, 1, 1, 3, 10, 0, 0, 4, 1, 1, 1];
        let decoded = png(&data, 3, 1).unwrap();
        // up, up, sub, average, paeth
        assert_eq!(decoded, [1, 2, 3, 2, 3, 4, 5, 6, 7, 12, 9, 8, 13, 10, 10]);
        assert!(png(&[9, 0, 0, 0], 3, 1).is_err(), "there is no filter 9");
    }

    #[test]
    fn tiff_rows() {
        let predictor = Predictor {
            kind: 2,
            colors: 2,
            bits: 8,
            columns: 2,
        };
        assert_eq!(
            predictor.undo(vec![1, 10, 1, 10, 5, 5, 250, 0]).unwrap(),
            [1, 10, 2, 20, 5, 5, 255, 5]
        );
    }
}

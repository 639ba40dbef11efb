//! Frames between [`crate::Host`] and the helper: lengths, a small JSON header, raw bytes.
//!
//! `u32` header length, `u64` body length (both little-endian), header, body. Both sides cap both
//! lengths before they allocate, since either side may have gone mad.

use crate::PageSize;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};

/// A header names one request or one outcome; the largest has a font name in it.
const HEADER_LIMIT: u32 = 64 * 1024;

/// The largest document a helper is given. It holds the document in memory beside what it draws;
/// real letters with scans reach 100 MB.
pub(crate) const DOCUMENT_LIMIT: u64 = 512 * 1024 * 1024;

/// The largest answer: a picture of [`crate::render::PIXEL_LIMIT`] pixels of 4 bytes, or a page's text.
pub(crate) const ANSWER_LIMIT: u64 = 64 * 1024 * 1024;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Request {
    /// The body is the document. Always the first request; sent again, it takes the place of the last one.
    Open {
        memory_bytes: u64,
        deadline_ms: u64,
    },
    Render {
        page: usize,
        width: u32,
    },
    Text {
        page: usize,
    },
    Columns {
        page: usize,
    },
    Notices,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// The body is `Vec<PageSize>` as JSON.
    Opened,
    /// The body is RGBA.
    Pixels {
        width: u32,
        height: u32,
    },
    /// The body is `PageText` as JSON.
    Text,
    /// The body is `Vec<Vec<String>>` as JSON.
    Columns,
    /// The body is `Vec<Notice>` as JSON.
    Notices,
    Refused(Refusal),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Refusal {
    Encrypted,
    Unreadable,
    NoSuchPage { page: usize, pages: usize },
    AnswerTooBig,
    OutOfOrder,
}

/// The sizes of the pages, as `Opened` carries them.
pub(crate) type PageSizes = Vec<PageSize>;

pub(crate) fn write<H: Serialize>(to: &mut impl Write, header: &H, body: &[u8]) -> io::Result<()> {
    let header = serde_json::to_vec(header)?;
    let header_length = u32::try_from(header.len()).map_err(io::Error::other)?;
    let body_length = u64::try_from(body.len()).map_err(io::Error::other)?;
    to.write_all(&header_length.to_le_bytes())?;
    to.write_all(&body_length.to_le_bytes())?;
    to.write_all(&header)?;
    to.write_all(body)?;
    to.flush()
}

/// Reads the header, and says how long the body behind it is.
///
/// `None` when the other side has closed the pipe between two frames.
pub(crate) fn read_header<H: DeserializeOwned>(
    from: &mut impl Read,
    body_limit: u64,
) -> io::Result<Option<(H, u64)>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let header_length = u32::from_le_bytes(length);
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let body_length = u64::from_le_bytes(length);
    if header_length > HEADER_LIMIT || body_length > body_limit {
        return Err(io::Error::other("a frame over its cap"));
    }
    let header = read_body(from, u64::from(header_length))?;
    Ok(Some((serde_json::from_slice(&header)?, body_length)))
}

/// Reads a body. Memory grows with what really arrives, not with what was announced.
pub(crate) fn read_body(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    from.take(length).read_to_end(&mut body)?;
    if u64::try_from(body.len()).ok() != Some(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_survives_the_pipe() {
        let mut pipe = Vec::new();
        write(&mut pipe, &Request::Text { page: 7 }, b"body").unwrap();
        let mut from = pipe.as_slice();
        let (header, length) = read_header::<Request>(&mut from, 4).unwrap().unwrap();
        assert!(matches!(header, Request::Text { page: 7 }));
        assert_eq!(read_body(&mut from, length).unwrap(), b"body");
        assert!(
            read_header::<Request>(&mut from, 4).unwrap().is_none(),
            "the pipe is empty"
        );
    }

    #[test]
    fn lengths_over_the_cap_are_refused_before_anything_is_allocated() {
        let mut pipe = Vec::new();
        pipe.extend(3u32.to_le_bytes());
        pipe.extend(u64::MAX.to_le_bytes());
        assert!(read_header::<Request>(&mut pipe.as_slice(), ANSWER_LIMIT).is_err());
        let mut pipe = Vec::new();
        pipe.extend(u32::MAX.to_le_bytes());
        pipe.extend(0u64.to_le_bytes());
        assert!(read_header::<Request>(&mut pipe.as_slice(), ANSWER_LIMIT).is_err());
    }

    #[test]
    fn a_cut_frame_is_an_error_and_not_an_end() {
        let mut pipe = Vec::new();
        write(&mut pipe, &Request::Notices, b"0123456789").unwrap();
        pipe.truncate(pipe.len() - 1);
        let mut from = pipe.as_slice();
        let (_, length) = read_header::<Request>(&mut from, 100).unwrap().unwrap();
        assert!(read_body(&mut from, length).is_err());
    }
}

//! The messages between the calling process and the helper.
//!
//! A frame is `MAGIC`, two big-endian 32-bit lengths, a JSON body and a secret. The secret is the PIN: it stays outside
//! the JSON so that no parser or formatter makes copies of it that nobody wipes.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Call, Error, Presence, Reader, SignatureAlgorithm, Token};

/// Starts every frame. A reader looks for it, since on Windows a module can still print into the pipe.
const MAGIC: &[u8; 8] = b"\x00ANTIN\x01\n";

/// The largest body. A token with 64 certificates of 16 KiB (see `helper`), in hexadecimal, stays below.
const LARGEST_BODY: usize = 4 << 20;

/// The largest secret: a length and the two longest PINs.
const LARGEST_SECRET: usize = 1 + 2 * 255;

/// How much a module may print between two frames before its helper is given up.
const LARGEST_NOISE: usize = 64 << 10;

/// What the helper is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    Tokens,
    Present,
    Readers,
    /// The secret is the old PIN's length as one byte, the old PIN and the new one; empty, the token's own pad is meant.
    ChangePin {
        token: String,
    },
    /// The PIN is the frame's secret; without one, the protected authentication path is meant.
    Login {
        token: String,
    },
    Sign {
        #[serde(with = "hex")]
        key: Vec<u8>,
        algorithm: SignatureAlgorithm,
        #[serde(with = "hex")]
        message: Vec<u8>,
    },
    Logout,
}

impl Request {
    pub(crate) fn call(&self) -> Call {
        match self {
            Self::Tokens => Call::Tokens,
            Self::Present => Call::Present,
            Self::Readers => Call::Readers,
            Self::ChangePin { .. } => Call::ChangePin,
            Self::Login { .. } => Call::Login,
            Self::Sign { .. } => Call::Sign,
            Self::Logout => Call::Logout,
        }
    }
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    Tokens(Vec<Token>),
    Present(Vec<Presence>),
    Readers(Vec<Reader>),
    Signature(#[serde(with = "hex")] Vec<u8>),
    Done,
}

/// The helper's answer to one request.
pub(crate) type Answer = Result<Reply, Error>;

/// A received frame.
pub(crate) struct Frame {
    pub(crate) body: Vec<u8>,
    pub(crate) secret: Zeroizing<Vec<u8>>,
}

/// Writes one frame and flushes it.
pub(crate) fn write_frame(
    pipe: &mut impl Write,
    message: &impl Serialize,
    secret: &[u8],
) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    if body.len() > LARGEST_BODY || secret.len() > LARGEST_SECRET {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut head = MAGIC.to_vec();
    for length in [body.len(), secret.len()] {
        head.extend(
            u32::try_from(length)
                .map_err(io::Error::other)?
                .to_be_bytes(),
        );
    }
    head.extend(body);
    pipe.write_all(&head)?;
    pipe.write_all(secret)?;
    pipe.flush()
}

/// Reads one frame; `None` at the orderly end of the pipe.
pub(crate) fn read_frame(pipe: &mut impl Read) -> io::Result<Option<Frame>> {
    if !skip_to_magic(pipe)? {
        return Ok(None);
    }
    let body = read_length(pipe)?;
    let secret = read_length(pipe)?;
    if body > LARGEST_BODY || secret > LARGEST_SECRET {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = Frame {
        body: vec![0; body],
        secret: Zeroizing::new(vec![0; secret]),
    };
    pipe.read_exact(&mut frame.body)?;
    pipe.read_exact(&mut frame.secret)?;
    Ok(Some(frame))
}

/// Consumes bytes up to and including the magic; `false` at the end of the pipe.
fn skip_to_magic(pipe: &mut impl Read) -> io::Result<bool> {
    let mut window = [0u8; MAGIC.len()];
    for _ in 0..LARGEST_NOISE {
        let mut byte = [0u8];
        if pipe.read(&mut byte)? == 0 {
            return Ok(false);
        }
        window.rotate_left(1);
        if let Some(last) = window.last_mut() {
            [*last] = byte;
        }
        if &window == MAGIC {
            return Ok(true);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

fn read_length(pipe: &mut impl Read) -> io::Result<usize> {
    let mut bytes = [0u8; 4];
    pipe.read_exact(&mut bytes)?;
    usize::try_from(u32::from_be_bytes(bytes)).map_err(io::Error::other)
}

/// Bytes as a hexadecimal string in JSON.
pub(crate) mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(nibble.into(), 16));
            }
        }
        serializer.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|digit| {
                digit
                    .to_digit(16)
                    .and_then(|value| u8::try_from(value).ok())
            })
            .collect();
        let digits = digits.ok_or_else(|| D::Error::custom("not hexadecimal"))?;
        let (pairs, rest) = digits.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(D::Error::custom("an odd number of digits"));
        }
        Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(secret: &[u8]) -> Vec<u8> {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &Request::Tokens, secret).unwrap();
        pipe
    }

    #[test]
    fn a_frame_comes_back_as_sent() {
        let pipe = frame(b"1234");
        let frame = read_frame(&mut pipe.as_slice()).unwrap().unwrap();
        assert_eq!(frame.body, b"\"tokens\"");
        assert_eq!(frame.secret.as_slice(), b"1234");
    }

    #[test]
    fn what_a_module_prints_is_skipped() {
        for noise in ["", "x", "eToken debug: \0\n", "\0ANTI", "\0\0\0"] {
            let pipe = [noise.as_bytes(), &frame(b"")].concat();
            let mut pipe = pipe.as_slice();
            assert!(read_frame(&mut pipe).unwrap().is_some(), "after {noise:?}");
            assert!(
                read_frame(&mut pipe).unwrap().is_none(),
                "end after {noise:?}"
            );
        }
    }

    #[test]
    fn endless_noise_and_huge_frames_are_errors() {
        assert!(read_frame(&mut vec![b'x'; LARGEST_NOISE + 1].as_slice()).is_err());
        let huge = [MAGIC.as_slice(), &[0xff; 8]].concat();
        assert!(read_frame(&mut huge.as_slice()).is_err());
        let torn = frame(b"");
        assert!(read_frame(&mut &torn[..torn.len() - 1]).is_err());
    }
}

//! The user's PIN as a value that is hard to leak.

use std::fmt;
use std::io::{self, Read};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The longest PIN sent, in bytes. Tokens take 16 or fewer (bit4id, eToken); `CK_TOKEN_INFO` knows no upper bound.
const LONGEST: usize = 255;

/// A user PIN: wiped when dropped, with no `Clone`, `Display` or `Serialize`, and a `Debug` that shows nothing.
pub struct UserPin(SecretString);

impl UserPin {
    /// Takes over a PIN and wipes the string it came in.
    pub fn new(pin: String) -> Self {
        let pin = Zeroizing::new(pin);
        // Copied at its exact size: turning the string itself into a box could leave the old allocation unwiped.
        Self(SecretString::from(pin.as_str()))
    }

    /// Reads a PIN up to the end of its line, byte by byte: what comes after it stays in the source.
    ///
    /// Pass an unbuffered source; a buffer would keep a copy that nobody wipes.
    ///
    /// # Errors
    /// Those of the source; `InvalidData` for a line that is too long or no UTF-8.
    pub fn read_line(source: &mut impl Read) -> io::Result<Self> {
        // Never grows beyond its first allocation, so no copy is left behind.
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
        let mut byte = Zeroizing::new([0u8]);
        while source.read(byte.as_mut())? == 1 && *byte != *b"\n" {
            if line.len() == LONGEST {
                return Err(io::ErrorKind::InvalidData.into());
            }
            line.extend_from_slice(byte.as_ref());
        }
        let text = std::str::from_utf8(&line).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Self(SecretString::from(text.trim_end_matches('\r'))))
    }

    /// Tells whether no character was typed.
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }

    /// Tells whether it is worth sending at all.
    pub(crate) fn is_sendable(&self) -> bool {
        (1..=LONGEST).contains(&self.0.expose_secret().len())
    }

    /// The old and the new PIN for the pipe, after the old one's length.
    pub(crate) fn both(old: &Self, new: &Self) -> Zeroizing<Vec<u8>> {
        let (old, new) = (old.expose(), new.expose());
        // At its final size from the start: growing would leave copies behind.
        let mut both = Zeroizing::new(Vec::with_capacity(1 + old.len() + new.len()));
        both.push(u8::try_from(old.len()).unwrap_or(u8::MAX));
        both.extend_from_slice(old);
        both.extend_from_slice(new);
        both
    }

    /// Whether two PINs are the same.
    pub fn is_same(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }

    /// Whether every character is one that any keyboard types the same way: letters with diacritics have two encodings.
    pub fn is_plain(&self) -> bool {
        self.expose().iter().all(u8::is_ascii_graphic)
    }

    /// The length in bytes, as tokens count it.
    pub fn length(&self) -> usize {
        self.expose().len()
    }

    /// The bytes for the pipe.
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

impl fmt::Debug for UserPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserPin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(
            format!("{:?}", UserPin::new("4711-canary".into())),
            "UserPin(…)"
        );
    }

    #[test]
    fn one_line_is_read_and_no_more() {
        let mut source: &[u8] = b"12345678\r\nnext";
        let pin = UserPin::read_line(&mut source).unwrap();
        assert_eq!(pin.expose(), b"12345678");
        assert_eq!(source, b"next");
        assert!(UserPin::read_line(&mut [b'1'; LONGEST + 1].as_slice()).is_err());
        assert!(UserPin::read_line(&mut [0xff].as_slice()).is_err());
    }

    #[test]
    fn empty_and_endless_pins_are_not_sent() {
        assert!(!UserPin::new(String::new()).is_sendable());
        assert!(!UserPin::new("1".repeat(LONGEST + 1)).is_sendable());
        assert!(UserPin::new("123456".into()).is_sendable());
    }
}

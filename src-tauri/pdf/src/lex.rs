//! Lexical conventions of ISO 32000-2, 7.2 and the scalar objects of 7.3, over a slice.

use crate::{Damage, Error};

/// White space of Table 1.
#[inline]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// Delimiters of Table 2.
#[inline]
pub(crate) const fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

/// Everything else.
#[inline]
pub(crate) fn is_regular(byte: u8) -> bool {
    /// A bit for each of the first 128 characters that is white space or a delimiter.
    const SPECIAL: u128 = special();
    byte >= 128 || SPECIAL >> byte & 1 == 0
}

const fn special() -> u128 {
    let mut bits = 0;
    let mut byte = 0;
    while byte < 128 {
        if is_space(byte) || is_delimiter(byte) {
            bits |= 1 << byte;
        }
        byte += 1;
    }
    bits
}

/// A number as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// Without a point, and within 64 bits.
    Integer(i64),
    /// With a point, or too large for an integer.
    Real(f32),
}

/// A position in a slice and the tokens that can be read there. Every read is checked; nothing indexes.
#[derive(Clone)]
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(bytes: &'a [u8], pos: usize) -> Self {
        Lexer { bytes, pos }
    }

    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    pub(crate) fn seek(&mut self, pos: usize) {
        self.pos = pos;
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or_default()
    }

    pub(crate) fn slice(&self, start: usize, end: usize) -> Option<&'a [u8]> {
        self.bytes.get(start..end)
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.pos.checked_add(ahead)?).copied()
    }

    pub(crate) fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.pos += 1;
        Some(byte)
    }

    /// The error for what stands at the position.
    pub(crate) fn unexpected(&self) -> Error {
        let what = if self.peek().is_none() {
            Damage::UnexpectedEnd
        } else {
            Damage::Syntax
        };
        Error::damaged(what, self.pos)
    }

    /// Skips white space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if is_space(byte) {
                self.pos += 1;
            } else if byte == b'%' {
                let rest = self.rest();
                self.pos += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            } else {
                break;
            }
        }
    }

    /// Skips white space only: where a comment would change the meaning (`%%EOF`).
    pub(crate) fn skip_white(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.pos += 1;
        }
    }

    /// Skips one end-of-line marker, if there is one.
    pub(crate) fn skip_eol(&mut self) {
        match self.peek() {
            Some(b'\r') => self.pos += if self.peek_at(1) == Some(b'\n') { 2 } else { 1 },
            Some(b'\n') => self.pos += 1,
            _ => {}
        }
    }

    /// Takes `token` if it stands here.
    pub(crate) fn take(&mut self, token: &[u8]) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.pos += token.len();
        }
        found
    }

    /// Takes `keyword` if it stands here and ends here.
    pub(crate) fn keyword(&mut self, keyword: &[u8]) -> bool {
        let ends = !self.peek_at(keyword.len()).is_some_and(is_regular);
        ends && self.take(keyword)
    }

    /// Takes the regular characters that stand here.
    pub(crate) fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let len = rest
            .iter()
            .position(|&byte| !is_regular(byte))
            .unwrap_or(rest.len());
        self.pos += len;
        rest.get(..len).unwrap_or_default()
    }

    /// Takes an unsigned integer: digits that end at a delimiter or white space.
    pub(crate) fn unsigned(&mut self) -> Option<u64> {
        let start = self.pos;
        let digits = self.regular();
        let value = digits.iter().try_fold(0u64, |value, &byte| match byte {
            b'0'..=b'9' => value.checked_mul(10)?.checked_add(u64::from(byte - b'0')),
            _ => None,
        });
        if digits.is_empty() || value.is_none() {
            self.pos = start;
            return None;
        }
        value
    }

    /// Takes `number generation keyword`, as in `12 0 R` and `12 0 obj`; leaves the position alone otherwise.
    pub(crate) fn id(&mut self, keyword: &[u8]) -> Option<lopdf::ObjectId> {
        let mut ahead = self.clone();
        let number = u32::try_from(ahead.unsigned()?).ok()?;
        ahead.skip_space();
        let generation = u16::try_from(ahead.unsigned()?).ok()?;
        ahead.skip_space();
        // `obj` may be followed directly by a delimiter or even by a digit (`1 0 obj5`), `R` never by a regular one.
        if !ahead.keyword(keyword) {
            return None;
        }
        self.pos = ahead.pos;
        Some((number, generation))
    }

    /// Takes a number (7.3.3).
    pub(crate) fn number(&mut self) -> Result<Number, Error> {
        let start = self.pos;
        let text = self.regular();
        let (sign, digits) = match text.split_first() {
            Some((b'-', rest)) => (-1i64, rest),
            Some((b'+', rest)) => (1, rest),
            _ => (1, text),
        };
        let points = digits.iter().filter(|&&byte| byte == b'.').count();
        let only_digits = digits
            .iter()
            .all(|&byte| byte.is_ascii_digit() || byte == b'.');
        if !only_digits || points > 1 || digits.len() == points {
            return Err(Error::damaged(Damage::Syntax, start));
        }
        if points == 0 {
            let value = digits.iter().try_fold(0i64, |value, &byte| {
                value
                    .checked_mul(10)?
                    .checked_add(sign * i64::from(byte - b'0'))
            });
            if let Some(value) = value {
                return Ok(Number::Integer(value));
            }
        }
        let text = std::str::from_utf8(text).map_err(|_| Error::damaged(Damage::Syntax, start))?;
        let value: f32 = text
            .parse()
            .map_err(|_| Error::damaged(Damage::Syntax, start))?;
        // Beyond the range of a real the nearest one is meant (Annex C.1).
        Ok(Number::Real(value.clamp(f32::MIN, f32::MAX)))
    }

    /// Takes a name (7.3.5), the solidus first.
    pub(crate) fn name(&mut self) -> Result<Vec<u8>, Error> {
        if !self.take(b"/") {
            return Err(self.unexpected());
        }
        let raw = self.regular();
        let mut name = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            if byte == b'#'
                && let [high, low, tail @ ..] = after
                && let (Some(high), Some(low)) = (hex(*high), hex(*low))
            {
                name.push(high << 4 | low);
                rest = tail;
            } else {
                name.push(byte);
            }
        }
        Ok(name)
    }

    /// Passes over a name.
    pub(crate) fn skip_name(&mut self) -> Result<(), Error> {
        if !self.take(b"/") {
            return Err(self.unexpected());
        }
        self.regular();
        Ok(())
    }

    /// Passes over a literal string.
    pub(crate) fn skip_literal(&mut self) -> Result<(), Error> {
        self.take(b"(");
        let mut open = 1u32;
        loop {
            match self.next().ok_or_else(|| self.unexpected())? {
                b'(' => open += 1,
                b')' if open == 1 => return Ok(()),
                b')' => open -= 1,
                // An escaped parenthesis neither opens nor closes; digits of a code are neither.
                b'\\' => {
                    self.next();
                }
                _ => {}
            }
        }
    }

    /// Passes over a hexadecimal string.
    pub(crate) fn skip_hexadecimal(&mut self) -> Result<(), Error> {
        let end = memchr::memchr(b'>', self.rest()).ok_or_else(|| self.unexpected())?;
        self.pos += end + 1;
        Ok(())
    }

    /// Takes a literal string (7.3.4.2), the opening parenthesis first.
    pub(crate) fn literal(&mut self) -> Result<Vec<u8>, Error> {
        if !self.take(b"(") {
            return Err(self.unexpected());
        }
        let mut text = Vec::new();
        let mut open = 1u32;
        loop {
            let byte = self.next().ok_or_else(|| self.unexpected())?;
            match byte {
                b'(' => open += 1,
                b')' if open == 1 => return Ok(text),
                b')' => open -= 1,
                b'\\' => {
                    self.escape(&mut text)?;
                    continue;
                }
                b'\r' => {
                    self.take(b"\n");
                    text.push(b'\n');
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
    }

    /// What follows a backslash (Table 3).
    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), Error> {
        let byte = self.next().ok_or_else(|| self.unexpected())?;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\n' => {}
            b'\r' => {
                self.take(b"\n");
            }
            b'0'..=b'7' => {
                let mut code = byte - b'0';
                for _ in 0..2 {
                    match self.peek() {
                        // High-order overflow is ignored.
                        Some(digit @ b'0'..=b'7') => {
                            code = code.wrapping_mul(8).wrapping_add(digit - b'0')
                        }
                        _ => break,
                    }
                    self.pos += 1;
                }
                text.push(code);
            }
            // The backslash before any other character is ignored.
            other => text.push(other),
        }
        Ok(())
    }

    /// Takes a hexadecimal string (7.3.4.3), `<` first.
    pub(crate) fn hexadecimal(&mut self) -> Result<Vec<u8>, Error> {
        if !self.take(b"<") {
            return Err(self.unexpected());
        }
        let mut text = Vec::new();
        let mut half = None;
        loop {
            let byte = self.next().ok_or_else(|| self.unexpected())?;
            if let Some(digit) = hex(byte) {
                match half.take() {
                    None => half = Some(digit << 4),
                    Some(high) => text.push(high | digit),
                }
            } else if byte == b'>' {
                text.extend(half);
                return Ok(text);
            } else if !is_space(byte) {
                return Err(Error::damaged(Damage::Syntax, self.pos - 1));
            }
        }
    }
}

/// The value of a hexadecimal digit.
pub(crate) fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let number = |text: &str| Lexer::new(text.as_bytes(), 0).number().ok();
        assert_eq!(number("+17"), Some(Number::Integer(17)));
        assert_eq!(
            number("-9223372036854775808"),
            Some(Number::Integer(i64::MIN))
        );
        assert_eq!(number("4."), Some(Number::Real(4.0)));
        assert_eq!(number("-.002"), Some(Number::Real(-0.002)));
        assert_eq!(
            number("99999999999999999999"),
            Some(Number::Real(1e20)),
            "too large for an integer"
        );
        for wrong in ["", "-", ".", "1e5", "1.2.3", "--1", "12abc"] {
            assert_eq!(number(wrong), None, "{wrong} is no number");
        }
    }

    #[test]
    fn strings_and_names() {
        let literal = |text: &str| Lexer::new(text.as_bytes(), 0).literal().unwrap();
        assert_eq!(
            literal(
                r"(a(b)\)\101\0053\
x)"
            ),
            b"a(b))A\x053x"
        );
        assert_eq!(
            literal("(a\r\nb\rc)"),
            b"a\nb\nc",
            "any end of line reads as a line feed"
        );
        assert_eq!(
            Lexer::new(b"<4 1 4>", 0).hexadecimal().unwrap(),
            b"A@",
            "a missing last digit is 0"
        );
        assert_eq!(Lexer::new(b"/A#20B#zz/", 0).name().unwrap(), b"A B#zz");
        assert!(Lexer::new(b"(never closed", 0).literal().is_err());
    }
}

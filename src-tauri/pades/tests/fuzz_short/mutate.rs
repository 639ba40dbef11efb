//! Mutations that are the same in every run: no coverage to guide them, so they are made of what the readers look for.

/// Bytes and words that mean something to one of the readers.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\x80",
    b"\xff",
    b"\x30\x80",
    b"\x30\x84\xff\xff\xff\xff",
    b"\x24\x80",
    b"\0\0",
    b"\x1f\x81",
    b"0",
    b"-1",
    b"99999999999999999999",
    b"4294967296",
    b"65536",
    b"<<",
    b">>",
    b"[",
    b"]",
    b"(",
    b")",
    b"<",
    b">",
    b" obj",
    b"endobj",
    b"stream\n",
    b"endstream",
    b"/Prev 0",
    b"/Length 9 0 R",
    b"/W [8 8 8]",
    b"/Size 1",
    b"/Kids [2 0 R]",
    b"/ByteRange [0 0 0 0]",
    b"/Contents <>",
    b" R",
    b" f",
    b" n",
    b"xref",
    b"%%EOF",
    b"startxref\n0",
    b"null",
    b"\"",
    b"{",
    b"}",
    b"\\u0000",
    b"1e999",
];

pub(crate) struct Mutator<'a> {
    state: u64,
    seeds: &'a [Vec<u8>],
}

impl<'a> Mutator<'a> {
    pub(crate) fn new(name: &str, seeds: &'a [Vec<u8>]) -> Self {
        // FNV-1a: another sequence for each target.
        let state = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { state, seeds }
    }

    /// Less than `limit`, which is not 0 (splitmix64).
    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    fn seed(&mut self) -> &'a [u8] {
        let index = self.below(self.seeds.len());
        &self.seeds[index]
    }

    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.seed().to_vec();
        for _ in 0..=self.below(6) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let span = self.below(16).min(bytes.len() - at);
        match self.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = u8::try_from(self.below(256)).unwrap(),
            2 => {
                bytes.splice(at..at + span, []);
            }
            3 => {
                let copy = bytes[at..at + span].to_vec();
                bytes.splice(at..at, copy);
            }
            4 if self.below(8) == 0 => bytes.truncate(at),
            5 => {
                let other = self.seed();
                let from = self.below(other.len() + 1);
                let length = self.below(64).min(other.len() - from);
                bytes.splice(at..at + span, other[from..from + length].iter().copied());
            }
            6 if at < bytes.len() && bytes[at].is_ascii_digit() => {
                bytes[at] = b'0' + u8::try_from(self.below(10)).unwrap()
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                let gone = if self.below(2) == 0 {
                    word.len().min(bytes.len() - at)
                } else {
                    0
                };
                bytes.splice(at..at + gone, word.iter().copied());
            }
        }
    }
}

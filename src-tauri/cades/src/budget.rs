//! What examining one structure may cost, everything nested in it included. Signers, certificates that fit a signer, and
//! tokens inside tokens multiply: without a bound in common, 200 KB exhaust the stack, and one file hours.

use antin_pkix::{DigestAlgorithm, Pieces};

/// Signatures verified. A signature with its time-stamps has a handful; RSA costs about 30 µs.
const VERIFICATIONS: usize = 256;
/// Time-stamp tokens examined. A signature has one or two, and each may have a path to be found for it.
const TOKENS: usize = 8;
/// Tokens inside a token: an authority may stamp its own (RFC 3161 allows any attribute); nobody goes further.
const TOKEN_DEPTH: usize = 2;
/// Passes over content above [`SMALL`]: signers agree on one or two digests, see [`Digests`].
const PASSES: usize = 4;
/// Content below this is no pass worth counting.
const SMALL: usize = 1 << 16;

/// The rest of the budget. What does not fit is not examined, which never counts as verified.
pub(crate) struct Budget {
    verifications: usize,
    tokens: usize,
    depth: usize,
    passes: usize,
}

impl Budget {
    pub(crate) const fn new() -> Self {
        Self {
            verifications: VERIFICATIONS,
            tokens: TOKENS,
            depth: TOKEN_DEPTH,
            passes: PASSES,
        }
    }

    /// May one more signature be verified, over a message of this size?
    pub(crate) fn verification(&mut self, size: usize) -> bool {
        take(&mut self.verifications) && self.pass(size)
    }

    /// May content of this size be read once more?
    pub(crate) fn pass(&mut self, size: usize) -> bool {
        size < SMALL || take(&mut self.passes)
    }

    /// Examines one more token, a level deeper.
    pub(crate) fn token<T>(&mut self, examine: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth == 0 || !take(&mut self.tokens) {
            return None;
        }
        self.depth -= 1;
        let found = examine(self);
        self.depth += 1;
        Some(found)
    }
}

fn take(rest: &mut usize) -> bool {
    let enough = *rest > 0;
    *rest = rest.saturating_sub(1);
    enough
}

/// The content's digests, each made once for all signers.
pub(crate) struct Digests<'a> {
    content: &'a dyn Pieces,
    known: Vec<(DigestAlgorithm, Vec<u8>)>,
}

impl<'a> Digests<'a> {
    pub(crate) const fn new(content: &'a dyn Pieces) -> Self {
        Self {
            content,
            known: Vec::new(),
        }
    }

    /// All of the content in one.
    pub(crate) fn whole(&self) -> Vec<u8> {
        let mut whole = Vec::with_capacity(self.size());
        self.content
            .each(&mut |piece| whole.extend_from_slice(piece));
        whole
    }

    /// Bytes of the content.
    pub(crate) fn size(&self) -> usize {
        self.content.size()
    }

    /// Nothing, if the budget is spent.
    pub(crate) fn of(&mut self, algorithm: DigestAlgorithm, budget: &mut Budget) -> Option<&[u8]> {
        let index = match self.known.iter().position(|(known, _)| *known == algorithm) {
            Some(index) => index,
            None if budget.pass(self.size()) => {
                self.known
                    .push((algorithm, algorithm.digest_of(self.content)));
                self.known.len() - 1
            }
            None => return None,
        };
        self.known.get(index).map(|(_, digest)| digest.as_slice())
    }
}

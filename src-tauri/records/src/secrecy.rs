//! State secrets: the Directive and Decision 28/2018 keep marked letters off this channel, so a mark refuses the letter.

use serde::{Deserialize, Serialize};

use crate::{Error, text};

/// The degree of secrecy stamped on a letter, Decree 30, Appendix I, III.2.b.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Secrecy {
    /// MẬT.
    Mat,
    /// TỐI MẬT.
    ToiMat,
    /// TUYỆT MẬT.
    TuyetMat,
}

impl Secrecy {
    const ALL: [Self; 3] = [Self::TuyetMat, Self::ToiMat, Self::Mat];

    /// The words of the stamp.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Mat => "MẬT",
            Self::ToiMat => "TỐI MẬT",
            Self::TuyetMat => "TUYỆT MẬT",
        }
    }

    /// The mark a line of text consists of. A mark stands alone on its line (it is a stamp); the word inside a sentence is
    /// no mark.
    pub fn of_line(line: &str) -> Option<Self> {
        let line = text::normalise(line).to_uppercase();
        let words = line.trim_matches(|c: char| !c.is_alphabetic());
        Self::ALL
            .into_iter()
            .find(|secrecy| words == secrecy.mark())
    }
}

/// Refuses a letter one of whose lines is a secrecy mark.
pub fn refuse_secret<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    match lines.into_iter().find_map(Secrecy::of_line) {
        Some(secrecy) => Err(Error::Secret(secrecy)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_refuses_and_a_sentence_does_not() {
        assert_eq!(
            refuse_secret(["CHỈ THỊ", " tối  mật "]),
            Err(Error::Secret(Secrecy::ToiMat))
        );
        assert_eq!(
            refuse_secret(["[ TUYỆT MẬT ]"]),
            Err(Error::Secret(Secrecy::TuyetMat))
        );
        assert_eq!(
            refuse_secret(["M\u{1ea1}\u{302}T"]),
            Err(Error::Secret(Secrecy::Mat)),
            "decomposed text is read too"
        );
        assert_eq!(
            refuse_secret(["trừ các văn bản mật theo quy định", "Bí mật nhà nước"]),
            Ok(())
        );
    }
}

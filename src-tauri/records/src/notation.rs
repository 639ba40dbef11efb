//! Số và ký hiệu: the number and notation of a document, Decree 30, Appendix I, II.3.
//!
//! ```text
//! code     = number "/" notation
//! notation = [ year "/" ] group *( "-" group )      year only in normative documents
//! number   = 2*DIGIT                                "01" below ten
//! group    = letters and digits, no blanks; abbreviations are each agency's own, so there is no closed list
//! ```

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{DocumentType, Error, text};

/// Longest notation: Decree 30, Appendix VI, `CodeNotation`.
const NOTATION_LIMIT: usize = 30;
/// Greatest number read. Real series stay far below; the bound keeps the text within `CodeNumber`'s 11 characters.
const NUMBER_LIMIT: u32 = 9_999_999;

/// Ký hiệu: everything after the number and its slash, such as `2014/CT-UBND` or `UBND-NV`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodeNotation {
    year: Option<u16>,
    groups: Vec<String>,
}

impl CodeNotation {
    /// The year, which only normative documents carry.
    pub fn year(&self) -> Option<u16> {
        self.year
    }

    /// The groups between the hyphens.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The type its first group abbreviates; công văn when it abbreviates none.
    pub fn document_type(&self) -> DocumentType {
        self.groups
            .first()
            .and_then(|group| DocumentType::from_abbreviation(group))
            .unwrap_or(DocumentType::OfficialLetter)
    }

    /// Reads the notation of a draft whose number is still blank: `/2014/CT-UBND`, `…/CT-UBND`, `    /UBND-NV`.
    pub fn parse_blank(printed: &str) -> Result<Self, Error> {
        let (blank, notation) = printed.split_once('/').ok_or_else(|| bad(printed))?;
        if blank.chars().any(char::is_alphanumeric) {
            return Err(bad(printed));
        }
        notation.parse()
    }

    /// The full code under `number`.
    pub fn with_number(&self, number: u32) -> Result<DocumentCode, Error> {
        DocumentCode::new(number, self.clone())
    }
}

impl fmt::Display for CodeNotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(year) = self.year {
            write!(f, "{year:04}/")?;
        }
        f.write_str(&self.groups.join("-"))
    }
}

impl FromStr for CodeNotation {
    type Err = Error;
    fn from_str(printed: &str) -> Result<Self, Error> {
        let normal = normal(printed);
        let (year, groups) = match normal.split_once('/') {
            Some((year, groups)) => (Some(year_of(year).ok_or_else(|| bad(printed))?), groups),
            None => (None, normal.as_str()),
        };
        let groups: Vec<String> = groups.split('-').map(str::to_owned).collect();
        let lawful = normal.chars().count() <= NOTATION_LIMIT
            && groups
                .iter()
                .all(|group| !group.is_empty() && group.chars().all(char::is_alphanumeric))
            && groups
                .first()
                .is_some_and(|group| group.chars().any(char::is_alphabetic));
        if lawful {
            Ok(Self { year, groups })
        } else {
            Err(bad(printed))
        }
    }
}

/// Số và ký hiệu together: `77/2014/CT-UBND`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentCode {
    number: u32,
    notation: CodeNotation,
}

impl DocumentCode {
    /// Puts a number and a notation together. Numbers start at 1.
    pub fn new(number: u32, notation: CodeNotation) -> Result<Self, Error> {
        if (1..=NUMBER_LIMIT).contains(&number) {
            Ok(Self { number, notation })
        } else {
            Err(Error::Code(format!("{number}/{notation}")))
        }
    }

    /// Số.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Số as printed: two digits at least.
    pub fn printed_number(&self) -> String {
        format!("{:02}", self.number)
    }

    /// Ký hiệu.
    pub fn notation(&self) -> &CodeNotation {
        &self.notation
    }
}

impl fmt::Display for DocumentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{}", self.number, self.notation)
    }
}

impl FromStr for DocumentCode {
    type Err = Error;
    fn from_str(printed: &str) -> Result<Self, Error> {
        let (number, notation) = printed.split_once('/').ok_or_else(|| bad(printed))?;
        let digits = number.trim();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad(printed));
        }
        let number = digits.parse().map_err(|_| bad(printed))?;
        Self::new(number, notation.parse().map_err(|_| bad(printed))?).map_err(|_| bad(printed))
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}
as_text!(CodeNotation);
as_text!(DocumentCode);

/// NFC, and the Icelandic Ð (U+00D0), a common typing error, read as Đ (U+0110).
fn normal(printed: &str) -> String {
    text::normalise(printed).replace('\u{d0}', "Đ")
}

fn year_of(text: &str) -> Option<u16> {
    let plausible = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|year| plausible && *year >= 1945)
}

fn bad(printed: &str) -> Error {
    Error::Code(text::excerpt(printed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_codes_are_read_and_written() {
        for printed in [
            "77/2014/CT-UBND",
            "15/QĐ-BNV",
            "123/UBND-NV",
            "28/2018/QĐ-TTg",
            "05/SY-UBND",
            "267/VPCP-TTĐT",
        ] {
            let code: DocumentCode = printed.parse().unwrap();
            assert_eq!(code.to_string(), printed);
        }
        assert_eq!(
            "5/BC-BNV".parse::<DocumentCode>().unwrap().to_string(),
            "05/BC-BNV",
            "two digits at least"
        );
        assert_eq!(
            "05/Q\u{d0}-UBND"
                .parse::<DocumentCode>()
                .unwrap()
                .to_string(),
            "05/QĐ-UBND",
            "the wrong D is repaired"
        );
    }

    #[test]
    fn the_first_group_names_the_type() {
        for (printed, kind) in [
            ("77/2014/CT-UBND", DocumentType::Directive),
            ("15/CTr-UBND", DocumentType::Programme),
            ("123/UBND-NV", DocumentType::OfficialLetter),
        ] {
            assert_eq!(
                printed
                    .parse::<DocumentCode>()
                    .unwrap()
                    .notation()
                    .document_type(),
                kind,
                "{printed}"
            );
        }
    }

    #[test]
    fn a_blank_number_leaves_the_notation() {
        for printed in [
            "/2014/CT-UBND",
            "…./2014/CT-UBND",
            "       /2014/CT-UBND",
            "___/2014/CT-UBND",
        ] {
            assert_eq!(
                CodeNotation::parse_blank(printed).unwrap().to_string(),
                "2014/CT-UBND",
                "{printed}"
            );
        }
        assert!(
            CodeNotation::parse_blank("77/2014/CT-UBND").is_err(),
            "a number is there"
        );
    }

    #[test]
    fn other_text_is_refused() {
        for printed in [
            "",
            "/",
            "77",
            "77/",
            "77/14/CT-UBND",
            "77/2014/",
            "77/CT UBND",
            "77/CT--UBND",
            "a/CT-UBND",
            "0/CT-UBND",
            "99999999999/CT-UBND",
            "77/1-2",
            "77/2014/2014/CT",
        ] {
            assert!(printed.parse::<DocumentCode>().is_err(), "{printed}");
        }
    }
}

//! Agencies and their codes. Codes are data: the 2025 reorganisation changed most of them, so nothing is built in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Error, text};

/// Longest code, Decision 20/2020/QĐ-TTg.
const LIMIT: usize = 35;
/// Longest agency name, Decree 30, Appendix VI, `OrganName`.
const NAME_LIMIT: usize = 200;

/// The code of an agency, in the form of QCVN 102:2016 (`000.00.00.H57`, level 1 last)
/// or of Decision 20/2020 (`H57.02`, level 1 first).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct AgencyId(String);

/// Which rule an [`AgencyId`] follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `V1V2V3.Z1Z2.Y1Y2.MX1X2`, 13 characters; shorter forms such as `28.22.H17` occur.
    Qcvn102,
    /// `MX1X2[.group]…`, at most 35 characters.
    Decision20,
}

impl AgencyId {
    /// The code as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The rule this code follows.
    pub fn form(&self) -> Form {
        if self.0.split('.').next().is_some_and(is_level_one) {
            Form::Decision20
        } else {
            Form::Qcvn102
        }
    }

    /// The province's or ministry's part, the same in both forms: `H57`.
    pub fn level_one(&self) -> &str {
        let mut groups = self.0.split('.');
        match self.form() {
            Form::Decision20 => groups.next(),
            Form::Qcvn102 => groups.next_back(),
        }
        .unwrap_or(&self.0)
    }
}

impl fmt::Display for AgencyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AgencyId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let groups: Vec<&str> = text.split('.').collect();
        let lawful = text.len() <= LIMIT
            && match groups.as_slice() {
                [first, rest @ ..] if is_level_one(first) => {
                    rest.iter().all(|group| is_group(group))
                }
                [rest @ .., last] if is_level_one(last) => {
                    (1..=3).contains(&rest.len())
                        && rest
                            .iter()
                            .all(|group| group.len() <= 3 && is_digits(group))
                }
                _ => false,
            };
        if lawful {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::AgencyId(text::excerpt(text)))
        }
    }
}

impl<'de> Deserialize<'de> for AgencyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

fn is_level_one(group: &str) -> bool {
    matches!(group.as_bytes(), [b'A'..=b'Y', b'0'..=b'9', b'0'..=b'9'])
}

fn is_group(group: &str) -> bool {
    !group.is_empty()
        && group
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

fn is_digits(group: &str) -> bool {
    !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit())
}

/// An agency as the directory names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agency {
    /// Its code.
    pub id: AgencyId,
    /// Its code in the other form, where both are known; either finds the agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_id: Option<AgencyId>,
    /// Its full name.
    pub name: String,
    /// The name of the agency above it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl Agency {
    /// Names an agency by code and name alone.
    pub fn new(id: AgencyId, name: impl Into<String>) -> Self {
        Self {
            id,
            other_id: None,
            name: name.into(),
            parent: None,
        }
    }

    /// True when `id` is one of its codes.
    pub fn is_called(&self, id: &AgencyId) -> bool {
        self.id == *id || self.other_id.as_ref() == Some(id)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        text::bounded("name", &self.name, NAME_LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        for (code, form, level_one) in [
            ("000.00.00.H57", Form::Qcvn102, "H57"),
            ("28.22.H17", Form::Qcvn102, "H17"),
            ("H57", Form::Decision20, "H57"),
            ("H37.DN.001", Form::Decision20, "H37"),
        ] {
            let id: AgencyId = code.parse().unwrap();
            assert_eq!((id.form(), id.level_one()), (form, level_one), "{code}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for code in [
            "",
            "H5",
            "Z57",
            "h57",
            "H57.",
            "H57..02",
            "000.00.00",
            "H57.đ",
            "0000.00.00.H57",
            &format!("H57.{}", "0".repeat(32)),
        ] {
            assert!(code.parse::<AgencyId>().is_err(), "{code}");
        }
        assert!(serde_json::from_str::<AgencyId>("\"H57/../x\"").is_err());
    }
}

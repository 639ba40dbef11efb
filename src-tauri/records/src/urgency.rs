//! Urgency, Decree 30, Appendix I, III.2.b.

use serde::{Deserialize, Serialize};

/// How fast a letter must travel. Ordered: the greater goes first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// No stamp.
    #[default]
    Normal,
    /// KHẨN.
    Khan,
    /// THƯỢNG KHẨN.
    ThuongKhan,
    /// HỎA TỐC.
    HoaToc,
}

impl Urgency {
    /// Every degree, the least first.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Khan, Self::ThuongKhan, Self::HoaToc];

    /// The word of the stamp; none for a normal letter.
    pub fn stamp(self) -> Option<&'static str> {
        match self {
            Self::Normal => None,
            Self::Khan => Some("KHẨN"),
            Self::ThuongKhan => Some("THƯỢNG KHẨN"),
            Self::HoaToc => Some("HỎA TỐC"),
        }
    }

    /// The name in JSON and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Khan => "khan",
            Self::ThuongKhan => "thuong-khan",
            Self::HoaToc => "hoa-toc",
        }
    }

    /// Reads [`Urgency::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|urgency| urgency.key() == key)
    }

    /// Rank for ordering in a queue: 0 normal … 3 hỏa tốc.
    pub fn rank(self) -> u8 {
        match self {
            Self::Normal => 0,
            Self::Khan => 1,
            Self::ThuongKhan => 2,
            Self::HoaToc => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_json_agree() {
        for urgency in Urgency::ALL {
            assert_eq!(
                serde_json::to_string(&urgency).unwrap(),
                format!("\"{}\"", urgency.key())
            );
            assert_eq!(Urgency::from_key(urgency.key()), Some(urgency));
        }
    }
}

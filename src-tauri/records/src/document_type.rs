//! The 29 administrative document types of Decree 30/2020, Article 7, with the abbreviations of Appendix III, I.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, text};

macro_rules! document_types {
    ($($variant:ident $key:literal $name:literal $abbreviation:expr;)*) => {
        /// A type of administrative document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum DocumentType {
            $(#[doc = $name] $variant,)*
        }

        impl DocumentType {
            /// The 29 types in the decree's order.
            pub const ALL: [Self; 29] = [$(Self::$variant),*];

            /// The name in JSON and in the database: the Vietnamese name without diacritics.
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// The name as printed.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The abbreviation in the notation; công văn and thư công have none.
            pub fn abbreviation(self) -> Option<&'static str> {
                match self { $(Self::$variant => $abbreviation),* }
            }
        }
    };
}

document_types! {
    Resolution "nghi-quyet" "Nghị quyết" Some("NQ");
    Decision "quyet-dinh" "Quyết định" Some("QĐ");
    Directive "chi-thi" "Chỉ thị" Some("CT");
    Statute "quy-che" "Quy chế" Some("QC");
    Regulation "quy-dinh" "Quy định" Some("QyĐ");
    Communique "thong-cao" "Thông cáo" Some("TC");
    Notice "thong-bao" "Thông báo" Some("TB");
    Guidance "huong-dan" "Hướng dẫn" Some("HD");
    Programme "chuong-trinh" "Chương trình" Some("CTr");
    Plan "ke-hoach" "Kế hoạch" Some("KH");
    Scheme "phuong-an" "Phương án" Some("PA");
    Proposal "de-an" "Đề án" Some("ĐA");
    Project "du-an" "Dự án" Some("DA");
    Report "bao-cao" "Báo cáo" Some("BC");
    Minutes "bien-ban" "Biên bản" Some("BB");
    Submission "to-trinh" "Tờ trình" Some("TTr");
    Contract "hop-dong" "Hợp đồng" Some("HĐ");
    OfficialLetter "cong-van" "Công văn" None;
    Telegram "cong-dien" "Công điện" Some("CĐ");
    Memorandum "ban-ghi-nho" "Bản ghi nhớ" Some("BGN");
    Agreement "ban-thoa-thuan" "Bản thỏa thuận" Some("BTT");
    PowerOfAttorney "giay-uy-quyen" "Giấy ủy quyền" Some("GUQ");
    Invitation "giay-moi" "Giấy mời" Some("GM");
    Introduction "giay-gioi-thieu" "Giấy giới thiệu" Some("GGT");
    LeavePermit "giay-nghi-phep" "Giấy nghỉ phép" Some("GNP");
    SendingSlip "phieu-gui" "Phiếu gửi" Some("PG");
    TransferSlip "phieu-chuyen" "Phiếu chuyển" Some("PC");
    NotificationSlip "phieu-bao" "Phiếu báo" Some("PB");
    PublicLetter "thu-cong" "Thư công" None;
}

impl DocumentType {
    /// The type a printed name means, in any case of letters and either tone style ("thoả" as well as "thỏa").
    pub fn from_name(name: &str) -> Option<Self> {
        let wanted = fold(name);
        Self::ALL
            .into_iter()
            .find(|kind| fold(kind.name()) == wanted)
    }

    /// The type an abbreviation means. Letters count: `CT` is chỉ thị, `CTr` chương trình.
    pub fn from_abbreviation(abbreviation: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.abbreviation() == Some(abbreviation))
    }
}

fn fold(name: &str) -> String {
    text::normalise(name)
        .to_lowercase()
        .replace("oả", "ỏa")
        .replace("uỷ", "ủy")
}

impl fmt::Display for DocumentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for DocumentType {
    type Err = Error;
    fn from_str(key: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.key() == key)
            .ok_or_else(|| Error::DocumentType(text::excerpt(key)))
    }
}

impl Serialize for DocumentType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl<'de> Deserialize<'de> for DocumentType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keys_and_abbreviations_are_unique() {
        for kind in DocumentType::ALL {
            assert_eq!(
                DocumentType::from_name(&kind.name().to_uppercase()),
                Some(kind)
            );
            assert_eq!(kind.key().parse(), Ok(kind));
            if let Some(abbreviation) = kind.abbreviation() {
                assert_eq!(DocumentType::from_abbreviation(abbreviation), Some(kind));
            }
        }
        assert_eq!(
            DocumentType::from_name("GIẤY UỶ QUYỀN"),
            Some(DocumentType::PowerOfAttorney)
        );
        assert_eq!(
            DocumentType::from_name("bản thoả thuận"),
            Some(DocumentType::Agreement)
        );
    }
}

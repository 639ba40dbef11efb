//! What is said about a letter beside its PDF: Decree 30, Appendix VI, outgoing documents.

use serde::{Deserialize, Serialize};

use crate::{CodeNotation, DocumentType, Error, secrecy, text};

/// Most lines of "Nơi nhận" taken along: `ToPlaces`, as the national checker limits it.
const TO_PLACES_LIMIT: usize = 150;

/// The metadata of an outgoing letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LetterMetadata {
    /// Tên loại.
    pub document_type: DocumentType,
    /// Ký hiệu; the number is not known before the letter is issued.
    pub notation: CodeNotation,
    /// Tên cơ quan ban hành.
    pub organ_name: String,
    /// Trích yếu.
    pub subject: String,
    /// Địa danh before the date.
    #[serde(default)]
    pub place_name: String,
    /// Số trang.
    pub page_count: u32,
    /// Người ký.
    pub signer: Signer,
    /// The lines of "Nơi nhận" as printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_places: Vec<String>,
}

/// Who signs, as printed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signer {
    /// Quyền hạn: `TM.`, `KT.`, `TL.` … with what follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competence: Option<String>,
    /// Chức vụ.
    pub position: String,
    /// Họ và tên.
    pub full_name: String,
}

impl LetterMetadata {
    /// Brings all text to NFC without stray white space.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        for field in [
            &mut self.organ_name,
            &mut self.subject,
            &mut self.place_name,
            &mut self.signer.position,
            &mut self.signer.full_name,
        ] {
            *field = text::normalise(field);
        }
        self.signer.competence = self
            .signer
            .competence
            .as_deref()
            .map(text::normalise)
            .filter(|words| !words.is_empty());
        self.to_places = self
            .to_places
            .iter()
            .map(|line| text::normalise(line))
            .filter(|line| !line.is_empty())
            .collect();
        self
    }

    /// Checks presence, the decree's lengths and the absence of a secrecy mark.
    pub fn check(&self) -> Result<(), Error> {
        text::bounded("organName", &self.organ_name, 200)?;
        text::bounded("subject", &self.subject, 500)?;
        text::at_most("placeName", &self.place_name, 100)?;
        text::at_most(
            "competence",
            self.signer.competence.as_deref().unwrap_or_default(),
            100,
        )?;
        text::at_most("position", &self.signer.position, 100)?;
        text::bounded("fullName", &self.signer.full_name, 50)?;
        let places = self.to_places.len();
        if places > TO_PLACES_LIMIT {
            return Err(Error::TooLong {
                field: "toPlaces",
                length: places,
                limit: TO_PLACES_LIMIT,
            });
        }
        self.to_places
            .iter()
            .try_for_each(|line| text::at_most("toPlaces", line, 500))?;
        secrecy::refuse_secret([self.subject.as_str()])
    }
}

//! The manifest of a dispatch: what the sender declares, frozen as bytes when the letter is sealed.
//!
//! The bytes of [`DispatchManifest::freeze`] are the request body of every attempt, whatever version of the program makes it,
//! and their digest is what the receipts name. So nothing here may be re-serialised later: keep the bytes.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{Date, OffsetDateTime, macros::format_description};

use crate::{
    Agency, AgencyId, DispatchId, DocumentCode, Error, LetterId, LetterMetadata, Sha256Digest,
    Urgency, text,
};

/// The version of the manifest this program writes.
pub const VERSION: u32 = 1;
/// Largest manifest read: 1,000 recipients with the longest names fit three times over.
pub const SIZE_LIMIT: usize = 1 << 20;
/// Most recipients of one dispatch: a province has fewer agencies that take part in the exchange.
pub const RECIPIENT_LIMIT: usize = 1000;
/// Longest file name, as the national checker limits attachment names, within what file systems take.
const FILE_NAME_LIMIT: usize = 200;

/// What is sent, by whom, to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DispatchManifest {
    /// [`VERSION`].
    pub v: u32,
    /// The dispatch.
    pub dispatch_id: DispatchId,
    /// The letter it carries.
    pub letter_id: LetterId,
    /// The identity of the document in the national exchange.
    pub doc_key: DocKey,
    /// Who sends.
    pub sender: Agency,
    /// To whom, each once.
    pub recipients: Vec<Agency>,
    /// The signed PDF.
    pub content: Content,
    /// What is said about the letter.
    pub metadata: LetterMetadata,
    /// How fast it must travel.
    pub urgency: Urgency,
    /// When it was sealed for sending.
    #[serde(with = "time::serde::rfc3339")]
    pub sealed_at: OffsetDateTime,
}

/// The file a dispatch carries, named by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Digest of the whole file.
    pub sha256: Sha256Digest,
    /// Its size in bytes.
    pub size: u64,
    /// A name for people; never used as a path.
    pub file_name: String,
}

/// A manifest as it was frozen: the bytes and their digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenManifest {
    /// The canonical JSON.
    pub bytes: Vec<u8>,
    /// The digest of `bytes`, the `requestDigest` of receipts.
    pub digest: Sha256Digest,
}

impl DispatchManifest {
    /// Checks the manifest and freezes its bytes (canonical JSON, RFC 8785).
    pub fn freeze(&self) -> Result<FrozenManifest, Error> {
        self.check()?;
        let bytes = text::canonical_json(self)?;
        within_size(&bytes)?;
        let digest = Sha256Digest::of(&bytes);
        Ok(FrozenManifest { bytes, digest })
    }

    /// Reads a manifest from frozen bytes, ours or another office's. Members it does not know are passed over.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        within_size(bytes)?;
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| Error::Malformed(error.to_string()))?;
        if !text::is_canonical(bytes) {
            return Err(Error::NotCanonical);
        }
        manifest.check()?;
        Ok(manifest)
    }

    /// Checks what the types do not.
    pub fn check(&self) -> Result<(), Error> {
        if self.v != VERSION {
            return Err(Error::Version(self.v));
        }
        self.sender.check()?;
        match self.recipients.len() {
            0 => {
                return Err(Error::Empty {
                    field: "recipients",
                });
            }
            length if length > RECIPIENT_LIMIT => {
                return Err(Error::TooLong {
                    field: "recipients",
                    length,
                    limit: RECIPIENT_LIMIT,
                });
            }
            _ => {}
        }
        let mut seen = BTreeSet::new();
        for recipient in &self.recipients {
            recipient.check()?;
            if !seen.insert(&recipient.id) {
                return Err(Error::RepeatedRecipient(recipient.id.to_string()));
            }
        }
        if self.doc_key.organ_id != self.sender.id {
            return Err(Error::DocKey(self.doc_key.to_string()));
        }
        if self.content.size == 0 {
            return Err(Error::Empty { field: "content" });
        }
        text::bounded("fileName", &self.content.file_name, FILE_NAME_LIMIT)?;
        self.metadata.check()
    }
}

fn within_size(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() > SIZE_LIMIT {
        return Err(Error::TooLong {
            field: "manifest",
            length: bytes.len(),
            limit: SIZE_LIMIT,
        });
    }
    Ok(())
}

/// The identity of a document in the national exchange: issuing agency, date of issue, number and notation, written
/// `H57,2026/11/24,12/UBND-NC`. Two dispatches may not carry different documents under one key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocKey {
    /// Who issued it.
    pub organ_id: AgencyId,
    /// The date printed on it.
    pub issued_on: Date,
    /// Its number and notation.
    pub code: DocumentCode,
}

impl fmt::Display for DocKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.issued_on.to_calendar_date();
        write!(
            f,
            "{},{year:04}/{:02}/{day:02},{}",
            self.organ_id,
            u8::from(month),
            self.code
        )
    }
}

impl FromStr for DocKey {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::DocKey(text::excerpt(text));
        let mut parts = text.splitn(3, ',');
        let (Some(organ), Some(date), Some(code)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(bad());
        };
        let issued_on =
            Date::parse(date, format_description!("[year]/[month]/[day]")).map_err(|_| bad())?;
        Ok(Self {
            organ_id: organ.parse()?,
            issued_on,
            code: code.parse()?,
        })
    }
}

impl Serialize for DocKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DocKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use time::macros::{date, datetime};

    use super::*;
    use crate::{DocumentType, Signer};

    pub(crate) fn sample() -> DispatchManifest {
        let now = datetime!(2026-11-24 08:00 UTC);
        let office: AgencyId = "H57".parse().unwrap();
        DispatchManifest {
            v: VERSION,
            dispatch_id: DispatchId::mint(now),
            letter_id: LetterId::mint(now),
            doc_key: DocKey {
                organ_id: office.clone(),
                issued_on: date!(2014 - 12 - 26),
                code: "77/2014/CT-UBND".parse().unwrap(),
            },
            sender: Agency::new(office, "Ủy ban nhân dân tỉnh Thừa Thiên Huế"),
            recipients: vec![Agency::new(
                "H57.02".parse().unwrap(),
                "Sở Thông tin và Truyền thông",
            )],
            content: Content {
                sha256: Sha256Digest::of(b"%PDF"),
                size: 4,
                file_name: "chi-thi-77.pdf".into(),
            },
            metadata: LetterMetadata {
                document_type: DocumentType::Directive,
                notation: "2014/CT-UBND".parse().unwrap(),
                organ_name: "Ủy ban nhân dân tỉnh Thừa Thiên Huế".into(),
                subject: "Về việc tăng cường trao đổi văn bản điện tử".into(),
                place_name: "Thừa Thiên Huế".into(),
                page_count: 4,
                signer: Signer {
                    competence: None,
                    position: "Phó Chủ tịch".into(),
                    full_name: "Phan Ngọc Thọ".into(),
                },
                to_places: vec![],
            },
            urgency: Urgency::Normal,
            sealed_at: now,
        }
    }

    #[test]
    fn frozen_bytes_are_read_back_and_freeze_to_themselves() {
        let manifest = sample();
        let frozen = manifest.freeze().unwrap();
        let read = DispatchManifest::parse(&frozen.bytes).unwrap();
        assert_eq!(read, manifest);
        assert_eq!(read.freeze().unwrap(), frozen);
    }

    #[test]
    fn the_spelling_is_part_of_the_identity() {
        let mut bytes = sample().freeze().unwrap().bytes;
        bytes.push(b'\n');
        assert_eq!(DispatchManifest::parse(&bytes), Err(Error::NotCanonical));
    }

    #[test]
    fn members_of_a_later_program_are_passed_over() {
        let mut value = serde_json::to_value(sample()).unwrap();
        value["zNew"] = serde_json::json!({"x": 1});
        assert_eq!(
            DispatchManifest::parse(&text::canonical_json(&value).unwrap()),
            Ok(read(&value))
        );
    }

    fn read(value: &serde_json::Value) -> DispatchManifest {
        serde_json::from_value(value.clone()).unwrap()
    }

    #[test]
    fn unlawful_manifests_are_refused() {
        let refused = |change: &dyn Fn(&mut DispatchManifest)| {
            let mut manifest = sample();
            change(&mut manifest);
            manifest.freeze().unwrap_err()
        };
        assert_eq!(
            refused(&|m| m.recipients.clear()),
            Error::Empty {
                field: "recipients"
            }
        );
        assert_eq!(
            refused(&|m| m.recipients.push(m.recipients[0].clone())),
            Error::RepeatedRecipient("H57.02".into())
        );
        assert_eq!(refused(&|m| m.v = 2), Error::Version(2));
        assert_eq!(
            refused(&|m| m.metadata.subject = "x".repeat(501)),
            Error::TooLong {
                field: "subject",
                length: 501,
                limit: 500
            }
        );
        assert!(
            matches!(
                refused(&|m| m.sender.id = "H58".parse().unwrap()),
                Error::DocKey(_)
            ),
            "a key of another agency"
        );
    }

    #[test]
    fn the_document_key_is_read_and_written() {
        let text = "000.00.00.H57,2014/12/26,77/2014/CT-UBND";
        assert_eq!(text.parse::<DocKey>().unwrap().to_string(), text);
        for bad in [
            "",
            "H57",
            "H57,2014/12/26",
            "H57,2014-12-26,77/CT-UBND",
            "H57,2014/13/26,77/CT-UBND",
        ] {
            assert!(bad.parse::<DocKey>().is_err(), "{bad}");
        }
    }
}

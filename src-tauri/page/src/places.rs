//! Lines to places: where number, date, signature, seal and incoming stamp belong.

use crate::{PageText, Rect};
use serde::{Deserialize, Serialize};

/// A place found on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Page index, from 0.
    pub page: usize,
    /// Where, in user space.
    pub rect: Rect,
    /// From 0 (a guess) to 1 (everything fits).
    pub confidence: f64,
    /// Font size of the neighbouring text, in points: what is written here is written so large.
    pub size: f64,
    /// Baseline of the neighbouring text, where there is one to write on.
    pub baseline: Option<f64>,
}

/// Everything found in a letter. What is already typed has no place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Places {
    /// The blank between "Số:" and the notation.
    pub number: Option<Found>,
    /// The blank after "ngày".
    pub day: Option<Found>,
    /// The blank after "tháng".
    pub month: Option<Found>,
    /// The image of the leader's signature, between position and full name.
    pub leader: Option<Found>,
    /// The agency's seal: 36 mm, over the left third of the leader's image.
    pub seal: Option<Found>,
    /// The incoming stamp ("dấu đến") of whoever receives the letter: 50 x 35 mm.
    pub incoming: Option<Found>,
    /// What the letter says about itself.
    pub letter: LetterFacts,
}

/// What the letter says about itself, as printed, NFC.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LetterFacts {
    /// The issuing organ, e.g. "ỦY BAN NHÂN DÂN TỈNH THỪA THIÊN HUẾ".
    pub organ_name: Option<String>,
    /// The organ above it, where it is printed.
    pub parent_organ: Option<String>,
    /// What follows the number, with its slash, e.g. "/2014/CT-UBND".
    pub code_notation: Option<String>,
    /// The document type as the decree writes it, e.g. "Chỉ thị"; "Công văn" where only "V/v" is printed.
    pub type_name: Option<String>,
    /// The subject with its "Về việc" or "V/v", wrapped lines joined.
    pub subject: Option<String>,
    /// The place before the date, e.g. "Thừa Thiên Huế".
    pub place_name: Option<String>,
    /// The items of "Nơi nhận" (the archive's line "Lưu" left out; "Như trên" replaced by the addressees).
    pub recipients: Vec<String>,
    /// Full name of the signer.
    pub signer_name: Option<String>,
    /// The signer's own position, e.g. "PHÓ CHỦ TỊCH".
    pub signer_position: Option<String>,
    /// On whose behalf, e.g. "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH".
    pub competence: Vec<String>,
    /// The number, where it is already typed.
    pub number: Option<String>,
    /// The day, where it is already typed.
    pub day: Option<String>,
    /// The month, where it is already typed.
    pub month: Option<String>,
    /// The year.
    pub year: Option<String>,
}

/// Finds the places of a letter in the text of its pages.
pub fn find_places(_pages: &[PageText]) -> Places {
    Places::default()
}

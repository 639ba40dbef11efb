//! What is asked of a signing: the act, its places and its texts. Plain data.

use antin_cades::KeyAlgorithm;
use antin_pdf::Rect;
use time::OffsetDateTime;

use crate::Image;

/// One signing of one document.
#[derive(Debug, Clone)]
pub struct SignRequest<'a> {
    /// What the signature means and draws.
    pub act: Act,
    /// The signer's certificate, DER.
    pub certificate: &'a [u8],
    /// Certificates put beside it in the signature, DER, without the signer's own. The root is not needed.
    pub chain: &'a [Vec<u8>],
    /// The signer's key.
    pub algorithm: KeyAlgorithm,
    /// The claimed signing time, written as `/M` in Vietnam's time zone.
    pub time: OffsetDateTime,
    /// Keep room for a time-stamp token over the signature value.
    pub timestamp: bool,
    /// What the signature dictionary says in words.
    pub words: Words,
}

/// The texts of a signature dictionary (ISO 32000-1, table 252). They are claims, not proofs.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// `/Name`: the signer; empty leaves it out.
    pub name: String,
    /// `/Reason`: why, in the office's words; empty leaves it out.
    pub reason: String,
    /// `/Location`: where; empty leaves it out.
    pub location: String,
}

/// The acts officials know.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one act at a time")]
pub enum Act {
    /// *Ký duyệt*: the competent person signs, certifies and prepares the later acts.
    Approve(Approve),
    /// *Ký phát hành*: number, date and seal in one revision.
    Issue(Issue),
    /// A signature on a fresh field of any document.
    Plain(Plain),
}

/// *Ký duyệt*: the first signature, which certifies with DocMDP P=2 and creates the fields of the later acts.
#[derive(Debug, Clone)]
pub struct Approve {
    /// The picture of the competent person's signature.
    pub image: Image,
    /// Where it is drawn: centred, in its own proportions.
    pub place: Place,
    /// The fields that issuing will fill; `None` certifies without preparing anything.
    pub fields: Option<IssueFields>,
}

/// The empty fields an approval prepares.
#[derive(Debug, Clone)]
pub struct IssueFields {
    /// *Số*: the blank before the code notation.
    pub number: TextPlace,
    /// *Ngày*; `None` where the draft has it typed.
    pub day: Option<TextPlace>,
    /// *Tháng*; `None` where the draft has it typed.
    pub month: Option<TextPlace>,
    /// The agency's seal. [`seal_place`](crate::seal_place) gives the lawful one.
    pub seal: Place,
    /// *Dấu đến*: the receiver's stamp.
    pub incoming: Option<Place>,
}

/// *Ký phát hành*: fills the prepared fields and signs the seal's, all in one revision.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The number, as it is written: "77", "05".
    pub number: String,
    /// The day in two digits; must be given if the field was prepared.
    pub day: String,
    /// The month in two digits or as written; must be given if the field was prepared.
    pub month: String,
    /// The picture of the seal.
    pub seal: Image,
}

/// A signature on a fresh field.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// Where and what to draw; `None` signs invisibly on the first page.
    pub appearance: Option<(Place, Image)>,
}

/// A rectangle of a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Zero-based page number.
    pub page: usize,
    /// In the page's default user space: points, y up, unrotated.
    pub rect: Rect,
}

/// A blank for text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextPlace {
    /// The blank. Its width is kept; its height only when there is no baseline.
    pub place: Place,
    /// The line the neighbouring text stands on, as y in user space. `None` centres the text in the blank.
    pub baseline: Option<f64>,
    /// Size and slant of the neighbouring text.
    pub style: TextStyle,
}

/// How filled text looks; it is always black Liberation Serif (Decree 30/2020, Annex I).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextStyle {
    /// In points.
    pub size: f64,
    /// Italic, as date lines are.
    pub italic: bool,
}

impl TextStyle {
    /// "Số:", 13 points upright (Decree 30/2020, Annex I, II.3).
    pub const NUMBER: Self = Self {
        size: 13.0,
        italic: false,
    };
    /// The date line, 13 points italic (Decree 30/2020, Annex I, II.4: 13–14).
    pub const DATE: Self = Self {
        size: 13.0,
        italic: true,
    };
}

//! What is asked of a signing: the act, its places and its texts. Plain data.

use antin_cades::KeyAlgorithm;
use antin_pdf::Rect;
use time::OffsetDateTime;

use crate::{Image, report::ActKind};

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
pub enum Act {
    /// *Ký duyệt*: the competent person signs, certifies and prepares the later acts.
    Approve(Approve),
    /// *Ký phát hành*: number, date and seal in one revision.
    Issue(Issue),
    /// *Số, ngày* of a letter that nobody prepared: a signature of their own, before [`Act::Seal`].
    Number(Number),
    /// *Đóng dấu* of a letter that nobody prepared.
    Seal(Seal),
    /// *Ký phụ lục*: the agency signs an appendix in a file of its own.
    Appendix(Appendix),
    /// *Ký bản sao*: the agency signs an electronic copy.
    Copy(CertifiedCopy),
    /// *Dấu đến*: the receiver stamps what came in.
    Incoming(Incoming),
    /// *Ký nháy, ý kiến*: a small initial, or a comment in words.
    Initial(Initial),
    /// A signature on a fresh field of any document.
    Plain(Plain),
}

impl Act {
    /// Which act it is, as a report names it.
    #[must_use]
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::Approve(_) => ActKind::Approve,
            Self::Issue(_) | Self::Seal(_) => ActKind::Issue,
            Self::Number(_) => ActKind::Number,
            Self::Appendix(_) => ActKind::Appendix,
            Self::Copy(_) => ActKind::Copy,
            Self::Incoming(_) => ActKind::Incoming,
            Self::Initial(Initial {
                mark: Mark::Picture(_),
                ..
            }) => ActKind::Initial,
            Self::Initial(_) => ActKind::Comment,
            Self::Plain(_) => ActKind::Plain,
        }
    }
}

/// *Ký duyệt*. As the first signature it certifies with DocMDP P=2 and creates the fields of the later acts; after an
/// initial that has prepared them it signs the field kept for it, in that field's place.
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

/// *Số, ngày* in a letter signed elsewhere, which has no fields for them. A new text field would be a forbidden change for
/// every validator, a new signature is none: so both are drawn in the place of one signature.
#[derive(Debug, Clone)]
pub struct Number {
    /// The texts with their blanks, all on one page: number, day, month. What the letter has typed is left out.
    pub texts: Vec<(String, TextPlace)>,
    /// What to do where validators differ.
    pub disputed: Disputed,
}

/// *Đóng dấu* on a letter signed elsewhere: in the field somebody kept there, else in a new one.
#[derive(Debug, Clone)]
pub struct Seal {
    /// The picture of the seal.
    pub image: Image,
    /// Where; [`seal_place`](crate::seal_place) gives the lawful one.
    pub place: Place,
    /// What to do where validators differ.
    pub disputed: Disputed,
}

/// A certification with P=2 or 3 permits signing. Whether that includes a new field with a drawing is disputed
/// (pdf-association/pdf-issues#735): the Cipher Committee's tools do it, this crate accepts it and says so, Acrobat accepts
/// it, pyHanko calls the certification broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disputed {
    /// Write only what every validator accepts.
    #[default]
    Refuse,
    /// Draw all the same.
    Draw,
}

/// *Ký phụ lục*: no image; number and notation and the signing time, top right on the first page (Decree 30/2020,
/// Annex I, II.8.b and III.1.d). An appendix in the letter's own file is not signed.
#[derive(Debug, Clone)]
pub struct Appendix {
    /// *Số và ký hiệu* of the letter it belongs to: "77/2014/CT-UBND".
    pub code: String,
}

/// *Ký bản sao*: no image; form of the copy, agency and signing time, top right on the first page (Annex I, part two, I.3).
#[derive(Debug, Clone)]
pub struct CertifiedCopy {
    /// The form.
    pub form: CopyForm,
    /// What was copied.
    pub source: CopySource,
    /// The agency that makes the copy.
    pub agency: String,
}

/// The forms of copies (Decree 30/2020, Art. 3.10–3.12, 25).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyForm {
    /// *Sao y* (SY): all of an original.
    Full,
    /// *Sao lục* (SL): all of a *sao y*.
    OfCopy,
    /// *Trích sao* (TrS): a part of an original.
    Extract,
}

/// What an electronic copy is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopySource {
    /// An original on paper, digitised.
    Paper,
    /// A *sao y* on paper, digitised.
    PaperCopy,
    /// An electronic original.
    Electronic,
}

impl CopyForm {
    /// As it is written on the copy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "Sao y",
            Self::OfCopy => "Sao lục",
            Self::Extract => "Trích sao",
        }
    }

    /// Whether this form may be made of this source as an electronic file. There is no *sao y* and no *sao lục* of an
    /// electronic document: the document itself is sent on (Decree 30/2020, Art. 25).
    #[must_use]
    pub const fn may_be_made_of(self, source: CopySource) -> bool {
        matches!(
            (self, source),
            (Self::Full, CopySource::Paper)
                | (Self::OfCopy, CopySource::PaperCopy)
                | (Self::Extract, CopySource::Paper | CopySource::Electronic)
        )
    }
}

/// *Dấu đến*, 35 × 50 mm, red (Decree 30/2020, Annex IV). In a certified letter without a field for it the signature
/// is invisible and only its [`Words`] tell the number: a new drawing would break the certification.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The receiving agency.
    pub agency: String,
    /// *Số đến*.
    pub number: String,
    /// *Ngày đến*, as it is written: "26/12/2014".
    pub day: String,
    /// *Chuyển*: to whom it goes; may be empty.
    pub forwarded: String,
    /// *Số và ký hiệu hồ sơ*; may be empty.
    pub dossier: String,
    /// Where to draw it when no field was prepared and the letter allows a new one; `None` takes the top left corner.
    pub place: Option<Place>,
}

/// *Ký nháy* or *ý kiến*. As the first signature of a draft it certifies with DocMDP P=2 and prepares the later acts.
#[derive(Debug, Clone)]
pub struct Initial {
    /// What is drawn.
    pub mark: Mark,
    /// Where; a prepared field's own place goes before it. `None`, or a certification that forbids a new drawing, signs
    /// invisibly.
    pub place: Option<Place>,
    /// What to prepare if this is the first signature; `None` certifies nothing.
    pub later: Option<Later>,
}

/// What an initial or comment looks like.
#[derive(Debug, Clone)]
pub enum Mark {
    /// The initial: 15 to 30 points in practice.
    Picture(Image),
    /// A comment in black upright text, as large as fits between 8 and 13 points.
    Comment(String),
}

/// The acts that will follow an initial.
#[derive(Debug, Clone)]
pub struct Later {
    /// Where the competent person will sign.
    pub leader: Place,
    /// The fields that issuing will fill.
    pub fields: Option<IssueFields>,
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

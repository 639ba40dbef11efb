//! Why a document could not be signed. Each variant carries the facts; the words are the caller's.

/// Why a document could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document could not be read or updated.
    #[error(transparent)]
    Pdf(#[from] antin_pdf::Error),
    /// The signer's certificate or a certificate of its chain could not be read, or lacks what signing needs.
    #[error(transparent)]
    Certificate(#[from] antin_pkix::Error),
    /// The signed attributes or the SignedData could not be built.
    #[error(transparent)]
    Cades(#[from] antin_cades::Error),
    /// The bytes hashed are not those of the document that was shown.
    #[error("the document has {expected} bytes, {found} were read to be signed")]
    ChangedOnDisk {
        /// Length of the document when it was opened.
        expected: u64,
        /// Length read while hashing.
        found: u64,
    },
    /// The bytes to be signed could not be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// An XFA form is drawn by a program inside the document, not from its pages (ISO 32000-1, 12.7.8).
    #[error("the document is an XFA form")]
    XfaForm,
    /// A certification must be the document's first signature (ISO 32000-1, 12.8.2.2).
    #[error("the document is already signed in field {field}")]
    AlreadySigned {
        /// The first signed field.
        field: String,
    },
    /// The certification forbids every change, a further signature included (DocMDP P=1).
    #[error("the certification in the document forbids every change")]
    Locked,
    /// The document is encrypted, and its owner does not allow those who open it without the owner password to fill in or
    /// create the field that signing needs (ISO 32000-2, Table 22).
    #[error("the owner of the encrypted document does not allow it to be signed")]
    OwnerForbids,
    /// Earlier signatures admit a further one only where nothing new is drawn (DocMDP P=2 or 3 without a prepared field).
    #[error("earlier signatures admit only an invisible new signature")]
    OnlyInvisible,
    /// This form of copy cannot be made of this source (Decree 30/2020, Art. 25).
    #[error("no electronic copy of form {form:?} of {source_kind:?}")]
    CopyForbidden {
        /// The form asked for.
        form: crate::CopyForm,
        /// What was to be copied.
        source_kind: crate::CopySource,
    },
    /// A signed file is an electronic original, and a copy of it would be no original any more.
    #[error("the file to be certified as a copy is signed in field {field}")]
    CopyOfSigned {
        /// The first signed field.
        field: String,
    },
    /// A digitised copy is PDF 1.4 or later (Decree 30/2020, Annex I, part two, I.3).
    #[error("the digitised copy is PDF {version}, older than 1.4")]
    CopyTooOld {
        /// The header's version.
        version: String,
    },
    /// The document was not prepared for issuing: a field the act fills does not exist.
    #[error("the document has no prepared field {field}")]
    FieldMissing {
        /// The missing field.
        field: String,
    },
    /// The leader's signature field is still empty, and a seal needs the leader's signature (Decree 30/2020, Art. 32.2d).
    #[error("the signature field {field} of the competent person is empty")]
    NotApproved {
        /// The leader's signature field.
        field: String,
    },
    /// A prepared field is already filled: the letter has been issued.
    #[error("the prepared field {field} is already filled")]
    AlreadyFilled {
        /// The filled field.
        field: String,
    },
    /// A text does not fit in its field.
    #[error("{text:?} needs {needed:.1} pt in field {field}, which has {available:.1} pt")]
    TextTooWide {
        /// The field.
        field: String,
        /// The text.
        text: String,
        /// Width of the text at its size.
        needed: f64,
        /// Width of the field.
        available: f64,
    },
    /// A text has more lines than its field.
    #[error("{text:?} does not fit into the {height:.1} pt of field {field}")]
    TextTooLong {
        /// The field.
        field: String,
        /// The text.
        text: String,
        /// Height of the field.
        height: f64,
    },
    /// A text that must be written is empty.
    #[error("no text for field {field}")]
    TextMissing {
        /// The field.
        field: String,
    },
    /// The fonts of the program have no glyph for a character.
    #[error("no glyph for {character:?}")]
    NoGlyph {
        /// The character, after NFC.
        character: char,
    },
    /// A place lies outside its page, is empty, or its page does not exist.
    #[error("the place on page {page} is empty or outside the page")]
    PlaceOutside {
        /// Zero-based page number.
        page: usize,
    },
    /// An image is not a readable PNG.
    #[error("the image is not a readable PNG")]
    ImageUnreadable,
    /// An image is larger than allowed.
    #[error("the image has {bytes} bytes and {pixels} pixels")]
    ImageTooBig {
        /// Size of the PNG.
        bytes: usize,
        /// Its pixels, 0 if not counted.
        pixels: u64,
    },
    /// The program's own fonts could not be read or cut.
    #[error("the embedded font could not be used")]
    Font,
    /// The signature value does not verify under the certificate the request named.
    #[error("the signature does not belong to the certificate and the bytes to be signed")]
    SignatureMismatch,
    /// The finished SignedData is larger than the hole kept for it.
    #[error("the SignedData has {needed} bytes, the hole {room}")]
    HoleTooSmall {
        /// Bytes needed.
        needed: usize,
        /// Bytes kept.
        room: usize,
    },
    /// Something was appended after the signature: its hole may be covered.
    #[error("the document was continued after the signature in field {field}")]
    LaterRevision {
        /// The signature's field.
        field: String,
    },
    /// A structure of the document is not what ISO 32000 says: it cannot be updated without guessing.
    #[error("the document's {what} is not usable")]
    Malformed {
        /// The structure.
        what: &'static str,
    },
}

//! Receipts, manifests, status messages, codes: what another office or the province sends.

use antin_records::{
    AgencyId, CodeNotation, DispatchManifest, DocumentCode, ReceiptStatement, Secrecy,
    StatusMessage,
};

/// One input through every reader of the records.
pub fn receipt(data: &[u8]) {
    if let Ok(statement) = ReceiptStatement::parse(data) {
        let bytes = statement.to_bytes();
        assert!(bytes.is_ok(), "what is read can be written: {bytes:?}");
        let again = bytes.ok().map(|bytes| ReceiptStatement::parse(&bytes));
        assert_eq!(again, Some(Ok(statement)), "and reads back");
    }
    if let Ok(manifest) = DispatchManifest::parse(data) {
        let frozen = manifest.freeze();
        assert!(frozen.is_ok(), "what is read can be frozen: {frozen:?}");
        let again = frozen
            .ok()
            .map(|frozen| DispatchManifest::parse(&frozen.bytes));
        assert_eq!(again, Some(Ok(manifest)), "and reads back");
    }
    if let Ok(message) = StatusMessage::parse(data) {
        let frozen = message.freeze();
        assert!(frozen.is_ok(), "what is read can be frozen: {frozen:?}");
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(code) = text.parse::<DocumentCode>() {
        let printed = code.to_string();
        assert_eq!(printed.parse(), Ok(code), "{printed} reads back");
    }
    if let Ok(notation) = text.parse::<CodeNotation>() {
        let printed = notation.to_string();
        assert_eq!(printed.parse(), Ok(notation), "{printed} reads back");
    }
    let _ = CodeNotation::parse_blank(text);
    if let Ok(id) = text.parse::<AgencyId>() {
        let _ = (id.form(), id.level_one());
    }
    let _ = Secrecy::of_line(text);
    let _ = antin_records::text::fold(text);
}

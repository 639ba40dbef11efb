//! The office, its people and devices, and the letters on their desks.

use antin_ops::message::Language;
use serde::{Deserialize, Serialize};

use super::{DispatchItem, DocumentRef, SignatureCard};
use crate::choices::Theme;

/// Whose desk this is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Office {
    /// Name of the agency.
    pub(crate) agency: String,
    /// Its code in the directory.
    pub(crate) agency_id: String,
    /// Who works here.
    pub(crate) people: Vec<Person>,
    /// The current language.
    pub(crate) language: Language,
    /// Light or dark, as chosen.
    pub(crate) theme: Theme,
    /// A file named on the command line, to be looked at first.
    pub(crate) opened: Option<String>,
    /// When the province's system was last heard.
    pub(crate) server: ServerState,
}

/// Someone at the desk.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    /// `leader` or `clerk`.
    pub(crate) role: String,
    /// Full name.
    pub(crate) name: String,
    /// Position.
    pub(crate) title: String,
}

/// The province's system as last seen.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerState {
    /// `synced`, `offline` or `never`.
    pub(crate) state: String,
    /// When that was found.
    pub(crate) at: Option<String>,
}

/// A list of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Room {
    /// Waiting for the leader's signature.
    Waiting,
    /// Signed: to be issued, dispatched, followed.
    Outgoing,
}

/// A letter in a list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LetterItem {
    /// Its identity.
    pub(crate) id: String,
    /// Name of the document type, for example `Chỉ thị`.
    pub(crate) type_name: String,
    /// `normal`, `khan`, `thuong-khan` or `hoa-toc`.
    pub(crate) urgency: String,
    /// Trích yếu.
    pub(crate) subject: String,
    /// Who drafted it.
    pub(crate) source: String,
    /// When it came to this list.
    pub(crate) at: String,
    /// `waiting`, `signed`, `issued`, `queued`, `sending`, `unknown`, `blocked`, `sent` or `done`.
    pub(crate) state: String,
    /// Number and code notation; an ellipsis stands for the number that is not given yet.
    pub(crate) notation: String,
    /// Count of pages.
    pub(crate) pages: usize,
}

/// A letter, opened.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letter {
    /// As in the list.
    #[serde(flatten)]
    pub(crate) item: LetterItem,
    /// The pages.
    pub(crate) document: DocumentRef,
    /// Where signature, number, date and seal belong.
    pub(crate) places: Vec<Place>,
    /// The signatures it already carries, judged.
    pub(crate) signatures: Vec<SignatureCard>,
    /// The recipients its own text names.
    pub(crate) recipients_found: Vec<String>,
    /// Whose signature comes next.
    pub(crate) signer: Option<Person>,
    /// What must be said about the drawn pages.
    pub(crate) notices: Vec<String>,
    /// How its dispatch fares.
    pub(crate) dispatch: Option<DispatchItem>,
}

/// A place found on a page.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    /// `leader`, `number`, `day`, `month` or `seal`.
    pub(crate) kind: String,
    /// Index of the page, from 0.
    pub(crate) page: usize,
    /// Left, bottom, right, top in points of the page, y upwards.
    pub(crate) rect: [f64; 4],
    /// What is or will be written there.
    pub(crate) text: Option<String>,
    /// The picture that will be put there, opened like a document of one page.
    pub(crate) image: Option<DocumentRef>,
}

/// What the USB token of a role says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenStatus {
    /// `ready`, `absent`, `no-certificate`, `no-driver` or `locked`.
    pub(crate) state: String,
    /// The token's own label.
    pub(crate) label: Option<String>,
    /// At least one wrong PIN since the last right one.
    pub(crate) count_low: bool,
    /// The next wrong PIN locks the token.
    pub(crate) final_try: bool,
    /// The PIN is typed on the device.
    pub(crate) pin_pad: bool,
    /// Common name in the certificate.
    pub(crate) subject: Option<String>,
    /// End of the certificate's validity.
    pub(crate) not_after: Option<String>,
    /// What to do when it is not ready.
    pub(crate) advice: Option<String>,
}

/// An agency of the province's directory.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agency {
    /// Its code.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// The agency above it.
    pub(crate) parent: Option<String>,
}

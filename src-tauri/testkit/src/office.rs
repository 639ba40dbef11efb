//! The demo office's tokens: whose they are, and the PINs its viewers are told.

use std::path::Path;

use crate::pki::{Pki, Role};
use crate::{Error, SoftHsm};

/// A token of the demo office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoToken {
    /// Its label.
    pub label: &'static str,
    /// Its PIN, known to everyone who runs the demo.
    pub pin: &'static str,
    /// Whose certificate it holds.
    pub role: Role,
    /// The `CKA_ID` of certificate and key.
    pub id: &'static [u8],
}

/// The leader's token.
pub const LEADER: DemoToken = DemoToken {
    label: "Phan Ngọc Thọ",
    pin: "12345678",
    role: Role::Official,
    id: &[1],
};

/// The clerk's token, which holds the agency's seal.
pub const CLERK: DemoToken = DemoToken {
    label: "Dấu UBND tỉnh",
    pin: "87654321",
    role: Role::Seal,
    id: &[2],
};

/// The security officer's PIN of both.
const SO_PIN: &str = "00000000";

/// Sets up both tokens in a folder, with the certificates of a PKI.
///
/// # Errors
/// [`Error::NotInstalled`], [`Error::Tool`], [`Error::File`].
pub fn create_tokens(dir: &Path, pki: &Pki) -> Result<SoftHsm, Error> {
    let hsm = SoftHsm::create(dir)?;
    for token in [LEADER, CLERK] {
        hsm.init_token(token.label, SO_PIN, token.pin)?;
        hsm.import(token.label, token.pin, pki.leaf(token.role)?, token.id)?;
    }
    Ok(hsm)
}

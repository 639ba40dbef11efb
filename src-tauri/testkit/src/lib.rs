//! Real parts for tests and the demo: nothing here is shipped, nothing here is a mock.
//!
//! - [`pki`]: a look-alike of the Government Cipher Committee's PKI, made anew in a folder.
//! - [`softhsm`]: PKCS#11 tokens in software.
//! - [`fault`]: PKCS#11 tokens that fail as a script says.
//! - [`responder`]: one small server for CRLs, CA certificates, OCSP and time-stamps, which can be slow or off.
//! - [`office`]: the demo office's tokens, with the PINs the demo tells its viewers.
//! - [`process`]: child processes that end with their parent.
//! - [`world`]: all of these together, with the province and four offices.
//! - [`webdriver`]: the desktop's window under test.
//!
//! What it deliberately does not do: it judges nothing. Whether a certificate, a time-stamp or a signature is right is
//! for the crates under test and for outside judges (OpenSSL, pyHanko). Its keys protect nothing, and say so by name.

mod error;
pub mod fault;
pub mod key;
pub mod office;
pub mod pki;
pub mod process;
pub mod responder;
pub mod softhsm;
#[cfg(unix)]
pub mod webdriver;
pub mod world;

pub use error::Error;
pub use fault::FaultModule;
pub use key::KeyKind;
pub use pki::{Pki, Role};
pub use responder::Responder;
pub use softhsm::SoftHsm;

//! Letters signed by this crate and judged by others.

mod judges;
mod letter;
mod pki;

mod acts;
mod inputs;
mod refusals;

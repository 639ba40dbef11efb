//! RFC 3161 over HTTP: the authorities are asked in turn.

use crate::{
    error::{Code, Error, Result},
    fetch::{self, Request, TIMESTAMP_BYTES},
    trust::Trust,
};
use std::time::Duration;

/// exchange.md §6.2: two authorities, ten seconds each; the signer does not wait longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A time-stamp token over a signature value.
///
/// # Errors
/// [`Code::TimestampUnavailable`] with the last authority's failure.
pub(crate) fn fetch(authorities: &[String], signature: &[u8], trust: &Trust) -> Result<Vec<u8>> {
    let mut last = Error::new(Code::TimestampUnavailable).with("host", "");
    for authority in authorities {
        match ask(authority, signature, trust) {
            Ok(token) => return Ok(token),
            Err(error) => {
                last = Error::caused(Code::TimestampUnavailable, error).with("host", authority)
            }
        }
    }
    Err(last)
}

fn ask(authority: &str, signature: &[u8], trust: &Trust) -> Result<Vec<u8>> {
    let nonce = nonce();
    let body = antin_cades::timestamp_request(signature, nonce);
    let answer = fetch::fetch(&Request {
        url: authority,
        body: Some((&body, "application/timestamp-query")),
        cap: TIMESTAMP_BYTES,
        timeout: PATIENCE,
        allowed_hosts: trust.allowed_hosts(),
    })?;
    let token = antin_cades::accept_timestamp(&answer, signature, nonce).map_err(Error::unknown)?;
    Ok(token.der)
}

/// Sixty-four random bits.
fn nonce() -> u64 {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    // The version and variant bits of a UUID are fixed; mixing the halves leaves none.
    high ^ low.rotate_left(32)
}

//! Reading answers: with a limit, and only when they are the province's own.

use std::{io::Read, time::Duration};

use antin_records::contract::{JSON, PROBLEM, ProblemDetails, RECEIPT};
use reqwest::{
    blocking::Response,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde::de::DeserializeOwned;

use crate::Failure;

/// Largest JSON read: a page of [`antin_records::contract::PAGE_LIMIT`] changes whose manifests are of ordinary length.
const JSON_LIMIT: u64 = 64 << 20;
/// Largest problem read.
const PROBLEM_LIMIT: u64 = 64 << 10;
/// Largest receipt read: its statement with the certificates of the province.
const RECEIPT_LIMIT: u64 = 256 << 10;
/// Longest wait a server may impose, so that a wrong header does not stop an office for a year.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Turns an error status into a failure.
pub(crate) fn accepted(response: Response, writing: bool) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let retry_after = header(&response, RETRY_AFTER.as_str())
        .and_then(|seconds| seconds.trim().parse().ok())
        .map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
    let problem = media_type(&response)
        .is_some_and(|kind| kind == PROBLEM)
        .then(|| read(response, PROBLEM_LIMIT, writing).ok())
        .flatten()
        .and_then(|body| serde_json::from_slice::<ProblemDetails>(&body).ok())
        .filter(|problem| problem.status == status.as_u16());
    Err(Failure::answered(
        status.as_u16(),
        problem,
        retry_after,
        writing,
    ))
}

/// Reads a JSON body.
pub(crate) fn json<T: DeserializeOwned>(response: Response, writing: bool) -> Result<T, Failure> {
    let status = expect(&response, JSON, writing)?;
    let body = read(response, JSON_LIMIT, writing)?;
    serde_json::from_slice(&body)
        .map_err(|error| Failure::not_genuine(status, writing, error.to_string()))
}

/// Reads a receipt: the right media type, and a DER sequence at least. Its signature is checked elsewhere.
pub(crate) fn receipt(response: Response, writing: bool) -> Result<Vec<u8>, Failure> {
    let status = expect(&response, RECEIPT, writing)?;
    let body = read(response, RECEIPT_LIMIT, writing)?;
    if body.first() == Some(&0x30) {
        Ok(body)
    } else {
        Err(Failure::not_genuine(status, writing, "no DER sequence"))
    }
}

/// A header as text.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

fn expect(response: &Response, wanted: &str, writing: bool) -> Result<u16, Failure> {
    let status = response.status().as_u16();
    match media_type(response) {
        Some(kind) if kind == wanted => Ok(status),
        other => Err(Failure::not_genuine(
            status,
            writing,
            format!("media type {other:?} instead of {wanted}"),
        )),
    }
}

fn media_type(response: &Response) -> Option<String> {
    let value = header(response, CONTENT_TYPE.as_str())?;
    Some(
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase(),
    )
}

fn read(response: Response, limit: u64, writing: bool) -> Result<Vec<u8>, Failure> {
    let status = response.status().as_u16();
    let announced = response.content_length();
    let mut body = Vec::new();
    let outcome = response
        .take(limit.saturating_add(1))
        .read_to_end(&mut body);
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    match outcome {
        Err(error) => Err(Failure::not_genuine(status, writing, error.to_string())),
        Ok(_) if length > limit => Err(Failure::not_genuine(
            status,
            writing,
            format!("more than {limit} bytes"),
        )),
        Ok(_) if announced.is_some_and(|announced| announced != length) => Err(
            Failure::not_genuine(status, writing, "the body is cut short"),
        ),
        Ok(_) => Ok(body),
    }
}

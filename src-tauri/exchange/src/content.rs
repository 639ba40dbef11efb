//! Files by their digest: upload that resumes, download that is checked by whoever keeps it.

use std::{
    io::{self, Read, Seek, SeekFrom},
    time::Duration,
};

use antin_records::{
    Sha256Digest,
    contract::{
        CONTENT_DIGEST, PARTIAL_UPLOAD, ProblemKind, REPR_DIGEST, UPLOAD_COMPLETE, UPLOAD_LENGTH,
        UPLOAD_OFFSET, digest_field, read_digest_field,
    },
};
use reqwest::{Method, blocking::Response, header::CONTENT_TYPE};

use crate::{Client, Failure, answer};

/// Size of one part. On a line of 256 kbit/s it takes eight seconds, and that is what a cut costs.
const PART: u64 = 256 << 10;
/// How often the server may name another offset than we expect before we give up for now.
const REALIGNMENTS: usize = 3;
/// Slowest line a download is waited for.
const SLOWEST_BYTES_PER_SECOND: u64 = 4 << 10;

/// Where an upload stands, as the province says.
struct Progress {
    offset: u64,
    complete: bool,
}

impl Client {
    /// Brings a file to the province, from where an earlier attempt was cut. `progress` is told how many bytes are there.
    /// On success the province has named our digest for the whole.
    pub fn upload(
        &self,
        digest: Sha256Digest,
        size: u64,
        source: &mut (impl Read + Seek),
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), Failure> {
        let name = digest.to_string();
        let create = self
            .request(Method::PUT, &["contents", &name])
            .header(UPLOAD_LENGTH, size)
            .header(UPLOAD_COMPLETE, "?0");
        let mut at = stand(&self.send(create, false)?, digest)?;
        let mut realignments = 0;
        while !at.complete {
            progress(at.offset);
            let part = part(source, at.offset, size).map_err(|error| Failure::source(&error))?;
            match self.append(digest, at.offset, size, part) {
                Ok(next) => at = next,
                Err(failure)
                    if failure.code == ProblemKind::MismatchingOffset.code()
                        && realignments < REALIGNMENTS =>
                {
                    realignments += 1;
                    at = stand(
                        &self.send(self.request(Method::HEAD, &["contents", &name]), false)?,
                        digest,
                    )?;
                }
                Err(failure) => return Err(failure),
            }
        }
        progress(size);
        Ok(())
    }

    /// Opens a file at the province for reading. Whoever keeps it checks digest and size.
    pub fn content(&self, digest: Sha256Digest, size: u64) -> Result<ContentReader, Failure> {
        let patience = Duration::from_secs(60_u64.saturating_add(size / SLOWEST_BYTES_PER_SECOND));
        let builder = self
            .request(Method::GET, &["contents", &digest.to_string()])
            .timeout(patience);
        let response = self.send(builder, false)?;
        let named = answer::header(&response, REPR_DIGEST).and_then(read_digest_field);
        if named == Some(digest) {
            Ok(ContentReader {
                body: response.take(size.saturating_add(1)),
            })
        } else {
            Err(Failure::not_genuine(
                response.status().as_u16(),
                false,
                "no digest, or another",
            ))
        }
    }

    fn append(
        &self,
        digest: Sha256Digest,
        offset: u64,
        size: u64,
        part: Vec<u8>,
    ) -> Result<Progress, Failure> {
        let end = offset.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        let builder = self
            .request(Method::PATCH, &["contents", &digest.to_string()])
            .header(CONTENT_TYPE, PARTIAL_UPLOAD)
            .header(UPLOAD_OFFSET, offset)
            .header(UPLOAD_COMPLETE, if end >= size { "?1" } else { "?0" })
            .header(CONTENT_DIGEST, digest_field(Sha256Digest::of(&part)))
            .body(part);
        let response = self.send(builder, false)?;
        let next = stand(&response, digest)?;
        if next.offset <= offset && !next.complete {
            return Err(Failure::not_genuine(
                response.status().as_u16(),
                false,
                "the upload does not advance",
            ));
        }
        Ok(next)
    }
}

/// The next part. Nothing is left where the province died between the last byte and its word for the whole: then an empty
/// part asks for that word.
fn part(source: &mut (impl Read + Seek), offset: u64, size: u64) -> io::Result<Vec<u8>> {
    source.seek(SeekFrom::Start(offset))?;
    let wanted = PART.min(size.saturating_sub(offset));
    let mut part = Vec::new();
    source.take(wanted).read_to_end(&mut part)?;
    if u64::try_from(part.len()).ok() == Some(wanted) && offset <= size {
        Ok(part)
    } else {
        Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the file is shorter than announced",
        ))
    }
}

/// Reads offset and completeness; without them, or complete without our digest, the answer is not the province's.
fn stand(response: &Response, digest: Sha256Digest) -> Result<Progress, Failure> {
    let foreign = |what: &str| {
        Err(Failure::not_genuine(
            response.status().as_u16(),
            false,
            what,
        ))
    };
    let offset = answer::header(response, UPLOAD_OFFSET).and_then(|text| text.parse().ok());
    let complete = answer::header(response, UPLOAD_COMPLETE).and_then(|text| match text {
        "?1" => Some(true),
        "?0" => Some(false),
        _ => None,
    });
    let (Some(offset), Some(complete)) = (offset, complete) else {
        return foreign("no upload headers");
    };
    let named = answer::header(response, REPR_DIGEST).and_then(read_digest_field);
    if complete && named != Some(digest) {
        return foreign("complete without our digest");
    }
    Ok(Progress { offset, complete })
}

/// A file on its way from the province.
#[derive(Debug)]
pub struct ContentReader {
    body: io::Take<Response>,
}

impl Read for ContentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer)
    }
}

use std::io::{Cursor, Error, Read, Seek, SeekFrom};

use antin_exchange::Class;
use antin_records::Sha256Digest;

use super::fixture::{client, start, upload};

/// A file that fails once it has been read so far, like a line that is cut.
struct Cut<'a> {
    file: Cursor<&'a [u8]>,
    at: u64,
}

impl Read for Cut<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.file.position() >= self.at {
            Err(Error::other("cut"))
        } else {
            self.file.read(buffer)
        }
    }
}

impl Seek for Cut<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

fn large() -> Vec<u8> {
    (0..700_000u32)
        .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
        .collect()
}

/// The province dies after the last byte reached its disk and before it says so.
#[test]
fn an_upload_whose_last_byte_arrived_unsaid_ends() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let bytes = large();
    let (digest, size) = (Sha256Digest::of(&bytes), 700_000);
    let mut cut = Cut {
        file: Cursor::new(&bytes),
        at: 300_000,
    };
    client(&server, "H57")
        .upload(digest, size, &mut cut, &mut |_| {})
        .unwrap_err();
    drop(server);
    let arrived = dir.path().join("parts").join(format!("H57-{digest}"));
    assert_eq!(std::fs::metadata(&arrived).unwrap().len(), 256 << 10);
    std::fs::write(&arrived, &bytes).unwrap();

    let server = start(dir.path());
    let office = client(&server, "H57");
    let mut offsets = Vec::new();
    let mut told = |offset| offsets.push(offset);
    office
        .upload(digest, size, &mut Cursor::new(&bytes), &mut told)
        .unwrap();
    assert_eq!(offsets, [size, size], "nothing is sent again");
    let mut copy = Vec::new();
    let mut content = office.content(digest, size).unwrap();
    content.read_to_end(&mut copy).unwrap();
    assert_eq!(copy, bytes);
}

#[test]
fn an_upload_resumes_where_it_was_cut() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    let bytes = large();
    let (digest, size) = (Sha256Digest::of(&bytes), 700_000);
    let mut source = Cut {
        file: Cursor::new(&bytes),
        at: 300_000,
    };
    let failure = office
        .upload(digest, size, &mut source, &mut |_| {})
        .unwrap_err();
    assert_eq!(
        (failure.class, failure.code.as_str()),
        (Class::Transient, "source-unreadable")
    );

    drop(server);
    let server = start(dir.path());
    let office = client(&server, "H57");
    let mut offsets = Vec::new();
    office
        .upload(digest, size, &mut Cursor::new(&bytes), &mut |offset| {
            offsets.push(offset)
        })
        .unwrap();
    assert_eq!(
        offsets.first(),
        Some(&(256 << 10)),
        "what had arrived is not sent again, even by another server process"
    );
    assert_eq!(offsets.last(), Some(&size));

    let mut copy = Vec::new();
    office
        .content(digest, size)
        .unwrap()
        .read_to_end(&mut copy)
        .unwrap();
    assert_eq!(copy, bytes);
    let mut again = Vec::new();
    office
        .upload(digest, size, &mut Cursor::new(&bytes), &mut |offset| {
            again.push(offset)
        })
        .unwrap();
    assert_eq!(again, [size], "what is there is not sent again");
}

#[test]
fn a_content_is_what_its_name_says_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    let bytes = large();
    let other = Sha256Digest::of(b"other");
    let failure = office
        .upload(other, 700_000, &mut Cursor::new(&bytes), &mut |_| {})
        .unwrap_err();
    assert_eq!(failure.code, "digest-mismatch");
    assert_eq!(
        office.content(other, 700_000).unwrap_err().code,
        "not-found"
    );
    let mut offsets = Vec::new();
    office
        .upload(other, 700_000, &mut Cursor::new(&bytes), &mut |offset| {
            offsets.push(offset)
        })
        .unwrap_err();
    assert_eq!(offsets.first(), Some(&0), "the damaged upload begins again");
}

#[test]
fn contents_belong_to_those_who_sent_or_received_them() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let bytes = large();
    let digest = upload(&client(&server, "H57"), &bytes);
    let failure = client(&server, "H57.02")
        .content(digest, 700_000)
        .unwrap_err();
    assert_eq!(failure.code, "not-found", "not even that it exists");
    let mut offsets = Vec::new();
    let stranger = client(&server, "H57.02");
    stranger
        .upload(digest, 700_000, &mut Cursor::new(&bytes), &mut |offset| {
            offsets.push(offset)
        })
        .unwrap();
    assert_eq!(
        offsets.first(),
        Some(&0),
        "having the digest is not having the file"
    );
}

#[test]
fn a_file_shorter_than_announced_is_not_sent_as_whole() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let office = client(&server, "H57");
    let failure = office
        .upload(
            Sha256Digest::of(b"abc"),
            4,
            &mut Cursor::new(b"abc"),
            &mut |_| {},
        )
        .unwrap_err();
    assert_eq!(failure.code, "source-unreadable");
    let empty = office
        .upload(Sha256Digest::of(b""), 0, &mut Cursor::new(b""), &mut |_| {})
        .unwrap_err();
    assert_eq!(
        (empty.code.as_str(), empty.class),
        ("invalid-request", Class::Blocked)
    );
    let huge = office
        .upload(
            Sha256Digest::of(b""),
            1 << 40,
            &mut Cursor::new(b""),
            &mut |_| {},
        )
        .unwrap_err();
    assert_eq!(
        (huge.code.as_str(), huge.class),
        ("too-large", Class::Blocked)
    );
}

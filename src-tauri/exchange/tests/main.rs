//! What the client makes of answers, the province's and others': a server that says what each test wants it to say.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests, though clippy's own exception sees only the functions marked so"
)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use antin_exchange::{AccessToken, Class, Client, Failure, Settings};
use antin_records::{
    DispatchId, Sha256Digest,
    contract::{ProblemKind, digest_field},
};
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-24 08:00 UTC);

/// Answers every request on every connection with these bytes, then closes.
fn saying(answer: impl Into<Vec<u8>>) -> Client {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            read_request(&mut stream);
            let _ = stream.write_all(&answer);
        }
    });
    let access_token = AccessToken::new("secret").unwrap();
    Client::new(&Settings {
        address,
        access_token,
        allow_plain_http: false,
        roots: vec![],
    })
    .unwrap()
}

/// Reads head and body, so that closing does not cut the answer.
fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return;
            }
        }
        match stream.read(&mut buffer).unwrap() {
            0 => return,
            read => request.extend_from_slice(&buffer[..read]),
        }
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn problem(kind: ProblemKind, headers: &str) -> String {
    let body = serde_json::to_string(&kind.details(None)).unwrap();
    answer(
        &format!("{} x", kind.status()),
        &format!("content-type: application/problem+json\r\n{headers}"),
        &body,
    )
}

fn submit(client: &Client) -> Failure {
    client.submit(DispatchId::mint(NOW), b"{}").unwrap_err()
}

#[test]
fn what_is_not_the_provinces_answer_is_never_a_success_and_never_a_refusal() {
    let portal = "<html>Đăng nhập để dùng Wi-Fi</html>";
    let html = "content-type: text/html\r\n";
    let receipt = "content-type: application/vnd.antin.receipt+cms\r\n";
    let cases = [
        (
            "a portal's page",
            answer("200 OK", html, portal),
            Class::Unknown,
        ),
        (
            "a portal's redirect",
            answer("302 Found", "location: http://127.0.0.1:1/login\r\n", ""),
            Class::Transient,
        ),
        (
            "a portal's refusal",
            answer("403 Forbidden", html, portal),
            Class::Transient,
        ),
        (
            "a portal's demand",
            answer("401 Unauthorized", html, portal),
            Class::Transient,
        ),
        (
            "a portal's own network login",
            answer("511 Network Authentication Required", html, portal),
            Class::Unknown,
        ),
        ("an empty success", answer("200 OK", "", ""), Class::Unknown),
        (
            "a receipt's type on a page",
            answer("200 OK", receipt, portal),
            Class::Unknown,
        ),
        (
            "JSON for a receipt",
            answer("200 OK", "content-type: application/json\r\n", "{}"),
            Class::Unknown,
        ),
        (
            "a receipt cut short",
            format!("HTTP/1.1 201 Created\r\n{receipt}content-length: 900\r\n\r\n0"),
            Class::Unknown,
        ),
        (
            "a gateway's failure",
            answer("502 Bad Gateway", html, portal),
            Class::Unknown,
        ),
        (
            "a problem that lies about its status",
            answer(
                "403 x",
                "content-type: application/problem+json\r\n",
                &serde_json::to_string(&ProblemKind::NotFound.details(None)).unwrap(),
            ),
            Class::Transient,
        ),
        ("no HTTP at all", "SSH-2.0-x\r\n".to_owned(), Class::Unknown),
        ("nothing", String::new(), Class::Unknown),
    ];
    for (what, answer, class) in cases {
        let failure = submit(&saying(answer));
        assert_eq!(failure.class, class, "{what}: {failure:?}");
        assert!(
            failure.code.starts_with("network-"),
            "{what}: {}",
            failure.code
        );
    }
}

#[test]
fn the_provinces_refusals_are_told_apart() {
    let waiting = submit(&saying(problem(
        ProblemKind::Unavailable,
        "retry-after: 7\r\n",
    )));
    assert_eq!(
        (waiting.class, waiting.retry_after),
        (Class::Transient, Some(Duration::from_secs(7)))
    );
    let long = submit(&saying(problem(
        ProblemKind::Unavailable,
        "retry-after: 99999999999\r\n",
    )));
    assert_eq!(
        long.retry_after,
        Some(Duration::from_secs(24 * 60 * 60)),
        "no server stops an office for a year"
    );
    assert_eq!(
        submit(&saying(problem(ProblemKind::Internal, ""))).class,
        Class::Unknown,
        "it may have been done"
    );
    let refused = submit(&saying(problem(ProblemKind::InvalidAddressee, "")));
    assert_eq!(
        (refused.class, refused.code.as_str(), refused.http_status),
        (Class::Blocked, "invalid-addressee", Some(422))
    );
    assert_eq!(
        submit(&saying(problem(ProblemKind::Unauthenticated, ""))).class,
        Class::Auth
    );
    assert!(submit(&saying(problem(ProblemKind::ContentMissing, ""))).is_content_missing());
}

#[test]
fn absence_is_believed_only_from_the_province() {
    let absent = saying(problem(ProblemKind::NotFound, ""))
        .probe(DispatchId::mint(NOW))
        .unwrap();
    assert_eq!(absent, None);
    let foreign = saying(answer(
        "404 Not Found",
        "content-type: text/html\r\n",
        "nothing here",
    ))
    .probe(DispatchId::mint(NOW));
    assert_eq!(
        foreign.unwrap_err().class,
        Class::Transient,
        "a portal's 404 does not mean that the letter is not there"
    );
}

#[test]
fn nothing_listening_means_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let access_token = AccessToken::new("secret").unwrap();
    let client = Client::new(&Settings {
        address,
        access_token,
        allow_plain_http: false,
        roots: vec![],
    })
    .unwrap();
    let failure = submit(&client);
    assert_eq!(
        (failure.class, failure.code.as_str()),
        (Class::Transient, "network-unreachable")
    );
    assert!(!failure.detail.contains("secret"));
}

#[test]
fn an_upload_ends_only_with_the_digest_of_the_whole() {
    let digest = Sha256Digest::of(b"%PDF");
    let upload = |headers: String| {
        let client = saying(answer("200 OK", &headers, ""));
        client.upload(digest, 4, &mut std::io::Cursor::new(b"%PDF"), &mut |_| {})
    };
    let progress = |offset: u64, complete: &str| {
        format!("upload-offset: {offset}\r\nupload-complete: {complete}\r\n")
    };
    let foreign = upload("content-type: text/html\r\n".to_owned()).unwrap_err();
    assert_eq!(
        (foreign.class, foreign.code.as_str()),
        (Class::Transient, "network-not-genuine")
    );
    let stuck = upload(progress(0, "?0")).unwrap_err();
    assert_eq!(
        stuck.code, "network-not-genuine",
        "an upload that never advances is given up, not repeated for ever"
    );
    let beyond = upload(progress(9, "?0")).unwrap_err();
    assert_eq!(
        beyond.code, "source-unreadable",
        "the server wants more than there is"
    );
    let other = format!(
        "{}repr-digest: {}\r\n",
        progress(4, "?1"),
        digest_field(Sha256Digest::of(b"other"))
    );
    assert_eq!(
        upload(other).unwrap_err().code,
        "network-not-genuine",
        "complete, but something else"
    );
    upload(format!(
        "{}repr-digest: {}\r\n",
        progress(4, "?1"),
        digest_field(digest)
    ))
    .unwrap();
}

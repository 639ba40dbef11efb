use antin_exchange::{AccessToken, Class, Client, Settings};
use antin_records::contract::{PROBLEM, ProblemDetails};
use reqwest::Method;

use super::fixture::{credential, start};

#[test]
fn every_refusal_is_a_problem_of_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    // Whoever came first has chosen the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::blocking::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    let long = "x".repeat((1 << 20) + 1);
    let cases: [(Method, &str, bool, &str, &str); 10] = [
        (Method::GET, "agencies", false, "", "unauthenticated"),
        (Method::GET, "nowhere", true, "", "not-found"),
        (Method::DELETE, "agencies", true, "", "method-not-allowed"),
        (Method::PUT, "dispatches/x", true, "", "invalid-request"),
        (
            Method::PUT,
            "dispatches/019b0000-0000-7000-8000-000000000000",
            true,
            "{}",
            "invalid-request",
        ),
        (
            Method::PUT,
            "dispatches/019b0000-0000-7000-8000-000000000000",
            true,
            &long,
            "too-large",
        ),
        (
            Method::PUT,
            "numbers/019b0000-0000-7000-8000-000000000000",
            true,
            "[]",
            "invalid-request",
        ),
        (Method::PUT, "contents/00", true, "", "invalid-request"),
        (
            Method::POST,
            "inbox/019b0000-0000-7000-8000-000000000000/status",
            true,
            "{}",
            "precondition-required",
        ),
        (
            Method::GET,
            "inbox/changes?limit=x",
            true,
            "",
            "invalid-request",
        ),
    ];
    for (method, path, known, body, code) in cases {
        let mut request = http
            .request(
                method.clone(),
                format!("http://{}/v1/{path}", server.address()),
            )
            .body(body.to_owned());
        if known {
            request = request.bearer_auth(credential("H57"));
        }
        let response = request.send().unwrap();
        let status = response.status().as_u16();
        assert_eq!(
            response.headers()["content-type"],
            PROBLEM,
            "{method} {path}"
        );
        let problem: ProblemDetails = serde_json::from_slice(&response.bytes().unwrap()).unwrap();
        assert_eq!(
            (problem.code.as_str(), problem.status),
            (code, status),
            "{method} {path}"
        );
    }
}

#[test]
fn a_wrong_credential_asks_for_a_login_and_a_missing_server_for_patience() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let address = format!("http://{}", server.address());
    let settings = Settings {
        address,
        access_token: AccessToken::new("wrong").unwrap(),
        allow_plain_http: false,
        roots: vec![],
    };
    let office = Client::new(&settings).unwrap();
    assert_eq!(office.agencies().unwrap_err().class, Class::Auth);
    server.stop().unwrap();
    let failure = office.agencies().unwrap_err();
    assert_eq!(
        (failure.class, failure.code.as_str()),
        (Class::Transient, "network-unreachable")
    );
}

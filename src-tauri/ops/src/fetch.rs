//! Fetches evidence about certificates: CRLs, OCSP answers, time-stamps.
//!
//! The addresses come from certificates, which come from files of strangers: only http and https,
//! only public hosts unless the office allows one by name, no redirects, bounded size and time. [`round`] adds what holds
//! for a whole run: no host that was silent is asked again, and a person can stop it.

pub mod round;

use crate::error::{Code, Error, Result};
use reqwest::{
    Url,
    blocking::{Client, Response},
    redirect::Policy,
};
use std::{
    io::Read,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// A CRL of the province's scale is some hundred KiB; certval's default cap is 100 MB, an office needs less.
pub(crate) const CRL_BYTES: u64 = 32 << 20;
/// RFC 6960 answers are a few KiB (exchange.md §6.2).
pub(crate) const OCSP_BYTES: u64 = 1 << 20;
/// A token with its certificates is under 20 KiB.
pub(crate) const TIMESTAMP_BYTES: u64 = 1 << 20;

/// An issuer's certificate, or a few in PKCS#7; certval reads up to 4 MB, real ones are below 10 KiB.
pub(crate) const ISSUER_BYTES: u64 = 256 << 10;
/// Whoever answers at all and then drips is left after this, however long a read may wait.
const WHOLE: Duration = Duration::from_secs(180);

/// One request about evidence.
pub(crate) struct Request<'a> {
    pub(crate) url: &'a str,
    /// Body and its media type; a GET without.
    pub(crate) body: Option<(&'a [u8], &'static str)>,
    pub(crate) cap: u64,
    pub(crate) timeout: Duration,
    pub(crate) allowed_hosts: &'a [String],
}

/// Sends the request and returns the body of a 200 answer.
pub(crate) fn fetch(request: &Request<'_>) -> Result<Vec<u8>> {
    fetch_telling(request, &AtomicBool::new(false))
}

/// As [`fetch`]; `answering` becomes true with the first line of an answer.
pub(crate) fn fetch_telling(request: &Request<'_>, answering: &AtomicBool) -> Result<Vec<u8>> {
    let url = Url::parse(request.url).map_err(|e| failed(request.url, e))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    if !["http", "https"].contains(&url.scheme()) {
        return Err(forbidden(&host, "not http or https"));
    }
    let address = address(&url, &host, request.allowed_hosts)?;
    let client = client(&host, address, request.timeout).map_err(|e| failed(&host, e))?;
    let builder = match request.body {
        Some((body, media_type)) => client
            .post(url)
            .header("content-type", media_type)
            .body(body.to_vec()),
        None => client.get(url),
    };
    let answer = builder
        .send()
        .and_then(Response::error_for_status)
        .map_err(|e| failed(&host, e))?;
    answering.store(true, Ordering::Relaxed);
    read_capped(answer, request.cap).map_err(|e| failed(&host, e))
}

/// The hour by the clock of a host that the office itself names, from the head of whatever it answers.
pub(crate) fn hour(url: &str, timeout: Duration) -> Result<OffsetDateTime> {
    let parsed = Url::parse(url).map_err(|e| failed(url, e))?;
    let host = parsed.host_str().unwrap_or_default().to_owned();
    let bare = host.trim_matches(['[', ']']).to_owned();
    let address = address(&parsed, &host, &[bare])?;
    let client = client(&host, address, timeout).map_err(|e| failed(&host, e))?;
    let answer = client.head(parsed).send().map_err(|e| failed(&host, e))?;
    let date = answer.headers().get("date").and_then(|d| d.to_str().ok());
    OffsetDateTime::parse(date.unwrap_or_default(), &Rfc2822).map_err(|e| failed(&host, e))
}

fn client(host: &str, address: SocketAddr, timeout: Duration) -> reqwest::Result<Client> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another part of the program may have chosen the same one first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(timeout)
        .resolve(host, address)
        .build()
}

/// The address is looked up once and then used, so that a name cannot mean two hosts.
fn address(url: &Url, host: &str, allowed_hosts: &[String]) -> Result<SocketAddr> {
    let port = url.port_or_known_default().unwrap_or(80);
    let bare = host.trim_matches(['[', ']']);
    let mut found = (bare, port)
        .to_socket_addrs()
        .map_err(|e| failed(host, e))?;
    let allowed = allowed_hosts.iter().any(|h| h == bare);
    found
        .find(|a| allowed || is_public(a.ip()))
        .ok_or_else(|| forbidden(host, "the host is not public and not allowed by name"))
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let carrier_grade = a == 100 && (64..128).contains(&b);
            !(v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.is_documentation()
                || carrier_grade
                || a == 0)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                let first = v6.segments().first().copied().unwrap_or_default();
                let local = first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80;
                !(v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || local)
            }
        },
    }
}

fn read_capped(mut answer: Response, cap: u64) -> std::io::Result<Vec<u8>> {
    let begun = Instant::now();
    let (mut bytes, mut part) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        let read = answer.read(&mut part)?;
        if read == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(part.get(..read).unwrap_or_default());
        if bytes.len() as u64 > cap {
            return Err(std::io::Error::other(format!(
                "the answer is larger than {cap} bytes"
            )));
        }
        if begun.elapsed() > WHOLE {
            return Err(std::io::Error::from(std::io::ErrorKind::TimedOut));
        }
    }
}

/// An address that is not asked, whoever wrote it.
fn forbidden(host: &str, why: &'static str) -> Error {
    let denied = std::io::ErrorKind::PermissionDenied;
    failed(host, std::io::Error::new(denied, why))
}

fn failed(host: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::caused(Code::NetworkUnavailable, cause).with("host", host)
}

#[cfg(test)]
mod tests {
    use super::{Request, fetch, is_public};
    use std::{net::IpAddr, time::Duration};

    #[test]
    fn private_addresses_are_not_public() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.9.9",
            "169.254.169.254",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "0.0.0.0",
        ] {
            assert!(!is_public(ip.parse::<IpAddr>().expect("ip")), "{ip}");
        }
        for ip in ["8.8.8.8", "203.162.4.190", "2001:4860:4860::8888"] {
            assert!(is_public(ip.parse::<IpAddr>().expect("ip")), "{ip}");
        }
    }

    #[test]
    fn a_certificate_cannot_point_into_the_office_or_to_a_file() {
        for url in [
            "http://127.0.0.1:9/crl",
            "file:///etc/passwd",
            "ldap://ca.gov.vn/cn=x",
            "http://[::1]/x",
        ] {
            let request = Request {
                url,
                body: None,
                cap: 10,
                timeout: Duration::from_secs(1),
                allowed_hosts: &[],
            };
            assert!(fetch(&request).is_err(), "{url}");
        }
    }
}

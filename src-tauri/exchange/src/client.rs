//! The operations of the contract, one method each.

use std::{fmt, net::IpAddr, time::Duration};

use antin_records::{
    Agency, DeliveryId, DispatchId, IdempotencyKey, LetterId,
    contract::{
        AgencyList, ChangePage, DispatchView, IDEMPOTENCY_KEY, JSON, NumberGrant, NumberRequest,
        PAGE_LIMIT, ReceiptList,
    },
};
use reqwest::{
    Method, StatusCode, Url,
    blocking::{RequestBuilder, Response},
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect::Policy,
};

use crate::{Error, Failure, answer};

/// How long a connection may take to come about. Field lines are slow, not dead.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long one request may take: the largest part of an upload at 64 kbit/s, with room.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(180);

/// The bearer credential of an agency. It has no `Display`, no `Serialize`, and its `Debug` shows nothing.
#[derive(Clone)]
pub struct AccessToken(HeaderValue);

impl AccessToken {
    /// Takes the credential.
    pub fn new(secret: &str) -> Result<Self, Error> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", secret.trim()))
            .map_err(|_| Error::Credential)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// How to reach the province.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's address, without `/v1`.
    pub address: String,
    /// The agency's credential.
    pub access_token: AccessToken,
    /// Allows plain http to a host that is not this machine. For closed networks whose owner has decided so.
    pub allow_plain_http: bool,
    /// Root certificates (DER) to trust in place of the system's, for an authority of the province's own.
    pub roots: Vec<Vec<u8>>,
}

/// A connection to the province's document system.
#[derive(Debug, Clone)]
pub struct Client {
    base: Url,
    http: reqwest::blocking::Client,
}

/// A dispatch the province says it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The receipt as it came; its signature is still to be checked.
    pub receipt: Vec<u8>,
    /// True when it was there already: an earlier attempt had arrived.
    pub repeated: bool,
}

impl Client {
    /// Makes a client. No connection is opened yet. Must not be called on an asynchronous runtime's thread.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let base = base(&settings.address)?;
        let loopback = is_loopback(&base);
        if base.scheme() == "http" && !loopback && !settings.allow_plain_http {
            return Err(Error::PlainHttp {
                host: base.host_str().unwrap_or_default().to_owned(),
            });
        }
        // Whoever came first has chosen the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, settings.access_token.0.clone());
        // A redirect is a portal's way of answering; the contract has none.
        let mut builder = reqwest::blocking::Client::builder()
            .user_agent(concat!("antin/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT);
        if loopback {
            builder = builder.no_proxy();
        }
        if !settings.roots.is_empty() {
            let roots = settings
                .roots
                .iter()
                .map(|der| reqwest::Certificate::from_der(der));
            builder = builder.tls_certs_only(roots.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self {
            base,
            http: builder.build()?,
        })
    }

    /// The directory of agencies.
    pub fn agencies(&self) -> Result<Vec<Agency>, Failure> {
        let response = self.send(self.request(Method::GET, &["agencies"]), false)?;
        Ok(answer::json::<AgencyList>(response, false)?.agencies)
    }

    /// The number of a letter: the first call has it given, every later one returns the same.
    pub fn number(
        &self,
        letter: LetterId,
        request: &NumberRequest,
    ) -> Result<NumberGrant, Failure> {
        let builder = self
            .request(Method::PUT, &["numbers", &letter.to_string()])
            .json(request);
        // A number given without our knowing is given again by the same question, so nothing is ever unknown here.
        let response = self.send(builder, false)?;
        let grant: NumberGrant = answer::json(response, false)?;
        if grant.letter_id == letter {
            Ok(grant)
        } else {
            Err(Failure::not_genuine(
                200,
                false,
                "a number of another letter",
            ))
        }
    }

    /// Submits a dispatch: these bytes, under this identity. A repeat is a success and brings the first receipt.
    pub fn submit(&self, dispatch: DispatchId, frozen: &[u8]) -> Result<Submitted, Failure> {
        let builder = self
            .request(Method::PUT, &["dispatches", &dispatch.to_string()])
            .header(CONTENT_TYPE, JSON)
            .body(frozen.to_vec());
        let response = self.send(builder, true)?;
        let repeated = response.status() != StatusCode::CREATED;
        Ok(Submitted {
            receipt: answer::receipt(response, true)?,
            repeated,
        })
    }

    /// Asks whether the province holds a dispatch; none when it says it does not.
    pub fn probe(&self, dispatch: DispatchId) -> Result<Option<DispatchView>, Failure> {
        let outcome = self.send(
            self.request(Method::GET, &["dispatches", &dispatch.to_string()]),
            false,
        );
        let response = match outcome {
            Err(failure) if failure.is_not_found() => return Ok(None),
            other => other?,
        };
        let view: DispatchView = answer::json(response, false)?;
        let asked = view.dispatch_id == dispatch;
        if asked {
            Ok(Some(view))
        } else {
            Err(Failure::not_genuine(200, false, "another dispatch"))
        }
    }

    /// The receipts of a dispatch, as DER.
    pub fn receipts(&self, dispatch: DispatchId) -> Result<Vec<Vec<u8>>, Failure> {
        let response = self.send(
            self.request(
                Method::GET,
                &["dispatches", &dispatch.to_string(), "receipts"],
            ),
            false,
        )?;
        let list: ReceiptList = answer::json(response, false)?;
        Ok(list.receipts.into_iter().map(|receipt| receipt.0).collect())
    }

    /// The page of our mailbox behind `cursor`; the first page without one.
    pub fn changes(&self, cursor: Option<&str>) -> Result<ChangePage, Failure> {
        let limit = PAGE_LIMIT.to_string();
        let mut query = vec![("limit", limit.as_str())];
        query.extend(cursor.map(|cursor| ("after", cursor)));
        let mut url = self.url(&["inbox", "changes"]);
        url.query_pairs_mut().extend_pairs(query);
        answer::json(
            self.send(self.http.get(url).header(ACCEPT, JSON), false)?,
            false,
        )
    }

    /// Says something about a delivery: these bytes, under this key. A repeat brings the first receipt.
    pub fn status(
        &self,
        delivery: DeliveryId,
        key: IdempotencyKey,
        frozen: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let builder = self
            .request(Method::POST, &["inbox", &delivery.to_string(), "status"])
            .header(IDEMPOTENCY_KEY, format!("\"{key}\""))
            .header(CONTENT_TYPE, JSON)
            .body(frozen.to_vec());
        // The same key again is harmless, so nothing is ever unknown here.
        answer::receipt(self.send(builder, false)?, false)
    }

    pub(crate) fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        self.http.request(method, self.url(segments))
    }

    /// Sends a request; `writing` when it may change something at the province in a way a repeat does not show.
    pub(crate) fn send(&self, builder: RequestBuilder, writing: bool) -> Result<Response, Failure> {
        let response = builder
            .send()
            .map_err(|error| Failure::network(&error.without_url(), writing))?;
        answer::accepted(response, writing)
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("v1").extend(segments);
        }
        url
    }
}

fn base(address: &str) -> Result<Url, Error> {
    let bad = || Error::Address(address.chars().take(200).collect());
    let url = Url::parse(address.trim()).map_err(|_| bad())?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if plain && web { Ok(url) } else { Err(bad()) }
}

/// True for addresses of this machine, by number or by the one name that always means it.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let number = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    number.is_ok_and(|address| address.is_loopback()) || host == "localhost"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(address: &str) -> Settings {
        Settings {
            address: address.into(),
            access_token: AccessToken::new("secret").unwrap(),
            allow_plain_http: false,
            roots: vec![],
        }
    }

    #[test]
    fn plain_http_leaves_this_machine_only_by_permission() {
        for address in [
            "http://127.0.0.1:8080",
            "http://[::1]:8080/",
            "http://localhost:1",
            "https://van-ban.example.vn",
        ] {
            assert!(Client::new(&settings(address)).is_ok(), "{address}");
        }
        for address in [
            "http://10.0.0.1",
            "http://localhost.example.vn",
            "http://127.0.0.1.example.vn",
        ] {
            assert!(
                matches!(
                    Client::new(&settings(address)),
                    Err(Error::PlainHttp { .. })
                ),
                "{address}"
            );
        }
        assert!(
            Client::new(&Settings {
                allow_plain_http: true,
                ..settings("http://10.0.0.1")
            })
            .is_ok()
        );
    }

    #[test]
    fn other_addresses_are_refused() {
        for address in [
            "",
            "van-ban",
            "ftp://x",
            "https://u:p@x",
            "https://x/?a=1",
            "file:///etc/passwd",
        ] {
            assert!(
                matches!(Client::new(&settings(address)), Err(Error::Address(_))),
                "{address}"
            );
        }
    }

    #[test]
    fn the_credential_is_not_shown() {
        assert_eq!(
            format!("{:?}", AccessToken::new("secret").unwrap()),
            "AccessToken(…)"
        );
        assert!(!format!("{:?}", Client::new(&settings("https://x")).unwrap()).contains("secret"));
        assert!(matches!(AccessToken::new("a\nb"), Err(Error::Credential)));
    }
}

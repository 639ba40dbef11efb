//! `page://localhost/{token}/{page}?width={pixels}`: a drawn page as raw RGBA.
//!
//! The web view never holds a document, only these pixels. The token is random per opened document, the answer is
//! readable by the desk's own origin alone, and nothing is cached. On Windows the same address reads
//! `http://page.localhost/…`.

use tauri::http::{Request, Response, StatusCode, Uri, header};
use tauri::{Manager, Runtime, UriSchemeContext, UriSchemeResponder};

use crate::pages::{Pages, Pixels};

/// The scheme, as registered and as the content security policy names it.
pub(crate) const SCHEME: &str = "page";

/// The origin of the desk's own documents.
pub(crate) const ORIGIN: &str = if cfg!(dev) {
    "http://localhost:5173"
} else if cfg!(windows) {
    "http://tauri.localhost"
} else {
    "tauri://localhost"
};

/// What one address asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    token: String,
    page: usize,
    width: u32,
}

/// Leaves the window's thread at once; the answer comes from the thread that waits for the drawing helper.
pub(crate) fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let Some(asked) = parse(request.uri()) else {
        return responder.respond(refusal(StatusCode::BAD_REQUEST));
    };
    let pages = context.app_handle().state::<Pages>().inner().clone();
    tauri::async_runtime::spawn_blocking(move || {
        responder.respond(match pages.draw(&asked.token, asked.page, asked.width) {
            Ok(Some(pixels)) => answer(pixels),
            Ok(None) => refusal(StatusCode::NOT_FOUND),
            Err(error) => {
                tracing::warn!(%error, page = asked.page, "a page could not be drawn");
                refusal(StatusCode::UNPROCESSABLE_ENTITY)
            }
        });
    });
}

fn parse(uri: &Uri) -> Option<Asked> {
    let (token, page) = uri.path().strip_prefix('/')?.split_once('/')?;
    let width = uri
        .query()?
        .split('&')
        .find_map(|pair| pair.strip_prefix("width="))?;
    Some(Asked {
        token: token.to_owned(),
        page: page.parse().ok()?,
        width: width.parse().ok()?,
    })
}

fn answer(pixels: Pixels) -> Response<Vec<u8>> {
    let mut response = Response::new(pixels.rgba);
    let headers = response.headers_mut();
    headers.insert("x-width", pixels.width.into());
    headers.insert("x-height", pixels.height.into());
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/octet-stream"),
    );
    guard(headers);
    response
}

fn refusal(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    guard(response.headers_mut());
    response
}

fn guard(headers: &mut header::HeaderMap) {
    let text = header::HeaderValue::from_static;
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, text(ORIGIN));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        text("x-width, x-height"),
    );
    headers.insert(header::CACHE_CONTROL, text("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, text("nosniff"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &'static str) -> Option<Asked> {
        parse(&Uri::from_static(uri))
    }

    #[test]
    fn reads_an_address() {
        let expected = Some(Asked {
            token: "a1b2".into(),
            page: 2,
            width: 900,
        });
        assert_eq!(asked("page://localhost/a1b2/2?width=900"), expected);
        assert_eq!(
            asked("http://page.localhost/a1b2/2?x=1&width=900"),
            expected,
            "the address on Windows"
        );
    }

    #[test]
    fn refuses_what_is_no_address_of_a_page() {
        for uri in [
            "page://localhost/",
            "page://localhost/a1b2",
            "page://localhost/a1b2/2",
            "page://localhost/a1b2/-1?width=9",
            "page://localhost/a1b2/1/2?width=9",
            "page://localhost/a1b2/1?width=99999999999",
        ] {
            assert_eq!(asked(uri), None, "{uri}");
        }
    }

    #[test]
    fn only_the_desk_may_read_the_pixels() {
        let response = answer(Pixels {
            width: 1,
            height: 1,
            rgba: vec![0; 4],
        });
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok());
        assert_eq!(header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(header("cache-control"), Some("no-store"));
        assert_eq!(
            (header("x-width"), header("x-height")),
            (Some("1"), Some("1"))
        );
    }
}

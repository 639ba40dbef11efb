//! The routes: who asks, what for, and how the answer is written down.

use std::sync::Arc;

use antin_records::{
    Agency, DeliveryId, DispatchId, IdempotencyKey, LetterId, Sha256Digest,
    contract::{
        CONTENT_DIGEST, IDEMPOTENCY_KEY, JSON, NumberRequest, PART_LIMIT, PARTIAL_UPLOAD,
        ProblemKind, RECEIPT, REPR_DIGEST, UPLOAD_COMPLETE, UPLOAD_LENGTH, UPLOAD_OFFSET,
        digest_field, read_digest_field,
    },
    manifest,
};
use axum::{
    Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Path, Query, Request, State,
        rejection::QueryRejection,
    },
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::{Deserialize, Serialize};

use crate::{
    Province,
    content::{Part, Upload},
    problem::Problem,
};

/// Largest body: a manifest, or a part of an upload.
const BODY_LIMIT: usize = if manifest::SIZE_LIMIT > PART_LIMIT {
    manifest::SIZE_LIMIT
} else {
    PART_LIMIT
};

type App = Arc<Province>;
type Answer = Result<Response, Problem>;

pub(crate) fn router(province: App) -> Router {
    let version_one = Router::new()
        .route("/agencies", get(agencies))
        .route("/numbers/{letter}", put(number))
        .route(
            "/contents/{sha256}",
            put(create_content).head(upload).patch(append).get(content),
        )
        .route("/dispatches/{dispatch}", put(submit).get(dispatch))
        .route("/dispatches/{dispatch}/receipts", get(receipts))
        .route("/inbox/changes", get(changes))
        .route("/inbox/{delivery}/status", post(status));
    Router::new()
        .nest("/v1", version_one)
        .fallback(async || Problem::new(ProblemKind::NotFound))
        .method_not_allowed_fallback(async || Problem::new(ProblemKind::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(province)
}

/// The agency whose credential the request carries.
struct Caller(Agency);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, province: &App) -> Result<Self, Problem> {
        let field = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = field
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::trim);
        let agency = token.and_then(|token| province.authenticate(token));
        agency
            .map(Self)
            .ok_or_else(|| Problem::new(ProblemKind::Unauthenticated))
    }
}

/// A body within the limit.
struct Raw(Bytes);

impl FromRequest<App> for Raw {
    type Rejection = Problem;
    async fn from_request(request: Request, province: &App) -> Result<Self, Problem> {
        match Bytes::from_request(request, province).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::new(ProblemKind::TooLarge))
            }
            Err(rejection) => Err(Problem::with(
                ProblemKind::InvalidRequest,
                rejection.body_text(),
            )),
        }
    }
}

/// Runs an operation where it may block.
async fn run<T: Send + 'static>(
    province: App,
    work: impl FnOnce(&Province) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(move || work(&province))
        .await
        .unwrap_or_else(|error| Err(Problem::internal(error)))
}

async fn agencies(State(province): State<App>, _: Caller) -> Answer {
    json(StatusCode::OK, &province.agencies())
}

async fn number(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(letter): Path<String>,
    Raw(body): Raw,
) -> Answer {
    let letter: LetterId = identity(&letter)?;
    let request: NumberRequest = serde_json::from_slice(&body)
        .map_err(|error| Problem::with(ProblemKind::InvalidRequest, error))?;
    let (grant, new) = run(province, move |province| {
        province.number(&caller, letter, &request)
    })
    .await?;
    json(
        if new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        &grant,
    )
}

async fn create_content(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let sha256: Sha256Digest = identity(&sha256)?;
    let length = required(&headers, UPLOAD_LENGTH)?;
    let length = length
        .parse()
        .map_err(|_| Problem::with(ProblemKind::InvalidRequest, UPLOAD_LENGTH))?;
    let (upload, created) = run(province, move |province| {
        province.create_content(&caller, sha256, length)
    })
    .await?;
    Ok(uploaded(
        if created {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        upload,
        sha256,
    ))
}

async fn upload(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(sha256): Path<String>,
) -> Answer {
    let sha256: Sha256Digest = identity(&sha256)?;
    let upload = run(province, move |province| province.upload(&caller, sha256)).await?;
    Ok(uploaded(StatusCode::NO_CONTENT, upload, sha256))
}

async fn append(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(sha256): Path<String>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Answer {
    let sha256: Sha256Digest = identity(&sha256)?;
    let invalid = |name: &'static str| move || Problem::with(ProblemKind::InvalidRequest, name);
    if required(&headers, "content-type")? != PARTIAL_UPLOAD {
        return Err(invalid("content-type")());
    }
    let offset = required(&headers, UPLOAD_OFFSET)?
        .parse()
        .map_err(|_| invalid(UPLOAD_OFFSET)())?;
    let digest = read_digest_field(required(&headers, CONTENT_DIGEST)?)
        .ok_or_else(invalid(CONTENT_DIGEST))?;
    let last = match required(&headers, UPLOAD_COMPLETE)? {
        "?1" => true,
        "?0" => false,
        _ => return Err(invalid(UPLOAD_COMPLETE)()),
    };
    let work = move |province: &Province| {
        province.append(
            &caller,
            sha256,
            &Part {
                offset,
                last,
                digest,
                bytes: &body,
            },
        )
    };
    let upload = run(province, work).await?;
    Ok(uploaded(
        if upload.complete {
            StatusCode::OK
        } else {
            StatusCode::NO_CONTENT
        },
        upload,
        sha256,
    ))
}

async fn content(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(sha256): Path<String>,
) -> Answer {
    let sha256: Sha256Digest = identity(&sha256)?;
    let bytes = run(province, move |province| province.content(&caller, sha256)).await?;
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/pdf".to_owned()),
        (REPR_DIGEST, digest_field(sha256)),
    ];
    Ok((StatusCode::OK, headers, bytes).into_response())
}

async fn submit(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(dispatch): Path<String>,
    Raw(body): Raw,
) -> Answer {
    let dispatch: DispatchId = identity(&dispatch)?;
    let accepted = run(province, move |province| {
        province.submit(&caller, dispatch, &body)
    })
    .await?;
    Ok(receipt(
        if accepted.repeated {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        },
        accepted.receipt,
    ))
}

async fn dispatch(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(dispatch): Path<String>,
) -> Answer {
    let dispatch: DispatchId = identity(&dispatch)?;
    json(
        StatusCode::OK,
        &run(province, move |province| {
            province.dispatch(&caller, dispatch)
        })
        .await?,
    )
}

async fn receipts(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(dispatch): Path<String>,
) -> Answer {
    let dispatch: DispatchId = identity(&dispatch)?;
    json(
        StatusCode::OK,
        &run(province, move |province| {
            province.receipts(&caller, dispatch)
        })
        .await?,
    )
}

#[derive(Deserialize)]
struct PageQuery {
    after: Option<String>,
    limit: Option<u32>,
}

async fn changes(
    State(province): State<App>,
    Caller(caller): Caller,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|error| Problem::with(ProblemKind::InvalidRequest, error))?;
    let page = run(province, move |province| {
        province.changes(&caller, query.after.as_deref(), query.limit)
    })
    .await?;
    json(StatusCode::OK, &page)
}

async fn status(
    State(province): State<App>,
    Caller(caller): Caller,
    Path(delivery): Path<String>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Answer {
    let delivery: DeliveryId = identity(&delivery)?;
    let key: IdempotencyKey = identity(required(&headers, IDEMPOTENCY_KEY)?.trim_matches('"'))?;
    let taken = run(province, move |province| {
        province.status(&caller, delivery, key, &body)
    })
    .await?;
    Ok(receipt(
        if taken.repeated {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        },
        taken.receipt,
    ))
}

fn identity<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|_| Problem::with(ProblemKind::InvalidRequest, "an identity cannot be read"))
}

fn required<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Problem> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.ok_or_else(|| Problem::with(ProblemKind::PreconditionRequired, name))
}

fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(value).map_err(Problem::internal)?;
    Ok((status, [(header::CONTENT_TYPE, JSON)], body).into_response())
}

fn receipt(status: StatusCode, der: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, RECEIPT)], der).into_response()
}

fn uploaded(status: StatusCode, upload: Upload, sha256: Sha256Digest) -> Response {
    let complete = if upload.complete { "?1" } else { "?0" };
    let headers = [
        (UPLOAD_OFFSET, upload.offset.to_string()),
        (UPLOAD_COMPLETE, complete.to_owned()),
        ("cache-control", "no-store".to_owned()),
    ];
    let whole = upload
        .complete
        .then(|| [(REPR_DIGEST, digest_field(sha256))]);
    match whole {
        Some(whole) => (status, headers, whole, Vec::new()).into_response(),
        None => (status, headers).into_response(),
    }
}

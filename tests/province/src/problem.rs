//! Problems of the contract as answers.

use antin_records::contract::{PROBLEM, ProblemDetails, ProblemKind};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A request that is not fulfilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: ProblemKind,
    detail: Option<String>,
    existing: Option<String>,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind) -> Self {
        Self {
            kind,
            detail: None,
            existing: None,
        }
    }

    pub(crate) fn with(kind: ProblemKind, detail: impl ToString) -> Self {
        Self {
            detail: Some(detail.to_string()),
            ..Self::new(kind)
        }
    }

    /// Names what is already there.
    pub(crate) fn existing(self, identity: impl ToString) -> Self {
        Self {
            existing: Some(identity.to_string()),
            ..self
        }
    }

    /// Something failed here. The cause goes to the log, never to the client.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "the request failed here");
        Self::new(ProblemKind::Internal)
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = ProblemDetails {
            existing: self.existing,
            ..self.kind.details(self.detail)
        };
        let status =
            StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&details).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM)], body).into_response();
        match self.kind {
            ProblemKind::Unauthenticated => {
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            ProblemKind::Unavailable => {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}

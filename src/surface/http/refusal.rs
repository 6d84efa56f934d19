//! The reasons for rejecting a request, as text and status.

use std::fmt;
use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::delivery::Unheard;
use crate::domain::id::WorkspaceId;

/// The size limit of a body.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    Text,
    Mail,
}

impl Limit {
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Text => 64 * 1024,
            Self::Mail => 8 * 1024 * 1024,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "64 KiB, and 8 MiB fit as message/rfc822",
            Self::Mail => "8 MiB",
        })
    }
}

/// The reason for rejecting a request. It reveals nothing about secrets or keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpRefusal {
    #[error(
        "sign with X-Warden-Key, X-Warden-Timestamp and X-Warden-Signature: sha256=HEX, the HMAC-SHA256 of the timestamp, a full stop and the body"
    )]
    Unsigned,
    #[error("the key, the secret or the signature is wrong, or the key may not be used this way")]
    Unknown,
    #[error("X-Warden-Timestamp is more than 5 minutes from the bot's clock, which shows {now}")]
    Untimely { now: i64 },
    #[error("the body is compressed: send it as it is, without a Content-Encoding")]
    Compressed,
    #[error("the body is larger than {0}")]
    TooLarge(Limit),
    #[error("the body did not arrive in time")]
    TooSlow,
    #[error("the body ended early")]
    Truncated,
    #[error("`{0}` is empty or only blanks")]
    Empty(&'static str),
    #[error("this key sends too much; try again later")]
    TooMany { wait: Duration },
    #[error("{0}")]
    Unusable(String),
    #[error(
        "not recorded, because nobody would hear of it: http.keys.{key}.workspace is `{workspace}`, and {why}"
    )]
    Unheard {
        key: String,
        workspace: WorkspaceId,
        why: Unheard,
    },
    #[error("it could not be recorded; send it again; the log has the details under {id}")]
    Broken { id: String },
    #[error("the headers are larger than 16 KiB")]
    Headers,
    #[error("there is nothing at this path")]
    NoSuchPath,
    #[error("this path does not answer this method")]
    Method,
}

impl HttpRefusal {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Unsigned | Self::Unknown | Self::Untimely { .. } => StatusCode::UNAUTHORIZED,
            Self::Compressed => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Truncated | Self::Empty(_) | Self::Unusable(_) => StatusCode::BAD_REQUEST,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken { .. } | Self::Unheard { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Headers => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
        }
    }
}

impl IntoResponse for HttpRefusal {
    fn into_response(self) -> Response {
        let why = self.to_string();
        // The complaint about a text may quote it.
        if !matches!(self, Self::Unusable(_)) {
            tracing::Span::current().record("http.refusal", &why);
        }
        let body = serde_json::json!({ "error": why });
        let mut response = json(self.status(), body.to_string());
        let headers = response.headers_mut();
        match &self {
            Self::TooMany { wait } => {
                let seconds = wait.as_millis().div_ceil(1_000).max(1);
                if let Ok(seconds) = HeaderValue::from_str(&seconds.to_string()) {
                    headers.insert(RETRY_AFTER, seconds);
                }
            }
            Self::Broken { .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::Unsigned | Self::Unknown | Self::Untimely { .. } => {
                let scheme = HeaderValue::from_static("X-Warden-Signature");
                headers.insert(WWW_AUTHENTICATE, scheme);
            }
            _ => {}
        }
        response
    }
}

/// A JSON response that must not be cached.
pub(super) fn json(status: StatusCode, body: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

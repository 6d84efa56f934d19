//! HTTP: receives notices, and serves health checks and metrics. HTTP/1.1 without TLS.

mod authenticator;
mod health;
mod notices;
mod rate;
mod refusal;
mod server;

pub use server::Server;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::header::CONNECTION;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use tracing::{Span, field};

use crate::app::{Figures, Warden};
use crate::delivery::{Chat, Delivery};
use authenticator::Authenticator;
use refusal::HttpRefusal;

/// Limits of time and number.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// The lifetime of a connection.
    pub connection_within: Duration,
    /// The time for receiving a body.
    pub body_within: Duration,
    /// The timeout of the database in health checks.
    pub answer_within: Duration,
    /// The time for requests under way at shutdown.
    pub end_within: Duration,
    /// The most concurrent connections; further ones wait.
    pub connections: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connection_within: Duration::from_secs(20),
            body_within: Duration::from_secs(10),
            answer_within: Duration::from_secs(2),
            end_within: Duration::from_secs(5),
            connections: 128,
        }
    }
}

/// The largest size of a request's headers, in bytes.
const HEADERS: usize = 16 * 1024;

/// The shared state of the handlers.
struct Room<C> {
    warden: Warden,
    delivery: Delivery<C>,
    configured: Arc<Listening>,
    terms: HttpLimits,
}

/// The parts that a reread configuration replaces.
struct Listening {
    authenticator: RwLock<Arc<Authenticator>>,
    figures: Figures,
}

impl Listening {
    fn authenticator(&self) -> Arc<Authenticator> {
        let held = self.authenticator.read();
        Arc::clone(&held.unwrap_or_else(PoisonError::into_inner))
    }
}

fn router<C: Chat>(
    configured: Arc<Listening>,
    delivery: Delivery<C>,
    warden: Warden,
    terms: HttpLimits,
) -> Router {
    let meter = warden.meter().clone();
    let room = Room {
        configured,
        warden,
        delivery,
        terms,
    };
    Router::new()
        .route("/v1/notices", post(notices::take_notices::<C>))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready::<C>))
        .route("/metrics", get(health::metrics::<C>))
        .fallback(async || HttpRefusal::NoSuchPath)
        .method_not_allowed_fallback(async || HttpRefusal::Method)
        .with_state(Arc::new(room))
        .layer(middleware::from_fn(limit_headers))
        // One request per connection, so that idle connections do not take up the limit.
        .layer(SetResponseHeaderLayer::overriding(
            CONNECTION,
            HeaderValue::from_static("close"),
        ))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(request_span)
                .on_request(())
                .on_response(move |response: &Response, latency, span: &Span| {
                    meter.responded(response.status().as_u16());
                    log_response(response, latency, span);
                })
                .on_failure(()),
        )
}

async fn limit_headers(request: Request, next: Next) -> Result<Response, HttpRefusal> {
    let length = |headers: &HeaderMap| -> usize {
        let lengths = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len());
        lengths.sum()
    };
    if length(request.headers()) > HEADERS {
        return Err(HttpRefusal::Headers);
    }
    Ok(next.run(request).await)
}

/// The span names the route instead of the path, which a stranger may fill with anything.
fn request_span<B>(request: &axum::http::Request<B>) -> Span {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str);
    tracing::info_span!(
        "request",
        http.method = %request.method(),
        http.route = route,
        http.key = field::Empty,
        http.refusal = field::Empty,
    )
}

fn log_response(response: &Response, latency: Duration, _: &Span) {
    let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        http.status = response.status().as_u16(),
        duration.ms = ms,
        "a request was answered"
    );
}

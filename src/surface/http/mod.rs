//! HTTP: notices come in, and anyone who watches the bot asks how it is. It speaks HTTP/1.1 without TLS.

mod authenticator;
mod health;
mod notices;
mod rate;
mod refusal;
mod server;

pub use server::Server;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};

use crate::app::Warden;
use crate::config::Http;
use crate::delivery::{Chat, Delivery};
use authenticator::Authenticator;
use refusal::HttpRefusal;

/// How long and how much is borne with.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// How long the head of a request may take.
    pub head_within: Duration,
    /// How long the body may take.
    pub body_within: Duration,
    /// How long the database may take when the bot is asked how it is.
    pub answer_within: Duration,
    /// How long requests under way may take when the program ends.
    pub end_within: Duration,
    /// Connections at the same time; further ones wait.
    pub connections: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            head_within: Duration::from_secs(10),
            body_within: Duration::from_secs(10),
            answer_within: Duration::from_secs(2),
            end_within: Duration::from_secs(5),
            connections: 512,
        }
    }
}

/// What requests are answered from.
struct Room<C> {
    warden: Warden,
    delivery: Delivery<C>,
    authenticator: Authenticator,
    terms: HttpLimits,
}

fn router<C: Chat>(
    http: &Http,
    delivery: Delivery<C>,
    warden: Warden,
    terms: HttpLimits,
) -> Router {
    let room = Room {
        authenticator: Authenticator::new(http, &warden),
        warden,
        delivery,
        terms,
    };
    Router::new()
        .route("/v1/notices", post(notices::take::<C>))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready::<C>))
        .route("/metrics", get(health::metrics::<C>))
        .fallback(async || HttpRefusal::NoSuchPath)
        .method_not_allowed_fallback(async || HttpRefusal::Method)
        .with_state(Arc::new(room))
}

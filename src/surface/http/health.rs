//! Health endpoints: liveness, readiness and metrics.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Room;
use super::refusal::json;
use crate::app::ChatLink;
use crate::delivery::{Chat, DeliveryState, NotDelivering};
use crate::meter::Exposition;

const SILENT: &str = "the database does not answer";

/// `GET /healthz`: a response means that the process is alive.
pub(super) async fn alive() -> Response {
    let body = serde_json::json!({ "status": "alive" });
    json(StatusCode::OK, body.to_string())
}

/// `GET /readyz`: whether notices are recorded and posts delivered.
pub(super) async fn ready<C: Chat>(State(room): State<Arc<Room<C>>>) -> Response {
    let state = tokio::time::timeout(room.terms.answer_within, room.delivery.state()).await;
    let reason = match state {
        Ok(Ok(state)) => {
            let delivery = match state {
                DeliveryState::Delivers => "delivers",
                DeliveryState::StandsBy => "stands by",
                DeliveryState::HasNoChat => "has no chat: what is meant for people waits",
                DeliveryState::PostsAtTerminal => {
                    "posts at a terminal; what is meant for servers is the bot's"
                }
            };
            let body = serde_json::json!({ "status": "ready", "delivery": delivery });
            return json(StatusCode::OK, body.to_string());
        }
        Ok(Err(error)) => {
            if let NotDelivering::Database(source) = &error {
                tracing::warn!(error = %crate::trace::causes(source), "not ready");
            }
            error.to_string()
        }
        Err(_) => SILENT.to_owned(),
    };
    let body = serde_json::json!({ "status": "not ready", "reason": reason });
    json(StatusCode::SERVICE_UNAVAILABLE, body.to_string())
}

/// `GET /metrics`.
pub(super) async fn metrics<C: Chat>(
    State(room): State<Arc<Room<C>>>,
    headers: HeaderMap,
) -> Response {
    let accepts = headers.get_all(ACCEPT).iter();
    let accepts: Vec<&str> = accepts.filter_map(|value| value.to_str().ok()).collect();
    let form = Exposition::wanted(&accepts.join(","));
    let figures = async {
        let link = ChatLink {
            is_up: room.delivery.reaches_chat().await,
            stands_by: room.delivery.stands_by(),
        };
        room.configured.figures.read(link).await
    };
    match tokio::time::timeout(room.terms.answer_within, figures).await {
        Ok(Ok(readings)) => {
            let text = room.warden.meter().text(readings, form);
            ([(CONTENT_TYPE, form.content_type())], text).into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(error = %crate::trace::causes(&error), "there are no metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, SILENT).into_response(),
    }
}

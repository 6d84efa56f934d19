//! Retries of failed messages.

use std::time::Duration;

use serde_json::Value;

use super::api::{Api, ApiError, ApiResult, Call};
use super::respond::send;
use super::wire::MessageBody;

/// The waits between attempts.
const AGAIN: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_secs(60),
];
/// The longest pause that is waited for.
const LONGEST: Duration = Duration::from_secs(120);

/// The handling of a message whose fate is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// Repeat it: Discord recognises it by its nonce, or it is an edit.
    Repeat,
    /// Give up: a second message would appear.
    GiveUp,
}

/// Sends a message, and retries while Discord fails or asks for a pause.
///
/// # Errors
/// [`ApiError`] of the last attempt.
pub(super) async fn send_with_retries(
    api: &Api,
    call: &Call,
    body: &MessageBody,
    lost: Lost,
) -> ApiResult<Value> {
    for wait in AGAIN {
        let error = match send(api, call, body).await {
            Ok(sent) => return Ok(sent),
            Err(error) => error,
        };
        let pause = match &error {
            ApiError::Refused { .. } => return Err(error),
            ApiError::Silent(_) if lost == Lost::GiveUp => return Err(error),
            ApiError::Limited(limited) => limited.wait.max(wait),
            ApiError::Failing(_) | ApiError::Silent(_) => wait,
        };
        if pause > LONGEST {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
    }
    send(api, call, body).await
}

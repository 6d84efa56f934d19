//! Sending again what Discord failed to take.

use std::time::Duration;

use serde_json::Value;

use super::api::{Api, ApiError, Call};
use super::respond::send;
use super::wire::MessageBody;

/// Between the tries.
const AGAIN: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_secs(60),
];
/// What would be sent later than that is not waited for.
const LONGEST: Duration = Duration::from_secs(120);

/// Whether a message may be sent again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// Discord knows it again, by its nonce or because it is an edit.
    Repeat,
    /// There would be two.
    GiveUp,
}

/// Sends a message, and again while Discord fails or asks for a pause.
///
/// # Errors
/// [`ApiError`] of the last try.
pub(super) async fn send_with_retries(
    api: &Api,
    call: &Call,
    body: &MessageBody,
    lost: Lost,
) -> Result<Value, ApiError> {
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

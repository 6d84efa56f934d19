//! Rate limits, as headers and as answers.

use std::time::Duration;

use axum::response::Response;
use chrono::TimeDelta;
use serde_json::json;

use super::Call;
use crate::discord::fake::rejection::Rejection;
use crate::discord::fake::world::World;

/// 429, as Discord words it.
pub(crate) fn too_many(retry_after: f64, global: bool) -> Rejection {
    let seconds = retry_after.ceil().to_string();
    let mut headers = vec![
        ("retry-after", seconds),
        ("x-ratelimit-reset-after", format!("{retry_after:.3}")),
        (
            "x-ratelimit-scope",
            if global { "global" } else { "user" }.to_owned(),
        ),
    ];
    if global {
        headers.push(("x-ratelimit-global", "true".to_owned()));
    } else {
        headers.push(("x-ratelimit-remaining", "0".to_owned()));
    }
    Rejection {
        status: 429,
        body: json!({ "message": "You are being rate limited.", "retry_after": retry_after, "global": global }),
        headers,
    }
}

/// The messages sent to the channel of this call within the window, and how long until the first of them is forgotten.
fn sent(world: &World, call: &Call) -> Option<(u32, Duration)> {
    let channel = match (call.method.as_str(), call.path.as_slice()) {
        ("POST", [root, channel, messages]) if root == "channels" && messages == "messages" => {
            channel
        }
        _ => return None,
    };
    let (_, window) = world.options.messages_a_channel;
    let window = TimeDelta::from_std(window).unwrap();
    let now = world.time.now();
    let recent = || {
        world.messages.values().filter(|one| {
            one.channel.to_string() == *channel
                && one.author == world.bot.id
                && one.at + window > now
        })
    };
    let until = recent()
        .next()
        .map_or(window, |first| first.at + window - now);
    let count = u32::try_from(recent().count()).unwrap();
    Some((count, until.to_std().unwrap_or_default()))
}

/// Refuses what goes beyond the limit of a channel.
pub(crate) fn limit(world: &World, call: &Call) -> Result<(), Rejection> {
    let (most, _) = world.options.messages_a_channel;
    match sent(world, call) {
        Some((count, until)) if count >= most => Err(too_many(until.as_secs_f64(), false)),
        _ => Ok(()),
    }
}

/// Tells how much is left.
pub(crate) fn add(world: &World, call: &Call, response: &mut Response) {
    let Some((count, until)) = sent(world, call) else {
        return;
    };
    let (most, _) = world.options.messages_a_channel;
    let reset = world.time.now().timestamp_millis() as f64 / 1000.0 + until.as_secs_f64();
    let headers = [
        ("x-ratelimit-limit", most.to_string()),
        (
            "x-ratelimit-remaining",
            most.saturating_sub(count).to_string(),
        ),
        ("x-ratelimit-reset", format!("{reset:.3}")),
        (
            "x-ratelimit-reset-after",
            format!("{:.3}", until.as_secs_f64()),
        ),
        (
            "x-ratelimit-bucket",
            "80c17d2f203122d936070c88c8d10f33".to_owned(),
        ),
    ];
    for (name, value) in headers {
        if !response.headers().contains_key(name) {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
    }
}

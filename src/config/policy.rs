//! What a team decides for itself, and where the bot speaks to it.

use std::ops::RangeInclusive;

use chrono::TimeDelta;

use super::reader::{ConfigReader, OUT_OF_RANGE};
use super::teams::label;
use super::{
    ALERTS, APPROVALS_FOR_AWAIT_EXPIRY, APPROVALS_FOR_UNSUBSCRIBE, APPROVALS_FOR_UPGRADE,
    ATTESTERS, DEFAULT_CHANNEL, FOR_EXPIRY, FOR_UNSUBSCRIBE,
};
use crate::domain::span::{parse_span, show_span};
use crate::domain::team::{Channels, LONGEST_FOR_EXPIRY, LONGEST_FOR_UNSUBSCRIBE, Limits, Policy};

const NEVER_ALONE: &str = "one person must not be able to destroy data, so it is never below 1";

/// Reads `[policy]`, all of it before giving up on any.
pub(super) fn policy(from: &mut ConfigReader) -> Option<Policy> {
    let for_unsubscribe = from.text(FOR_UNSUBSCRIBE, "1s to 24h", |text| {
        limit(text, LONGEST_FOR_UNSUBSCRIBE)
    });
    let for_expiry = from.text(FOR_EXPIRY, "1s to 7d", |text| {
        limit(text, LONGEST_FOR_EXPIRY)
    });
    let upgrade = from.number(APPROVALS_FOR_UPGRADE, "0 to 10", |number| {
        within(number, 0..=10)
    });
    let unsubscribe = from.number(
        APPROVALS_FOR_UNSUBSCRIBE,
        "1 to 10",
        |number| match number {
            0 => Err(NEVER_ALONE.to_owned()),
            number => within(number, 1..=10),
        },
    );
    let await_expiry = from.number(APPROVALS_FOR_AWAIT_EXPIRY, "0 to 10", |number| {
        within(number, 0..=10)
    });
    let attesters = from.number(ATTESTERS, "1 to 5", |number| within(number, 1..=5));
    Some(Policy {
        limits: Limits {
            action_for_unsubscribe: for_unsubscribe?,
            action_for_expiry: for_expiry?,
        },
        approvals_for_upgrade: upgrade?,
        approvals_for_unsubscribe: unsubscribe?,
        approvals_for_await_expiry: await_expiry?,
        attesters: attesters?,
    })
}

/// Reads `[channels]`.
pub(super) fn channels(from: &mut ConfigReader) -> Option<Channels> {
    let default = from.text(DEFAULT_CHANNEL, "the name of a channel", label);
    let alerts = from.text(
        ALERTS,
        "the name of a channel, or empty for the default one",
        |text| (!text.is_empty()).then(|| label(text)).transpose(),
    );
    let default = default?;
    Some(Channels {
        alerts: alerts?.unwrap_or_else(|| default.clone()),
        default,
    })
}

fn within(number: u8, range: RangeInclusive<u8>) -> Result<u8, String> {
    let fits = range.contains(&number);
    fits.then_some(number)
        .ok_or_else(|| OUT_OF_RANGE.to_owned())
}

fn limit(text: &str, longest: TimeDelta) -> Result<TimeDelta, String> {
    let span = parse_span(text).map_err(|error| error.to_string())?;
    if span > longest {
        let longest = show_span(longest);
        return Err(format!(
            "the documented rule action-known allows {longest} at most, and a team may only tighten that"
        ));
    }
    Ok(span)
}

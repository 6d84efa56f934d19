//! `[retention]`: for how long what nothing needs any more is kept.

use chrono::TimeDelta;

use super::RETENTION;
use super::reader::{ConfigReader, OUT_OF_RANGE};
use crate::domain::retention::Retention;
use crate::domain::span::parse_span;

/// A file can be undone for so long, and what is sent again comes sooner.
const SHORTEST: TimeDelta = TimeDelta::days(7);

/// Reads `[retention]`, all of it before giving up on any.
pub(super) fn retention(from: &mut ConfigReader) -> Option<Retention> {
    let mut read = |key| {
        from.text(key, "7d to 3650d", |text| {
            let span = parse_span(text).map_err(|error| error.to_string())?;
            (span >= SHORTEST)
                .then_some(span)
                .ok_or_else(|| OUT_OF_RANGE.to_owned())
        })
    };
    let [outbox, reminders, notices, files] = RETENTION.map(&mut read);
    Some(Retention {
        outbox: outbox?,
        reminders: reminders?,
        notices: notices?,
        files: files?,
    })
}

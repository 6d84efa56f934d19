//! Replies about reminders: the plan, its outcomes, acknowledgements and snoozes.

use super::handle;
use super::reminder::why;
use super::table;
use super::time::Reader;
use crate::answer::{Reminded, Snoozed};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::instance::Tracking;
use crate::domain::reminder::{Acked, Attention, Level, Planned, Topic};

/// A level in words.
fn level(level: Level) -> String {
    let hours = level.hours.abs();
    let concern = matches!(level.topic, Topic::Concern(_));
    let length = match (hours % 24, hours / 24) {
        (0, 1) => "1 day".to_owned(),
        (0, days) => format!("{days} days"),
        _ => format!("{hours} h"),
    };
    let about = match level.topic {
        Topic::Expiry => "expiry",
        Topic::Charge => "auto-renewal charges",
        Topic::Attest => "attest again",
        Topic::Concern(kind) => kind.as_str(),
    };
    match level.hours {
        0 if concern => format!("{about}, at once"),
        0 => format!("{about}, on the day"),
        hours if hours < 0 => format!("{about}, {length} before"),
        _ => format!("{about}, {length} after"),
    }
}

fn next_line(next: Option<Timestamp>, reader: &Reader) -> String {
    next.map_or_else(
        || "No other reminder is planned.".to_owned(),
        |at| format!("The next reminder is due {}.", reader.moment(at)),
    )
}

/// No reminder is planned.
pub(super) fn nothing(case: &Case) -> String {
    let instance = &case.instance;
    let why = match instance.tracking {
        Tracking::Lost(_) => "it is recorded as deleted at the vendor",
        Tracking::Tracked | Tracking::Removed(_) => "it does not expire, or nobody has said when",
    };
    format!(
        "There is nothing to remind of for {}: {why}. `instance show {}` says what is known.",
        instance.called(),
        handle(instance)
    )
}

/// The reply to an answer to a past reminder.
pub(super) fn past(
    case: &Case,
    about: Timestamp,
    of: Option<Timestamp>,
    reader: &Reader,
) -> String {
    let instance = &case.instance;
    let handle = handle(instance);
    let was = format!(
        "Nothing was recorded: that reminder of {} was about {}, which is past.",
        instance.called(),
        reader.instant(about)
    );
    match of {
        Some(of) => format!(
            "{was} Reminders are about {} now; `reminders {handle}` shows them, `ack {handle}` says that you know of them.",
            reader.moment(of)
        ),
        None => format!(
            "{was} There is nothing to remind of now: `instance show {handle}` says what is known."
        ),
    }
}

/// The reply to an acknowledgement.
pub(super) fn acked(
    case: &Case,
    acked: &Acked,
    until: Timestamp,
    next: Option<Timestamp>,
    reader: &Reader,
) -> String {
    if next.is_none() && case.instance.may_be_expired(reader.now) {
        return format!(
            "Noted: {} knows of {} (since {}). It has expired, and no reminder of it is left that could mention anybody. `todo` says what settles it.",
            acked.by,
            case.instance.called(),
            reader.instant(acked.at)
        );
    }
    format!(
        "Noted: {} knows of {} (since {}). Reminders mention nobody until {}, unless what is known of it gets worse before: its action, its auto-renewal, its expiry, or something new. {}",
        acked.by,
        case.instance.called(),
        reader.instant(acked.at),
        reader.instant(until),
        next_line(next, reader)
    )
}

/// The reply to a snooze.
pub(super) fn snoozed(case: &Case, snoozed: Snoozed, reader: &Reader) -> String {
    let name = case.instance.called();
    let handle = handle(&case.instance);
    match snoozed {
        Snoozed::Until {
            until,
            capped: false,
        } => format!(
            "Done: the reminder of {name} comes again {}. `ack {handle}` cancels that.",
            reader.moment(until)
        ),
        Snoozed::Until {
            until,
            capped: true,
        } => format!(
            "Done: the next reminder of {name} is due {}, sooner than you asked for, and takes its place.",
            reader.moment(until)
        ),
        Snoozed::NothingShown { next } => format!(
            "No reminder of {name} was shown that could come again. {}",
            next_line(next, reader)
        ),
        Snoozed::Never { next: None } => format!(
            "{name} has expired: no reminder of it is left that could come later. `todo` says what settles it."
        ),
        Snoozed::Never { next } => format!(
            "{name} has expired and may be deleted at any moment: its reminders cannot be moved. `ack {handle}` makes them come every 24 h. {}",
            next_line(next, reader)
        ),
    }
}

/// The planned and past reminders.
pub(super) fn list(
    case: &Case,
    settled: &[Reminded],
    planned: &[Planned],
    attention: &Attention,
    reader: &Reader,
) -> String {
    if settled.is_empty() && planned.is_empty() {
        return nothing(case);
    }
    let was = settled.iter().map(|reminded| {
        let came_to = match (reminded.skipped, reminded.sent) {
            (Some(reason), _) => format!("skipped: {}", why(reason)),
            (None, Some(sent)) => format!("sent {}", reader.instant(sent)),
            (None, None) => "posted, not sent yet".to_owned(),
        };
        [reader.instant(reminded.due), level(reminded.level), came_to]
    });
    let will = planned.iter().map(|planned| {
        let said = planned.mute.map_or_else(
            || format!("planned, {}", reader.relative(planned.due)),
            |mute| format!("will be skipped: {}", why(mute.into())),
        );
        [reader.instant(planned.due), level(planned.level()), said]
    });
    let mut out = format!("Reminders of {}:\n", case.instance.called());
    out.push_str(&table::rows(was.chain(will), reader.columns));
    out.truncate(out.trim_end().len());
    if let Some(acked) = &attention.acked {
        out.push_str(&format!(
            "\n{} knows, since {}: nobody is mentioned.",
            acked.by,
            reader.instant(acked.at)
        ));
    }
    if let Some(snooze) = &attention.snooze {
        out.push_str(&format!(
            "\n{} wants to see “{}” again {}.",
            snooze.by,
            level(snooze.level),
            reader.moment(snooze.until)
        ));
    }
    out
}

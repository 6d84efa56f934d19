//! When people want to be reminded, and who is told that the bot is alive.

use chrono::TimeDelta;
use url::Url;

use super::reader::{ConfigReader, OUT_OF_RANGE};
use super::{DAYS, HEARTBEAT_URL, IMPORT_STALE_AFTER, QUIET_HOURS};
use crate::domain::reminder::{Days, Quiet};
use crate::domain::span::parse_span;

/// Reads the quiet hours of `[reminders]`.
pub(super) fn quiet(from: &mut ConfigReader) -> Option<Option<Quiet>> {
    let allowed = "two times such as \"22:00-08:00\", or empty for none";
    from.text(QUIET_HOURS, allowed, |text| {
        let hours = (!text.is_empty()).then(|| Quiet::parse(text));
        hours.transpose().map_err(ToOwned::to_owned)
    })
}

/// Reads the days of `[reminders]`.
pub(super) fn days(from: &mut ConfigReader) -> Option<Days> {
    let allowed = "up to 12 different days from 0 to 365, such as \"14, 3, 0\"";
    let mut read = |key| {
        from.text(key, allowed, |text| {
            Days::parse(text).map_err(ToOwned::to_owned)
        })
    };
    let [at_risk, downgrades, renews, charges, attests] = DAYS.map(&mut read);
    Some(Days {
        at_risk: at_risk?,
        downgrades: downgrades?,
        renews: renews?,
        charges: charges?,
        attests: attests?,
    })
}

/// Reads `[import]`: after how long without one people are told.
pub(super) fn import_stale_after(from: &mut ConfigReader) -> Option<Option<TimeDelta>> {
    let allowed = "1h to 365d, or empty for never";
    from.text(IMPORT_STALE_AFTER, allowed, |text| {
        (!text.is_empty()).then(|| longest(text)).transpose()
    })
}

fn longest(text: &str) -> Result<TimeDelta, String> {
    let span = parse_span(text).map_err(|error| error.to_string())?;
    let allowed = TimeDelta::hours(1)..=TimeDelta::days(365);
    allowed
        .contains(&span)
        .then_some(span)
        .ok_or_else(|| OUT_OF_RANGE.to_owned())
}

/// Reads `[heartbeat]`.
pub(super) fn heartbeat(from: &mut ConfigReader) -> Option<Option<Url>> {
    let allowed = "an address such as \"https://monitor.example/ping/warden\", or empty for none";
    from.text(HEARTBEAT_URL, allowed, |text| {
        (!text.is_empty()).then(|| address(text)).transpose()
    })
}

fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "it is not a web address".to_owned())?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    web.then_some(url)
        .ok_or_else(|| "it is not a web address".to_owned())
}

/// As the summary shows it: what lies behind the host may be a secret.
pub(super) fn shown(url: Option<&Url>) -> String {
    url.map_or_else(String::new, |url| {
        let host = url.host_str().unwrap_or_default();
        format!("{}://{host}/…", url.scheme())
    })
}

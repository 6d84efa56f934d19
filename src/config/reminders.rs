//! When people want to be reminded, and who is told that the bot is alive.

use url::Url;

use super::reader::Reader;
use super::{DAYS, HEARTBEAT_URL, QUIET_HOURS};
use crate::domain::reminder::{Days, Quiet};

/// Reads the quiet hours of `[reminders]`.
pub(super) fn quiet(from: &mut Reader) -> Option<Option<Quiet>> {
    let allowed = "two times such as \"22:00-08:00\", or empty for none";
    from.text(QUIET_HOURS, allowed, |text| {
        let hours = (!text.is_empty()).then(|| Quiet::parse(text));
        hours.transpose().map_err(ToOwned::to_owned)
    })
}

/// Reads the days of `[reminders]`.
pub(super) fn days(from: &mut Reader) -> Option<Days> {
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

/// Reads `[heartbeat]`.
pub(super) fn heartbeat(from: &mut Reader) -> Option<Option<Url>> {
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

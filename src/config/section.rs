//! The sections: each setting with a description of its allowed values and its parser.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use toml::{Table, Value};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use super::{DiscordConfig, Log, LogFormat};
use crate::domain::id::{IdError, Label, excerpt};
use crate::domain::nearest::{did_you_mean, nearest};
use crate::domain::notice::WordingKind;
use crate::domain::place::Address;
use crate::domain::reminder::{Days, Quiet};
use crate::domain::retention::Retention;
use crate::domain::setting::zone;
use crate::domain::span::{parse_span, show_span};
use crate::domain::team::{LONGEST_FOR_EXPIRY, LONGEST_FOR_UNSUBSCRIBE};

#[derive(Deserialize)]
pub(super) struct Sections {
    pub(super) database: DatabaseSection,
    pub(super) time: TimeSection,
    pub(super) policy: PolicySection,
    pub(super) channels: ChannelsSection,
    pub(super) notices: NoticesSection,
    pub(super) reminders: RemindersSection,
    pub(super) retention: Retention,
    pub(super) import: ImportSection,
    pub(super) heartbeat: HeartbeatSection,
    pub(super) discord: DiscordConfig,
    pub(super) http: HttpSection,
    pub(super) metrics: MetricsSection,
    pub(super) log: Log,
    #[serde(default)]
    pub(super) teams: BTreeMap<String, TeamEntry>,
}

/// Declares sections, or how to read a section declared elsewhere. Each setting has a name, a type, its kind in TOML, the allowed
/// values, and a parser.
macro_rules! sections {
    ($($kind:ident $section:ident {$($field:ident: $read:ty = $from:ident($allowed:expr, $parse:expr);)*})*) => {$(
        sections! { @$kind $section {$($field: $read,)*} }

        impl<'de> Deserialize<'de> for $section {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let table = Table::deserialize(from)?;
                Ok(Self {$($field: {
                    let read = $from(table.get(stringify!($field))).and_then($parse);
                    read.map_err(|reason| D::Error::custom(match $allowed {
                        "" => reason,
                        allowed => format!("{reason}; allowed: {allowed}"),
                    }))?
                },)*})
            }
        }
    )*};
    (@declared $section:ident {$($field:ident: $read:ty,)*}) => {
        pub(super) struct $section {$(pub(super) $field: $read,)*}
    };
    (@elsewhere $section:ident {$($field:ident: $read:ty,)*}) => {};
}

sections! {
    declared DatabaseSection {
        path: PathBuf = text("the path of a file", path);
        url: Option<Address> = text("an address such as \"postgres://warden@db.example.com/warden\", or empty for a file", |text| or_none(text, |text| Address::parse(text).map_err(|error| error.to_string())));
    }
    declared TimeSection {
        vendor_zone: Tz = text("a zone's name, such as \"Asia/Shanghai\", \"Europe/Berlin\" or \"UTC\"", zone);
        reader_zone: Option<Tz> = text("a zone's name, or empty for the vendor's", |text| or_none(text, zone));
    }
    declared PolicySection {
        action_for_unsubscribe: TimeDelta = text("1s to 24h", |text| limit(text, LONGEST_FOR_UNSUBSCRIBE));
        action_for_expiry: TimeDelta = text("1s to 7d", |text| limit(text, LONGEST_FOR_EXPIRY));
        approvals_for_upgrade: u8 = number("0 to 10", |number| within(number, 0..=10));
        approvals_for_unsubscribe: u8 = number("1 to 10", |number| match number {
            0 => Err("one person must not be able to destroy data, so it is never below 1".to_owned()),
            number => within(number, 1..=10),
        });
        approvals_for_await_expiry: u8 = number("0 to 10", |number| within(number, 0..=10));
        observers: u8 = number("1 to 5", |number| within(number, 1..=5));
    }
    declared ChannelsSection {
        default: Label = text("the name of a channel", label);
        alerts: Option<Label> = text("the name of a channel, or empty for the default one", |text| or_none(text, label));
    }
    declared NoticesSection {
        link_hosts: Vec<String> = text("names of hosts separated by commas, such as \"example.com, example.org\", or empty for none", |text| each(text, host));
        vendor_channels: Vec<String> = text("ids of watched channels separated by commas, or empty for none", |text| each(text, |id| Ok(id.to_owned())));
        wording: BTreeMap<String, WordingEntry> = tables("", Ok);
    }
    declared WordingEntry {
        kind: Option<WordingKind> = optional("release, expiry, other, greeting, tail or signature", |word| if_any(word, kind));
        template: Option<String> = optional("a text with slots", |text| if_any(text, |text| Ok(text.to_owned())));
        subjects: Vec<String> = texts("texts in quotes in a list", Ok);
    }
    declared RemindersSection {
        quiet_hours: Option<Quiet> = text("two times such as \"22:00-08:00\", or empty for none", |text| or_none(text, |text| Quiet::parse(text).map_err(ToOwned::to_owned)));
        at_risk_days: Vec<i32> = text(DAYS, days);
        downgrade_days: Vec<i32> = text(DAYS, days);
        renewal_days: Vec<i32> = text(DAYS, days);
        charge_days: Vec<i32> = text(DAYS, days);
        attest_days: Vec<i32> = text(DAYS, days);
    }
    elsewhere Retention {
        outbox: TimeDelta = text("7d to 3650d", kept);
        reminders: TimeDelta = text("7d to 3650d", kept);
        notices: TimeDelta = text("7d to 3650d", kept);
        files: TimeDelta = text("7d to 3650d", kept);
    }
    declared ImportSection {
        stale_after: Option<TimeDelta> = text("1h to 365d, or empty for never", |text| or_none(text, |text| span(text, TimeDelta::hours(1)..=TimeDelta::days(365))));
    }
    declared HeartbeatSection {
        url: Option<Url> = text("an address such as \"https://monitor.example/ping/warden\", or empty for none", |text| or_none(text, web_address));
    }
    elsewhere DiscordConfig {
        token: Option<Token> = elsewhere("", Ok);
        token_file: Option<String> = text("the path of a file, or empty for none", |text| or_none(text.trim(), |text| Ok(text.to_owned())));
        guilds: Vec<u64> = text("ids of servers separated by commas, such as \"81384788765712384\", or empty for all", |text| each(text, guild));
    }
    declared HttpSection {
        listen: Option<SocketAddr> = text(LISTENS, |text| or_none(text, address));
        beyond_loopback: bool = flag("true or false", Ok);
        per_minute: NonZeroU16 = number("1 to 60000", per_minute);
        keys: BTreeMap<String, KeyEntry> = tables("", Ok);
    }
    declared MetricsSection {
        per_instance: bool = flag("true or false", Ok);
    }
    declared KeyEntry {
        workspace: Option<Label> = optional("the name of a workspace in quotes", |text| if_any(text, label));
        secret_file: Option<String> = optional("the path of a file with the secret and nothing else", |text| if_any(text, |text| Ok(text.to_owned())));
        bearer: bool = off_or("true or false", Ok);
        vendor: bool = off_or("true or false", Ok);
    }
    declared TeamEntry {
        channel: Option<Label> = optional("a name in quotes, or leave it out", |text| if_any(text, label));
        mention: Option<Label> = optional("a name in quotes, or leave it out", |text| if_any(text, label));
    }
    elsewhere Log {
        level: String = text("off, error, warn, info, debug or trace, also by module, such as \"warn,edition_warden=debug\"", filter);
        format: LogFormat = text("\"text\" or \"json\"", |word| LogFormat::from_word(word).ok_or_else(|| "there is no such format".to_owned()));
    }
}

const DAYS: &str = "up to 12 different days from 0 to 365, such as \"14, 3, 0\"";

/// The allowed addresses for HTTP, as text.
pub(super) const LISTENS: &str = "an address of this machine with a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\", or empty to listen nowhere";

/// The text of a setting.
fn text(value: Option<&Value>) -> Result<&str, String> {
    match value {
        Some(Value::String(text)) if text.contains('\0') => {
            Err("it holds a NUL character".to_owned())
        }
        Some(Value::String(text)) => Ok(text),
        other => Err(format!(
            "it is {} where a text in quotes is wanted",
            name(other)
        )),
    }
}

/// The text of an optional setting.
fn optional(value: Option<&Value>) -> Result<Option<&str>, String> {
    value.map(|value| text(Some(value))).transpose()
}

fn texts(value: Option<&Value>) -> Result<Vec<String>, String> {
    let one = |one| text(Some(one)).map(str::to_owned);
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(all)) => all.iter().map(one).collect(),
        Some(_) => Err("it is not a list of texts in quotes".to_owned()),
    }
}

/// The number of a setting, also as text: the environment has only texts.
fn number(value: Option<&Value>) -> Result<i64, String> {
    let digits = match value {
        Some(Value::Integer(number)) => return Ok(*number),
        Some(Value::String(text)) => text.trim(),
        other => {
            return Err(format!(
                "it is {} where a whole number is wanted",
                name(other)
            ));
        }
    };
    let whole = digits.strip_prefix('-').unwrap_or(digits);
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("it is not a whole number".to_owned());
    }
    digits.parse().map_err(|_| out_of_range())
}

/// The boolean of a setting, also as text.
fn flag(value: Option<&Value>) -> Result<bool, String> {
    match value {
        Some(Value::Boolean(flag)) => Ok(*flag),
        Some(Value::String(text)) if text == "true" => Ok(true),
        Some(Value::String(text)) if text == "false" => Ok(false),
        other => Err(format!(
            "it is {} where true or false is wanted",
            name(other)
        )),
    }
}

fn off_or(value: Option<&Value>) -> Result<bool, String> {
    value.map_or(Ok(false), |value| flag(Some(value)))
}

/// Repeated tables by name.
fn tables<T: DeserializeOwned>(value: Option<&Value>) -> Result<BTreeMap<String, T>, String> {
    let tables = value.map(|value| BTreeMap::deserialize(value.clone()));
    let tables = tables
        .transpose()
        .map_err(|error| error.message().to_owned());
    Ok(tables?.unwrap_or_default())
}

/// A value that comes from elsewhere, never from a file.
fn elsewhere<T: Default>(_: Option<&Value>) -> Result<T, String> {
    Ok(T::default())
}

const fn name(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing",
        Some(Value::Boolean(_)) => "true or false",
        Some(Value::String(_) | Value::Datetime(_)) => "a text",
        Some(Value::Integer(_) | Value::Float(_)) => "a number",
        Some(Value::Table(_)) => "a section",
        Some(Value::Array(_)) => "a list",
    }
}

fn per_minute(number: i64) -> Result<NonZeroU16, String> {
    let number = within(number, 1..=60_000)?;
    NonZeroU16::new(number).ok_or_else(out_of_range)
}

fn out_of_range() -> String {
    "it is out of range".to_owned()
}

fn within<N: TryFrom<i64> + PartialOrd>(
    number: i64,
    range: RangeInclusive<N>,
) -> Result<N, String> {
    let number = N::try_from(number).ok();
    number
        .filter(|number| range.contains(number))
        .ok_or_else(out_of_range)
}

fn or_none<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    (!text.is_empty()).then(|| parse(text)).transpose()
}

/// Parses comma-separated parts.
fn each<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let parts = text.split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(parse).collect()
}

fn if_any<T>(
    text: Option<&str>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    text.map(parse).transpose()
}

fn path(text: &str) -> Result<PathBuf, String> {
    match text.trim().is_empty() {
        true => Err("it is empty".to_owned()),
        false => Ok(text.into()),
    }
}

/// The name of a team, a channel, or a mention.
pub(super) fn label(text: &str) -> Result<Label, String> {
    Label::parse(text).map_err(|error| match error {
        IdError::NotName { reason, .. } => reason.to_owned(),
        other => other.to_string(),
    })
}

fn span(text: &str, allowed: RangeInclusive<TimeDelta>) -> Result<TimeDelta, String> {
    let span = parse_span(text).map_err(|error| error.to_string())?;
    let fits = allowed.contains(&span);
    fits.then_some(span).ok_or_else(out_of_range)
}

fn kept(text: &str) -> Result<TimeDelta, String> {
    span(text, TimeDelta::days(7)..=TimeDelta::days(3_650))
}

fn days(text: &str) -> Result<Vec<i32>, String> {
    Days::parse(text).map_err(ToOwned::to_owned)
}

fn kind(word: &str) -> Result<WordingKind, String> {
    WordingKind::from_word(word).ok_or_else(|| "there is no such kind".to_owned())
}

fn limit(text: &str, longest: TimeDelta) -> Result<TimeDelta, String> {
    let span = parse_span(text).map_err(|error| error.to_string())?;
    let fits = span <= longest;
    fits.then_some(span).ok_or_else(|| {
        let longest = show_span(longest);
        format!("the documented rule action-known allows {longest} at most, and a team may only tighten that")
    })
}

fn host(text: &str) -> Result<String, String> {
    match url::Host::parse(text) {
        Ok(url::Host::Domain(domain)) if domain.contains('.') => Ok(domain),
        Ok(_) | Err(_) => Err(format!("`{}` is not the name of a host", excerpt(text))),
    }
}

fn guild(word: &str) -> Result<u64, String> {
    let id = word.parse().ok().filter(|id| *id > 0);
    id.ok_or_else(|| format!("`{word}` is not the id of a server"))
}

fn web_address(text: &str) -> Result<Url, String> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let url = Url::parse(text).ok().filter(is_web);
    url.ok_or_else(|| "it is not a web address".to_owned())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "it is not an IP address with a port".to_owned())
}

/// Validates a log filter. A bare word that is no level would enable a module of that name, which is never intended.
fn filter(text: &str) -> Result<String, String> {
    const WORDS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    for part in text.split(',').map(str::trim) {
        let bare = !part.contains(['=', '[', ':']);
        if bare && part.parse::<LevelFilter>().is_err() {
            let hint = did_you_mean(nearest(part, WORDS));
            return Err(format!("`{part}` is not a level{hint}"));
        }
    }
    match EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("it is not a log filter".to_owned()),
    }
}

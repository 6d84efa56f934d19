//! The settings: each with its key, its form in TOML, the values it allows, and where a valid one goes. A new setting is a line here
//! and a default in `config/warden.toml`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use chrono::TimeDelta;
use chrono_tz::Tz;
use toml::Value;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use super::source::SourceEntry;
use super::{Config, LogFormat};
use crate::domain::id::{ChannelId, IdError, Label, excerpt};
use crate::domain::nearest::{did_you_mean, nearest};
use crate::domain::notice::WordingKind;
use crate::domain::place::Address;
use crate::domain::reminder::{Days, Quiet};
use crate::domain::setting::zone;
use crate::domain::span::{parse_span, show_span};
use crate::domain::team::{LONGEST_FOR_EXPIRY, LONGEST_FOR_UNSUBSCRIBE, Team};

pub(super) struct KnownSetting {
    /// Such as `time.vendor_zone`; `*` stands for a name, or for an index in a list.
    pub(super) key: &'static str,
    /// `text`, `texts`, `number` or `flag`.
    form: &'static str,
    /// The allowed values, for people.
    allowed: &'static str,
    /// Takes a value, which belongs to the table with this name; fails with the reason why the value is invalid.
    take: fn(&mut Draft, &str, &Value) -> Result<(), String>,
}

impl KnownSetting {
    /// Numbers and flags are shown without quotes.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self.form, "number" | "flag")
    }
}

/// The tables that occur several times and only in a file. `*` is a name, or an index in a list.
pub(super) const TABLES: [(&str, &str); 3] = [
    ("notices.wording.*", "each wording is a table of its own"),
    ("http.keys.*", "a key is a section of its own"),
    ("teams.*", "a team is a section of its own"),
];

/// The configuration while settings are taken.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) config: Config,
    pub(super) path: PathBuf,
    pub(super) url: Option<Address>,
    pub(super) reader_zone: Option<Tz>,
    pub(super) alerts: Option<ChannelId>,
    pub(super) hosts: Vec<String>,
    pub(super) vendor_channels: Vec<String>,
    pub(super) teams: BTreeMap<String, Team>,
    pub(super) keys: BTreeMap<String, KeyEntry>,
    pub(super) wordings: BTreeMap<String, WordingEntry>,
    /// The values in force, with their origins.
    pub(super) held: BTreeMap<String, InForce>,
}

/// A value in force.
pub(super) struct InForce {
    pub(super) value: Value,
    pub(super) origin: String,
}

/// A key of `[http.keys]`.
#[derive(Clone, Default)]
pub(super) struct KeyEntry {
    pub(super) workspace: Option<Label>,
    pub(super) secret_file: Option<String>,
    pub(super) bearer: bool,
    pub(super) vendor: bool,
}

#[derive(Default)]
pub(super) struct WordingEntry {
    pub(super) kind: Option<WordingKind>,
    pub(super) template: Option<String>,
    pub(super) subjects: Vec<String>,
}

macro_rules! settings {
    ($($key:literal = $form:ident($allowed:expr), |$draft:ident, $name:tt, $given:ident| $set:expr;)*) => {
        /// All settings, in the order in which they are read and shown.
        pub(super) const SETTINGS: &[KnownSetting] = &[$(KnownSetting {
            key: $key,
            form: stringify!($form),
            allowed: $allowed,
            take: |$draft, $name, value| {
                let $given = $form(value)?;
                $set;
                Ok(())
            },
        }),*];
    };
}

settings! {
    "database.path" = text("the path of a file"), |it, _, given| it.path = path(given)?;
    "database.url" = text("an address such as \"postgres://warden@db.example.com/warden\", or empty for a file"), |it, _, given| it.url = or_none(given, |text| Address::parse(text).map_err(|error| error.to_string()))?;
    "time.vendor_zone" = text("a zone's name, such as \"Asia/Shanghai\", \"Europe/Berlin\" or \"UTC\""), |it, _, given| it.config.vendor_zone = zone(given)?;
    "time.reader_zone" = text("a zone's name, or empty for the vendor's"), |it, _, given| it.reader_zone = or_none(given, zone)?;
    "policy.action_for_unsubscribe" = text("1s to 24h"), |it, _, given| it.config.policy.limits.action_for_unsubscribe = limit(given, LONGEST_FOR_UNSUBSCRIBE)?;
    "policy.action_for_expiry" = text("1s to 7d"), |it, _, given| it.config.policy.limits.action_for_expiry = limit(given, LONGEST_FOR_EXPIRY)?;
    "policy.approvals_for_upgrade" = number("0 to 10"), |it, _, given| it.config.policy.approvals_for_upgrade = within(given, 0..=10)?;
    "policy.approvals_for_unsubscribe" = number("1 to 10"), |it, _, given| it.config.policy.approvals_for_unsubscribe = match given {
        0 => return Err("one person must not be able to destroy data, so it is never below 1".to_owned()),
        number => within(number, 1..=10)?,
    };
    "policy.approvals_for_await_expiry" = number("0 to 10"), |it, _, given| it.config.policy.approvals_for_await_expiry = within(given, 0..=10)?;
    "policy.observers" = number("1 to 5"), |it, _, given| it.config.policy.observers = within(given, 1..=5)?;
    "channels.default" = text("the name of a channel"), |it, _, given| it.config.channels.default = label(given)?;
    "channels.alerts" = text("the name of a channel, or empty for the default one"), |it, _, given| it.alerts = or_none(given, label)?;
    "notices.link_hosts" = text("names of hosts separated by commas, such as \"example.com, example.org\", or empty for none"), |it, _, given| it.hosts = each(given, host)?;
    "notices.vendor_channels" = text("ids of watched channels separated by commas, or empty for none"), |it, _, given| it.vendor_channels = each(given, any)?;
    "notices.wording.*.kind" = text("release, expiry, other, greeting, tail or signature"), |it, name, given| it.wording(name).kind = Some(WordingKind::from_word(given).ok_or("there is no such kind")?);
    "notices.wording.*.template" = text("a text with slots"), |it, name, given| it.wording(name).template = Some(any(given)?);
    "notices.wording.*.subjects" = texts("texts in quotes in a list"), |it, name, given| it.wording(name).subjects = given;
    "reminders.quiet_hours" = text("two times such as \"22:00-08:00\", or empty for none"), |it, _, given| it.config.cadence.quiet = or_none(given, |text| Quiet::parse(text).map_err(ToOwned::to_owned))?;
    "reminders.at_risk_days" = text(DAYS), |it, _, given| it.config.cadence.days.at_risk = Days::parse(given)?;
    "reminders.downgrade_days" = text(DAYS), |it, _, given| it.config.cadence.days.downgrades = Days::parse(given)?;
    "reminders.renewal_days" = text(DAYS), |it, _, given| it.config.cadence.days.renews = Days::parse(given)?;
    "reminders.charge_days" = text(DAYS), |it, _, given| it.config.cadence.days.charges = Days::parse(given)?;
    "reminders.attest_days" = text(DAYS), |it, _, given| it.config.cadence.days.attests = Days::parse(given)?;
    "retention.outbox" = text("7d to 3650d"), |it, _, given| it.config.retention.outbox = kept(given)?;
    "retention.reminders" = text("7d to 3650d"), |it, _, given| it.config.retention.reminders = kept(given)?;
    "retention.notices" = text("7d to 3650d"), |it, _, given| it.config.retention.notices = kept(given)?;
    "retention.files" = text("7d to 3650d"), |it, _, given| it.config.retention.files = kept(given)?;
    "import.stale_after" = text("1h to 365d, or empty for never"), |it, _, given| it.config.import_stale_after = or_none(given, |text| span(text, TimeDelta::hours(1)..=TimeDelta::days(365)))?;
    "heartbeat.url" = text("an address such as \"https://monitor.example/ping/warden\", or empty for none"), |it, _, given| it.config.heartbeat = or_none(given, web_address)?;
    "discord.token_file" = text("the path of a file, or empty for none"), |it, _, given| it.config.discord.token_file = or_none(given.trim(), any)?;
    "discord.guilds" = text("ids of servers separated by commas, such as \"81384788765712384\", or empty for all"), |it, _, given| it.config.discord.guilds = each(given, guild)?;
    "http.listen" = text(LISTENS), |it, _, given| it.config.http.listen = or_none(given, address)?;
    "http.beyond_loopback" = flag("true or false"), |it, _, given| it.config.http.beyond_loopback = given;
    "http.per_minute" = number("1 to 60000"), |it, _, given| it.config.http.per_minute = within(given, 1..=60_000).map(NonZeroU16::new)?.ok_or_else(out_of_range)?;
    "http.keys.*.workspace" = text("the name of a workspace in quotes"), |it, name, given| it.key(name).workspace = Some(label(given)?);
    "http.keys.*.bearer" = flag("true or false"), |it, name, given| it.key(name).bearer = given;
    "http.keys.*.vendor" = flag("true or false"), |it, name, given| it.key(name).vendor = given;
    "http.keys.*.secret_file" = text("the path of a file with the secret and nothing else"), |it, name, given| it.key(name).secret_file = Some(any(given)?);
    "metrics.per_instance" = flag("true or false"), |it, _, given| it.config.http.per_instance = given;
    "log.level" = text("off, error, warn, info, debug or trace, also by module, such as \"warn,edition_warden=debug\""), |it, _, given| it.config.log.level = filter(given)?;
    "log.format" = text("\"text\" or \"json\""), |it, _, given| it.config.log.format = LogFormat::from_word(given).ok_or("there is no such format")?;
    "teams.*.channel" = text("a name in quotes, or leave it out"), |it, name, given| it.team(name).channel = Some(label(given)?);
    "teams.*.mention" = text("a name in quotes, or leave it out"), |it, name, given| it.team(name).mention = Some(label(given)?);
}

const DAYS: &str = "up to 12 different days from 0 to 365, such as \"14, 3, 0\"";

/// The allowed addresses for HTTP, as text.
pub(super) const LISTENS: &str = "an address of this machine with a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\", or empty to listen nowhere";

impl Draft {
    /// Takes a setting, or an empty table. The origin counts even where the value is invalid.
    pub(super) fn set_entry(&mut self, entry: &SourceEntry) -> Result<(), String> {
        let (value, origin) = (entry.value.clone(), entry.origin.clone());
        self.held
            .insert(entry.path.join("."), InForce { value, origin });
        let words: Vec<&str> = entry.path.iter().map(String::as_str).collect();
        let name = match words.as_slice() {
            ["teams", name, ..] => {
                self.team(name);
                name
            }
            ["http", "keys", name, ..] => {
                self.key(name);
                name
            }
            ["notices", "wording", number, ..] => {
                self.wording(number);
                number
            }
            _ => "",
        };
        let Some(setting) = SETTINGS.iter().find(|it| entry.is_at(it.key)) else {
            return Ok(());
        };
        (setting.take)(self, name, &entry.value)
            .map_err(|reason| format!("{reason}; allowed: {}", setting.allowed))
    }

    fn team(&mut self, name: &str) -> &mut Team {
        self.teams.entry(name.to_owned()).or_default()
    }

    fn key(&mut self, name: &str) -> &mut KeyEntry {
        self.keys.entry(name.to_owned()).or_default()
    }

    fn wording(&mut self, number: &str) -> &mut WordingEntry {
        self.wordings.entry(number.to_owned()).or_default()
    }
}

fn text(value: &Value) -> Result<&str, String> {
    match value {
        Value::String(text) if text.contains('\0') => Err("it holds a NUL character".to_owned()),
        Value::String(text) => Ok(text),
        other => Err(wanted(other, "a text in quotes")),
    }
}

fn texts(value: &Value) -> Result<Vec<String>, String> {
    let all = value
        .as_array()
        .ok_or("it is not a list of texts in quotes")?;
    all.iter().map(|one| text(one).map(str::to_owned)).collect()
}

/// A number, also as text: the environment has only texts.
fn number(value: &Value) -> Result<i64, String> {
    let digits = match value {
        Value::Integer(number) => return Ok(*number),
        Value::String(text) => text.trim(),
        other => return Err(wanted(other, "a whole number")),
    };
    let whole = digits.strip_prefix('-').unwrap_or(digits);
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("it is not a whole number".to_owned());
    }
    digits.parse().map_err(|_| out_of_range())
}

/// A boolean, also as text.
fn flag(value: &Value) -> Result<bool, String> {
    match value {
        Value::Boolean(flag) => Ok(*flag),
        Value::String(text) if matches!(text.as_str(), "true" | "false") => Ok(text == "true"),
        other => Err(wanted(other, "true or false")),
    }
}

fn wanted(given: &Value, wanted: &str) -> String {
    let name = match given {
        Value::Boolean(_) => "true or false",
        Value::String(_) | Value::Datetime(_) => "a text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Table(_) => "a section",
        Value::Array(_) => "a list",
    };
    format!("it is {name} where {wanted} is wanted")
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

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is passed where a parser is wanted"
)]
fn any(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

fn path(text: &str) -> Result<PathBuf, String> {
    match text.trim().is_empty() {
        true => Err("it is empty".to_owned()),
        false => Ok(text.into()),
    }
}

/// The name of a team, a channel, or a mention.
pub(super) fn label<T: FromStr<Err = IdError>>(text: &str) -> Result<T, String> {
    text.parse::<T>().map_err(|error| match error {
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

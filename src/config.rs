//! The configuration: defaults, file and environment, read, merged and validated once, with all mistakes told at once.

mod discord;
mod error;
mod http;
mod layer;
mod notices;
mod policy;
mod reader;
mod reminders;
mod retention;
mod secret;
mod summary;
mod teams;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use crate::domain::audit::AuditKey;
use crate::domain::id::Label;
use crate::domain::instance::words;
use crate::domain::nearest::{did_you_mean, nearest};
use crate::domain::notice::Wordings;
use crate::domain::reminder::Cadence;
use crate::domain::retention::Retention;
use crate::domain::setting::zone;
use crate::domain::team::{Channels, Policy, Team};

pub use discord::{DiscordConfig, Token};
pub use error::{ConfigError, ConfigErrors};
pub use http::{Http, HttpKey};
use layer::{DEFAULT, Layer};
use reader::{ConfigReader, Origins};
pub use secret::Secret;

/// The configuration file that is read when none is named, if it is there.
pub const DEFAULT_FILE: &str = "config/warden.toml";

const DATABASE_PATH: &str = "database.path";
const VENDOR_ZONE: &str = "time.vendor_zone";
const READER_ZONE: &str = "time.reader_zone";
const FOR_UNSUBSCRIBE: &str = "policy.action_for_unsubscribe";
const FOR_EXPIRY: &str = "policy.action_for_expiry";
const APPROVALS_FOR_UPGRADE: &str = "policy.approvals_for_upgrade";
const APPROVALS_FOR_UNSUBSCRIBE: &str = "policy.approvals_for_unsubscribe";
const APPROVALS_FOR_AWAIT_EXPIRY: &str = "policy.approvals_for_await_expiry";
const ATTESTERS: &str = "policy.attesters";
const DEFAULT_CHANNEL: &str = "channels.default";
const ALERTS: &str = "channels.alerts";
const NOTICES_WORDING: &str = notices::SECTION;
const NOTICES_LINK_HOSTS: &str = "notices.link_hosts";
const NOTICES_VENDOR_CHANNELS: &str = "notices.vendor_channels";
const QUIET_HOURS: &str = "reminders.quiet_hours";
/// In the order of [`crate::domain::reminder::Days`].
const DAYS: [&str; 5] = [
    "reminders.at_risk_days",
    "reminders.downgrade_days",
    "reminders.renewal_days",
    "reminders.charge_days",
    "reminders.attest_days",
];
const IMPORT_STALE_AFTER: &str = "import.stale_after";
/// In the order of [`Retention`].
const RETENTION: [&str; 4] = [
    "retention.outbox",
    "retention.reminders",
    "retention.notices",
    "retention.files",
];
const HEARTBEAT_URL: &str = "heartbeat.url";
const TOKEN_FILE: &str = "discord.token_file";
const GUILDS: &str = "discord.guilds";
const LISTEN: &str = "http.listen";
const BEYOND_LOOPBACK: &str = "http.beyond_loopback";
const PER_MINUTE: &str = "http.per_minute";
const LOG_LEVEL: &str = "log.level";
const LOG_FORMAT: &str = "log.format";

/// Everything that can be set, valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file everything is kept in.
    pub database_path: PathBuf,
    /// The zone of dates without one.
    pub vendor_zone: Tz,
    /// The zone times are shown in.
    pub reader_zone: Tz,
    /// What the team decides for itself.
    pub policy: Policy,
    /// When people want to be reminded.
    pub cadence: Cadence,
    /// For how long what nothing needs any more is kept.
    pub retention: Retention,
    /// What is asked for every few minutes while everything goes well.
    pub heartbeat: Option<Url>,
    /// Where the bot speaks unasked.
    pub channels: Channels,
    /// After how long without an import people are told; `None`: never.
    pub import_stale_after: Option<TimeDelta>,
    /// The teams by name.
    pub teams: BTreeMap<Label, Team>,
    /// Who the bot is in Discord, and where.
    pub discord: DiscordConfig,
    /// What is understood of the vendor's notices.
    pub wordings: Arc<Wordings>,
    /// What is served over HTTP.
    pub http: Http,
    /// What is logged, and how.
    pub log: Log,
    /// The key of the audit trail, which only the environment holds.
    pub audit_key: Option<AuditKey>,
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
    origins: Origins,
    team_origins: BTreeMap<Label, Origins>,
    http_key_origins: BTreeMap<String, Origins>,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// A valid filter: levels, also by module.
    pub level: String,
    /// For whom.
    pub format: LogFormat,
}

/// Whom the log is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// People.
    Text,
    /// Machines: one JSON object a line.
    Json,
}

words!(LogFormat { Text = "text", Json = "json" });

/// The environment of this process, in the form [`Config::load`] takes.
///
/// What is not UTF-8 is replaced by marks, so that a broken value is refused instead of overlooked.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |raw: std::ffi::OsString| raw.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

impl Config {
    /// Reads, merges and validates: defaults, then the file, then the environment.
    ///
    /// A file that is named must exist; [`DEFAULT_FILE`] is read if it is there.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong.
    pub fn load(
        path: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigErrors> {
        let defaults = Layer::defaults();
        let names = defaults.entries.iter().map(|entry| entry.key.clone());
        let known: Vec<String> = names.collect();
        let (file, from_file) = read_file(path, &known);
        let env: Vec<_> = env.into_iter().collect();
        let audit_key = secret::audit_key(&env);
        let from_env = Layer::from_env(env.iter().cloned(), &known);
        let mut reader = ConfigReader::new(vec![defaults, from_file, from_env]);
        let mut config = Self::read(&mut reader, file);
        let token = discord::token(reader.token_file.as_deref(), &env);
        let listening = config
            .as_ref()
            .is_some_and(|config| config.http.listen.is_some());
        let (keys, origins) = http::keys(reader.keys(), &env, listening, &mut reader.errors);
        if let Some(config) = &mut config {
            let vendors = keys.iter().filter(|(_, key)| key.vendor);
            Arc::make_mut(&mut config.wordings).vendor_keys =
                vendors.map(|(name, _)| name.clone()).collect();
            (config.http.keys, config.http_key_origins) = (keys, origins);
        }
        match (audit_key, &mut config) {
            (Ok(key), Some(config)) => config.audit_key = key,
            (Ok(_), None) => {}
            (Err(error), _) => reader.errors.push(error),
        }
        match (token, &mut config) {
            (Ok(token), Some(config)) => config.discord.token = token,
            (Ok(_), None) => {}
            (Err(error), _) => reader.errors.push(error),
        }
        match config {
            Some(config) if reader.errors.is_empty() => Ok(config),
            Some(_) | None => Err(ConfigErrors(reader.errors)),
        }
    }

    /// Takes the database named on the command line.
    pub fn use_database(&mut self, path: PathBuf) {
        self.database_path = path;
        self.origins.insert(DATABASE_PATH, "--db".to_owned());
    }

    /// What holds on the console outside the sandbox, where there is nobody else: what is set, and for what is not, no
    /// approvals and one attester.
    pub fn policy_on_the_console(&self) -> Policy {
        let alone = Policy::alone(self.policy.limits.clone());
        let of = |key, set: u8, alone: u8| {
            if self.origin(key) == DEFAULT {
                alone
            } else {
                set
            }
        };
        let set = &self.policy;
        Policy {
            approvals_for_upgrade: of(
                APPROVALS_FOR_UPGRADE,
                set.approvals_for_upgrade,
                alone.approvals_for_upgrade,
            ),
            approvals_for_unsubscribe: of(
                APPROVALS_FOR_UNSUBSCRIBE,
                set.approvals_for_unsubscribe,
                alone.approvals_for_unsubscribe,
            ),
            approvals_for_await_expiry: of(
                APPROVALS_FOR_AWAIT_EXPIRY,
                set.approvals_for_await_expiry,
                alone.approvals_for_await_expiry,
            ),
            attesters: of(ATTESTERS, set.attesters, alone.attesters),
            limits: alone.limits,
        }
    }

    fn origin(&self, key: &str) -> &str {
        self.origins.get(key).map_or("", String::as_str)
    }

    /// Reads every setting before giving up on any, so that all mistakes are found.
    fn read(from: &mut ConfigReader, file: Option<PathBuf>) -> Option<Self> {
        let database_path = from.text(DATABASE_PATH, "the path of a file", path);
        let vendor_zone = from.text(VENDOR_ZONE, ZONES, zone);
        let reader_zone = from.text(
            READER_ZONE,
            "a zone's name, or empty for the vendor's",
            |text| (!text.is_empty()).then(|| zone(text)).transpose(),
        );
        let policy = policy::policy(from);
        let quiet = reminders::quiet(from);
        let days = reminders::days(from);
        let stale_after = reminders::import_stale_after(from);
        let retention = retention::retention(from);
        let heartbeat = reminders::heartbeat(from);
        let channels = policy::channels(from);
        let (token_file, guilds) = discord::discord(from);
        from.token_file = token_file.flatten();
        let wordings = notices::wordings(from);
        let http = http::http(from);
        let level = from.text(LOG_LEVEL, LEVELS, filter);
        let format = from.text(LOG_FORMAT, "\"text\" or \"json\"", |text| {
            LogFormat::from_word(text).ok_or_else(|| "there is no such format".to_owned())
        });
        let teams = from.teams().into_iter();
        let (teams, team_origins) = teams
            .map(|(name, (team, origins))| ((name.clone(), team), (name, origins)))
            .unzip();
        let vendor_zone = vendor_zone?;
        let reader_zone = reader_zone?.unwrap_or(vendor_zone);
        Some(Self {
            database_path: database_path?,
            vendor_zone,
            reader_zone,
            policy: policy?,
            cadence: Cadence {
                zone: reader_zone,
                quiet: quiet?,
                days: days?,
            },
            retention: retention?,
            heartbeat: heartbeat?,
            channels: channels?,
            import_stale_after: stale_after?,
            discord: DiscordConfig {
                token: None,
                token_file: from.token_file.clone(),
                guilds: guilds?,
            },
            teams,
            wordings: Arc::new(wordings?),
            http: http?,
            log: Log {
                level: level?,
                format: format?,
            },
            audit_key: None,
            file,
            team_origins,
            http_key_origins: BTreeMap::new(),
            origins: std::mem::take(&mut from.origins),
        })
    }
}

const ZONES: &str = "a zone's name, such as \"Asia/Shanghai\", \"Europe/Berlin\" or \"UTC\"";
const LEVELS: &str =
    "off, error, warn, info, debug or trace, also by module, such as \"warn,edition_warden=debug\"";

fn read_file(path: Option<&Path>, known: &[String]) -> (Option<PathBuf>, Layer) {
    let file = path.unwrap_or(Path::new(DEFAULT_FILE));
    let name = file.display().to_string();
    let reason = match std::fs::read(file).map(String::from_utf8) {
        Ok(Ok(text)) => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let layer = Layer::from_file(file, text, known);
            return (Some(file.to_owned()), layer);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let missing = path.map(|_| ConfigError::Missing(name));
            return (None, Layer::failed(missing));
        }
        Ok(Err(_)) => "it is not UTF-8 text; save it as UTF-8".to_owned(),
        Err(error) => unreadable(&error),
    };
    let unreadable = ConfigError::Unreadable { path: name, reason };
    (None, Layer::failed(Some(unreadable)))
}

fn unreadable(error: &std::io::Error) -> String {
    if error.kind() == ErrorKind::PermissionDenied {
        "permission denied".to_owned()
    } else if error.kind() == ErrorKind::IsADirectory {
        "it is a directory".to_owned()
    } else {
        error.to_string()
    }
}

fn path(text: &str) -> Result<PathBuf, String> {
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(PathBuf::from(text))
}

/// Checks a log filter. A bare word that is no level would switch on a module of that name, which is never meant.
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

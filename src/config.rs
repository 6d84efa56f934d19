//! The configuration: defaults, file and environment, read, merged and validated once, with all errors reported at once.

mod error;
mod layer;
mod reread;
mod secret;
mod section;
mod summary;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Deserialize as _;
use url::Url;

use crate::domain::audit::AuditKey;
use crate::domain::id::{Label, excerpt};
use crate::domain::instance::words;
use crate::domain::notice::{Wording, Wordings};
use crate::domain::place::DatabasePlace;
use crate::domain::reminder::{Cadence, Days};
use crate::domain::retention::Retention;
use crate::domain::team::{Channels, Limits, Policy, Team};

pub use error::{ConfigError, ConfigErrors};
use layer::{DEFAULT, ENVIRONMENT, KnownSettings, Layer, MergedSettings};
pub use secret::{Secret, Token};
use section::{HttpSection, Sections, TeamEntry, WordingEntry};
use summary::SummaryLine;

/// The configuration file that is read by default, if it exists.
pub const DEFAULT_FILE: &str = "config/warden.toml";

/// The environment variables.
type Environment = BTreeMap<String, String>;

const TOKEN_FILE: &str = "discord.token_file";
/// The longest name of an HTTP key, in characters.
const LONGEST_NAME: usize = 40;

/// All settings, validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file everything is kept in.
    pub database: DatabasePlace,
    /// The zone of dates without a zone.
    pub vendor_zone: Tz,
    /// The zone in which times are shown.
    pub reader_zone: Tz,
    /// The team's own rules.
    pub policy: Policy,
    /// The reminder schedule.
    pub cadence: Cadence,
    pub retention: Retention,
    /// The address fetched every few minutes while delivery works.
    pub heartbeat: Option<Url>,
    /// The channels for unsolicited messages.
    pub channels: Channels,
    /// The age at which the last import counts as stale; `None`: never.
    pub import_stale_after: Option<TimeDelta>,
    /// The teams by name.
    pub teams: BTreeMap<Label, Team>,
    pub discord: DiscordConfig,
    /// The wordings of notices.
    pub wordings: Arc<Wordings>,
    pub http: Http,
    pub log: Log,
    /// The key of the audit trail, only ever read from the environment.
    pub audit_key: Option<AuditKey>,
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
    lines: Vec<SummaryLine>,
    /// Environment variables with secrets for HTTP keys that do not exist.
    stray_secrets: Vec<String>,
}

/// The settings for Discord.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiscordConfig {
    /// The bot's token; Discord is not used without one.
    pub token: Option<Token>,
    /// The file with the token, used when the environment has none.
    pub token_file: Option<String>,
    /// The ids of the allowed guilds; empty: all that the bot is invited to.
    pub guilds: Vec<u64>,
}

/// The HTTP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// The address to listen on; `None`: no server.
    pub listen: Option<SocketAddr>,
    /// Whether the address may be reachable from other machines.
    pub beyond_loopback: bool,
    /// The rate limit of a key for notices.
    pub per_minute: NonZeroU16,
    /// The API keys by name.
    pub keys: BTreeMap<String, HttpKey>,
    /// Whether the metrics have a series for each instance.
    pub per_instance: bool,
    /// Errors for keys without a secret. Only a process that listens needs the secrets.
    pub without_secret: Vec<ConfigError>,
}

/// An API key for sending notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpKey {
    /// The workspace of its notices.
    pub workspace: Label,
    /// Whether the secret itself may be sent, for senders that cannot sign.
    pub bearer: bool,
    /// Whether it forwards the vendor's messages unchanged, so that their wording may be taught.
    pub vendor: bool,
    /// The secret. A key without one admits nobody.
    pub secret: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// A valid filter: levels, optionally by module.
    pub level: String,
    pub format: LogFormat,
}

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object per line.
    Json,
}

words!(LogFormat { Text = "text", Json = "json" });

/// The environment of this process, in the form [`Config::load`] takes.
///
/// Bytes that are not UTF-8 become replacement characters, so that a broken value is rejected instead of ignored.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |raw: std::ffi::OsString| raw.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

impl Config {
    /// Reads, merges and validates: defaults, then the file, then the environment.
    ///
    /// An explicitly named file must exist; [`DEFAULT_FILE`] is optional.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong.
    pub fn load(
        path: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigErrors> {
        let env: Environment = env.into_iter().collect();
        let (defaults, known) = Layer::defaults();
        let (file, from_file) = read_file(path, &known);
        let from_env = Layer::from_env(&env, &known);
        let mut merged = MergedSettings::of(defaults, [from_file, from_env], &known);
        let sections = match Sections::deserialize(merged.table.clone()) {
            Ok(sections) => sections,
            Err(error) => {
                merged
                    .errors
                    .push(ConfigError::Defaults(error.message().to_owned()));
                return Err(ConfigErrors(merged.errors));
            }
        };
        let mut config = Self::of(sections, &mut merged, &env);
        (config.file, config.lines) = (file, merged.lines(&known));
        config.lines.extend(config.secret_lines());
        config.stray_secrets = secret::stray_secrets(&env, config.http.keys.keys());
        match merged.errors.is_empty() {
            true => Ok(config),
            false => Err(ConfigErrors(merged.errors)),
        }
    }

    /// Checks that each HTTP key has its secret. Only a process that listens needs them.
    ///
    /// # Errors
    /// [`ConfigErrors`] with each key that lacks one.
    pub fn check_listening(&self) -> Result<(), ConfigErrors> {
        match self.http.without_secret.as_slice() {
            [] => Ok(()),
            lacking => Err(ConfigErrors(lacking.to_vec())),
        }
    }

    /// Harmless settings that are probably mistakes.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.stray_secrets.iter().map(|name| {
            format!("{name} is the secret of no key, and nothing uses it; each key is a section [http.keys.NAME] of the file")
        })
    }

    /// Overrides the database from the command line.
    pub fn use_database(&mut self, place: DatabasePlace) {
        self.database = place;
        for line in &mut self.lines {
            if line.key.starts_with("database.") {
                line.origin = "--db".to_owned();
            }
        }
    }

    /// The policy on the console outside the sandbox, where there is only one person: explicit settings hold; the defaults are no
    /// approvals and one attester.
    pub fn policy_on_the_console(&self) -> Policy {
        let set = &self.policy;
        let alone = Policy::alone(set.limits.clone());
        let or_alone = |key: &str| {
            let policy = if self.origin(key) == DEFAULT {
                &alone
            } else {
                set
            };
            summary::approvals(key, policy).unwrap_or_default()
        };
        Policy {
            approvals_for_upgrade: or_alone("policy.approvals_for_upgrade"),
            approvals_for_unsubscribe: or_alone("policy.approvals_for_unsubscribe"),
            approvals_for_await_expiry: or_alone("policy.approvals_for_await_expiry"),
            observers: or_alone("policy.observers"),
            limits: set.limits.clone(),
        }
    }

    fn origin(&self, key: &str) -> &str {
        let line = self.lines.iter().find(|line| line.key == key);
        line.map_or("", |line| &line.origin)
    }

    /// The configuration from the sections, with the secrets that they refer to.
    fn of(sections: Sections, merged: &mut MergedSettings, env: &Environment) -> Self {
        let (policy, channels) = (sections.policy, sections.channels);
        let days = sections.reminders;
        let vendor_zone = sections.time.vendor_zone;
        let reader_zone = sections.time.reader_zone.unwrap_or(vendor_zone);
        let teams = teams(sections.teams, merged);
        let shipped = wordings(sections.notices.wording, merged);
        let mut http = http(sections.http, merged, env);
        http.per_instance = sections.metrics.per_instance;
        let vendors = http.keys.iter().filter(|(_, key)| key.vendor);
        let vendor_keys = vendors.map(|(name, _)| name.clone()).collect();
        let errors = &mut merged.errors;
        let audit_key = secret::audit_key(env).map_err(|error| errors.push(error));
        let token = secret::token(sections.discord.token_file.as_deref(), env);
        let token = token.map_err(|error| errors.push(error));
        Self {
            database: match sections.database.url {
                Some(address) => DatabasePlace::Server(address),
                None => DatabasePlace::File(sections.database.path),
            },
            vendor_zone,
            reader_zone,
            policy: Policy {
                limits: Limits {
                    action_for_unsubscribe: policy.action_for_unsubscribe,
                    action_for_expiry: policy.action_for_expiry,
                },
                approvals_for_upgrade: policy.approvals_for_upgrade,
                approvals_for_unsubscribe: policy.approvals_for_unsubscribe,
                approvals_for_await_expiry: policy.approvals_for_await_expiry,
                observers: policy.observers,
            },
            cadence: Cadence {
                zone: reader_zone,
                quiet: days.quiet_hours,
                days: Days {
                    at_risk: days.at_risk_days,
                    downgrades: days.downgrade_days,
                    renews: days.renewal_days,
                    charges: days.charge_days,
                    attests: days.attest_days,
                },
            },
            retention: sections.retention,
            heartbeat: sections.heartbeat.url,
            channels: Channels {
                alerts: channels.alerts.unwrap_or_else(|| channels.default.clone()),
                default: channels.default,
            },
            import_stale_after: sections.import.stale_after,
            teams,
            discord: DiscordConfig {
                token: token.unwrap_or_default(),
                ..sections.discord
            },
            wordings: Arc::new(Wordings {
                shipped,
                hosts: sections.notices.link_hosts,
                vendor_keys,
                vendor_channels: sections.notices.vendor_channels,
            }),
            http,
            log: sections.log,
            audit_key: audit_key.unwrap_or_default(),
            file: None,
            lines: Vec::new(),
            stray_secrets: Vec::new(),
        }
    }
}

fn teams(
    sections: BTreeMap<String, TeamEntry>,
    merged: &mut MergedSettings,
) -> BTreeMap<Label, Team> {
    let mut teams = BTreeMap::new();
    for (name, TeamEntry { channel, mention }) in sections {
        let told = "another team has this name, but for a leading `#`";
        match section::label(&name) {
            Ok(label) if teams.contains_key(&label) => merged.bad_name("teams", &name, told),
            Ok(label) => drop(teams.insert(
                label,
                Team {
                    channel,
                    mention,
                    ..Team::default()
                },
            )),
            Err(reason) => merged.bad_name("teams", &name, &reason),
        }
    }
    teams
}

fn wordings(sections: BTreeMap<String, WordingEntry>, merged: &mut MergedSettings) -> Vec<Wording> {
    let mut wordings = Vec::new();
    for (number, entry) in sections {
        let wording = match (entry.kind, entry.template) {
            (Some(kind), Some(template)) => Wording::parse(kind, &template, &entry.subjects)
                .map_err(|error| format!("{error}, in `{}`", excerpt(&template))),
            (None, _) | (_, None) => {
                let has = |setting| {
                    let key = format!("notices.wording.{number}.{setting}");
                    merged.origins.contains_key(&key)
                };
                // A present but invalid value has been reported already.
                if has("kind") && has("template") {
                    continue;
                }
                Err("it needs a kind and a template".to_owned())
            }
        };
        match wording {
            Ok(wording) => wordings.push(wording),
            Err(reason) => merged.bad_table("notices.wording", &number, "as it is", &reason),
        }
    }
    wordings
}

fn http(section: HttpSection, merged: &mut MergedSettings, env: &Environment) -> Http {
    if let Some(open) = section.listen.filter(|at| !at.ip().is_loopback())
        && !section.beyond_loopback
    {
        let reason =
            "other machines can reach it; set http.beyond_loopback = true if they are meant to";
        merged.errors.push(ConfigError::Bad {
            key: "http.listen".to_owned(),
            origin: merged.origin("http.listen"),
            given: format!("\"{open}\""),
            reason: format!("{reason}; allowed: {}", section::LISTENS),
        });
    }
    let names: Vec<String> = section.keys.keys().cloned().collect();
    merged.errors.extend(secret::shared_secrets(&names));
    let (mut keys, mut without_secret) = (BTreeMap::new(), Vec::new());
    for (name, entry) in section.keys {
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(allowed) {
            let reason = format!(
                "a key's name is 1 to {LONGEST_NAME} of a-z, 0-9, `-` and `_`, since it is part of a variable's name"
            );
            merged.bad_name("http.keys", &name, &reason);
        }
        let setting = |setting: &str| format!("http.keys.{name}.{setting}");
        if !merged.origins.contains_key(&setting("workspace")) {
            merged.bad_name(
                "http.keys",
                &name,
                "it does not say whose notices are sent with it; set `workspace`",
            );
        }
        let at = merged.origin(&format!("http.keys.{name}"));
        let variable = secret::http_variable(&name);
        if entry.secret_file.is_none() || env.contains_key(&variable) {
            merged
                .origins
                .insert(setting("secret_file"), ENVIRONMENT.to_owned());
        }
        let secret = secret::http_secret(&variable, entry.secret_file.as_deref(), env);
        match (secret, entry.workspace) {
            (Err(error), _) => merged.errors.push(error),
            (Ok(None), _) if section.listen.is_some() => {
                let origin = at;
                without_secret.push(ConfigError::NoSecret {
                    name,
                    origin,
                    variable,
                });
            }
            (Ok(secret), Some(workspace)) => {
                let (bearer, vendor) = (entry.bearer, entry.vendor);
                keys.insert(
                    name,
                    HttpKey {
                        workspace,
                        bearer,
                        vendor,
                        secret,
                    },
                );
            }
            (Ok(_), None) => {}
        }
    }
    Http {
        listen: section.listen,
        beyond_loopback: section.beyond_loopback,
        per_minute: section.per_minute,
        keys,
        per_instance: false,
        without_secret,
    }
}

fn read_file(path: Option<&Path>, known: &KnownSettings) -> (Option<PathBuf>, Layer) {
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

//! The configuration: defaults, file and environment, read, merged and validated once, with all errors reported at once.

mod reread;
mod secret;
mod source;
mod summary;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;
use url::Url;

use crate::domain::audit::AuditKey;
use crate::domain::id::{Label, TeamName, excerpt};
use crate::domain::notice::{Wording, Wordings};
use crate::domain::place::DatabasePlace;
use crate::domain::reminder::Cadence;
use crate::domain::retention::Retention;
use crate::domain::team::{Channels, Policy, Team};
use crate::domain::words::words;

use secret::SecretError;
pub use secret::{Secret, Token};
use source::{DEFAULT, ENVIRONMENT, bad};
use summary::SummaryLine;
use table::{Draft, InForce};

/// The configuration file that is read by default, if it exists.
pub const DEFAULT_FILE: &str = "config/warden.toml";

type Environment = BTreeMap<String, String>;

const TOKEN_FILE: &str = "discord.token_file";
/// The longest name of an HTTP key, in characters.
const LONGEST_NAME: usize = 40;

/// All errors of a configuration, worded for the person who wrote it; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "the configuration is not usable: {only}"),
            all => {
                let all: String = all.iter().map(|one| format!("\n- {one}")).collect();
                let count = self.0.len();
                write!(f, "the configuration is not usable; {count} mistakes:{all}")
            }
        }
    }
}

impl std::error::Error for ConfigErrors {}

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
    pub teams: BTreeMap<TeamName, Team>,
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
    /// Errors for other files of secrets that cannot be read: they are another user's, or handed to the service alone.
    unread_secrets: Vec<String>,
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
    /// Errors for keys without a secret, or whose file cannot be read. Only a process that listens needs the secrets.
    pub without_secret: Vec<String>,
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

words! {
    /// The format of the log.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum LogFormat {
        /// For people.
        Text = "text",
        /// For machines: one JSON object per line.
        Json = "json",
    }
}

/// The environment of this process, in the form [`Config::load`] takes.
///
/// Bytes that are not UTF-8 become replacement characters, so that a broken value is rejected instead of ignored.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |raw: std::ffi::OsString| raw.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

impl Config {
    /// Reads, merges and validates: defaults, then the file, then the environment. An invalid value is reported wherever it
    /// stands, even when another source overrides it.
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
        let mut errors = Vec::new();
        let mut draft = Draft::default();
        for entry in source::defaults(&mut errors) {
            let taken = draft.set_entry(&entry);
            errors.extend(taken.err().map(|reason| entry.bad(&reason)));
        }
        let (file, mut entries) = source::from_file(path, &mut errors);
        entries.extend(source::from_env(&env, &mut errors));
        entries.sort_by_key(source::SourceEntry::order);
        // A list in a file replaces the default list.
        if entries
            .iter()
            .any(|entry| entry.is_below("notices.wording"))
        {
            draft.wordings.clear();
            draft
                .held
                .retain(|key, _| !key.starts_with("notices.wording."));
        }
        for entry in entries {
            let taken = draft.set_entry(&entry);
            errors.extend(taken.err().map(|reason| entry.bad(&reason)));
        }
        let mut config = draft.finish(&env, &mut errors);
        config.file = file;
        match errors.is_empty() {
            true => Ok(config),
            false => Err(ConfigErrors(errors)),
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

    /// Checks that each secret that is configured is there. What needs none does without those that this process cannot read.
    ///
    /// # Errors
    /// [`ConfigErrors`] with each that is lacking, or cannot be read.
    pub fn check_secrets(&self) -> Result<(), ConfigErrors> {
        match self.lacking_secrets() {
            lacking if lacking.is_empty() => Ok(()),
            lacking => Err(ConfigErrors(lacking)),
        }
    }

    fn lacking_secrets(&self) -> Vec<String> {
        [&*self.unread_secrets, &*self.http.without_secret].concat()
    }

    /// Harmless settings that are probably mistakes.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.stray_secrets.iter().map(|name| {
            format!("{name} is the secret of no key, and nothing uses it; each key is a section [http.keys.NAME] of the file")
        })
    }

    /// Advice on settings that are as they should be for another program than the bot.
    fn advice(&self) -> impl Iterator<Item = String> {
        let has_bot = self.discord.token.is_some() || self.discord.token_file.is_some();
        let keys = self.http.keys.iter().filter(move |_| has_bot);
        let own = keys.filter(|(_, key)| key.workspace.as_str() == "local");
        own.map(|(name, _)| {
            format!(
                "http.keys.{name}.workspace is `local`, the terminal's own, and a bot's token is configured: the bot in Discord refuses what this key sends; set it to the id of the server"
            )
        })
    }

    /// Overrides the database from the command line.
    pub fn use_database(&mut self, place: DatabasePlace) {
        self.database = place;
        let lines = self.lines.iter_mut();
        for line in lines.filter(|line| line.key.starts_with("database.")) {
            line.origin = "--db".to_owned();
        }
    }

    /// The policy on the console outside the sandbox, where there is only one person: explicit settings hold; the defaults are no
    /// approvals and one observer.
    pub fn policy_on_the_console(&self) -> Policy {
        let mut policy = self.policy.clone();
        let alone = Policy::alone(self.policy.limits.clone());
        for (key, people) in PEOPLE {
            let is_default = |line: &SummaryLine| line.key == key && line.origin == DEFAULT;
            if self.lines.iter().any(is_default) {
                *people(&mut policy) = *people(&mut alone.clone());
            }
        }
        policy
    }
}

/// A number of people in a policy.
type People = fn(&mut Policy) -> &mut u8;

/// The settings of a policy that count people.
const PEOPLE: [(&str, People); 4] = [
    ("policy.approvals_for_upgrade", |it| {
        &mut it.approvals_for_upgrade
    }),
    ("policy.approvals_for_unsubscribe", |it| {
        &mut it.approvals_for_unsubscribe
    }),
    ("policy.approvals_for_await_expiry", |it| {
        &mut it.approvals_for_await_expiry
    }),
    ("policy.observers", |it| &mut it.observers),
];

impl Default for Config {
    /// Nothing: every value is replaced by the defaults of the shipped file.
    fn default() -> Self {
        Self {
            database: DatabasePlace::File(PathBuf::new()),
            vendor_zone: Tz::UTC,
            reader_zone: Tz::UTC,
            policy: Policy::default(),
            cadence: Cadence::default(),
            retention: Retention::default(),
            heartbeat: None,
            channels: Channels::default(),
            import_stale_after: None,
            teams: BTreeMap::new(),
            discord: DiscordConfig::default(),
            wordings: Arc::default(),
            http: Http {
                listen: None,
                beyond_loopback: false,
                per_minute: NonZeroU16::MIN,
                keys: BTreeMap::new(),
                per_instance: false,
                without_secret: Vec::new(),
            },
            log: Log {
                level: String::new(),
                format: LogFormat::Text,
            },
            audit_key: None,
            file: None,
            lines: Vec::new(),
            stray_secrets: Vec::new(),
            unread_secrets: Vec::new(),
        }
    }
}

impl Draft {
    /// The configuration, with what several settings say together and with the secrets that they refer to.
    fn finish(mut self, env: &Environment, errors: &mut Vec<String>) -> Config {
        let teams = self.teams(errors);
        let shipped = self.wordings(errors);
        let keys = self.http_keys(env, errors);
        let lines = self.lines();
        let mut config = self.config;
        let audit_key = secret::audit_key(env).map_err(|error| errors.push(error));
        let token = secret::token(config.discord.token_file.as_deref(), env);
        let token = token.map_err(|error| match error {
            SecretError::Unread(error) => config.unread_secrets.push(error),
            SecretError::Unusable(error) => errors.push(error),
        });
        let path = DatabasePlace::File(self.path);
        config.database = self.url.map_or(path, DatabasePlace::Server);
        config.reader_zone = self.reader_zone.unwrap_or(config.vendor_zone);
        config.cadence.zone = config.reader_zone;
        let default = &config.channels.default;
        config.channels.alerts = self.alerts.unwrap_or_else(|| default.clone());
        config.teams = teams;
        config.discord.token = token.unwrap_or_default();
        config.audit_key = audit_key.unwrap_or_default();
        let vendors = keys.iter().filter(|(_, key)| key.vendor);
        config.wordings = Arc::new(Wordings {
            shipped,
            hosts: self.hosts,
            vendor_keys: vendors.map(|(name, _)| name.clone()).collect(),
            vendor_channels: self.vendor_channels,
        });
        config.stray_secrets = secret::stray_secrets(env, keys.keys());
        config.http.keys = keys;
        config.lines = lines;
        config.lines.extend(config.secret_lines());
        if !errors.is_empty() {
            // By themselves they keep only what listens from its work; beside others they are told at once.
            errors.extend(config.lacking_secrets());
        }
        config
    }

    /// The origin of a setting, or of the first setting of a section.
    fn origin(&self, key: &str) -> &str {
        let own = self.held.range(key.to_owned()..).next();
        own.filter(|(set, _)| set.starts_with(key))
            .map_or("", |(_, held)| &held.origin)
    }

    /// The error for a repeated table.
    fn bad_table(&self, table: &str, name: &str, given: &str, reason: &str) -> String {
        bad(
            self.origin(&format!("{table}.{name}")),
            table,
            given,
            reason,
        )
    }

    /// The error for the name of a repeated table.
    fn bad_name(&self, table: &str, name: &str, reason: &str) -> String {
        self.bad_table(table, name, &format!("\"{}\"", excerpt(name)), reason)
    }

    fn teams(&self, errors: &mut Vec<String>) -> BTreeMap<TeamName, Team> {
        let told = "another team has this name, but for a leading `#`";
        let mut teams = BTreeMap::new();
        for (name, team) in &self.teams {
            match table::label::<TeamName>(name) {
                Ok(label) if teams.contains_key(&label) => {
                    errors.push(self.bad_name("teams", name, told));
                }
                Ok(label) => drop(teams.insert(label, team.clone())),
                Err(reason) => errors.push(self.bad_name("teams", name, &reason)),
            }
        }
        teams
    }

    fn wordings(&self, errors: &mut Vec<String>) -> Vec<Wording> {
        let mut wordings = Vec::new();
        for (number, entry) in &self.wordings {
            let is_set = |setting| {
                let key = format!("notices.wording.{number}.{setting}");
                self.held.contains_key(&key)
            };
            let wording = match (entry.kind, &entry.template) {
                (Some(kind), Some(template)) => Wording::parse(kind, template, &entry.subjects)
                    .map_err(|error| format!("{error}, in `{}`", excerpt(template))),
                // A present but invalid value has been reported already.
                _ if is_set("kind") && is_set("template") => continue,
                _ => Err("it needs a kind and a template".to_owned()),
            };
            let told = |reason: String| {
                errors.push(self.bad_table("notices.wording", number, "as it is", &reason));
            };
            wordings.extend(wording.map_err(told));
        }
        wordings
    }

    fn http_keys(
        &mut self,
        env: &Environment,
        errors: &mut Vec<String>,
    ) -> BTreeMap<String, HttpKey> {
        let http = &self.config.http;
        let listens = http.listen.is_some();
        let open = http.listen.filter(|at| !at.ip().is_loopback());
        if let Some(open) = open.filter(|_| !http.beyond_loopback) {
            let origin = self.origin("http.listen");
            let reason =
                "other machines can reach it; set http.beyond_loopback = true if they are meant to";
            let reason = format!("{reason}; allowed: {}", table::LISTENS);
            errors.push(bad(origin, "http.listen", &format!("\"{open}\""), &reason));
        }
        errors.extend(secret::shared_secrets(self.keys.keys()));
        let mut keys = BTreeMap::new();
        for (name, entry) in self.keys.clone() {
            let allowed = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte)
            };
            if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(allowed) {
                let reason = format!(
                    "a key's name is 1 to {LONGEST_NAME} of a-z, 0-9, `-` and `_`, since it is part of a variable's name"
                );
                errors.push(self.bad_name("http.keys", &name, &reason));
            }
            if !self
                .held
                .contains_key(&format!("http.keys.{name}.workspace"))
            {
                let reason = "it does not say whose notices are sent with it; set `workspace`";
                errors.push(self.bad_name("http.keys", &name, reason));
            }
            let variable = secret::http_variable(&name);
            let origin = self.origin(&format!("http.keys.{name}")).to_owned();
            if entry.secret_file.is_none() || env.contains_key(&variable) {
                let held = InForce {
                    value: "".into(),
                    origin: ENVIRONMENT.to_owned(),
                };
                self.held
                    .insert(format!("http.keys.{name}.secret_file"), held);
            }
            let secret = secret::http_secret(&name, entry.secret_file.as_deref(), env);
            let (secret, lacking) = match secret {
                Err(SecretError::Unusable(error)) => {
                    errors.push(error);
                    continue;
                }
                Err(SecretError::Unread(error)) => (None, Some(error)),
                Ok(None) if listens => (
                    None,
                    Some(format!(
                        "{origin}: `http.keys.{name}` has no secret; set `{variable}` in the environment, or `secret_file`"
                    )),
                ),
                Ok(secret) => (secret, None),
            };
            match listens {
                true => self.config.http.without_secret.extend(lacking),
                false => self.config.unread_secrets.extend(lacking),
            }
            if let Some(workspace) = entry.workspace {
                let key = HttpKey {
                    workspace,
                    bearer: entry.bearer,
                    vendor: entry.vendor,
                    secret,
                };
                keys.insert(name, key);
            }
        }
        keys
    }
}

//! Configuration errors, worded for the person who wrote the configuration.

use std::fmt;

use crate::domain::id::excerpt;
use crate::domain::nearest::{did_you_mean, nearest};

/// All errors of a configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "the configuration is not usable: {only}"),
            all => {
                write!(
                    f,
                    "the configuration is not usable; {} mistakes:",
                    all.len()
                )?;
                all.iter().try_for_each(|one| write!(f, "\n- {one}"))
            }
        }
    }
}

impl std::error::Error for ConfigErrors {}

/// One error of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no file `{0}`; leave out --config to do without one")]
    Missing(String),
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("`{path}` is not valid TOML at line {line}, column {column}: correct that line")]
    NotToml {
        path: String,
        line: usize,
        column: usize,
    },
    #[error("environment: the value of `{0}` is not UTF-8 text; set it in UTF-8")]
    NotText(String),
    #[error(
        "environment: the value of `WARDEN_AUDIT_KEY` is shorter than 16 bytes, so it can be guessed; set one that `openssl rand -hex 32` prints, or unset it"
    )]
    ShortKey,
    #[error("environment: there is no `{0}`; the key of the audit trail is `WARDEN_AUDIT_KEY`")]
    KeyMisnamed(String),
    #[error("{0} is not a Discord bot token; copy it from the developer portal (Bot, Reset Token)")]
    NoToken(String),
    #[error("the file that discord.token_file names cannot be read: {0}")]
    TokenFile(String),
    #[error(
        "{0}: the secret is shorter than 16 bytes, so it can be guessed; set one that `openssl rand -hex 32` prints"
    )]
    ShortSecret(String),
    /// The file name is withheld: it may be the secret itself.
    #[error(
        "{place} cannot be read: {reason}; `secret_file` is the path of a file with nothing else in it"
    )]
    SecretFile { place: String, reason: String },
    #[error(
        "{origin}: `http.keys.{name}` has no secret; set `{variable}` in the environment, or `secret_file`"
    )]
    NoSecret {
        name: String,
        origin: String,
        variable: String,
    },
    #[error("two keys under `http.keys` would share the variable `{0}`; name them apart")]
    SharedSecret(String),
    #[error("{origin}: there is no setting `{key}`{}; allowed: {known}", did_you_mean(.nearest.as_deref()))]
    Unknown {
        key: String,
        origin: String,
        nearest: Option<String>,
        known: String,
    },
    /// The reason ends with the allowed values.
    #[error("{origin}: `{key}` cannot be {given}: {reason}")]
    Bad {
        key: String,
        origin: String,
        given: String,
        reason: String,
    },
    #[error("the defaults are not usable ({0}); this is a fault of the program, please report it")]
    Defaults(String),
}

impl ConfigError {
    /// An unknown setting, with suggestions of similar names.
    pub(super) fn unknown(key: &str, origin: &str, known: &[String]) -> Self {
        // If all known keys share the same section, only the last word can be wrong.
        let (around, word) = key.split_at(key.rfind('.').map_or(0, |dot| dot + 1));
        let words = || known.iter().map(|known| known.strip_prefix(around));
        let near = match words().all(|word| word.is_some()) {
            true => nearest(word, words().flatten()).map(|word| format!("{around}{word}")),
            false => nearest(key, known.iter().map(String::as_str)).map(str::to_owned),
        };
        Self::Unknown {
            key: excerpt(key),
            origin: origin.to_owned(),
            nearest: near,
            known: known.join(", "),
        }
    }
}

//! What can be wrong with a configuration, in words for anyone who wrote it.

use std::fmt;

use crate::domain::nearest::did_you_mean;

/// Everything that is wrong with a configuration; never empty.
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

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file that was asked for is not there.
    #[error("there is no file `{0}`; leave out --config to do without one")]
    Missing(String),
    /// The file cannot be read.
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What stands in the way.
        reason: String,
    },
    /// The file is not TOML.
    #[error("`{path}` is not valid TOML at line {line}, column {column}: correct that line")]
    NotToml {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
    },
    /// The value of an environment variable is not text.
    #[error("environment: the value of `{0}` is not UTF-8 text; set it in UTF-8")]
    NotText(String),
    /// The key of the audit trail is too short to be one.
    #[error(
        "environment: the value of `WARDEN_AUDIT_KEY` is shorter than 16 bytes, so it can be guessed; set one that `openssl rand -hex 32` prints, or unset it"
    )]
    ShortKey,
    /// A variable that can only be meant for the key of the audit trail.
    #[error("environment: there is no `{0}`; the key of the audit trail is `WARDEN_AUDIT_KEY`")]
    KeyMisnamed(String),
    /// The bot's token cannot be one.
    #[error("{0} is not a Discord bot token; copy it from the developer portal (Bot, Reset Token)")]
    NoToken(String),
    /// The file with the bot's token cannot be read.
    #[error("the file that discord.token_file names cannot be read: {reason}")]
    TokenFile {
        /// What stands in the way.
        reason: String,
    },
    /// A secret is too short to be one.
    #[error(
        "{0}: the secret is shorter than 16 bytes, so it can be guessed; set one that `openssl rand -hex 32` prints"
    )]
    ShortSecret(String),
    /// The file with a secret cannot be read. Its name is not told: it may be the secret itself.
    #[error(
        "{place} cannot be read: {reason}; `secret_file` is the path of a file with nothing else in it"
    )]
    SecretFile {
        /// Which one.
        place: String,
        /// What stands in the way.
        reason: String,
    },
    /// A key lets nobody in.
    #[error(
        "{origin}: `http.keys.{name}` has no secret; set `{variable}` in the environment, or `secret_file`"
    )]
    NoSecret {
        /// The key.
        name: String,
        /// The file and line.
        origin: String,
        /// Where its secret is looked for.
        variable: String,
    },
    /// A variable with the secret of a key that is not there.
    #[error(
        "environment: `{0}` is the secret of no key; each key is a section [http.keys.NAME] of the file"
    )]
    StraySecret(String),
    /// Two keys have the same variable.
    #[error("two keys under `http.keys` would share the variable `{0}`; name them apart")]
    SharedSecret(String),
    /// No setting has this name.
    #[error("{origin}: there is no setting `{key}`{}; allowed: {known}", did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// As it was written.
        key: String,
        /// The file and line, or the environment variable.
        origin: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// What could have been meant.
        known: String,
    },
    /// The value is not one the setting can have.
    #[error("{origin}: `{key}` cannot be {given}: {reason}; allowed: {allowed}")]
    Bad {
        /// The setting.
        key: String,
        /// The file and line, or the environment variable.
        origin: String,
        /// What it was set to.
        given: String,
        /// What is wrong with that.
        reason: String,
        /// What it may be set to.
        allowed: &'static str,
    },
    /// A setting that the program reads has no default.
    #[error("`{0}` has no default; this is a fault of the program, please report it")]
    NoDefault(&'static str),
}

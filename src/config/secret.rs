//! Secrets, which come from the environment or a file and are never shown.

use std::collections::BTreeSet;
use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;

use super::source::not_text;
use super::{Environment, TOKEN_FILE};
use crate::domain::audit::AuditKey;
use crate::domain::id::excerpt;

/// A secret shared by a sender and the bot. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// The minimum length, in bytes.
    pub const SHORTEST: usize = 16;

    /// A secret; `None` when it has fewer than [`Secret::SHORTEST`] bytes.
    pub fn new(text: &str) -> Option<Self> {
        (text.len() >= Self::SHORTEST).then(|| Self(text.as_bytes().into()))
    }

    /// The bytes of the secret: for comparing and signing, never for display.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The bot's token, which is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token as the developer portal gives it; `None` when it is malformed.
    pub fn new(text: &str) -> Option<Self> {
        const LONGEST: usize = 200;
        let text = text.trim();
        let usable = |c: char| c.is_ascii_graphic();
        let is_token = !text.is_empty() && text.len() <= LONGEST && text.chars().all(usable);
        is_token.then(|| Self(text.to_owned()))
    }

    /// The text of the token: for requests to Discord, never for display.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A defect of a secret, worded.
#[derive(Debug)]
pub(super) enum SecretError {
    /// Its file cannot be read by this process.
    Unread(String),
    Unusable(String),
}

/// Why a file cannot be read.
fn unread(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => {
            "there is no such file (a relative path starts at the working directory)".to_owned()
        }
        ErrorKind::IsADirectory => "it is a directory".to_owned(),
        kind => kind.to_string(),
    }
}

/// The environment variable with the bot's token.
pub(super) const TOKEN: &str = "DISCORD_TOKEN";

/// The token from the environment, else from its file, if either is set.
pub(super) fn token(file: Option<&str>, env: &Environment) -> Result<Option<Token>, SecretError> {
    let (place, text) = match (env.get(TOKEN), file) {
        (Some(text), _) if text.trim().is_empty() => return Ok(None),
        (Some(text), _) => (format!("the value of `{TOKEN}`"), text.clone()),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file).map_err(|error| {
                let reason = unread(error.kind());
                SecretError::Unread(format!(
                    "the file that {TOKEN_FILE} names cannot be read: {reason}"
                ))
            })?;
            (format!("the file that {TOKEN_FILE} names"), text)
        }
        (None, None) => return Ok(None),
    };
    let no_token = || {
        SecretError::Unusable(format!(
            "{place} is not a Discord bot token; copy it from the developer portal (Bot, Reset Token)"
        ))
    };
    Token::new(&text).map(Some).ok_or_else(no_token)
}

/// The prefix of the environment variables with the secrets of `[http.keys.NAME]`.
const HTTP_KEY: &str = "WARDEN_HTTP_KEY_";

/// The environment variable with the key of the audit trail.
pub(super) const AUDIT_KEY: &str = "WARDEN_AUDIT_KEY";

/// The key of the audit trail, if it is set.
pub(super) fn audit_key(env: &Environment) -> Result<Option<AuditKey>, String> {
    let bare = |name: &str| name.replace('_', "").to_uppercase();
    // A misspelt variable is an error: otherwise the trail would continue without its key.
    let meant = env
        .get_key_value(AUDIT_KEY)
        .or_else(|| env.iter().find(|(name, _)| bare(name) == bare(AUDIT_KEY)));
    match meant {
        None => Ok(None),
        Some((name, _)) if name != AUDIT_KEY => Err(format!(
            "environment: there is no `{name}`; the key of the audit trail is `{AUDIT_KEY}`"
        )),
        // The replacement character for bytes that are not UTF-8.
        Some((name, text)) if text.contains('\u{fffd}') => Err(not_text(name)),
        Some((_, text)) => AuditKey::new(text).map(Some).ok_or_else(|| {
            format!("environment: the value of `{AUDIT_KEY}` is {GUESSED}, or unset it")
        }),
    }
}

/// The error for a short secret, with the remedy.
const GUESSED: &str =
    "shorter than 16 bytes, so it can be guessed; set one that `openssl rand -hex 32` prints";

/// The environment variable with the secret of an HTTP key.
pub(super) fn http_variable(name: &str) -> String {
    format!("{HTTP_KEY}{}", name.replace('-', "_").to_uppercase())
}

/// The place of a secret that was written as a setting with this path.
pub(super) fn place(path: &[&str]) -> Option<String> {
    match path {
        ["discord", "token" | "bot_token"] => Some(format!(
            "`{TOKEN}` in the environment, or into a file that `{TOKEN_FILE}` names"
        )),
        ["http", "keys", name, "secret" | "token" | "key"] => Some(format!(
            "`{}` in the environment, or into a file that `secret_file` names",
            excerpt(&http_variable(name))
        )),
        ["audit", "key"] | [.., "audit_key"] => Some(format!("`{AUDIT_KEY}` in the environment")),
        _ => None,
    }
}

/// The secret of an HTTP key: from its variable, else from its file, if either is set.
pub(super) fn http_secret(
    name: &str,
    file: Option<&str>,
    env: &Environment,
) -> Result<Option<Secret>, SecretError> {
    let variable = http_variable(name);
    let (place, text) = match (env.get(&variable), file) {
        (Some(text), _) if text.contains('\u{fffd}') => {
            return Err(SecretError::Unusable(not_text(&variable)));
        }
        (Some(text), _) => (variable, text.clone()),
        (None, Some(file)) => {
            let place = format!("the file that `http.keys.{name}.secret_file` names");
            // The file name is withheld: it may be the secret itself.
            let text = std::fs::read_to_string(file).map_err(|error| {
                let reason = unread(error.kind());
                SecretError::Unread(format!(
                    "{place} cannot be read: {reason}; it has the secret and nothing else in it"
                ))
            })?;
            (place, text.trim_end().to_owned())
        }
        (None, None) => return Ok(None),
    };
    let secret = Secret::new(&text).map(Some);
    secret.ok_or_else(|| SecretError::Unusable(format!("{place}: the secret is {GUESSED}")))
}

/// Variables with secrets for HTTP keys that do not exist. Not an error: the key may exist later, or on another machine.
pub(super) fn stray_secrets<'a>(
    env: &Environment,
    keys: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let variables: Vec<String> = keys.map(|name| http_variable(name)).collect();
    let secrets = env.keys().filter(|name| name.starts_with(HTTP_KEY));
    let stray = secrets.filter(|name| !variables.contains(name));
    stray.cloned().collect()
}

/// Errors for keys whose names lead to the same variable.
pub(super) fn shared_secrets<'a>(keys: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let variables = keys.map(|name| http_variable(name));
    let again = variables.filter(|variable| !seen.insert(variable.clone()));
    again
        .map(|it| {
            format!("two keys under `http.keys` would share the variable `{it}`; name them apart")
        })
        .collect()
}

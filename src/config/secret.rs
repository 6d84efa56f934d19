//! What only the environment may hold, and what is never shown.

use std::fmt;
use std::sync::Arc;

use super::error::ConfigError;
use super::{Environment, TOKEN_FILE};
use crate::domain::audit::AuditKey;

/// What only a sender and the bot know. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// The fewest bytes a secret has.
    pub const SHORTEST: usize = 16;

    /// A secret; `None` when it has fewer than [`Secret::SHORTEST`] bytes.
    pub fn new(text: &str) -> Option<Self> {
        (text.len() >= Self::SHORTEST).then(|| Self(text.as_bytes().into()))
    }

    /// The secret itself: to compare with and to sign with, never to show.
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
    /// A token as the developer portal gives it; `None` when it cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        const LONGEST: usize = 200;
        let text = text.trim();
        let usable = |c: char| c.is_ascii_graphic();
        let is_token = !text.is_empty() && text.len() <= LONGEST && text.chars().all(usable);
        is_token.then(|| Self(text.to_owned()))
    }

    /// The token itself: to be sent to Discord, never to be shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The variable with the bot's token.
pub(super) const TOKEN: &str = "DISCORD_TOKEN";

/// The token: from the environment, else from its file, else there is none.
pub(super) fn token(file: Option<&str>, env: &Environment) -> Result<Option<Token>, ConfigError> {
    let (place, text) = match (env.get(TOKEN), file) {
        (Some(text), _) if text.trim().is_empty() => return Ok(None),
        (Some(text), _) => (format!("the value of `{TOKEN}`"), text.clone()),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| ConfigError::TokenFile(error.kind().to_string()))?;
            (format!("the file that {TOKEN_FILE} names"), text)
        }
        (None, None) => return Ok(None),
    };
    let token = Token::new(&text);
    token.map(Some).ok_or(ConfigError::NoToken(place))
}

/// What the name of every variable with a secret of `[http.keys.NAME]` begins with.
const HTTP_KEY: &str = "WARDEN_HTTP_KEY_";

/// The variable with the key of the audit trail.
pub(super) const AUDIT_KEY: &str = "WARDEN_AUDIT_KEY";

/// The key of the audit trail, if there is one.
pub(super) fn audit_key(env: &Environment) -> Result<Option<AuditKey>, ConfigError> {
    let bare = |name: &str| name.replace('_', "").to_uppercase();
    // A trail that is left without its key because of a slip is worse than one that does not begin.
    let meant = env
        .get_key_value(AUDIT_KEY)
        .or_else(|| env.iter().find(|(name, _)| bare(name) == bare(AUDIT_KEY)));
    match meant {
        None => Ok(None),
        Some((name, _)) if name != AUDIT_KEY => Err(ConfigError::KeyMisnamed(name.clone())),
        // The mark that stands for what is not UTF-8.
        Some((name, text)) if text.contains('\u{fffd}') => Err(ConfigError::NotText(name.clone())),
        Some((_, text)) => AuditKey::new(text).map(Some).ok_or(ConfigError::ShortKey),
    }
}

/// The variable with the secret of a key.
pub(super) fn http_variable(name: &str) -> String {
    format!("{HTTP_KEY}{}", name.replace('-', "_").to_uppercase())
}

/// The secret of a key: from its variable, else from its file, else there is none.
pub(super) fn http_secret(
    variable: &str,
    file: Option<&str>,
    env: &Environment,
) -> Result<Option<Secret>, ConfigError> {
    let (place, text) = match (env.get(variable), file) {
        (Some(text), _) if text.contains('\u{fffd}') => {
            return Err(ConfigError::NotText(variable.to_owned()));
        }
        (Some(text), _) => (variable.to_owned(), text.clone()),
        (None, Some(file)) => {
            let place = format!("the file with the secret that `{variable}` would hold");
            match std::fs::read_to_string(file) {
                Ok(text) => (place, text.trim_end().to_owned()),
                Err(error) => {
                    let reason = error.kind().to_string();
                    return Err(ConfigError::SecretFile { place, reason });
                }
            }
        }
        (None, None) => return Ok(None),
    };
    let secret = Secret::new(&text);
    secret.map(Some).ok_or(ConfigError::ShortSecret(place))
}

/// Variables that can only be meant for the secret of a key that is not there: it may be there tomorrow, or on another machine.
pub(super) fn stray_secrets<'a>(
    env: &Environment,
    keys: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let variables: Vec<String> = keys.map(|name| http_variable(name)).collect();
    let secrets = env.keys().filter(|name| name.starts_with(HTTP_KEY));
    let stray = secrets.filter(|name| !variables.contains(name));
    stray.cloned().collect()
}

/// Variables that two keys would share.
pub(super) fn shared_secrets(keys: &[String]) -> Vec<ConfigError> {
    let variables: Vec<String> = keys.iter().map(|name| http_variable(name)).collect();
    let again = variables
        .iter()
        .enumerate()
        .filter(|(at, variable)| variables.iter().take(*at).any(|other| other == *variable));
    again
        .map(|(_, variable)| ConfigError::SharedSecret(variable.clone()))
        .collect()
}

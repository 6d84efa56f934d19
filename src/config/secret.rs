//! What only the environment may hold, and what is never shown.

use std::fmt;
use std::sync::Arc;

use super::error::ConfigError;
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

/// What the name of every variable with a secret of `[http.keys.NAME]` begins with.
const HTTP_KEY: &str = "WARDEN_HTTP_KEY_";

/// The variable with the key of the audit trail.
const AUDIT_KEY: &str = "WARDEN_AUDIT_KEY";

/// The key of the audit trail, if there is one.
pub(super) fn audit_key(env: &[(String, String)]) -> Result<Option<AuditKey>, ConfigError> {
    let bare = |name: &str| name.replace('_', "").to_uppercase();
    // A trail that is left without its key because of a slip is worse than one that does not begin.
    let meant = env
        .iter()
        .find(|(name, _)| name == AUDIT_KEY)
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
pub(super) fn http_key(
    variable: &str,
    file: Option<&str>,
    env: &[(String, String)],
) -> Result<Option<Secret>, ConfigError> {
    let short = |place: &str| ConfigError::ShortSecret(place.to_owned());
    match env.iter().find(|(name, _)| name == variable) {
        Some((name, text)) if text.contains('\u{fffd}') => Err(ConfigError::NotText(name.clone())),
        Some((name, text)) => {
            let secret = Secret::new(text).ok_or_else(|| short(name))?;
            Ok(Some(secret))
        }
        None => file.map(|file| read(variable, file)).transpose(),
    }
}

fn read(variable: &str, file: &str) -> Result<Secret, ConfigError> {
    let place = format!("the file with the secret that `{variable}` would hold");
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::SecretFile {
        place: place.clone(),
        reason: error.kind().to_string(),
    })?;
    Secret::new(text.trim_end()).ok_or(ConfigError::ShortSecret(place))
}

/// Variables that can only be meant for a secret, and for a key that is not there.
pub(super) fn stray_http_keys(env: &[(String, String)], keys: &[&str]) -> Vec<ConfigError> {
    let variables: Vec<String> = keys.iter().map(|name| http_variable(name)).collect();
    let mut errors = Vec::new();
    for (name, _) in env.iter().filter(|(name, _)| name.starts_with(HTTP_KEY)) {
        if !variables.contains(name) {
            errors.push(ConfigError::StraySecret(name.clone()));
        }
    }
    for (at, variable) in variables.iter().enumerate() {
        if variables.iter().take(at).any(|other| other == variable) {
            errors.push(ConfigError::SharedSecret(variable.clone()));
        }
    }
    errors
}

/// Whether there is one, for the summary.
pub(super) const fn state(is_set: bool) -> &'static str {
    if is_set { "set" } else { "not set" }
}

/// Whether there is a key, for the summary.
pub(super) fn row(key: Option<&AuditKey>) -> (&'static str, String) {
    (AUDIT_KEY, state(key.is_some()).to_owned())
}

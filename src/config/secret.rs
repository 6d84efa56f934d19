//! What only the environment may hold, and what is never shown.

use super::error::ConfigError;
use crate::domain::audit::AuditKey;

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

/// Whether there is a key, for the summary.
pub(super) fn row(key: Option<&AuditKey>) -> (&'static str, String) {
    let state = if key.is_some() { "set" } else { "not set" };
    (AUDIT_KEY, state.to_owned())
}

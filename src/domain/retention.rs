//! For how long what nothing needs any more is kept. Events and the audit trail are kept for ever.

use chrono::TimeDelta;

/// For how long each kind is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Messages, after they were sent or given up.
    pub outbox: TimeDelta,
    /// What became of each reminder, after the expiry that it was about.
    pub reminders: TimeDelta,
    /// The text of notices, after they were settled.
    pub notices: TimeDelta,
    /// Files that were brought, and what is needed to undo one.
    pub files: TimeDelta,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            outbox: TimeDelta::days(90),
            reminders: TimeDelta::days(400),
            notices: TimeDelta::days(400),
            files: TimeDelta::days(30),
        }
    }
}

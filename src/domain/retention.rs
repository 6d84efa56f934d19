//! Retention of data that is no longer needed. Events and the audit trail are kept for ever.

use chrono::TimeDelta;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Messages, after they were sent or given up.
    pub outbox: TimeDelta,
    /// Records of reminders, after their expiry.
    pub reminders: TimeDelta,
    /// The text of notices, after they were settled.
    pub notices: TimeDelta,
    /// Imported files, and the data to undo them.
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

//! Notices: recognised, suppressed or raised, and looked at again.

mod history;
mod reading;
mod spoken;

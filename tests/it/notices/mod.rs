//! Notices: recognised, suppressed or raised, and looked at again.

mod reading;
mod spoken;

//! Notices: recognised, suppressed or raised, and looked at again.

mod joined;
mod reading;
mod spoken;

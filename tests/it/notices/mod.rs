//! Notices: recognised, suppressed or raised, and looked at again.

mod joined;
mod mail;
mod reading;
mod spoken;

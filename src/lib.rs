//! edition-warden
pub mod clock;
pub mod config;
pub mod domain;
pub mod listing;

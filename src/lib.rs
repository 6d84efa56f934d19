//! edition-warden
pub mod command;
pub mod domain;

//! edition-warden
pub mod domain;

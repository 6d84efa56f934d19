//! edition-warden
pub mod domain;
pub mod store;

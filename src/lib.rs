//! edition-warden keeps edition changes of ApsaraMQ for RocketMQ 4.x in their documented order.
//!
//! The code map, in reading order. Imports go one way: each module uses only those above it.
//!
//! - [`domain`]: the pure core. Instances, facts, the documented rules, changes and their transitions.
//! - [`command`]: the one grammar. Text to `Command` and back, help, completion.
//! - [`listing`]: files of the vendor's API, read into rows.
//! - [`inbox`]: e-mails, pasted sources and bodies of chat webhooks, read into notices of units.
//! - [`store`]: SQL, which no other module contains.
//! - [`answer`]: the result of a command, as data.
//! - [`render`]: answers as text.
//! - [`app`]: one use case per file: load, decide, commit.
//! - [`delivery`]: the loop that sends what is due.
//! - [`surface`]: the user interfaces: the console, HTTP, and Discord in [`surface::discord`].
//!
//! [`clock`] is the only place that reads the time; [`config`] reads the settings once; [`meter`] counts what happens.

pub mod answer;
pub mod app;
pub mod clock;
pub mod command;
pub mod config;
pub mod delivery;
pub use domain;
pub mod inbox;
pub mod listing;
pub mod meter;
pub mod render;
pub mod store;
pub mod surface;
pub mod trace;

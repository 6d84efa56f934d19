//! edition-warden keeps edition changes of ApsaraMQ for RocketMQ 4.x in their documented order.
//!
//! The code map, in reading order; imports run one way, from the end of this list to its beginning:
//!
//! - [`domain`]: the pure core. Instances, facts, the documented rules, changes and their transitions.
//! - [`command`]: the one grammar. Text to `Command` and back, help, completion.
//! - [`listing`]: files of the vendor's API, read into rows.
//! - [`inbox`]: e-mails, pasted sources and bodies of chat webhooks, read into notices of units.
//! - [`store`]: SQL, and nothing else knows any.
//! - [`answer`]: what a command comes to, as data.
//! - [`render`]: answers to words.
//! - [`app`]: one use case a file: load, decide, commit.
//! - [`delivery`]: the loop that sends what is due.
//! - [`surface`]: where people meet the bot: the console, and Discord in [`surface::discord`].
//!
//! [`clock`] is the only place that reads the time; [`config`] reads the settings once; [`meter`] counts what happens.

pub mod answer;
pub mod app;
pub mod clock;
pub mod command;
pub mod config;
pub mod delivery;
pub mod domain;
pub mod inbox;
pub mod listing;
pub mod meter;
pub mod render;
pub mod store;
pub mod surface;
pub mod trace;

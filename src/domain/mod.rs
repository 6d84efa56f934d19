//! The pure core: what an instance is, what the documented rules say of it, and how an edition change moves.
//!
//! Invariant: nothing here does I/O, reads a clock, awaits, knows SQL or chat. Time comes in as an argument.

// No `_` arm swallows an illegal transition.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod announce;
pub mod approval;
pub mod audit;
pub mod authority;
pub mod case;
pub mod change;
pub mod concern;
pub mod effect;
pub mod event;
pub mod fact;
pub mod facts;
pub mod id;
pub mod import;
pub mod instance;
pub mod judge;
pub mod nearest;
pub mod notice;
pub mod outcome;
pub mod past;
pub mod payload;
pub mod place;
pub mod reminder;
pub mod retention;
pub mod rules;
pub mod said;
pub mod setting;
pub mod span;
pub mod team;
pub mod watch;
pub mod written;

/// An instant in UTC, to the millisecond: what the store keeps is what the core decides on.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

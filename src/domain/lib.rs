//! The pure core: instances, the documented rules, and the course of an edition change.
//!
//! Invariant: nothing here does I/O, reads a clock, awaits, or depends on SQL or chat. Time is an argument.

// A `_` arm could hide an illegal transition.
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
pub mod gravity;
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
pub mod words;
pub mod written;

/// An instant in UTC, to the millisecond, the precision of the store.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

//! One integration binary: everything is tested through it.
#![cfg(test)]

mod approvals;
mod audit;
mod authority;
mod backup;
#[cfg(unix)]
mod chaos;
mod clock;
mod command;
mod concerns;
mod config;
mod console;
mod costs;
mod delivery;
mod discord;
mod docs;
mod doctor;
mod handover;
mod harness;
mod http;
mod imports;
mod isolation;
mod layering;
mod listing;
mod migrate;
mod misleading;
#[cfg(unix)]
mod moved;
mod names;
mod notices;
mod once;
mod packages;
mod postgres;
mod reminders;
mod restore;
mod retention;
mod said_unknown;
mod sequence;
mod serve;
mod server;
mod settings;
mod signatures;
mod speak;
mod store;
#[cfg(unix)]
mod terminal;
mod todo;

//! One integration binary: everything is tested through it.

mod clock;
mod config;
mod harness;
mod layering;
mod listing;
mod policy;
mod speak;
mod tour;

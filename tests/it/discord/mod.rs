//! Discord, as the bot meets it; here the fake itself is held against what Discord does.

mod api;
pub(crate) mod fake;
mod faults;
mod gateway;
mod interactions;
mod limits;
mod permissions;
mod pings;
mod pong;
mod talking;

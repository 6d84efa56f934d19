//! Discord, as the bot meets it; here the fake itself is held against what Discord does.

mod api;
#[expect(dead_code, reason = "the tests of the bot itself use the rest")]
pub(crate) mod fake;
mod faults;
mod gateway;
mod interactions;
mod limits;
mod permissions;
mod pings;
mod pong;
mod talking;

//! Discord, as the bot meets it; here the fake itself is held against what Discord does.

#[expect(dead_code, reason = "the tests of the bot itself use the rest")]
pub(crate) mod fake;
mod commands;
mod live;
mod pong;
mod talking;

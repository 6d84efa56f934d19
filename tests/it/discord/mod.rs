//! Discord, as the bot meets it: people use the bot on a fake, and the fake is held against what Discord does.

mod api;
mod arrivals;
mod commands;
mod crowd;
pub(crate) mod fake;
mod faults;
mod gateway;
mod hostile;
mod interactions;
mod limits;
mod live;
mod menus;
mod permissions;
mod pings;
mod pong;
mod program;
mod published;
mod secrets;
mod story;
mod story_whole;
mod talking;
mod team;
mod wards;
mod weather;

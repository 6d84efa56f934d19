//! Where people meet the bot. A surface adds no rule of its own.

pub mod console;
mod directive;
mod file;
mod greeting;
mod json;
mod prompt;
mod screen;
pub mod stop;

pub use console::{Console, Format, Input};
pub use screen::Screen;

//! The user interfaces. A surface adds no rule of its own.

mod audit;
mod backup;
pub mod cli;
mod completer;
pub mod console;
mod data;
mod directive;
pub mod discord;
pub mod doctor;
mod file;
pub mod greeting;
pub mod http;
mod json;
mod lines;
pub mod log;
mod migrate;
mod pager;
mod prompt;
pub mod ready;
mod reread;
mod restore;
mod screen;
pub mod serve;
pub mod shell;
pub mod stop;
mod usage;

pub use audit::{AuditReading, AuditTask, ExportFormat, begin_key};
pub use backup::Backup;
pub use console::{Console, Format, Input, read_import};
pub use json::schema as json_schema;
pub use migrate::Migrate;
pub use pager::fitted;
pub use reread::Rereading;
pub use restore::Restore;
pub use screen::Screen;
pub use usage::UsageError;

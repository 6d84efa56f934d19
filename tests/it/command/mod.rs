//! The grammar, spoken.

mod arbitrary;
mod completion;
mod errors;
mod helping;
mod keyboards;
mod properties;
mod readings;
mod values;

use edition_warden::command::parse_line;

/// What a line is understood as, or what is said about it.
fn reads(line: &str) -> String {
    match parse_line(line) {
        Ok(command) => command.to_string(),
        Err(error) => format!("! {error}"),
    }
}

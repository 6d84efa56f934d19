//! What waits for somebody who leaves.

use crate::domain::case::{Case, Held};
use crate::domain::id::Person;

/// What waits for somebody, and what became of it.
#[derive(Debug)]
pub struct HandoverReport {
    pub of: Person,
    /// Who took it over; nobody where it is only listed.
    pub to: Option<Person>,
    /// Whether nobody called so has ever done anything here.
    pub to_is_new: bool,
    /// What there is, or what was handed over: open changes, the newest first, then what else they looked at.
    pub all: Vec<HandedOver>,
    /// What was left, because something is broken; with the id under which the log has it.
    pub left: Option<(String, usize)>,
}

/// One of the things.
#[derive(Debug)]
pub struct HandedOver {
    pub case: Case,
    pub held: Held,
}

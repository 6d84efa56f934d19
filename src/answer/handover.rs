//! The report of a handover.

use crate::domain::case::{Case, Held};
use crate::domain::id::Person;
use crate::domain::notice::Teaching;

/// The open work of a person, and its handover.
#[derive(Debug)]
pub struct HandoverReport {
    pub of: Person,
    /// The successor; `None` for a listing only.
    pub to: Option<Person>,
    /// Open changes, newest first, then the instances with the person's attestations.
    pub all: Vec<HandedOver>,
    /// The person's statements about wordings that nobody else has agreed to yet.
    pub words: Vec<Teaching>,
    /// After a failure of the database: the id in the log, and the number of items left.
    pub left: Option<(String, usize)>,
}

/// An item of a handover.
#[derive(Debug)]
pub struct HandedOver {
    pub case: Case,
    pub held: Held,
}

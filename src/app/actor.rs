//! Who speaks.

use std::sync::Arc;

use crate::domain::id::{Label, Person};
use crate::domain::instance::words;

/// The workspace of the console.
pub const LOCAL_WORKSPACE: &str = "local";

/// What a person may do, as the surface resolved it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// May read.
    Viewer,
    /// May record facts and carry changes out.
    Requester,
    /// May approve.
    Approver,
    /// May do everything.
    Admin,
}

words!(Role { Viewer = "viewer", Requester = "requester", Approver = "approver", Admin = "admin" });

/// The person behind a command, with what the surface knows of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub person: Person,
    /// Where: every query is scoped to it.
    pub workspace: Arc<str>,
    /// Their roles there.
    pub roles: Vec<Role>,
    /// Their teams there.
    pub teams: Vec<Label>,
}

impl Actor {
    /// The person at the console: admin of the workspace `local`.
    pub fn local(name: &str) -> Self {
        Self {
            person: Person::named(name),
            workspace: LOCAL_WORKSPACE.into(),
            roles: vec![Role::Admin],
            teams: Vec::new(),
        }
    }
}

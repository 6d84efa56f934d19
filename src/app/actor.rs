//! Who speaks.

use std::sync::Arc;

use crate::domain::authority::{Permission, Role, may};
use crate::domain::id::{Label, Person};

/// The workspace of the console.
pub const LOCAL_WORKSPACE: &str = "local";
/// The surface whose messages and interactions several processes may hear of.
pub(super) const DISCORD: &str = "discord";
/// The surface of the console, outside the sandbox.
const CONSOLE: &str = "console";

/// The person behind a command, with what the surface knows of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub person: Person,
    /// Where: every query is scoped to it.
    pub workspace: Arc<str>,
    pub roles: Vec<Role>,
    pub teams: Vec<Label>,
    /// They manage the place where it is said: they may always use `settings`.
    pub manages: bool,
    /// What they speak through: `console` or `sandbox`.
    pub surface: &'static str,
    /// The message that holds the command, where the surface has messages.
    pub message: Option<String>,
    /// How many other people could approve, where the surface knows.
    pub could_approve: Option<u32>,
    /// Where they would read a permit.
    pub permits: Permits,
}

/// Where a permit would be read, which decides whether it is given there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Permits {
    /// Where its holder alone reads, who has typed the whole command.
    #[default]
    Shown,
    /// Where its holder alone reads, and a slip of the finger is enough: for what deletes when it goes wrong, the
    /// instance's name, or the end of its commodity id, has to be typed. This is what was typed, if anything was.
    Named(Option<Arc<str>>),
    /// Where others read too: it is given elsewhere.
    Elsewhere,
}

impl Actor {
    /// The person at the console, by whatever name: admin of the workspace `local`, where there is nobody else.
    pub fn local(name: &str) -> Self {
        Self {
            person: Person::at_console(name),
            workspace: LOCAL_WORKSPACE.into(),
            roles: vec![Role::Admin],
            teams: Vec::new(),
            manages: false,
            surface: CONSOLE,
            message: None,
            could_approve: Some(0),
            permits: Permits::Shown,
        }
    }

    /// Anyone who speaks first in the sandbox: an admin, in a team of anyone who `:as` names.
    pub fn sandbox(name: &str) -> Self {
        Self {
            person: Person::named(name),
            surface: "sandbox",
            could_approve: None,
            ..Self::local(name)
        }
    }

    /// Becomes somebody else, as `bob approver team:payments` says; `None` when it says it wrongly.
    pub fn speak_as(&mut self, text: &str) -> Option<()> {
        let mut words = text.split([' ', '\t', ',']).filter(|word| !word.is_empty());
        let name = Label::parse(words.next()?).ok()?;
        let (mut roles, mut teams) = (Vec::new(), Vec::new());
        for word in words {
            match (Role::from_word(word), word.strip_prefix("team:")) {
                (Some(role), _) => roles.push(role),
                (None, Some(team)) => teams.push(Label::parse(team).ok()?),
                (None, None) => return None,
            }
        }
        self.person = Person::named(name.as_str());
        self.roles = roles;
        self.teams = teams;
        Some(())
    }

    /// What the chat calls that which asks for a decision, where several processes may hear of it.
    pub(super) fn asked(&self) -> Option<&str> {
        let asked = self.message.as_deref();
        asked.filter(|_| self.surface == DISCORD)
    }

    /// Whether there is nobody else: at the console of one's own, not in the sandbox, which plays a team.
    pub fn is_alone(&self) -> bool {
        &*self.workspace == LOCAL_WORKSPACE && self.surface == CONSOLE
    }

    /// Whether their roles cover a deed.
    pub fn may(&self, permission: Permission) -> bool {
        may(&self.roles, permission) || self.manages && permission == Permission::Settings
    }
}

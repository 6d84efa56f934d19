//! The person behind a command, and their rights.

use std::sync::Arc;

use crate::domain::authority::{Permission, Role, may};
use crate::domain::id::{Label, Person, TeamName, WorkspaceId};

/// The workspace of the console.
pub const LOCAL_WORKSPACE: &str = "local";
/// The surface on which several processes may receive the same message or interaction.
pub(super) const DISCORD: &str = "discord";
/// The surface of the console, outside the sandbox.
pub(super) const CONSOLE: &str = "console";

/// The person behind a command, with the roles and teams that the surface reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub person: Person,
    /// Every query is scoped to it.
    pub workspace: WorkspaceId,
    pub roles: Vec<Role>,
    pub teams: Vec<TeamName>,
    /// Manages the Discord server: may always use `settings`.
    pub manages: bool,
    /// Such as `console`, `sandbox` or `discord`.
    pub surface: &'static str,
    /// The id of the message with the command, on Discord.
    pub message: Option<String>,
    /// The people whom the command names by id, where the surface knows their names.
    pub people: Vec<Person>,
    /// The number of other people who could approve, where the surface knows it.
    pub could_approve: Option<u32>,
    /// The visibility of a permit given to this person.
    pub permits: Permits,
}

/// The visibility of a reply with a permit, which decides whether the permit is given there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Permits {
    /// Only the holder reads it, and typed the whole command.
    #[default]
    Shown,
    /// Only the holder reads it, and clicked a button or sits at a terminal: a step that may delete requires the instance's name, or the end of its
    /// commodity id, to be typed. Holds the typed text.
    Named(Option<Arc<str>>),
    /// Others read it too: the permit must be requested elsewhere.
    Elsewhere,
}

impl Actor {
    /// The person at the console: admin of the workspace `local`, who has no colleagues there.
    pub fn local(name: &str) -> Self {
        Self {
            person: Person::at_console(name),
            workspace: LOCAL_WORKSPACE.into(),
            roles: vec![Role::Admin],
            teams: Vec::new(),
            manages: false,
            surface: CONSOLE,
            message: None,
            people: Vec::new(),
            could_approve: Some(0),
            permits: Permits::Shown,
        }
    }

    /// The initial actor of the sandbox: an admin. `:as` switches to others.
    pub fn sandbox(name: &str) -> Self {
        Self {
            person: Person::named(name),
            surface: "sandbox",
            could_approve: None,
            ..Self::local(name)
        }
    }

    /// Switches to another person, as in `bob approver team:payments`; `None` when the text is invalid.
    pub fn speak_as(&mut self, text: &str) -> Option<()> {
        let mut words = text.split([' ', '\t', ',']).filter(|word| !word.is_empty());
        let name = Label::parse(words.next()?).ok()?;
        let (mut roles, mut teams) = (Vec::new(), Vec::new());
        for word in words {
            match (Role::from_word(word), word.strip_prefix("team:")) {
                (Some(role), _) => roles.push(role),
                (None, Some(team)) => teams.push(TeamName::parse(team).ok()?),
                (None, None) => return None,
            }
        }
        self.person = Person::named(name.as_str());
        self.roles = roles;
        self.teams = teams;
        Some(())
    }

    /// The id of the Discord message or interaction, which several processes may receive.
    pub(super) fn asked(&self) -> Option<&str> {
        let asked = self.message.as_deref();
        asked.filter(|_| self.surface == DISCORD)
    }

    /// Whether the roles grant a permission.
    pub fn may(&self, permission: Permission) -> bool {
        may(&self.roles, permission) || self.manages && permission == Permission::Settings
    }
}

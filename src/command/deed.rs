//! What each verb is in the eyes of authority.

use super::{Command, InstanceCommand, SettingsCommand};
use crate::domain::authority::Deed;

impl Command {
    /// What saying this does; `None` for what needs no role. A new verb does not compile until it is placed here.
    pub const fn deed(&self) -> Option<Deed> {
        let deed = match self {
            Self::Help { .. } => return None,
            Self::Check { .. }
            | Self::Downgrade { by: None, .. }
            | Self::Todo { .. }
            | Self::Changes { .. }
            | Self::Change { .. }
            | Self::Why { .. }
            | Self::Rules
            | Self::Notices { .. }
            | Self::Suppressed { .. }
            | Self::Wordings
            | Self::Audit { .. }
            | Self::Reminders { .. }
            | Self::Imports
            | Self::Rule { .. } => Deed::Read,
            Self::Instance(command) => command.deed(),
            Self::Action { .. } => Deed::Attest,
            Self::Import(_) => Deed::Import,
            Self::ImportUndo { .. } => Deed::UndoImport,
            Self::Upgrade { .. } | Self::Downgrade { by: Some(_), .. } => Deed::Open,
            Self::Unsubscribe { .. } | Self::Next { .. } => Deed::TakePermit,
            Self::Confirm { .. } | Self::Reopen { .. } => Deed::Confirm,
            Self::Fail { .. } | Self::Cancel { .. } => Deed::End,
            Self::Notice { .. } => Deed::FileNotice,
            Self::Approve { .. } | Self::Reject { .. } | Self::Revoke { .. } => Deed::Approve,
            Self::BreakGlass { .. } => Deed::BreakGlass,
            Self::Ack { .. } => Deed::Ack,
            Self::Wording { .. } => Deed::Teach,
            Self::Snooze { .. } => Deed::Snooze,
            Self::Settings(SettingsCommand::Show) => Deed::Read,
            Self::Settings(_) => Deed::Settings,
        };
        Some(deed)
    }
}

impl InstanceCommand {
    /// What saying this does.
    pub const fn deed(&self) -> Deed {
        match self {
            Self::List { .. } | Self::Show { .. } => Deed::Read,
            Self::Add { .. } | Self::Set { .. } => Deed::Record,
            Self::Lost { .. } => Deed::Lose,
            Self::Remove { .. } => Deed::Remove,
        }
    }
}

//! What kind of deed a command is: the table behind it says whose it is.

use super::{Command, InstanceCommand};
use crate::domain::authority::Deed;

impl Command {
    /// What kind of deed it is; `None` for what anybody may ask. A new verb does not compile until it is placed here.
    pub const fn deed(&self) -> Option<Deed> {
        Some(match self {
            Self::Help { .. } => return None,
            Self::Instance(command) => command.deed(),
            Self::Action { .. } => Deed::Look,
            Self::Check { .. }
            | Self::Downgrade { by: None, .. }
            | Self::Changes { .. }
            | Self::Change { .. }
            | Self::Why { .. }
            | Self::Rules
            | Self::Rule { .. } => Deed::Read,
            // Without the right to a permit it only shows the step; acknowledging is part of carrying it out.
            Self::Next { ack, .. } => match ack.ack {
                None => Deed::Read,
                Some(_) => Deed::Carry,
            },
            Self::Upgrade { .. }
            | Self::Downgrade { by: Some(_), .. }
            | Self::Unsubscribe { .. }
            | Self::Confirm { .. }
            | Self::Reopen { .. }
            | Self::Fail { .. }
            | Self::Cancel { .. } => Deed::Carry,
            Self::Approve { .. } | Self::Reject { .. } | Self::Revoke { .. } => Deed::Approve,
            Self::BreakGlass { .. } => Deed::BreakGlass,
            Self::Import(_) => Deed::Record,
        })
    }
}

impl InstanceCommand {
    /// What kind of deed it is.
    pub const fn deed(&self) -> Deed {
        match self {
            Self::Add { .. } | Self::Set { .. } | Self::Lost { .. } => Deed::Record,
            Self::List { .. } | Self::Show { .. } => Deed::Read,
            Self::Remove { .. } => Deed::Remove,
        }
    }
}

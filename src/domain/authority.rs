//! Authorisation: one table of permissions, checked on every command and every click.

use super::words::words;

words! {
    /// A role of a person in a workspace, as the surface resolved it. A person may have several.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Role {
        /// May read.
        Viewer = "viewer",
        /// May record facts and carry out changes.
        Requester = "requester",
        Approver = "approver",
        /// May do everything.
        Admin = "admin",
    }
}

impl Role {
    /// Every role, from the least to the most powerful.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Requester, Self::Approver, Self::Admin];
}

/// A permission that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// Read anything.
    Read,
    /// Attest the Post-expiration Action.
    Attest,
    /// Track instances and record facts.
    Record,
    /// Import facts from a file.
    Import,
    UndoImport,
    /// Record that an instance was deleted at the vendor.
    Lose,
    /// Open a change.
    Open,
    TakePermit,
    /// Confirm a step, or take a confirmation back.
    Confirm,
    /// Report a change as failed, or cancel it.
    End,
    /// File a notice of the vendor.
    FileNotice,
    /// Approve, reject or revoke.
    Approve,
    /// Teach or forget the wording of a notice.
    Teach,
    /// Acknowledge a reminder or a notice.
    Ack,
    /// Snooze a reminder.
    Snooze,
    /// Stop tracking an instance.
    Remove,
    /// Override missing approvals.
    BreakGlass,
    /// Hand over the open work of a person who leaves.
    HandOver,
    /// Change the workspace's settings.
    Settings,
}

impl Permission {
    /// Every permission, in the order of the table.
    pub const ALL: [Self; 19] = [
        Self::Read,
        Self::Attest,
        Self::Record,
        Self::Import,
        Self::UndoImport,
        Self::Lose,
        Self::Open,
        Self::TakePermit,
        Self::Confirm,
        Self::End,
        Self::FileNotice,
        Self::Approve,
        Self::Teach,
        Self::Ack,
        Self::Snooze,
        Self::Remove,
        Self::BreakGlass,
        Self::HandOver,
        Self::Settings,
    ];

    /// The table: the roles that grant it.
    const fn roles(self) -> &'static [Role] {
        use Role::{Admin, Approver, Requester, Viewer};
        match self {
            Self::Read => &[Viewer, Requester, Approver, Admin],
            Self::Attest | Self::Ack => &[Requester, Approver, Admin],
            Self::Record
            | Self::Import
            | Self::Lose
            | Self::Open
            | Self::TakePermit
            | Self::Confirm
            | Self::End
            | Self::Snooze
            | Self::FileNotice => &[Requester, Admin],
            Self::Approve | Self::Teach | Self::UndoImport => &[Approver, Admin],
            Self::Remove | Self::BreakGlass | Self::HandOver | Self::Settings => &[Admin],
        }
    }
}

/// Whether any of these roles grants a permission.
pub fn may(roles: &[Role], permission: Permission) -> bool {
    roles.iter().any(|role| permission.roles().contains(role))
}

/// The roles that grant a permission, the least first, for the refusal. Never empty.
pub const fn needed(permission: Permission) -> &'static [Role] {
    permission.roles()
}

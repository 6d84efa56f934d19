//! Who may do what: one table, asked on every command and every click.

use super::instance::words;

/// What a person may do in a workspace, as the surface resolved it. Several add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Records facts and carries changes out.
    Requester,
    Approver,
    /// Does everything.
    Admin,
}

words!(Role { Viewer = "viewer", Requester = "requester", Approver = "approver", Admin = "admin" });

impl Role {
    /// Every role, from the least to the one that may do everything.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Requester, Self::Approver, Self::Admin];
}

/// What people do, as far as authority tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// Look at anything.
    Read,
    /// Say what the Post-expiration Action is.
    Attest,
    /// Track instances and record what is known of them.
    Record,
    /// Take facts from a file.
    Import,
    /// Take back what a file did.
    UndoImport,
    /// Record that an instance was deleted at the vendor.
    Lose,
    /// Open a change.
    Open,
    TakePermit,
    /// Confirm a step, or take a confirmation back.
    Confirm,
    /// Fail or cancel a change.
    End,
    /// Hand in a notice of the vendor's.
    FileNotice,
    /// Approve, reject, revoke.
    Approve,
    /// Teach what a notice's wording announces, or have that forgotten.
    Teach,
    /// Say that one knows of what is reminded of, or of a notice.
    Ack,
    /// Have a reminder come again later.
    Snooze,
    /// Stop following an instance.
    Remove,
    /// Go on without the approvals that are missing.
    BreakGlass,
    /// Hand over what waits for somebody who leaves.
    HandOver,
    /// Change what the workspace decides for itself.
    Settings,
}

impl Permission {
    /// Every deed, in the order of the table.
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

    /// The roles that cover it: the table.
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

/// Whether any of these roles covers a deed; nobody without a role may do any.
pub fn may(roles: &[Role], permission: Permission) -> bool {
    roles.iter().any(|role| permission.roles().contains(role))
}

/// The roles any one of which covers a deed, the least first: what a refusal names. Never empty.
pub const fn needed(permission: Permission) -> &'static [Role] {
    permission.roles()
}

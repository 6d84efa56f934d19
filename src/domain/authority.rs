//! Who may do what: decided here, on every command and every press of a button.

use super::instance::words;

/// What a person may do in a workspace, as the surface resolved it. Several add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Records facts and carries changes out.
    Requester,
    /// Approves.
    Approver,
    /// Does everything.
    Admin,
}

words!(Role { Viewer = "viewer", Requester = "requester", Approver = "approver", Admin = "admin" });

/// Kinds of deeds, as far as authority tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Deed {
    /// Look at anything.
    Read,
    /// Say what the Post-expiration Action is.
    Look,
    /// Track instances, record other facts, import, record a loss.
    Record,
    /// Open changes, take permits, confirm, reopen, fail, cancel.
    Carry,
    /// Approve, reject, revoke.
    Approve,
    /// Stop tracking an instance.
    Remove,
    /// Replace missing approvals.
    BreakGlass,
}

words!(Deed {
    Read = "read",
    Look = "look",
    Record = "record",
    Carry = "carry",
    Approve = "approve",
    Remove = "remove",
    BreakGlass = "break-glass",
});

impl Role {
    /// Whether this role covers a deed.
    pub const fn covers(self, deed: Deed) -> bool {
        match self {
            Self::Viewer => matches!(deed, Deed::Read),
            Self::Requester => {
                matches!(deed, Deed::Read | Deed::Look | Deed::Record | Deed::Carry)
            }
            Self::Approver => matches!(deed, Deed::Read | Deed::Look | Deed::Approve),
            Self::Admin => true,
        }
    }
}

/// Whether any of these roles covers a deed. Nobody without a role may do anything.
pub fn may(roles: &[Role], deed: Deed) -> bool {
    roles.iter().any(|role| role.covers(deed))
}

/// The roles that cover a deed, the least of them first: what a refusal names.
pub fn covering(deed: Deed) -> Vec<Role> {
    let all = Role::WORDS.iter().map(|(_, role)| *role);
    all.filter(|role| role.covers(deed)).collect()
}

//! Who may do what: decided here, on every command and every click.

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
    AttestAction,
    /// Track instances, record other facts, import, record a loss.
    Record,
    /// Open changes, take permits, confirm, reopen, fail, cancel.
    Carry,
    /// Approve, reject, revoke.
    Approve,
    /// Stop tracking an instance.
    Remove,
}

words!(Deed {
    Read = "read",
    AttestAction = "attest-action",
    Record = "record",
    Carry = "carry",
    Approve = "approve",
    Remove = "remove",
});

impl Role {
    /// Whether this role covers a deed.
    pub const fn covers(self, deed: Deed) -> bool {
        match self {
            Self::Viewer => matches!(deed, Deed::Read),
            Self::Requester => {
                matches!(
                    deed,
                    Deed::Read | Deed::AttestAction | Deed::Record | Deed::Carry
                )
            }
            Self::Approver => matches!(deed, Deed::Read | Deed::AttestAction | Deed::Approve),
            Self::Admin => true,
        }
    }
}

/// Whether any of these roles covers a deed; nobody without a role may do anything.
pub fn may(roles: &[Role], deed: Deed) -> bool {
    roles.iter().any(|role| role.covers(deed))
}

/// The least role that covers a deed: what a refusal names.
pub fn needed(deed: Deed) -> Role {
    [Role::Viewer, Role::Requester, Role::Approver]
        .into_iter()
        .find(|role| role.covers(deed))
        .unwrap_or(Role::Admin)
}

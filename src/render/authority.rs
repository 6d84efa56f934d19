//! Roles, their permissions, and refusals for lack of one.

use std::fmt::Write as _;

use crate::answer::DeniedChange;
use crate::domain::authority::{Permission, Role, may};

/// The table of roles and permissions for the documentation.
pub fn markdown() -> String {
    let mut table = "| what |".to_owned();
    for role in Role::ALL {
        let _ = write!(table, " {role} |");
    }
    table.push_str("\n| --- |");
    table.push_str(&" --- |".repeat(Role::ALL.len()));
    for permission in Permission::ALL {
        let _ = write!(table, "\n| {} |", doing(permission));
        for role in Role::ALL {
            let mark = if may(&[role], permission) { "✓" } else { "" };
            let _ = write!(table, " {mark} |");
        }
    }
    table.push('\n');
    table
}

/// A refusal: the missing role, the roles held, and the people who can help.
pub(super) fn denied(
    permission: Permission,
    missing: &[Role],
    held: &[Role],
    of: Option<&DeniedChange>,
) -> String {
    let held = if held.is_empty() {
        "none".to_owned()
    } else {
        listed(held, "and")
    };
    let help = if missing == [Role::Admin] {
        "Ask an admin to do it."
    } else {
        "Ask somebody who has it to do it, or an admin to give it to you."
    };
    // A person who reports a notice must not believe that it was recorded.
    let lost = if permission == Permission::FileNotice {
        " The notice was not recorded, and nobody is told of it.".to_owned()
    } else {
        of.map_or_else(String::new, |of| {
            format!(" Nothing was done on {} (#{}).", of.instance, of.number)
        })
    };
    format!(
        "Denied: {} needs the role {}; you have {held}.{lost} {help}",
        doing(permission),
        roles(missing)
    )
}

/// Alternative roles; admin is named last, in parentheses.
pub(super) fn roles(any: &[Role]) -> String {
    match any {
        [least @ .., Role::Admin] if !least.is_empty() => {
            format!("{} (or admin)", listed(least, "or"))
        }
        all => listed(all, "or"),
    }
}

fn listed(roles: &[Role], before_last: &str) -> String {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    match words.as_slice() {
        [rest @ .., last] if !rest.is_empty() => {
            format!("{} {before_last} {last}", rest.join(", "))
        }
        all => all.concat(),
    }
}

const fn doing(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "reading",
        Permission::Attest => "saying what the Post-expiration Action is",
        Permission::Record => "tracking an instance or recording its facts",
        Permission::Import => "importing a listing",
        Permission::UndoImport => "taking back what a listing changed",
        Permission::HandOver => "handing over what waits for somebody",
        Permission::Lose => "recording that an instance is lost",
        Permission::Open => "opening a change",
        Permission::TakePermit => "taking a permit",
        Permission::Confirm => "confirming a step or taking that back",
        Permission::End => "failing or cancelling a change",
        Permission::FileNotice => "handing in a notice",
        Permission::Approve => "approving, rejecting or revoking",
        Permission::Teach => "teaching or forgetting a wording",
        Permission::Ack => "saying that you know of a reminder or a notice",
        Permission::Snooze => "having a reminder come again later",
        Permission::Remove => "removing an instance",
        Permission::BreakGlass => "overriding missing approvals",
        Permission::Settings => "changing settings",
    }
}

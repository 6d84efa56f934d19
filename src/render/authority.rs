//! Roles, what they cover, and refusals for want of one.

use std::fmt::Write as _;

use crate::domain::authority::{Deed, Role, may};

/// The table of the README: what each role may do.
pub fn markdown() -> String {
    let mut table = "| what |".to_owned();
    for role in Role::ALL {
        let _ = write!(table, " {} |", role.as_str());
    }
    table.push_str("\n| --- |");
    table.push_str(&" --- |".repeat(Role::ALL.len()));
    for deed in Deed::ALL {
        let _ = write!(table, "\n| {} |", doing(deed));
        for role in Role::ALL {
            let mark = if may(&[role], deed) { "✓" } else { "" };
            let _ = write!(table, " {mark} |");
        }
    }
    table.push('\n');
    table
}

/// A refusal: what is missing, what is held, and who can help.
pub(super) fn denied(deed: Deed, missing: &[Role], held: &[Role]) -> String {
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
    // What somebody wanted to warn of must not be thought to be in good hands.
    let lost = if deed == Deed::FileNotice {
        " The notice was not recorded, and nobody is told of it."
    } else {
        ""
    };
    format!(
        "Denied: {} needs the role {}; you have {held}.{lost} {help}",
        doing(deed),
        roles(missing)
    )
}

/// Roles any one of which will do; that an admin may as well stands apart.
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

const fn doing(deed: Deed) -> &'static str {
    match deed {
        Deed::Read => "reading",
        Deed::Attest => "saying what the Post-expiration Action is",
        Deed::Record => "tracking an instance or recording its facts",
        Deed::Import => "importing a listing",
        Deed::UndoImport => "taking back what a listing changed",
        Deed::Lose => "recording that an instance is lost",
        Deed::Open => "opening a change",
        Deed::TakePermit => "taking a permit",
        Deed::Confirm => "confirming a step or taking that back",
        Deed::End => "failing or cancelling a change",
        Deed::FileNotice => "handing in a notice",
        Deed::Approve => "approving, rejecting or revoking",
        Deed::Teach => "teaching or forgetting a wording",
        Deed::Ack => "saying that you know of a reminder or a notice",
        Deed::Snooze => "having a reminder come again later",
        Deed::Remove => "removing an instance",
        Deed::BreakGlass => "breaking the glass",
        Deed::Settings => "changing settings",
    }
}

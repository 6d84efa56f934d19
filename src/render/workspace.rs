//! Concerns of a workspace as a whole: the failing safeguard, and the command that settles it.

use std::fmt::Write as _;

use super::import::in_accounts;
use super::time::Reader;
use crate::domain::concern::{Failing, Meaning, Unreadable, WorkspaceConcern};
use crate::domain::fact::is_ahead;
use crate::domain::id::RoleId;
use crate::domain::setting::Guarded;

/// The post for the alerts channel.
pub fn alert(open: &[WorkspaceConcern], reader: &Reader) -> String {
    let mut out = "A safeguard does not work here:".to_owned();
    for concern in open {
        let _ = write!(out, "\n  {}", line(concern, reader));
    }
    out
}

/// The open concerns under a title, for a list; empty if there are none.
pub(super) fn section(open: &[WorkspaceConcern], reader: &Reader) -> String {
    let mut out = String::new();
    if !open.is_empty() {
        out.push_str("A safeguard does not work here:\n");
    }
    for concern in open {
        let since = reader.moment(concern.since);
        let _ = writeln!(out, "  {} (since {since})", line(concern, reader));
    }
    out
}

pub(super) fn line(concern: &WorkspaceConcern, reader: &Reader) -> String {
    match &concern.failing {
        Failing::RoleGone { role, meant } => role_gone(role, meant),
        Failing::FewApprovers {
            have,
            need,
            step,
            managers,
        } => few_approvers(*have, *need, *step, *managers),
        Failing::SmallTeam { team, have } => format!(
            "team {team} has {}, and nobody approves what they opened themselves: give its role to more people, or `settings team {team} --members ROLE`",
            members(*have)
        ),
        Failing::TeamNotCalled {
            team,
            described: false,
        } => format!(
            "instances belong to team {team}, which nobody has described, so nobody is mentioned for it, and the approvers are mentioned in its place: `settings team {team} --mention ROLE --members ROLE`, or `instance set … --team NAME` if it is a mistake"
        ),
        Failing::TeamNotCalled {
            team,
            described: true,
        } => format!(
            "team {team} has no role to mention, so nobody is mentioned for it, and the approvers are mentioned in its place: `settings team {team} --mention ROLE`"
        ),
        Failing::ImportStale { last } if is_ahead(*last, reader.now) => format!(
            "the last import is dated {}, ahead of the clock, so when it was is not known: what changed at the vendor since is not seen here. `import FILE` takes a listing, `imports` shows the last ones",
            reader.moment(*last)
        ),
        Failing::ImportStale { last } => format!(
            "no import since {}: what changed at the vendor since is not seen here. `import FILE` takes a listing, `imports` shows the last ones",
            reader.moment(*last)
        ),
        Failing::ListingHeld {
            region,
            accounts,
            number,
            label,
            lacks,
        } => format!(
            "import {number} ({label}) lacks {lacks} tracked instances of {region}{} and is held back: look in the console, then import the whole listing, or the same one with `--accept-missing {lacks}`",
            in_accounts(accounts)
        ),
        Failing::Unreadable(subject) => format!(
            "the database's rows of {} cannot be read, so nothing is said of it: look in the vendor's console; the operator finds the details in the bot's log",
            named(subject)
        ),
    }
}

fn named(subject: &Unreadable) -> String {
    match subject {
        Unreadable::Instance(id) => id.to_string(),
        Unreadable::Change(number) => format!("change #{number}"),
        Unreadable::Notice(number) => format!("notice {number}"),
    }
}

fn members(count: u64) -> String {
    match count {
        0 => "no member".to_owned(),
        1 => "one member".to_owned(),
        many => format!("{many} members"),
    }
}

fn role_gone(role: &RoleId, meant: &Meaning) -> String {
    match meant {
        Meaning::Role(as_role) => format!(
            "the role {role} is gone from the server, so nobody is {word} by it: `settings role {word} ROLE` names another",
            word = as_role.as_str()
        ),
        Meaning::Members(team) => format!(
            "the role {role} is gone from the server, so team {team} has no member by it: `settings team {team} --members ROLE` names another"
        ),
        Meaning::Mention(team) => format!(
            "the role {role} is gone from the server, so nobody of team {team} is mentioned: `settings team {team} --mention ROLE` names another"
        ),
    }
}

fn few_approvers(have: u64, need: u64, step: Guarded, managers: bool) -> String {
    let besides = if managers {
        ", besides everybody with Manage Server"
    } else {
        ""
    };
    format!(
        "`{step}` needs {need} approvals, and the roles that may approve have {}{besides}: give one of them to more people, or `settings role approver ROLE`",
        members(have)
    )
}

//! A workspace's settings, in the words in which they are typed.

use super::table::{self, Narrow};
use super::time::Reader;
use super::workspace;
use crate::answer::{Keeping, SettingError};
use crate::command::{NONE, quoted_if_needed};
use crate::domain::authority::Role;
use crate::domain::concern::WorkspaceConcern;
use crate::domain::id::excerpt;
use crate::domain::nearest::did_you_mean;
use crate::domain::setting::{Consequence, InEffect, Setting};

/// The note on a newly watched channel.
const WATCHED: &str = " Only what these post there is read, from now on, and taken as with `notice`. It needs Message Content Intent, \
     switched on in the developer portal, and in the channel View Channel, Read Message History and Add Reactions; no restart. \
     What is missing is said in the alerts channel.";

/// Somebody who sets the bot up seldom has the role that they name.
const ADMIN_MAPPED: &str = " From now on only they are admins: give yourself that role in the chat too. People with Manage Server can still change all settings, and nothing else.";

/// The settings in force, as `settings` would set them, with the person who set each.
pub(super) fn list(
    settings: &[InEffect],
    open: &[WorkspaceConcern],
    is_alone: bool,
    reader: &Reader,
) -> String {
    let row = |held: &InEffect| {
        let set = held.set.as_ref().map_or_else(
            || "configuration".to_owned(),
            |(by, at)| format!("{by}, {}", reader.instant(*at)),
        );
        [held.setting.key(), value(&held.setting), set]
    };
    let table = table::table(
        ["setting", "value", "set by"],
        &Narrow::default(),
        settings.iter().map(row),
        reader,
    );
    let unmapped = settings
        .iter()
        .all(|held| !matches!(&held.setting, Setting::Role { means, .. } if !means.is_empty()));
    let note = if is_alone {
        "At a terminal you are admin, and nobody else is there to approve or to look. Each Discord server has settings of its own.\n"
    } else if unmapped {
        "No role of the chat means a role here yet: people with Manage Server are admins, everybody else may only look.\n"
    } else {
        ""
    };
    let failing = workspace::section(open, reader);
    format!("What holds here:\n{table}{note}{failing}`help settings` lists what changes one.")
}

/// The safeguards in force, one line each, compared with the configuration.
pub fn in_force(held: &[InEffect], configured: &[InEffect]) -> String {
    let mut out = "\nIn force here now, whatever was set in between:".to_owned();
    for InEffect { setting, set } in held.iter().filter(|held| held.setting.guards()) {
        let key = setting.key();
        let base = configured.iter().find(|base| base.setting.key() == key);
        let differs = match (base.map(|base| &base.setting), setting) {
            // The configuration maps no role.
            (_, Setting::Role { .. }) if set.is_none() => continue,
            (None, _) | (_, Setting::Role { .. }) => String::new(),
            (Some(base), _) if base == setting => String::new(),
            (Some(base), Setting::Approvals { .. } | Setting::Observers { .. })
                if setting.lowers(base) =>
            {
                format!(" (lower than the configuration: {})", value(base))
            }
            (Some(base), _) => format!(" (configuration: {})", value(base)),
        };
        out.push_str(&format!("\n  {key}: {}{differs}", value(setting)));
    }
    out.push_str("\nWhat was made stricter since the copy has to be set again.");
    out
}

/// A changed setting and its former value, for the trail.
pub fn moved(setting: &Setting, before: Option<&Setting>) -> String {
    let was = before.map_or_else(String::new, |before| format!(", was {}", value(before)));
    format!("{}: {}{was}", setting.key(), value(setting))
}

/// A changed setting and its former value.
pub(super) fn set(
    setting: &Setting,
    before: Option<&Setting>,
    keeping: Keeping,
    is_alone: bool,
) -> String {
    let key = setting.key();
    let now = match setting {
        Setting::Team { team: None, .. } => "removed".to_owned(),
        _ => value(setting),
    };
    let mut out = match before {
        Some(before) => format!("Set: {key} is {now}; it was {}.", value(before)),
        None => format!("{key} is {now}."),
    };
    match setting.consequence() {
        Consequence::NameStays => out.push_str(&kept(keeping)),
        Consequence::OpenRequestsStay => {
            out.push_str(" Requests that are open keep what they were asked with.");
        }
        Consequence::PlannedAgain => out.push_str(" Reminders are planned again."),
        Consequence::IsRead if value(setting) != NONE => out.push_str(WATCHED),
        Consequence::IsRead | Consequence::Nothing => {}
    }
    if let Setting::Role {
        role: Role::Admin,
        means,
    } = setting
        && !means.is_empty()
    {
        out.push_str(ADMIN_MAPPED);
    }
    if is_alone {
        out.push_str(" This is the terminal's own: each Discord server has settings of its own.");
    }
    out
}

/// The reply to a setting that was so before: nothing was planned or announced.
pub(super) fn unchanged(setting: &Setting) -> String {
    format!("Unchanged: {} is {}.", setting.key(), value(setting))
}

fn kept(keeping: Keeping) -> String {
    let number = keeping.instances;
    let who = match (number, keeping.more) {
        (0, _) => return String::new(),
        (1, false) => "One instance keeps the name".to_owned(),
        (_, false) => format!("{number} instances keep the name"),
        (_, true) => format!("More than {number} instances keep the name"),
    };
    format!(
        " {who}: without a channel of its own, what is said goes to the default one, the approvers are mentioned in the team's place, and nobody can approve `unsubscribe` \
         for the team until `instance set INSTANCE --team TEAM` names another."
    )
}

/// The value of a setting: as typed, but without the marks of options.
pub fn value(setting: &Setting) -> String {
    let typed = setting.typed(quoted_if_needed);
    match setting {
        Setting::Team { .. } => typed
            .replace(" --", ", ")
            .trim_start_matches("--")
            .to_owned(),
        _ => typed,
    }
}

/// The reason why a setting is invalid.
pub(super) fn error(error: &SettingError) -> String {
    match error {
        SettingError::NoneAmongOthers => {
            "`none` means nobody and nothing, so it stands alone: leave it out, or leave the others out.".to_owned()
        }
        SettingError::NoneIsNoTeam => {
            "`none` means no team, where an instance is said to belong to one: call the team otherwise.".to_owned()
        }
        SettingError::NothingOfTeam { name } => format!(
            "Nothing was said of the team `{}`. Give --channel, --members or --mention, or --remove.",
            excerpt(name.as_str())
        ),
        SettingError::NoSuchTeam { name, near } => format!(
            "There is no team `{}`{}. `settings` lists them.",
            excerpt(name.as_str()),
            did_you_mean(near.as_deref())
        ),
        SettingError::NeverAlone => {
            "`approvals unsubscribe` can be 1 to 10, not `0`: one person must not be able to destroy data.".to_owned()
        }
    }
}

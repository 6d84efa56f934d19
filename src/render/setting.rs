//! What a workspace decides for itself, in the words it is typed in.

use std::fmt::Write as _;

use super::table;
use super::time::Reader;
use super::workspace;
use crate::answer::{Keeping, SettingError};
use crate::command::{NONE, quoted_if_needed};
use crate::domain::concern::WorkspaceConcern;
use crate::domain::id::{Label, excerpt};
use crate::domain::nearest::did_you_mean;
use crate::domain::reminder::Quiet;
use crate::domain::setting::{InEffect, Setting};
use crate::domain::team::Team;

/// What follows when a channel is watched.
const WATCHED: &str = " Only what these post there is read, from now on, and taken as with `notice`. It needs Message Content Intent, \
     switched on in the developer portal, and in the channel View Channel, Read Message History and Add Reactions; no restart. \
     What is missing is said in the alerts channel.";

/// Everything in effect: as `settings` would set it, and who did.
pub(super) fn list(settings: &[InEffect], open: &[WorkspaceConcern], reader: &Reader) -> String {
    let row = |held: &InEffect| {
        let set = held.set.as_ref().map_or_else(
            || "configuration".to_owned(),
            |(by, at)| format!("{by}, {}", reader.instant(*at)),
        );
        [held.setting.key(), value(&held.setting), set]
    };
    let table = table::table(
        ["setting", "value", "set by"],
        settings.iter().map(row),
        reader.columns,
    );
    let unmapped = settings
        .iter()
        .all(|held| !matches!(&held.setting, Setting::Role { means, .. } if !means.is_empty()));
    let note = if unmapped {
        "No role of the chat means a role here yet: people with Manage Server are admins, everybody else may only look.\n"
    } else {
        ""
    };
    let failing = workspace::section(open, reader);
    format!("What holds here:\n{table}{note}{failing}`settings <setting> <value>` changes one.")
}

/// What was set and what it was, for the trail.
pub fn moved(setting: &Setting, before: Option<&Setting>) -> String {
    let was = before.map_or_else(String::new, |before| format!(", was {}", value(before)));
    format!("{}: {}{was}", setting.key(), value(setting))
}

/// What was set, and what it was.
pub(super) fn set(setting: &Setting, before: Option<&Setting>, keeping: Keeping) -> String {
    let key = setting.key();
    let now = value(setting);
    let mut out = match before {
        Some(before) => format!("Set: {key} is {now}; it was {}.", value(before)),
        None => format!("{key} is {now}."),
    };
    match setting {
        Setting::Team { team: None, .. } => out.push_str(&kept(keeping)),
        Setting::Approvals { .. } | Setting::Attesters(_) => {
            out.push_str(" Requests that are open keep what they were asked with.");
        }
        Setting::Zone(_) | Setting::Quiet(_) => out.push_str(" Reminders are planned again."),
        Setting::Watch { sources, .. } if !sources.is_empty() => out.push_str(WATCHED),
        _ => {}
    }
    out
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
        " {who}: without a channel of its own, what is said goes to the default one, and nobody can approve `unsubscribe` \
         for the team until `instance set … --team` names another."
    )
}

/// What a setting says, as it is typed.
fn value(setting: &Setting) -> String {
    match setting {
        Setting::Role { means: ids, .. } | Setting::Watch { sources: ids, .. } => list_of(ids, " "),
        Setting::Team { team, .. } => team.as_ref().map_or_else(|| "--remove".to_owned(), of_team),
        Setting::Channel { channel, .. } if channel.or_not_set() != channel.as_str() => {
            channel.or_not_set().to_owned()
        }
        Setting::Channel { channel, .. } => quoted_if_needed(channel.as_str()),
        Setting::Zone(zone) => zone.name().to_owned(),
        Setting::Quiet(quiet) => {
            quiet.map_or_else(|| NONE.to_owned(), |quiet: Quiet| quiet.to_string())
        }
        Setting::Approvals { number, .. } | Setting::Attesters(number) => number.to_string(),
        Setting::Threads(on) => if *on { "on" } else { "off" }.to_owned(),
    }
}

fn list_of(ids: &[Label], between: &str) -> String {
    let words: Vec<String> = ids.iter().map(|id| quoted_if_needed(id.as_str())).collect();
    if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join(between)
    }
}

fn of_team(team: &Team) -> String {
    let mut out = String::new();
    let channel = team.channel.as_ref().map(|channel| ("channel", channel));
    let mention = team.mention.as_ref().map(|role| ("mention", role));
    for (option, label) in channel.into_iter().chain(mention) {
        let _ = write!(out, "--{option} {} ", quoted_if_needed(label.as_str()));
    }
    let _ = write!(out, "--members {}", list_of(&team.members, ","));
    out
}

/// Why something cannot be set so.
pub(super) fn error(error: &SettingError) -> String {
    match error {
        SettingError::NoneAmongOthers => {
            "`none` means nobody and nothing, so it stands alone: leave it out, or leave the others out.".to_owned()
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

//! A setting as it is kept: a key, which is what follows `settings` when it is typed, and a value.

use serde::{Deserialize, Serialize};

use super::{ChannelKind, Guarded, MOST_APPROVALS, MOST_ATTESTERS, Setting};
use crate::domain::authority::Role;
use crate::domain::id::Label;
use crate::domain::instance::Switch;
use crate::domain::reminder::Quiet;
use crate::domain::team::Team;

const ROLE: &str = "role";
const TEAM: &str = "team";
const CHANNEL: &str = "channel";
const ZONE: &str = "zone";
const QUIET: &str = "quiet-hours";
const APPROVALS: &str = "approvals";
const ATTESTERS: &str = "attesters";
const WATCH: &str = "watch";
const THREADS: &str = "threads";
/// No quiet hours.
const NONE: &str = "none";

/// A team as it is kept.
#[derive(Serialize, Deserialize)]
struct TeamText {
    channel: Option<String>,
    mention: Option<String>,
    #[serde(default)]
    members: Vec<String>,
}

impl Setting {
    /// What it is about: unique among the settings of a workspace.
    pub fn key(&self) -> String {
        match self {
            Self::Role { role, .. } => format!("{ROLE} {}", role.as_str()),
            Self::Team { name, .. } => format!("{TEAM} {name}"),
            Self::Channel { kind, .. } => format!("{CHANNEL} {}", kind.as_str()),
            Self::Zone(_) => ZONE.to_owned(),
            Self::Quiet(_) => QUIET.to_owned(),
            Self::Approvals { step, .. } => format!("{APPROVALS} {}", step.as_str()),
            Self::Attesters(_) => ATTESTERS.to_owned(),
            Self::Watch { channel, .. } => format!("{WATCH} {channel}"),
            Self::Threads(_) => THREADS.to_owned(),
        }
    }

    /// What it says, as it is kept.
    pub fn value(&self) -> String {
        match self {
            Self::Role { means, .. } => list(means),
            Self::Watch { sources, .. } => list(sources),
            Self::Team { team, .. } => team_text(team.as_ref()),
            Self::Channel { channel, .. } => channel.to_string(),
            Self::Zone(zone) => zone.name().to_owned(),
            Self::Quiet(quiet) => quiet.map_or_else(|| NONE.to_owned(), |quiet| quiet.to_string()),
            Self::Approvals { number, .. } | Self::Attesters(number) => number.to_string(),
            Self::Threads(true) => Switch::On.as_str().to_owned(),
            Self::Threads(false) => Switch::Off.as_str().to_owned(),
        }
    }

    /// Reads what was kept; `None` when it is none.
    pub fn read(key: &str, value: &str) -> Option<Self> {
        let (what, of) = key.split_once(' ').unwrap_or((key, ""));
        Some(match what {
            ROLE => Self::Role {
                role: Role::from_word(of)?,
                means: read_list(value)?,
            },
            TEAM => Self::Team {
                name: Label::parse(of).ok()?,
                team: read_team(value)?,
            },
            CHANNEL => Self::Channel {
                kind: ChannelKind::from_word(of)?,
                channel: Label::parse(value).ok()?,
            },
            ZONE => Self::Zone(value.parse().ok()?),
            QUIET if value == NONE => Self::Quiet(None),
            QUIET => Self::Quiet(Some(Quiet::parse(value).ok()?)),
            APPROVALS => Self::Approvals {
                step: Guarded::from_word(of)?,
                number: read_number(value, MOST_APPROVALS)?,
            },
            ATTESTERS => Self::Attesters(read_number(value, MOST_ATTESTERS)?),
            WATCH => Self::Watch {
                channel: Label::parse(of).ok()?,
                sources: read_list(value)?,
            },
            THREADS => Self::Threads(Switch::from_word(value)? == Switch::On),
            _ => return None,
        })
    }
}

fn list(of: &[Label]) -> String {
    let texts: Vec<&str> = of.iter().map(Label::as_str).collect();
    serde_json::Value::from(texts).to_string()
}

fn read_list(text: &str) -> Option<Vec<Label>> {
    labels(&serde_json::from_str::<Vec<String>>(text).ok()?)
}

fn labels(texts: &[String]) -> Option<Vec<Label>> {
    let read = texts.iter().map(|text| Label::parse(text));
    read.collect::<Result<_, _>>().ok()
}

fn team_text(team: Option<&Team>) -> String {
    let text = |label: &Label| label.to_string();
    let kept = team.map(|team| TeamText {
        channel: team.channel.as_ref().map(text),
        mention: team.mention.as_ref().map(text),
        members: team.members.iter().map(text).collect(),
    });
    serde_json::to_value(kept).unwrap_or_default().to_string()
}

fn read_team(text: &str) -> Option<Option<Team>> {
    let Some(kept) = serde_json::from_str::<Option<TeamText>>(text).ok()? else {
        return Some(None);
    };
    let label = |text: Option<String>| text.map(|text| Label::parse(&text)).transpose().ok();
    Some(Some(Team {
        channel: label(kept.channel)?,
        mention: label(kept.mention)?,
        members: labels(&kept.members)?,
    }))
}

fn read_number(text: &str, most: u8) -> Option<u8> {
    text.parse().ok().filter(|number| *number <= most)
}

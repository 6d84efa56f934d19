//! The key and value types of settings: stored form, parsing and typed form.

use std::str::FromStr;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{ChannelKind, Guarded, MOST_APPROVALS};
use crate::authority::Role;
use crate::id::{ChannelId, IdError, Label, RoleId, TeamName};
use crate::instance::Switch;
use crate::reminder::Quiet;
use crate::team::Team;

/// The word for an empty value.
const NONE: &str = "none";

/// The variable part of a setting's key.
pub(super) trait SettingKey: Sized {
    fn text(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

macro_rules! word_keys {
    ($($Key:ty),+) => {$(
        impl SettingKey for $Key {
            fn text(&self) -> String {
                self.as_str().to_owned()
            }

            fn read(text: &str) -> Option<Self> {
                Self::from_word(text)
            }
        }
    )+};
}

word_keys!(Role, ChannelKind, Guarded);

macro_rules! named_keys {
    ($($Key:ty),+) => {$(
        impl SettingKey for $Key {
            fn text(&self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Option<Self> {
                Self::parse(text).ok()
            }
        }
    )+};
}

named_keys!(TeamName, ChannelId);

/// The value of a setting.
pub(super) trait SettingValue: Sized {
    fn kept(&self) -> String;
    fn read(text: &str) -> Option<Self>;

    /// The typed form, by default the stored one.
    fn typed(&self, _quoted: fn(&str) -> String) -> String {
        self.kept()
    }
}

macro_rules! lists {
    ($($Id:ty),+) => {$(
        impl SettingValue for Vec<$Id> {
            fn kept(&self) -> String {
                let texts: Vec<&str> = self.iter().map(<$Id>::as_str).collect();
                serde_json::Value::from(texts).to_string()
            }

            fn read(text: &str) -> Option<Self> {
                all(&serde_json::from_str::<Vec<String>>(text).ok()?)
            }

            fn typed(&self, quoted: fn(&str) -> String) -> String {
                list(self.iter().map(<$Id>::as_str), " ", quoted)
            }
        }
    )+};
}

lists!(RoleId, Label);

/// The stored form of a team.
#[derive(Serialize, Deserialize)]
struct TeamText {
    channel: Option<String>,
    mention: Option<String>,
    #[serde(default)]
    members: Vec<String>,
}

impl SettingValue for Option<Team> {
    fn kept(&self) -> String {
        let kept = self.as_ref().map(|team| TeamText {
            channel: team.channel.as_ref().map(ToString::to_string),
            mention: team.mention.as_ref().map(ToString::to_string),
            members: team.members.iter().map(ToString::to_string).collect(),
        });
        serde_json::to_value(kept).unwrap_or_default().to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let Some(kept) = serde_json::from_str::<Option<TeamText>>(text).ok()? else {
            return Some(None);
        };
        let channel = kept.channel.map(|text| text.parse());
        let mention = kept.mention.map(|text| text.parse());
        Some(Some(Team {
            channel: channel.transpose().ok()?,
            mention: mention.transpose().ok()?,
            members: all(&kept.members)?,
        }))
    }

    fn typed(&self, quoted: fn(&str) -> String) -> String {
        let Some(team) = self else {
            return "--remove".to_owned();
        };
        let option = |name: &str, id: Option<&str>| {
            id.map_or_else(String::new, |id| format!("--{name} {} ", quoted(id)))
        };
        let channel = option("channel", team.channel.as_ref().map(ChannelId::as_str));
        let mention = option("mention", team.mention.as_ref().map(RoleId::as_str));
        let members = team.members.iter().map(RoleId::as_str);
        format!("{channel}{mention}--members {}", list(members, ",", quoted))
    }
}

impl SettingValue for Option<ChannelId> {
    fn kept(&self) -> String {
        let set = self.as_ref().map(ChannelId::as_str);
        set.unwrap_or(NONE).to_owned()
    }

    fn read(text: &str) -> Option<Self> {
        match text {
            NONE => Some(None),
            channel => ChannelId::parse(channel).ok().map(Some),
        }
    }

    fn typed(&self, quoted: fn(&str) -> String) -> String {
        match self.as_ref().map(|channel| (channel, channel.or_not_set())) {
            None => NONE.to_owned(),
            Some((channel, shown)) if shown == channel.as_str() => quoted(shown),
            Some((_, not_set)) => not_set.to_owned(),
        }
    }
}

impl SettingValue for Tz {
    fn kept(&self) -> String {
        self.name().to_owned()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl SettingValue for Option<Quiet> {
    fn kept(&self) -> String {
        self.map_or_else(|| NONE.to_owned(), |quiet| quiet.to_string())
    }

    fn read(text: &str) -> Option<Self> {
        match text {
            NONE => Some(None),
            hours => Quiet::parse(hours).ok().map(Some),
        }
    }
}

impl SettingValue for u8 {
    fn kept(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number| *number <= MOST_APPROVALS)
    }
}

impl SettingValue for bool {
    fn kept(&self) -> String {
        let switch = if *self { Switch::On } else { Switch::Off };
        switch.as_str().to_owned()
    }

    fn read(text: &str) -> Option<Self> {
        Switch::from_word(text).map(|switch| switch == Switch::On)
    }
}

fn all<T: FromStr<Err = IdError>>(texts: &[String]) -> Option<Vec<T>> {
    let read = texts.iter().map(|text| text.parse());
    read.collect::<Result<_, _>>().ok()
}

fn list<'a>(
    ids: impl Iterator<Item = &'a str>,
    between: &str,
    quoted: fn(&str) -> String,
) -> String {
    let words: Vec<String> = ids.map(quoted).collect();
    if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join(between)
    }
}

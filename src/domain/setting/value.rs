//! The key and value types of settings: stored form, parsing and typed form.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{ChannelKind, Guarded, MOST_APPROVALS};
use crate::domain::authority::Role;
use crate::domain::id::Label;
use crate::domain::instance::Switch;
use crate::domain::reminder::Quiet;
use crate::domain::team::Team;

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

impl SettingKey for Label {
    fn text(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// The value of a setting.
pub(super) trait SettingValue: Sized {
    fn kept(&self) -> String;
    fn read(text: &str) -> Option<Self>;

    /// The typed form, by default the stored one.
    fn typed(&self, _quoted: fn(&str) -> String) -> String {
        self.kept()
    }
}

impl SettingValue for Vec<Label> {
    fn kept(&self) -> String {
        let texts: Vec<&str> = self.iter().map(Label::as_str).collect();
        serde_json::Value::from(texts).to_string()
    }

    fn read(text: &str) -> Option<Self> {
        labels(&serde_json::from_str::<Vec<String>>(text).ok()?)
    }

    fn typed(&self, quoted: fn(&str) -> String) -> String {
        list(self, " ", quoted)
    }
}

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
        let text = |label: &Label| label.to_string();
        let kept = self.as_ref().map(|team| TeamText {
            channel: team.channel.as_ref().map(text),
            mention: team.mention.as_ref().map(text),
            members: team.members.iter().map(text).collect(),
        });
        serde_json::to_value(kept).unwrap_or_default().to_string()
    }

    fn read(text: &str) -> Option<Self> {
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

    fn typed(&self, quoted: fn(&str) -> String) -> String {
        let Some(team) = self else {
            return "--remove".to_owned();
        };
        let option = |name: &str, label: &Option<Label>| {
            let label = label.as_ref().map(|label| quoted(label.as_str()));
            label.map_or_else(String::new, |label| format!("--{name} {label} "))
        };
        let (channel, mention) = (
            option("channel", &team.channel),
            option("mention", &team.mention),
        );
        format!(
            "{channel}{mention}--members {}",
            list(&team.members, ",", quoted)
        )
    }
}

impl SettingValue for Label {
    fn kept(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn typed(&self, quoted: fn(&str) -> String) -> String {
        match self.or_not_set() {
            shown if shown == self.as_str() => quoted(shown),
            not_set => not_set.to_owned(),
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

fn labels(texts: &[String]) -> Option<Vec<Label>> {
    let read = texts.iter().map(|text| Label::parse(text));
    read.collect::<Result<_, _>>().ok()
}

fn list(ids: &[Label], between: &str, quoted: fn(&str) -> String) -> String {
    let words: Vec<String> = ids.iter().map(|id| quoted(id.as_str())).collect();
    if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join(between)
    }
}

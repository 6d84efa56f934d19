//! The teams of a configuration file, `[teams.NAME]`.

use std::collections::BTreeMap;

use ::config::Value;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::layer::{self, Layer};
use super::reader::{Origins, shown, text_of};
use crate::domain::id::{IdError, Label, excerpt};
use crate::domain::nearest::nearest;
use crate::domain::team::Team;

/// The section that all teams are in.
pub(super) const SECTION: &str = "teams";
/// Where messages about a team's instances go.
pub(super) const CHANNEL: &str = "channel";
/// Whom to mention there.
pub(super) const MENTION: &str = "mention";

/// Teams by name, each with the origins of its settings.
pub(super) type Teams = BTreeMap<Label, (Team, Origins)>;

/// Reads the section into the layer, with what is wrong in it.
pub(super) fn read(
    section: &DeValue<'_>,
    at: String,
    origin: &impl Fn(usize) -> String,
    layer: &mut Layer,
) {
    let DeValue::Table(teams) = section else {
        layer.errors.push(no_section(SECTION, section, at));
        return;
    };
    for (name, settings) in teams {
        let at = origin(name.span().start);
        let key = format!("{SECTION}.{}", excerpt(name.get_ref()));
        let DeValue::Table(settings) = settings.get_ref() else {
            layer.errors.push(no_section(&key, settings.get_ref(), at));
            continue;
        };
        let team = team(&key, settings, origin, &mut layer.errors);
        let named = label(name.get_ref()).and_then(|name| {
            let free = !layer.teams.contains_key(&name);
            let told = || "another team has this name, but for a leading `#`".to_owned();
            free.then_some(name).ok_or_else(told)
        });
        match named {
            Ok(name) => {
                layer.teams.insert(name, team);
            }
            Err(reason) => {
                let given = format!("\"{}\"", excerpt(name.get_ref()));
                layer.errors.push(bad(SECTION, given, reason, at));
            }
        }
    }
}

fn team(
    key: &str,
    settings: &DeTable<'_>,
    origin: &impl Fn(usize) -> String,
    errors: &mut Vec<ConfigError>,
) -> (Team, Origins) {
    let (mut team, mut origins) = (Team::default(), Origins::new());
    for (setting, value) in settings {
        let at = origin(setting.span().start);
        let value = Value::new(Some(&at), layer::kind(value.get_ref()));
        let key = format!("{key}.{}", excerpt(setting.get_ref()));
        let (setting, place) = match setting.get_ref().as_ref() {
            CHANNEL => (CHANNEL, &mut team.channel),
            MENTION => (MENTION, &mut team.mention),
            other => {
                errors.push(unknown(&key, other, at));
                continue;
            }
        };
        match text_of(&value).and_then(label) {
            Ok(read) => *place = Some(read),
            Err(reason) => errors.push(bad(&key, shown(&value), reason, at.clone())),
        }
        origins.insert(setting, at);
    }
    (team, origins)
}

/// Reads a name of a team, of a channel, or of whom to mention.
pub(super) fn label(text: &str) -> Result<Label, String> {
    Label::parse(text).map_err(|error| match error {
        IdError::NotName { reason, .. } => reason.to_owned(),
        other => other.to_string(),
    })
}

fn no_section(key: &str, value: &DeValue<'_>, origin: String) -> ConfigError {
    let given = shown(&Value::new(None, layer::kind(value)));
    let reason = "a team is a section of its own".to_owned();
    bad(key, given, reason, origin)
}

fn bad(key: &str, given: String, reason: String, origin: String) -> ConfigError {
    ConfigError::Bad {
        key: key.to_owned(),
        origin,
        given,
        reason,
        allowed: "[teams.NAME] with channel and mention, each a name in quotes or left out",
    }
}

fn unknown(key: &str, setting: &str, origin: String) -> ConfigError {
    let team = key.rsplit_once('.').map_or(key, |(team, _)| team);
    ConfigError::Unknown {
        key: key.to_owned(),
        origin,
        nearest: nearest(setting, [CHANNEL, MENTION]).map(|near| format!("{team}.{near}")),
        known: [CHANNEL, MENTION]
            .map(|known| format!("{team}.{known}"))
            .join(", "),
    }
}

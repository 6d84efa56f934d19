//! Settings of a workspace, which override the configuration.

mod resolve;
mod table;
mod value;

pub use resolve::teams_of;
pub use table::{Consequence, Setting};

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::Timestamp;
use super::id::{ChannelId, Label, Person, TeamName};
use super::nearest::{did_you_mean, nearest};
use super::reminder::Cadence;
use super::team::{Channels, Policy, Team};
use super::words::words;

words! {
    /// A channel of the workspace.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum ChannelKind {
        /// For all messages.
        Default = "default",
        /// For alerts.
        Alerts = "alerts",
    }
}

words! {
    /// A step that may require approvals.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Guarded {
        /// Standard to Platinum.
        Upgrade = "upgrade",
        /// Platinum to Standard, immediately.
        Unsubscribe = "unsubscribe",
        /// Platinum to Standard, at the expiry.
        AwaitExpiry = "await-expiry",
    }
}

/// The maximum number of approvals.
pub const MOST_APPROVALS: u8 = 10;
/// The maximum number of observers.
pub const MOST_OBSERVERS: u8 = 5;

/// A stored setting with its author and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub setting: Setting,
    pub by: Person,
    pub at: Timestamp,
}

/// A setting in effect; `set` is `None` where the configuration applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InEffect {
    pub setting: Setting,
    /// The author and date.
    pub set: Option<(Person, Timestamp)>,
}

/// The settings of a workspace, by [`Setting::key`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides(BTreeMap<String, Set>);

/// The values that settings override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    pub policy: Policy,
    /// The zone of dates in input.
    pub zone: Tz,
    pub cadence: Cadence,
    pub channels: Channels,
    pub teams: BTreeMap<TeamName, Team>,
}

impl Overrides {
    /// Adds a setting, or replaces the one with the same key.
    pub fn put(&mut self, set: Set) {
        self.0.insert(set.setting.key(), set);
    }

    /// Whether nothing is overridden.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&Set> {
        self.0.get(key)
    }

    /// The settings, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Set> {
        self.0.values()
    }

    /// The watched channels, each with the ids of the authors whose notices are read.
    pub fn watched(&self) -> impl Iterator<Item = (&ChannelId, &[Label])> {
        let watched = self.iter().filter_map(|set| {
            if let Setting::Watch { channel, sources } = &set.setting {
                Some((channel, sources.as_slice()))
            } else {
                None
            }
        });
        watched.filter(|(_, sources)| !sources.is_empty())
    }

    /// The authors whose messages are read in a channel, by id, with the setting; `None` for a channel that is not watched.
    pub fn watch(&self, channel: &ChannelId) -> Option<(&Set, &[Label])> {
        self.iter().find_map(|set| {
            if let Setting::Watch {
                channel: of,
                sources,
            } = &set.setting
                && of == channel
                && !sources.is_empty()
            {
                Some((set, sources.as_slice()))
            } else {
                None
            }
        })
    }

    /// Whether each change has a discussion thread; on by default.
    pub fn threads(&self) -> bool {
        let off = |set: &Set| matches!(set.setting, Setting::Threads { on: false });
        !self.iter().any(off)
    }
}

impl Defaults {
    /// Applies the workspace's settings.
    #[must_use]
    pub fn under(mut self, own: &Overrides) -> Self {
        for set in own.iter() {
            set.setting.lay(&mut self);
        }
        let no_alerts = Setting::Channel {
            kind: ChannelKind::Alerts,
            channel: None,
        };
        if own.iter().any(|set| set.setting == no_alerts) {
            self.channels.alerts = self.channels.default.clone();
        }
        self
    }

    /// Every setting as in effect.
    pub fn in_effect(&self, own: &Overrides) -> Vec<InEffect> {
        let all = self.clone().under(own);
        let settings = Setting::all(self, &all, own).into_iter();
        settings.map(|setting| own.since(setting)).collect()
    }
}

impl Overrides {
    fn since(&self, setting: Setting) -> InEffect {
        let set = self.get(&setting.key());
        InEffect {
            setting,
            set: set.map(|set| (set.by.clone(), set.at)),
        }
    }
}

/// Parses the name of a time zone.
///
/// # Errors
/// The reason, with a suggested zone.
pub fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| {
        let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let city = text.replace(' ', "_");
        let of_city = |name: &&str| {
            let (_, own) = name.rsplit_once('/').unwrap_or(("", *name));
            own.eq_ignore_ascii_case(&city)
        };
        let begins = text.to_ascii_uppercase();
        let begins = begins
            .strip_prefix("UTC")
            .or(begins.strip_prefix("GMT"))
            .unwrap_or(&begins);
        if begins.starts_with(['+', '-']) {
            return "an offset is no zone, because clocks change; name a place with that time"
                .to_owned();
        }
        // Abbreviations stand for several zones: CST is Chinese and American time.
        let is_abbreviation = text.chars().count() < 4;
        let similar = || nearest(text, names()).filter(|_| !is_abbreviation);
        let hint = did_you_mean(names().find(of_city).or_else(similar));
        format!("there is no such zone{hint}")
    })
}

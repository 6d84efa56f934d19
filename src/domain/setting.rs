//! What a workspace decides for itself, laid over what the configuration says.

mod resolve;
mod table;
mod value;

pub use resolve::teams_of;
pub use table::{Consequence, Setting};

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::Timestamp;
use super::id::{Label, Person};
use super::instance::words;
use super::nearest::{did_you_mean, nearest};
use super::reminder::Cadence;
use super::team::{Channels, Policy, Team};

/// Which channel of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// Where everything goes.
    Default,
    /// Where alarms go.
    Alerts,
}

words!(ChannelKind {
    Default = "default",
    Alerts = "alerts"
});

/// A step that approvals are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guarded {
    /// To Platinum.
    Upgrade,
    /// To Standard at once.
    Unsubscribe,
    /// To Standard at expiry.
    AwaitExpiry,
}

words!(Guarded {
    Upgrade = "upgrade",
    Unsubscribe = "unsubscribe",
    AwaitExpiry = "await-expiry",
});

/// The most approvals that can be asked for.
pub const MOST_APPROVALS: u8 = 10;
/// The most observers that can be asked for.
pub const MOST_OBSERVERS: u8 = 5;

/// A setting that was made, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// What it says.
    pub setting: Setting,
    /// Who said so.
    pub by: Person,
    pub at: Timestamp,
}

/// A setting in effect; `set` is empty where the configuration says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InEffect {
    /// What holds.
    pub setting: Setting,
    /// Who said so, and when.
    pub set: Option<(Person, Timestamp)>,
}

/// What a workspace has set, by [`Setting::key`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides(BTreeMap<String, Set>);

/// What settings are laid over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// What is asked for before a step.
    pub policy: Policy,
    /// The zone of what is read.
    pub zone: Tz,
    /// When people want to be reminded.
    pub cadence: Cadence,
    /// Where the bot speaks.
    pub channels: Channels,
    /// The teams, by name.
    pub teams: BTreeMap<Label, Team>,
}

impl Overrides {
    /// Takes a setting up; an earlier one of the same key is replaced.
    pub fn put(&mut self, set: Set) {
        self.0.insert(set.setting.key(), set);
    }

    /// Whether everything is as the configuration has it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was set under a key.
    pub fn get(&self, key: &str) -> Option<&Set> {
        self.0.get(key)
    }

    /// Everything that was set, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Set> {
        self.0.values()
    }

    /// The channels in which notices are read, each with the ids of whose.
    pub fn watched(&self) -> impl Iterator<Item = (&Label, &[Label])> {
        let watched = self.iter().filter_map(|set| {
            if let Setting::Watch { channel, sources } = &set.setting {
                Some((channel, sources.as_slice()))
            } else {
                None
            }
        });
        watched.filter(|(_, sources)| !sources.is_empty())
    }

    /// Whose messages are read in a channel, by their ids, and the setting that says so; `None` when it is not watched.
    pub fn watch(&self, channel: &str) -> Option<(&Set, &[Label])> {
        self.iter().find_map(|set| {
            if let Setting::Watch {
                channel: of,
                sources,
            } = &set.setting
                && of.as_str() == channel
                && !sources.is_empty()
            {
                Some((set, sources.as_slice()))
            } else {
                None
            }
        })
    }

    /// Whether each change has a discussion thread; so it is unless somebody said otherwise.
    pub fn threads(&self) -> bool {
        let off = |set: &Set| matches!(set.setting, Setting::Threads { on: false });
        !self.iter().any(off)
    }
}

impl Defaults {
    /// Lays what a workspace has set over it.
    #[must_use]
    pub fn under(mut self, own: &Overrides) -> Self {
        for set in own.iter() {
            set.setting.lay(&mut self);
        }
        self
    }

    /// Everything that can be set, as it holds with what was set laid over this.
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

/// Reads the name of a zone.
///
/// # Errors
/// What is wrong, with the zone that was probably meant.
pub fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| {
        let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let city = text.replace(' ', "_");
        let of_city = |name: &&str| {
            let (_, own) = name.rsplit_once('/').unwrap_or(("", *name));
            own.eq_ignore_ascii_case(&city)
        };
        let hint = did_you_mean(names().find(of_city).or_else(|| nearest(text, names())));
        format!("there is no such zone{hint}")
    })
}

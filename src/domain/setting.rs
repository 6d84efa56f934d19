//! What a workspace decides for itself, laid over what the configuration says.

mod resolve;
mod text;

pub use resolve::teams_of;

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::Timestamp;
use super::authority::Role;
use super::id::{Label, Person};
use super::instance::words;
use super::nearest::{did_you_mean, nearest};
use super::reminder::{Cadence, Quiet};
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
/// The most attesters that can be asked for.
pub const MOST_ATTESTERS: u8 = 5;

/// One thing that a workspace decides for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Which roles of the chat mean a role here.
    Role {
        /// The role here.
        role: Role,
        /// The roles of the chat, by their ids.
        means: Vec<Label>,
    },
    /// A team; none: there is no such team, whatever the configuration says.
    Team {
        /// What instances call it.
        name: Label,
        /// Where it is, and who.
        team: Option<Team>,
    },
    /// Where the bot speaks.
    Channel {
        /// Of what.
        kind: ChannelKind,
        /// Where.
        channel: Label,
    },
    /// The zone of what is read, and of reminders.
    Zone(Tz),
    /// When nobody is to be disturbed.
    Quiet(Option<Quiet>),
    /// How many people other than the requester approve.
    Approvals {
        /// What.
        step: Guarded,
        /// So many.
        number: u8,
    },
    /// How many different people must have attested the action before `unsubscribe`.
    Attesters(u8),
    /// Whose messages are read in a channel.
    Watch {
        /// Where.
        channel: Label,
        /// Webhooks and bots, by their ids.
        sources: Vec<Label>,
    },
    /// Whether each change has a discussion thread.
    Threads(bool),
}

/// A setting that was made, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// What it says.
    pub setting: Setting,
    /// Who said so.
    pub by: Person,
    /// When.
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
        let off = |set: &Set| matches!(set.setting, Setting::Threads(false));
        !self.iter().any(off)
    }
}

impl Defaults {
    /// Lays what a workspace has set over it.
    #[must_use]
    pub fn under(mut self, own: &Overrides) -> Self {
        for set in own.iter() {
            self.lay(&set.setting);
        }
        self
    }

    fn lay(&mut self, setting: &Setting) {
        match setting {
            Setting::Team { name, team } => {
                match team {
                    Some(team) => self.teams.insert(name.clone(), team.clone()),
                    None => self.teams.remove(name),
                };
            }
            Setting::Channel { kind, channel } => {
                let place = match kind {
                    ChannelKind::Default => &mut self.channels.default,
                    ChannelKind::Alerts => &mut self.channels.alerts,
                };
                *place = channel.clone();
            }
            Setting::Zone(zone) => {
                self.zone = *zone;
                self.cadence.zone = *zone;
            }
            Setting::Quiet(quiet) => self.cadence.quiet = *quiet,
            Setting::Approvals { step, number } => *self.policy.approvals_mut(*step) = *number,
            Setting::Attesters(number) => self.policy.attesters = *number,
            Setting::Role { .. } | Setting::Watch { .. } | Setting::Threads(_) => {}
        }
    }

    /// Everything that can be set, as it holds with what was set laid over this.
    pub fn in_effect(&self, own: &Overrides) -> Vec<InEffect> {
        let all = self.clone().under(own);
        let roles = Role::ALL.map(|role| Setting::Role {
            role,
            means: own.means(role).to_vec(),
        });
        let teams = all.teams.into_iter().map(|(name, team)| Setting::Team {
            name,
            team: Some(team),
        });
        let gone = own.iter().map(|set| &set.setting).filter(|setting| {
            matches!(setting, Setting::Team { name, team: None } if self.teams.contains_key(name))
        });
        let step = |step| Setting::Approvals {
            step,
            number: all.policy.approvals_of(step),
        };
        let plain = [
            Setting::Channel {
                kind: ChannelKind::Default,
                channel: all.channels.default,
            },
            Setting::Channel {
                kind: ChannelKind::Alerts,
                channel: all.channels.alerts,
            },
            Setting::Zone(all.zone),
            Setting::Quiet(all.cadence.quiet),
            step(Guarded::Upgrade),
            step(Guarded::Unsubscribe),
            step(Guarded::AwaitExpiry),
            Setting::Attesters(all.policy.attesters),
        ];
        let watched = own.watched().map(|(channel, sources)| Setting::Watch {
            channel: channel.clone(),
            sources: sources.to_vec(),
        });
        let settings = roles.into_iter().chain(teams).chain(gone.cloned());
        let settings = settings.chain(plain).chain(watched);
        let settings = settings.chain([Setting::Threads(own.threads())]);
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

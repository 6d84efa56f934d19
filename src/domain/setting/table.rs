//! The table of settings: for each its key, its value, its place in the defaults, and the consequences of a change. The key is
//! also the typed form after `settings`.

use chrono_tz::Tz;

use super::value::{SettingKey, SettingValue};
use super::{ChannelKind, Defaults, Guarded, MOST_OBSERVERS, Overrides};
use crate::authority::Role;
use crate::id::{ChannelId, Label, RoleId, TeamName};
use crate::reminder::Quiet;
use crate::team::Team;

/// The consequence of a changed setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    Nothing,
    /// Instances may keep the name of a deleted team.
    NameStays,
    /// Open requests keep the numbers they were opened with.
    OpenRequestsStay,
    /// Reminders are planned again.
    PlannedAgain,
    /// Notices in a channel are read from now on.
    IsRead,
}

macro_rules! settings {
    ($(
        #[doc = $about:literal]
        $Name:ident $([#[doc = $whose:literal] $key:ident: $Key:ty])? = $word:literal {
            #[doc = $what:literal]
            $value:ident: $Value:ty $(, if $fits:expr)?;
            lays($under:ident) $lays:block
            holds($base:ident, $all:ident, $own:ident) $holds:block
            lowers($was:ident) $lowers:block
            follows $consequence:ident
        }
    )+) => {
        /// A setting of the workspace.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Setting {$(
            #[doc = $about]
            $Name {
                $(#[doc = $whose] $key: $Key,)?
                #[doc = $what]
                $value: $Value,
            },
        )+}

        impl Setting {
            /// The key, unique among the settings of a workspace.
            pub fn key(&self) -> String {
                match self {
                    $(Self::$Name { $($key,)? .. } => [$word.to_owned() $(, $key.text())?].join(" "),)+
                }
            }

            /// The stored value.
            pub fn value(&self) -> String {
                match self {
                    $(Self::$Name { $value, .. } => $value.kept(),)+
                }
            }

            /// The value as typed, with names of several words quoted.
            pub fn typed(&self, quoted: fn(&str) -> String) -> String {
                match self {
                    $(Self::$Name { $value, .. } => $value.typed(quoted),)+
                }
            }

            /// Parses a stored setting.
            pub fn read(key: &str, value: &str) -> Option<Self> {
                let (word, of) = key.split_once(' ').unwrap_or((key, ""));
                match word {
                    $($word => {
                        $(let $key = <$Key as SettingKey>::read(of)?;)?
                        let $value = <$Value as SettingValue>::read(value)?;
                        $(if !$fits { return None; })?
                        Some(Self::$Name { $($key,)? $value })
                    })+
                    _ => None,
                }
            }

            pub const fn consequence(&self) -> Consequence {
                match self {
                    $(Self::$Name { .. } => Consequence::$consequence,)+
                }
            }

            /// Whether it lowers a safeguard.
            pub fn lowers(&self, before: &Self) -> bool {
                match (self, before) {
                    $((Self::$Name { $($key,)? $value }, Self::$Name { $value: $was, .. }) => {
                        let _ = ($($key,)? $value, $was);
                        $lowers
                    })+
                    _ => false,
                }
            }

            /// Applies it to the defaults.
            pub(super) fn lay(&self, defaults: &mut Defaults) {
                match self {
                    $(Self::$Name { $($key,)? $value } => {
                        let $under = &mut *defaults;
                        let _ = ($($key,)? $value);
                        $lays
                    })+
                }
            }

            /// Every setting, as in effect.
            pub(super) fn all(base: &Defaults, all: &Defaults, own: &Overrides) -> Vec<Self> {
                let mut settings: Vec<Self> = Vec::new();
                $({
                    let ($base, $all, $own) = (base, all, own);
                    settings.extend($holds);
                })+
                settings
            }
        }
    };
}

settings! {
    /// The chat roles that grant a role.
    Role [/// The role here.
    role: Role] = "role" {
        /// The ids of the chat roles.
        means: Vec<RoleId>;
        lays(_under) {}
        holds(_base, _all, own) {
            Role::ALL.map(|role| Setting::Role { role, means: own.means(role).to_vec() })
        }
        // More people may act in the role; without an admin role, everyone who manages the server is an admin.
        lowers(was) {
            let is_nobody = means.is_empty() && !was.is_empty();
            match role {
                Role::Admin => is_nobody || means.iter().any(|id| !was.contains(id)),
                Role::Approver => means.iter().any(|id| !was.contains(id)),
                Role::Viewer | Role::Requester => false,
            }
        }
        follows Nothing
    }
    /// A team; `None` deletes it, even if the configuration defines it.
    Team [/// The name of the team.
    name: TeamName] = "team" {
        /// The team's channel, mention and members.
        team: Option<Team>;
        lays(under) {
            match team {
                Some(team) => under.teams.insert(name.clone(), team.clone()),
                None => under.teams.remove(name),
            };
        }
        holds(base, all, own) {
            let teams = all.teams.iter().map(|(name, team)| Setting::Team { name: name.clone(), team: Some(team.clone()) });
            let gone = own.iter().map(|set| set.setting.clone());
            teams.chain(gone.filter(|setting| matches!(setting, Setting::Team { name, team: None } if base.teams.contains_key(name))))
        }
        lowers(_was) { false }
        follows NameStays
    }
    /// A channel of the workspace.
    Channel [/// Of what.
    kind: ChannelKind] = "channel" {
        /// The channel; `None` for alerts in the default one, and for the default one of the configuration.
        channel: Option<ChannelId>;
        lays(under) {
            if let Some(channel) = channel {
                *under.channels.of_mut(*kind) = channel.clone();
            }
        }
        holds(_base, all, own) {
            let set_to_none = |kind| own.iter().any(|set| set.setting == Setting::Channel { kind, channel: None });
            let channel = move |kind| (!set_to_none(kind)).then(|| all.channels.of(kind).clone());
            ChannelKind::WORDS.iter().map(move |(_, kind)| Setting::Channel { kind: *kind, channel: channel(*kind) })
        }
        // Recipients of alerts may lose them.
        lowers(was) { *kind == ChannelKind::Alerts && channel != was }
        follows Nothing
    }
    /// The zone of dates in input, and of reminders.
    Zone = "zone" {
        /// The zone.
        zone: Tz;
        lays(under) { (under.zone, under.cadence.zone) = (*zone, *zone); }
        holds(_base, all, _own) { [Setting::Zone { zone: all.zone }] }
        lowers(_was) { false }
        follows PlannedAgain
    }
    /// The quiet hours.
    Quiet = "quiet-hours" {
        /// The daily period.
        hours: Option<Quiet>;
        lays(under) { under.cadence.quiet = *hours; }
        holds(_base, all, _own) { [Setting::Quiet { hours: all.cadence.quiet }] }
        lowers(_was) { false }
        follows PlannedAgain
    }
    /// The number of approvals by people other than the requester.
    Approvals [/// What.
    step: Guarded] = "approvals" {
        /// The number.
        number: u8;
        lays(under) { *under.policy.approvals_mut(*step) = *number; }
        holds(_base, all, _own) {
            Guarded::WORDS.iter().map(|(_, step)| Setting::Approvals { step: *step, number: all.policy.approvals_of(*step) })
        }
        lowers(was) { number < was }
        follows OpenRequestsStay
    }
    /// The number of observers that `unsubscribe` needs: different people who looked at the action and attested it.
    Observers = "observers" {
        /// The number.
        number: u8, if number <= MOST_OBSERVERS;
        lays(under) { under.policy.observers = *number; }
        holds(_base, all, _own) { [Setting::Observers { number: all.policy.observers }] }
        lowers(was) { number < was }
        follows OpenRequestsStay
    }
    /// The authors whose messages are read in a channel.
    Watch [/// Where.
    channel: ChannelId] = "watch" {
        /// The ids of webhooks and bots.
        sources: Vec<Label>;
        lays(_under) {}
        holds(_base, _all, own) {
            own.watched().map(|(channel, sources)| Setting::Watch { channel: channel.clone(), sources: sources.to_vec() })
        }
        lowers(_was) { false }
        follows IsRead
    }
    /// Whether each change has a discussion thread.
    Threads = "threads" {
        /// Whether it is on.
        on: bool;
        lays(_under) {}
        holds(_base, _all, own) { [Setting::Threads { on: own.threads() }] }
        lowers(_was) { false }
        follows Nothing
    }
}

impl Setting {
    /// Whether it is a safeguard: it permits decisions, or determines recipients, times or required approvals.
    pub const fn guards(&self) -> bool {
        match self {
            Self::Role { role, .. } => matches!(role, Role::Admin | Role::Approver),
            Self::Channel { kind, .. } => matches!(kind, ChannelKind::Alerts),
            Self::Quiet { .. } | Self::Approvals { .. } | Self::Observers { .. } => true,
            Self::Watch { .. } => true,
            Self::Team { .. } | Self::Zone { .. } | Self::Threads { .. } => false,
        }
    }
}

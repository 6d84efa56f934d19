//! The table of settings: what each is about, what it holds, where that lies, and what it means that it moves. A setting is
//! kept as a key, which is what follows `settings` when it is typed, and a value.

use chrono_tz::Tz;

use super::value::{SettingKey, SettingValue};
use super::{ChannelKind, Defaults, Guarded, MOST_OBSERVERS, Overrides};
use crate::domain::authority::Role;
use crate::domain::id::Label;
use crate::domain::reminder::Quiet;
use crate::domain::team::Team;

/// What follows from it that a setting was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing.
    Nothing,
    /// Instances may keep the name of a team that is no more.
    NameStays,
    /// Requests that are open keep what they were asked with.
    OpenRequestsStay,
    /// Reminders are planned again.
    PlannedAgain,
    /// Notices are read in a channel from now on.
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
        /// One thing that a workspace decides for itself.
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
            /// What it is about: unique among the settings of a workspace.
            pub fn key(&self) -> String {
                match self {
                    $(Self::$Name { $($key,)? .. } => [$word.to_owned() $(, $key.text())?].join(" "),)+
                }
            }

            /// What it says, as it is kept.
            pub fn value(&self) -> String {
                match self {
                    $(Self::$Name { $value, .. } => $value.kept(),)+
                }
            }

            /// What it says, as it is typed; names of several words in quotes.
            pub fn typed(&self, quoted: fn(&str) -> String) -> String {
                match self {
                    $(Self::$Name { $value, .. } => $value.typed(quoted),)+
                }
            }

            /// Reads what was kept; `None` when it is none.
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

            /// What follows from it that it was made.
            pub const fn consequence(&self) -> Consequence {
                match self {
                    $(Self::$Name { .. } => Consequence::$consequence,)+
                }
            }

            /// Whether it protects less than it did before.
            pub fn lowers(&self, before: &Self) -> bool {
                match (self, before) {
                    $((Self::$Name { $($key,)? $value }, Self::$Name { $value: $was, .. }) => {
                        let _ = ($($key,)? $value, $was);
                        $lowers
                    })+
                    _ => false,
                }
            }

            /// Lays it over what the configuration says.
            pub(super) fn lay(&self, defaults: &mut Defaults) {
                match self {
                    $(Self::$Name { $($key,)? $value } => {
                        let $under = &mut *defaults;
                        let _ = ($($key,)? $value);
                        $lays
                    })+
                }
            }

            /// Everything that can be set, as it holds with what was set laid over the defaults.
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
    /// Which roles of the chat mean a role here.
    Role [/// The role here.
    role: Role] = "role" {
        /// The roles of the chat, by their ids.
        means: Vec<Label>;
        lays(_under) {}
        holds(_base, _all, own) {
            Role::ALL.map(|role| Setting::Role { role, means: own.means(role).to_vec() })
        }
        // More people may do what the role may; without an admin, everybody who manages the server is one.
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
    /// A team; none: there is no such team, whatever the configuration says.
    Team [/// What instances call it.
    name: Label] = "team" {
        /// Where it is, and who.
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
    /// Where the bot speaks.
    Channel [/// Of what.
    kind: ChannelKind] = "channel" {
        /// Where.
        channel: Label;
        lays(under) { *under.channels.of_mut(*kind) = channel.clone(); }
        holds(_base, all, _own) {
            ChannelKind::WORDS.iter().map(|(_, kind)| Setting::Channel { kind: *kind, channel: all.channels.of(*kind).clone() })
        }
        // People who were told of alarms may not be any more.
        lowers(was) { *kind == ChannelKind::Alerts && channel != was }
        follows Nothing
    }
    /// The zone of what is read, and of reminders.
    Zone = "zone" {
        /// The zone.
        zone: Tz;
        lays(under) { (under.zone, under.cadence.zone) = (*zone, *zone); }
        holds(_base, all, _own) { [Setting::Zone { zone: all.zone }] }
        lowers(_was) { false }
        follows PlannedAgain
    }
    /// When nobody is to be disturbed.
    Quiet = "quiet-hours" {
        /// From when until when.
        hours: Option<Quiet>;
        lays(under) { under.cadence.quiet = *hours; }
        holds(_base, all, _own) { [Setting::Quiet { hours: all.cadence.quiet }] }
        lowers(_was) { false }
        follows PlannedAgain
    }
    /// How many people other than the requester approve.
    Approvals [/// What.
    step: Guarded] = "approvals" {
        /// So many.
        number: u8;
        lays(under) { *under.policy.approvals_mut(*step) = *number; }
        holds(_base, all, _own) {
            Guarded::WORDS.iter().map(|(_, step)| Setting::Approvals { step: *step, number: all.policy.approvals_of(*step) })
        }
        lowers(was) { number < was }
        follows OpenRequestsStay
    }
    /// How many different people must have attested the action before `unsubscribe`.
    Observers = "observers" {
        /// So many.
        number: u8, if number <= MOST_OBSERVERS;
        lays(under) { under.policy.observers = *number; }
        holds(_base, all, _own) { [Setting::Observers { number: all.policy.observers }] }
        lowers(was) { number < was }
        follows OpenRequestsStay
    }
    /// Whose messages are read in a channel.
    Watch [/// Where.
    channel: Label] = "watch" {
        /// Webhooks and bots, by their ids.
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
        /// Whether it has.
        on: bool;
        lays(_under) {}
        holds(_base, _all, own) { [Setting::Threads { on: own.threads() }] }
        lowers(_was) { false }
        follows Nothing
    }
}

impl Setting {
    /// Whether anybody is protected by it: it lets somebody decide, or says who is told and when, or what is asked for.
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

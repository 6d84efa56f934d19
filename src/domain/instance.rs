//! An instance and what is known of it.

mod form;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::event::FactValue;
use super::fact::{Fact, Gap, Known, Source, is_ahead};
use super::facts::{FactKind, each_fact};
use super::id::{CommodityId, InstanceId, InstanceName, Label, Person, Region, called};
use super::past::Past;
use super::team::Limits;
use form::DocumentForm;

/// In which order instances are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InstanceOrder {
    /// By name.
    #[default]
    Name,
    /// What expires first; without those that have no expiry.
    Expires,
    /// Whose action was seen longest ago; without those where nobody has looked.
    Age,
}

/// The two editions of a 4.x instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Edition {
    /// Pay-as-you-go, on a shared cluster.
    Standard,
    /// Subscription with an expiry, on a dedicated cluster.
    Platinum,
}

/// What becomes of a Platinum instance that is unsubscribed or expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PostExpirationAction {
    /// Instance, topics and groups are deleted for good. The vendor's default.
    Delete,
    /// The instance becomes Standard Edition.
    Downgrade,
}

/// Something that is on or off at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Switch {
    /// It is on.
    On,
    /// It is off.
    Off,
}

/// Whether the bot still follows an instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tracking {
    /// It is followed.
    Tracked,
    /// It was deleted at the vendor. Its record stays as evidence.
    Lost(Ended),
    /// Somebody stopped following it. Its history stays.
    Removed(Ended),
}

/// Who ended something, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Person,
    /// In their words.
    pub reason: String,
}

/// What was settled when the expiry passed. It does not age (rule `exit-converts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AtExpiry {
    /// The action was known to be Downgrade at that instant, and nobody has said otherwise since.
    Converts,
    /// It was not: the vendor may delete the instance.
    AtRisk,
}

/// That somebody looked at the Post-expiration Action and saw its present value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Observation {
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

macro_rules! instance {
    ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
        /// An instance with its facts.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(into = "DocumentForm", try_from = "DocumentForm")]
        pub struct Instance {
            /// The full id; never changes.
            pub id: InstanceId,
            /// Unique in its region among the tracked ones.
            pub name: InstanceName,
            /// Where it lives.
            pub region: Region,
            /// The team it belongs to.
            pub team: Option<Label>,
            /// Where messages about it go.
            pub channel: Option<Label>,
            /// When somebody or a file last spoke of its name, team or channel.
            pub described_at: Option<Timestamp>,
            /// Whether it is followed.
            pub tracking: Tracking,
            $(
                #[$about]
                pub $field: Fact<$Type>,
            )+
            /// Who attested the action's present value since it last could have changed, in the order they were recorded,
            /// each person once, with their latest look.
            pub observations: Vec<Observation>,
            /// What an import claimed of the action: shown, never relied on.
            pub action_unverified: Option<Known<PostExpirationAction>>,
            /// Settled once, when the expiry passes.
            pub at_expiry: Option<AtExpiry>,
            /// The expiry that was held when somebody said that it is not known: until there is another one, people are
            /// reminded of it, and another date than this one is a renewal.
            pub unsaid_expires: Option<Timestamp>,
            /// That it was Platinum when somebody said that its edition is not known, or a listing did not have it: without an
            /// exit, one person's Standard proves as little as before.
            pub last_platinum: Option<Known<Edition>>,
            /// What the last listing calls it: the vendor's notices do too.
            pub listed_as: Option<InstanceName>,
            /// What its history comes to.
            pub past: Past,
            /// Whether another tracked one of its region, in another account, has its name. Found out with every read, and not
            /// kept.
            pub shares_name: bool,
        }

        impl Instance {
            /// An instance of which nothing is known but what it is called.
            pub const fn new(id: InstanceId, name: InstanceName, region: Region) -> Self {
                Self {
                    id,
                    name,
                    region,
                    team: None,
                    channel: None,
                    described_at: None,
                    tracking: Tracking::Tracked,
                    $($field: Fact::never(),)+
                    observations: Vec::new(),
                    action_unverified: None,
                    at_expiry: None,
                    unsaid_expires: None,
                    last_platinum: None,
                    listed_as: None,
                    past: Past::NOTHING,
                    shares_name: false,
                }
            }

            /// A fact with its provenance, whatever the type of its value.
            pub fn fact(&self, kind: FactKind) -> Fact<FactValue> {
                match kind {
                    $(FactKind::$Kind => self.$field.map(|value| FactValue::$Value(value.clone()))),+
                }
            }

            /// The disputed facts that are a concern like any other.
            pub fn disputed(&self) -> impl Iterator<Item = FactKind> {
                let all = [$((FactKind::$Kind, self.$field.is_contradictory())),+].into_iter();
                let disputed = all.filter(|(fact, disputed)| *disputed && fact.is_disputed_plainly());
                disputed.map(|(fact, _)| fact)
            }

            /// Makes unknown what only Platinum has.
            pub fn clear_platinum_facts(&mut self, gap: Gap, since: Timestamp) {
                $($(
                    let _only = stringify!($Only);
                    self.$field = Fact::gone(gap, since);
                )?)+
                self.observations.clear();
                self.action_unverified = None;
                self.at_expiry = None;
                self.unsaid_expires = None;
            }
        }

        /// What only Platinum has, as it was when Standard was recorded, so that this can be taken back.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub struct PlatinumFacts {
            edition: Fact<Edition>,
            $($(
                #[doc = stringify!($Only)]
                #[serde(default)]
                $field: Fact<$Type>,
            )?)+
            #[serde(rename = "looks")]
            observations: Vec<Observation>,
            #[serde(rename = "action_hearsay")]
            action_unverified: Option<Known<PostExpirationAction>>,
            at_expiry: Option<AtExpiry>,
            unsaid_expires: Option<Timestamp>,
        }

        impl PlatinumFacts {
            /// What an instance has of them.
            pub fn of(instance: &Instance) -> Self {
                Self {
                    edition: instance.edition.clone(),
                    $($($field: {
                        let _only = stringify!($Only);
                        instance.$field.clone()
                    },)?)+
                    observations: instance.observations.clone(),
                    action_unverified: instance.action_unverified.clone(),
                    at_expiry: instance.at_expiry,
                    unsaid_expires: instance.unsaid_expires,
                }
            }

            /// Gives them back to the instance, with who said them and when.
            pub fn give_back(self, instance: &mut Instance) {
                instance.edition = self.edition;
                $($(
                    let _only = stringify!($Only);
                    instance.$field = self.$field;
                )?)+
                instance.observations = self.observations;
                instance.action_unverified = self.action_unverified;
                instance.at_expiry = self.at_expiry;
                instance.unsaid_expires = self.unsaid_expires;
            }
        }

        impl FactValue {
            /// The value an instance has for a fact.
            pub fn of(instance: &Instance, kind: FactKind) -> Self {
                match kind {
                    $(FactKind::$Kind => match &instance.$field {
                        Fact::Unknown { .. } => Self::Unknown,
                        Fact::Contradictory { .. } => Self::Contradictory,
                        Fact::Known(known) => Self::$Value(known.value.clone()),
                    }),+
                }
            }
        }
    };
}

use Timestamp as When;
each_fact!(instance);

/// What the action is good for at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionView {
    /// Nobody knows.
    Unknown,
    /// Two sources disagree.
    Contradictory,
    /// It was known, longer ago than its use allows.
    Stale(PostExpirationAction),
    /// It can be relied on.
    Known(PostExpirationAction),
}

impl Instance {
    /// What it is called where nothing else says which one is meant.
    pub fn called(&self) -> String {
        called(&self.id, &self.name, self.shares_name)
    }

    /// As [`Instance::called`], with its region: no other is meant by that.
    pub fn place(&self) -> String {
        format!("{}/{}", self.region, self.called())
    }

    /// Has its edition not be known any more, and remembers that it was Platinum, if it was.
    pub fn forget_edition(&mut self, gap: Gap, at: Timestamp) {
        self.last_platinum = self.platinum_so_far().cloned();
        self.edition = Fact::gone(gap, at);
    }

    /// Who said that it is Platinum, as far as nothing else is known since.
    pub fn platinum_so_far(&self) -> Option<&Known<Edition>> {
        match &self.edition {
            Fact::Unknown { .. } => self.last_platinum.as_ref(),
            Fact::Known(_) | Fact::Contradictory { .. } => {
                let mut said = self.edition.candidates();
                said.find(|known| known.value == Edition::Platinum)
            }
        }
    }

    /// What it may be called by the vendor: as it is here, and as the last listing has it.
    pub fn names(&self) -> [Option<&str>; 2] {
        let name = self.name.as_str();
        let marked = self.name.unmarked(&self.id);
        let listed = self.listed_as.as_ref().map_or(marked, InstanceName::as_str);
        [Some(name), (listed != name).then_some(listed)]
    }

    /// Whether a person who typed this meant this instance: its whole name, or the last six characters of its commodity id
    /// where that is known.
    pub fn is_named_by(&self, typed: &str) -> bool {
        const END: usize = 6;
        let typed = typed.trim();
        let commodity = self.commodity_id.value();
        let ends = |id: &CommodityId| typed.chars().count() == END && id.as_str().ends_with(typed);
        typed == self.name.as_str() || commodity.is_some_and(ends)
    }

    /// Whether it is followed.
    pub const fn is_tracked(&self) -> bool {
        matches!(self.tracking, Tracking::Tracked)
    }

    /// When what decides its fate was last looked at: its action, unless it is known to be Standard or not followed any
    /// more. Of two that disagree, the older.
    pub fn decisive_at(&self) -> Option<Timestamp> {
        let decides = self.is_tracked() && self.edition.value() != Some(&Edition::Standard);
        let looked = self.action.candidates().map(|known| known.at).min();
        looked.filter(|_| decides)
    }

    /// The instant it expired at, if that instant is known and not after `now`.
    pub fn expired_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires
            .value()
            .copied()
            .filter(|expires| *expires <= now)
    }

    /// Whether any of the expiries somebody vouches for has passed.
    pub fn may_be_expired(&self, now: Timestamp) -> bool {
        self.expires.candidates().any(|known| known.value <= now)
    }

    /// The action as far as it may be relied on at `now` when it must not be older than `limit` (rule `action-known`).
    ///
    /// From expiry on a Downgrade that was known at that instant, or attested after it, does not age.
    pub fn action_view(&self, limit: TimeDelta, limits: &Limits, now: Timestamp) -> ActionView {
        let known = match &self.action {
            Fact::Unknown { .. } => return ActionView::Unknown,
            Fact::Contradictory { .. } => return ActionView::Contradictory,
            // What a file says of the action is unverified (rule `action-known`).
            Fact::Known(known) if known.source == Source::Imported => return ActionView::Unknown,
            Fact::Known(known) => known,
        };
        let settled = known.value == PostExpirationAction::Downgrade
            && self.expired_at(now).is_some_and(|expired| {
                known.at >= expired || self.at_expiry(limits, now) == Some(AtExpiry::Converts)
            });
        if settled || known.age(now) <= limit {
            ActionView::Known(known.value)
        } else {
            ActionView::Stale(known.value)
        }
    }

    /// What was settled at expiry: as recorded when it passed, else as today's facts show it. `None` before expiry.
    pub fn at_expiry(&self, limits: &Limits, now: Timestamp) -> Option<AtExpiry> {
        let expired = self.expired_at(now)?;
        if self.at_expiry.is_some() {
            return self.at_expiry;
        }
        let converts = self.action.known().is_some_and(|known| {
            known.value == PostExpirationAction::Downgrade
                && known.source != Source::Imported
                && known.at <= expired
                && known.age(expired) <= limits.action_for_expiry
        });
        Some(if converts {
            AtExpiry::Converts
        } else {
            AtExpiry::AtRisk
        })
    }

    /// Sets the action. Another value, or none, voids what people saw before: only observations at the present value count, and
    /// only those recorded since it last could have changed (rule `action-known`).
    pub fn set_action(&mut self, action: Fact<PostExpirationAction>) {
        if self.action.value() != action.value() {
            self.observations.clear();
        }
        match &action {
            Fact::Known(seen) if seen.source == Source::Attested => {
                self.observations
                    .retain(|observation| observation.by.id != seen.by.id);
                self.observations.push(Observation {
                    by: seen.by.clone(),
                    at: seen.at,
                });
            }
            Fact::Known(_) | Fact::Unknown { .. } | Fact::Contradictory { .. } => {
                self.observations.clear();
            }
        }
        self.action = action;
    }

    /// The observations at the action that are not older than `limit`, nor dated ahead of the clock.
    pub fn fresh_observations(
        &self,
        limit: TimeDelta,
        now: Timestamp,
    ) -> impl Iterator<Item = &Observation> {
        self.observations.iter().filter(move |observation| {
            now - observation.at <= limit && !is_ahead(observation.at, now)
        })
    }

    /// Makes the action unknown, and with it what was settled at expiry.
    pub fn forget_action(&mut self, gap: Gap, since: Timestamp) {
        self.set_action(Fact::gone(gap, since));
        self.at_expiry = self.at_expiry.map(|_| AtExpiry::AtRisk);
    }

    /// Its size; of two that contradict each other the larger one.
    pub fn largest_tps(&self) -> Option<u32> {
        let sizes = self.max_tps.candidates().map(|known| known.value);
        sizes.max()
    }

    /// The expiry that people are reminded of: the earlier of two that disagree; the last one where it was said not to be
    /// known any more.
    pub fn reminded_expiry(&self) -> Option<Timestamp> {
        let expiries = self.expires.candidates().map(|known| known.value);
        expiries.min().or(self.unsaid_expires)
    }
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value with the word people type and the store keeps.
            pub const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word people type and the store keeps.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The value of a word; `None` when there is no such word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                Self::from_word(&word)
                    .ok_or_else(|| serde::de::Error::custom(format!("unknown word `{word}`")))
            }
        }
    };
}
pub(crate) use words;

words!(InstanceOrder { Name = "name", Expires = "expires", Age = "age" });
words!(Edition { Standard = "standard", Platinum = "platinum" });
words!(PostExpirationAction { Delete = "delete", Downgrade = "downgrade" });
words!(Switch { On = "on", Off = "off" });

//! An instance and its facts.

mod announced;
mod expiry;
mod form;
mod looks;
mod names;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::change::Step;
use super::event::FactValue;
use super::fact::{Fact, Gap, Known};
use super::facts::{FactKind, each_fact};
use super::id::{ChannelId, CommodityId, InstanceId, InstanceName, Person, Region, TeamName};
use super::past::Past;
use super::team::RELEASE_AFTER;
use super::words::words;
pub use announced::Announced;
use form::DocumentForm;

words! {
    /// The sort order of a list of instances.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub enum InstanceOrder {
        /// By name.
        #[default]
        Name = "name",
        /// By expiry, soonest first; those without one come last.
        Expires = "expires",
        /// By the age of the action: those never observed, then the oldest first; those that are Standard come last.
        Age = "age",
    }
}

words! {
    /// The two editions of a 4.x instance.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Edition {
        /// Pay-as-you-go, on a shared cluster.
        Standard = "standard",
        /// Subscription with an expiry, on a dedicated cluster.
        Platinum = "platinum",
    }
}

words! {
    /// The vendor's Post-expiration Action: the fate of a Platinum instance that is unsubscribed or expires.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum PostExpirationAction {
        /// Instance, topics and groups are deleted for good. The vendor's default.
        Delete = "delete",
        /// The instance becomes Standard Edition.
        Downgrade = "downgrade",
    }
}

words! {
    /// A setting at the vendor.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Switch {
        On = "on",
        Off = "off",
    }
}

/// The tracking state of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tracking {
    Tracked,
    /// Deleted at the vendor. Its record stays as evidence.
    Lost(Ended),
    /// No longer tracked, by request. Its history stays.
    Removed(Ended),
}

/// The end of tracking.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    pub at: Timestamp,
    pub by: Person,
    pub reason: String,
}

/// The state when the expiry passed. It does not age (rule `exit-converts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AtExpiry {
    /// Downgrade was known at that instant, and not contradicted since.
    Converts,
    /// Downgrade was not known: the vendor may delete the instance.
    AtRisk,
}

/// A person's observation of the current Post-expiration Action.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Observation {
    pub by: Person,
    pub at: Timestamp,
}

/// An irreversible step that may have happened, until somebody says: a confirmation, a new permit of its holder, or the edition
/// seen since.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InDoubt {
    /// The number of its change.
    pub change: u64,
    pub step: Step,
    /// The person who confirmed the step, else who held the permit.
    pub holder: Person,
    /// Whether the permit was withdrawn while it was valid; else it was over, or the step was confirmed, when the change ended.
    pub withdrawn: bool,
    /// Whether the step was confirmed, with or without a permit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirmed: bool,
    /// The time from which on the edition must be seen: that of the confirmation, else of the doubt.
    pub since: Timestamp,
}

impl InDoubt {
    /// Whether somebody has said that the instance was unsubscribed.
    pub fn is_exit(&self) -> bool {
        self.confirmed && self.step == Step::Unsubscribe
    }
}

macro_rules! instance {
    ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(into = "DocumentForm", try_from = "DocumentForm")]
        pub struct Instance {
            /// The full id; it never changes.
            pub id: InstanceId,
            /// Unique in its region and account among tracked instances.
            pub name: InstanceName,
            pub region: Region,
            pub team: Option<TeamName>,
            /// The channel for its messages.
            pub channel: Option<ChannelId>,
            /// The date of the last change of name, team or channel.
            pub described_at: Option<Timestamp>,
            pub tracking: Tracking,
            $(
                #[$about]
                pub $field: Fact<$Type>,
            )+
            /// The people who attested the current action since it could last have changed, in order of record, each once, with
            /// their latest observation.
            pub observations: Vec<Observation>,
            /// The action in a file: shown, never relied on.
            pub action_unverified: Option<Known<PostExpirationAction>>,
            /// Set once, when the expiry passes.
            pub at_expiry: Option<AtExpiry>,
            /// The last expiry before it was attested as unknown: reminders go by it until there is a new one, and a different
            /// new date is a renewal.
            pub unsaid_expires: Option<Timestamp>,
            /// The last known Platinum before the edition became unknown: without an exit, one person's Standard still needs a
            /// second.
            pub last_platinum: Option<Known<Edition>>,
            /// The expiry before that moved to another date, while it may still be right: where the later one is withdrawn,
            /// reminders go by this one again.
            pub earlier_expires: Option<Timestamp>,
            /// Whether its action was not known to be Downgrade when somebody said that it was unsubscribed, or was seen to be Delete
            /// since: one that nobody has set is Delete, and a Downgrade that is said later was not set first (rule
            /// `action-before-exit`).
            pub left_on_delete: bool,
            /// Facts that only Platinum has, from before Standard was recorded: restored if it is not Standard after all.
            pub before_standard: Option<Box<PlatinumFacts>>,
            /// The number of the change that Standard has ended, as long as it can be reopened: until there is another.
            pub ended_by_standard: Option<u64>,
            /// An irreversible step that may have happened, although its permit was withdrawn, or its change ended before anybody
            /// said.
            pub in_doubt: Option<InDoubt>,
            /// The name in the last listing, which vendor notices use.
            pub listed_as: Option<InstanceName>,
            /// Another region than its own, by a file: which of them is right is unknown until a person says it.
            pub region_in_file: Option<Known<Region>>,
            /// The content of the last file that called it Standard, while that is contradictory: the same once more is no other
            /// listing.
            pub standard_in_file: Option<u64>,
            /// Whether its Platinum, while that is contradictory, is what a row implies that leaves out the edition.
            pub platinum_implied: bool,
            /// Expiries that are not among the facts.
            pub announced_expiries: Vec<Announced>,
            /// When a listing was taken that has the instance although it was recorded as deleted before that was read.
            pub listed_since_lost: Option<Timestamp>,
            /// Who saw the instance, and when, after somebody recorded it as deleted.
            pub seen_since_lost: Option<Observation>,
            /// A summary of its history.
            pub past: Past,
            /// The other tracked instances that claim its commodity id, as they are called. Looked up where people are told of the
            /// dispute, not stored.
            pub claimed_by: Vec<String>,
            /// When the last listing was taken that repeats its edition, Platinum, and its expiry as they are known. Looked up, not
            /// stored.
            pub listed_platinum: Option<Timestamp>,
            /// Whether another tracked instance of its region, in another account, shares its name. Computed on every read, not
            /// stored.
            pub shares_name: bool,
            /// Whether the vendor's listing gives another tracked instance its name, or one like it, or one of the region or the
            /// account is called alike. Computed on every read, not stored.
            pub has_twin: bool,
        }

        impl Instance {
            /// An instance without facts.
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
                    earlier_expires: None,
                    left_on_delete: false,
                    last_platinum: None,
                    before_standard: None,
                    ended_by_standard: None,
                    in_doubt: None,
                    listed_as: None,
                    region_in_file: None,
                    standard_in_file: None,
                    platinum_implied: false,
                    announced_expiries: Vec::new(),
                    listed_since_lost: None,
                    seen_since_lost: None,
                    past: Past::NOTHING,
                    claimed_by: Vec::new(),
                    listed_platinum: None,
                    shares_name: false,
                    has_twin: false,
                }
            }

            /// A fact with its provenance, whatever the type of its value.
            pub fn fact(&self, kind: FactKind) -> Fact<FactValue> {
                match kind {
                    $(FactKind::$Kind => self.$field.map(|value| FactValue::$Value(value.clone()))),+
                }
            }

            /// The disputed facts without a concern of their own.
            pub fn disputed(&self) -> impl Iterator<Item = FactKind> {
                let all = [$((FactKind::$Kind, self.$field.is_contradictory())),+].into_iter();
                let disputed = all.filter(|(fact, disputed)| *disputed && fact.is_disputed_plainly());
                disputed.map(|(fact, _)| fact)
            }

            /// The facts without a concern of their own that were said to be unknown, except those that Standard does not have.
            pub fn unsaid(&self) -> impl Iterator<Item = FactKind> {
                let all = [$((
                    FactKind::$Kind,
                    matches!(self.$field, Fact::Unknown { gap: Gap::SaidUnknown, .. }),
                )),+];
                let is_standard = self.edition.value() == Some(&Edition::Standard);
                let unsaid = all.into_iter().filter(move |(fact, unsaid)| {
                    *unsaid && fact.is_disputed_plainly() && !(is_standard && fact.is_platinums())
                });
                unsaid.map(|(fact, _)| fact)
            }

            /// Gives another reason for the facts that are unknown because Standard has none, once Standard is not known.
            pub(in crate) fn doubt_standard_gaps(&mut self, gap: Gap, since: Timestamp) {
                $($(
                    let _only = stringify!($Only);
                    if matches!(self.$field, Fact::Unknown { gap: Gap::OnlyPlatinum, .. }) {
                        self.$field = Fact::gone(gap, since);
                    }
                )?)+
            }

            /// Makes the facts unknown that only Platinum has.
            pub fn clear_platinum_facts(&mut self, gap: Gap, since: Timestamp) {
                $($(
                    let _only = stringify!($Only);
                    self.$field = Fact::gone(gap, since);
                )?)+
                self.observations.clear();
                self.action_unverified = None;
                self.at_expiry = None;
                self.unsaid_expires = None;
                self.earlier_expires = None;
                self.left_on_delete = false;
            }
        }

        /// The facts that only Platinum has, from before Standard was recorded, for undoing that.
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
            #[serde(default, skip_serializing_if = "Option::is_none")]
            earlier_expires: Option<Timestamp>,
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            left_on_delete: bool,
        }

        impl PlatinumFacts {
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
                    earlier_expires: instance.earlier_expires,
                    left_on_delete: instance.left_on_delete,
                }
            }

            /// The same after a recorded exit: as Platinum it is probably a new subscription, so the expiry is not known, and
            /// reminders go by the last one.
            fn after_exit(self, now: Timestamp) -> Self {
                let last = self.expires.candidates().map(|known| known.value).min();
                Self {
                    unsaid_expires: last.or(self.unsaid_expires),
                    expires: Fact::gone(Gap::WasStandard, now),
                    at_expiry: None,
                    ..self
                }
            }

            /// The same once its subscription is over if it ended as expected: a Platinum of today is a new one then.
            fn once_over(self, now: Timestamp) -> Self {
                let is_over = |at: Timestamp| at + RELEASE_AFTER <= now;
                let expired = self.expires.value().copied();
                let converted = self.at_expiry == Some(AtExpiry::Converts);
                let mut facts = if converted && expired.is_some_and(is_over) {
                    self.after_exit(now)
                } else {
                    self
                };
                // From before this reason was told apart, the upgrade is named.
                let left = matches!(
                    facts.expires,
                    Fact::Unknown { gap: Gap::WasStandard | Gap::Upgraded, .. }
                );
                facts.unsaid_expires.take_if(|at| left && is_over(*at));
                facts
            }

            /// Restores what reminders go by, beside the edition as it is now known. Nobody has looked at the action since.
            fn give_back_beside_edition(self, instance: &mut Instance, now: Timestamp) {
                let edition = instance.edition.clone();
                if matches!(edition, Fact::Unknown { .. }) {
                    let mut before = self.edition.candidates();
                    let platinum = before.find(|known| known.value == Edition::Platinum);
                    instance.last_platinum = platinum.cloned();
                }
                self.once_over(now).give_back(instance);
                instance.edition = edition;
                instance.forget_action(Gap::EditionSettled, now);
                instance.action_unverified = None;
            }

            /// Restores the expiry where it is not known.
            pub fn give_back_expiry(self, instance: &mut Instance) {
                if matches!(instance.expires, Fact::Unknown { .. }) && self.expires.held().is_some() {
                    instance.expires = self.expires;
                    instance.unsaid_expires = None;
                }
            }

            /// Restores them, with their provenance.
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
                instance.earlier_expires = self.earlier_expires;
                instance.left_on_delete = self.left_on_delete;
            }
        }

        impl FactValue {
            /// The value of a fact.
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

/// The reliability of the action at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionView {
    Unknown,
    /// Two sources disagree.
    Contradictory,
    /// Older than its use allows.
    Stale(PostExpirationAction),
    /// Reliable.
    Known(PostExpirationAction),
}

//! The stored form of an instance: facts never given are left out, and values from the same person, source and date share one
//! provenance entry.

use serde::{Deserialize, Serialize};

use super::{
    Announced, AtExpiry, Edition, InDoubt, Instance, Observation, PlatinumFacts,
    PostExpirationAction, Switch, Tracking,
};
use crate::Timestamp;
use crate::fact::{Fact, Gap, Known, Source};
use crate::facts::each_fact;
use crate::id::{ChannelId, CommodityId, InstanceId, InstanceName, Person, Region, TeamName};
use crate::past::Past;

/// The provenance of values: person, date and source.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormWord {
    source: Source,
    by: Person,
    at: Timestamp,
}

/// A value, and the index of its provenance.
#[derive(Serialize, Deserialize)]
struct FormSaid<T>(T, usize);

/// Stored form of [`Fact`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FormHeld<T> {
    Unknown(Gap, Option<Timestamp>),
    Known(FormSaid<T>),
    Contradictory(FormSaid<T>, FormSaid<T>),
}

/// The provenance entries of an instance.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
struct FormWords(Vec<FormWord>);

impl FormWords {
    fn said<T>(&mut self, known: Known<T>) -> FormSaid<T> {
        let Known {
            value,
            source,
            by,
            at,
        } = known;
        let word = FormWord { source, by, at };
        let place = self.0.iter().position(|said| *said == word);
        let place = place.unwrap_or_else(|| {
            self.0.push(word);
            self.0.len() - 1
        });
        FormSaid(value, place)
    }

    fn held<T>(&mut self, fact: Fact<T>) -> Option<FormHeld<T>> {
        match fact {
            Fact::Unknown {
                gap: Gap::NeverSaid,
                since: None,
            } => None,
            Fact::Unknown { gap, since } => Some(FormHeld::Unknown(gap, since)),
            Fact::Known(known) => Some(FormHeld::Known(self.said(known))),
            Fact::Contradictory { held, other } => {
                Some(FormHeld::Contradictory(self.said(held), self.said(other)))
            }
        }
    }

    fn known<T>(&self, FormSaid(value, place): FormSaid<T>) -> Result<Known<T>, &'static str> {
        let word = self.0.get(place).ok_or("nobody said one of its facts")?;
        Ok(Known {
            value,
            source: word.source,
            by: word.by.clone(),
            at: word.at,
        })
    }

    fn fact<T>(&self, held: Option<FormHeld<T>>) -> Result<Fact<T>, &'static str> {
        Ok(match held {
            None => Fact::never(),
            Some(FormHeld::Unknown(gap, since)) => Fact::Unknown { gap, since },
            Some(FormHeld::Known(said)) => Fact::Known(self.known(said)?),
            Some(FormHeld::Contradictory(held, other)) => Fact::Contradictory {
                held: self.known(held)?,
                other: self.known(other)?,
            },
        })
    }
}

const fn is_tracked(tracking: &Tracking) -> bool {
    matches!(tracking, Tracking::Tracked)
}

const fn tracked() -> Tracking {
    Tracking::Tracked
}

macro_rules! form {
    ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
        /// Stored form of an instance.
        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct DocumentForm {
            id: InstanceId,
            name: InstanceName,
            region: Region,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            team: Option<TeamName>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            channel: Option<ChannelId>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            described_at: Option<Timestamp>,
            #[serde(default = "tracked", skip_serializing_if = "is_tracked")]
            tracking: Tracking,
            words: FormWords,
            $(
                #[serde(default, skip_serializing_if = "Option::is_none")]
                $field: Option<FormHeld<$Type>>,
            )+
            #[serde(default, rename = "looks", skip_serializing_if = "Vec::is_empty")]
            observations: Vec<Observation>,
            #[serde(default, rename = "action_hearsay", skip_serializing_if = "Option::is_none")]
            action_unverified: Option<FormSaid<PostExpirationAction>>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            at_expiry: Option<AtExpiry>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            unsaid_expires: Option<Timestamp>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            earlier_expires: Option<Timestamp>,
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            left_on_delete: bool,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            last_platinum: Option<FormSaid<Edition>>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            before_standard: Option<Box<PlatinumFacts>>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            ended_by_standard: Option<u64>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            in_doubt: Option<InDoubt>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            listed_as: Option<InstanceName>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            region_in_file: Option<FormSaid<Region>>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            standard_in_file: Option<u64>,
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            platinum_implied: bool,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            listed_since_lost: Option<Timestamp>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            seen_since_lost: Option<Observation>,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            announced_expiries: Vec<Announced>,
            #[serde(default, skip_serializing_if = "Past::is_nothing")]
            past: Past,
        }

        impl From<Instance> for DocumentForm {
            fn from(instance: Instance) -> Self {
                let mut words = FormWords::default();
                $(let $field = words.held(instance.$field);)+
                let action_unverified = instance.action_unverified.map(|known| words.said(known));
                let last_platinum = instance.last_platinum.map(|known| words.said(known));
                let region_in_file = instance.region_in_file.map(|known| words.said(known));
                Self {
                    id: instance.id,
                    name: instance.name,
                    region: instance.region,
                    team: instance.team,
                    channel: instance.channel,
                    described_at: instance.described_at,
                    tracking: instance.tracking,
                    words,
                    $($field,)+
                    observations: instance.observations,
                    action_unverified,
                    at_expiry: instance.at_expiry,
                    unsaid_expires: instance.unsaid_expires,
                    earlier_expires: instance.earlier_expires,
                    left_on_delete: instance.left_on_delete,
                    last_platinum,
                    before_standard: instance.before_standard,
                    ended_by_standard: instance.ended_by_standard,
                    in_doubt: instance.in_doubt,
                    listed_as: instance.listed_as,
                    region_in_file,
                    standard_in_file: instance.standard_in_file,
                    platinum_implied: instance.platinum_implied,
                    listed_since_lost: instance.listed_since_lost,
                    seen_since_lost: instance.seen_since_lost,
                    announced_expiries: instance.announced_expiries,
                    past: instance.past,
                }
            }
        }

        impl TryFrom<DocumentForm> for Instance {
            type Error = &'static str;

            fn try_from(form: DocumentForm) -> Result<Self, Self::Error> {
                let words = form.words;
                Ok(Self {
                    id: form.id,
                    name: form.name,
                    region: form.region,
                    team: form.team,
                    channel: form.channel,
                    described_at: form.described_at,
                    tracking: form.tracking,
                    $($field: words.fact(form.$field)?,)+
                    observations: form.observations,
                    action_unverified: form.action_unverified.map(|said| words.known(said)).transpose()?,
                    at_expiry: form.at_expiry,
                    unsaid_expires: form.unsaid_expires,
                    earlier_expires: form.earlier_expires,
                    left_on_delete: form.left_on_delete,
                    last_platinum: form.last_platinum.map(|said| words.known(said)).transpose()?,
                    before_standard: form.before_standard,
                    ended_by_standard: form.ended_by_standard,
                    in_doubt: form.in_doubt,
                    listed_as: form.listed_as,
                    region_in_file: form.region_in_file.map(|said| words.known(said)).transpose()?,
                    standard_in_file: form.standard_in_file,
                    platinum_implied: form.platinum_implied,
                    listed_since_lost: form.listed_since_lost,
                    seen_since_lost: form.seen_since_lost,
                    announced_expiries: form.announced_expiries,
                    past: form.past,
                    claimed_by: Vec::new(),
                    listed_platinum: None,
                    shares_name: false,
                    has_twin: false,
                })
            }
        }
    };
}

use Timestamp as When;
each_fact!(form);

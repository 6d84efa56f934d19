//! Repeated values of a file: they only refresh the dates of facts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::fact::{Fact, Known, Source};
use crate::facts::{FactKind, each_fact};
use crate::id::Person;
use crate::instance::{Edition, Instance};
use crate::said::Said;

/// The key of the file's unverified action.
pub(super) const UNVERIFIED: &str = "action-hearsay";
/// The key of another region than the tracked one.
pub(super) const REGION: &str = "region";
/// The key of name, team and channel.
pub(super) const DESCRIBED: &str = "described";

/// The person behind a file, the date of its facts, and its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    pub at: Timestamp,
    pub by: Person,
    /// The number of the import, which orders files of one moment; `None` in rows from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<u64>,
}

/// The facts of an instance that files have repeated since they were written, each with the file's stamp.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeenByFiles(BTreeMap<String, Stamp>);

impl SeenByFiles {
    /// Adds the facts that a file repeated.
    #[must_use]
    pub fn with(&self, facts: &[&str], stamp: &Stamp) -> Self {
        let mut seen = self.clone();
        for fact in facts {
            seen.0.insert((*fact).to_owned(), stamp.clone());
        }
        seen
    }

    /// Whether a file repeated a fact after this import, which gave it this date.
    pub(super) fn is_said_after(&self, fact: &str, import: u64, at: Timestamp) -> bool {
        self.0.get(fact).is_some_and(|stamp| match stamp.import {
            Some(number) => number > import,
            None => stamp.at > at,
        })
    }

    /// Rebases the additions of `self` over `from` onto `to`.
    #[must_use]
    pub fn moved(&self, from: &Self, to: &Self) -> Self {
        let mut seen = to.clone();
        let own = self
            .0
            .iter()
            .filter(|(fact, stamp)| from.0.get(*fact) != Some(stamp));
        seen.0
            .extend(own.map(|(fact, stamp)| (fact.clone(), stamp.clone())));
        seen
    }
}

/// The facts that a row repeats: with the date that they have already, since a file said them in the same moment, or later than
/// a person said them.
pub fn repeated(held: &Instance, row: &Said, at: Timestamp) -> Vec<&'static str> {
    fn is_again<T: PartialEq>(held: Option<&Known<T>>, said: Option<&T>, at: Timestamp) -> bool {
        held.zip(said).is_some_and(|(held, said)| {
            let is_again = match held.source {
                Source::Imported => held.at == at,
                Source::Attested => held.at < at,
                Source::Derived => false,
            };
            is_again && held.value == *said
        })
    }
    let mut facts = Vec::new();
    macro_rules! again {
        ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {$(
            let said = row.$field.as_ref().and_then(Option::as_ref);
            if is_again(held.$field.known(), said, at) {
                facts.push(FactKind::$Kind.as_str());
            }
        )+};
    }
    each_fact!(again);
    let action = row.action.as_ref().and_then(Option::as_ref);
    if is_again(held.action_unverified.as_ref(), action, at) {
        facts.push(UNVERIFIED);
    }
    if is_again(held.region_in_file.as_ref(), row.region.as_ref(), at) {
        facts.push(REGION);
    }
    let describes = row.name.is_some() || row.team.is_some() || row.channel.is_some();
    if describes && held.described_at == Some(at) {
        facts.push(DESCRIBED);
    }
    facts
}

/// The facts that differ only in a newer date; `None` if anything else differs.
pub fn freshened(before: &Instance, after: &Instance) -> Option<Vec<&'static str>> {
    let mut same = before.clone();
    let mut facts = Vec::new();
    macro_rules! fresh {
        ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {$(
            if let (Fact::Known(was), Fact::Known(is)) = (&mut same.$field, &after.$field)
                && is_fresher(was, is)
            {
                *was = is.clone();
                facts.push(FactKind::$Kind.as_str());
            }
        )+};
    }
    each_fact!(fresh);
    if let (Some(was), Some(is)) = (&mut same.action_unverified, &after.action_unverified)
        && is_fresher(was, is)
    {
        *was = is.clone();
        facts.push(UNVERIFIED);
    }
    if let (Some(was), Some(is)) = (&mut same.region_in_file, &after.region_in_file)
        && is_fresher(was, is)
    {
        *was = is.clone();
        facts.push(REGION);
    }
    if same.described_at < after.described_at {
        same.described_at = after.described_at;
        facts.push(DESCRIBED);
    }
    (same == *after).then_some(facts)
}

fn is_fresher<T: PartialEq>(was: &Known<T>, is: &Known<T>) -> bool {
    let by_files = was.source == Source::Imported && is.source == Source::Imported;
    by_files && was.value == is.value && was != is && was.at <= is.at
}

impl Instance {
    /// Updates the dates of the facts that files have repeated.
    pub fn freshen(&mut self, seen: &SeenByFiles) {
        macro_rules! freshen {
            ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {$(
                if let Fact::Known(known) = &mut self.$field {
                    freshen_one(known, seen.0.get(FactKind::$Kind.as_str()));
                }
            )+};
        }
        each_fact!(freshen);
        if let Some(known) = &mut self.action_unverified {
            freshen_one(known, seen.0.get(UNVERIFIED));
        }
        if let Some(known) = &mut self.region_in_file {
            freshen_one(known, seen.0.get(REGION));
        }
        let is_platinum = self.edition.value() == Some(&Edition::Platinum);
        let edition = listed_at(&self.edition, seen.0.get(FactKind::Edition.as_str()));
        let expires = listed_at(&self.expires, seen.0.get(FactKind::Expires.as_str()));
        self.listed_platinum = edition.min(expires).filter(|_| is_platinum);
        let described = seen.0.get(DESCRIBED).map(|stamp| stamp.at);
        self.described_at = self.described_at.max(described);
    }
}

/// When the last listing was taken that has a fact as it is known.
fn listed_at<T>(fact: &Fact<T>, stamp: Option<&Stamp>) -> Option<Timestamp> {
    let known = fact.known()?;
    match known.source {
        Source::Imported => Some(known.at),
        Source::Attested => stamp.map(|stamp| stamp.at).filter(|at| *at > known.at),
        Source::Derived => None,
    }
}

fn freshen_one<T>(known: &mut Known<T>, stamp: Option<&Stamp>) {
    if let Some(stamp) = stamp
        && known.source == Source::Imported
        && known.at < stamp.at
    {
        known.at = stamp.at;
        known.by = stamp.by.clone();
    }
}

//! Repeated values of a file: they only refresh the dates of facts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::Timestamp;
use crate::domain::fact::{Fact, Known, Source};
use crate::domain::facts::{FactKind, each_fact};
use crate::domain::id::Person;
use crate::domain::instance::Instance;

/// The key of the file's unverified action.
pub(super) const UNVERIFIED: &str = "action-hearsay";
/// The key of another region than the tracked one.
pub(super) const REGION: &str = "region";
/// The key of name, team and channel.
pub(super) const DESCRIBED: &str = "described";

/// The person behind a file, and the date of its facts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    pub at: Timestamp,
    pub by: Person,
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

    /// Whether a file repeated a fact after this moment.
    pub(super) fn is_said_after(&self, fact: &str, at: Timestamp) -> bool {
        self.0.get(fact).is_some_and(|stamp| stamp.at > at)
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
        let described = seen.0.get(DESCRIBED).map(|stamp| stamp.at);
        self.described_at = self.described_at.max(described);
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

//! Facts imported from a file: merged with the held ones, never silently over an attestation.

mod alarm;
mod implied;
mod merge;
mod seen;
mod undo;

use alarm::DISPUTED_REGION;
pub use alarm::{Renewal, alarming, is_region_disputed};
pub use seen::{SeenByFiles, Stamp, freshened, repeated};
pub use undo::{LaterFile, Moving, Returned, Undoing};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::case::{Case, Moment};
use super::event::{EventKind, FactValue};
use super::fact::{Fact, Gap};
use super::instance::Edition;
use super::rules::FactKind;
use super::said::Said;
use merge::Merge;

/// The time after which a listing is another one than the one before that says the same: sooner it may be the same file, saved
/// twice.
pub const ANOTHER_LISTING: TimeDelta = TimeDelta::hours(12);

/// The results of an import, in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Newly tracked instances.
    pub new: u64,
    /// Instances with a changed value.
    pub changed: u64,
    /// Instances without a change.
    pub unchanged: u64,
    /// Instances with a contradiction.
    pub conflicting: u64,
    /// Rows outside the scope of this program.
    pub skipped: u64,
    /// Rows that cannot be used.
    pub refused: u64,
    /// Instances missing from a complete listing.
    pub missing: u64,
}

impl Counts {
    /// The number of rows.
    pub const fn rows(&self) -> u64 {
        self.new + self.changed + self.unchanged + self.conflicting + self.skipped + self.refused
    }
}

/// The options of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportTerms {
    /// The time at which the file's facts were true; not after now.
    pub at: Timestamp,
    /// Whether the file's values replace held ones that they contradict.
    pub accept: bool,
    /// Whether the row contradicts itself about Standard, so that nothing it says of that counts: it is only disputed.
    pub doubts_standard: bool,
    /// Whether the row is that of a subscription, which only Platinum has.
    pub subscribed: bool,
    /// A fingerprint of its content.
    pub content: u64,
}

/// The effect of a file's value on a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Merged {
    /// The fact was unknown.
    New,
    /// The value replaced another.
    Changed,
    /// The value is the same.
    Same,
    /// The value is the same, but it was read after an exit that the open change has recorded, which it speaks against.
    AfterExit,
    /// The value is older than the held one, and ignored.
    Older,
    /// The value contradicts an attestation: neither is relied on until a person attests it.
    Conflict,
    /// The file leaves out the edition, and gives what only Platinum has to what is known to be Standard: as `Conflict`.
    Implied,
    /// The fact is in doubt: only an attestation settles it.
    NeedsWord,
    /// Shown, not relied on.
    Unverified,
    /// Shown, not relied on, and already known from a file.
    HeardBefore,
}

/// The subject of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Fact(FactKind),
    Name,
    Region,
    Team,
    Channel,
}

/// The value of a field, held or in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    None,
    Fact(FactValue),
    /// Two values that disagree: the held one and the file's.
    Both(Box<(FactValue, FactValue)>),
    /// A name, region, team or channel.
    Text(String),
}

/// The effect of an instance's absence from a complete listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// Its edition becomes unknown.
    Forgotten,
    /// Its edition is newer than the listing, and stays.
    NewerWord,
    /// Its edition was already unknown.
    NotKnown,
}

/// A field of a row, with its old and new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldReport {
    pub field: Field,
    pub merged: Merged,
    /// The held value.
    pub from: FieldValue,
    /// The value in the file.
    pub to: FieldValue,
}

impl Case {
    /// Merges a row into the instance and applies the effects on the open change. Its region never replaces the held one.
    pub fn import(
        &mut self,
        row: &Said,
        terms: ImportTerms,
        moment: &Moment<'_>,
    ) -> Vec<FieldReport> {
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        let implied = self.is_called_platinum(row, terms, moment.limits());
        let edition = if implied {
            Some(Some(Edition::Platinum))
        } else {
            row.edition
        };
        let row = &Said {
            edition,
            ..row.clone()
        };
        let mut merge = Merge {
            case: self,
            terms,
            moment,
            implied,
            reports: Vec::new(),
        };
        merge.region(row.region.as_ref());
        merge.descriptions(row);
        for fact in FactKind::ALL {
            merge.take_fact(*fact, row);
        }
        let reports = merge.reports;
        let facts = reports
            .iter()
            .filter(|report| {
                !matches!(
                    report.merged,
                    Merged::Same | Merged::Older | Merged::NeedsWord | Merged::HeardBefore
                )
            })
            .filter_map(|report| match report.field {
                Field::Fact(fact) => Some(fact),
                Field::Name | Field::Region | Field::Team | Field::Channel => None,
            })
            .collect::<Vec<_>>();
        if !facts.is_empty() {
            self.record_act(moment, EventKind::Imported { facts });
        }
        // Said again, it moves nothing, but it is there.
        let is_platinum = row.edition == Some(Some(Edition::Platinum));
        self.note_outlived(Some(terms.at).filter(|_| is_platinum), moment);
        self.react(&before, moment, false);
        reports
    }

    /// Marks the commodity id as contradictory, because another tracked instance claims it: neither counts until a person settles
    /// it. Returns whether that is new.
    pub fn dispute_commodity_id(&mut self, moment: &Moment<'_>) -> bool {
        let Some(known) = self.instance.commodity_id.known().cloned() else {
            return false;
        };
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        self.instance.commodity_id = Fact::Contradictory {
            held: known.clone(),
            other: known,
        };
        self.react(&before, moment, false);
        true
    }

    /// Ends the dispute over its commodity id, as no other instance claims it any more. `false` if there is none.
    pub fn undispute_commodity_id(&mut self, moment: &Moment<'_>) -> bool {
        let Some(claimed) = self.instance.commodity_id.claimed_by_others().cloned() else {
            return false;
        };
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        self.instance.commodity_id = Fact::Known(claimed);
        self.react(&before, moment, false);
        true
    }

    /// Records that a complete listing of its region does not contain the instance: its edition becomes unknown, unless a newer
    /// attestation stands.
    pub fn missing(&mut self, terms: ImportTerms, moment: &Moment<'_>) -> Missing {
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        let newest = before.edition.candidates().map(|known| known.at).max();
        let came_to = match (&before.edition, newest) {
            (Fact::Unknown { .. }, _) => Missing::NotKnown,
            (Fact::Known(_) | Fact::Contradictory { .. }, Some(at)) if at > terms.at => {
                Missing::NewerWord
            }
            (Fact::Known(_) | Fact::Contradictory { .. }, _) => Missing::Forgotten,
        };
        let said_before = matches!(
            before.edition,
            Fact::Unknown {
                gap: Gap::Missing,
                ..
            }
        );
        if !said_before {
            self.record_act(moment, EventKind::Missing);
        }
        if came_to != Missing::NewerWord && !said_before {
            self.instance.forget_edition(Gap::Missing, terms.at);
            self.react(&before, moment, false);
        }
        came_to
    }
}

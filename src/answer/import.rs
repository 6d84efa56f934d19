//! The result of an import, as data.

use std::collections::BTreeSet;

use super::{ImportTaken, ReadAs};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::id::{
    ChannelId, Clash, CommodityId, InstanceId, InstanceName, Namesake, Person, Region, TeamName,
};
use crate::domain::import::{Counts, Field, FieldReport, Merged, Missing, Returned};
use crate::domain::instance::Instance;
use crate::listing::{Caveat, RowProblem};
use crate::store::StoreError;

/// The result of an import or a dry run.
#[derive(Debug)]
pub struct ImportReport {
    /// The file's name.
    pub label: String,
    /// The person who read it.
    pub by: Person,
    /// The encoding, if not UTF-8.
    pub encoding: Option<&'static str>,
    /// The moment of the file's facts.
    pub at: Timestamp,
    /// The interpretation of that moment, if it was typed without a zone.
    pub read_as: Option<ReadAs>,
    /// The failure between two batches, after which the remaining rows were not taken.
    pub broken_off: Option<BrokenOff>,
    /// Whether who asked may take it back.
    pub may_undo: bool,
    /// The doubts that it leaves.
    pub caveats: Vec<Caveat>,
    /// Instances newly shown with the end of their ids.
    pub alike: FirstFew<Alike>,
    /// The result of the rows.
    pub rows: FileRows,
    /// The import number, for the undo; `None` for a dry run.
    pub number: Option<u64>,
    /// New instances for which the file gives no name.
    pub misnamed: FirstFew<Misnamed>,
    /// Tracked instances that a complete listing lacks, with the consequence.
    pub missing: Vec<(InstanceName, Missing)>,
    /// Commodity ids now claimed by several tracked instances, with their names.
    pub disputed: FirstFew<(CommodityId, Vec<InstanceName>)>,
    /// Platinum instances that have no expiry after it, and did not lack one before, as a command names them: nothing warns of them.
    pub unwarned: FirstFew<String>,
    /// New instances, as a command names them, that raised notices call gone, which came before they were tracked.
    pub called_gone: FirstFew<(String, Vec<u64>)>,
    /// Missing instances that were held back for lack of confirmation.
    pub held: Option<HeldBack>,
    /// Regions not on the vendor's published list.
    pub unknown_regions: Vec<Region>,
    /// Teams in the file by which nobody is called: not described, or without a role to mention.
    pub teams_not_called: Vec<TeamName>,
    /// Channels in the file.
    pub channels: Vec<ChannelId>,
    /// Channels that the Discord server lacks, if the surface has checked.
    pub unknown_channels: Vec<ChannelId>,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// Whether no row is usable.
    pub aborted: bool,
    /// Whether only changes and problems are reported.
    pub quiet: bool,
}

impl ImportReport {
    /// The counts of rows, including missing instances.
    pub const fn counts(&self) -> Counts {
        Counts {
            missing: self.missing.len() as u64,
            ..self.rows.counts
        }
    }
}

/// The first items of a list, and the number of the others.
#[derive(Debug)]
pub struct FirstFew<T> {
    pub first: Vec<T>,
    pub more: usize,
}

impl<T> FirstFew<T> {
    /// Adds an item, or counts it.
    pub fn push(&mut self, one: T) {
        if self.first.len() < FileRows::TOLD {
            self.first.push(one);
        } else {
            self.more += 1;
        }
    }

    /// The number of all items.
    pub const fn count(&self) -> usize {
        self.first.len() + self.more
    }
}

impl<T> Default for FirstFew<T> {
    fn default() -> Self {
        let (first, more) = (Vec::new(), 0);
        Self { first, more }
    }
}

impl<T> FromIterator<T> for FirstFew<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut few = Self::default();
        all.into_iter().for_each(|one| few.push(one));
        few
    }
}

/// The result of a file's rows: all of them counted, and the important ones reported up to a limit, as a file may be long.
#[derive(Debug, Default)]
pub struct FileRows {
    /// Rows by result.
    pub counts: Counts,
    /// The reported rows, in the order of their import.
    pub told: Vec<RowReport>,
    /// Rows beyond the limit of the report, by result.
    pub more: Counts,
    /// The names of the first changed instances.
    pub moved: Vec<String>,
    pub all_moved: u64,
    problems: usize,
}

/// A state of [`FileRows`] to return to when a batch fails.
#[derive(Debug, Clone, Copy)]
pub struct FileRowsMark {
    counts: Counts,
    told: usize,
    more: Counts,
    problems: usize,
}

impl FileRows {
    /// The limit of reported rows with problems, and separately of others.
    pub const TOLD: usize = 1_000;
    /// The most names in the trail.
    pub const NAMED: usize = 20;

    pub fn add(&mut self, row: RowReport, quiet: bool) {
        row.status.count(&mut self.counts);
        if row.moves() {
            self.all_moved += 1;
            if self.moved.len() < Self::NAMED {
                self.moved.push(row.subject.clone());
            }
        }
        if !row.is_listed(quiet) && row.events.is_empty() {
            return;
        }
        let is_problem = row.is_problem();
        let others = self.told.len() - self.problems;
        let room = if is_problem { self.problems } else { others };
        if room >= Self::TOLD {
            row.status.count(&mut self.more);
            return;
        }
        self.problems += usize::from(is_problem);
        self.told.push(row);
    }

    /// Whether there are rows and none is usable.
    pub const fn are_useless(&self) -> bool {
        self.counts.refused > 0 && self.counts.refused == self.counts.rows()
    }

    /// The current state, for [`FileRows::go_back`].
    pub const fn mark(&self) -> FileRowsMark {
        FileRowsMark {
            counts: self.counts,
            told: self.told.len(),
            more: self.more,
            problems: self.problems,
        }
    }

    /// Drops the rows added since the mark. The names for the trail stay, as the trail does not report an interrupted file.
    pub fn go_back(&mut self, mark: FileRowsMark) {
        self.counts = mark.counts;
        self.told.truncate(mark.told);
        self.more = mark.more;
        self.problems = mark.problems;
    }
}

impl RowReport {
    /// Whether the table shows the row; an unchanged row only if a fact in it was ignored.
    pub fn is_listed(&self, quiet: bool) -> bool {
        match &self.status {
            RowStatus::Unchanged(fields) => {
                let ignored = |field: &FieldReport| field.merged == Merged::Older;
                fields.iter().any(ignored)
            }
            RowStatus::SkippedSeries5
            | RowStatus::SkippedRemoved
            | RowStatus::SkippedUnbilled
            | RowStatus::SkippedProduct => !quiet,
            RowStatus::New(_)
            | RowStatus::Changed(_)
            | RowStatus::Conflict(_)
            | RowStatus::ConflictLost
            | RowStatus::Released
            | RowStatus::CalledGone
            | RowStatus::SkippedGone
            | RowStatus::Refused(_) => true,
        }
    }

    const fn moves(&self) -> bool {
        matches!(
            self.status,
            RowStatus::New(_)
                | RowStatus::Changed(_)
                | RowStatus::Conflict(_)
                | RowStatus::Released
                | RowStatus::CalledGone
        )
    }

    const fn is_problem(&self) -> bool {
        let conflicts = matches!(
            self.status,
            RowStatus::Conflict(_)
                | RowStatus::ConflictLost
                | RowStatus::Released
                | RowStatus::CalledGone
                | RowStatus::Refused(_)
        );
        conflicts || !self.events.is_empty()
    }
}

impl RowStatus {
    /// Adds the row to the counts.
    pub const fn count(&self, counts: &mut Counts) {
        let count = match self {
            Self::New(_) => &mut counts.new,
            Self::Changed(_) | Self::Released | Self::CalledGone => &mut counts.changed,
            Self::Unchanged(_) => &mut counts.unchanged,
            Self::Conflict(_) | Self::ConflictLost => &mut counts.conflicting,
            Self::SkippedSeries5
            | Self::SkippedRemoved
            | Self::SkippedUnbilled
            | Self::SkippedProduct
            | Self::SkippedGone => &mut counts.skipped,
            Self::Refused(_) => &mut counts.refused,
        };
        *count += 1;
    }
}

/// A failure after some rows had been taken.
#[derive(Debug)]
pub struct BrokenOff {
    /// The id in the log.
    pub id: String,
    pub error: StoreError,
    /// The number of rows not taken.
    pub left: usize,
}

/// An instance without a usable name in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misnamed {
    /// The position of its row.
    pub place: String,
    pub called: InstanceName,
    /// How it is named in a command.
    pub handle: String,
    pub why: WhyMisnamed,
}

/// The reason why a file gives an instance no name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyMisnamed {
    /// The name is missing.
    Nameless,
    /// The name is invalid.
    Problem(RowProblem),
}

/// Instances that a complete listing lacks, which are not marked as missing until that is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    pub names: Vec<InstanceName>,
    pub ids: Vec<InstanceId>,
    /// The number of instances in the region, of these accounts.
    pub of: usize,
    pub region: Region,
    /// The accounts it is of, if instances of others are tracked in the region.
    pub accounts: BTreeSet<String>,
    /// Whether unreadable pages or rows of the file may contain them.
    pub in_part: bool,
    /// The number that was confirmed, which does not match.
    pub accepted: Option<u32>,
    /// Whether the previous listing lacked the same instances.
    pub again: bool,
}

/// The result of undoing an import.
#[derive(Debug)]
pub struct UndoReport {
    pub number: u64,
    /// The file, from the first batch on.
    pub file: Option<ImportTaken>,
    /// The instances it had changed, with the restored fields.
    pub instances: FirstFew<UndoneInstance>,
    /// The instances it had added; they stay.
    pub added: FirstFew<Instance>,
    /// The changes that it had ended, by number; they stay ended.
    pub ended: FirstFew<(InstanceName, u64)>,
}

impl UndoReport {
    /// Adds the restored fields of an instance; those from an earlier file override.
    pub fn tell_of_case(&mut self, case: Case, returned: Vec<(Field, Returned)>) {
        let id = &case.instance.id;
        let told = &mut self.instances.first;
        let Some(one) = told.iter_mut().find(|one| one.case.instance.id == *id) else {
            let case = Box::new(case);
            return self.instances.push(UndoneInstance { case, returned });
        };
        one.returned
            .retain(|(field, _)| returned.iter().all(|(other, _)| other != field));
        one.returned.extend(returned);
        let mut events = std::mem::take(&mut one.case.events);
        events.extend(case.events.iter().cloned());
        *one.case = Case { events, ..case };
    }
}

/// An instance that a file had changed.
#[derive(Debug)]
pub struct UndoneInstance {
    /// The instance with its events.
    pub case: Box<Case>,
    pub returned: Vec<(Field, Returned)>,
}

/// The reason why an import cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotUndo {
    /// No import has this number.
    NoSuch,
    /// It is undone already.
    Undone,
    /// It is too old, or too many imports followed.
    TooOld,
}

/// The result of one row.
#[derive(Debug)]
pub struct RowReport {
    /// Its number in the file.
    pub number: usize,
    /// Its position in the file.
    pub place: String,
    /// The instance, by name if known.
    pub subject: String,
    /// How it is named in a command; empty where it is not tracked.
    pub handle: String,
    pub status: RowStatus,
    /// Further events of the instance, beyond the fields of the row.
    pub events: Vec<Event>,
}

/// The result of a row.
#[derive(Debug)]
pub enum RowStatus {
    /// The instance is newly tracked.
    New(Vec<FieldReport>),
    Changed(Vec<FieldReport>),
    /// The facts are the same as before.
    Unchanged(Vec<FieldReport>),
    /// The row contradicts an attestation.
    Conflict(Vec<FieldReport>),
    /// The subscription has ended: whether the instance is Standard or gone is not known.
    Released,
    /// The row says that the instance is gone, or about to be.
    CalledGone,
    /// The same, or that its subscription is over, of an instance that is not tracked.
    SkippedGone,
    /// A 5.x instance (rule `series-4x`).
    SkippedSeries5,
    /// An instance that is no longer tracked.
    SkippedRemoved,
    /// A subscription whose commodity id no tracked instance has.
    SkippedUnbilled,
    /// A subscription of another product.
    SkippedProduct,
    /// An instance recorded as deleted, which the file lists.
    ConflictLost,
    /// The row is invalid.
    Refused(RowRefusal),
}

/// The reason why a row is invalid.
#[derive(Debug)]
pub enum RowRefusal {
    /// An error in the file.
    Problem(RowProblem),
    /// A new instance needs a region.
    NoRegion,
    /// Several instances share the commodity id.
    BilledTwice(Vec<InstanceId>),
}

/// An instance of a file that is shown with the end of its id, as another has the same or a similar name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    pub called: InstanceName,
    /// How it is named in a command.
    pub handle: String,
    /// Its name in the file.
    pub said: InstanceName,
    pub clash: Clash,
    pub other: Namesake,
}

//! What a file did, as data.

use super::ReadAs;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::id::{Clash, CommodityId, InstanceId, InstanceName, Label, Namesake, Region};
use crate::domain::import::{Counts, Field, FieldReport, Merged, Missing, Returned};
use crate::listing::{Caveat, RowProblem};
use crate::store::StoreError;

/// What a file did, or would do.
#[derive(Debug)]
pub struct ImportReport {
    /// What the file is called.
    pub label: String,
    /// How it was encoded, where that is not UTF-8.
    pub encoding: Option<&'static str>,
    /// When its facts were true.
    pub at: Timestamp,
    /// How that was read, where it was typed without a zone.
    pub read_as: Option<ReadAs>,
    /// Why its last rows were not taken, where something failed between two batches.
    pub broken_off: Option<BrokenOff>,
    /// What it leaves open.
    pub caveats: Vec<Caveat>,
    /// Instances that are newly shown with the end of their ids.
    pub alike: FirstFew<Alike>,
    /// What its rows came to.
    pub rows: FileRows,
    /// The number under which it can be undone; `None` for a trial.
    pub number: Option<u64>,
    /// New instances that the file gives no name.
    pub misnamed: FirstFew<Misnamed>,
    /// Tracked instances that a complete listing does not have, and what that came to.
    pub missing: Vec<(InstanceName, Missing)>,
    /// Commodity ids that several tracked instances claim now, with their names.
    pub disputed: FirstFew<(CommodityId, Vec<InstanceName>)>,
    /// Those that it does not have either, while nobody has accepted that.
    pub held: Option<HeldBack>,
    /// Regions that the vendor's published list does not have.
    pub unknown_regions: Vec<Region>,
    /// Teams that instances are to belong to, and that nobody has described.
    pub unknown_teams: Vec<Label>,
    /// Where messages are to go, as far as the file says so again.
    pub channels: Vec<Label>,
    /// Those of the channels that the chat does not have, where the surface has looked.
    pub unknown_channels: Vec<Label>,
    /// Whether it was only a trial.
    pub dry_run: bool,
    /// Whether none of its rows can be used.
    pub aborted: bool,
    /// Whether only changes and problems are to be said.
    pub quiet: bool,
}

impl ImportReport {
    /// What its rows came to.
    pub const fn counts(&self) -> Counts {
        Counts {
            missing: self.missing.len() as u64,
            ..self.rows.counts
        }
    }
}

/// As many of them as anybody reads.
#[derive(Debug)]
pub struct FirstFew<T> {
    pub first: Vec<T>,
    pub more: usize,
}

impl<T> FirstFew<T> {
    /// Adds one, or counts it.
    pub fn push(&mut self, one: T) {
        if self.first.len() < FileRows::TOLD {
            self.first.push(one);
        } else {
            self.more += 1;
        }
    }

    /// How many there are.
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

/// What the rows of a file came to: all of them counted, and those that somebody has to read, as many as anybody reads. A file
/// may be long.
#[derive(Debug, Default)]
pub struct FileRows {
    /// How many came to what.
    pub counts: Counts,
    /// Those that are told, in the order in which they were taken.
    pub told: Vec<RowReport>,
    /// How many more there are that would be told.
    pub more: Counts,
    /// The names of the first instances of which something moved.
    pub moved: Vec<String>,
    pub all_moved: u64,
    problems: usize,
}

/// How far what rows came to goes back when a part of them is not taken after all.
#[derive(Debug, Clone, Copy)]
pub struct FileRowsMark {
    counts: Counts,
    told: usize,
    more: Counts,
    problems: usize,
}

impl FileRows {
    /// So many rows with problems are told, and so many others.
    pub const TOLD: usize = 1_000;
    /// The names that the trail has.
    pub const NAMED: usize = 20;

    /// Adds a row.
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

    /// Whether there are rows and none of them can be used.
    pub const fn are_useless(&self) -> bool {
        self.counts.refused > 0 && self.counts.refused == self.counts.rows()
    }

    /// What [`FileRows::go_back`] returns to.
    pub const fn mark(&self) -> FileRowsMark {
        FileRowsMark {
            counts: self.counts,
            told: self.told.len(),
            more: self.more,
            problems: self.problems,
        }
    }

    /// Forgets the rows that were added since, but for what the trail is told: it is not told of a file that broke off.
    pub fn go_back(&mut self, mark: FileRowsMark) {
        self.counts = mark.counts;
        self.told.truncate(mark.told);
        self.more = mark.more;
        self.problems = mark.problems;
    }
}

impl RowReport {
    /// Whether it stands in the table: of rows that say what is held only those do of which something was not taken.
    pub fn is_listed(&self, quiet: bool) -> bool {
        match &self.status {
            RowStatus::Unchanged(fields) => {
                let ignored = |field: &FieldReport| field.merged == Merged::Older;
                !quiet && fields.iter().any(ignored)
            }
            RowStatus::SkippedSeries5
            | RowStatus::SkippedRemoved
            | RowStatus::SkippedUnbilled
            | RowStatus::SkippedProduct => !quiet,
            RowStatus::New(_)
            | RowStatus::Changed(_)
            | RowStatus::Conflict(_)
            | RowStatus::ConflictLost
            | RowStatus::Refused(_) => true,
        }
    }

    const fn moves(&self) -> bool {
        matches!(
            self.status,
            RowStatus::New(_) | RowStatus::Changed(_) | RowStatus::Conflict(_)
        )
    }

    const fn is_problem(&self) -> bool {
        let conflicts = matches!(
            self.status,
            RowStatus::Conflict(_) | RowStatus::ConflictLost | RowStatus::Refused(_)
        );
        conflicts || !self.events.is_empty()
    }
}

impl RowStatus {
    /// Counts it among what other rows came to.
    pub const fn count(&self, counts: &mut Counts) {
        let count = match self {
            Self::New(_) => &mut counts.new,
            Self::Changed(_) => &mut counts.changed,
            Self::Unchanged(_) => &mut counts.unchanged,
            Self::Conflict(_) | Self::ConflictLost => &mut counts.conflicting,
            Self::SkippedSeries5
            | Self::SkippedRemoved
            | Self::SkippedUnbilled
            | Self::SkippedProduct => &mut counts.skipped,
            Self::Refused(_) => &mut counts.refused,
        };
        *count += 1;
    }
}

/// That something failed after a part of the rows had been taken.
#[derive(Debug)]
pub struct BrokenOff {
    /// Under which id the log has it.
    pub id: String,
    /// What failed.
    pub error: StoreError,
    /// How many rows were not taken.
    pub left: usize,
}

/// An instance that a file does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misnamed {
    /// Where its row stands.
    pub place: String,
    pub called: InstanceName,
    pub why: WhyMisnamed,
}

/// Why a file gives an instance no name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyMisnamed {
    /// The file does not say a name.
    Nameless,
    /// What it says cannot be one.
    Problem(RowProblem),
}

/// Instances that a complete listing lacks, and that are not taken for missing before somebody says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// What they are called.
    pub names: Vec<InstanceName>,
    pub ids: Vec<InstanceId>,
    /// How many instances the region has.
    pub of: usize,
    pub region: Region,
    /// Whether pages or rows of the file cannot be read, where they may be.
    pub in_part: bool,
    /// How many were accepted, which is not how many there are.
    pub accepted: Option<u32>,
    /// Whether the listing before lacked the same ones.
    pub again: bool,
}

/// What was made of taking a file back.
#[derive(Debug)]
pub struct UndoReport {
    pub number: u64,
    /// What it was called.
    pub label: String,
    /// The instances it had changed, each with what returned.
    pub instances: FirstFew<UndoneInstance>,
    /// The instances it had added: they stay.
    pub added: FirstFew<(InstanceName, InstanceId)>,
}

impl UndoReport {
    /// Notes what returned of an instance; where more of it returns with an earlier file, that is its last word.
    pub fn tell(&mut self, case: Case, returned: Vec<(Field, Returned)>) {
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
    /// It, with what happened to it.
    pub case: Box<Case>,
    pub returned: Vec<(Field, Returned)>,
}

/// Why a file cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotUndo {
    /// There is none of the number.
    NoSuch,
    /// It was taken back before.
    Undone,
    /// It is too long ago, or too many came after it.
    TooOld,
}

/// What one row did, or would do.
#[derive(Debug)]
pub struct RowReport {
    /// Its number among all rows of the file, in whose order they are told.
    pub number: usize,
    /// Where it stands in the file.
    pub place: String,
    /// The instance, by name where that is known.
    pub subject: String,
    /// What came of it.
    pub status: RowStatus,
    /// What happened to the instance beyond what the row says.
    pub events: Vec<Event>,
}

/// What came of a row.
#[derive(Debug)]
pub enum RowStatus {
    /// The instance is tracked from now on.
    New(Vec<FieldReport>),
    /// Some facts are taken.
    Changed(Vec<FieldReport>),
    /// The row says what is held.
    Unchanged(Vec<FieldReport>),
    /// The row contradicts a person's word.
    Conflict(Vec<FieldReport>),
    /// A 5.x instance (rule `series-4x`).
    SkippedSeries5,
    /// Somebody stopped tracking it.
    SkippedRemoved,
    /// The subscription of an instance that nobody tracks under this commodity id.
    SkippedUnbilled,
    /// The subscription of something else.
    SkippedProduct,
    /// It was recorded as deleted, and the file lists it.
    ConflictLost,
    /// The row cannot be used.
    Refused(RowRefusal),
}

/// Why a row cannot be used.
#[derive(Debug)]
pub enum RowRefusal {
    /// The file's own fault.
    Problem(RowProblem),
    /// A new instance needs a region.
    NoRegion,
    /// It is tracked in another region.
    OtherRegion {
        id: InstanceId,
        /// Where it is tracked.
        region: Region,
        /// Where the file or --region has it.
        given: Region,
    },
    /// Several instances are said to be billed under the commodity id.
    BilledTwice(Vec<InstanceId>),
}

/// An instance of a file that is shown with the end of its id, since another one is called so or nearly so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    pub called: InstanceName,
    /// What the file calls it.
    pub said: InstanceName,
    /// Why.
    pub clash: Clash,
    pub other: Namesake,
}

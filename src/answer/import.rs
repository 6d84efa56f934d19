//! What a file did, as data.

use super::ReadAs;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::id::{Clash, CommodityId, InstanceId, InstanceName, Label, Namesake, Region};
use crate::domain::import::{Counts, Field, FieldReport, Missing, Returned};
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
    pub alike: Vec<Alike>,
    /// Row by row.
    pub rows: Vec<RowReport>,
    /// The number under which it can be undone; `None` for a trial.
    pub number: Option<u64>,
    /// New instances that the file gives no name.
    pub misnamed: Vec<Misnamed>,
    /// Tracked instances that a complete listing does not have, and what that came to.
    pub missing: Vec<(InstanceName, Missing)>,
    /// Commodity ids that several tracked instances claim now, with their names.
    pub disputed: Vec<(CommodityId, Vec<InstanceName>)>,
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
    pub fn counts(&self) -> Counts {
        Counts {
            missing: self.missing.len() as u64,
            ..Self::counts_of(self.rows.iter())
        }
    }

    /// What rows came to.
    pub fn counts_of<'a>(rows: impl Iterator<Item = &'a RowReport>) -> Counts {
        let mut counts = Counts::default();
        for row in rows {
            row.status.count(&mut counts);
        }
        counts
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
    /// What it is called.
    pub called: InstanceName,
    /// Why.
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
    /// Their ids.
    pub ids: Vec<InstanceId>,
    /// How many instances the region has.
    pub of: usize,
    /// The region.
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
    /// Its number.
    pub number: u64,
    /// What it was called.
    pub label: String,
    /// The instances it had changed, each with what returned.
    pub instances: Vec<UndoneInstance>,
    /// The instances it had added: they stay.
    pub added: Vec<(InstanceName, InstanceId)>,
}

/// An instance that a file had changed.
#[derive(Debug)]
pub struct UndoneInstance {
    /// It, with what happened to it.
    pub case: Box<Case>,
    /// What returned.
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
        /// Which instance.
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
    /// What it is called here.
    pub called: InstanceName,
    /// What the file calls it.
    pub said: InstanceName,
    /// Why.
    pub clash: Clash,
    /// The other one.
    pub other: Namesake,
}

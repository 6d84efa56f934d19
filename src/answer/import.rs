//! What a file did, as data.

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::id::{Clash, CommodityId, InstanceId, InstanceName, Label, Namesake, Region};
use crate::domain::import::{FieldReport, Missing};
use crate::listing::{Caveat, RowProblem};

/// What a file did, or would do.
#[derive(Debug)]
pub struct ImportReport {
    /// What the file is called.
    pub label: String,
    /// How it was encoded, where that is not UTF-8.
    pub encoding: Option<&'static str>,
    /// When its facts were true.
    pub at: Timestamp,
    /// What it leaves open.
    pub caveats: Vec<Caveat>,
    /// Instances that are newly shown with the end of their ids.
    pub alike: Vec<Alike>,
    /// Row by row.
    pub rows: Vec<RowReport>,
    /// Tracked instances that a complete listing does not have, and what that came to.
    pub missing: Vec<(InstanceName, Missing)>,
    /// Commodity ids that several tracked instances claim now, with their names.
    pub disputed: Vec<(CommodityId, Vec<InstanceName>)>,
    /// Regions that the vendor's published list does not have.
    pub unknown_regions: Vec<Region>,
    /// Teams that instances are to belong to, and that nobody has described.
    pub unknown_teams: Vec<Label>,
    /// Where messages are to go, as far as the file says so anew.
    pub channels: Vec<Label>,
    /// Those of the channels that the chat does not have, where the surface has looked.
    pub unknown_channels: Vec<Label>,
    /// Whether it was only a trial.
    pub dry_run: bool,
    /// Whether refused rows kept everything from being taken.
    pub aborted: bool,
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
    /// The instance after the row, with what happened to it.
    pub case: Option<Box<Case>>,
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
    /// A new instance needs a name.
    NoName,
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

//! What happened to an instance or its change: the history people read.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::approval::Told;
use super::change::{Route, Step};
use super::id::{CommodityId, Person};
use super::instance::{Edition, PostExpirationAction, Switch};
use super::rules::FactKind;

/// A fact's value without its provenance: what a fingerprint holds and what "from … to …" compares.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactValue {
    /// Not known.
    Unknown,
    /// Two sources disagree.
    Contradictory,
    Edition(Edition),
    Action(PostExpirationAction),
    /// On or off.
    Switch(Switch),
    /// An instant.
    At(Timestamp),
    /// Messages a second.
    Tps(u32),
    Commodity(CommodityId),
    Count(u32),
}

/// Why a permit was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawal {
    /// A fact it was given on moved, or what the instance is called did.
    FactMoved,
    /// The instance expired.
    Expired,
    ChangeEnded,
    /// A confirmation before it was taken back.
    TakenBack,
    /// Its holder has left.
    HandedOver,
    /// The database was restored from a copy: what happened since is not known.
    Restored,
}

/// How a step came to be done, for the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    Confirmed,
    /// Shown by the facts.
    Shown,
    /// Without a permit.
    Outside,
    /// By time.
    Elapsed,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum EventKind {
    /// The instance is followed from now on.
    Tracked,
    /// Facts were attested.
    Attested {
        facts: Vec<FactKind>,
    },
    /// Facts were taken from a file.
    Imported {
        facts: Vec<FactKind>,
    },
    /// A complete listing of its region did not have it.
    Missing,
    /// A fact's value moved.
    Moved {
        fact: FactKind,
        from: FactValue,
        /// What it is now.
        to: FactValue,
    },
    /// Name, team, channel or region was set.
    Described {
        what: String,
        /// What it was, where it was anything and that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// What it is now.
        to: String,
    },
    /// It was deleted at the vendor.
    Lost {
        /// In the person's words.
        reason: String,
    },
    /// It is no longer followed.
    Removed {
        /// In the person's words.
        reason: String,
    },
    UpgradeOpened,
    DowngradeOpened {
        /// The way out of Platinum.
        route: Route,
    },
    /// Rule `fits-standard` was acknowledged for this size.
    Acknowledged {
        /// The size, in messages a second.
        max_tps: u32,
    },
    /// The size rose, the acknowledgement is void.
    AcknowledgementVoid {
        /// The size it rose to, in messages a second.
        max_tps: u32,
    },
    /// Approvals of a step were asked for, or asked for again.
    ApprovalAsked {
        step: Step,
        /// The request's number in its change.
        request: u32,
        needed: u8,
        /// What moved since they were asked for the last time, where that made this necessary.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<EventKind>,
    },
    /// A request was brought before somebody again, because time passed.
    ApprovalAwaited {
        step: Step,
        /// The request's number in its change.
        request: u32,
        /// Before whom.
        told: Told,
    },
    /// A request's time was over before enough people approved.
    RequestLapsed {
        step: Step,
    },
    /// Somebody approved a step.
    Approved {
        step: Step,
        /// Whether enough people have, with this one.
        complete: bool,
    },
    /// Somebody took their approval back.
    ApprovalRevoked {
        step: Step,
    },
    /// An approval's time was over before it was used.
    ApprovalLapsed {
        step: Step,
        of: Person,
    },
    /// An approval does not count any more: anyone who gave it may not approve any more.
    ApproverGone {
        step: Step,
        of: Person,
    },
    /// What waited for somebody who leaves waits for somebody else.
    HandedOver {
        of: Person,
        to: Person,
        /// In the person's words, where they gave any.
        reason: Option<String>,
    },
    /// A look does not count any more: anyone who looked has left.
    ObserverGone {
        of: Person,
    },
    /// A fact that approvals were given on moved: they are void.
    ApprovalsVoided {
        step: Step,
        of: Vec<Person>,
        /// Which values, with what they were and are.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<EventKind>,
    },
    /// Missing approvals were replaced.
    GlassBroken {
        /// In the person's words.
        reason: String,
        /// The ticket that will be looked at afterwards.
        ticket: String,
    },
    /// The step went on without the approvals it needed.
    Unapproved {
        step: Step,
    },
    PermitShown {
        step: Step,
    },
    /// A permit's time was over before anybody confirmed.
    PermitLapsed {
        step: Step,
    },
    /// A permit is no longer valid.
    PermitWithdrawn {
        step: Step,
        why: Withdrawal,
    },
    StepDone {
        step: Step,
        /// How it came to be done.
        manner: Manner,
        /// In the person's words, where they gave any.
        reason: Option<String>,
        /// Where the proof is.
        evidence: Option<String>,
    },
    /// A step is not done after all.
    StepTakenBack {
        step: Step,
        /// In the person's words; `None` when it follows from another step taken back.
        reason: Option<String>,
    },
    /// It expired without Downgrade being known: the change waits.
    Waiting,
    /// The change reached its target.
    Done {
        /// Whether facts, not its steps, showed that.
        outside: bool,
    },
    /// The change failed because somebody said so, or the instance is lost.
    Failed {
        /// In the person's words.
        reason: String,
    },
    /// Seven days after expiry Downgrade was still not known.
    PresumedDeleted,
    /// The change was called off.
    Cancelled {
        /// In the person's words.
        reason: String,
    },
    /// An approver said no.
    Rejected {
        /// In the person's words.
        reason: String,
    },
    /// The database was restored from a copy: what was known, approved, permitted and acknowledged counts no more.
    Restored {
        /// Until when it knows what happened.
        state_of: Timestamp,
    },
    /// A finished change goes on.
    Reopened {
        /// In the person's words.
        reason: String,
    },
}

impl EventKind {
    /// That something that is no fact is another one now; `none` is the word for nothing.
    pub fn described(what: &str, from: Option<String>, to: Option<String>) -> Self {
        Self::Described {
            what: what.to_owned(),
            from,
            to: to.unwrap_or_else(|| "none".to_owned()),
        }
    }
}

/// Something that happened, at a moment, through somebody or through time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Event {
    pub at: Timestamp,
    /// Who; `None` when time did it.
    pub by: Option<Person>,
    /// The change it belongs to.
    pub change: Option<u64>,
    pub kind: EventKind,
}

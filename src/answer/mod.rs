//! What a command comes to: data for `render`, no words.

#![expect(missing_docs, reason = "each variant's line says what its fields are")]

mod each;
mod error;
mod handover;
mod import;
mod todo;
mod wording;

pub use crate::store::{
    Derived, Differs, Health, ImportTaken, InstanceMatch, MissingPart, Page, Pruned, Restoration,
};
pub use each::{Each, EachReply, NotOfSeveral};
pub use error::{DirectiveError, Fatal, InPart, SettingError, UserError, logged};
pub use handover::{HandedOver, HandoverReport};
pub use import::{
    Alike, BrokenOff, CannotUndo, FileRows, FirstFew, HeldBack, ImportReport, Misnamed, RowRefusal,
    RowReport, RowStatus, UndoReport, UndoneInstance, WhyMisnamed,
};
pub use todo::{Task, Todo, Unseen};
pub use wording::{NotTaught, Offer, WordingAnswer};

use chrono_tz::Tz;

use crate::command::args;
use crate::domain::Timestamp;
use crate::domain::approval;
use crate::domain::audit::AuditLine;
use crate::domain::authority::{Permission, Role};
use crate::domain::case::{Approved, Case, PermitShown, Refusal};
use crate::domain::change::{Route, Step};
use crate::domain::concern::WorkspaceConcern;
use crate::domain::event::Event;
use crate::domain::id::{InstanceId, Label, Namesake, Region};
use crate::domain::instance::{Edition, Instance, InstanceOrder};
use crate::domain::notice::{Beside, NoticeRecord, NoticeVerdict, Teaching};
use crate::domain::outcome::Outcome;
use crate::domain::reminder::{Acked, Attention, Level, Planned, Why};
use crate::domain::rules::{Intent, RuleId, Verdict};
use crate::domain::setting::{InEffect, Setting};
use crate::store::StoreError;

/// The answer to one command.
#[derive(Debug)]
pub struct Reply {
    /// What it came to.
    pub outcome: Outcome,
    /// The rules that determined it; never informing ones.
    pub rules: Vec<RuleId>,
    /// The change it concerns.
    pub change: Option<u64>,
    /// The moment it was decided at.
    pub at: Timestamp,
    /// The zone that the workspace has set for what is read there.
    pub zone: Option<Tz>,
    /// What there is to say.
    pub answer: Answer,
}

/// What there is to say.
#[derive(Debug)]
pub enum Answer {
    /// Text generated from the grammar.
    Help(String),
    /// All documented rules.
    Rules,
    /// One documented rule.
    Rule(RuleId),
    /// The input cannot be used.
    Unusable(UserError),
    /// The speaker's roles do not cover it; any of the missing ones would.
    Denied {
        permission: Permission,
        missing: Vec<Role>,
        held: Vec<Role>,
        /// The change that it names, if anyone who speaks may read.
        of: Option<DeniedChange>,
    },
    /// Something broke here; the log has the details under this id.
    Broken { id: String, error: StoreError },
    /// An instance was added, or facts were taken.
    Recorded {
        case: Box<Case>,
        added: bool,
        warnings: Vec<Warning>,
    },
    /// One instance with its latest history.
    Instance {
        case: Box<Case>,
        history: Vec<Event>,
    },
    /// A page of instances.
    Instances {
        page: Page<Case>,
        filtered: bool,
        order: InstanceOrder,
        /// How many tracked ones there are in all, where that is known.
        total: Option<u64>,
        /// That nobody has described the team it is narrowed to.
        unknown_team: Option<Warning>,
    },
    /// An instance is no longer followed, or was lost.
    Dropped { case: Box<Case> },
    /// The documented rules' word on an intent, and what people would still have to do for it.
    Judged {
        case: Box<Case>,
        intent: Intent,
        verdict: Verdict,
        lacking: Option<Box<approval::Lacking>>,
    },
    /// A transition was refused; `because` is what withdrew a permit, `confirming` the step somebody said is done.
    Refused {
        case: Box<Case>,
        refusal: Refusal,
        because: Vec<Event>,
        confirming: Option<Step>,
    },
    /// A change was opened; `too_few` is a step that more people have to approve than could, where that is known.
    Opened {
        case: Box<Case>,
        verdict: Verdict,
        next: Option<Step>,
        too_few: Option<TooFew>,
    },
    /// A step was approved.
    Approved { case: Box<Case>, approved: Approved },
    /// An approval was taken back.
    Revoked { case: Box<Case>, step: Step },
    /// Missing approvals were replaced.
    GlassBroken { case: Box<Case>, verdict: Verdict },
    /// The two routes of a downgrade side by side.
    Routes {
        case: Box<Case>,
        verdicts: Vec<(Route, Verdict)>,
    },
    /// A permit for its holder.
    Permit {
        case: Box<Case>,
        shown: PermitShown,
        opened: bool,
    },
    /// Everything allows a permit, and it is not given here and now; nothing was written.
    Withheld {
        case: Box<Case>,
        step: Step,
        opened: bool,
        why: Withheld,
    },
    /// The next step, which needs no permit.
    NextStep {
        case: Box<Case>,
        step: Step,
        verdict: Option<Verdict>,
    },
    /// There is no open change, so no next step.
    NothingNext { case: Box<Case> },
    /// A step was confirmed; `read_as` is how its date was read, where that named no zone.
    Confirmed {
        case: Box<Case>,
        step: Step,
        next: Option<Step>,
        read_as: Option<ReadAs>,
    },
    /// Steps were taken back.
    TakenBack {
        case: Box<Case>,
        steps: Vec<Step>,
        next: Option<Step>,
    },
    /// A change ended.
    Ended { case: Box<Case> },
    /// A page of what is to be done.
    Todo(Todo),
    /// A page of changes, each with its next step.
    Changes {
        page: Page<(Case, Option<Step>)>,
        list: args::Changes,
        /// That nobody has described the team it is narrowed to.
        unknown_team: Option<Warning>,
    },
    /// One change with its history.
    Change {
        case: Box<Case>,
        next: Option<Step>,
        history: Vec<Event>,
    },
    /// Every rule that applies; what people would still have to do for the next step of the open change.
    Why {
        case: Box<Case>,
        verdicts: Vec<(Intent, Verdict)>,
        notice: NoticeVerdict,
        next: Option<Step>,
        lacking: Option<Box<approval::Lacking>>,
    },
    /// What a file did, or would do.
    Imported(Box<ImportReport>),
    /// Several notices that came in one piece, the one to look at first.
    Several(Vec<Reply>),
    /// What was said of several instances.
    Each(Each),
    /// What waits for somebody who leaves, or what became of it.
    Handover(HandoverReport),
    /// The files that were taken last.
    Imports {
        imports: Vec<ImportTaken>,
        undoable: Vec<u64>,
    },
    /// What a file did was taken back.
    ImportUndone(UndoReport),
    /// A notice was handed in; `known` are the instances it names, `near` those that its names suggest, `offer` what
    /// is said of its wording.
    NoticeTaken {
        filed: Box<NoticeRecord>,
        known: Vec<Instance>,
        near: Vec<InstanceMatch>,
        beside: Vec<Beside>,
        /// The one that it says the same as, or that has told of the same loss today.
        other: Option<Box<NoticeRecord>>,
        offer: Option<Offer>,
    },
    /// The notices that name an instance.
    Notices {
        case: Box<Case>,
        all: Vec<NoticeRecord>,
    },
    /// A page of the raised notices that nobody has settled.
    Raised { page: Page<NoticeRecord> },
    /// What was suppressed since an instant.
    Suppressed {
        page: Page<NoticeRecord>,
        since: Timestamp,
    },
    /// Somebody said something of a wording.
    Wording(Box<WordingAnswer>),
    /// The wordings that were taught or asked for, newest first.
    Wordings { all: Vec<Teaching> },
    /// Somebody took note of a notice; not `is_new` when it was acknowledged before.
    NoticeAcked {
        filed: Box<NoticeRecord>,
        is_new: bool,
    },
    /// Somebody saw that what a notice calls gone is still there; `looked` is the edition that this attests.
    StillThere {
        filed: Box<NoticeRecord>,
        looked: Option<Edition>,
        is_new: bool,
    },
    /// A page of the audit trail.
    Audit {
        page: Page<AuditLine>,
        filtered: bool,
    },
    /// Somebody knows: nobody is mentioned, unless it gets worse.
    Acked {
        case: Box<Case>,
        acked: Acked,
        /// Until when at the most.
        until: Timestamp,
        next: Option<Timestamp>,
    },
    /// Nothing is planned for it.
    NothingToRemind { case: Box<Case> },
    /// A reminder that was answered is of the past: nothing was recorded.
    ReminderPast {
        case: Box<Case>,
        /// The expiry it was about.
        about: Timestamp,
        /// What reminders are about now.
        of: Option<Timestamp>,
    },
    /// A reminder shall come again, or cannot.
    Snoozed { case: Box<Case>, snoozed: Snoozed },
    /// What is planned, and what became of what was.
    Reminders {
        case: Box<Case>,
        settled: Vec<Reminded>,
        planned: Vec<Planned>,
        attention: Attention,
    },
    /// Everything in effect in a workspace.
    Settings {
        /// What holds, and who said so.
        settings: Vec<InEffect>,
        /// What does not work.
        open: Vec<WorkspaceConcern>,
    },
    /// One thing was set, or was so already; `before` is what it was, where it is another now.
    Set {
        setting: Setting,
        before: Option<Setting>,
        keeping: Keeping,
    },
}

/// The instances that keep the name of a team that is no more; there are `more` than were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keeping {
    pub instances: usize,
    pub more: bool,
}

/// Why a permit is not given where it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Others read here too.
    Elsewhere,
    /// Which instance is meant was chosen, and has to be typed.
    NotNamed,
    /// What was typed is another name.
    NamedWrongly,
}

/// What a server has, by name or id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatItem {
    /// A role of its members.
    Role,
    /// A channel that messages are posted in.
    Channel,
}

/// What a snooze came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snoozed {
    /// It comes again then; `capped`: with the next one, which is sooner than asked for.
    Until { until: Timestamp, capped: bool },
    /// Nothing was shown yet that could come again.
    NothingShown { next: Option<Timestamp> },
    /// It has expired, and may be deleted: what comes then comes.
    Never { next: Option<Timestamp> },
}

/// What became of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminded {
    pub level: Level,
    pub due: Timestamp,
    /// Why it was not said.
    pub skipped: Option<Why>,
    /// When it was said; not yet, or nowhere, without.
    pub sent: Option<Timestamp>,
}

/// Fewer people could approve a step than have to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFew {
    /// Which step.
    pub step: Step,
    /// How many other people could.
    pub able: u32,
    /// How many have to.
    pub needed: u8,
}

/// The change that a refusal for want of a role is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeniedChange {
    /// Its number.
    pub number: u64,
    /// What its instance is called.
    pub instance: String,
}

/// How a time that names no zone was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadAs {
    /// The instant.
    pub at: Timestamp,
    /// In which zone.
    pub zone: Tz,
}

/// Something that is accepted but looks like a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The region is not on the vendor's published list.
    UnknownRegion(Region),
    /// The expiry given has passed already.
    AlreadyExpired(Timestamp),
    /// A time without a zone, read in the vendor's.
    ReadAs(ReadAs),
    /// Nobody has described the team, and other teams are described; the name that is most like it.
    UnknownTeam { team: Label, near: Option<String> },
    /// Others are called so too, elsewhere; what names this one alone.
    SharedName { handle: String, others: usize },
    /// A tracked instance is called something that looks like it.
    LooksLike(Namesake),
}

impl Reply {
    /// An answer without deciding rules or a change.
    pub const fn new(outcome: Outcome, at: Timestamp, answer: Answer) -> Self {
        Self {
            outcome,
            rules: Vec::new(),
            change: None,
            at,
            zone: None,
            answer,
        }
    }

    /// Names the rules that decided.
    #[must_use]
    pub fn decided_by(mut self, verdict: &Verdict) -> Self {
        self.rules = verdict.rules();
        self
    }

    /// Names the change it concerns.
    #[must_use]
    pub const fn about(mut self, change: Option<u64>) -> Self {
        self.change = change;
        self
    }

    /// Adds to a refusal what somebody had said is done, and what withdrew its permit.
    #[must_use]
    pub fn confirming(mut self, step: Option<Step>, withdrawn: Vec<Event>) -> Self {
        if let Answer::Refused {
            because,
            confirming,
            ..
        } = &mut self.answer
        {
            *because = withdrawn;
            *confirming = step;
        }
        self
    }

    /// The instance it concerns, where a refusal knows it.
    pub fn instance(&self) -> Option<&InstanceId> {
        match &self.answer {
            Answer::Refused { case, .. }
            | Answer::Acked { case, .. }
            | Answer::Snoozed { case, .. } => Some(&case.instance.id),
            Answer::NoticeTaken { filed, .. }
            | Answer::NoticeAcked { filed, .. }
            | Answer::StillThere { filed, .. } => filed.instances.first(),
            _ => None,
        }
    }

    /// The notice it concerns.
    pub fn notice(&self) -> Option<u64> {
        match &self.answer {
            Answer::NoticeTaken { filed, .. }
            | Answer::NoticeAcked { filed, .. }
            | Answer::StillThere { filed, .. } => Some(filed.number),
            Answer::Several(all) => all.first().and_then(Self::notice),
            _ => None,
        }
    }

    /// A refusal, with its rules and its change.
    pub fn refused(case: Case, refusal: Refusal, now: Timestamp) -> Self {
        let (outcome, rules) = (refusal.outcome(), refusal.rules());
        let change = match &refusal {
            Refusal::OpenChange { number, .. } => Some(*number),
            _ => case.change.as_ref().map(|change| change.number),
        };
        let answer = Answer::Refused {
            case: Box::new(case),
            refusal,
            because: Vec::new(),
            confirming: None,
        };
        Self {
            outcome,
            rules,
            change,
            at: now,
            zone: None,
            answer,
        }
    }
}

//! The result of a command: data for `render`, without words.

#![expect(missing_docs, reason = "each variant's line says what its fields are")]

mod each;
mod error;
mod handover;
mod import;
mod parts;
mod todo;
mod wording;

pub use crate::store::{
    Derived, Differs, Health, ImportTaken, InstanceMatch, MissingPart, Page, Pruned, Restoration,
};
pub use each::{Each, EachReply, NotOfSeveral};
pub use error::{AnswerResult, DirectiveError, Fatal, InPart, SettingError, UserError, logged};
pub use handover::{HandedOver, HandoverReport};
pub use import::{
    Alike, BrokenOff, CannotUndo, FileRows, FirstFew, HeldBack, ImportReport, Misnamed, RowRefusal,
    RowReport, RowStatus, UndoReport, UndoneInstance, WhyMisnamed,
};
pub use parts::{
    ChatItem, DeniedChange, Keeping, NoticeTaken, Raised, ReadAs, Reminded, Snoozed, TooFew,
    Warning, Withheld,
};
pub use todo::{Task, Todo, Unseen};
pub use wording::{NotTaught, Offer, Teachable, WordingAnswer};

use chrono_tz::Tz;

use crate::command::args;
use crate::domain::Timestamp;
use crate::domain::approval;
use crate::domain::audit::AuditLine;
use crate::domain::authority::{Permission, Role};
use crate::domain::case::{Approved, Case, PermitShown, Refusal};
use crate::domain::change::{Route, Step};
use crate::domain::concern::{Concern, WorkspaceConcern};
use crate::domain::event::Event;
use crate::domain::id::{InstanceId, Person};
use crate::domain::instance::{Edition, Instance};
use crate::domain::notice::{NoticeRecord, NoticeVerdict, Teaching};
use crate::domain::outcome::Outcome;
use crate::domain::reminder::{Acked, Attention, Planned};
use crate::domain::rules::{Intent, RuleId, Verdict};
use crate::domain::setting::{InEffect, Setting};
use crate::store::StoreError;

/// The answer to one command.
#[derive(Debug)]
pub struct Reply {
    pub outcome: Outcome,
    /// The deciding rules; never informing ones.
    pub rules: Vec<RuleId>,
    pub change: Option<u64>,
    /// The time of the decision.
    pub at: Timestamp,
    /// The zone set by the workspace.
    pub zone: Option<Tz>,
    pub answer: Answer,
}

/// The content of a reply.
#[derive(Debug)]
pub enum Answer {
    /// All verbs.
    Verbs,
    /// Help on a verb or a group of verbs, generated from the grammar.
    Help(String),
    /// All documented rules.
    Rules,
    /// One documented rule.
    Rule(RuleId),
    /// The input is invalid.
    Unusable(UserError),
    /// The person's roles do not permit the command; any role in `missing` would.
    Denied {
        permission: Permission,
        missing: Vec<Role>,
        held: Vec<Role>,
        /// The change concerned, if the person may read.
        of: Option<DeniedChange>,
    },
    /// A failure of the database; the log has the details under this id.
    Broken { id: String, error: StoreError },
    /// An instance was added, or facts were recorded.
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
        /// The number of all tracked instances, if known.
        total: Option<u64>,
        /// The warning that the team in the filter is not configured.
        unknown_team: Option<Warning>,
    },
    /// An instance is no longer tracked, or was lost.
    Dropped { case: Box<Case> },
    /// The verdict on an intent, and the approvals that it still needs.
    Judged {
        case: Box<Case>,
        intent: Intent,
        verdict: Verdict,
        lacking: Option<Box<approval::Lacking>>,
    },
    /// A transition was refused; `because` is the withdrawal of a permit, `confirming` the step that was reported as done.
    Refused {
        case: Box<Case>,
        refusal: Refusal,
        because: Vec<Event>,
        confirming: Option<Step>,
    },
    /// A change was opened; `too_few` is a step that needs more approvals than there are people to give them, if known.
    Opened {
        case: Box<Case>,
        verdict: Verdict,
        next: Option<Step>,
        too_few: Option<TooFew>,
    },
    /// A step was approved.
    Approved { case: Box<Case>, approved: Approved },
    /// An approval was revoked.
    Revoked { case: Box<Case>, step: Step },
    /// An emergency override replaced missing approvals.
    ApprovalsOverridden { case: Box<Case>, verdict: Verdict },
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
    /// The rules allow a permit, but it is not given on this surface; nothing was saved.
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
    /// A step was confirmed; `read_as` interprets a date without a zone.
    Confirmed {
        case: Box<Case>,
        step: Step,
        next: Option<Step>,
        read_as: Option<ReadAs>,
    },
    /// Confirmations were withdrawn.
    TakenBack { case: Box<Case>, next: Option<Step> },
    /// A change was closed.
    Ended { case: Box<Case> },
    /// A page of tasks.
    Todo(Todo),
    /// A page of changes, each with its next step.
    Changes {
        page: Page<(Case, Option<Step>)>,
        list: args::Changes,
        /// The warning that the team in the filter is not configured.
        unknown_team: Option<Warning>,
    },
    /// One change with its history.
    Change {
        case: Box<Case>,
        next: Option<Step>,
        history: Vec<Event>,
    },
    /// The rules that apply, with the approvals that the next step of the open change still needs.
    Why {
        case: Box<Case>,
        verdicts: Vec<(Intent, Verdict)>,
        notice: NoticeVerdict,
        /// The step of a change that alone is asked about.
        step: Option<Step>,
        next: Option<Step>,
        lacking: Option<Box<approval::Lacking>>,
        /// The latest notice that is raised.
        raised: Option<Box<Raised>>,
    },
    /// The result of an import or a dry run.
    Imported(Box<ImportReport>),
    /// The notices of one message, the most urgent first.
    Several(Vec<Reply>),
    /// The replies for several instances.
    Each(Each),
    /// The open work of a person, or its handover.
    Handover(HandoverReport),
    /// The latest imports.
    Imports {
        imports: Vec<ImportTaken>,
        undoable: Vec<u64>,
    },
    /// An import was undone.
    ImportUndone(UndoReport),
    /// A notice was handed in.
    NoticeTaken(Box<NoticeTaken>),
    /// The notices that name an instance.
    Notices {
        case: Box<Case>,
        page: Page<NoticeRecord>,
    },
    /// A notice that was asked for by its number.
    Notice(Box<NoticeRecord>),
    /// A page of the notices that are raised and not settled.
    Raised { page: Page<NoticeRecord> },
    /// The notices suppressed since `since`.
    Suppressed {
        page: Page<NoticeRecord>,
        since: Timestamp,
    },
    /// A wording was taught or forgotten.
    Wording(Box<WordingAnswer>),
    /// The wording of a notice, and how it is taught.
    Teachable(Box<Teachable>),
    /// The wordings taught or requested, newest first.
    Wordings { all: Vec<Teaching> },
    /// A notice was acknowledged, also those that say the same; not `is_new` if it was before.
    NoticeAcked {
        filed: Box<NoticeRecord>,
        also: Vec<u64>,
        is_new: bool,
    },
    /// An instance called gone still exists; `looked` is the edition that this attests.
    StillThere {
        filed: Box<NoticeRecord>,
        looked: Option<Edition>,
        is_new: bool,
        /// Of the tracked instances that it names, those that somebody has looked at since, and the others.
        seen: Vec<String>,
        unseen: Vec<String>,
        /// Whether it names several and is not settled, as some of them have not been looked at.
        waits: bool,
        /// The instance, if that is recorded as deleted.
        lost: Option<Box<Instance>>,
    },
    /// A page of the audit trail.
    Audit {
        page: Page<AuditLine>,
        filtered: bool,
    },
    /// The reminders of an instance were acknowledged: no mentions until it gets worse.
    Acked {
        case: Box<Case>,
        acked: Acked,
        is_new: bool,
        /// The end of the acknowledgement.
        until: Timestamp,
        next: Option<Timestamp>,
        /// The notices about it that stay raised.
        notices: Vec<u64>,
    },
    /// No reminder is planned for the instance.
    NothingToRemind { case: Box<Case> },
    /// The answered reminder is of the past: nothing was recorded.
    ReminderPast {
        case: Box<Case>,
        /// The expiry it was about.
        about: Timestamp,
        /// The expiry that reminders are now about.
        of: Option<Timestamp>,
    },
    /// A reminder was snoozed, or cannot be.
    Snoozed { case: Box<Case>, snoozed: Snoozed },
    /// The planned reminders, and the outcome of the past ones.
    Reminders {
        case: Box<Case>,
        settled: Vec<Reminded>,
        planned: Vec<Planned>,
        attention: Attention,
        /// Its concerns, the most urgent first.
        open: Vec<Concern>,
    },
    /// The settings in force in a workspace.
    Settings {
        /// The values, with the person who set them.
        settings: Vec<InEffect>,
        /// The workspace's open concerns.
        open: Vec<WorkspaceConcern>,
        /// Whether the person has no colleagues here.
        is_alone: bool,
    },
    /// A setting was changed, or had this value already; `before` is the previous value if it differs.
    Set {
        setting: Setting,
        before: Option<Setting>,
        keeping: Keeping,
        /// Whether it was so before.
        unchanged: bool,
        /// The person who set it, and when; `None` where the configuration has it.
        set: Option<(Person, Timestamp)>,
    },
}

impl Reply {
    /// An answer without rules or a change.
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

    /// Adds the rules that decided.
    #[must_use]
    pub fn decided_by(mut self, verdict: &Verdict) -> Self {
        self.rules = verdict.rules();
        self
    }

    /// Sets the change concerned.
    #[must_use]
    pub const fn about(mut self, change: Option<u64>) -> Self {
        self.change = change;
        self
    }

    /// Adds to a refusal the step reported as done, and the withdrawal of its permit.
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

    /// The instance concerned, if the reply has one.
    pub fn instance(&self) -> Option<&InstanceId> {
        match &self.answer {
            Answer::Refused { case, .. }
            | Answer::Acked { case, .. }
            | Answer::Snoozed { case, .. } => Some(&case.instance.id),
            Answer::NoticeTaken(taken) => taken.filed.instances.first(),
            Answer::NoticeAcked { filed, .. }
            | Answer::StillThere { filed, .. }
            | Answer::Notice(filed) => filed.instances.first(),
            _ => None,
        }
    }

    pub fn notice(&self) -> Option<u64> {
        match &self.answer {
            Answer::NoticeTaken(taken) => Some(taken.filed.number),
            Answer::NoticeAcked { filed, .. }
            | Answer::StillThere { filed, .. }
            | Answer::Notice(filed) => Some(filed.number),
            Answer::Several(all) => all.first().and_then(Self::notice),
            _ => None,
        }
    }

    /// A refusal, with its rules and its change.
    pub fn refused(case: Case, refusal: Refusal, now: Timestamp) -> Self {
        let (outcome, rules) = (refusal.outcome(), refusal.rules());
        let change = match &refusal {
            Refusal::OpenChange { number, .. } => Some(*number),
            _ => case.number(),
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

//! How grave it is what a message says: the one place that decides the colour of a card.

use super::Timestamp;
use super::announce::PostContent;
use super::approval::RequestState;
use super::case::Case;
use super::change::{Failure, Status, Step};
use super::concern::{Concern, ConcernKind, Weight};
use super::effect::PostKind;
use super::instance::{ActionView, PostExpirationAction};
use super::notice::NoticeKind;
use super::outcome::Outcome;
use super::reminder::{Point, ReminderRow, Situation, Topic};

/// The gravity of a message, least first: one of several lines is as grave as its gravest line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gravity {
    /// Nothing has to be done.
    Informing,
    /// How it stands: an open change, or what was done before.
    Standing,
    Done,
    /// At risk, or waiting for somebody.
    Waiting,
    /// Refused, deleted, expired with Delete or with the action unknown, or something irreversible ahead or in doubt.
    Danger,
}

impl From<Outcome> for Gravity {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allowed | Outcome::Done => Self::Done,
            Outcome::Blocked | Outcome::Denied | Outcome::Invalid => Self::Danger,
            Outcome::Inconclusive | Outcome::NeedsApproval | Outcome::Raised => Self::Waiting,
            Outcome::AlreadyDone => Self::Standing,
            Outcome::Suppressed | Outcome::Duplicate | Outcome::Info => Self::Informing,
        }
    }
}

/// Of a post of which nothing more is known: an alert is not played down.
impl From<PostKind> for Gravity {
    fn from(kind: PostKind) -> Self {
        match kind {
            PostKind::Alert => Self::Danger,
            PostKind::Reminder | PostKind::Notice | PostKind::Approval => Self::Waiting,
            PostKind::Card => Self::Standing,
            PostKind::Digest | PostKind::Permit | PostKind::Status | PostKind::Reaction => {
                Self::Informing
            }
        }
    }
}

impl From<RequestState> for Gravity {
    fn from(state: RequestState) -> Self {
        match state {
            RequestState::Open | RequestState::Used => Self::Done,
            RequestState::Lapsed | RequestState::Void => Self::Informing,
            RequestState::Missed => Self::Danger,
        }
    }
}

impl From<&PostContent> for Gravity {
    fn from(content: &PostContent) -> Self {
        match content {
            PostContent::Unapproved { .. }
            | PostContent::Outside { .. }
            | PostContent::EndedOutside { .. }
            | PostContent::PlatinumAgain { .. }
            | PostContent::Waiting
            | PostContent::PresumedDeleted
            | PostContent::Lost { .. }
            | PostContent::ApprovalsOverridden { .. } => Self::Danger,
            PostContent::PermitWithdrawn { step, .. } | PostContent::OutcomeAsked { step, .. } => {
                Self::of_step(*step)
            }
            PostContent::LeftTeam { .. } | PostContent::JoinedTeam { .. } => Self::Informing,
            PostContent::ApprovalAsked { .. }
            | PostContent::ApprovalComplete { .. }
            | PostContent::PresumedTooEarly
            | PostContent::RequestLapsed { .. }
            | PostContent::ApprovalLapsed { .. }
            | PostContent::ApproverGone { .. }
            | PostContent::HandedOver { .. }
            | PostContent::ObserverGone { .. }
            | PostContent::SeenOnDelete { .. }
            | PostContent::ApprovalsVoided { .. }
            | PostContent::OverrideEnded { .. }
            | PostContent::Rejected { .. }
            | PostContent::PolicyChanged { .. }
            | PostContent::SafeguardLowered { .. } => Self::Waiting,
        }
    }
}

impl From<NoticeKind> for Gravity {
    fn from(kind: NoticeKind) -> Self {
        match kind {
            NoticeKind::Gone => Self::Danger,
            NoticeKind::Release | NoticeKind::Expiry | NoticeKind::Other => Self::Waiting,
        }
    }
}

impl From<ConcernKind> for Gravity {
    fn from(kind: ConcernKind) -> Self {
        match kind {
            ConcernKind::EditionDisputed | ConcernKind::Missing | ConcernKind::OutlivedRelease => {
                Self::Danger
            }
            kind if kind.is_urgent() => Self::Danger,
            ConcernKind::StepOutcomeUnknown
            | ConcernKind::PermitWithdrawn
            | ConcernKind::UnsubscribedUnseen
            | ConcernKind::UnsubscribedOnDelete
            | ConcernKind::StillPlatinum
            | ConcernKind::EditionUnknown
            | ConcernKind::ExpiryDisputed
            | ConcernKind::ExpiryUnknown
            | ConcernKind::RecordExpiry
            | ConcernKind::ChooseAction
            | ConcernKind::ActionUnsure
            | ConcernKind::Deletes
            | ConcernKind::DeletesUnlessRenewed
            | ConcernKind::Expires
            | ConcernKind::Expired
            | ConcernKind::Charges
            | ConcernKind::Unapproved
            | ConcernKind::ChangeWaits
            | ConcernKind::FactDisputed
            | ConcernKind::ListedLost
            | ConcernKind::SeenLost
            | ConcernKind::FactUnsaid
            | ConcernKind::Notice => Self::Waiting,
        }
    }
}

impl Gravity {
    /// Of a step that somebody is about to carry out, or of which nobody has said whether it happened.
    pub const fn of_step(step: Step) -> Self {
        if step.is_irreversible() {
            Self::Danger
        } else {
            Self::Waiting
        }
    }

    /// Of a change's card.
    pub fn of_change(case: &Case, now: Timestamp) -> Self {
        let Some(change) = &case.change else {
            return Self::Informing;
        };
        let in_doubt = case.unknown_outcome().or(case.withdrawn_in_doubt());
        let in_doubt = in_doubt.map(Self::of_step);
        match &change.status {
            Status::Open if case.waits_past_expiry(now).is_some() || case.is_still_platinum() => {
                Self::Danger
            }
            Status::Open => in_doubt.unwrap_or(Self::Standing),
            Status::Done => Self::Done,
            Status::Failed(Failure::Lost(_) | Failure::PresumedDeleted) => Self::Danger,
            // An irreversible step may have happened all the same.
            Status::Failed(Failure::Said(_)) | Status::Cancelled(_) | Status::Rejected(_)
                if change.outcome_unknown.is_some() =>
            {
                Self::Danger
            }
            Status::Failed(Failure::Said(_)) => Self::Waiting,
            Status::Cancelled(_) | Status::Rejected(_) => Self::Informing,
        }
    }

    /// Of a line of a reminder: as grave as the gravest of what is due.
    pub fn of_line(
        situation: &Situation<'_>,
        points: &[Point],
        open: &[Concern],
        now: Timestamp,
    ) -> Self {
        let due = points
            .iter()
            .map(|point| Self::of_point(situation, *point, open, now));
        due.max().unwrap_or(Self::Informing)
    }

    fn of_point(situation: &Situation<'_>, point: Point, open: &[Concern], now: Timestamp) -> Self {
        match point.level.topic {
            Topic::Charge | Topic::Attest => Self::Waiting,
            Topic::Concern(ConcernKind::Notice) => {
                let mut raised = situation.raised.iter();
                let gone = raised.any(|notice| notice.is_gone);
                Self::from(if gone {
                    NoticeKind::Gone
                } else {
                    NoticeKind::Other
                })
            }
            Topic::Concern(kind) => Self::from(kind),
            Topic::Expiry => Self::of_expiry(situation, point.of, open, now),
        }
    }

    fn of_expiry(
        situation: &Situation<'_>,
        expiry: Timestamp,
        open: &[Concern],
        now: Timestamp,
    ) -> Self {
        let converts = situation.view(now) == ActionView::Known(PostExpirationAction::Downgrade);
        if expiry <= now {
            return match situation.row(now) {
                ReminderRow::Left | ReminderRow::Downgrades => Self::Waiting,
                ReminderRow::Renews if converts => Self::Waiting,
                ReminderRow::Renews | ReminderRow::AtRisk => Self::Danger,
            };
        }
        let will_convert =
            situation.view(expiry) == ActionView::Known(PostExpirationAction::Downgrade);
        let waits = |one: &Concern| one.kind != ConcernKind::Expires && one.weight == Weight::Open;
        match situation.row(now) {
            ReminderRow::Downgrades if will_convert && !open.iter().any(waits) => Self::Informing,
            ReminderRow::Left
            | ReminderRow::Downgrades
            | ReminderRow::Renews
            | ReminderRow::AtRisk => Self::Waiting,
        }
    }
}

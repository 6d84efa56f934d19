//! A summary of an instance's history, for decisions: stored with the instance and updated event by event, so that no decision
//! depends on a truncated history.

use chrono::serde::ts_milliseconds_option as ms;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::change::Step;
use super::event::{Event, EventKind, FactValue, Manner};
use super::fact::is_ahead;
use super::facts::MoveEffect;
use super::instance::{Edition, PostExpirationAction};
use super::notice::Exit;
use super::rules::FactKind;
use super::team::Limits;

/// A summary of an instance's history. Earlier versions stored more, which is ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Past {
    /// The expiry, as it last moved.
    #[serde(with = "ms", skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    /// The last observation of the action.
    #[serde(with = "ms", skip_serializing_if = "Option::is_none")]
    observed: Option<Timestamp>,
    /// Whether that was Downgrade.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    downgrade: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    standard: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<Left>,
    /// The time it was last tracked again after a removal.
    #[serde(with = "ms", skip_serializing_if = "Option::is_none")]
    tracked: Option<Timestamp>,
    /// The number of moves of deciding facts.
    #[serde(skip_serializing_if = "is_zero")]
    moves: u64,
    /// The last announcement that its change waits after an expiry.
    #[serde(with = "ms", skip_serializing_if = "Option::is_none")]
    waiting: Option<Timestamp>,
    /// The last announcement that it is presumed deleted.
    #[serde(with = "ms", skip_serializing_if = "Option::is_none")]
    presumed: Option<Timestamp>,
    /// When it was last noted that it was seen as Platinum although its release was due.
    #[serde(with = "ms", skip_serializing_if = "Option::is_none")]
    outlived: Option<Timestamp>,
    /// The last restoration of the database: facts from before no longer count.
    #[serde(with = "ms", skip_serializing_if = "Option::is_none")]
    restored: Option<Timestamp>,
    /// Whether the event before took `verify-standard` back: the recorded exit stands, although the edition is Platinum again.
    #[serde(skip)]
    unverified: bool,
}

/// An exit from a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    at: Timestamp,
    expired: Option<Timestamp>,
    unsubscribed: Option<u64>,
    /// The observation of Downgrade that alone makes the expiry an exit; void when contradicted, or when it was too old at the
    /// expiry.
    observed: Option<Timestamp>,
}

const fn is_zero(many: &u64) -> bool {
    *many == 0
}

impl Past {
    /// An empty history.
    pub const NOTHING: Self = Self {
        expires: None,
        observed: None,
        downgrade: false,
        standard: false,
        left: None,
        tracked: None,
        moves: 0,
        waiting: None,
        presumed: None,
        outlived: None,
        restored: None,
        unverified: false,
    };

    /// Whether it is empty.
    pub fn is_nothing(&self) -> bool {
        *self == Self::NOTHING
    }

    /// The last exit from a subscription.
    pub fn exit(mut self, limits: &Limits, now: Timestamp) -> Option<Exit> {
        self.record_expiry(now);
        let left = self.left?;
        let recent = |observed: Timestamp| left.at - observed <= limits.action_for_expiry;
        left.observed.is_none_or(recent).then_some(Exit {
            at: left.at,
            expired: left.expired,
            unsubscribed: left.unsubscribed,
        })
    }

    /// Whether the database was restored since a moment.
    pub fn restored_since(&self, moment: Option<Timestamp>) -> bool {
        self.restored > moment
    }

    /// When it was last noted that it was seen as Platinum although its release was due.
    pub(crate) const fn outlived(&self) -> Option<Timestamp> {
        self.outlived
    }

    pub const fn tracked(&self) -> Option<Timestamp> {
        self.tracked
    }

    /// The number of moves of deciding facts, to order moves and statements of the same moment.
    pub const fn moves(&self) -> u64 {
        self.moves
    }

    /// Whether its change has announced, since a moment, that it waits after the expiry, and that it is presumed deleted.
    pub fn told_since(&self, moment: Timestamp) -> [bool; 2] {
        [self.waiting, self.presumed].map(|told| told.is_some_and(|told| told >= moment))
    }

    /// Forgets announcements of an expiry that are dated ahead of the clock.
    pub(crate) fn forget_announced_ahead(&mut self, now: Timestamp) {
        for told in [&mut self.waiting, &mut self.presumed] {
            told.take_if(|at| is_ahead(*at, now));
        }
    }

    pub(crate) fn take_event(&mut self, event: &Event) {
        self.record_expiry(event.at);
        let unverified = std::mem::take(&mut self.unverified);
        match &event.kind {
            EventKind::Tracked => self.tracked = self.tracked.max(Some(event.at)),
            EventKind::Waiting => self.waiting = Some(event.at),
            EventKind::PresumedDeleted => self.presumed = Some(event.at),
            EventKind::Outlived => self.outlived = Some(event.at),
            EventKind::Moved { fact, to, .. } => {
                self.take_move(*fact, to, unverified);
                if fact.weight() == MoveEffect::Decides {
                    self.moves = self.moves.saturating_add(1);
                }
            }
            EventKind::Attested { facts } if facts.contains(&FactKind::Action) => {
                self.observed = Some(event.at);
            }
            EventKind::StepDone { step, manner, .. } => match step {
                Step::SetAction => self.observed = Some(event.at),
                Step::Unsubscribe => self.record_exit(event.at, event.change, None),
                // Where the facts show Downgrade, that was said after the expiry.
                Step::AwaitExpiry if *manner == Manner::Elapsed => {
                    self.record_exit(self.expires.unwrap_or(event.at), None, None);
                }
                Step::AwaitExpiry => {}
                Step::Upgrade | Step::RecordExpiry | Step::ChooseAction | Step::VerifyStandard => {}
            },
            EventKind::Restored { .. } => self.restored = Some(event.at),
            EventKind::StepTakenBack {
                step: Step::Unsubscribe | Step::AwaitExpiry,
                ..
            } => self.left = None,
            EventKind::StepTakenBack {
                step: Step::VerifyStandard,
                ..
            } => self.unverified = true,
            EventKind::Attested { .. }
            | EventKind::Imported { .. }
            | EventKind::Missing
            | EventKind::Described { .. }
            | EventKind::Lost { .. }
            | EventKind::Removed { .. }
            | EventKind::UpgradeOpened
            | EventKind::DowngradeOpened { .. }
            | EventKind::Acknowledged { .. }
            | EventKind::AcknowledgementVoid { .. }
            | EventKind::ApprovalAsked { .. }
            | EventKind::ApprovalAwaited { .. }
            | EventKind::RequestLapsed { .. }
            | EventKind::Approved { .. }
            | EventKind::ApprovalRevoked { .. }
            | EventKind::ApprovalLapsed { .. }
            | EventKind::ApproverGone { .. }
            | EventKind::HandedOver { .. }
            | EventKind::ObserverGone { .. }
            | EventKind::ApprovalsVoided { .. }
            | EventKind::ApprovalsOverridden { .. }
            | EventKind::OverrideEnded { .. }
            | EventKind::Unapproved { .. }
            | EventKind::PermitShown { .. }
            | EventKind::PermitLapsed { .. }
            | EventKind::PermitWithdrawn { .. }
            | EventKind::StepTakenBack { .. }
            | EventKind::PlatinumAgain { .. }
            | EventKind::PresumedTooEarly
            | EventKind::Done { .. }
            | EventKind::Failed { .. }
            | EventKind::Cancelled { .. }
            | EventKind::Rejected { .. }
            | EventKind::Reopened { .. } => {}
        }
    }

    /// Records a passed expiry as an exit if the observation was valid then.
    fn record_expiry(&mut self, until: Timestamp) {
        let (Some(expired), Some(observed)) = (self.expires, self.observed) else {
            return;
        };
        let better = self.left.is_none_or(|left| {
            left.observed
                .is_some_and(|before| left.at - before > expired - observed)
        });
        if better && self.downgrade && observed <= expired && expired <= until {
            self.record_exit(expired, None, Some(observed));
        }
    }

    const fn record_exit(
        &mut self,
        at: Timestamp,
        unsubscribed: Option<u64>,
        observed: Option<Timestamp>,
    ) {
        self.left = Some(Left {
            at,
            expired: self.expires,
            unsubscribed,
            observed,
        });
    }

    fn doubt(&mut self) {
        self.left = self.left.filter(|left| left.observed.is_none());
    }

    fn take_move(&mut self, fact: FactKind, to: &FactValue, unverified: bool) {
        if fact == FactKind::Edition {
            self.standard = *to == FactValue::Edition(Edition::Standard);
            // A new subscription, or the old one after all.
            if *to == FactValue::Edition(Edition::Platinum) {
                self.left = self.left.filter(|_| unverified);
                self.expires = None;
            }
        }
        if fact == FactKind::Expires {
            self.expires = if let FactValue::At(expires) = to {
                Some(*expires)
            } else {
                None
            };
            if !self.standard {
                self.doubt();
            }
        }
        if fact == FactKind::Action {
            self.downgrade = *to == FactValue::Action(PostExpirationAction::Downgrade);
            if !self.downgrade && !self.standard {
                self.doubt();
            }
        }
    }
}

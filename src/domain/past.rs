//! What an instance's history comes to, as far as decisions rest on it: kept with the instance, event by event, so that no
//! decision reads a history that is cut somewhere.

use chrono::serde::ts_milliseconds_option;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::change::Step;
use super::event::{Event, EventKind, FactValue};
use super::facts::MoveEffect;
use super::instance::{Edition, PostExpirationAction};
use super::notice::Exit;
use super::rules::FactKind;
use super::team::Limits;

/// What its history comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Past {
    /// When its subscription expires, as it last moved.
    #[serde(
        with = "ts_milliseconds_option",
        skip_serializing_if = "Option::is_none"
    )]
    expires: Option<Timestamp>,
    /// The last look at the action.
    #[serde(
        with = "ts_milliseconds_option",
        skip_serializing_if = "Option::is_none"
    )]
    observed: Option<Timestamp>,
    /// Whether it shows Downgrade.
    #[serde(skip_serializing_if = "is_not")]
    downgrade: bool,
    #[serde(skip_serializing_if = "is_not")]
    standard: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<Left>,
    /// When it was last tracked again after a removal.
    #[serde(
        with = "ts_milliseconds_option",
        skip_serializing_if = "Option::is_none"
    )]
    tracked: Option<Timestamp>,
    /// When somebody first moved one after the expiry that people are reminded of, and the latest word on that.
    #[serde(
        with = "ts_milliseconds_option",
        skip_serializing_if = "Option::is_none"
    )]
    answered: Option<Timestamp>,
    /// When somebody last moved one.
    #[serde(
        with = "ts_milliseconds_option",
        skip_serializing_if = "Option::is_none"
    )]
    moved: Option<Timestamp>,
    /// How often a fact that changes are decided on has moved.
    #[serde(skip_serializing_if = "is_zero")]
    moves: u64,
    /// When its change last told that it waits after an expiry.
    #[serde(
        with = "ts_milliseconds_option",
        skip_serializing_if = "Option::is_none"
    )]
    waiting: Option<Timestamp>,
    /// When its change last told that it is presumed deleted.
    #[serde(
        with = "ts_milliseconds_option",
        skip_serializing_if = "Option::is_none"
    )]
    presumed: Option<Timestamp>,
    /// When it was last restored from a copy: what was known until then counts no more.
    #[serde(
        with = "ts_milliseconds_option",
        skip_serializing_if = "Option::is_none"
    )]
    restored: Option<Timestamp>,
}

/// That it has left a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    at: Timestamp,
    expired: Option<Timestamp>,
    unsubscribed: Option<u64>,
    /// The look at Downgrade that makes an expiry an exit, where nothing else does: it is no longer one when somebody says
    /// otherwise, and only if the look was recent enough.
    observed: Option<Timestamp>,
}

const fn is_not(flag: &bool) -> bool {
    !*flag
}

const fn is_zero(many: &u64) -> bool {
    *many == 0
}

impl Past {
    /// Nothing has happened.
    pub const NOTHING: Self = Self {
        expires: None,
        observed: None,
        downgrade: false,
        standard: false,
        left: None,
        tracked: None,
        answered: None,
        moved: None,
        moves: 0,
        waiting: None,
        presumed: None,
        restored: None,
    };

    /// Whether nothing has happened that anything rests on.
    pub fn is_nothing(&self) -> bool {
        *self == Self::NOTHING
    }

    /// The last exit from a subscription.
    pub fn exit(mut self, limits: &Limits, now: Timestamp) -> Option<Exit> {
        self.pass(now);
        let left = self.left?;
        let recent = |observed: Timestamp| left.at - observed <= limits.action_for_expiry;
        left.observed.is_none_or(recent).then_some(Exit {
            at: left.at,
            expired: left.expired,
            unsubscribed: left.unsubscribed,
        })
    }

    /// Whether it was restored from a copy since a moment.
    pub fn restored_since(&self, moment: Option<Timestamp>) -> bool {
        self.restored > moment
    }

    /// When it was last tracked again after a removal.
    pub const fn tracked(&self) -> Option<Timestamp> {
        self.tracked
    }

    /// How often a fact that changes are decided on has moved: what moved and what was said within one moment is told apart by it.
    pub const fn moves(&self) -> u64 {
        self.moves
    }

    /// When somebody first moved such a fact after a moment, which is that of the latest expiry or of the latest word on it.
    pub fn answered_after(&self, bound: Timestamp) -> Option<Timestamp> {
        let after = |at: &Timestamp| *at > bound;
        self.answered
            .filter(after)
            .or_else(|| self.moved.filter(after))
    }

    /// Whether its change has told, since a moment, that it waits after the expiry, and that it is presumed deleted.
    pub fn told_since(&self, moment: Timestamp) -> [bool; 2] {
        [self.waiting, self.presumed].map(|told| told.is_some_and(|told| told >= moment))
    }

    /// Takes what has happened; `reminded` is the expiry that people are reminded of and the latest word on it, whichever is
    /// later.
    pub(in crate::domain) fn take(&mut self, event: &Event, reminded: Option<Timestamp>) {
        self.pass(event.at);
        match &event.kind {
            EventKind::Tracked => self.tracked = self.tracked.max(Some(event.at)),
            EventKind::Waiting => self.waiting = Some(event.at),
            EventKind::PresumedDeleted => self.presumed = Some(event.at),
            EventKind::Moved { fact, to, .. } => {
                self.take_move(*fact, to);
                if fact.weight() == MoveEffect::Decides {
                    self.take_decided(event, reminded);
                }
            }
            EventKind::Attested { facts } if facts.contains(&FactKind::Action) => {
                self.observed = Some(event.at);
            }
            EventKind::StepDone { step, .. } => match step {
                Step::SetAction => self.observed = Some(event.at),
                Step::Unsubscribe => self.leave(event.at, event.change, None),
                Step::AwaitExpiry => self.leave(self.expires.unwrap_or(event.at), None, None),
                Step::Upgrade | Step::RecordExpiry | Step::ChooseAction | Step::VerifyStandard => {}
            },
            EventKind::Restored { .. } => self.restored = Some(event.at),
            EventKind::StepTakenBack {
                step: Step::Unsubscribe | Step::AwaitExpiry,
                ..
            } => self.left = None,
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
            | EventKind::GlassBroken { .. }
            | EventKind::Unapproved { .. }
            | EventKind::PermitShown { .. }
            | EventKind::PermitLapsed { .. }
            | EventKind::PermitWithdrawn { .. }
            | EventKind::StepTakenBack { .. }
            | EventKind::Done { .. }
            | EventKind::Failed { .. }
            | EventKind::Cancelled { .. }
            | EventKind::Rejected { .. }
            | EventKind::Reopened { .. } => {}
        }
    }

    /// An expiry that lies behind, with a look that was valid then, is an exit.
    fn pass(&mut self, until: Timestamp) {
        let (Some(expired), Some(observed)) = (self.expires, self.observed) else {
            return;
        };
        let better = self.left.is_none_or(|left| {
            left.observed
                .is_some_and(|before| left.at - before > expired - observed)
        });
        if better && self.downgrade && observed <= expired && expired <= until {
            self.leave(expired, None, Some(observed));
        }
    }

    const fn leave(
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

    fn take_decided(&mut self, event: &Event, reminded: Option<Timestamp>) {
        self.moves = self.moves.saturating_add(1);
        if event.by.is_none() {
            return;
        }
        self.moved = self.moved.max(Some(event.at));
        let Some(bound) = reminded else { return };
        self.answered = self
            .answered
            .filter(|at| *at > bound)
            .or((event.at > bound).then_some(event.at));
    }

    fn take_move(&mut self, fact: FactKind, to: &FactValue) {
        if fact == FactKind::Edition {
            self.standard = *to == FactValue::Edition(Edition::Standard);
            // A new subscription, or the old one after all.
            if *to == FactValue::Edition(Edition::Platinum) {
                self.left = None;
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

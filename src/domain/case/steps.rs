//! The next step and the completed steps of a change.

use super::Case;
use crate::Timestamp;
use crate::change::{Change, ChangeKind, Route, Step};
use crate::fact::Source;
use crate::instance::{ActionView, PostExpirationAction};
use crate::rules::{RuleId, Verdict};
use crate::team::Limits;

impl Case {
    /// The next step of the open change; `None` when none is open.
    ///
    /// The case must have been advanced to `now`.
    pub fn next_step(&self, limits: &Limits, now: Timestamp) -> Option<Step> {
        let change = self.open_change()?;
        match change.kind {
            ChangeKind::Upgrade => Some(if change.record(Step::Upgrade).is_none() {
                Step::Upgrade
            } else if self.instance.expires.value().is_none() {
                Step::RecordExpiry
            } else {
                Step::ChooseAction
            }),
            ChangeKind::Downgrade(_) if change.exit_confirmed() => Some(Step::VerifyStandard),
            ChangeKind::Downgrade(route) => {
                Some(self.next_towards_exit(change, route, limits, now))
            }
        }
    }

    fn next_towards_exit(
        &self,
        change: &Change,
        route: Route,
        limits: &Limits,
        now: Timestamp,
    ) -> Step {
        let exit = match route {
            Route::Unsubscribe => Step::Unsubscribe,
            Route::Expiry => Step::AwaitExpiry,
        };
        // Ageing never withdraws an outstanding permit.
        if change.permit_out(exit).is_some()
            || self.action_is_set(route, limits, now)
            || self.waits_on_an_old_look(limits, now)
        {
            exit
        } else {
            Step::SetAction
        }
    }

    /// Whether `set-action` is complete on this route: Downgrade is known and within its maximum age.
    pub fn action_is_set(&self, route: Route, limits: &Limits, now: Timestamp) -> bool {
        let view = self
            .instance
            .action_view(route.action_limit(limits), limits, now);
        // An action dated ahead of the clock counts from its date.
        let ahead = self.instance.action_is_ahead(now);
        !ahead && view == ActionView::Known(PostExpirationAction::Downgrade)
    }

    /// Whether a change waits for an expiry that is still to come, and Downgrade was seen too long ago: it is looked at again, and
    /// not set again. The rules allow nothing before that.
    pub fn waits_on_an_old_look(&self, limits: &Limits, now: Timestamp) -> bool {
        let waits = |change: &Change| {
            change.kind == ChangeKind::Downgrade(Route::Expiry) && !change.exit_confirmed()
        };
        let limit = limits.action_for_expiry;
        let view = self.instance.action_view(limit, limits, now);
        self.open_change().is_some_and(waits)
            && view == ActionView::Stale(PostExpirationAction::Downgrade)
            && !self.instance.action_is_ahead(now)
            && self.instance.expired_at(now).is_none()
    }

    /// Whether that look is all that a verdict lacks.
    pub fn lacks_only_a_look(&self, verdict: &Verdict, limits: &Limits, now: Timestamp) -> bool {
        let mut deciding = verdict.deciding();
        self.waits_on_an_old_look(limits, now)
            && deciding.all(|finding| finding.rule == RuleId::ActionKnown)
    }

    /// Whether a step of the change counts as done at `now`.
    pub fn step_is_done(&self, step: Step, limits: &Limits, now: Timestamp) -> bool {
        let Some(change) = &self.change else {
            return false;
        };
        if step == Step::SetAction {
            let set = change
                .kind
                .route()
                .is_some_and(|route| self.action_is_set(route, limits, now));
            return change.exit_confirmed() || change.record(Step::VerifyStandard).is_some() || set;
        }
        change.record(step).is_some()
    }

    /// Whether `verify-standard` was said by one person and is not done: nothing known leads to Standard, so a second one must say
    /// it.
    pub fn step_is_disputed(&self, step: Step) -> bool {
        step == Step::VerifyStandard
            && self.instance.edition.is_contradictory()
            && self
                .open_change()
                .is_some_and(|change| change.record(step).is_none())
    }

    /// Whether the action was attested since the upgrade.
    pub(super) fn action_is_chosen(&self) -> bool {
        self.instance
            .action
            .known()
            .is_some_and(|known| known.source == Source::Attested)
    }
}

//! Opening a change.

use super::{Case, Moment, PermitShown, Refusal};
use crate::change::{Acknowledgement, Change, ChangeKind, Route, Step};
use crate::event::EventKind;
use crate::judge::judge;
use crate::rules::{Intent, RuleId, Severity, Terms, Verdict};

/// The input for opening a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    pub kind: ChangeKind,
    /// The number for the new change.
    pub number: u64,
    /// Whether rule `fits-standard` is acknowledged with the command.
    pub acknowledged: bool,
}

impl Case {
    /// Opens a change, if the documented rules allow it and none is open.
    ///
    /// # Errors
    /// The verdict that forbids it, or the change that is open.
    pub fn open(&mut self, opening: &Opening, moment: &Moment<'_>) -> Result<Verdict, Refusal> {
        self.require_idle(moment)?;
        let intent = match opening.kind {
            ChangeKind::Upgrade => Intent::Upgrade,
            ChangeKind::Downgrade(route) => Intent::Downgrade(Some(route)),
        };
        let verdict = self.judge_acknowledged(intent, opening.acknowledged, moment);
        if !verdict.allows() {
            return Err(Refusal::Rules {
                intent,
                verdict,
                first: None,
                may_open: false,
            });
        }
        self.begin(opening, moment);
        Ok(verdict)
    }

    /// Opens a downgrade by unsubscribing and gives its permit, if Downgrade is known already.
    ///
    /// # Errors
    /// The verdict that forbids unsubscribing now. Then nothing is opened.
    pub fn open_and_unsubscribe(
        &mut self,
        opening: &Opening,
        moment: &Moment<'_>,
    ) -> Result<PermitShown, Refusal> {
        self.require_idle(moment)?;
        let verdict = self.judge_acknowledged(Intent::Unsubscribe, opening.acknowledged, moment);
        if !verdict.allows() {
            // Only an acknowledgement or a new observation is missing; every other case begins with opening the downgrade.
            let route = Intent::Downgrade(Some(Route::Unsubscribe));
            let may_open = self
                .judge_acknowledged(route, opening.acknowledged, moment)
                .allows();
            return Err(Refusal::Rules {
                intent: Intent::Unsubscribe,
                verdict,
                first: None,
                may_open,
            });
        }
        self.begin(opening, moment);
        self.ask_permit(Step::Unsubscribe, moment)
    }

    /// Records why the open change was opened.
    pub fn give_reason(&mut self, reason: &str) {
        if let Some(change) = self.open_change_mut() {
            change.reason = Some(reason.to_owned());
        }
    }

    fn require_idle(&mut self, moment: &Moment<'_>) -> Result<(), Refusal> {
        if !self.instance.is_tracked() {
            return Err(Refusal::NotTracked);
        }
        self.advance(moment.policy, moment.now);
        match self.open_change() {
            Some(change) => Err(Refusal::OpenChange {
                number: change.number,
                kind: change.kind,
            }),
            None => Ok(()),
        }
    }

    fn begin(&mut self, opening: &Opening, moment: &Moment<'_>) {
        let Moment { by, now, .. } = *moment;
        let limits = moment.limits();
        self.instance.ended_by_standard = None;
        self.change = Some(Change::open(
            opening.number,
            opening.kind,
            &self.instance,
            by,
            now,
        ));
        let kind = match opening.kind {
            ChangeKind::Upgrade => EventKind::UpgradeOpened,
            ChangeKind::Downgrade(route) => EventKind::DowngradeOpened { route },
        };
        self.record_event(now, Some(by), kind);
        if opening.acknowledged {
            self.acknowledge(moment);
        }
        // Opened after expiry with Downgrade known: only verification is left.
        if matches!(opening.kind, ChangeKind::Downgrade(Route::Expiry)) {
            self.complete_await_expiry(None, limits, now);
        }
        self.ask_when_next(Some(moment.by), moment.policy, moment.now);
    }

    /// Judges as if rule `fits-standard` were acknowledged for the current size.
    pub fn judge_acknowledged(
        &self,
        intent: Intent,
        acknowledged: bool,
        moment: &Moment<'_>,
    ) -> Verdict {
        let (now, limits) = (moment.now, moment.limits());
        if !acknowledged {
            return self.judge(intent, limits, now);
        }
        let terms = Terms {
            limits,
            acknowledged_tps: Some(u32::MAX),
            unsubscribed: self.open_change().is_some_and(Change::is_unsubscribed),
        };
        judge(&self.instance, intent, &terms, now)
    }

    /// Accepts the size of the open downgrade. Returns whether there was a size to accept; none is no error.
    pub fn acknowledge(&mut self, moment: &Moment<'_>) -> bool {
        if !self.exit_is_ahead() {
            return false;
        }
        let verdict = self.judge(Intent::Downgrade(None), moment.limits(), moment.now);
        let asks = |rule: &crate::rules::Finding| {
            rule.rule == RuleId::FitsStandard && rule.severity == Severity::BlocksUntilAcknowledged
        };
        let largest = self.instance.largest_tps();
        let Some(max_tps) = largest.filter(|_| verdict.findings.iter().any(asks)) else {
            return false;
        };
        let given = Acknowledgement {
            max_tps,
            by: moment.by.clone(),
            at: moment.now,
        };
        if let Some(change) = self.open_change_mut() {
            change.acknowledgement = Some(given);
        }
        self.record_act(moment, EventKind::Acknowledged { max_tps });
        self.void_request(moment);
        true
    }
}

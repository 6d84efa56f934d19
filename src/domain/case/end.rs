//! Ends short of the target: failed, cancelled, deleted at the vendor, no longer tracked.

use super::{Case, Moment, Refusal};
use crate::Timestamp;
use crate::change::{Failure, Status, Step};
use crate::event::{EventKind, Withdrawal};
use crate::fact::Gap;
use crate::instance::{Announced, Ended, InDoubt, Observation, Tracking};

impl Case {
    /// Ends the change as failed. If an irreversible step may have happened, the edition becomes unknown, and so
    /// does the action, unless it was last seen to be Delete.
    ///
    /// # Errors
    /// When the change is not open.
    pub fn fail(&mut self, reason: &str, moment: &Moment<'_>) -> Result<(), Refusal> {
        let reason = reason.to_owned();
        let status = Status::Failed(Failure::Said(reason.clone()));
        self.stop(status, EventKind::Failed { reason }, moment)
    }

    /// Cancels the change. If an irreversible step may have happened, the edition becomes unknown, and so
    /// does the action, unless it was last seen to be Delete.
    ///
    /// # Errors
    /// When the change is not open.
    pub fn cancel(&mut self, reason: &str, moment: &Moment<'_>) -> Result<(), Refusal> {
        let reason = reason.to_owned();
        let status = Status::Cancelled(reason.clone());
        self.stop(status, EventKind::Cancelled { reason }, moment)
    }

    pub(super) fn stop(
        &mut self,
        status: Status,
        kind: EventKind,
        moment: &Moment<'_>,
    ) -> Result<(), Refusal> {
        self.advance(moment.policy, moment.now);
        let change = self.change.as_ref().ok_or(Refusal::NotTracked)?;
        if !change.is_open() {
            let as_asked = matches!(
                (&status, &change.status),
                (Status::Failed(_), Status::Failed(_))
                    | (Status::Cancelled(_), Status::Cancelled(_))
                    | (Status::Rejected(_), Status::Rejected(_))
            );
            return Err(Refusal::Finished {
                status: change.status.clone(),
                as_asked,
            });
        }
        self.withdraw_permit(Withdrawal::ChangeEnded, Some(moment.by), moment.now);
        let before = self.instance.clone();
        self.doubt_facts(moment.now);
        self.doubt_unreported(moment.now);
        self.end(status, kind, Some(moment.by), moment.now);
        self.react(&before, moment, true);
        Ok(())
    }

    /// Makes the edition unknown when an irreversible step may have happened, and the action, unless it was last seen to be Delete.
    pub(super) fn doubt_facts(&mut self, now: Timestamp) {
        let doubtful = self
            .open_change()
            .is_some_and(|change| change.outcome_unknown.is_some() || change.is_unsubscribed());
        if doubtful {
            self.instance.forget_edition(Gap::OutcomeUnknown, now);
            self.instance.doubt_action(Gap::OutcomeUnknown, now);
        }
    }

    /// A change that ends without word on an irreversible step leaves the question open.
    fn doubt_unreported(&mut self, now: Timestamp) {
        let Some(change) = self.open_change() else {
            return;
        };
        // A withdrawn permit is asked about already.
        let asked = |step| {
            let doubt = self.instance.in_doubt.as_ref();
            doubt.is_some_and(|doubt| doubt.step == step)
        };
        let lapsed = change.outcome_unknown.map(|unknown| unknown.step);
        let confirmed = change.record(Step::Unsubscribe);
        let Some(step) = lapsed.or(confirmed.map(|record| record.step)) else {
            return;
        };
        let permit = change.permit.as_ref().filter(|permit| permit.step == step);
        let said_by = confirmed.and_then(|record| record.by.as_ref());
        let holder = said_by.or(permit.map(|permit| &permit.holder));
        let holder = change.in_charge(holder.unwrap_or(&change.opened_by));
        let doubt = InDoubt {
            change: change.number,
            step,
            holder: holder.clone(),
            withdrawn: false,
            confirmed: confirmed.is_some(),
            since: confirmed.map_or(now, |record| record.at),
        };
        if !asked(step) {
            self.instance.in_doubt = Some(doubt);
        }
    }

    /// Records that the instance was deleted at the vendor: its change fails, its record stays as evidence. Said again, it settles
    /// that a listing has it, that somebody saw it, or that a notice announces its expiry.
    ///
    /// # Errors
    /// When it is not tracked, and nothing speaks against its loss since.
    pub fn lose(&mut self, reason: &str, moment: &Moment<'_>) -> Result<(), Refusal> {
        if self.instance.is_lost_in_doubt() {
            self.instance.listed_since_lost = None;
            self.instance.seen_since_lost = None;
            self.instance.tracking = Tracking::Lost(ended(reason, moment));
            let reason = reason.to_owned();
            self.record_act(moment, EventKind::Lost { reason });
            return Ok(());
        }
        if !self.instance.is_tracked() {
            return Err(Refusal::NotTracked);
        }
        self.advance(moment.policy, moment.now);
        self.withdraw_permit(Withdrawal::ChangeEnded, Some(moment.by), moment.now);
        self.instance.tracking = Tracking::Lost(ended(reason, moment));
        let reason = reason.to_owned();
        let status = Status::Failed(Failure::Lost(reason.clone()));
        let failed = EventKind::Failed {
            reason: reason.clone(),
        };
        self.end(status, failed, Some(moment.by), moment.now);
        self.record_act(moment, EventKind::Lost { reason });
        Ok(())
    }

    /// Records that a listing has the instance, which was recorded as deleted before that was read: nothing but a person settles
    /// that. Returns whether it is new.
    pub fn listed_although_lost(
        &mut self,
        listed_at: Timestamp,
        expires: Option<Timestamp>,
        moment: &Moment<'_>,
    ) -> bool {
        let Tracking::Lost(lost) = &self.instance.tracking else {
            return false;
        };
        if listed_at <= lost.at {
            return false;
        }
        let announced = expires.map(|expires| Announced {
            expires,
            at: moment.now,
            notice: None,
            by_release: false,
        });
        let is_another = announced.is_some_and(|announced| self.instance.announce(announced));
        if self.instance.listed_since_lost.is_some() {
            return is_another;
        }
        self.instance.listed_since_lost = Some(moment.now);
        let there = Some("there, although recorded as deleted".to_owned());
        let kind = EventKind::described("state in the listing", None, there);
        self.record_act(moment, kind);
        true
    }

    /// Records that somebody saw the instance, which is recorded as deleted: nothing but a person settles which of the two is right.
    /// Returns whether it is new.
    pub fn seen_although_lost(&mut self, moment: &Moment<'_>) -> bool {
        let is_lost = matches!(self.instance.tracking, Tracking::Lost(_));
        if !is_lost || self.instance.seen_since_lost.is_some() {
            return false;
        }
        self.instance.seen_since_lost = Some(Observation {
            by: moment.by.clone(),
            at: moment.now,
        });
        let there = Some("there, although recorded as deleted".to_owned());
        let kind = EventKind::described("state in the console", None, there);
        self.record_act(moment, kind);
        true
    }

    /// Records that no listing that counts has it any more, which was recorded as deleted: a complete one read since lacks it, or
    /// the file that had it was undone.
    pub fn not_listed(&mut self, moment: &Moment<'_>) {
        if self.instance.listed_since_lost.take().is_some() {
            let there = Some("not there, as recorded".to_owned());
            let kind = EventKind::described("state in the listing", None, there);
            self.record_act(moment, kind);
        }
    }

    /// Stops tracking the instance.
    ///
    /// # Errors
    /// While a change is open, or when it is not tracked.
    pub fn remove(&mut self, reason: &str, moment: &Moment<'_>) -> Result<(), Refusal> {
        if matches!(self.instance.tracking, Tracking::Removed(_)) {
            return Err(Refusal::NotTracked);
        }
        self.advance(moment.policy, moment.now);
        if let Some(change) = self.open_change() {
            return Err(Refusal::OpenChange {
                number: change.number,
                kind: change.kind,
            });
        }
        self.instance.tracking = Tracking::Removed(ended(reason, moment));
        self.instance.listed_since_lost = None;
        self.instance.seen_since_lost = None;
        let reason = reason.to_owned();
        self.record_act(moment, EventKind::Removed { reason });
        Ok(())
    }
}

fn ended(reason: &str, moment: &Moment<'_>) -> Ended {
    Ended {
        at: moment.now,
        by: moment.by.clone(),
        reason: reason.to_owned(),
    }
}

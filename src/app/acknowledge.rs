//! Answers to reminders: acknowledgement, snooze and the plan of reminders.

use super::RequestContext;
use super::remind::{Outlook, outlook};
use super::resolve::{self, Naming};
use super::unit_of_work::UnitOfWork;
use crate::answer::{Answer, AnswerResult, Fatal, Reminded, Reply, Snoozed, UserError};
use crate::command::{AckTarget, InstanceRef, When, args};
use crate::domain::Timestamp;
use crate::domain::authority::{Permission, needed};
use crate::domain::concern::{Concern, lacks_to_acknowledge};
use crate::domain::outcome::Outcome;
use crate::domain::reminder::{
    Acked, Attention, Level, Planned, ReminderRow, Snooze, Topic, decide,
};
use crate::store::{Fate, Tx};

impl RequestContext<'_> {
    async fn outlook(
        &self,
        tx: &mut Tx,
        named: &InstanceRef,
        naming: Naming,
    ) -> Result<Outlook, Fatal> {
        let mut case = resolve::instance(tx, named, naming).await?;
        Ok(outlook(self.settings, tx, &mut case, self.now).await?)
    }

    fn about(&self, outcome: Outcome, outlook: &Outlook, answer: Answer) -> Reply {
        let change = outlook.case.open_number();
        Reply::new(outcome, self.now, answer).about(change)
    }

    /// The refusal to act on a reminder of an expiry that is not the current one: a late click must not silence a later reminder.
    fn past(&self, outlook: &Outlook, about: Option<When>) -> Result<Option<Reply>, Fatal> {
        let Some(about) = about else {
            return Ok(None);
        };
        let about = self.resolve_when(about)?;
        if outlook.of == Some(about) {
            return Ok(None);
        }
        let answer = Answer::ReminderPast {
            case: Box::new(outlook.case.clone()),
            about,
            of: outlook.of,
        };
        Ok(Some(self.about(Outcome::Info, outlook, answer)))
    }

    /// Ends the mentions and cancels a snooze.
    pub(super) async fn ack(
        &self,
        work: &mut UnitOfWork,
        instance: &InstanceRef,
        about: Option<When>,
    ) -> AnswerResult {
        let outlook = match self.outlook(&mut work.tx, instance, Naming::Exact).await {
            Err(Fatal::User(UserError::NoSuchInstance { .. }))
                if AckTarget::is_notice(instance) =>
            {
                return Err(UserError::WhichNotice.into());
            }
            outlook => outlook?,
        };
        if let Some(past) = self.past(&outlook, about)? {
            return Ok(past);
        }
        let case = Box::new(outlook.case.clone());
        if outlook.plan.is_empty() && outlook.concerns.is_empty() {
            let answer = Answer::NothingToRemind { case };
            return Ok(self.about(Outcome::Info, &outlook, answer));
        }
        let may = |permission| self.actor.may(permission);
        if let Some(permission) = lacks_to_acknowledge(&outlook.concerns, may) {
            let answer = Answer::Denied {
                permission: Permission::Ack,
                missing: needed(permission).to_vec(),
                held: self.actor.roles.clone(),
                of: None,
            };
            return Ok(self.about(Outcome::Denied, &outlook, answer));
        }
        let of = outlook.key();
        let situation = outlook.situation(self.settings);
        let holds = self.acked(&outlook);
        let outcome = match (&holds, &outlook.attention.snooze) {
            (Some(_), None) => Outcome::AlreadyDone,
            (Some(_) | None, _) => Outcome::Done,
        };
        let acked = holds.unwrap_or_else(|| Acked {
            by: self.actor.person.clone(),
            at: self.now,
            seen: situation.seen(self.now),
        });
        let attention = Attention {
            acked: Some(acked.clone()),
            snooze: None,
        };
        if outcome == Outcome::Done {
            work.tx
                .set_attention(&case.instance.id, of, &attention)
                .await?;
        }
        let answer = Answer::Acked {
            case,
            until: outlook.situation(self.settings).known_until(&acked),
            acked,
            is_new: outcome == Outcome::Done,
            next: next(&outlook, self.now),
            notices: outlook
                .concerns
                .iter()
                .filter_map(|it| it.way.notice())
                .collect(),
        };
        Ok(self.about(outcome, &outlook, answer))
    }

    /// Repeats the reminder last shown, never later than the next planned one.
    pub(super) async fn snooze(
        &self,
        work: &mut UnitOfWork,
        snooze: &args::SnoozeArgs,
    ) -> AnswerResult {
        let outlook = self
            .outlook(&mut work.tx, &snooze.instance, Naming::Exact)
            .await?;
        if let Some(past) = self.past(&outlook, snooze.about)? {
            return Ok(past);
        }
        let next = next(&outlook, self.now);
        let (snoozed, outcome) = match (outlook.of, last_shown(&outlook)) {
            (Some(of), Some(_)) if ignores_snooze(&outlook, self, of) => {
                (Snoozed::Never { next }, Outcome::Info)
            }
            (Some(of), Some(level)) => {
                let asked = self.now + snooze.span.0;
                let until = next.map_or(asked, |next| next.min(asked));
                let attention = Attention {
                    acked: outlook.attention.acked.clone(),
                    snooze: Some(Snooze {
                        by: self.actor.person.clone(),
                        until,
                        level,
                    }),
                };
                work.tx
                    .set_attention(&outlook.case.instance.id, of, &attention)
                    .await?;
                let capped = until < asked;
                (Snoozed::Until { until, capped }, Outcome::Done)
            }
            (None, _) | (_, None) => (Snoozed::NothingShown { next }, Outcome::Info),
        };
        let case = Box::new(outlook.case.clone());
        let answer = Answer::Snoozed { case, snoozed };
        Ok(self.about(outcome, &outlook, answer))
    }

    /// The planned reminders, and the outcome of the past ones.
    pub(super) async fn reminders(&self, tx: &mut Tx, instance: &InstanceRef) -> AnswerResult {
        let outlook = self.outlook(tx, instance, Naming::Beginning).await?;
        let settled = settled(&outlook);
        let done = outlook.done();
        let open = |planned: &&Planned| !done.contains(&planned.point);
        let case = Box::new(outlook.case.clone());
        let answer = Answer::Reminders {
            case,
            settled,
            planned: outlook.plan.iter().filter(open).copied().collect(),
            attention: Attention {
                acked: self.acked(&outlook),
                snooze: outlook.attention.snooze.clone(),
            },
            open: outlook.concerns.clone(),
        };
        Ok(self.about(Outcome::Info, &outlook, answer))
    }

    /// The acknowledgement, if it still holds for all that is open.
    fn acked(&self, outlook: &Outlook) -> Option<Acked> {
        let situation = outlook.situation(self.settings);
        // A concern that opened or ended after the acknowledgement voids it.
        let newest = outlook.concerns.iter().map(Concern::opens_at).max();
        let acked = situation.known_by(self.now);
        acked
            .filter(|acked| newest.is_none_or(|newest| newest <= acked.at))
            .cloned()
    }
}

fn settled(outlook: &Outlook) -> Vec<Reminded> {
    let reminded = outlook.settled.iter().map(|settled| Reminded {
        level: settled.point.level,
        due: settled.due,
        skipped: match settled.fate {
            Fate::Posted => None,
            Fate::Skipped(why) => Some(why),
        },
        sent: settled.sent,
    });
    let mut reminded: Vec<Reminded> = reminded.collect();
    reminded.sort_by_key(|reminded| (reminded.due, reminded.level));
    reminded
}

/// The next planned reminder.
fn next(outlook: &Outlook, now: Timestamp) -> Option<Timestamp> {
    let reminds = |planned: &&Planned| planned.point.level.topic != Topic::Attest;
    let plan: Vec<Planned> = outlook.plan.iter().filter(reminds).copied().collect();
    decide(&plan, &outlook.done(), now).next
}

fn last_shown(outlook: &Outlook) -> Option<Level> {
    let shown = outlook.settled.iter().filter(|settled| {
        settled.fate == Fate::Posted && settled.point.level.topic != Topic::Attest
    });
    shown
        .max_by_key(|settled| (settled.at, settled.point.level))
        .map(|settled| settled.point.level)
}

/// A snooze has no effect once the instance has expired and may be deleted.
fn ignores_snooze(outlook: &Outlook, context: &RequestContext<'_>, of: Timestamp) -> bool {
    let row = outlook.situation(context.settings).row(context.now);
    outlook.case.instance.may_be_expired(context.now)
        && of <= context.now
        && matches!(row, ReminderRow::AtRisk | ReminderRow::Renews)
}

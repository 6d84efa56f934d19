//! Queries, which write nothing.

use super::RequestContext;
use super::remind::name_claimants;
use super::resolve::{self, Naming};
use super::wording::{self, ReadBefore};
use crate::answer::{Answer, AnswerResult, Fatal, Raised, Reply};
use crate::command::{ChangeRef, CheckIntent, InstanceRef, TargetRef, args};
use crate::domain::case::{Case, Refusal};
use crate::domain::change::Step;
use crate::domain::instance::{Edition, InstanceOrder};
use crate::domain::notice::{Notice, NoticeKind, Reading, judge_notice};
use crate::domain::outcome::Outcome;
use crate::domain::rules::Intent;
use crate::store::{InstanceFilter, Page, PageRange, StoreResult, Tx};

/// The most events in a view.
const HISTORY: u32 = 50;

impl RequestContext<'_> {
    pub(super) async fn check(&self, tx: &mut Tx, check: &args::Check) -> AnswerResult {
        let mut case = resolve::instance(tx, &check.instance, Naming::Beginning).await?;
        case.advance(self.policy(), self.now);
        if !case.instance.is_tracked() {
            return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
        }
        let intent = match check.intent {
            CheckIntent::Upgrade => Intent::Upgrade,
            CheckIntent::Downgrade => Intent::Downgrade(None),
            CheckIntent::Unsubscribe => Intent::Unsubscribe,
            CheckIntent::Expiry => Intent::Expiry,
        };
        let verdict = case.judge_acknowledged(intent, check.ack.ack.is_some(), &self.moment());
        let change = case.open_number();
        let lacking =
            (intent.step()).and_then(|step| case.would_lack(step, self.policy(), self.now));
        let reply = Answer::Judged {
            case: Box::new(case),
            intent,
            verdict: verdict.clone(),
            lacking: lacking.map(Box::new),
        };
        Ok(Reply::new(verdict.outcome, self.now, reply)
            .decided_by(&verdict)
            .about(change))
    }

    pub(super) async fn why(&self, tx: &mut Tx, target: &TargetRef) -> AnswerResult {
        let mut case = resolve::target(tx, target, Naming::Beginning).await?;
        if !case.instance.is_tracked() {
            return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
        }
        case.advance(self.policy(), self.now);
        let upgrade = Intent::Upgrade;
        let exits = [
            Intent::Downgrade(None),
            Intent::SetAction,
            Intent::Unsubscribe,
            Intent::Expiry,
        ];
        let next = case.next_step(self.limits(), self.now);
        // Of a change, what its next step rests on; the rest is asked of the instance.
        let step = next.filter(|step| names_change(target, &case) && judged_as(*step).is_some());
        let intents = match case.instance.edition.value() {
            _ if step.is_some() => step.and_then(judged_as).into_iter().collect(),
            Some(Edition::Standard) => vec![upgrade],
            Some(Edition::Platinum) => exits.to_vec(),
            None => std::iter::once(upgrade).chain(exits).collect(),
        };
        let judged = |intent| (intent, case.judge(intent, self.limits(), self.now));
        let verdicts = intents.into_iter().map(judged).collect();
        let change = case.number();
        let exit = case.instance.past.exit(self.limits(), self.now);
        let raised = match names_change(target, &case) {
            true => None,
            false => self.last_raised(tx, &case).await?,
        };
        // Of the last one only: a look-up of its own would cost every reader.
        let calls_gone = |raised: &Raised| {
            let is_gone = raised.filed.read.kind == NoticeKind::Gone;
            is_gone.then_some(raised.filed.received)
        };
        let notice = Notice {
            kind: NoticeKind::Release,
            reading: Reading::Clear,
            instance: Some(&case.instance),
            release: exit
                .and_then(|exit| exit.expired)
                .or(case.instance.expires.value().copied()),
            expiry: None,
            received: self.now,
            exit,
            called_gone: raised.as_ref().and_then(calls_gone),
        };
        let notice = judge_notice(&notice, self.limits(), self.now);
        let lacking = next.and_then(|step| case.would_lack(step, self.policy(), self.now));
        Ok(self
            .info(Answer::Why {
                case: Box::new(case),
                verdicts,
                notice,
                step,
                next,
                lacking: lacking.map(Box::new),
                raised: raised.map(Box::new),
            })
            .about(change))
    }

    /// The latest raised notice of an instance.
    async fn last_raised(&self, tx: &mut Tx, case: &Case) -> StoreResult<Option<Raised>> {
        let Some(number) = tx.raised_before(&case.instance.id, None, 1).await?.pop() else {
            return Ok(None);
        };
        let Some(mut filed) = tx.notice(number).await? else {
            return Ok(None);
        };
        let known = std::slice::from_ref(&case.instance);
        let before = &mut ReadBefore::default();
        let left = wording::explain(self.settings, tx, &mut filed, known, before).await?;
        Ok(Some(Raised { filed, left }))
    }

    pub(super) async fn show_instance(&self, tx: &mut Tx, instance: &InstanceRef) -> AnswerResult {
        let mut case = resolve::instance(tx, instance, Naming::Beginning).await?;
        let mut history = tx.instance_history(&case.instance.id, HISTORY).await?;
        case.advance(self.policy(), self.now);
        name_claimants(tx, &mut case.instance).await?;
        history.extend(case.events.iter().cloned());
        let change = case.open_number();
        Ok(self
            .info(Answer::Instance {
                case: Box::new(case),
                history,
            })
            .about(change))
    }

    pub(super) async fn list_instances(
        &self,
        tx: &mut Tx,
        list: &args::ListInstances,
    ) -> AnswerResult {
        let filter = InstanceFilter {
            edition: list.edition,
            expiring_before: list.expiring.map(|span| self.now + span.0),
            actions: list.action.clone(),
            team: list.team.clone(),
            // Instances that expire soon are sorted by expiry.
            order: list.sort.unwrap_or(match list.expiring {
                Some(_) => InstanceOrder::Expires,
                None => InstanceOrder::Name,
            }),
        };
        let filtered = !filter.is_empty();
        let part = self.settings.page(list.page);
        let mut page = tx.list_instances(&filter, part).await?;
        let total = match (page.total(part), filtered) {
            // Lost instances are listed too, after the tracked ones.
            (Some(_), false) if page.page == 1 => {
                let tracked = page.rows.iter().filter(|case| case.instance.is_tracked());
                u64::try_from(tracked.count()).ok()
            }
            (_, false) => Some(tx.totals().await?.instances),
            (None, true) => Some(tx.count_instances(&filter).await?),
            (total, true) => total,
        };
        for case in &mut page.rows {
            case.advance(self.policy(), self.now);
        }
        self.require_team(tx, list.team.as_ref(), page.rows.is_empty())
            .await?;
        let unknown_team = self.unknown_team(list.team.as_ref());
        Ok(self.info(Answer::Instances {
            page,
            filtered,
            total,
            unknown_team,
        }))
    }

    pub(super) async fn list_changes(&self, tx: &mut Tx, list: &args::Changes) -> AnswerResult {
        let page = if list.stuck {
            self.stuck_changes(tx, list).await?
        } else {
            self.changes(tx, list, self.settings.page(list.page))
                .await?
        };
        self.require_team(tx, list.team.as_ref(), page.rows.is_empty())
            .await?;
        Ok(self.info(Answer::Changes {
            page,
            list: list.clone(),
            unknown_team: self.unknown_team(list.team.as_ref()),
        }))
    }

    /// A page of the listed changes, stuck or not.
    async fn changes(
        &self,
        tx: &mut Tx,
        list: &args::Changes,
        part: PageRange,
    ) -> Result<Page<(Case, Option<Step>)>, Fatal> {
        let page = tx.list_changes(list.all, list.team.as_ref(), part).await?;
        let Page { rows, page, more } = page;
        let rows = rows
            .into_iter()
            .map(|mut case| {
                case.advance(self.policy(), self.now);
                let next = case.next_step(self.limits(), self.now);
                (case, next)
            })
            // Time may have closed a change since its last write.
            .filter(|(case, _)| list.all || case.open_change().is_some())
            .collect();
        Ok(Page { rows, page, more })
    }

    /// A page of the stuck changes. Only the current time decides which are stuck, so open changes are scanned until the page is
    /// full.
    async fn stuck_changes(
        &self,
        tx: &mut Tx,
        list: &args::Changes,
    ) -> Result<Page<(Case, Option<Step>)>, Fatal> {
        let mut stuck = Vec::new();
        let part = self.settings.page(list.page);
        for at in 1_u32.. {
            let open = self.changes(tx, list, at.into()).await?;
            let rows = open.rows.into_iter();
            stuck.extend(rows.filter(|(case, _)| case.is_stuck(self.now)));
            if !open.more || part.is_filled_by(stuck.len()) {
                break;
            }
        }
        Ok(Page::of(stuck, part))
    }

    pub(super) async fn show_change(&self, tx: &mut Tx, change: ChangeRef) -> AnswerResult {
        let mut case = resolve::change(tx, change).await?;
        let mut history = tx.change_history(change.0, HISTORY).await?;
        case.advance(self.policy(), self.now);
        let new = case.events.iter();
        let new = new.filter(|event| event.change == Some(change.0));
        history.extend(new.cloned());
        let next = case.next_step(self.limits(), self.now);
        let answer = Answer::Change {
            case: Box::new(case),
            next,
            history,
        };
        Ok(Reply::new(Outcome::Info, self.now, answer).about(Some(change.0)))
    }
}

/// Whether a change is meant, and not an instance that is called like its number.
fn names_change(target: &TargetRef, case: &Case) -> bool {
    match target {
        TargetRef::Change(_) => true,
        TargetRef::Digits(ChangeRef(number), _) => {
            case.number() == Some(*number) && case.instance.name.as_str() != number.to_string()
        }
        TargetRef::Instance(_) => false,
    }
}

/// The intent by which a step is judged.
const fn judged_as(step: Step) -> Option<Intent> {
    match step {
        Step::AwaitExpiry => Some(Intent::Expiry),
        step => step.permit_intent(),
    }
}

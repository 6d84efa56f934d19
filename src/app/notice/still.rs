//! `notice N still-there`: the report that an instance called gone still exists.

use crate::answer::{Answer, AnswerResult, Fatal, Reply, UserError};
use crate::app::RequestContext;
use crate::app::unit_of_work::UnitOfWork;
use crate::command::Command;
use crate::domain::authority::Permission;
use crate::domain::case::{Case, Refusal};
use crate::domain::change::Change;
use crate::domain::id::InstanceId;
use crate::domain::instance::{Edition, Instance, Tracking};
use crate::domain::notice::{NoticeKind, NoticeRecord, Settlement};
use crate::domain::outcome::Outcome;
use crate::domain::said::Said;

impl RequestContext<'_> {
    /// Takes the report that an instance called gone still exists. Attests its edition and leaves every other notice as it is.
    pub(in crate::app) async fn still_there(&self, command: &Command, number: u64) -> AnswerResult {
        if !self.actor.may(Permission::Attest) {
            return self.deny(command, Permission::Attest).await;
        }
        let see = |mut work: UnitOfWork| async move {
            let settings = self.settings_in(&mut work.tx).await?;
            let context = self.by(&settings);
            let reply = context.see_still_there(&mut work, number).await?;
            let reply = context.finish(work, command, reply).await?;
            Ok::<_, Fatal>(settings.read_by(reply))
        };
        self.in_turn(see).await
    }

    async fn see_still_there(&self, work: &mut UnitOfWork, number: u64) -> AnswerResult {
        let filed = work.tx.notice(number).await?;
        let mut filed = filed.ok_or(UserError::NoSuchNotice(number))?;
        if filed.read.kind != NoticeKind::Gone {
            return Err(UserError::NotGone(number).into());
        }
        let is_new = filed.is_raised();
        let mut looked = None;
        let cases = work.tx.load_cases(&filed.instances).await?;
        let tracks = cases.iter().any(|case| case.instance.is_tracked());
        // Lost since it came, one of several is answered for itself.
        let is_lost = |case: &&Case| match &case.instance.tracking {
            Tracking::Lost(lost) => lost.at < filed.received && !case.instance.is_back(),
            Tracking::Tracked | Tracking::Removed(_) => false,
        };
        let lost = cases.iter().find(is_lost);
        match (cases.as_slice(), lost.or(cases.first())) {
            ([one], _) if matches!(one.instance.tracking, Tracking::Lost(_)) => {
                return self.see_lost(work, filed, one.clone()).await;
            }
            (_, Some(case)) if is_new && (lost.is_some() || !tracks) => {
                let case = case.clone();
                return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
            }
            _ => {}
        }
        let tracked = cases.into_iter().map(|case| case.instance);
        let tracked: Vec<Instance> = tracked.filter(Instance::is_tracked).collect();
        let (mut seen, mut unseen) = (Vec::new(), Vec::new());
        for instance in &tracked {
            let is_seen = filed.was_looked_at(instance);
            let list = if is_seen { &mut seen } else { &mut unseen };
            list.push(instance.place());
        }
        // Of several instances each is looked at for itself.
        let waits = is_new && filed.calls_several_gone() && !unseen.is_empty();
        if is_new && !waits {
            filed.settle(Settlement::StillThere, Some(&self.actor.person), self.now);
            work.tx.save_notice(&filed).await?;
            if let [one] = tracked.as_slice() {
                looked = self.look_at_edition(work, &one.id).await?;
            }
        }
        let outcome = match waits {
            true => Outcome::Inconclusive,
            false => Outcome::done_if(is_new),
        };
        let answer = Answer::StillThere {
            filed: Box::new(filed),
            looked,
            is_new,
            seen,
            unseen,
            waits,
            lost: None,
        };
        Ok(Reply::new(outcome, self.now, answer))
    }

    /// Records that somebody saw an instance which is recorded as deleted, also where the notice is settled already.
    async fn see_lost(
        &self,
        work: &mut UnitOfWork,
        mut filed: NoticeRecord,
        mut case: Case,
    ) -> AnswerResult {
        let is_raised = filed.is_raised();
        if is_raised {
            filed.settle(Settlement::StillThere, Some(&self.actor.person), self.now);
            work.tx.save_notice(&filed).await?;
        }
        let is_seen = case.seen_although_lost(&self.moment());
        if is_seen {
            work.keep_case(&case).await?;
        }
        let is_new = is_raised || is_seen;
        let answer = Answer::StillThere {
            filed: Box::new(filed),
            looked: None,
            is_new,
            seen: Vec::new(),
            unseen: Vec::new(),
            waits: false,
            lost: Some(Box::new(case.instance)),
        };
        Ok(Reply::new(Outcome::done_if(is_new), self.now, answer))
    }

    /// Attests the known edition of an instance, unless a change of it waits for an attestation of the edition.
    async fn look_at_edition(
        &self,
        work: &mut UnitOfWork,
        id: &InstanceId,
    ) -> Result<Option<Edition>, Fatal> {
        let Some(mut case) = work.tx.load_case(id).await? else {
            return Ok(None);
        };
        let waits = case.open_change().is_some_and(Change::exit_confirmed);
        let edition = case.instance.edition.value().copied();
        let Some(edition) = edition.filter(|_| case.instance.is_tracked() && !waits) else {
            return Ok(None);
        };
        let said = Said {
            edition: Some(Some(edition)),
            ..Said::default()
        };
        case.attest(&said, &self.moment())
            .map_err(|error| UserError::Attest {
                error,
                instance: Box::new(case.instance.clone()),
                with_edition: true,
            })?;
        work.keep_case(&case).await?;
        Ok(Some(edition))
    }
}

//! Approvals, rejections, revocations and the emergency override.

use super::finish::commit;
use super::resolve::{self, Naming};
use super::unit_of_work::UnitOfWork;
use super::{Actor, RequestContext, Warden};
use crate::answer::{Answer, AnswerResult, Fatal, Reply};
use crate::command::{ChangeRef, Command, TargetRef, args};
use crate::domain::approval::{Approval, RequestState};
use crate::domain::audit::AuditEntry;
use crate::domain::case::{Moment, Vote};
use crate::domain::id::{Person, WorkspaceId};
use crate::domain::instance::PostExpirationAction;
use crate::store::StoreResult;

impl RequestContext<'_> {
    pub(super) async fn approve(
        &self,
        work: &mut UnitOfWork,
        approve: &args::Approve,
    ) -> AnswerResult {
        let args::Approve {
            change,
            seen,
            request,
        } = *approve;
        let mut case = resolve::change(&mut work.tx, change).await?;
        // A report of *Delete* counts on any request, even an outdated one.
        let heard = seen == Some(PostExpirationAction::Delete);
        if let Err(refusal) = case.still_asks(request.filter(|_| !heard), &self.moment()) {
            return Ok(Reply::refused(case, refusal, self.now));
        }
        let vote = Vote {
            seen,
            teams: &self.actor.teams,
        };
        let approved = case.approve(&vote, &self.moment());
        let approved = approved.map_err(|refusal| self.with_nobody(refusal));
        let answer = |case, approved| Answer::Approved { case, approved };
        self.keep_or_refuse(work, case, approved, answer).await
    }

    pub(super) async fn reject(
        &self,
        work: &mut UnitOfWork,
        reject: &args::Reject,
    ) -> AnswerResult {
        let mut case = resolve::change(&mut work.tx, reject.change).await?;
        let asked = case.still_asks(reject.request, &self.moment());
        let rejected = asked.and_then(|()| case.reject(reject.reason.as_str(), &self.moment()));
        let answer = |case, ()| Answer::Ended { case };
        self.keep_or_refuse(work, case, rejected, answer).await
    }

    pub(super) async fn revoke(&self, work: &mut UnitOfWork, change: ChangeRef) -> AnswerResult {
        let mut case = resolve::change(&mut work.tx, change).await?;
        let revoked = case.revoke(&self.moment());
        let answer = |case, step| Answer::Revoked { case, step };
        self.keep_or_refuse(work, case, revoked, answer).await
    }

    pub(super) async fn break_glass(
        &self,
        work: &mut UnitOfWork,
        said: &args::BreakGlass,
    ) -> AnswerResult {
        let mut case = resolve::change(&mut work.tx, said.change).await?;
        let (reason, ticket) = (said.reason.as_str(), said.ticket.as_str());
        let broken = case.break_glass(reason, ticket, &self.moment());
        let answer = |case, verdict| Answer::ApprovalsOverridden { case, verdict };
        self.keep_or_refuse(work, case, broken, answer).await
    }
}

impl Warden {
    /// The approvals that a permit would rest on, with the number of their change. `None` if there are none, or if the command
    /// does not name the instance exactly.
    pub async fn approvals_at_stake(
        &self,
        actor: &Actor,
        command: &Command,
    ) -> StoreResult<Option<(u64, Vec<Approval>)>> {
        let target = match command {
            Command::Next(it) => it.target.clone(),
            Command::Unsubscribe(it) => TargetRef::Instance(it.instance.clone()),
            _ => return Ok(None),
        };
        let mut tx = self.store().read(&actor.workspace).await?;
        let case = resolve::target(&mut tx, &target, Naming::Exact).await;
        let case = match case {
            Ok(case) => case,
            Err(Fatal::User(_)) => return Ok(None),
            Err(Fatal::Store(error)) => return Err(error),
        };
        let change = case.open_change();
        let request = change.and_then(|change| change.request.as_ref());
        let open = request.filter(|request| request.state == RequestState::Open);
        let approvals = open.map(|request| request.approvals.clone());
        Ok(case
            .open_number()
            .zip(approvals.filter(|approvals| !approvals.is_empty())))
    }

    /// Voids the approvals of people who have lost the permission to approve. Recorded without a person, as nobody decided it.
    pub async fn drop_approvals(
        &self,
        workspace: &WorkspaceId,
        change: u64,
        gone: &[Person],
    ) -> StoreResult<()> {
        let mut work = UnitOfWork::new(self.store().write(workspace).await?);
        let settings = self.settings_in(&mut work.tx).await?;
        let Some(mut case) = work.tx.load_change_case(change).await? else {
            return Ok(());
        };
        let nobody = Person::named("");
        let moment = Moment {
            by: &nobody,
            now: self.now(),
            policy: &settings.policy,
        };
        if !case.drop_approvals(gone, &moment) {
            return Ok(());
        }
        work.keep_case(&case).await?;
        let entry = AuditEntry::done(self.now(), "presence", "approvers");
        commit(&settings, work, &entry).await
    }
}

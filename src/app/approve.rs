//! Approving, rejecting, revoking, breaking the glass.

use super::Desk;
use super::resolve;
use super::work::Work;
use crate::answer::{Answer, Fatal, Reply};
use crate::command::{ChangeRef, Reason};
use crate::domain::case::Vote;
use crate::domain::id::Label;
use crate::domain::instance::PostExpirationAction;
use crate::domain::outcome::Outcome;

impl Desk<'_> {
    pub(super) async fn approve(
        &self,
        work: &mut Work,
        change: ChangeRef,
        seen: Option<PostExpirationAction>,
    ) -> Result<Reply, Fatal> {
        let mut case = resolve::change(work, change).await?;
        let vote = Vote {
            seen,
            teams: &self.actor.teams,
        };
        let approved = match case.approve(&vote, &self.moment()) {
            Ok(approved) => approved,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        work.keep(&case).await?;
        let answer = Answer::Approved {
            case: Box::new(case),
            approved,
        };
        Ok(Reply::new(Outcome::Done, self.now, answer).about(Some(change.0)))
    }

    pub(super) async fn reject(
        &self,
        work: &mut Work,
        change: ChangeRef,
        reason: &Reason,
    ) -> Result<Reply, Fatal> {
        let mut case = resolve::change(work, change).await?;
        if let Err(refusal) = case.reject(reason.as_str(), &self.moment()) {
            return Ok(Reply::refused(case, refusal, self.now));
        }
        work.keep(&case).await?;
        let answer = Answer::Ended {
            case: Box::new(case),
        };
        Ok(Reply::new(Outcome::Done, self.now, answer).about(Some(change.0)))
    }

    pub(super) async fn revoke(&self, work: &mut Work, change: ChangeRef) -> Result<Reply, Fatal> {
        let mut case = resolve::change(work, change).await?;
        let step = match case.revoke(&self.moment()) {
            Ok(step) => step,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        work.keep(&case).await?;
        let answer = Answer::Revoked {
            case: Box::new(case),
            step,
        };
        Ok(Reply::new(Outcome::Done, self.now, answer).about(Some(change.0)))
    }

    pub(super) async fn break_glass(
        &self,
        work: &mut Work,
        change: ChangeRef,
        reason: &Reason,
        ticket: &Label,
    ) -> Result<Reply, Fatal> {
        let mut case = resolve::change(work, change).await?;
        let broken = case.break_glass(reason.as_str(), ticket.as_str(), &self.moment());
        let verdict = match broken {
            Ok(verdict) => verdict,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        work.keep(&case).await?;
        let answer = Answer::GlassBroken {
            case: Box::new(case),
            verdict,
        };
        Ok(Reply::new(Outcome::Done, self.now, answer).about(Some(change.0)))
    }
}

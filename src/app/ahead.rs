//! Checks before a form is shown, so that nobody fills in a form that will be refused.

use super::changes::withheld;
use super::resolve::{self, Naming};
use super::{Actor, RequestContext, Warden};
use crate::answer::{AnswerResult, Fatal, Reply, Withheld};
use crate::command::{ChangeRef, Command};
use crate::domain::authority::Permission;
use crate::domain::case::{Case, Refusal};
use crate::domain::change::Change;

impl Warden {
    /// The refusal that `command` would meet before a form is shown for it: not permitted, change closed, or request outdated.
    /// `None`: show the form. `said` is the text that the trail records for a denied attempt.
    pub async fn ahead(&self, actor: &Actor, command: &Command, said: &str) -> Option<Reply> {
        let configured = self.configured();
        let context = self.context(&configured, actor);
        let answered = context.ahead(command, said).await;
        answered.unwrap_or_else(|fatal| Some(fatal.into_reply(context.now)))
    }

    /// Whether a command would give a permit if its instance were named.
    pub async fn wants_name(&self, actor: &Actor, command: &Command) -> bool {
        let configured = self.configured();
        let context = self.context(&configured, actor);
        context.wants_name(command).await.unwrap_or(false)
    }
}

impl RequestContext<'_> {
    async fn ahead(&self, command: &Command, said: &str) -> Result<Option<Reply>, Fatal> {
        if let Some(permission) = self
            .permission(command)
            .filter(|permission| !self.actor.may(*permission))
        {
            let denied = self.deny_of(said.to_owned(), permission, command.names_change());
            return denied.await.map(Some);
        }
        let (change, request) = match command {
            Command::Approve(approve) => (approve.change, Some(approve.request)),
            Command::Reject(reject) => (reject.change, Some(reject.request)),
            Command::Cancel(stop) => (stop.change, None),
            Command::Confirm(confirm) => (confirm.change, None),
            _ => return Ok(None),
        };
        let mut tx = self.read().await?;
        let settings = self.settings_in(&mut tx).await?;
        let held = tx.load_change_case(change.0).await?;
        drop(tx);
        let context = self.by(&settings);
        let Some(mut case) = held else {
            return context.as_it_stands(change).await.map(Some);
        };
        match context.goes_on(&mut case, request) {
            Ok(true) => Ok(None),
            Ok(false) => context.as_it_stands(change).await.map(Some),
            Err(refusal) => Ok(Some(Reply::refused(case, refusal, self.now))),
        }
    }

    async fn wants_name(&self, command: &Command) -> Result<bool, Fatal> {
        let Command::Next(next) = command else {
            return Ok(false);
        };
        if !self.actor.may(Permission::TakePermit) {
            return Ok(false);
        }
        let mut tx = self.read().await?;
        let settings = self.settings_in(&mut tx).await?;
        let context = self.by(&settings);
        let mut case = resolve::target(&mut tx, &next.target, Naming::Exact).await?;
        case.advance(context.policy(), context.now);
        // The case of this dry run is not saved.
        let shown = case.ask_next(&context.moment()).ok().flatten();
        let withheld =
            shown.and_then(|shown| withheld(&context.actor.permits, &case, shown.permit.step));
        Ok(withheld == Some(Withheld::NotNamed))
    }

    /// Whether a change is open and, for a decision on a request for approvals, whether that request is open.
    fn goes_on(&self, case: &mut Case, request: Option<Option<u32>>) -> Result<bool, Refusal> {
        case.still_asks(request.flatten(), &self.moment())?;
        let open = case.open_change();
        Ok(match request {
            Some(_) => open.and_then(Change::request_open).is_some(),
            None => open.is_some(),
        })
    }

    /// The reply to a button of an outdated message: the change with its history.
    async fn as_it_stands(&self, change: ChangeRef) -> AnswerResult {
        let reply = self.show_change(&mut self.read().await?, change).await?;
        Ok(self.settings.read_by(reply))
    }
}

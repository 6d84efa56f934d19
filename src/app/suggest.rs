//! Completion for prompts and forms; empty for people without permission to read.

use std::collections::BTreeMap;

use super::resolve::{self, Naming};
use super::{Actor, Warden};
use crate::answer::{Fatal, Reply, UserError};
use crate::command::{
    ChangeRef, Command, InstanceCommand, ParseError, StepUse, TargetRef, with_change,
};
use crate::domain::authority::Permission;
use crate::domain::case::{Case, Moment};
use crate::domain::change::Step;
use crate::domain::id::{InstanceId, InstanceName, Region};
use crate::store::{InstanceMatch, StoreResult, Tx};

/// The most candidates at a prompt.
const LISTED: u32 = 50;
/// The most candidates that Discord shows.
const SUGGESTED: u32 = 25;

impl Warden {
    /// The instances whose name, `region/name`, id or team contains the text, ignoring case; the best match first.
    pub async fn complete_instances(&self, actor: &Actor, typed: &str) -> StoreResult<Vec<String>> {
        let found = self.instances(actor, typed, LISTED).await?;
        let mut called: BTreeMap<InstanceName, u32> = BTreeMap::new();
        for one in &found {
            *called.entry(one.name.clone()).or_default() += 1;
        }
        let with_region = typed.contains('/');
        let ambiguous = |one: &InstanceMatch| called.get(&one.name).is_some_and(|many| *many > 1);
        let text = |one: &InstanceMatch| match with_region || one.shared || ambiguous(one) {
            true => one.handle(),
            false => one.name.to_string(),
        };
        Ok(found.iter().map(text).collect())
    }

    /// Like [`Warden::complete_instances`], with the fields that distinguish them and Discord's limit.
    pub async fn suggest_instances(
        &self,
        actor: &Actor,
        typed: &str,
    ) -> StoreResult<Vec<InstanceMatch>> {
        self.instances(actor, typed, SUGGESTED).await
    }

    /// A transaction for a person who may read.
    async fn read_by(&self, actor: &Actor) -> StoreResult<Option<Tx>> {
        if !actor.may(Permission::Read) {
            return Ok(None);
        }
        self.store().read(&actor.workspace).await.map(Some)
    }

    async fn instances(
        &self,
        actor: &Actor,
        typed: &str,
        limit: u32,
    ) -> StoreResult<Vec<InstanceMatch>> {
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(Vec::new());
        };
        tx.complete_instances(typed, limit).await
    }

    /// The open changes whose number starts with the text, with or without `#`, or whose instance contains it; with the instance
    /// names.
    pub async fn complete_changes(
        &self,
        actor: &Actor,
        typed: &str,
    ) -> StoreResult<Vec<(u64, InstanceName)>> {
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(Vec::new());
        };
        tx.complete_changes(typed, LISTED).await
    }

    /// Like [`Warden::complete_changes`], with whole cases and Discord's limit.
    pub async fn suggest_changes(&self, actor: &Actor, typed: &str) -> StoreResult<Vec<Case>> {
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(Vec::new());
        };
        let mut cases = Vec::new();
        for (number, _) in tx.complete_changes(typed, SUGGESTED).await? {
            cases.extend(tx.load_change_case(number).await?);
        }
        Ok(cases)
    }

    /// The instance that a command names by its change or its id, with that change or the open one; `None` if it is not known
    /// here.
    pub async fn named_by(&self, actor: &Actor, command: &Command) -> StoreResult<Option<Case>> {
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(None);
        };
        let instance = match command {
            Command::Instance(InstanceCommand::Set(set)) => &set.instance,
            Command::Instance(InstanceCommand::Lost(lost)) => &lost.instance,
            Command::Action(action) => &action.instance,
            _ => {
                let Some(change) = command.names_change() else {
                    return Ok(None);
                };
                return tx.load_change_case(change.0).await;
            }
        };
        match InstanceId::parse(instance.as_str()) {
            Ok(id) => tx.load_case(&id).await,
            Err(_) => Ok(None),
        }
    }

    /// Whether what a command names is there: its instance or change, one of several, or its person. A line of a text may
    /// read like a command, but names nothing that is.
    pub async fn is_meant(&self, actor: &Actor, command: &Command) -> StoreResult<bool> {
        if let Command::Handover(handover) = command {
            let people = self.people(actor).await?;
            return Ok(people.iter().any(|id| id == handover.person.as_str()));
        }
        let Some(named) = command.names() else {
            return Ok(true);
        };
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(false);
        };
        if let TargetRef::Instance(several) = &named
            && several.as_str().contains([':', ',', '，', '、'])
        {
            return Ok(true);
        }
        match resolve::target(&mut tx, &named, Naming::Exact).await {
            Ok(_) => Ok(true),
            Err(Fatal::User(why)) => Ok(matches!(
                why,
                UserError::Ambiguous { .. } | UserError::NumberOrName { .. }
            )),
            Err(Fatal::Store(error)) => Err(error),
        }
    }

    /// The reply to a line that is no command. Where it names an instance instead of its change, the number of that is said.
    pub async fn misread(&self, actor: &Actor, line: &str, error: ParseError) -> Reply {
        match self.its_change(actor, line, &error).await {
            Ok(Some(named)) => self.misunderstood(named),
            Ok(None) => self.misunderstood(UserError::Parse(error)),
            Err(error) => self.broken(error),
        }
    }

    async fn its_change(
        &self,
        actor: &Actor,
        line: &str,
        error: &ParseError,
    ) -> StoreResult<Option<UserError>> {
        let ParseError::NotChange(given) = error else {
            return Ok(None);
        };
        let (Ok(named), Some(mut tx)) = (given.parse(), self.read_by(actor).await?) else {
            return Ok(None);
        };
        let case = match resolve::instance(&mut tx, &named, Naming::Exact).await {
            Ok(case) => case,
            Err(Fatal::User(_)) => return Ok(None),
            Err(Fatal::Store(error)) => return Err(error),
        };
        let open = case.open_number();
        Ok(Some(UserError::NotItsChange {
            called: case.instance.called(),
            open,
            line: open.and_then(|number| with_change(line, given, number)),
        }))
    }

    /// The steps of a change that a command can name now: those that can be confirmed, or those whose confirmation can be taken
    /// back.
    pub async fn steps(&self, actor: &Actor, change: &str, of: StepUse) -> StoreResult<Vec<Step>> {
        let Ok(change) = change.parse::<ChangeRef>() else {
            return Ok(Vec::new());
        };
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(Vec::new());
        };
        let settings = self.settings_in(&mut tx).await?;
        let Some(case) = tx.load_change_case(change.0).await? else {
            return Ok(Vec::new());
        };
        let moment = Moment {
            by: &actor.person,
            now: self.now(),
            policy: &settings.policy,
        };
        Ok(match of {
            StepUse::Confirm => case.confirmable(&moment),
            StepUse::Reopen => case.reopenable(&moment),
        })
    }

    /// The teams of the settings and of instances.
    pub async fn teams(&self, actor: &Actor) -> StoreResult<Vec<String>> {
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(Vec::new());
        };
        let settings = self.settings_in(&mut tx).await?;
        let described = settings.teams.keys().map(ToString::to_string);
        let mut teams = tx.teams_of_instances().await?;
        teams.extend(described);
        teams.sort();
        teams.dedup();
        Ok(teams)
    }

    /// The names of those who said something here.
    pub async fn people(&self, actor: &Actor) -> StoreResult<Vec<String>> {
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(Vec::new());
        };
        tx.people_of_trail().await
    }

    /// The regions of instances, followed by the vendor's list.
    pub async fn regions(&self, actor: &Actor) -> StoreResult<Vec<String>> {
        let Some(mut tx) = self.read_by(actor).await? else {
            return Ok(Vec::new());
        };
        let mut regions = tx.regions_of_instances().await?;
        for known in Region::known() {
            if !regions.iter().any(|region| region == known) {
                regions.push(known.to_owned());
            }
        }
        Ok(regions)
    }
}

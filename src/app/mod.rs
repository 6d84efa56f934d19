//! One use case a file: load, decide, keep. A command's clock is read, its authority decided, its transaction opened and
//! committed once each, here.

mod actor;
mod attest;
mod changes;
mod import;
mod look;
mod resolve;
mod steps;
mod work;

pub use crate::domain::authority::Role;
pub use actor::{Actor, LOCAL_WORKSPACE};
pub use import::ImportSource;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;

use crate::answer::{Answer, Fatal, Reply, UserError};
use crate::clock::Clock;
use crate::command::{Command, Import, InstanceCommand, When, help};
use crate::domain::Timestamp;
use crate::domain::authority::Deed;
use crate::domain::case::Moment;
use crate::domain::id::Label;
use crate::domain::outcome::Outcome;
use crate::domain::team::{Channels, Limits, Policy, Team};
use crate::store::{Found, Store, StoreError, Totals};
use work::Work;

/// What the use cases need to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The zone of dates that people write without one.
    pub vendor_zone: Tz,
    /// What the team decides for itself.
    pub policy: Policy,
    /// Where the bot speaks unasked.
    pub channels: Channels,
    /// The teams by name.
    pub teams: BTreeMap<Label, Team>,
}

/// The bot itself, without a surface: it answers commands.
#[derive(Clone)]
pub struct Warden {
    store: Store,
    clock: Arc<Clock>,
    settings: Arc<Settings>,
}

/// One command being handled: who, when, by which settings, on which database.
pub(crate) struct Desk<'a> {
    store: &'a Store,
    actor: &'a Actor,
    settings: &'a Settings,
    /// The file that an import takes facts from, where the surface has read one.
    source: Option<&'a ImportSource>,
    now: Timestamp,
}

impl Desk<'_> {
    fn moment(&self) -> Moment<'_> {
        Moment {
            by: &self.actor.person,
            now: self.now,
            limits: self.limits(),
        }
    }

    fn limits(&self) -> &Limits {
        &self.settings.policy.limits
    }

    fn resolve_when(&self, when: When) -> Result<Timestamp, UserError> {
        when.resolve(self.settings.vendor_zone)
            .map_err(UserError::When)
    }
}

impl Warden {
    /// A bot on a database.
    pub const fn new(store: Store, clock: Arc<Clock>, settings: Arc<Settings>) -> Self {
        Self {
            store,
            clock,
            settings,
        }
    }

    /// Answers a command. Whatever goes wrong is an answer too.
    pub async fn handle(&self, actor: &Actor, command: &Command) -> Reply {
        self.answer(actor, command, None).await
    }

    /// Takes facts from a file that the surface has read.
    pub async fn import(&self, actor: &Actor, request: &Import, source: &ImportSource) -> Reply {
        let command = Command::Import(request.clone());
        self.answer(actor, &command, Some(source)).await
    }

    async fn answer(
        &self,
        actor: &Actor,
        command: &Command,
        source: Option<&ImportSource>,
    ) -> Reply {
        let now = self.clock.now();
        let desk = Desk {
            store: &self.store,
            actor,
            settings: &self.settings,
            source,
            now,
        };
        let answered = desk.answer(command).await;
        answered.unwrap_or_else(|fatal| fatal.into_reply(now))
    }

    /// An answer to what could not be understood.
    pub fn misunderstood(&self, error: UserError) -> Reply {
        Fatal::User(error).into_reply(self.clock.now())
    }

    /// How much is stored; costs one row, however much that is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn totals(&self, workspace: &str) -> Result<Totals, StoreError> {
        self.store.read(workspace).await?.totals().await
    }

    /// Instances whose name or id begins so, for completion; none for who may not read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn complete_instances(
        &self,
        actor: &Actor,
        prefix: &str,
    ) -> Result<Vec<String>, StoreError> {
        if !actor.may(Deed::Read) {
            return Ok(Vec::new());
        }
        let mut tx = self.store.read(&actor.workspace).await?;
        let found = tx.complete_instances(prefix, 20).await?;
        let with_region = prefix.contains('/');
        let text = |found: Found| match with_region {
            true => format!("{}/{}", found.region, found.name),
            false => found.name.to_string(),
        };
        Ok(found.into_iter().map(text).collect())
    }

    /// The numbers of open changes, for completion; none for who may not read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn complete_changes(&self, actor: &Actor) -> Result<Vec<u64>, StoreError> {
        if !actor.may(Deed::Read) {
            return Ok(Vec::new());
        }
        let mut tx = self.store.read(&actor.workspace).await?;
        let found = tx.complete_changes(20).await?;
        Ok(found.into_iter().map(|(number, _)| number).collect())
    }

    /// The moment it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Desk<'_> {
    async fn dispatch(&self, work: &mut Work, command: &Command) -> Result<Reply, Fatal> {
        match command {
            Command::Instance(command) => self.instance(work, command).await,
            Command::Action { instance, action } => {
                self.attest_action(work, instance, *action).await
            }
            Command::Check {
                intent,
                instance,
                ack,
            } => self.check(work, *intent, instance, *ack).await,
            Command::Upgrade { instance } => self.open_upgrade(work, instance).await,
            Command::Downgrade {
                instance,
                by: Some(route),
                ack,
            } => self.open_downgrade(work, instance, *route, *ack).await,
            Command::Downgrade {
                instance, by: None, ..
            } => self.compare_routes(work, instance).await,
            Command::Unsubscribe { instance, ack } => self.unsubscribe(work, instance, *ack).await,
            Command::Next { target, ack } if self.actor.may(Deed::TakePermit) => {
                self.next(work, target, *ack).await
            }
            Command::Next { target, .. } => self.show_next(work, target).await,
            Command::Confirm { .. } => self.confirm(work, command).await,
            Command::Reopen {
                change,
                step,
                reason,
            } => self.reopen(work, *change, *step, reason).await,
            Command::Fail { change, reason } => self.stop(work, *change, reason, false).await,
            Command::Cancel { change, reason } => self.stop(work, *change, reason, true).await,
            Command::Changes { all, page } => self.list_changes(work, *all, *page).await,
            Command::Change { change } => self.show_change(work, *change).await,
            Command::Why { target } => self.why(work, target).await,
            Command::Rules => Ok(self.info(Answer::Rules)),
            Command::Rule { id } => Ok(self.info(Answer::Rule(*id))),
            Command::Import(request) => match self.source {
                Some(source) => self.import(work, request, source).await,
                None => Err(UserError::NoFilesHere.into()),
            },
            Command::Help { .. } => self.help(command),
        }
    }

    async fn instance(&self, work: &mut Work, command: &InstanceCommand) -> Result<Reply, Fatal> {
        match command {
            InstanceCommand::Add { .. } => self.add_instance(work, command).await,
            InstanceCommand::Set { .. } => self.set_instance(work, command).await,
            InstanceCommand::List { .. } => self.list_instances(work, command).await,
            InstanceCommand::Show { instance } => self.show_instance(work, instance).await,
            InstanceCommand::Remove { instance, reason } => {
                self.drop_instance(work, instance, reason, false).await
            }
            InstanceCommand::Lost { instance, reason } => {
                self.drop_instance(work, instance, reason, true).await
            }
        }
    }

    fn help(&self, command: &Command) -> Result<Reply, Fatal> {
        let text = match command {
            Command::Help { verb } if !verb.is_empty() => help::verb(verb)?,
            _ => help::overview(),
        };
        Ok(self.info(Answer::Help(text)))
    }

    fn info(&self, answer: Answer) -> Reply {
        Reply::new(Outcome::Info, self.now, answer)
    }
}

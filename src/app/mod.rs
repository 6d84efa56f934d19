//! One use case a file: load, decide, commit. The clock is read once per command, here.

mod actor;
mod attest;
mod audit;
mod changes;
mod import;
mod look;
mod resolve;
mod steps;

pub use actor::{Actor, LOCAL_WORKSPACE, Role};
pub use audit::check_trail;
pub use import::ImportSource;

use std::sync::Arc;

use chrono_tz::Tz;

use crate::answer::{Answer, Fatal, Reply, UserError};
use crate::clock::Clock;
use crate::command::{Command, InstanceCommand, When, help};
use crate::domain::Timestamp;
use crate::domain::audit::AuditKey;
use crate::domain::case::Moment;
use crate::domain::outcome::Outcome;
use crate::domain::team::Limits;
use crate::store::{Store, StoreError, Totals};

/// What the use cases need to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The zone of dates that people write without one.
    pub vendor_zone: Tz,
    /// How long facts may be relied on.
    pub limits: Limits,
    /// The key that the rows of the audit trail are made with.
    pub audit_key: Option<AuditKey>,
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
    now: Timestamp,
}

impl Desk<'_> {
    fn moment(&self) -> Moment<'_> {
        Moment {
            by: &self.actor.person,
            now: self.now,
            limits: &self.settings.limits,
        }
    }

    fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    fn resolve_when(&self, when: When) -> Result<Timestamp, UserError> {
        when.resolve(self.settings.vendor_zone)
            .map_err(UserError::When)
    }

    async fn read(&self) -> Result<crate::store::Tx, StoreError> {
        self.store.read(&self.actor.workspace).await
    }

    async fn write(&self) -> Result<crate::store::Tx, StoreError> {
        self.store.write(&self.actor.workspace).await
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
        let now = self.clock.now();
        let desk = Desk {
            store: &self.store,
            actor,
            settings: &self.settings,
            now,
        };
        let answered = desk.dispatch(command).await;
        answered.unwrap_or_else(|fatal| fatal.into_reply(now))
    }

    /// Takes facts from a file that the surface has read.
    pub async fn import(
        &self,
        actor: &Actor,
        request: &crate::command::Import,
        source: &ImportSource,
    ) -> Reply {
        let now = self.clock.now();
        let desk = Desk {
            store: &self.store,
            actor,
            settings: &self.settings,
            now,
        };
        let answered = desk.import(request, source).await;
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

    /// Instances whose name or id begins so, for completion.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn complete_instances(
        &self,
        workspace: &str,
        prefix: &str,
    ) -> Result<Vec<String>, StoreError> {
        let found = self
            .store
            .read(workspace)
            .await?
            .complete_instances(prefix, 20)
            .await?;
        Ok(found
            .into_iter()
            .map(|found| {
                if prefix.contains('/') {
                    format!("{}/{}", found.region, found.name)
                } else {
                    found.name.to_string()
                }
            })
            .collect())
    }

    /// The numbers of open changes, for completion.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn complete_changes(&self, workspace: &str) -> Result<Vec<u64>, StoreError> {
        let found = self
            .store
            .read(workspace)
            .await?
            .complete_changes(20)
            .await?;
        Ok(found.into_iter().map(|(number, _)| number).collect())
    }

    /// The moment it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Desk<'_> {
    async fn dispatch(&self, command: &Command) -> Result<Reply, Fatal> {
        match command {
            Command::Instance(command) => self.instance(command).await,
            Command::Action { instance, action } => self.attest_action(instance, *action).await,
            Command::Check {
                intent,
                instance,
                ack,
            } => self.check(*intent, instance, *ack).await,
            Command::Upgrade { instance } => self.open_upgrade(instance).await,
            Command::Downgrade {
                instance,
                by: Some(route),
                ack,
            } => self.open_downgrade(instance, *route, *ack).await,
            Command::Downgrade {
                instance, by: None, ..
            } => self.compare_routes(instance).await,
            Command::Unsubscribe { instance, ack } => self.unsubscribe(instance, *ack).await,
            Command::Next { target, ack } => self.next(target, *ack).await,
            Command::Confirm { .. } => self.confirm(command).await,
            Command::Reopen {
                change,
                step,
                reason,
            } => self.reopen(*change, *step, reason).await,
            Command::Fail { change, reason } => self.stop(*change, reason, false).await,
            Command::Cancel { change, reason } => self.stop(*change, reason, true).await,
            Command::Changes { all, page } => self.list_changes(*all, *page).await,
            Command::Change { change } => self.show_change(*change).await,
            Command::Why { target } => self.why(target).await,
            Command::Rules => Ok(self.info(Answer::Rules)),
            Command::Rule { id } => Ok(self.info(Answer::Rule(*id))),
            Command::Import(_) => Err(UserError::NoFilesHere.into()),
            Command::Audit { .. } => self.audit(command).await,
            Command::Help { verb } => self.help(verb),
        }
    }

    async fn instance(&self, command: &InstanceCommand) -> Result<Reply, Fatal> {
        match command {
            InstanceCommand::Add { .. } => self.add_instance(command).await,
            InstanceCommand::Set { .. } => self.set_instance(command).await,
            InstanceCommand::List { .. } => self.list_instances(command).await,
            InstanceCommand::Show { instance } => self.show_instance(instance).await,
            InstanceCommand::Remove { instance, reason } => {
                self.drop_instance(instance, reason, false).await
            }
            InstanceCommand::Lost { instance, reason } => {
                self.drop_instance(instance, reason, true).await
            }
        }
    }

    fn help(&self, verb: &[String]) -> Result<Reply, Fatal> {
        let text = if verb.is_empty() {
            help::overview()
        } else {
            help::verb(verb)?
        };
        Ok(self.info(Answer::Help(text)))
    }

    fn info(&self, answer: Answer) -> Reply {
        Reply::new(Outcome::Info, self.now, answer)
    }
}

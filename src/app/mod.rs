//! One use case a file: load, decide, commit. The clock is read once per command, here.

mod actor;
mod ahead;
mod announce;
mod approve;
mod attend;
mod attest;
mod audit;
mod changes;
mod compose;
mod digest;
mod doctor;
mod finish;
mod import;
mod intake;
mod look;
mod notice;
mod policy;
mod prune;
mod remind;
mod resolve;
mod schedule;
mod setting;
mod settings;
mod steps;
mod todo;
mod watch;
mod wording;
mod work;
mod workspace;

pub use crate::domain::authority::Role;
pub use actor::{Actor, LOCAL_WORKSPACE, Permits};
pub use audit::{KeyProblem, check_key, check_trail};
pub use compose::Composed;
pub use doctor::Ailing;
pub use import::ImportSource;
pub use intake::Taken;
pub use notice::Incoming;
pub use settings::Settings;
pub use watch::{Overheard, Watched};

use std::sync::Arc;
use std::time::Duration;

use crate::answer::{Answer, Fatal, ReadAs, Reply, UserError};
use crate::clock::Clock;
use crate::command::{AckTarget, Command, InstanceCommand, SettingsCommand, When, help};
use crate::domain::Timestamp;
use crate::domain::authority::Deed;
use crate::domain::case::{Case, Moment};
use crate::domain::outcome::Outcome;
use crate::domain::team::{Limits, Policy};
use crate::meter::Meter;
use crate::store::{Found, Store, StoreError, Totals, Tx};
use settings::Configured;
use work::Work;

/// As many as a form can offer.
const SUGGESTED: u32 = 25;

/// The bot itself, without a surface: it answers commands.
#[derive(Clone)]
pub struct Warden {
    store: Store,
    clock: Arc<Clock>,
    configured: Arc<Configured>,
    meter: Meter,
}

/// One command being handled: who, when, by which settings, on which database.
pub(crate) struct Desk<'a> {
    store: &'a Store,
    actor: &'a Actor,
    /// What the configuration says.
    configured: &'a Configured,
    /// As it holds in the workspace, once that was read.
    settings: &'a Settings,
    meter: &'a Meter,
    now: Timestamp,
}

impl Desk<'_> {
    fn moment(&self) -> Moment<'_> {
        Moment {
            by: &self.actor.person,
            now: self.now,
            policy: &self.settings.policy,
        }
    }

    fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    fn limits(&self) -> &Limits {
        &self.settings.policy.limits
    }

    fn resolve_when(&self, when: When) -> Result<Timestamp, UserError> {
        when.resolve(self.settings.vendor_zone)
            .map_err(UserError::When)
    }

    /// How a moment that was typed without a zone was read.
    fn read_as(&self, when: Option<When>) -> Option<ReadAs> {
        let local = when.filter(|when| matches!(when, When::Local(_)))?;
        let at = self.resolve_when(local).ok()?;
        let zone = self.settings.vendor_zone;
        Some(ReadAs { at, zone })
    }

    async fn read(&self) -> Result<crate::store::Tx, StoreError> {
        self.store.read(&self.actor.workspace).await
    }
}

impl Warden {
    /// A bot on a database.
    pub fn new(store: Store, clock: Arc<Clock>, settings: Arc<Settings>) -> Self {
        Self {
            store,
            clock,
            configured: Arc::new(Configured::new(settings)),
            meter: Meter::default(),
        }
    }

    /// A desk for anyone who speaks now. The clock is read once.
    fn desk<'a>(&'a self, actor: &'a Actor) -> Desk<'a> {
        Desk {
            store: &self.store,
            actor,
            configured: &self.configured,
            settings: self.configured.alone(),
            meter: &self.meter,
            now: self.clock.now(),
        }
    }

    /// Answers a command. Whatever goes wrong is an answer too.
    pub async fn handle(&self, actor: &Actor, command: &Command) -> Reply {
        let desk = self.desk(actor);
        let answered = desk.dispatch(command).await;
        answered.unwrap_or_else(|fatal| fatal.into_reply(desk.now))
    }

    /// Takes facts from a file that the surface has read.
    pub async fn import(
        &self,
        actor: &Actor,
        request: &crate::command::Import,
        source: &ImportSource,
    ) -> Reply {
        let desk = self.desk(actor);
        let answered = desk.take_file(request, source).await;
        answered.unwrap_or_else(|fatal| fatal.into_reply(desk.now))
    }

    /// Takes a notice of the vendor's, and suppresses or raises it. One that was taken before is answered as it was then.
    pub async fn take_notice(&self, actor: &Actor, incoming: &Incoming) -> Reply {
        self.take_notices(actor, std::slice::from_ref(incoming))
            .await
    }

    /// Takes what came in one piece: each notice is decided for itself.
    pub async fn take_notices(&self, actor: &Actor, incoming: &[Incoming]) -> Reply {
        let desk = self.desk(actor);
        desk.take_notices(incoming).await
    }

    /// An answer where the database did not give what was needed to begin.
    pub fn broken(&self, error: StoreError) -> Reply {
        Fatal::from(error).into_reply(self.clock.now())
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
        self.store.glance(workspace).await?.totals().await
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
        let text = |found: Found| match with_region || found.shared {
            true => found.handle(),
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

    /// Instances whose name or id begins so, with what tells them apart; none for who may not read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn suggest_instances(
        &self,
        actor: &Actor,
        prefix: &str,
    ) -> Result<Vec<Found>, StoreError> {
        if !actor.may(Deed::Read) {
            return Ok(Vec::new());
        }
        let mut tx = self.store.read(&actor.workspace).await?;
        tx.complete_instances(prefix, SUGGESTED).await
    }

    /// Open changes whose number begins so, with or without `#`; none for who may not read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn suggest_changes(
        &self,
        actor: &Actor,
        prefix: &str,
    ) -> Result<Vec<Case>, StoreError> {
        if !actor.may(Deed::Read) {
            return Ok(Vec::new());
        }
        let prefix = prefix.trim_start_matches('#');
        let mut tx = self.store.read(&actor.workspace).await?;
        let mut cases = Vec::new();
        for (number, _) in tx.complete_changes(SUGGESTED).await? {
            if number.to_string().starts_with(prefix) {
                cases.extend(tx.load_change_case(number).await?);
            }
        }
        Ok(cases)
    }

    /// Its database.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What the configuration says; [`Warden::settings_of`] is what holds in a workspace.
    pub fn settings(&self) -> &Settings {
        self.configured.alone()
    }

    /// What counts what happens.
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Time that passes and never goes back.
    pub fn steady(&self) -> Duration {
        self.clock.steady()
    }

    /// The moment it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Desk<'_> {
    /// Authorises before anything is read, then reads, or decides in one transaction.
    async fn dispatch(&self, command: &Command) -> Result<Reply, Fatal> {
        if let Command::Notice { text } = command {
            if let Some(number) = text.still_there() {
                return self.still_there(command, number).await;
            }
            let incoming = Incoming::said(self.actor, text.as_str());
            return Ok(self.take_notices(&incoming).await);
        }
        if let Some(deed) = self.deed(command).filter(|deed| !self.actor.may(*deed)) {
            return self.deny(command, deed).await;
        }
        if let Command::ImportUndo { number } = command {
            return self.undo_import(command, *number).await;
        }
        if self.decides(command) {
            return self.decided(command).await;
        }
        let mut tx = self.read().await?;
        let settings = self.settings_in(&mut tx).await?;
        let reply = self.by(&settings).look(&mut tx, command).await?;
        Ok(settings.read_by(reply))
    }

    /// Decides, sharing the commit with others who wait; again, when that was given up together with theirs.
    async fn decided(&self, command: &Command) -> Result<Reply, Fatal> {
        let mut place = self.place();
        loop {
            let work = Work::new(place.turn().await?);
            let decided = self.decided_in(work, command).await;
            if place.stands().await {
                return decided;
            }
        }
    }

    /// Decides by what holds in the same transaction.
    async fn decided_in(&self, work: Work, command: &Command) -> Result<Reply, Fatal> {
        let mut work = self.claim(work).await?;
        let settings = self.settings_in(&mut work).await?;
        let desk = self.by(&settings);
        let reply = desk.decide(&mut work, command).await?;
        let reply = desk.finish(work, command, reply).await?;
        Ok(settings.read_by(reply))
    }

    /// Whether a command decides something, so that it begins to write at once; all others only look.
    fn decides(&self, command: &Command) -> bool {
        match command {
            Command::Instance(command) => match command {
                InstanceCommand::Add { .. }
                | InstanceCommand::Set { .. }
                | InstanceCommand::Remove { .. }
                | InstanceCommand::Lost { .. } => true,
                InstanceCommand::Show { .. } | InstanceCommand::List { .. } => false,
            },
            Command::Downgrade { by, .. } => by.is_some(),
            // Anyone who may not take a permit is shown the step without one.
            Command::Next { .. } => self.actor.may(Deed::TakePermit),
            Command::Settings(command) => !matches!(command, SettingsCommand::Show),
            Command::Action { .. }
            | Command::Upgrade { .. }
            | Command::Unsubscribe { .. }
            | Command::Confirm { .. }
            | Command::Reopen { .. }
            | Command::Fail { .. }
            | Command::Cancel { .. }
            | Command::Approve { .. }
            | Command::Reject { .. }
            | Command::Revoke { .. }
            | Command::BreakGlass { .. }
            | Command::Ack { .. }
            | Command::Snooze { .. }
            | Command::Wording { .. }
            | Command::ImportUndo { .. }
            | Command::Notice { .. } => true,
            Command::Check { .. }
            | Command::Todo { .. }
            | Command::Changes { .. }
            | Command::Change { .. }
            | Command::Why { .. }
            | Command::Rules
            | Command::Rule { .. }
            | Command::Audit { .. }
            | Command::Reminders { .. }
            | Command::Import(_)
            | Command::Imports
            | Command::Notices { .. }
            | Command::Suppressed { .. }
            | Command::Wordings
            | Command::Help { .. } => false,
        }
    }

    /// The answer to a command that decides nothing.
    async fn look(&self, tx: &mut Tx, command: &Command) -> Result<Reply, Fatal> {
        match command {
            Command::Instance(InstanceCommand::Show { instance }) => {
                self.show_instance(tx, instance).await
            }
            Command::Instance(list @ InstanceCommand::List { .. }) => {
                self.list_instances(tx, list).await
            }
            Command::Check {
                intent,
                instance,
                ack,
            } => self.check(tx, *intent, instance, *ack).await,
            Command::Downgrade {
                instance, by: None, ..
            } => self.compare_routes(tx, instance).await,
            Command::Next { target, .. } if !self.decides(command) => self.peek(tx, target).await,
            Command::Todo { team, mine, page } => self.todo(tx, team.as_ref(), *mine, *page).await,
            Command::Changes { all, page } => self.list_changes(tx, *all, *page).await,
            Command::Change { change } => self.show_change(tx, *change).await,
            Command::Why { target } => self.why(tx, target).await,
            Command::Audit { .. } => self.audit(tx, command).await,
            Command::Notices {
                instance: Some(instance),
                ..
            } => self.list_notices(tx, instance).await,
            Command::Notices {
                instance: None,
                page,
            } => self.list_raised(tx, *page).await,
            Command::Suppressed { since } => self.list_suppressed(tx, *since).await,
            Command::Wordings => self.list_wordings(tx).await,
            Command::Reminders { instance } => self.reminders(tx, instance).await,
            Command::Settings(SettingsCommand::Show) => self.show_settings(tx).await,
            Command::Imports => self.list_imports(tx).await,
            Command::Rules => Ok(self.info(Answer::Rules)),
            Command::Rule { id } => Ok(self.info(Answer::Rule(*id))),
            Command::Import(_) => Err(UserError::NoFilesHere.into()),
            Command::Help { verb } => self.help(verb),
            _ => Err(UserError::NothingSaid.into()),
        }
    }

    async fn decide(&self, work: &mut Work, command: &Command) -> Result<Reply, Fatal> {
        match command {
            Command::Instance(command) => self.instance(work, command).await,
            Command::Action { instance, action } => {
                self.attest_action(work, instance, *action).await
            }
            Command::Upgrade { instance } => self.open_upgrade(work, instance).await,
            Command::Downgrade {
                instance,
                by: Some(route),
                ack,
            } => self.open_downgrade(work, instance, *route, *ack).await,
            Command::Unsubscribe { instance, ack } => self.unsubscribe(work, instance, *ack).await,
            Command::Next { target, ack } => self.next(work, target, *ack).await,
            Command::Confirm { .. } => self.confirm(work, command).await,
            Command::Reopen {
                change,
                step,
                reason,
            } => self.reopen(work, *change, *step, reason).await,
            Command::Fail { change, reason } => self.stop(work, *change, reason, false).await,
            Command::Cancel { change, reason } => self.stop(work, *change, reason, true).await,
            Command::Approve {
                change,
                seen,
                request,
            } => self.approve(work, (*change, *request), *seen).await,
            Command::Reject {
                change,
                reason,
                request,
            } => self.reject(work, (*change, *request), reason).await,
            Command::Revoke { change } => self.revoke(work, *change).await,
            Command::BreakGlass {
                change,
                reason,
                ticket,
            } => self.break_glass(work, *change, reason, ticket).await,
            Command::Ack {
                what: AckTarget::Notice(number),
                about: _,
            } => self.ack_notice(work, *number).await,
            Command::Ack {
                what: AckTarget::Instance(instance),
                about,
            } => self.ack(work, instance, *about).await,
            Command::Snooze {
                instance,
                span,
                about,
            } => self.snooze(work, instance, (*span, *about)).await,
            Command::Wording {
                number,
                what,
                first,
                reason,
                alone: _,
            } => {
                self.say_of_wording(work, (*number, *what), (*first, reason.as_ref()))
                    .await
            }
            Command::Settings(command) => self.set(work, command).await,
            Command::Check { .. }
            | Command::Downgrade { by: None, .. }
            | Command::Todo { .. }
            | Command::Changes { .. }
            | Command::Change { .. }
            | Command::Why { .. }
            | Command::Rules
            | Command::Audit { .. }
            | Command::Reminders { .. }
            | Command::Rule { .. }
            | Command::Import(_)
            | Command::ImportUndo { .. }
            | Command::Imports
            | Command::Notice { .. }
            | Command::Notices { .. }
            | Command::Suppressed { .. }
            | Command::Wordings
            | Command::Help { .. } => Err(UserError::NothingSaid.into()),
        }
    }

    async fn instance(&self, work: &mut Work, command: &InstanceCommand) -> Result<Reply, Fatal> {
        match command {
            InstanceCommand::Add { .. } => self.add_instance(work, command).await,
            InstanceCommand::Set { .. } => self.set_instance(work, command).await,
            InstanceCommand::Remove { instance, reason } => {
                self.drop_instance(work, instance, reason, false).await
            }
            InstanceCommand::Lost { instance, reason } => {
                self.drop_instance(work, instance, reason, true).await
            }
            InstanceCommand::List { .. } | InstanceCommand::Show { .. } => {
                Err(UserError::NothingSaid.into())
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

//! One use case per file: load, decide, commit. The clock is read once per command, here.
//!
//! Functions without an `# Errors` section fail when the database cannot be read or written.

mod acknowledge;
mod actor;
mod ahead;
mod announce;
mod approve;
mod attest;
mod audit;
mod card;
mod changes;
mod claims;
mod compose;
mod digest;
mod doctor;
mod figures;
mod finish;
mod handover;
mod import;
mod intake;
mod notice;
mod policy;
mod prune;
mod query;
mod remind;
mod resolve;
mod restore;
mod schedule;
mod setting;
mod settings;
mod several;
mod steps;
mod suggest;
mod todo;
mod unit_of_work;
mod watch;
mod wording;
mod workspace;

pub use crate::domain::authority::Role;
pub use actor::{Actor, LOCAL_WORKSPACE, Permits};
pub use audit::{KeyProblem, TrailUse, begin_key, check_key, check_trail};
pub use compose::{CardUpdate, Composed, Outgoing, ReactionOn, RequestUpdate};
pub use doctor::Ailing;
pub use figures::{ChatLink, Figures};
pub use import::ImportSource;
pub use intake::Taken;
pub use notice::Incoming;
pub use schedule::CarriedOut;
pub use settings::Settings;
pub use watch::{ChannelMessage, Watched};

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tracing::Instrument as _;

use crate::answer::{Answer, AnswerResult, Fatal, ReadAs, Reply, UserError};
use crate::clock::Clock;
use crate::command::{AckTarget, Asked, Command, Decision, Query, When, help};
use crate::domain::Timestamp;
use crate::domain::authority::Permission;
use crate::domain::case::Moment;
use crate::domain::id::WorkspaceId;
use crate::domain::outcome::Outcome;
use crate::domain::team::{Limits, Policy};
use crate::meter::{ImportResult, Meter};
use crate::store::{Store, StoreError, StoreResult, Totals, Tx};
use crate::trace;
use import::ImportsUnderWay;
use settings::Configured;
use unit_of_work::UnitOfWork;

/// The bot without a surface: it answers commands.
#[derive(Clone)]
pub struct Warden {
    store: Store,
    clock: Arc<Clock>,
    /// Replaced as a whole when the configuration is reloaded.
    configured: Arc<RwLock<Arc<Configured>>>,
    meter: Meter,
    imports: ImportsUnderWay,
}

/// The context of one command: actor, time, settings and database.
pub(crate) struct RequestContext<'a> {
    store: &'a Store,
    actor: &'a Actor,
    /// The settings from the configuration.
    configured: &'a Configured,
    /// The settings of the workspace, once they have been read.
    settings: &'a Settings,
    meter: &'a Meter,
    imports: &'a ImportsUnderWay,
    now: Timestamp,
    /// The index of this decision among those of one message.
    part: usize,
}

impl RequestContext<'_> {
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

    /// The interpretation of a moment that was typed without a zone.
    fn read_as(&self, when: Option<When>) -> Option<ReadAs> {
        let local = when.filter(|when| matches!(when, When::Local(_)))?;
        let at = self.resolve_when(local).ok()?;
        let zone = self.settings.vendor_zone;
        Some(ReadAs { at, zone })
    }

    async fn read(&self) -> StoreResult<crate::store::Tx> {
        self.store.read(&self.actor.workspace).await
    }
}

impl Warden {
    pub fn new(store: Store, clock: Arc<Clock>, settings: Arc<Settings>) -> Self {
        Self {
            store,
            clock,
            configured: Arc::new(RwLock::new(Arc::new(Configured::new(settings)))),
            meter: Meter::default(),
            imports: ImportsUnderWay::default(),
        }
    }

    /// The current configuration. A decision keeps the one it began with.
    fn configured(&self) -> Arc<Configured> {
        let held = self.configured.read();
        Arc::clone(&held.unwrap_or_else(PoisonError::into_inner))
    }

    pub fn configure(&self, settings: Settings) {
        let new = Arc::new(Configured::new(Arc::new(settings)));
        let held = self.configured.write();
        *held.unwrap_or_else(PoisonError::into_inner) = new;
    }

    /// The context of a command that arrives now. The clock is read once.
    fn context<'a>(&'a self, configured: &'a Configured, actor: &'a Actor) -> RequestContext<'a> {
        RequestContext {
            store: &self.store,
            actor,
            configured,
            settings: configured.of(&actor.workspace),
            meter: &self.meter,
            imports: &self.imports,
            now: self.clock.now(),
            part: 0,
        }
    }

    /// Answers a command. Errors are answers too.
    pub async fn handle(&self, actor: &Actor, command: &Command) -> Reply {
        match self.handle_several(actor, command).await {
            Some(reply) => reply,
            None => self.handle_one(actor, command, 0).await,
        }
    }

    /// `part` is the index among the decisions of one message.
    async fn handle_one(&self, actor: &Actor, command: &Command, part: usize) -> Reply {
        let configured = self.configured();
        let context = RequestContext {
            part,
            ..self.context(&configured, actor)
        };
        let answering = async {
            let answered = context.dispatch(command).await;
            answered.unwrap_or_else(|fatal| fatal.into_reply(context.now))
        };
        let log = |reply: &Reply, ms| log_reply(actor, &command.verb(), reply, ms);
        self.in_span(actor, Box::pin(answering), log).await
    }

    /// Runs the answering of a command in its span, and logs the result.
    async fn in_span<T>(
        &self,
        actor: &Actor,
        answering: impl Future<Output = T>,
        log: impl FnOnce(&T, u64),
    ) -> T {
        let span = trace::command_span(actor.surface, &actor.workspace);
        let began = self.clock.steady();
        let answering = async {
            let answered = answering.await;
            let took = self.clock.steady().saturating_sub(began);
            log(
                &answered,
                u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            );
            answered
        };
        answering.instrument(span).await
    }

    /// Imports a file that the surface has read.
    pub async fn import(
        &self,
        actor: &Actor,
        request: &crate::command::Import,
        source: &ImportSource,
    ) -> Reply {
        let configured = self.configured();
        let context = self.context(&configured, actor);
        let answering = async {
            let answered = context.take_file(request, source).await;
            answered.unwrap_or_else(|fatal| fatal.into_reply(context.now))
        };
        let log = |reply: &Reply, ms| {
            log_reply(actor, "import", reply, ms);
            log_import(reply);
            if let Some(result) = import_result(reply) {
                self.meter.imported(result);
            }
        };
        self.in_span(actor, Box::pin(answering), log).await
    }

    /// Takes the notices of one message, with one decision each, and suppresses or raises them. A repeated one gets its first
    /// answer.
    pub async fn take_notices(&self, actor: &Actor, incoming: &[Incoming]) -> Reply {
        let configured = self.configured();
        let context = self.context(&configured, actor);
        let log = |reply: &Reply, ms| log_reply(actor, "notice", reply, ms);
        let taking = Box::pin(context.take_notices(incoming));
        self.in_span(actor, taking, log).await
    }

    /// The answer when the database failed before a command began.
    pub fn broken(&self, error: StoreError) -> Reply {
        Fatal::from(error).into_reply(self.clock.now())
    }

    /// The answer to a command that could not be parsed.
    pub fn misunderstood(&self, error: UserError) -> Reply {
        Fatal::User(error).into_reply(self.clock.now())
    }

    /// The counters of a workspace; costs one row.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn totals(&self, workspace: &WorkspaceId) -> StoreResult<Totals> {
        self.store.glance(workspace).await?.totals().await
    }

    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The settings from the configuration; [`Warden::settings_of`] has those of a workspace.
    pub fn settings(&self) -> Arc<Settings> {
        self.configured().shared()
    }

    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Monotonic time.
    pub fn steady(&self) -> Duration {
        self.clock.steady()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Logs the outcome of a command in one line.
fn log_reply(actor: &Actor, verb: &str, reply: &Reply, ms: u64) {
    let rules: Vec<&str> = reply.rules.iter().map(|rule| rule.as_str()).collect();
    tracing::info!(who = %actor.person.id, verb, outcome = reply.outcome.as_str(), rules = rules.join(","), duration.ms = ms, "a command was decided");
}

/// The result of an import; `None` for a dry run.
fn import_result(reply: &Reply) -> Option<ImportResult> {
    match (&reply.answer, reply.outcome) {
        (Answer::Imported(report), _) if report.dry_run => None,
        (Answer::Imported(report), _) if report.broken_off.is_some() => Some(ImportResult::Failed),
        (Answer::Imported(_), Outcome::Done) => Some(ImportResult::Taken),
        (Answer::Imported(_), Outcome::Inconclusive) => Some(ImportResult::Held),
        (Answer::Broken { .. }, _) => Some(ImportResult::Failed),
        _ => Some(ImportResult::Refused),
    }
}

/// Logs the result of an import in one line.
fn log_import(reply: &Reply) {
    if let Answer::Imported(report) = &reply.answer {
        let counts = report.counts();
        tracing::info!(
            import.number = report.number,
            import.dry_run = report.dry_run,
            import.new = counts.new,
            import.changed = counts.changed,
            import.unchanged = counts.unchanged,
            import.refused = counts.refused,
            "a file was imported"
        );
    }
}

impl RequestContext<'_> {
    /// Authorises before anything is read; then reads, or decides in one transaction.
    async fn dispatch(&self, command: &Command) -> AnswerResult {
        let asked = self.asked(command);
        // Notices and attestations are authorised individually.
        let permission = match asked {
            Asked::Notice(_) => None,
            _ => self.permission(command),
        };
        if let Some(permission) = permission.filter(|permission| !self.actor.may(*permission)) {
            return self.deny(command, permission).await;
        }
        match asked {
            Asked::Help(help) => self.help(&help.verb),
            Asked::Query(query) => {
                if let Query::Check(_) | Query::Routes(_) | Query::Rules | Query::Rule(_) = query {
                    let tx = self.store.read_at_once(&self.actor.workspace).await?;
                    match self.answer_query(tx, command, query).await {
                        Err(Fatal::Store(StoreError::LookedTwice)) => {}
                        answered => return answered,
                    }
                }
                self.answer_query(self.read().await?, command, query).await
            }
            Asked::Decision(decision) => self.decided(command, decision).await,
            Asked::Notice(notice) => match notice.text.still_there() {
                Some(number) => self.still_there(command, number).await,
                None => {
                    if let Some(number) = notice.text.meant_answer() {
                        return Err(UserError::MeantAnswer(number).into());
                    }
                    if notice.text.names_file() {
                        let name = notice.text.to_string();
                        return Err(UserError::FileAsNotice(name).into());
                    }
                    let incoming = Incoming::said(self.actor, notice.text.as_str());
                    Ok(self.take_notices(&incoming).await)
                }
            },
            Asked::Import => Err(UserError::NoFilesHere.into()),
            Asked::ImportUndo(undo) => self.undo_import(command, undo.number).await,
            Asked::Handover(handover) => self.handover(command, handover).await,
        }
    }

    /// Answers a query by one state of the database.
    async fn answer_query(
        &self,
        mut tx: Tx,
        command: &Command,
        query: Query<'_>,
    ) -> Result<Reply, Fatal> {
        tx.expects(command.names_instance());
        let settings = self.settings_in(&mut tx).await?;
        let reply = self.by(&settings).answer(&mut tx, query).await?;
        tx.commit().await?;
        Ok(settings.read_by(reply))
    }

    /// The kind of a command for this person: without permission to take permits, `next` only shows the step.
    fn asked<'c>(&self, command: &'c Command) -> Asked<'c> {
        match command.asked() {
            Asked::Decision(Decision::Next(next))
                if next.ack.ack.is_none() && !self.actor.may(Permission::TakePermit) =>
            {
                Asked::Query(Query::Peek(&next.target))
            }
            asked => asked,
        }
    }

    /// The permission that a command needs. Managers of the server are never locked out of its settings.
    fn permission(&self, command: &Command) -> Option<Permission> {
        if self.actor.manages && matches!(command, Command::Settings(_)) {
            return Some(Permission::Settings);
        }
        self.asked(command).permission()
    }

    /// Decides by the settings read in the same transaction.
    async fn decided(&self, command: &Command, decision: Decision<'_>) -> AnswerResult {
        let decide = |work| async move {
            let mut work = self.claim(work).await?;
            work.tx.expects(command.names_instance());
            let settings = self.settings_in(&mut work.tx).await?;
            let context = self.by(&settings);
            let reply = context.decide(&mut work, decision).await?;
            let reply = context.finish(work, command, reply).await?;
            Ok::<_, Fatal>(settings.read_by(reply))
        };
        self.in_turn(decide).await
    }

    async fn answer(&self, tx: &mut Tx, query: Query<'_>) -> AnswerResult {
        match query {
            Query::ShowInstance(it) => self.show_instance(tx, &it.instance).await,
            Query::ListInstances(list) => self.list_instances(tx, list).await,
            Query::Check(check) => self.check(tx, check).await,
            Query::Routes(instance) => self.compare_routes(tx, instance).await,
            Query::Peek(target) => self.peek(tx, target).await,
            Query::Reminders(it) => self.reminders(tx, &it.instance).await,
            Query::Todo(todo) => self.todo(tx, todo).await,
            Query::Changes(it) => self.list_changes(tx, it).await,
            Query::Change(it) => self.show_change(tx, it.change).await,
            Query::Why(why) => self.why(tx, &why.target).await,
            Query::Rules => Ok(self.info(Answer::Rules)),
            Query::Rule(rule) => Ok(self.info(Answer::Rule(rule.id))),
            Query::Imports => self.list_imports(tx).await,
            Query::Notices(it) => match &it.instance {
                Some(instance) => self.list_notices(tx, instance, it.page).await,
                None => self.list_raised(tx, it.page).await,
            },
            Query::Suppressed(it) => self.list_suppressed(tx, it).await,
            Query::Wording(notice) => self.show_wording(tx, notice).await,
            Query::Wordings => self.list_wordings(tx).await,
            Query::Audit(audit) => self.audit(tx, audit).await,
            Query::Settings => self.show_settings(tx).await,
        }
    }

    async fn decide(&self, work: &mut UnitOfWork, decision: Decision<'_>) -> AnswerResult {
        match decision {
            Decision::AddInstance(add) => self.add_instance(work, add).await,
            Decision::SetInstance(set) => self.set_instance(work, set).await,
            Decision::RemoveInstance(it) => {
                self.drop_instance(work, &it.instance, &it.reason, false)
                    .await
            }
            Decision::LoseInstance(it) => {
                self.drop_instance(work, &it.instance, &it.reason, true)
                    .await
            }
            Decision::Action(it) => self.attest_action(work, &it.instance, it.action).await,
            Decision::Upgrade(it) => self.open_upgrade(work, it).await,
            Decision::Downgrade(it, route) => self.open_downgrade(work, it, route).await,
            Decision::Unsubscribe(it) => self.unsubscribe(work, &it.instance, it.ack).await,
            Decision::Next(it) => self.next(work, &it.target, it.ack).await,
            Decision::Confirm(confirm) => self.confirm(work, confirm).await,
            Decision::Reopen(it) => self.reopen(work, it.change, it.step, &it.reason).await,
            Decision::Fail(stop) => self.stop(work, stop, false).await,
            Decision::Cancel(stop) => self.stop(work, stop, true).await,
            Decision::Approve(approve) => self.approve(work, approve).await,
            Decision::Reject(reject) => self.reject(work, reject).await,
            Decision::Revoke(it) => self.revoke(work, it.change).await,
            Decision::BreakGlass(emergency_override) => {
                self.break_glass(work, emergency_override).await
            }
            Decision::Ack(it) => match &it.what {
                AckTarget::Notice(number) => self.ack_notice(work, *number).await,
                AckTarget::Instance(instance) => self.ack(work, instance, it.about).await,
            },
            Decision::Snooze(snooze) => self.snooze(work, snooze).await,
            Decision::Wording(said, what) => self.say_of_wording(work, said, what).await,
            Decision::Set(set) => self.set(work, set).await,
        }
    }

    fn help(&self, verb: &[String]) -> AnswerResult {
        Ok(self.info(match verb {
            [] => Answer::Verbs,
            verb => Answer::Help(help::verb(verb)?),
        }))
    }

    fn info(&self, answer: Answer) -> Reply {
        Reply::new(Outcome::Info, self.now, answer)
    }
}

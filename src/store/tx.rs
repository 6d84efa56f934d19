//! Transactions of a workspace.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{Either, Executor as _, FromRow};

use super::audit::Trail;
use super::connections::COMMIT;
use super::document::KnownDocuments;
use super::find::{self, ExactRow};
use super::load::CaseRow;
use super::save::Counted;
use super::schedule::Plans;
use super::seat::{Framing, Seat};
use super::sql::{Joint, Rows, Statement};
use super::{Engine, Store, StoreError, StoreResult, postgres, sql};
use crate::domain::audit::Head;
use crate::domain::id::{InstanceId, WorkspaceId};

/// A transaction, bound to its workspace. Dropping it without [`Tx::commit`] rolls it back.
#[derive(Debug)]
pub struct Tx {
    seat: Seat,
    workspace: WorkspaceId,
    /// The earliest due time written.
    soonest_ms: Option<i64>,
    /// The workspaces whose earliest due times may have changed.
    moved: BTreeSet<WorkspaceId>,
    /// Whether a row was written.
    wrote: bool,
    /// The number of statements run.
    asked: u32,
    /// The instances whose documents were written.
    pub(super) moved_instances: BTreeSet<String>,
    store: Store,
    pub(super) known: KnownDocuments,
    /// Cases that a look-up has loaded; valid until the next write.
    pub(super) ahead: Vec<CaseRow>,
    /// The text by which an instance will be looked up.
    expected: Option<String>,
    /// The result of that look-up; valid until the next write.
    looked_up: Option<(String, Vec<ExactRow>)>,
    /// Pending due times, written once at the end.
    pub(super) planned: Plans,
    /// The counters, once read, and the changes to them.
    pub(super) counted: Option<Counted>,
    /// The end of the audit trail, once read.
    pub(super) trail: Option<Trail>,
    /// The last entry that was appended to an audit trail.
    pub(super) recorded: Option<Head>,
    /// Whether an audit entry will follow.
    pub(super) records: bool,
    /// The writes that are sent with the next statement whose result is needed: a hop to the connection's thread and back costs
    /// as much as several statements.
    queued: Joint,
    refusals: Vec<ExpectedErrors>,
    /// Set while queued writes are under way, and for good if not all of them succeeded: then nothing may be committed.
    broken: bool,
    /// Set when a concurrent decision prevents the commit, so that this one is retried.
    pub(super) overtaken: Option<Arc<AtomicBool>>,
}

/// The errors for a write that violates a uniqueness constraint, or that writes no row.
#[derive(Debug, Default)]
pub(super) struct ExpectedErrors {
    pub(super) unique: Option<StoreError>,
    pub(super) no_row: Option<StoreError>,
}

/// The most writes sent together, and the most values of one: prepared statements are kept by the joint text.
const TOGETHER: usize = 16;
const VALUES: usize = 48;

/// The result of a statement.
#[derive(Default)]
struct StatementResult {
    rows: Vec<AnyRow>,
    written: u64,
}

/// The notifications due once the writes are durable.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    soonest_ms: Option<i64>,
    wrote: bool,
    /// The last entry of an audit trail among the writes.
    pub(super) recorded: Option<Head>,
}

impl Store {
    /// Sends the notifications of all decisions in a commit.
    pub(super) fn lasts(&self, rings: impl IntoIterator<Item = Ring>) {
        let (mut soonest_ms, mut wrote) = (None, 0);
        for ring in rings {
            soonest_ms = soonest_ms.into_iter().chain(ring.soonest_ms).min();
            wrote += u64::from(ring.wrote);
            if let (Some(ground), Some(head)) = (&self.ground, ring.recorded) {
                ground.note_row(head);
            }
        }
        if wrote > 0 {
            self.counter.committed();
            self.counter.served(wrote);
        }
        if let Some(at_ms) = soonest_ms {
            self.alarm.due_at(at_ms);
        }
    }
}

impl Tx {
    pub(super) fn new(seat: Seat, workspace: &WorkspaceId, store: &Store) -> Self {
        Self {
            seat,
            workspace: workspace.to_owned(),
            soonest_ms: None,
            moved: BTreeSet::new(),
            wrote: false,
            asked: 0,
            moved_instances: BTreeSet::new(),
            store: store.clone(),
            known: KnownDocuments::default(),
            ahead: Vec::new(),
            expected: None,
            looked_up: None,
            planned: Plans::default(),
            counted: None,
            trail: None,
            recorded: None,
            records: false,
            queued: Joint::default(),
            refusals: Vec::new(),
            broken: false,
            overtaken: None,
        }
    }

    /// Announces that a decision will be recorded, so that the needed data is read with the settings.
    pub const fn records(&mut self) {
        self.records = self.writes();
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing was changed then.
    pub async fn commit(mut self) -> StoreResult<()> {
        self.write_plans().await?;
        if self.counted.is_some_and(|counted| counted.has_moved()) {
            self.unplanned();
        }
        while let Some(workspace) = self.moved.pop_first() {
            self.keep_counters(workspace).await?;
        }
        if self.writes() {
            self.store.check_in_place()?;
        }
        // A write that writes no row is not refused by the database.
        let may_write_nothing = self.refusals.iter().any(|refusal| refusal.no_row.is_some());
        if may_write_nothing || !self.seat.commits_by_statement() {
            self.flush().await?;
        }
        if self.broken {
            return Err(StoreError::fault("a write was refused"));
        }
        if self.seat.commits_by_statement() {
            self.commit_with_the_last().await?;
        }
        let ring = Ring {
            soonest_ms: self.soonest_ms,
            wrote: self.wrote,
            recorded: self.recorded.take(),
        };
        let (store, overtaken) = (self.store.clone(), self.overtaken.take());
        let _next = match self.seat {
            // The group's task does the rest, even if nobody waits here any more.
            Seat::Lent(lent) => return lent.commit(ring).await,
            Seat::Glance(_) | Seat::Reading(_) => None,
            Seat::Writing(mut tx, next) => {
                if !tx.is_on_file() {
                    let recorded = ring.recorded.as_slice();
                    store
                        .commit(&mut tx, recorded, overtaken.as_deref())
                        .await?;
                }
                next
            }
        };
        self.store.lasts([ring]);
        Ok(())
    }

    /// Commits on a file, in the request of the last queued writes: if one of them fails, the commit is not run.
    async fn commit_with_the_last(&mut self) -> StoreResult<()> {
        if self.queued.is_empty() && self.seat.is_untouched() {
            return Ok(());
        }
        let sent = self.send_and(Some(COMMIT)).await?;
        sent.map_err(|error| self.failed(error))?;
        self.seat.ended();
        Ok(())
    }

    /// Records a due time, so that delivery is notified after the commit, unless it looks sooner anyway.
    pub(super) fn planned(&mut self, at_ms: i64) {
        let soonest = self.soonest_ms.unwrap_or(i64::MAX);
        self.soonest_ms = Some(soonest.min(at_ms));
        self.unplanned();
    }

    /// Records that something may be due later than before, or no longer.
    pub(super) fn unplanned(&mut self) {
        self.moved.insert(self.workspace.clone());
    }

    /// Notifies delivery after the commit.
    pub(super) const fn rings_at_once(&mut self) {
        self.soonest_ms = Some(i64::MIN);
    }

    /// Continues in another workspace once it is its turn, for messages to all workspaces. Such a transaction saves no cases.
    pub(super) async fn turn_to(&mut self, workspace: WorkspaceId) -> StoreResult<()> {
        if self.writes() && self.store.engine == Engine::Postgres {
            let taken = postgres::take_turn(self.seat.connection()?, &workspace).await;
            taken.map_err(|error| self.failed(error))?;
        }
        self.workspace = workspace;
        self.known = KnownDocuments::default();
        self.forget_ahead();
        self.counted = None;
        self.trail = None;
        Ok(())
    }

    /// The number of statements run.
    pub const fn asked(&self) -> u32 {
        self.asked
    }

    /// Whether the document of an instance was written.
    pub fn has_written(&self, id: &InstanceId) -> bool {
        self.moved_instances.contains(id.as_str())
    }

    fn count_statement(&mut self) {
        self.asked = self.asked.saturating_add(1);
        self.store.counter.asked();
    }

    /// The id of the workspace.
    pub const fn name(&self) -> &WorkspaceId {
        &self.workspace
    }

    pub(super) fn workspace(&self) -> WorkspaceId {
        self.workspace.clone()
    }

    /// Builds a statement on this workspace, which is its `$1`.
    pub(super) fn statement(&self, text: impl Into<String>) -> Statement {
        sql::statement(text).bind(self.workspace.to_string())
    }

    /// Like [`Tx::statement`], with result rows.
    pub(super) fn rows<R>(&self, text: impl Into<String>) -> Rows<R>
    where
        R: for<'r> FromRow<'r, AnyRow>,
    {
        sql::rows(text).bind(self.workspace.to_string())
    }

    pub(super) fn engine(&self) -> Engine {
        self.store.engine
    }

    pub(super) const fn writes(&self) -> bool {
        matches!(self.seat, Seat::Writing(..) | Seat::Lent(_))
    }

    pub(super) async fn all<R>(&mut self, query: Rows<R>) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin + 'static,
    {
        self.count_statement();
        self.queued.push(query)?;
        let sent = self.send().await?;
        let rows = sent.and_then(|sent| read(sent.first()));
        rows.map_err(|error| self.failed(error))
    }

    /// Like [`Tx::all`], of a statement on some keys, which are bound last: with a batch of them at a time.
    pub(super) async fn all_of<R, K>(
        &mut self,
        text: fn(usize) -> String,
        keys: &[K],
    ) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin + 'static,
        K: Clone + ToString,
    {
        let mut rows = Vec::new();
        for batch in sql::batches(keys) {
            let query = self.rows(text(batch.len()));
            let query = (batch.iter()).fold(query, |query, key| query.bind(key.to_string()));
            rows.extend(self.all(query).await?);
        }
        Ok(rows)
    }

    /// Like [`Tx::all`], for two queries that are sent together.
    pub(super) async fn both<R, S>(
        &mut self,
        first: Rows<R>,
        second: Rows<S>,
    ) -> StoreResult<(Vec<R>, Vec<S>)>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin + 'static,
        S: for<'r> FromRow<'r, AnyRow> + Send + Unpin + 'static,
    {
        // A server takes one statement at a time.
        if self.store.engine == Engine::Postgres {
            return Ok((self.all(first).await?, self.all(second).await?));
        }
        self.count_statement();
        self.count_statement();
        self.queued.push(first)?;
        self.queued.push(second)?;
        let sent = self.send().await?;
        let rows = sent.and_then(|sent| Ok((read(sent.first())?, read(sent.get(1))?)));
        rows.map_err(|error| self.failed(error))
    }

    /// Announces the look-up of an instance, which is then sent together with the query for the settings.
    pub fn expects(&mut self, text: Option<&str>) {
        self.expected = text.map(ToOwned::to_owned);
    }

    /// Like [`Tx::all`], and makes the announced look-up.
    pub(super) async fn all_and_expected<R>(&mut self, query: Rows<R>) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin + 'static,
    {
        let Some(text) = self.expected.take() else {
            return self.all(query).await;
        };
        let look_up = find::exact(self.name().as_str(), &text, None);
        let (rows, found) = self.both(query, look_up).await?;
        self.looked_up = Some((text, found));
        Ok(rows)
    }

    /// The rows of an instance look-up by a text, alone or with an account.
    pub(super) async fn look_up(
        &mut self,
        text: &str,
        account: Option<&str>,
    ) -> StoreResult<Vec<ExactRow>> {
        match self.looked_up.take() {
            Some((of, found)) if of == text && account.is_none() => Ok(found),
            _ => {
                self.all(find::exact(self.name().as_str(), text, account))
                    .await
            }
        }
    }

    fn forget_ahead(&mut self) {
        self.ahead.clear();
        self.looked_up = None;
    }

    /// Queues a write whose number of rows is not needed.
    pub(super) async fn later(&mut self, query: Statement) -> StoreResult<()> {
        self.later_or(query, ExpectedErrors::default()).await
    }

    /// Like [`Tx::later`], for a write that may be refused. The error is returned by a later statement, or by the commit; after it
    /// the transaction cannot be committed.
    pub(super) async fn later_or(
        &mut self,
        query: Statement,
        refusal: ExpectedErrors,
    ) -> StoreResult<()> {
        // A server takes one statement at a time.
        if self.store.engine == Engine::Postgres {
            let rows = match refusal.unique {
                Some(unique) => self.run_unique(query, || unique).await?,
                None => self.run(query).await?,
            };
            return refusal.no_row.filter(|_| rows == 0).map_or(Ok(()), Err);
        }
        self.count_statement();
        self.forget_ahead();
        let values = self.queued.push(query)?;
        self.refusals.push(refusal);
        if values > VALUES || self.refusals.len() >= TOGETHER {
            self.flush().await?;
        }
        Ok(())
    }

    /// Sends the queued writes.
    pub(super) async fn flush(&mut self) -> StoreResult<()> {
        if !self.refusals.is_empty() {
            let sent = self.send().await?;
            sent.map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    /// Sends what is queued: writes, and the statements whose results are needed. The inner error is an error of those.
    async fn send(&mut self) -> StoreResult<sqlx::Result<Vec<StatementResult>>> {
        self.send_and(None).await
    }

    /// Like [`Tx::send`], and ends the transaction by a last statement.
    async fn send_and(
        &mut self,
        last: Option<&'static str>,
    ) -> StoreResult<sqlx::Result<Vec<StatementResult>>> {
        self.store.counter.hopped();
        let refusals = std::mem::take(&mut self.refusals);
        let was_broken = self.broken;
        self.broken |= !refusals.is_empty();
        let queued = std::mem::take(&mut self.queued);
        let Framing { before, after } = self.seat.framing(queued.many());
        let query = queued.query(before, last.or(after));
        let (mut sent, mut now) = (Vec::new(), StatementResult::default());
        let connection = self.seat.connection()?;
        let asking = async {
            let mut results = connection.fetch_many(query);
            while let Some(result) = results.try_next().await? {
                match result {
                    Either::Right(row) => now.rows.push(row),
                    Either::Left(done) => {
                        now.written = done.rows_affected();
                        sent.push(std::mem::take(&mut now));
                    }
                }
            }
            Ok(())
        };
        let failed = self.store.in_time(asking).await.err();
        if let Seat::Glance(held) = &mut self.seat {
            let mut held = held.take();
            // After an error within a transaction, that is still open.
            if let Some(held) = held
                .as_mut()
                .filter(|_| failed.is_none() || before.is_none())
            {
                held.ended();
            }
        }
        let mut sent = sent.into_iter().skip(usize::from(before.is_some()));
        for refusal in refusals {
            let Some(StatementResult { written, .. }) = sent.next() else {
                let error = failed.unwrap_or(sqlx::Error::WorkerCrashed);
                return Err(self.refused(error, refusal));
            };
            self.wrote(written);
            if let Some(error) = refusal.no_row.filter(|_| written == 0) {
                return Err(error);
            }
        }
        self.broken = was_broken;
        Ok(failed.map_or_else(|| Ok(sent.collect()), Err))
    }

    fn refused(&mut self, error: sqlx::Error, refusal: ExpectedErrors) -> StoreError {
        let is_unique =
            matches!(&error, sqlx::Error::Database(error) if error.is_unique_violation());
        match refusal.unique.filter(|_| is_unique) {
            Some(unique) => unique,
            None => self.failed(error),
        }
    }

    fn wrote(&mut self, rows: u64) {
        if rows > 0 {
            self.wrote = true;
            self.store.counter.wrote(rows);
        }
    }

    /// Runs a statement; returns the number of rows written.
    pub(super) async fn run(&mut self, query: Statement) -> StoreResult<u64> {
        let done = self.execute(query).await?;
        done.map_err(|error| self.failed(error))
    }

    /// Like [`Tx::run`], for a statement on another file.
    pub(super) async fn run_for(&mut self, query: Statement, file: &Arc<str>) -> StoreResult<u64> {
        let done = self.execute(query).await?;
        done.map_err(|error| StoreError::explain(error, file))
    }

    /// Runs a statement that may violate a uniqueness constraint.
    pub(super) async fn run_unique(
        &mut self,
        query: Statement,
        met: impl FnOnce() -> StoreError,
    ) -> StoreResult<u64> {
        let on_server = self.store.engine == Engine::Postgres;
        if on_server {
            self.control("SAVEPOINT unique_row").await?;
        }
        match self.execute(query).await? {
            Ok(rows) => {
                if on_server {
                    self.control("RELEASE unique_row").await?;
                }
                Ok(rows)
            }
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                // On a server, a failed statement would otherwise abort the transaction.
                if on_server {
                    self.control("ROLLBACK TO unique_row").await?;
                }
                Err(met())
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn control(&mut self, text: &'static str) -> StoreResult<()> {
        self.store.counter.hopped();
        let run = sql::statement(text).execute(self.seat.connection()?);
        let done = self.store.in_time(run).await;
        done.map(drop).map_err(|error| self.failed(error))
    }

    fn failed(&mut self, error: sqlx::Error) -> StoreError {
        self.seat.fail();
        self.store.failed_of(error, self.overtaken.as_deref())
    }

    async fn execute(&mut self, query: Statement) -> StoreResult<sqlx::Result<u64>> {
        self.count_statement();
        self.forget_ahead();
        self.queued.push(query)?;
        let sent = self.send().await?;
        let written = sent.map(|sent| sent.iter().map(|sent| sent.written).sum());
        if let Ok(written) = written {
            self.wrote(written);
        }
        Ok(written)
    }
}

/// The rows of a statement.
fn read<R>(sent: Option<&StatementResult>) -> sqlx::Result<Vec<R>>
where
    R: for<'r> FromRow<'r, AnyRow>,
{
    let rows = sent.into_iter().flat_map(|sent| &sent.rows);
    rows.map(R::from_row).collect()
}

#[cfg(test)]
mod tests;

//! A transaction of one workspace.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sqlx::any::{Any, AnyRow};
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, FromRow, Transaction};

use super::audit::Trail;
use super::document::KnownDocuments;
use super::group::{Alone, Lent};
use super::load::CaseRow;
use super::save::Counted;
use super::schedule::Plans;
use super::sql::{Rows, Statement};
use super::{Engine, Store, StoreError, postgres, sql};
use crate::domain::id::InstanceId;

/// A transaction, bound to its workspace. Dropping it without [`Tx::commit`] undoes what it wrote.
#[derive(Debug)]
pub struct Tx {
    seat: Seat,
    workspace: String,
    /// The earliest moment at which something that was written is due.
    soonest_ms: Option<i64>,
    /// The workspaces whose earliest moments may be others now.
    moved: BTreeSet<String>,
    /// Whether a row was written.
    wrote: bool,
    /// How many statements were run.
    asked: u32,
    /// The instances whose documents were written.
    pub(super) moved_instances: BTreeSet<String>,
    store: Store,
    pub(super) known: KnownDocuments,
    /// Cases that a look-up read along; good until something is written.
    pub(super) ahead: Vec<CaseRow>,
    /// What is to be due when; written once, at the end.
    pub(super) planned: Plans,
    /// The counters, once they were read, and what is added to them.
    pub(super) counted: Option<Counted>,
    /// Where the audit trail ends, once that was read.
    pub(super) trail: Option<Trail>,
    /// Whether an entry of the audit trail is going to follow.
    pub(super) records: bool,
    /// Told when another one's decision keeps this from lasting, where it is taken again then.
    pub(super) overtaken: Option<Arc<AtomicBool>>,
}

/// What it speaks through.
#[derive(Debug)]
pub(super) enum Seat {
    /// A transaction of its own, to write; and the right to let the next one in, where it had a place in the line.
    Writing(Transaction<'static, Any>, Option<Alone>),
    /// That of a group, to write.
    Lent(Lent),
    /// A transaction of its own, to read.
    Reading(Transaction<'static, Any>),
    /// No transaction: for one statement, which sees one moment anyway.
    Glance(Option<PoolConnection<Any>>),
}

impl Seat {
    fn connection(&mut self) -> Result<&mut AnyConnection, StoreError> {
        match self {
            Self::Writing(tx, _) | Self::Reading(tx) => Ok(&mut *tx),
            Self::Lent(lent) => match lent.transaction() {
                Some(tx) => Ok(&mut *tx),
                None => Err(StoreError::fault("what was lent was given back")),
            },
            Self::Glance(Some(connection)) => Ok(&mut *connection),
            Self::Glance(None) => Err(StoreError::fault("a glance is one statement")),
        }
    }

    /// Notes that something failed: what others of a group wrote may be undone.
    const fn fail(&mut self) {
        if let Self::Lent(lent) = self {
            lent.failed = true;
        }
    }
}

/// What is to be done once what was written lasts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ring {
    soonest_ms: Option<i64>,
    wrote: bool,
}

impl Store {
    /// Does what is to be done once something lasts: for all whom one commit has served.
    pub(super) fn lasts(&self, rings: impl IntoIterator<Item = Ring>) {
        let (mut soonest_ms, mut wrote) = (None, 0);
        for ring in rings {
            soonest_ms = soonest_ms.into_iter().chain(ring.soonest_ms).min();
            wrote += u64::from(ring.wrote);
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
    pub(super) fn new(seat: Seat, workspace: &str, store: &Store) -> Self {
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
            planned: Plans::default(),
            counted: None,
            trail: None,
            records: false,
            overtaken: None,
        }
    }

    /// Says that a decision is going to be recorded, so that what that takes is read along with the settings.
    pub const fn records(&mut self) {
        self.records = self.writes();
    }

    /// Makes what was written last.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing was changed then.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.write_plans().await?;
        if self.counted.is_some_and(|counted| counted.has_moved()) {
            self.unplanned();
        }
        while let Some(workspace) = self.moved.pop_first() {
            self.keep_counters(workspace).await?;
        }
        let ring = Ring {
            soonest_ms: self.soonest_ms,
            wrote: self.wrote,
        };
        let (store, overtaken) = (self.store.clone(), self.overtaken.take());
        let explain = |error| store.failed_of(error, overtaken.as_deref());
        let _next = match self.seat {
            // The last of them does the rest, also when nobody waits here any more.
            Seat::Lent(lent) => return lent.commit(ring).await,
            Seat::Glance(_) => None,
            Seat::Reading(tx) => {
                tx.commit().await.map_err(explain)?;
                None
            }
            Seat::Writing(tx, next) => {
                tx.commit().await.map_err(explain)?;
                next
            }
        };
        self.store.lasts([ring]);
        Ok(())
    }

    /// Notes that something is due at a moment, so that the one who delivers hears of it once this is committed, unless they
    /// look sooner anyway.
    pub(super) fn planned(&mut self, at_ms: i64) {
        let soonest = self.soonest_ms.unwrap_or(i64::MAX);
        self.soonest_ms = Some(soonest.min(at_ms));
        self.unplanned();
    }

    /// Notes that something may be due later than it was, or not any more.
    pub(super) fn unplanned(&mut self) {
        self.moved.insert(self.workspace.clone());
    }

    /// Has the one who delivers look once this is committed.
    pub(super) const fn rings_at_once(&mut self) {
        self.soonest_ms = Some(i64::MIN);
    }

    /// Goes on in another workspace, once it is its turn: for what the bot says everywhere. No case is saved by who does.
    pub(super) async fn turn_to(&mut self, workspace: String) -> Result<(), StoreError> {
        if self.writes() && self.store.engine == Engine::Postgres {
            let taken = postgres::take_turn(self.seat.connection()?, &workspace).await;
            taken.map_err(|error| self.failed(error))?;
        }
        self.workspace = workspace;
        self.known = KnownDocuments::default();
        self.ahead.clear();
        self.counted = None;
        self.trail = None;
        Ok(())
    }

    /// How many statements it has run.
    pub const fn asked(&self) -> u32 {
        self.asked
    }

    /// Whether what is known of an instance was written.
    pub fn has_written(&self, id: &InstanceId) -> bool {
        self.moved_instances.contains(id.as_str())
    }

    fn ask(&mut self) {
        self.asked = self.asked.saturating_add(1);
        self.store.counter.asked();
    }

    /// Which workspace's.
    pub fn name(&self) -> &str {
        &self.workspace
    }

    pub(super) fn workspace(&self) -> String {
        self.workspace.clone()
    }

    pub(super) const fn writes(&self) -> bool {
        matches!(self.seat, Seat::Writing(..) | Seat::Lent(_))
    }

    pub(super) async fn all<R>(&mut self, query: Rows<R>) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin + 'static,
    {
        self.ask();
        let rows = query.fetch_all(self.seat.connection()?).await;
        if let Seat::Glance(connection) = &mut self.seat {
            *connection = None;
        }
        rows.map_err(|error| self.failed(error))
    }

    /// Runs a statement; the number of rows it wrote.
    pub(super) async fn run(&mut self, query: Statement) -> Result<u64, StoreError> {
        let done = self.execute(query).await?;
        done.map_err(|error| self.failed(error))
    }

    /// As [`Tx::run`], of a statement that works on another file.
    pub(super) async fn run_for(
        &mut self,
        query: Statement,
        file: &Arc<str>,
    ) -> Result<u64, StoreError> {
        let done = self.execute(query).await?;
        done.map_err(|error| StoreError::explain(error, file))
    }

    /// Runs a statement that can meet a row that must be the only one of its kind.
    pub(super) async fn run_unique(
        &mut self,
        query: Statement,
        met: impl FnOnce() -> StoreError,
    ) -> Result<u64, StoreError> {
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
                // There a statement that fails would otherwise be the last one of its transaction.
                if on_server {
                    self.control("ROLLBACK TO unique_row").await?;
                }
                Err(met())
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn control(&mut self, text: &'static str) -> Result<(), StoreError> {
        let done = sql::statement(text).execute(self.seat.connection()?).await;
        done.map(drop).map_err(|error| self.failed(error))
    }

    fn failed(&mut self, error: sqlx::Error) -> StoreError {
        self.seat.fail();
        self.store.failed_of(error, self.overtaken.as_deref())
    }

    async fn execute(&mut self, query: Statement) -> Result<sqlx::Result<u64>, StoreError> {
        self.ask();
        self.ahead.clear();
        let done = query.execute(self.seat.connection()?).await;
        let done = done.map(|done| done.rows_affected());
        if let Ok(rows @ 1..) = done {
            self.wrote = true;
            self.store.counter.wrote(rows);
        }
        Ok(done)
    }
}

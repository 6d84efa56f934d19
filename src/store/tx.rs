//! A transaction of one workspace.

use sqlx::any::{Any, AnyRow};
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, FromRow, Transaction};

use super::document::Known;
use super::group::{Alone, Lent};
use super::load::CaseRow;
use super::sql::{Rows, Statement};
use super::{Store, StoreError};

/// A transaction, bound to its workspace. Dropping it without [`Tx::commit`] undoes what it wrote.
#[derive(Debug)]
pub struct Tx {
    seat: Seat,
    workspace: String,
    stirs: bool,
    /// Whether a row was written.
    wrote: bool,
    store: Store,
    pub(super) known: Known,
    /// Cases that a look-up read along; good until something is written.
    pub(super) ahead: Vec<CaseRow>,
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
    stirs: bool,
    wrote: bool,
}

impl Store {
    /// Does what is to be done once something lasts: for all whom one commit has served.
    pub(super) fn lasts(&self, rings: impl IntoIterator<Item = Ring>) {
        let mut all = Ring {
            stirs: false,
            wrote: false,
        };
        for ring in rings {
            all.stirs |= ring.stirs;
            all.wrote |= ring.wrote;
        }
        if all.wrote {
            self.counter.committed();
        }
        if all.stirs {
            self.bell.notify_one();
        }
    }
}

impl Tx {
    pub(super) fn new(seat: Seat, workspace: &str, store: &Store) -> Self {
        Self {
            seat,
            workspace: workspace.to_owned(),
            stirs: false,
            wrote: false,
            store: store.clone(),
            known: Known::default(),
            ahead: Vec::new(),
        }
    }

    /// Makes what was written last.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing was changed then.
    pub async fn commit(self) -> Result<(), StoreError> {
        let ring = Ring {
            stirs: self.stirs,
            wrote: self.wrote,
        };
        let explain = |error| StoreError::explain(error, &self.store.database);
        let _next = match self.seat {
            // Whoever made it last does the rest, also when nobody waits here any more.
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

    /// Notes that time or a message may now be due sooner, so that the bell rings once this is committed.
    pub(super) const fn stir(&mut self) {
        self.stirs = true;
    }

    /// Goes on in another workspace: for what the bot says everywhere.
    pub(super) fn turn_to(&mut self, workspace: String) {
        self.workspace = workspace;
        self.known = Known::default();
        self.ahead.clear();
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
        self.store.counter.asked();
        let rows = query.fetch_all(self.seat.connection()?).await;
        if let Seat::Glance(connection) = &mut self.seat {
            *connection = None;
        }
        if rows.is_err() {
            self.seat.fail();
        }
        rows.map_err(|error| StoreError::explain(error, &self.store.database))
    }

    /// Runs a statement; the number of rows it wrote.
    pub(super) async fn run(&mut self, query: Statement) -> Result<u64, StoreError> {
        let done = self.execute(query).await?;
        done.map_err(|error| self.failed(error))
    }

    /// Runs a statement that can meet a row that must be the only one of its kind.
    pub(super) async fn run_unique(
        &mut self,
        query: Statement,
        met: impl FnOnce() -> StoreError,
    ) -> Result<u64, StoreError> {
        match self.execute(query).await? {
            Ok(rows) => Ok(rows),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(met()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&mut self, error: sqlx::Error) -> StoreError {
        self.seat.fail();
        StoreError::explain(error, &self.store.database)
    }

    async fn execute(&mut self, query: Statement) -> Result<sqlx::Result<u64>, StoreError> {
        self.store.counter.asked();
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

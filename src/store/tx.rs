//! A transaction of one workspace.

use sqlx::any::{Any, AnyRow};
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, FromRow, Transaction};

use super::document::Known;
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
}

/// What it speaks through.
#[derive(Debug)]
pub(super) enum Seat {
    /// A transaction of its own, to write.
    Writing(Transaction<'static, Any>),
    /// A transaction of its own, to read.
    Reading(Transaction<'static, Any>),
    /// No transaction: for one statement, which sees one moment anyway.
    Glance(Option<PoolConnection<Any>>),
}

impl Seat {
    fn connection(&mut self) -> Result<&mut AnyConnection, StoreError> {
        match self {
            Self::Writing(tx) | Self::Reading(tx) => Ok(&mut *tx),
            Self::Glance(Some(connection)) => Ok(&mut *connection),
            Self::Glance(None) => Err(StoreError::fault("a glance is one statement")),
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
        }
    }

    /// Makes what was written last.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing was changed then.
    pub async fn commit(self) -> Result<(), StoreError> {
        if let Seat::Writing(tx) | Seat::Reading(tx) = self.seat {
            let done = tx.commit().await;
            done.map_err(|error| StoreError::explain(error, &self.store.database))?;
        }
        if self.wrote {
            self.store.counter.committed();
        }
        if self.stirs {
            self.store.bell.notify_one();
        }
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
    }

    /// Which workspace's.
    pub fn name(&self) -> &str {
        &self.workspace
    }

    pub(super) fn workspace(&self) -> String {
        self.workspace.clone()
    }

    pub(super) const fn writes(&self) -> bool {
        matches!(self.seat, Seat::Writing(_))
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
        rows.map_err(|error| StoreError::explain(error, &self.store.database))
    }

    /// Runs a statement; the number of rows it wrote.
    pub(super) async fn run(&mut self, query: Statement) -> Result<u64, StoreError> {
        let done = self.execute(query).await?;
        done.map_err(|error| StoreError::explain(error, &self.store.database))
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
            Err(error) => Err(StoreError::explain(error, &self.store.database)),
        }
    }

    async fn execute(&mut self, query: Statement) -> Result<sqlx::Result<u64>, StoreError> {
        self.store.counter.asked();
        let done = query.execute(self.seat.connection()?).await;
        let done = done.map(|done| done.rows_affected());
        if let Ok(rows @ 1..) = done {
            self.wrote = true;
            self.store.counter.wrote(rows);
        }
        Ok(done)
    }
}

//! A transaction of one workspace.

use std::sync::Arc;

use sqlx::any::{Any, AnyRow};
use sqlx::{FromRow, Transaction};
use tokio::sync::Notify;

use super::document::Known;
use super::sql::{Rows, Statement};
use super::{Store, StoreError};

/// A transaction, bound to its workspace. Dropping it without [`Tx::commit`] undoes what it wrote.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Any>,
    workspace: String,
    writes: bool,
    stirs: bool,
    bell: Arc<Notify>,
    database: Arc<str>,
    pub(super) known: Known,
}

impl Tx {
    pub(super) fn new(
        inner: Transaction<'static, Any>,
        workspace: &str,
        writes: bool,
        store: &Store,
    ) -> Self {
        Self {
            inner,
            workspace: workspace.to_owned(),
            writes,
            stirs: false,
            bell: Arc::clone(&store.bell),
            database: Arc::clone(&store.database),
            known: Known::default(),
        }
    }

    /// Makes what was written last.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing was changed then.
    pub async fn commit(self) -> Result<(), StoreError> {
        let done = self.inner.commit().await;
        done.map_err(|error| StoreError::explain(error, &self.database))?;
        if self.stirs {
            self.bell.notify_one();
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

    pub(super) fn workspace(&self) -> String {
        self.workspace.clone()
    }

    pub(super) const fn writes(&self) -> bool {
        self.writes
    }

    pub(super) async fn all<R>(&mut self, query: Rows<R>) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin + 'static,
    {
        let rows = query.fetch_all(&mut *self.inner).await;
        rows.map_err(|error| StoreError::explain(error, &self.database))
    }

    /// Runs a statement; the number of rows it wrote.
    pub(super) async fn run(&mut self, query: Statement) -> Result<u64, StoreError> {
        let done = query.execute(&mut *self.inner).await;
        done.map(|done| done.rows_affected())
            .map_err(|error| StoreError::explain(error, &self.database))
    }

    /// Runs a statement that can meet a row that must be the only one of its kind.
    pub(super) async fn run_unique(
        &mut self,
        query: Statement,
        met: impl FnOnce() -> StoreError,
    ) -> Result<u64, StoreError> {
        match query.execute(&mut *self.inner).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(met()),
            Err(error) => Err(StoreError::explain(error, &self.database)),
        }
    }
}

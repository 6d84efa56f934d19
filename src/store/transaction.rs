//! Begins and commits transactions on either kind of database.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::connections::{self, Begun};
use super::seat::Seat;
use super::{Engine, Store, StoreError, StoreResult, Tx, postgres, sqlite};
use crate::domain::audit::Head;
use crate::domain::id::WorkspaceId;

impl Store {
    /// Begins a write transaction outside the queue, for work longer than one decision. There is one writer at a time, on a
    /// server one per workspace; others wait. Interactive decisions use a [`QueuePlace`](super::QueuePlace).
    ///
    /// # Errors
    /// [`StoreError::Locked`] when the wait times out, or any other [`StoreError`].
    pub async fn write(&self, workspace: &WorkspaceId) -> StoreResult<Tx> {
        let begun = async {
            let mut writing = self.begin_writing(workspace).await?;
            self.begin(&mut writing).await?;
            Ok(Seat::Writing(writing, None))
        };
        self.transaction(begun.await, workspace)
    }

    /// Begins a read transaction on the current state.
    pub async fn read(&self, workspace: &WorkspaceId) -> StoreResult<Tx> {
        let begun = match self.engine {
            Engine::Sqlite => {
                let held = self.reader.acquire().await;
                held.map(|held| Begun::on_file(held, sqlite::BEGIN_READING))
            }
            Engine::Postgres => {
                let begun = postgres::begin_reading(self.reader.pool()).await;
                begun.map(|begun| Begun::Server(Some(begun)))
            }
        };
        let begun = begun.map_err(|error| self.failed(error));
        self.transaction(begun.map(Seat::Reading), workspace)
    }

    /// Reads in a single request, without a transaction that goes on. A second one is rejected, because it could see another state.
    pub async fn glance(&self, workspace: &WorkspaceId) -> StoreResult<Tx> {
        let connection = self.reader.acquire().await;
        let connection = connection.map_err(|error| self.failed(error))?;
        Ok(Tx::new(Seat::Glance(Some(connection)), workspace, self))
    }

    /// Reads what is needed in one request, which mostly is all.
    ///
    /// # Errors
    /// Any [`StoreError`]; [`StoreError::LookedTwice`] where more is asked for than is sent together: [`Store::read`] is for that.
    pub async fn read_at_once(&self, workspace: &WorkspaceId) -> StoreResult<Tx> {
        match self.engine {
            Engine::Sqlite => self.glance(workspace).await,
            Engine::Postgres => self.read(workspace).await,
        }
    }

    /// Begins a transaction on a file before its first statement.
    pub(super) async fn begin(&self, writing: &mut Begun) -> StoreResult<()> {
        self.counter.hopped();
        let begun = writing.begin().await?;
        begun.map_err(|error| self.failed(error))
    }

    /// A write transaction; on a file, it begins with its first statement.
    pub(super) async fn begin_writing(&self, workspace: &WorkspaceId) -> StoreResult<Begun> {
        let begun = match self.engine {
            Engine::Sqlite => {
                let held = self.writer.acquire().await;
                held.map(|held| Begun::on_file(held, sqlite::BEGIN_WRITING))
            }
            Engine::Postgres => {
                let begun = postgres::begin_writing(self.writer.pool(), workspace).await;
                let mut begun = begun.map_err(|error| self.failed(error))?;
                if let Some(ground) = &self.ground {
                    let pool = self.reader.pool();
                    let checked = ground.check_if_doubted(&mut begun, pool).await;
                    checked.map_err(|error| self.failed(error))?;
                    self.check_in_place()?;
                }
                Ok(Begun::Server(Some(begun)))
            }
        };
        begun.map_err(|error| self.failed(error))
    }

    /// The answer to a statement; a server that goes silent is not waited for without a limit.
    pub(super) async fn in_time<T>(
        &self,
        answer: impl Future<Output = sqlx::Result<T>>,
    ) -> sqlx::Result<T> {
        match self.engine {
            Engine::Sqlite => answer.await,
            Engine::Postgres => postgres::in_time(answer).await,
        }
    }

    /// Commits a write transaction, whose entries in the audit trail are `recorded`. On a server whose answer is lost it is asked
    /// what happened to it.
    pub(super) async fn commit(
        &self,
        writing: &mut Begun,
        recorded: &[Head],
        overtaken: Option<&AtomicBool>,
    ) -> StoreResult<()> {
        let Begun::Server(transaction) = writing else {
            let done = writing.control(connections::COMMIT).await?;
            done.map_err(|error| self.failed_of(error, overtaken))?;
            writing.ended();
            return Ok(());
        };
        let Some(mut writing) = transaction.take() else {
            return Err(StoreError::fault("a transaction has ended"));
        };
        let marked = postgres::transaction_id(&mut writing).await;
        let mark = marked.map_err(|error| self.failed_of(error, overtaken))?;
        let Err(error) = postgres::in_time(writing.commit()).await else {
            return Ok(());
        };
        let has_committed = match mark {
            Some(mark) => postgres::has_committed(self.reader.pool(), &mark, recorded).await,
            None => Some(false),
        };
        match has_committed {
            Some(true) => Ok(()),
            Some(false) => Err(self.failed_of(error, overtaken)),
            None => {
                let database = Arc::clone(&self.database);
                let error = StoreError::Unsure { database };
                self.counter.failed(&error);
                Err(error)
            }
        }
    }

    pub(super) fn transaction(
        &self,
        begun: StoreResult<Seat>,
        workspace: &WorkspaceId,
    ) -> StoreResult<Tx> {
        let begun = begun?;
        self.counter.begun();
        Ok(Tx::new(begun, workspace, self))
    }
}

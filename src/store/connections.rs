//! Connections, and the transactions on them.
//!
//! Each request to a connection is a hop to its thread and back, which costs as much as several statements. The library's pool asks
//! a connection whether it is alive whenever it is released, and begins and ends a transaction by requests of their own. So the
//! connections to a file stay here between their uses, except after an interruption, and what begins a transaction is sent with its
//! first statement, and its commit with its last.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::any::Any;
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::sqlite::TURN;
use super::{StoreError, StoreResult};

/// Ends a transaction on a file, and keeps its writes.
pub(super) const COMMIT: &str = "COMMIT";

/// The connections of one kind. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Connections(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    pool: AnyPool,
    /// The right to a connection to a file. Those to a server are examined by their pool between uses.
    places: Option<Arc<Semaphore>>,
    /// The connections that nobody uses, with no transaction open.
    idle: Mutex<Vec<PoolConnection<Any>>>,
}

/// The condition in which a connection is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// No transaction is open.
    Clean,
    /// A transaction may be open, or a statement be running: the pool undoes it.
    Open,
    /// Not to be used again.
    Spoilt,
}

/// A connection in use.
#[derive(Debug)]
pub(super) struct HeldConnection {
    /// `None` only while it is dropped.
    connection: Option<PoolConnection<Any>>,
    of: Connections,
    condition: Condition,
    /// Given back after the connection.
    _place: Option<OwnedSemaphorePermit>,
}

impl Connections {
    /// At most `most` connections to a file.
    pub(super) fn to_file(pool: AnyPool, most: u32) -> Self {
        let most = usize::try_from(most).unwrap_or(1);
        Self::new(pool, Some(Arc::new(Semaphore::new(most))))
    }

    pub(super) fn to_server(pool: AnyPool) -> Self {
        Self::new(pool, None)
    }

    fn new(pool: AnyPool, places: Option<Arc<Semaphore>>) -> Self {
        Self(Arc::new(Kept {
            pool,
            places,
            idle: Mutex::default(),
        }))
    }

    /// The pool of connections to a server.
    pub(super) fn pool(&self) -> &AnyPool {
        &self.0.pool
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PoolConnection<Any>>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection, once one is free.
    pub(super) async fn acquire(&self) -> sqlx::Result<HeldConnection> {
        let place = match &self.0.places {
            None => None,
            Some(places) => {
                let place = tokio::time::timeout(TURN, Arc::clone(places).acquire_owned()).await;
                let place = place.map_err(|_| sqlx::Error::PoolTimedOut)?;
                Some(place.map_err(|_| sqlx::Error::PoolClosed)?)
            }
        };
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.0.pool.acquire().await?,
        };
        Ok(HeldConnection {
            connection: Some(connection),
            of: self.clone(),
            condition: Condition::Clean,
            _place: place,
        })
    }

    /// Closes all connections after their last use.
    pub(super) async fn close(&self) {
        if let Some(places) = &self.0.places {
            places.close();
        }
        let idle = mem::take(&mut *self.idle());
        drop(idle);
        self.0.pool.close().await;
    }

    /// Keeps a clean connection to a file for its next use; otherwise returns it.
    fn keep_idle(&self, connection: PoolConnection<Any>) -> Option<PoolConnection<Any>> {
        let places = self.0.places.as_ref();
        let mut idle = self.idle();
        // Looked at under the lock: what is kept after the connections were closed would stay open.
        if places.is_none_or(|places| places.is_closed()) {
            return Some(connection);
        }
        idle.push(connection);
        None
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        for connection in idle.drain(..) {
            // The pool would need a runtime, which may have ended.
            drop(connection.detach());
        }
    }
}

impl HeldConnection {
    pub(super) fn connection(&mut self) -> StoreResult<&mut AnyConnection> {
        let connection = self.connection.as_deref_mut();
        connection.ok_or_else(|| StoreError::fault("a connection was released"))
    }

    /// Until [`HeldConnection::ended`], a transaction may be open.
    pub(super) const fn begins(&mut self) {
        self.condition = Condition::Open;
    }

    /// No transaction is open any more.
    pub(super) const fn ended(&mut self) {
        self.condition = Condition::Clean;
    }
}

impl Drop for HeldConnection {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        match self.condition {
            Condition::Clean => drop(self.of.keep_idle(connection)),
            Condition::Open => drop(connection),
            Condition::Spoilt => connection.close_on_drop(),
        }
    }
}

/// A transaction. Dropped without a commit, it is rolled back.
#[derive(Debug)]
pub(super) enum Begun {
    /// On a file, where it begins with its first statement.
    File {
        held: HeldConnection,
        /// The statement that begins it, until that is sent.
        opening: Option<&'static str>,
    },
    /// On a server; `None` once it was committed.
    Server(Option<Transaction<'static, Any>>),
}

impl Begun {
    pub(super) const fn on_file(held: HeldConnection, opening: &'static str) -> Self {
        let opening = Some(opening);
        Self::File { held, opening }
    }

    pub(super) fn connection(&mut self) -> StoreResult<&mut AnyConnection> {
        match self {
            Self::File { held, .. } => held.connection(),
            Self::Server(Some(transaction)) => Ok(&mut *transaction),
            Self::Server(None) => Err(StoreError::fault("a transaction has ended")),
        }
    }

    /// The statement to be sent in front of the next one, with which the transaction begins.
    pub(super) const fn opening(&mut self) -> Option<&'static str> {
        match self {
            Self::File { held, opening } => {
                held.begins();
                opening.take()
            }
            Self::Server(_) => None,
        }
    }

    /// Whether it is on a file, where a commit is a statement.
    pub(super) const fn is_on_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }

    /// Whether nothing has been sent.
    pub(super) const fn is_untouched(&self) -> bool {
        matches!(
            self,
            Self::File {
                opening: Some(_),
                ..
            }
        )
    }

    /// Sends statements without values or results, after what begins the transaction.
    pub(super) async fn control(&mut self, text: &'static str) -> StoreResult<sqlx::Result<()>> {
        let text = self
            .opening()
            .map_or_else(|| text.to_owned(), |opening| format!("{opening}; {text}"));
        let sent = sqlx::raw_sql(AssertSqlSafe(text)).execute(self.connection()?);
        Ok(sent.await.map(drop))
    }

    /// Begins at once.
    pub(super) async fn begin(&mut self) -> StoreResult<sqlx::Result<()>> {
        let Some(opening) = self.opening() else {
            return Ok(Ok(()));
        };
        let sent = sqlx::raw_sql(opening).execute(self.connection()?);
        Ok(sent.await.map(drop))
    }

    /// Its commit was confirmed.
    pub(super) const fn ended(&mut self) {
        if let Self::File { held, .. } = self {
            held.ended();
        }
    }

    /// Rolls back, and closes the connection.
    pub(super) fn spoil(mut self) {
        if let Self::File { held, .. } = &mut self {
            held.condition = Condition::Spoilt;
        }
    }
}

#[cfg(test)]
mod tests;

//! That a process is there: a lock of its session, which goes with its connection, so that others see at once when it is gone.

use std::fmt;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection as _};
use tokio::sync::Mutex;

use super::connect::{connect, in_time, is_lively};
use crate::store::lease::TAKE;

/// Takes the lock of a holder; one that another session has is not waited for.
const HOLD: &str = "SELECT pg_try_advisory_lock(hashtextextended('warden: ' || $1, 0))";

/// Where the lock of the holder can be had, its process is gone.
const OR_GONE: &str = " OR (lease.holder <> excluded.holder \
     AND pg_try_advisory_xact_lock(hashtextextended('warden: ' || lease.holder, 0))) RETURNING";

/// Takes or renews the lease, also from one that is gone.
pub(in crate::store) fn take_lease() -> String {
    TAKE.replace(" RETURNING", OR_GONE)
}

/// The connection that shows that this process is there.
pub(in crate::store) struct Presence {
    to: AnyConnectOptions,
    held: Mutex<Option<AnyConnection>>,
}

/// The options hold the password.
impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").finish_non_exhaustive()
    }
}

impl Presence {
    pub(super) fn new(to: AnyConnectOptions) -> Self {
        Self {
            to,
            held: Mutex::default(),
        }
    }

    /// Shows that a holder is there, from now on.
    pub(in crate::store) async fn show(&self, holder: &str) -> sqlx::Result<()> {
        let mut held = self.held.lock().await;
        if let Some(connection) = held.as_mut()
            && is_lively(connection).await.is_ok()
        {
            return Ok(());
        }
        let mut connection = connect(&self.to).await?;
        // Where a connection that broke has the lock still, that one shows it until the server notices.
        let lock = sqlx::query_scalar(HOLD).bind(holder.to_owned());
        let locked: bool = in_time(lock.fetch_one(&mut connection)).await?;
        *held = locked.then_some(connection);
        Ok(())
    }

    /// Whether it still shows it; a lock that was lost lets others take over.
    pub(in crate::store) async fn is_shown(&self) -> bool {
        let mut held = self.held.lock().await;
        let is_shown = match held.as_mut() {
            Some(connection) => is_lively(connection).await.is_ok(),
            None => false,
        };
        if !is_shown {
            *held = None;
        }
        is_shown
    }

    /// Shows it no longer.
    pub(in crate::store) async fn end(&self) {
        if let Some(connection) = self.held.lock().await.take() {
            let _ = connection.close().await;
        }
    }
}

//! Whether a database on a server is still the one that was opened, with all that this process has recorded in it: a dump that was
//! restored has other tables, and a standby that took over may lack what was recorded last. What goes back unnoticed would be
//! trusted: a permit that was taken back would permit again.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use sqlx::{AnyConnection, AnyPool, AssertSqlSafe};

use super::connect::in_time;
use crate::domain::audit::Head;
use crate::store::sql;

/// The rows that are looked for: more than transactions can be under way at once, since the last of them may be any.
const RECENT: usize = 16;

/// The identity of a database with its tables, which differs from that of any restored dump.
macro_rules! here {
    () => {
        "(SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database()) \
         || '/' || COALESCE(CAST(CAST(to_regclass('lease') AS oid) AS TEXT), 'none')"
    };
}

/// The database that was noted: `newest` where somebody said that this is the newest state, and in one where nothing is recorded yet.
/// A database with a trail and no note is from a copy that lacks it.
macro_rules! noted {
    () => {
        "COALESCE((SELECT holder FROM lease WHERE name = 'home'), \
         CASE WHEN EXISTS (SELECT 1 FROM audit) THEN 'none' ELSE 'newest' END)"
    };
}

/// Notes which database it is, where it is to be noted.
const NOTE: &str = concat!(
    "INSERT INTO lease (name, holder, until_ms, seen_ms) SELECT 'home', ",
    here!(),
    ", 0, 0 WHERE ",
    noted!(),
    " = 'newest' ON CONFLICT (name) DO UPDATE SET holder = excluded.holder"
);

/// Notes which database it is, whatever was noted before.
pub(in crate::store) const SETTLE: &str = concat!(
    "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ('home', ",
    here!(),
    ", 0, 0) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder"
);

/// Which database it is, unless another one was noted.
pub(in crate::store) const HOME: &str = concat!(
    "SELECT CASE WHEN ",
    noted!(),
    " IN ('newest', ",
    here!(),
    ") THEN ",
    here!(),
    " END"
);

/// Has everybody see that it went back, also who opens it later.
const SPOIL: &str = "UPDATE lease SET holder = 'went back' WHERE name = 'home'";

/// The last records of a process, and the check that the database still has them.
#[derive(Debug, Default)]
pub(in crate::store) struct Ground {
    /// Which database it is; known once it is open.
    home: OnceLock<String>,
    recent: Mutex<VecDeque<Head>>,
    /// How many connections were made, each perhaps to another server, and how many when it was looked at.
    made: AtomicU64,
    looked: AtomicU64,
    went_back: AtomicBool,
}

impl Ground {
    fn recent(&self) -> MutexGuard<'_, VecDeque<Head>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes which database it is; `false` where another one was noted in it, so that it is from a copy.
    pub(in crate::store) async fn note_home(&self, pool: &AnyPool) -> sqlx::Result<bool> {
        let mut connection = in_time(pool.acquire()).await?;
        in_time(sqlx::query(NOTE).execute(&mut *connection)).await?;
        let home = home(&mut connection).await?;
        let is_home = home.is_some();
        if let Some(home) = home {
            // Settled twice, it is the same.
            let _ = self.home.set(home);
        }
        Ok(is_home)
    }

    /// A row was recorded durably.
    pub(in crate::store) fn note_row(&self, head: Head) {
        let mut recent = self.recent();
        if recent.len() == RECENT {
            recent.pop_front();
        }
        recent.push_back(head);
    }

    /// Has it be looked at before the next decision.
    pub(super) fn doubt(&self) {
        self.made.fetch_add(1, Ordering::AcqRel);
    }

    pub(in crate::store) fn has_gone_back(&self) -> bool {
        self.went_back.load(Ordering::Acquire)
    }

    /// Looks, if there is reason to, at the server of this connection. What is found holds for this process for good.
    pub(in crate::store) async fn check_if_doubted(
        &self,
        connection: &mut AnyConnection,
        pool: &AnyPool,
    ) -> sqlx::Result<()> {
        let made = self.made.load(Ordering::Acquire);
        if self.looked.load(Ordering::Acquire) >= made {
            return Ok(());
        }
        let is_whole = self.check(connection).await?;
        self.conclude(is_whole, pool).await;
        self.looked.fetch_max(made, Ordering::AcqRel);
        Ok(())
    }

    /// Looks now; an error is none of the past.
    pub(in crate::store) async fn check_now(&self, pool: &AnyPool) {
        let checked = async {
            let mut connection = in_time(pool.acquire()).await?;
            self.check(&mut connection).await
        };
        if let Ok(is_whole) = checked.await {
            self.conclude(is_whole, pool).await;
        }
    }

    async fn check(&self, connection: &mut AnyConnection) -> sqlx::Result<bool> {
        let home = home(connection).await?;
        if home.is_none()
            || self
                .home
                .get()
                .is_some_and(|known| Some(known) != home.as_ref())
        {
            return Ok(false);
        }
        let recent: Vec<Head> = self.recent().iter().cloned().collect();
        has_rows(connection, &recent).await
    }

    async fn conclude(&self, is_whole: bool, pool: &AnyPool) {
        if !is_whole && !self.went_back.swap(true, Ordering::AcqRel) {
            // Where it cannot be noted, this process refuses all the same.
            let _ = in_time(sqlx::query(SPOIL).execute(pool)).await;
        }
    }
}

async fn home(connection: &mut AnyConnection) -> sqlx::Result<Option<String>> {
    in_time(sqlx::query_scalar(HOME).fetch_one(connection)).await
}

/// Whether the trails have all of these rows. A standby, which may be behind, cannot say.
pub(in crate::store) async fn has_rows(
    connection: &mut AnyConnection,
    rows: &[Head],
) -> sqlx::Result<bool> {
    if rows.is_empty() {
        return Ok(true);
    }
    let each = (0..rows.len()).map(|row| format!("({})", sql::placeholders(1 + 3 * row, 3)));
    let each: Vec<String> = each.collect();
    let text = format!(
        "SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE CAST(COUNT(*) AS BIGINT) END FROM audit \
         WHERE (workspace, seq, hash) IN ({})",
        each.join(", ")
    );
    let mut query = sqlx::query_scalar(AssertSqlSafe(text));
    for row in rows {
        let seq = i64::try_from(row.seq).unwrap_or(i64::MAX);
        query = query
            .bind(row.workspace.to_string())
            .bind(seq)
            .bind(row.hash.clone());
    }
    let found: Option<i64> = in_time(query.fetch_one(connection)).await?;
    let found = found.ok_or(sqlx::Error::RowNotFound)?;
    Ok(usize::try_from(found) == Ok(rows.len()))
}

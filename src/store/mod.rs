//! The database, and the only module with SQL.
//!
//! Invariants: every row and every statement belongs to one workspace; statements have bound parameters and portable SQL,
//! executed through `sqlx::Any`; SQL specific to one kind of database is in `sqlite/` and `postgres/`, and in their migrations;
//! row types are private to this module.
//!
//! Failures return a [`StoreError`] and change nothing.

mod alarm;
mod around;
mod attention;
mod audit;
mod behind;
mod card;
mod census;
mod change;
mod channel_queue;
mod claim;
mod code;
mod concern;
mod connections;
mod digest;
mod doctor;
mod document;
mod error;
mod event;
mod find;
mod gauge;
mod group;
mod health;
mod heard;
mod import;
mod instance;
mod intake;
mod lease;
mod list;
mod load;
mod migrations;
mod notice;
mod open;
mod outbox;
mod pause;
#[cfg(test)]
mod plans;
mod postgres;
mod reminder;
mod restoration;
mod retention;
mod save;
mod schedule;
mod seat;
#[cfg(test)]
#[path = "../../tests/it/server.rs"]
mod server;
mod setting;
mod sql;
mod sqlite;
mod suggest;
mod system;
mod tally;
mod todo;
mod transaction;
mod transfer;
mod tx;
mod upload;
mod watch;
mod wording;
mod workspace;

pub use alarm::Alarm;
pub use around::Around;
pub use audit::{AuditFilter, AuditPart};
pub use card::{CardRow, CardShown, OpenCard, RequestMessage};
pub use census::{
    CensusPart, CensusPlace, CensusTerms, ConcernCount, Horizon, InstanceCount, OneExpiry,
};
pub use channel_queue::Queue;
pub use doctor::{Derived, Differs};
pub use error::{StoreError, StoreResult};
pub use find::{Called, InstanceMatch, TrackingState};
pub use gauge::Gauges;
pub use group::QueuePlace;
pub use health::{Health, Orphans};
pub use import::{ImportChange, ImportTaken};
pub use intake::{FirstAnswer, Receipt};
pub use lease::{AWAY, Bid, HEADLESS, Served};
pub use list::{InstanceFilter, Page, PageRange};
pub use migrations::MigrationScript;
pub use notice::{ContextQuery, NameHolders, NoticeContext};
pub use outbox::{Moved, OutboxRow, SendResult};
pub use pause::Holding;
pub use reminder::{Fate, Settling};
pub use restoration::{Holds, Restoration, StillTrusted};
pub use retention::Pruned;
pub use schedule::{Due, Kind, ScheduleSubject, Upcoming};
pub use sqlite::{Claimed, MIGRATIONS, MissingPart, Options, ReadOnlyStore};
pub use system::System;
pub use tally::{GROUP_SIZES, Tally};
pub use todo::{Scope, TodoRow};
pub use transfer::Transfer;
pub use tx::Tx;
pub use upload::Upload;
pub use watch::Watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use connections::Connections;
use group::Lines;
use migrations::Scripts;
use tally::Counter;

/// The counts of a workspace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Tracked instances.
    pub instances: u64,
    pub open_changes: u64,
}

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    /// A file, with one writer at a time.
    Sqlite,
    /// A server, with one writer at a time in each workspace.
    Postgres,
}

impl Engine {
    /// The statement that lists the columns of a table.
    const fn columns(self) -> &'static str {
        match self {
            Self::Sqlite => sqlite::COLUMNS,
            Self::Postgres => postgres::COLUMNS,
        }
    }

    const fn scripts(self) -> Scripts {
        match self {
            Self::Sqlite => sqlite::SCRIPTS,
            Self::Postgres => postgres::SCRIPTS,
        }
    }
}

/// The database. Clones are cheap and share their connections.
#[derive(Debug, Clone)]
pub struct Store {
    writer: Connections,
    reader: Connections,
    alarm: Alarm,
    database: Arc<str>,
    counter: Arc<Counter>,
    engine: Engine,
    /// The presence that other processes see, where several take turns to deliver.
    presence: Option<Arc<postgres::Presence>>,
    /// Whether the server still has what was recorded, where the database is on one.
    ground: Option<Arc<postgres::Ground>>,
    lines: Arc<Lines>,
    /// Whether waiting decisions share a commit.
    shares_commits: bool,
    /// The file that is open, where it is one.
    file: Option<sqlite::OpenFile>,
}

impl Store {
    fn on(writer: Connections, reader: Connections, alarm: Alarm, database: Arc<str>) -> Self {
        Self {
            writer,
            reader,
            alarm,
            database,
            counter: Arc::default(),
            engine: Engine::Sqlite,
            presence: None,
            ground: None,
            lines: Arc::default(),
            shares_commits: false,
            file: None,
        }
    }

    /// Whether the file that is open is still the one that its name names, and a server has what was recorded on it.
    pub fn is_in_place(&self) -> bool {
        self.file.as_ref().is_none_or(sqlite::OpenFile::is_in_place) && !self.has_gone_back()
    }

    fn has_gone_back(&self) -> bool {
        let ground = self.ground.as_ref();
        ground.is_some_and(|ground| ground.has_gone_back())
    }

    /// Refuses to go on with a file that was moved away, replaced or deleted, or a server that went back to an earlier state.
    ///
    /// # Errors
    /// [`StoreError::MovedAway`] or [`StoreError::WentBack`].
    pub fn check_in_place(&self) -> StoreResult<()> {
        if self.is_in_place() {
            return Ok(());
        }
        let database = Arc::clone(&self.database);
        let error = match self.has_gone_back() {
            true => StoreError::WentBack { database },
            false => StoreError::MovedAway { database },
        };
        self.counter.failed(&error);
        Err(error)
    }

    /// Converts and counts an error.
    fn failed(&self, error: sqlx::Error) -> StoreError {
        let error = match (self.engine, &error) {
            (Engine::Postgres, sqlx::Error::PoolTimedOut) => {
                postgres::no_connection(&self.database)
            }
            (Engine::Sqlite | Engine::Postgres, _) => StoreError::explain(error, &self.database),
        };
        // A file that is deleted during a statement is a disk error to SQLite, and before a connection cannot be opened.
        let is_gone = self.file.as_ref().is_some_and(|file| !file.is_in_place());
        let error = match error {
            StoreError::DiskError { database } | StoreError::CannotOpen { database, .. }
                if is_gone =>
            {
                StoreError::MovedAway { database }
            }
            error => error,
        };
        self.counter.failed(&error);
        error
    }

    /// Like [`Store::failed`]; also flags a decision to be retried after a conflict.
    fn failed_of(&self, error: sqlx::Error, overtaken: Option<&AtomicBool>) -> StoreError {
        let error = self.failed(error);
        if let (StoreError::Overtaken, Some(told)) = (&error, overtaken) {
            told.store(true, Ordering::Release);
        }
        error
    }

    /// The numbers of failures so far, by kind.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        self.counter.failures().into_iter()
    }

    /// The numbers of commits by bucket of [`GROUP_SIZES`], not cumulative, and the total number of decisions.
    pub fn commit_groups(&self) -> ([u64; GROUP_SIZES.len()], u64) {
        self.counter.groups()
    }

    /// The usage so far, of all clones.
    pub fn tally(&self) -> Tally {
        self.counter.read()
    }

    /// The alarm for delivery. It keeps one ring until that is received.
    pub const fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Closes all connections after running transactions have ended.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
        if let Some(presence) = &self.presence {
            presence.end().await;
        }
    }
}

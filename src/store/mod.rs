//! The database: the only place that knows SQL.
//!
//! Invariants: every row and every statement belongs to one workspace; statements are bound, portable text spoken through
//! `sqlx::Any`; what only one kind of database can say is in `sqlite/` and `postgres/`, and in their migrations; row types
//! stay in here.
//!
//! What may fail fails with a [`StoreError`], and nothing was changed then.

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
pub use error::StoreError;
pub use gauge::Gauges;
pub use group::QueuePlace;
pub use health::{Health, Orphans};
pub use import::{ImportChange, ImportTaken};
pub use intake::{Answered, Receipt};
pub use lease::{Bid, HEADLESS};
pub use list::{InstanceFilter, PageRange};
pub use migrations::MigrationScript;
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

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{Any, AnyPool, Transaction};

use group::Lines;
use migrations::Scripts;
use tally::Counter;
use tx::Seat;

use crate::domain::Timestamp;
use crate::domain::id::{InstanceId, InstanceName, Namesake, Region, called};
use crate::domain::instance::Edition;
use crate::domain::place::Place;

/// What a look-up says of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceMatch {
    /// Its full id.
    pub id: InstanceId,
    /// Its region.
    pub region: Region,
    /// Its name.
    pub name: InstanceName,
    /// Whether it is followed.
    pub tracking: TrackingState,
    /// Its edition, if it is known.
    pub edition: Option<Edition>,
    /// Its expiry, the earlier one where two sources disagree.
    pub expires: Option<Timestamp>,
    /// Whether another of its region, in another account, is called so too.
    pub shared: bool,
}

impl InstanceMatch {
    /// What names it alone: `region/name`, with the account where that is not enough.
    pub fn handle(&self) -> String {
        format!("{}/{}", self.region, self.called())
    }

    /// As [`InstanceMatch::handle`], without its region.
    pub fn called(&self) -> String {
        called(&self.id, &self.name, self.shared)
    }
}

/// What an instance is called at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// It, and its name.
    pub namesake: Namesake,
    /// When that was last said.
    pub described_at: Option<Timestamp>,
    /// Whether it is followed.
    pub is_tracked: bool,
}

/// Whether an instance is followed, without who ended that and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrackingState {
    /// It is followed.
    Tracked,
    /// It was deleted at the vendor.
    Lost,
    /// Somebody stopped following it.
    Removed,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub rows: Vec<T>,
    /// Which one, from 1.
    pub page: u32,
    /// Whether another one follows.
    pub more: bool,
}

impl<T> Page<T> {
    /// A page of what was gathered as a whole, or as far as the row behind the page.
    pub fn of(gathered: Vec<T>, part: PageRange) -> Self {
        let mut rows: Vec<T> = gathered.into_iter().skip(part.before()).collect();
        let more = part.cut(&mut rows);
        Self {
            rows,
            page: part.page,
            more,
        }
    }

    /// How many there are on all pages, where this is one of those; known on the last one.
    pub fn total(&self, part: PageRange) -> Option<u64> {
        // A page behind the last one says nothing.
        let is_last = !self.more && (self.page == 1 || !self.rows.is_empty());
        let all = part.before().saturating_add(self.rows.len());
        is_last.then(|| u64::try_from(all).unwrap_or(u64::MAX))
    }
}

/// What a workspace holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Tracked instances.
    pub instances: u64,
    /// Open changes.
    pub open_changes: u64,
}

/// Which kind of database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    /// A file: one writes at a time.
    Sqlite,
    /// On a server: one writes at a time in each workspace.
    Postgres,
}

impl Engine {
    const fn scripts(self) -> Scripts {
        match self {
            Self::Sqlite => sqlite::SCRIPTS,
            Self::Postgres => postgres::SCRIPTS,
        }
    }
}

/// The database. Cloning it is cheap; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Store {
    writer: AnyPool,
    reader: AnyPool,
    alarm: Alarm,
    database: Arc<str>,
    counter: Arc<Counter>,
    engine: Engine,
    lines: Arc<Lines>,
    /// Whether decisions that wait at the same time share a commit.
    shares_commits: bool,
}

impl Store {
    fn on(writer: AnyPool, reader: AnyPool, alarm: Alarm, database: Arc<str>) -> Self {
        Self {
            writer,
            reader,
            alarm,
            database,
            counter: Arc::default(),
            engine: Engine::Sqlite,
            lines: Arc::default(),
            shares_commits: false,
        }
    }

    /// Whether there is a database, or one that is being replaced: opening that says so.
    pub fn is_there(path: &Path) -> bool {
        path.exists() || sqlite::unfinished(path).exists()
    }

    /// Opens a database wherever it is, and brings it up to date where that is needed. A file is created.
    ///
    /// # Errors
    /// Any [`StoreError`], each saying the way out.
    pub async fn open_at(place: &Place) -> Result<Self, StoreError> {
        match place {
            Place::File(path) => Self::open(path).await,
            Place::Server(address) => postgres::open(address).await,
        }
    }

    /// Opens a database only to read it, wherever it is.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or any other [`StoreError`].
    pub async fn open_at_to_read(place: &Place) -> Result<ReadOnlyStore, StoreError> {
        match place {
            Place::File(path) => Self::open_to_read(path).await,
            Place::Server(address) => {
                let store = postgres::open_to_read(address).await?;
                Ok(ReadOnlyStore::whole(store))
            }
        }
    }

    /// Opens the database of a file, which is created and brought up to date where that is needed.
    ///
    /// # Errors
    /// Any [`StoreError`], each saying the way out.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Options::default()).await
    }

    /// Opens the database of a file only to read it, as it is: also one that is read-only, on read-only media or on a full
    /// disk, or whose `-wal` is missing.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or any other [`StoreError`].
    pub async fn open_to_read(path: &Path) -> Result<ReadOnlyStore, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing {
                database: path.display().to_string().into(),
            });
        }
        let reading = sqlite::open_to_read(path, Options::default()).await?;
        reading.store.check_filled().await?;
        Ok(reading)
    }

    /// Marks a file as a copy of the database that `of` stands for.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn mark_copy(copy: &Path, of: u32) -> Result<(), StoreError> {
        sqlite::mark_copy(copy, of).await
    }

    /// Takes the mark of a copy away: it becomes a database to be worked with.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn unmark_copy(copy: &Path) -> Result<(), StoreError> {
        sqlite::unmark_copy(copy).await
    }

    /// Keeps every process out of a database file until what is given is dropped.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while a process works with it, or any other [`StoreError`].
    pub fn claim(path: &Path) -> Result<Claimed, StoreError> {
        sqlite::claim(path)
    }

    /// The file that says that a database is being replaced: as long as it is there, nobody opens the database.
    pub fn unfinished(path: &Path) -> PathBuf {
        sqlite::unfinished(path)
    }

    /// Whether a file was marked as a copy of the database that `of` stands for.
    pub fn is_copy(file: &Path, of: u32) -> bool {
        sqlite::is_copy(file, of)
    }

    /// As [`Store::open`], with options.
    ///
    /// # Errors
    /// Any [`StoreError`], each saying the way out.
    pub async fn open_with(path: &Path, options: Options) -> Result<Self, StoreError> {
        let store = sqlite::open(path, options).await?;
        if !options.fills {
            store.check_filled().await?;
        }
        Ok(store)
    }

    /// A new database in memory, gone when the last clone is.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn in_memory() -> Result<Self, StoreError> {
        sqlite::in_memory().await
    }

    /// A new database for a test: in memory, or on the server that tests are given.
    #[cfg(test)]
    pub(crate) async fn fresh() -> Self {
        let Some(address) = server::new_database().await else {
            return Self::in_memory().await.unwrap();
        };
        Self::open_at(&Place::parse(&address).unwrap())
            .await
            .unwrap()
    }

    /// Begins to read, decide and write, alone: for what takes longer than one decision. There is one writer at a time, on a
    /// server one in each workspace; others wait their turn. What people wait for has a [`QueuePlace`].
    ///
    /// # Errors
    /// [`StoreError::Locked`] when the turn does not come, or any other [`StoreError`].
    pub async fn write(&self, workspace: &str) -> Result<Tx, StoreError> {
        let begun = self.begin_writing(workspace).await;
        let begun = begun.map(|writing| Seat::Writing(writing, None));
        self.transaction(begun, workspace)
    }

    /// Begins to read what is there at this moment.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn read(&self, workspace: &str) -> Result<Tx, StoreError> {
        let begun = match self.engine {
            Engine::Sqlite => self.reader.begin().await,
            Engine::Postgres => postgres::begin_reading(&self.reader).await,
        };
        self.transaction(begun.map(Seat::Reading), workspace)
    }

    /// Reads what one statement says, for which nothing is begun; another one is refused, since it would see another
    /// moment.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn glance(&self, workspace: &str) -> Result<Tx, StoreError> {
        let connection = self.reader.acquire().await;
        let connection = connection.map_err(|error| self.failed(error))?;
        Ok(Tx::new(Seat::Glance(Some(connection)), workspace, self))
    }

    async fn begin_writing(&self, workspace: &str) -> sqlx::Result<Transaction<'static, Any>> {
        match self.engine {
            Engine::Sqlite => self.writer.begin_with(sqlite::BEGIN_WRITING).await,
            Engine::Postgres => postgres::begin_writing(&self.writer, workspace).await,
        }
    }

    fn transaction(&self, begun: sqlx::Result<Seat>, workspace: &str) -> Result<Tx, StoreError> {
        let begun = begun.map_err(|error| self.failed(error))?;
        self.counter.begun();
        Ok(Tx::new(begun, workspace, self))
    }

    /// What a failure means for people; it is counted.
    fn failed(&self, error: sqlx::Error) -> StoreError {
        let error = match (self.engine, &error) {
            (Engine::Postgres, sqlx::Error::PoolTimedOut) => {
                postgres::no_connection(&self.database)
            }
            (Engine::Sqlite | Engine::Postgres, _) => StoreError::explain(error, &self.database),
        };
        self.counter.failed(&error);
        error
    }

    /// As [`Store::failed`]; one who decides again when overtaken is told.
    fn failed_of(&self, error: sqlx::Error, overtaken: Option<&AtomicBool>) -> StoreError {
        let error = self.failed(error);
        if let (StoreError::Overtaken, Some(told)) = (&error, overtaken) {
            told.store(true, Ordering::Release);
        }
        error
    }

    /// How often the database failed so far, by kind.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        self.counter.failures().into_iter()
    }

    /// How many commits served up to so many decisions, by [`GROUP_SIZES`], and how many they served together.
    pub fn commit_groups(&self) -> ([u64; GROUP_SIZES.len()], u64) {
        self.counter.groups()
    }

    /// How much was asked of it so far, by all its clones.
    pub fn tally(&self) -> Tally {
        self.counter.read()
    }

    /// Rings when something is due sooner than the one who delivers knows. It keeps one ring until it is heard.
    pub const fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Closes every connection; transactions that are under way are waited for.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

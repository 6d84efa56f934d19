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
pub use gauge::Gauges;
pub use group::QueuePlace;
pub use health::{Health, Orphans};
pub use import::{ImportChange, ImportTaken};
pub use intake::{FirstAnswer, Receipt};
pub use lease::{AWAY, Bid, HEADLESS, Served};
pub use list::{InstanceFilter, PageRange};
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

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use connections::{Begun, Connections};
use group::Lines;
use migrations::Scripts;
use seat::Seat;
use tally::Counter;

use crate::domain::Timestamp;
use crate::domain::audit::Head;
use crate::domain::id::{InstanceId, InstanceName, Namesake, Region, WorkspaceId, called};
use crate::domain::instance::Edition;
use crate::domain::place::DatabasePlace;

/// The result of a look-up of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceMatch {
    /// The full id.
    pub id: InstanceId,
    pub region: Region,
    pub name: InstanceName,
    /// Whether it is tracked.
    pub tracking: TrackingState,
    /// The edition, if known.
    pub edition: Option<Edition>,
    /// The expiry; the earlier one if two sources disagree.
    pub expires: Option<Timestamp>,
    /// Whether another instance of the region, in another account, has the same name.
    pub shared: bool,
    /// Whether the vendor's listing gives another tracked instance its name, or one that differs in case or looks like it.
    pub has_twin: bool,
}

impl InstanceMatch {
    /// A unique name: `region/name`, with the account if necessary.
    pub fn handle(&self) -> String {
        format!("{}/{}", self.region, self.called())
    }

    /// Like [`InstanceMatch::handle`], without the region.
    pub fn called(&self) -> String {
        called(&self.id, &self.name, self.shared)
    }
}

/// The current name of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    pub namesake: Namesake,
    /// The time of the last statement about its name.
    pub described_at: Option<Timestamp>,
    /// Whether it is tracked.
    pub is_tracked: bool,
}

/// The tracking state of an instance, without person and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrackingState {
    Tracked,
    /// Deleted at the vendor.
    Lost,
    /// No longer tracked, by decision of a person.
    Removed,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// The page number, from 1.
    pub page: u32,
    /// Whether there is a next page.
    pub more: bool,
}

impl<T> Page<T> {
    /// A page of rows collected completely, or up to one row after the page.
    pub fn of(gathered: Vec<T>, part: PageRange) -> Self {
        Self::cut(gathered.into_iter().skip(part.before()).collect(), part)
    }

    /// A page of its rows, and of the next one if there is a next page.
    fn cut(mut rows: Vec<T>, part: PageRange) -> Self {
        let most = usize::try_from(part.rows).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        Self {
            rows,
            page: part.page,
            more,
        }
    }

    /// The page with its rows read.
    fn read<U>(self, read: impl FnMut(T) -> StoreResult<U>) -> StoreResult<Page<U>> {
        let Self { rows, page, more } = self;
        let rows = rows.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { rows, page, more })
    }

    /// The number of rows on all pages, which is known on the last page.
    pub fn total(&self, part: PageRange) -> Option<u64> {
        // A page after the last one has no information.
        let is_last = !self.more && (self.page == 1 || !self.rows.is_empty());
        let all = part.before().saturating_add(self.rows.len());
        is_last.then(|| u64::try_from(all).unwrap_or(u64::MAX))
    }
}

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

    /// Whether the database exists, or is being replaced, or cannot be looked at, which opening it reports. A file without content
    /// is none.
    pub fn is_there(path: &Path) -> bool {
        let is_none = match path.metadata() {
            Ok(file) => file.is_file() && file.len() == 0,
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        !is_none || sqlite::unfinished(path).exists() || sqlite::left_alone(path).is_some()
    }

    /// Opens a database of either kind, and applies migrations. A missing file is created.
    pub async fn open_at(place: &DatabasePlace) -> StoreResult<Self> {
        let store = Self::open_filled(place).await?;
        store.check_moved(None).await?;
        store.check_ground().await?;
        Ok(store)
    }

    /// Like [`Store::open_at`], and also opens a database whose content was being moved to that place.
    pub async fn open_to_move(place: &DatabasePlace, to: &str) -> StoreResult<Self> {
        let store = Self::open_filled(place).await?;
        store.check_moved(Some(to)).await?;
        store.check_ground().await?;
        Ok(store)
    }

    /// Like [`Store::open_at`], and also opens a database that is known to be a copy of an earlier state.
    pub async fn open_put_back(place: &DatabasePlace) -> StoreResult<Self> {
        let mut store = Self::open_filled(place).await?;
        store.ground = None;
        Ok(store)
    }

    async fn open_filled(place: &DatabasePlace) -> StoreResult<Self> {
        let store = Self::open_to_fill(place).await?;
        store.check_filled().await?;
        Ok(store)
    }

    /// Like [`Store::open_at`], and also opens a database that is partly filled.
    pub async fn open_to_fill(place: &DatabasePlace) -> StoreResult<Self> {
        match place {
            DatabasePlace::File(path) => sqlite::open(path, Options::default()).await,
            DatabasePlace::Server(address) => postgres::open(address).await,
        }
    }

    /// Opens a database of either kind read-only.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or any other [`StoreError`].
    pub async fn open_at_to_read(place: &DatabasePlace) -> StoreResult<ReadOnlyStore> {
        match place {
            DatabasePlace::File(path) => Self::open_to_read(path).await,
            DatabasePlace::Server(address) => {
                let store = postgres::open_to_read(address).await?;
                store.check_filled().await?;
                Ok(ReadOnlyStore::whole(store))
            }
        }
    }

    /// Opens a database file, creates it if it is missing, and applies migrations.
    pub async fn open(path: &Path) -> StoreResult<Self> {
        Self::open_with(path, Options::default()).await
    }

    /// Opens a database file read-only and unchanged, even on read-only media, on a full disk, or without its `-wal`.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or any other [`StoreError`].
    pub async fn open_to_read(path: &Path) -> StoreResult<ReadOnlyStore> {
        if matches!(path.try_exists(), Ok(false)) {
            return Err(StoreError::Missing {
                database: path.display().to_string().into(),
            });
        }
        let reading = sqlite::open_to_read(path, Options::default()).await?;
        reading.store.check_filled().await?;
        Ok(reading)
    }

    /// Marks a file as a copy of the database identified by `of`.
    pub async fn mark_copy(copy: &Path, of: u32) -> StoreResult<()> {
        sqlite::mark_copy(copy, of).await
    }

    /// Removes the mark of a copy, so that it can be used as a database.
    pub async fn unmark_copy(copy: &Path) -> StoreResult<()> {
        sqlite::unmark_copy(copy).await
    }

    /// Excludes all processes from a database file until the result is dropped.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while a process uses it, or any other [`StoreError`].
    pub fn claim(path: &Path) -> StoreResult<Claimed> {
        sqlite::claim(path)
    }

    /// The marker file of a restoration: while it exists, the database cannot be opened.
    pub fn unfinished(path: &Path) -> PathBuf {
        sqlite::unfinished(path)
    }

    /// The number of the database that a file is marked as a copy of; `None` if it is not marked as one.
    pub fn copy_of(file: &Path) -> Option<u32> {
        sqlite::copy_of(file)
    }

    /// Like [`Store::open`], with options.
    pub async fn open_with(path: &Path, options: Options) -> StoreResult<Self> {
        let store = sqlite::open(path, options).await?;
        store.check_filled().await?;
        store.check_moved(None).await?;
        Ok(store)
    }

    /// A new in-memory database, dropped with its last clone.
    pub async fn in_memory() -> StoreResult<Self> {
        sqlite::in_memory().await
    }

    /// A new database for a test: in memory, or on the configured test server.
    #[cfg(test)]
    pub(crate) async fn fresh() -> Self {
        let Some(address) = server::new_database().await else {
            return Self::in_memory().await.unwrap();
        };
        Self::open_at(&DatabasePlace::parse(&address).unwrap())
            .await
            .unwrap()
    }

    /// Begins a write transaction outside the queue, for work longer than one decision. There is one writer at a time, on a
    /// server one per workspace; others wait. Interactive decisions use a [`QueuePlace`].
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

    /// Refuses a database on a server that is from a copy, or lacks what was recorded last.
    async fn check_ground(&self) -> StoreResult<()> {
        let Some(ground) = &self.ground else {
            return Ok(());
        };
        let settled = ground.note_home(self.writer.pool()).await;
        match settled.map_err(|error| self.failed(error))? {
            true => Ok(()),
            false => Err(StoreError::WentBack {
                database: Arc::clone(&self.database),
            }),
        }
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
    async fn begin(&self, writing: &mut Begun) -> StoreResult<()> {
        self.counter.hopped();
        let begun = writing.begin().await?;
        begun.map_err(|error| self.failed(error))
    }

    /// A write transaction; on a file, it begins with its first statement.
    async fn begin_writing(&self, workspace: &WorkspaceId) -> StoreResult<Begun> {
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
    async fn in_time<T>(&self, answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        match self.engine {
            Engine::Sqlite => answer.await,
            Engine::Postgres => postgres::in_time(answer).await,
        }
    }

    /// Commits a write transaction, whose entries in the audit trail are `recorded`. On a server whose answer is lost it is asked
    /// what happened to it.
    async fn commit(
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

    fn transaction(&self, begun: StoreResult<Seat>, workspace: &WorkspaceId) -> StoreResult<Tx> {
        let begun = begun?;
        self.counter.begun();
        Ok(Tx::new(begun, workspace, self))
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

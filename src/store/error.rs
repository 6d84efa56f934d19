//! The errors of the database, each as one sentence with the way out.

use std::error::Error as StdError;
use std::sync::Arc;

use super::{postgres, sqlite};
use crate::domain::id::WorkspaceId;

/// The result of a read or write.
pub type StoreResult<T> = Result<T, StoreError>;

/// The reason why the store failed. The text is for people; the library's error is the source, for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory of the database does not exist.
    #[error("there is no directory {directory}; create it, or choose another place with --db")]
    NoDirectory { directory: String },
    /// The file does not exist, and must not be created.
    #[error("there is no database {database}; name the one that is meant with --db")]
    Missing { database: Arc<str> },
    #[error(
        "the database {database} holds nothing; if it is a copy, copy it again together with the file {database}-wal, or end warden first"
    )]
    Empty { database: Arc<str> },
    /// The file cannot be opened or created.
    #[error(
        "the database {database} cannot be opened: {reason}; make it accessible, or choose another place with --db"
    )]
    CannotOpen { database: Arc<str>, reason: String },
    /// The path is a directory.
    #[error(
        "the database {database} is a directory; name a file in it, such as {database}/warden.db"
    )]
    Directory { database: Arc<str> },
    /// The path is a pipe, a socket or a device, of which opening might never come to an end.
    #[error(
        "the database {database} is no regular file but a pipe, a socket or a device; name the file that is meant with --db"
    )]
    NoFile { database: Arc<str> },
    #[error(
        "the database {database} is read-only; make the file and its directory writable, or choose another place with --db"
    )]
    ReadOnly { database: Arc<str> },
    /// The database was written by a newer version.
    #[error(
        "the database {database} was written by a newer version of this program (it has migration {found}, this version knows {known}); start the newer version, or restore a copy from before the update"
    )]
    Newer {
        database: Arc<str>,
        /// The database's latest migration.
        found: i64,
        /// This program's latest migration.
        known: i64,
    },
    /// The database is from before the first release.
    #[error(
        "the database {database} was written by a version from before the first release, and this one cannot read it; nothing was changed in it; choose another place with --db and import the instances there, or start the version that wrote it"
    )]
    Unreleased { database: Arc<str> },
    /// A migration of the database differs from this program's.
    #[error(
        "the database {database} was set up differently from what this program expects (migration {migration} differs); start the version that created it, or choose another place with --db"
    )]
    Different { database: Arc<str>, migration: i64 },
    /// The database belongs to another program.
    #[error(
        "the database {database} belongs to another program; nothing was changed in it; choose another place with --db"
    )]
    Foreign { database: Arc<str> },
    /// The file is not a database.
    #[error(
        "the file {database} is not a database, or its beginning is damaged; restore it from a backup, or choose another place with --db"
    )]
    NotADatabase { database: Arc<str> },
    #[error(
        "the database {database} is damaged; stop every program that uses it and restore it from a backup"
    )]
    Corrupt { database: Arc<str> },
    /// A process uses the database.
    #[error("the database {database} is in use by {by}; end it first, nothing was changed")]
    InUse {
        database: Arc<str>,
        /// The process, as far as it is known.
        by: String,
    },
    /// A restoration has begun and not ended.
    #[error(
        "the database {database} is being restored, or that broke off; unless `warden restore` is still running, run it again: what was replaced is beside it, as {database}.replaced-…"
    )]
    HalfRestored { database: Arc<str> },
    /// A copy of a database, not the database.
    #[error(
        "{database} is a copy that `warden backup` made, and knows nothing of what happened since: nothing is recorded in it. Put it in the place of the database with `warden restore {database}`; what only reads works on the copy as it is"
    )]
    IsCopy { database: Arc<str> },
    /// A migration into this database has begun and not ended.
    #[error(
        "the database {database} is being filled from {from}, or that was interrupted; unless `warden migrate` is still running, run it again with the same --from and --to"
    )]
    BeingFilled { database: Arc<str>, from: String },
    /// The target of a migration must be empty.
    #[error(
        "the database {database} is not empty, and what is moved replaces nothing; name one that holds nothing"
    )]
    NotEmpty { database: Arc<str> },
    /// The file that is open is not the one of this name any more.
    #[error(
        "the database {database} was moved away, replaced or deleted while this process works with it; nothing was changed; put that file back, or end every warden and start with the one that is meant"
    )]
    MovedAway { database: Arc<str> },
    /// The database on a server is in an earlier state than it was.
    #[error(
        "the database {database} went back to an earlier state: a copy was restored there, or a standby took over that lacked what was recorded last. What it knows may be out of date, so nothing is recorded; end every warden, run `warden restore --distrust` on it, and start again"
    )]
    WentBack { database: Arc<str> },
    /// The content was moved to another database.
    #[error(
        "all that the database {database} held was moved to {to}, and nothing is recorded here any more: work with that one, or move it back into one that is empty. If that one is lost, put this one in the place of a database with `warden restore`; on a server, `warden restore --distrust`"
    )]
    MovedTo { database: Arc<str>, to: String },
    /// There is none, and something of one is there.
    #[error(
        "there is no database {database}, and {left} is left of one: it holds what was recorded last, and a new database would destroy it. Put the database back beside it; if that is lost, move {left} away, then restore a copy with `warden restore`"
    )]
    LeftAlone {
        database: Arc<str>,
        /// The remaining file.
        left: String,
    },
    /// The wait for another writer timed out.
    #[error(
        "the database {database} is locked by another process or command; nothing was changed; try again, or end the other process"
    )]
    Locked { database: Arc<str> },
    /// An entry without a key would follow keyed entries.
    #[error(
        "the audit trail of {workspace} was written with a key, and WARDEN_AUDIT_KEY is not set: what is recorded now would look put in; set the key"
    )]
    NeedsKey { workspace: WorkspaceId },
    /// An entry with a key would follow entries that all have none.
    #[error(
        "the audit trail of {workspace} began without a key, and this program runs with WARDEN_AUDIT_KEY; nothing was changed; start it without the key, or end every warden and run `warden audit begin-key`"
    )]
    BeganWithoutKey { workspace: WorkspaceId },
    #[error(
        "the disk that holds the database {database} is full; nothing was changed; free some space and try again"
    )]
    DiskFull { database: Arc<str> },
    #[error(
        "the disk that holds the database {database} reports an error; nothing was changed; check the disk and the system's log before going on"
    )]
    DiskError { database: Arc<str> },
    /// The linked SQLite has a known bug.
    #[error(
        "this program was built with SQLite {found}, which can damage a database; build it with SQLite {needed} or later"
    )]
    OldSqlite {
        /// Its version.
        found: String,
        /// The first version without the bug.
        needed: String,
    },
    /// Another tracked instance of the region has this name.
    #[error("another instance in {region} is already called `{name}`; choose another name")]
    NameTaken { region: String, name: String },
    #[error(
        "instance {instance} already has an open change; finish, fail or cancel that one first"
    )]
    AlreadyOpen { instance: String },
    /// The request was decided by another process.
    #[error("this was decided already, by another process; nothing was done a second time")]
    DecidedElsewhere,
    /// A row has an invalid value.
    #[error(
        "a row of the table `{table}` ({key}) holds a `{column}` that cannot be read; restore the database from a backup, or correct that row"
    )]
    Damaged {
        table: &'static str,
        /// The key of the row.
        key: String,
        column: &'static str,
    },
    /// A document that exceeds the limit.
    #[error(
        "what is kept of {of} would be {bytes} bytes long, and at most {most} are kept; nothing was changed; say it in fewer words"
    )]
    TooLong {
        of: String,
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// The database server cannot be reached or used.
    #[error(
        "the server of the database {database} cannot be used: {reason}; nothing was changed; see to it that it runs and can be reached, or correct the address in database.url or --db"
    )]
    NoServer { database: Arc<str>, reason: String },
    /// The address has something that is not known.
    #[error(
        "the address of the database {database} cannot be used: {reason}; correct it in database.url or --db"
    )]
    BadAddress {
        database: Arc<str>,
        /// The reason, without the value, which may be secret.
        reason: String,
    },
    /// The answer to a commit was lost, and the server could not be asked what happened to it.
    #[error(
        "the connection to the server of the database {database} broke off while this was recorded, and whether it was is not known; look at what is recorded before you repeat it"
    )]
    Unsure { database: Arc<str> },
    /// The server rejects the user or the password.
    #[error(
        "the server of the database {database} does not let this user in; correct the user and the password in database.url or --db, or in PGUSER and PGPASSWORD; if both are right, let the user in with `pg_hba.conf` on the server"
    )]
    NotLetIn { database: Arc<str> },
    #[error(
        "there is no database {database} on that server; create it with `createdb`, or correct its name in database.url or --db"
    )]
    NoDatabase { database: Arc<str> },
    /// The database has no tables, and none may be created.
    #[error(
        "the database {database} holds nothing yet; start warden once with it, or name the one that is meant with --db"
    )]
    NoTables { database: Arc<str> },
    /// The user lacks a privilege.
    #[error(
        "the user of the database {database} may not do there what is needed; grant the user CREATE on the schema, or the tables, and try again"
    )]
    NotPermitted { database: Arc<str> },
    /// The server is a standby, or read-only.
    #[error(
        "the database {database} takes no changes: its server is a standby, or it is set to read only; nothing was changed; name the primary server in database.url or --db"
    )]
    TakesNoChanges { database: Arc<str> },
    /// The version of the server is too old.
    #[error(
        "the database {database} is on PostgreSQL {found}, and version 15 or later is needed; update the server, or choose another place with --db"
    )]
    OldServer { database: Arc<str>, found: String },
    /// A statement timed out.
    #[error(
        "the database {database} took too long; nothing was changed; try again, and look at what else its server does if it goes on"
    )]
    TookTooLong { database: Arc<str> },
    /// A concurrent transaction prevented the commit.
    #[error("something else was decided at the same moment; nothing was changed; try again")]
    Overtaken,
    /// A text that the database cannot store.
    #[error(
        "what was given holds a NUL character, which is no text; nothing was changed; leave it out"
    )]
    NoText,
    /// A shared commit failed for another decision; this one is retried.
    #[error("another command failed at the same moment; nothing was changed; try again")]
    GivenUp,
    /// A look that was to be the only one is followed by another, which could see another state.
    #[error("the database was to be read at once; nothing was changed; try again")]
    LookedTwice,
    /// Any other error. Nothing was changed.
    #[error(
        "the database could not do what was asked; nothing was changed; try again, and tell the operator if it goes on"
    )]
    Broken(#[source] Box<dyn StdError + Send + Sync>),
}

impl StoreError {
    /// Converts a library error into one for people.
    pub(super) fn explain(error: sqlx::Error, database: &Arc<str>) -> Self {
        let code = error.as_database_error().and_then(|inner| inner.code());
        // A server's SQLSTATE may look like a SQLite code.
        let known = match postgres::is_of_server(&error) {
            true => postgres::explain(&error, database),
            false => code.and_then(|code| sqlite::explain_code(&code, database)),
        };
        match known {
            Some(explained) => explained,
            None if matches!(error, sqlx::Error::PoolTimedOut) => Self::Locked {
                database: Arc::clone(database),
            },
            None => Self::Broken(error.into()),
        }
    }

    /// Whether it may be recorded nevertheless.
    pub const fn may_be_recorded(&self) -> bool {
        matches!(self, Self::Unsure { .. })
    }

    /// Whether it is the place that takes no changes, so that another way to open it may succeed.
    pub const fn is_of_the_place(&self) -> bool {
        matches!(
            self,
            Self::CannotOpen { .. }
                | Self::ReadOnly { .. }
                | Self::DiskFull { .. }
                | Self::DiskError { .. }
                | Self::TakesNoChanges { .. }
        )
    }

    /// A row of a table with this key has an invalid value in a column.
    pub(crate) fn damaged(table: &'static str, key: String, column: &'static str) -> Self {
        Self::Damaged { table, key, column }
    }

    /// A database that cannot be opened.
    pub(super) fn cannot_open(database: &Arc<str>, reason: impl Into<String>) -> Self {
        Self::CannotOpen {
            database: Arc::clone(database),
            reason: reason.into(),
        }
    }

    /// An error that only a bug can cause.
    pub(super) fn fault(what: &'static str) -> Self {
        Self::Broken(what.into())
    }
}

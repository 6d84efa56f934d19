//! What can go wrong with the database, each in one sentence with the way out.

use std::error::Error as StdError;
use std::sync::Arc;

use super::{postgres, sqlite};

/// Why the store could not do what it was asked to. The text is for people; what a library said is the source, for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory of the database is not there.
    #[error("there is no directory {directory}; create it, or choose another place with --db")]
    NoDirectory { directory: String },
    /// The file is not there, and is not to be created.
    #[error("there is no database {database}; name the one that is meant with --db")]
    Missing { database: Arc<str> },
    /// It has no tables.
    #[error(
        "the database {database} holds nothing; if it is a copy, copy it again together with the file {database}-wal, or end warden first"
    )]
    Empty { database: Arc<str> },
    /// The file can be neither opened nor created.
    #[error(
        "the database {database} cannot be opened: {reason}; make it accessible, or choose another place with --db"
    )]
    CannotOpen {
        database: Arc<str>,
        /// Why, in plain words.
        reason: String,
    },
    /// The path is that of a directory.
    #[error(
        "the database {database} is a directory; name a file in it, such as {database}/warden.db"
    )]
    Directory {
        /// The directory.
        database: Arc<str>,
    },
    /// It can be read but not written.
    #[error(
        "the database {database} is read-only; make the file and its directory writable, or choose another place with --db"
    )]
    ReadOnly { database: Arc<str> },
    /// A later version of the program has written it.
    #[error(
        "the database {database} was written by a newer version of this program (it has migration {found}, this version knows {known}); start the newer version, or restore a copy from before the update"
    )]
    Newer {
        database: Arc<str>,
        /// The migration it has.
        found: i64,
        /// The latest one that is known.
        known: i64,
    },
    /// It is of a version before the first release.
    #[error(
        "the database {database} was written by a version from before the first release, and this one cannot read it; nothing was changed in it; choose another place with --db and import the instances there, or start the version that wrote it"
    )]
    Unreleased { database: Arc<str> },
    /// A migration it has is not the one this program has under that number.
    #[error(
        "the database {database} was set up differently from what this program expects (migration {migration} differs); start the version that created it, or choose another place with --db"
    )]
    Different {
        database: Arc<str>,
        /// The migration that differs.
        migration: i64,
    },
    /// It is a database of another program.
    #[error(
        "the database {database} belongs to another program; nothing was changed in it; choose another place with --db"
    )]
    Foreign { database: Arc<str> },
    /// The file holds something else.
    #[error(
        "the file {database} is not a database, or its beginning is damaged; restore it from a backup, or choose another place with --db"
    )]
    NotADatabase { database: Arc<str> },
    /// The file is damaged.
    #[error(
        "the database {database} is damaged; stop every program that uses it and restore it from a backup"
    )]
    Corrupt { database: Arc<str> },
    /// A process works with it.
    #[error("the database {database} is in use by {by}; end it first, nothing was changed")]
    InUse {
        database: Arc<str>,
        /// Who, as far as that is known.
        by: String,
    },
    /// A restoration of it has begun and has not ended.
    #[error(
        "the database {database} is being restored, or that broke off; unless `warden restore` is still running, run it again: what was replaced is beside it, as {database}.replaced-…"
    )]
    HalfRestored { database: Arc<str> },
    /// All of another database is being moved into it, and that has not ended.
    #[error(
        "the database {database} is being filled from {from}, or that was interrupted; unless `warden migrate` is still running, run it again with the same --from and --to"
    )]
    BeingFilled {
        database: Arc<str>,
        /// From where.
        from: String,
    },
    /// What is moved replaces nothing.
    #[error(
        "the database {database} is not empty, and what is moved replaces nothing; name one that holds nothing"
    )]
    NotEmpty { database: Arc<str> },
    /// Somebody else is writing, for too long.
    #[error(
        "the database {database} is locked by another process or command; nothing was changed; try again, or end the other process"
    )]
    Locked { database: Arc<str> },
    /// An entry without a key behind one with a key.
    #[error(
        "the audit trail of {workspace} was written with a key, and WARDEN_AUDIT_KEY is not set: what is recorded now would look put in; set the key"
    )]
    NeedsKey {
        /// Whose trail.
        workspace: String,
    },
    /// There is no room left.
    #[error(
        "the disk that holds the database {database} is full; nothing was changed; free some space and try again"
    )]
    DiskFull { database: Arc<str> },
    /// The disk does not do its work.
    #[error(
        "the disk that holds the database {database} reports an error; nothing was changed; check the disk and the system's log before going on"
    )]
    DiskError { database: Arc<str> },
    /// The `SQLite` linked in has a known fault.
    #[error(
        "this program was built with SQLite {found}, which can damage a database; build it with SQLite {needed} or later"
    )]
    OldSqlite {
        /// Its version.
        found: String,
        /// The first one without the fault.
        needed: String,
    },
    /// Another tracked instance of the region has the name.
    #[error("another instance in {region} is already called `{name}`; choose another name")]
    NameTaken { region: String, name: String },
    /// The instance has an open change already.
    #[error(
        "instance {instance} already has an open change; finish, fail or cancel that one first"
    )]
    AlreadyOpen { instance: String },
    /// A row holds what cannot be there.
    #[error(
        "a row of the table `{table}` ({key}) holds a `{column}` that cannot be read; restore the database from a backup, or correct that row"
    )]
    Damaged {
        table: &'static str,
        /// Which row.
        key: String,
        column: &'static str,
    },
    /// A document would be longer than what is kept.
    #[error(
        "what is kept of {of} would be {bytes} bytes long, and at most {most} are kept; nothing was changed; say it in fewer words"
    )]
    TooLong {
        of: String,
        /// How long it would be.
        bytes: usize,
        /// How long it may be.
        most: usize,
    },
    /// The server of the database cannot be spoken with.
    #[error(
        "the server of the database {database} cannot be used: {reason}; nothing was changed; see to it that it runs and can be reached, or correct the address in database.url or --db"
    )]
    NoServer {
        database: Arc<str>,
        /// Why, in plain words.
        reason: String,
    },
    /// The server does not let this user in.
    #[error(
        "the server of the database {database} does not let in who asks; correct the user and the password in database.url or --db, or in PGUSER and PGPASSWORD"
    )]
    NotLetIn { database: Arc<str> },
    /// The server has no such database.
    #[error(
        "there is no database {database} on that server; create it with `createdb`, or correct its name in database.url or --db"
    )]
    NoDatabase { database: Arc<str> },
    /// It has no tables, and none are to be made.
    #[error(
        "the database {database} holds nothing yet; start warden once with it, or name the one that is meant with --db"
    )]
    NoTables { database: Arc<str> },
    /// The user may not do what is needed.
    #[error(
        "the user of the database {database} may not do there what is needed; grant the user CREATE on the schema, or the tables, and try again"
    )]
    NotPermitted { database: Arc<str> },
    /// A standby, or one that is set to read only.
    #[error(
        "the database {database} takes no changes: its server is a standby, or it is set to read only; nothing was changed; name the primary server in database.url or --db"
    )]
    TakesNoChanges { database: Arc<str> },
    /// The server is of a version that lacks what is needed.
    #[error(
        "the database {database} is on PostgreSQL {found}, and version 15 or later is needed; update the server, or choose another place with --db"
    )]
    OldServer {
        database: Arc<str>,
        /// Its version.
        found: String,
    },
    /// A statement came to no end in time.
    #[error(
        "the database {database} took too long; nothing was changed; try again, and look at what else its server does if it goes on"
    )]
    TookTooLong { database: Arc<str> },
    /// What another one did at the same time kept this from lasting.
    #[error("something else was decided at the same moment; nothing was changed; try again")]
    Overtaken,
    /// A text that the database does not keep.
    #[error(
        "what was given holds a NUL character, which is no text; nothing was changed; leave it out"
    )]
    NoText,
    /// What others decided at the same time could not be kept, and this with it: it is decided again.
    #[error("another command failed at the same moment; nothing was changed; try again")]
    GivenUp,
    /// Something else. Nothing was changed.
    #[error(
        "the database could not do what was asked; nothing was changed; try again, and tell the operator if it goes on"
    )]
    Broken(#[source] Box<dyn StdError + Send + Sync>),
}

impl StoreError {
    /// What a library's error means for people.
    pub(super) fn explain(error: sqlx::Error, database: &Arc<str>) -> Self {
        let code = error.as_database_error().and_then(|inner| inner.code());
        // The states of a server may look like the codes of a file.
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

    /// Something that only a fault of the program can cause.
    pub(super) fn fault(what: &'static str) -> Self {
        Self::Broken(what.into())
    }
}

//! Connections to a server: their settings, and limits for one that no longer answers.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _, Row as _};

use super::ground::Ground;
use crate::domain::place::Address;
use crate::store::{StoreError, StoreResult};

/// The connections of a process for writing, each in another workspace.
pub(super) const WRITERS: u32 = 6;
/// The connections of a process for reading.
pub(super) const READERS: u32 = 6;

/// The timeout for a connection from the pool.
const CONNECTION: Duration = Duration::from_secs(15);
/// The time in which a server that is there answers.
const LIVELY: Duration = Duration::from_secs(3);
/// The time in which a statement is answered: longer than `statement_timeout`, which is the server's.
const STATEMENT: Duration = Duration::from_secs(40);

/// The settings of each connection. They limit the wait for locks, the duration of statements, and the time for which a stopped
/// process can block others.
const SESSION: &str = "SET lock_timeout = '10s'; SET statement_timeout = '30s'; \
     SET idle_in_transaction_session_timeout = '20s'; SET client_min_messages = 'warning'; \
     SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

/// The settings, with a name that all connections of this process have and no other process has: a pool may hold several.
static NAMED_SESSION: LazyLock<String> = LazyLock::new(|| {
    let process = format!("warden {:016x}", fastrand::u64(..));
    format!("SET application_name = '{process}'; {SESSION}")
});

/// The parameters that an address may have.
const PARAMETERS: [&str; 9] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "port",
    "user",
    "password",
    "options",
];
const MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// The options for connections to an address. The library would ignore a parameter that it does not know, and log its value.
pub(super) fn connect_options(
    address: &Address,
    database: &Arc<str>,
) -> StoreResult<AnyConnectOptions> {
    let refused = |reason: String| StoreError::BadAddress {
        database: Arc::clone(database),
        reason,
    };
    for (name, value) in address.parameters() {
        if !PARAMETERS.contains(&&*name) {
            let known = PARAMETERS.join("`, `");
            let reason = format!("`{name}` is none of the parameters that are known (`{known}`)");
            return Err(refused(reason));
        }
        if name == "sslmode" && !MODES.contains(&&*value) {
            let known = MODES.join("`, `");
            return Err(refused(format!("`sslmode` has to be one of `{known}`")));
        }
        if name == "port" && value.parse::<u16>().is_err() {
            return Err(refused("`port` has to be a number up to 65535".to_owned()));
        }
    }
    sqlx::any::install_default_drivers();
    let options = address.secret().parse::<AnyConnectOptions>();
    let options = options.map_err(|error| StoreError::explain(error, database))?;
    // Statement logging is not read, and has a cost per statement.
    Ok(options.disable_statement_logging())
}

pub(super) async fn connect(to: &AnyConnectOptions) -> sqlx::Result<AnyConnection> {
    let mut connection = within(CONNECTION, to.connect()).await?;
    within(
        LIVELY,
        sqlx::raw_sql(NAMED_SESSION.as_str()).execute(&mut connection),
    )
    .await?;
    Ok(connection)
}

/// Connections that are examined before they are used and after, because the library waits without a limit for one whose server
/// has gone silent.
/// Whenever one was made, it has to be looked at whether that leads to the same `ground`.
pub(super) fn pool(most: u32, ground: Option<Arc<Ground>>) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(CONNECTION)
        .after_connect(move |connection, _| {
            if let Some(ground) = &ground {
                ground.doubt();
            }
            Box::pin(async move {
                sqlx::raw_sql(NAMED_SESSION.as_str())
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(is_lively(connection)))
        .after_release(|connection, _| Box::pin(is_lively(connection)))
}

/// Which session it is, and a setting that it was given. Sent as text, because in a session that others use too, a prepared
/// statement may be there already.
const WHICH: &str = "SELECT CAST(pg_backend_pid() AS TEXT), current_setting('lock_timeout')";

/// Rejects a pooler that gives a session to each transaction: the settings, the lock that shows that this process is there, and
/// prepared statements belong to a session. Two connections that are open at once have two sessions otherwise.
pub(super) async fn check_sessions(
    first: &mut AnyConnection,
    to: &AnyConnectOptions,
    database: &Arc<str>,
) -> StoreResult<()> {
    let explain = |error| StoreError::explain(error, database);
    let mut second = connect(to).await.map_err(explain)?;
    let found = async {
        let other = session(&mut second).await?;
        Ok((other, session(first).await?))
    };
    let found = found.await;
    let _ = second.close().await;
    let (other, own) = found.map_err(explain)?;
    match own.is_shared_with(&other) {
        true => Err(StoreError::cannot_open(
            database,
            "a pooler in between gives a session to each transaction, and has to pool sessions (with PgBouncer `pool_mode = session`)",
        )),
        false => Ok(()),
    }
}

/// A session of the server.
struct Session {
    pid: String,
    lock_timeout: String,
}

impl Session {
    /// Whether two connections that are open at once do not have a session each, with the settings that it was given.
    fn is_shared_with(&self, other: &Self) -> bool {
        let is_bare = |one: &Self| one.lock_timeout != "10s";
        self.pid == other.pid || is_bare(self) || is_bare(other)
    }
}

async fn session(connection: &mut AnyConnection) -> sqlx::Result<Session> {
    let row = within(LIVELY, sqlx::raw_sql(WHICH).fetch_one(connection)).await?;
    Ok(Session {
        pid: row.try_get(0)?,
        lock_timeout: row.try_get(1)?,
    })
}

/// An error where the server does not answer, so that the connection is given up without asking it.
pub(super) async fn is_lively(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    within(LIVELY, connection.ping()).await.map(|()| true)
}

/// The answer of a server, or an error when it no longer answers.
pub(in crate::store) async fn in_time<T>(
    answer: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    within(STATEMENT, answer).await
}

async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let answered = tokio::time::timeout(limit, answer).await;
    answered.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("sslmode=sometimes", "`sslmode` has to be one of `disable`")]
    #[case("sslmode=require&passwd=s3cret", "`passwd` is none of the parameters")]
    #[case("connect_timeout=5", "`connect_timeout` is none")]
    #[case("port=s3cret", "`port` has to be a number up to 65535")]
    fn an_address_with_something_unknown_is_refused(#[case] given: &str, #[case] words: &str) {
        let address = Address::parse(&format!("postgres://ann:s3cret@db/warden?{given}")).unwrap();
        let error = connect_options(&address, &address.to_string().into()).unwrap_err();
        let told = error.to_string();
        assert!(told.contains(words), "{told}");
        assert!(!format!("{told}{error:?}").contains("s3cret"), "{error:?}");
    }

    #[rstest::rstest]
    #[case::one_each("7", "8", "10s", false)]
    #[case::the_same_one("7", "7", "10s", true)]
    #[case::another_one_than_the_settings_were_sent_to("7", "8", "0", true)]
    fn a_session_that_is_shared_is_told(
        #[case] own: &str,
        #[case] other: &str,
        #[case] lock_timeout: &str,
        #[case] is_shared: bool,
    ) {
        let of = |pid: &str, lock_timeout: &str| Session {
            pid: pid.to_owned(),
            lock_timeout: lock_timeout.to_owned(),
        };
        let (one, two) = (of(own, "10s"), of(other, lock_timeout));
        assert_eq!(one.is_shared_with(&two), is_shared);
        assert_eq!(two.is_shared_with(&one), is_shared);
    }

    #[tokio::test]
    async fn without_a_pooler_each_connection_has_a_session() {
        let Some(address) = crate::store::server::new_database().await else {
            return;
        };
        let address = Address::parse(&address).unwrap();
        let database = address.to_string().into();
        let to = connect_options(&address, &database).unwrap();
        let mut first = connect(&to).await.unwrap();
        check_sessions(&mut first, &to, &database).await.unwrap();
    }

    #[rstest::rstest]
    #[case("")]
    #[case("sslmode=verify-full&sslrootcert=/etc/ca.crt")]
    #[case("host=/run/postgresql&port=5433&user=ann&password=x")]
    #[case("options=-c%20search_path%3Dwarden")]
    fn an_address_with_what_is_known_is_taken(#[case] given: &str) {
        let address = Address::parse(&format!("postgres://db/warden?{given}")).unwrap();
        assert!(connect_options(&address, &"x".into()).is_ok());
    }
}

//! Connections to a server: their settings, and limits for one that no longer answers.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _};

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
pub(super) fn pool(most: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(CONNECTION)
        .after_connect(|connection, _| {
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
    #[case("")]
    #[case("sslmode=verify-full&sslrootcert=/etc/ca.crt")]
    #[case("host=/run/postgresql&port=5433&user=ann&password=x")]
    #[case("options=-c%20search_path%3Dwarden")]
    fn an_address_with_what_is_known_is_taken(#[case] given: &str) {
        let address = Address::parse(&format!("postgres://db/warden?{given}")).unwrap();
        assert!(connect_options(&address, &"x".into()).is_ok());
    }
}

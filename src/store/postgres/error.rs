//! PostgreSQL's errors, and connection errors, for people.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use sqlx::postgres::PgDatabaseError;

use crate::store::StoreError;

/// Whether an error comes from a server, or from the connection to it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library reserves the right to add errors"
)]
pub(in crate::store) fn is_of_server(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(inner) => inner.try_downcast_ref::<PgDatabaseError>().is_some(),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Configuration(_) => true,
        _ => false,
    }
}

/// The error for people, if there is a specific one; `None` for errors of another kind of database.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library reserves the right to add errors"
)]
pub(in crate::store) fn explain(error: &sqlx::Error, database: &Arc<str>) -> Option<StoreError> {
    let unreachable = |reason: String| StoreError::NoServer {
        database: Arc::clone(database),
        reason,
    };
    match error {
        sqlx::Error::Database(inner) => {
            let error = inner.try_downcast_ref::<PgDatabaseError>()?;
            explain_state(error.code(), database)
        }
        sqlx::Error::Io(error) => Some(unreachable(explain_io(error))),
        sqlx::Error::Tls(error) => Some(unreachable(explain_tls(&error.to_string()).to_owned())),
        sqlx::Error::Protocol(_) => Some(unreachable("it does not answer as one".to_owned())),
        sqlx::Error::Configuration(_) if database.starts_with("postgres") => {
            Some(StoreError::BadAddress {
                database: Arc::clone(database),
                reason: "a part of it cannot be read".to_owned(),
            })
        }
        _ => None,
    }
}

/// The reason why there is no connection, or no longer one.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library reserves the right to add errors"
)]
fn explain_io(error: &io::Error) -> String {
    let reason = match error.kind() {
        ErrorKind::ConnectionRefused => "nothing listens there",
        ErrorKind::NotFound => "the socket or a file that its address names is not there",
        ErrorKind::PermissionDenied => {
            "this user may not use the socket, or a file, that its address names"
        }
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "it did not answer in time",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            "there is no way to its machine"
        }
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::NotConnected
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => "the connection broke off",
        ErrorKind::InvalidData => explain_tls(&error.to_string()),
        // The system's resolver has no kind of its own.
        _ if error.to_string().contains("failed to lookup address") => {
            "its host name was not found"
        }
        kind => return kind.to_string(),
    };
    reason.to_owned()
}

/// The reason why there is no encrypted connection, from what the library tells.
fn explain_tls(told: &str) -> &'static str {
    [
        (
            "UnknownIssuer",
            "its certificate comes from an authority that is not known here, and `sslrootcert` names the file of the right one",
        ),
        (
            "not valid for name",
            "its certificate is for another host name than the one in its address",
        ),
        ("NotValidForName", "its certificate is for another host name than the one in its address"),
        ("expired", "its certificate has expired"),
        ("Expired", "its certificate has expired"),
        ("certificate", "its certificate, or the one that `sslrootcert` names, is not accepted"),
        (
            "does not support TLS",
            "it takes no encrypted connections, and `sslmode` asks for one",
        ),
    ]
    .into_iter()
    .find_map(|(part, reason)| told.contains(part).then_some(reason))
    .unwrap_or("no encrypted connection with it can be made as `sslmode` asks")
}

/// The error for an SQLSTATE. See <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
fn explain_state(state: &str, database: &Arc<str>) -> Option<StoreError> {
    let database = Arc::clone(database);
    let unreachable = |database, reason: &str| StoreError::NoServer {
        database,
        reason: reason.to_owned(),
    };
    Some(match state {
        "28000" | "28P01" => StoreError::NotLetIn { database },
        "3D000" => StoreError::NoDatabase { database },
        "42501" | "3F000" => StoreError::NotPermitted { database },
        "25006" => StoreError::TakesNoChanges { database },
        "53100" => StoreError::DiskFull { database },
        "53300" => unreachable(database, "it has too many connections already"),
        "57P01" | "57P02" => unreachable(database, "it is shutting down"),
        "57P03" => unreachable(database, "it is starting or shutting down"),
        "25P03" => unreachable(database, "it ended the connection after a pause"),
        "55P03" => StoreError::Locked { database },
        "57014" => StoreError::TookTooLong { database },
        "40001" | "40P01" => StoreError::Overtaken,
        "58030" => StoreError::DiskError { database },
        "XX001" | "XX002" => StoreError::Corrupt { database },
        "22021" => StoreError::NoText,
        _ if state.starts_with("08") => unreachable(database, "the connection broke off"),
        _ if state.starts_with("53") => unreachable(database, "it lacks memory or other means"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("28P01", "does not let this user in")]
    #[case("28000", "pg_hba.conf")]
    #[case("3D000", "there is no database")]
    #[case("53100", "is full")]
    #[case("25006", "takes no changes")]
    #[case("57P01", "shutting down")]
    #[case("55P03", "is locked")]
    #[case("57014", "took too long")]
    #[case("40P01", "at the same moment")]
    #[case("08006", "broke off")]
    #[case("53200", "lacks memory")]
    fn states_have_their_meaning(#[case] state: &str, #[case] words: &str) {
        let said = explain_state(state, &"postgres://db/warden".into()).unwrap();
        assert!(said.to_string().contains(words), "{said}");
    }

    #[rstest::rstest]
    #[case(ErrorKind::ConnectionRefused.into(), "nothing listens there")]
    #[case(ErrorKind::NotFound.into(), "is not there")]
    #[case(ErrorKind::PermissionDenied.into(), "may not use")]
    #[case(ErrorKind::TimedOut.into(), "did not answer in time")]
    #[case(ErrorKind::HostUnreachable.into(), "no way to its machine")]
    #[case(ErrorKind::UnexpectedEof.into(), "the connection broke off")]
    #[case(
        io::Error::other("failed to lookup address information: Name or service not known"),
        "its host name was not found"
    )]
    #[case(
        io::Error::other(
            "failed to lookup address information: Temporary failure in name resolution"
        ),
        "its host name was not found"
    )]
    #[case(
        io::Error::new(ErrorKind::InvalidData, "invalid peer certificate: UnknownIssuer"),
        "an authority that is not known here"
    )]
    #[case(
        io::Error::new(
            ErrorKind::InvalidData,
            "invalid peer certificate: certificate not valid for name \"db\""
        ),
        "for another host name"
    )]
    #[case(
        io::Error::new(
            ErrorKind::InvalidData,
            "invalid peer certificate: certificate expired: x"
        ),
        "has expired"
    )]
    #[case(
        io::Error::new(ErrorKind::InvalidData, "received corrupt message"),
        "no encrypted connection"
    )]
    fn a_connection_that_fails_has_a_reason(#[case] error: io::Error, #[case] words: &str) {
        let told = explain(&sqlx::Error::Io(error), &"postgres://db/warden".into()).unwrap();
        assert!(told.to_string().contains(words), "{told}");
    }

    #[rstest::rstest]
    #[case("server does not support TLS", "takes no encrypted connections")]
    #[case("Invalid certificate /etc/ca.crt", "is not accepted")]
    #[case("no certificates found", "is not accepted")]
    fn an_encrypted_connection_that_fails_has_a_reason(#[case] told: &str, #[case] words: &str) {
        let error = sqlx::Error::Tls(told.into());
        let said = explain(&error, &"postgres://db/warden".into()).unwrap();
        assert!(said.to_string().contains(words), "{said}");
    }

    #[test]
    fn what_only_a_fault_can_cause_has_no_meaning_for_people() {
        for state in ["23505", "42P01", "25P02", "00000"] {
            assert!(explain_state(state, &"x".into()).is_none(), "{state}");
        }
    }
}

//! PostgreSQL's errors, and connection errors, for people.

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
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
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
        sqlx::Error::Io(error) => Some(unreachable(error.kind().to_string())),
        sqlx::Error::Tls(_) => Some(unreachable(
            "no encrypted connection with it can be made as `sslmode` asks".to_owned(),
        )),
        sqlx::Error::Protocol(_) => Some(unreachable("it does not answer as one".to_owned())),
        _ => None,
    }
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
    #[case("28P01", "does not let in")]
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

    #[test]
    fn what_only_a_fault_can_cause_has_no_meaning_for_people() {
        for state in ["23505", "42P01", "25P02", "00000"] {
            assert!(explain_state(state, &"x".into()).is_none(), "{state}");
        }
    }
}

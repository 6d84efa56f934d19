//! The location of a database: an `SQLite` file, or a database on a PostgreSQL server.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

/// The URL schemes of a database server.
const SCHEMES: [&str; 2] = ["postgres", "postgresql"];

/// The location of a database. Its display form contains no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabasePlace {
    File(PathBuf),
    Server(Address),
}

/// The address of a database on a server.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// An invalid address of a database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not an address such as \"postgres://warden@db.example.com/warden\"")]
pub struct NoAddress;

impl DatabasePlace {
    /// Parses a path, or an address that begins with `postgres://`.
    ///
    /// # Errors
    /// [`NoAddress`] for an invalid address with that scheme.
    pub fn parse(text: &str) -> Result<Self, NoAddress> {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        match scheme {
            Some(scheme) if SCHEMES.contains(&scheme) => Address::parse(text).map(Self::Server),
            _ => Ok(Self::File(text.into())),
        }
    }

    /// As [`DatabasePlace::parse`], of what need not be text: that is a path.
    ///
    /// # Errors
    /// [`NoAddress`] for what begins as an address and is none.
    pub fn named(named: &Path) -> Result<Self, NoAddress> {
        match named.to_str() {
            Some(text) => Self::parse(text),
            None => Ok(Self::File(named.to_owned())),
        }
    }

    /// Its address, if it is on a server.
    pub const fn server(&self) -> Option<&Address> {
        match self {
            Self::File(_) => None,
            Self::Server(address) => Some(address),
        }
    }

    /// The path of a file.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }
}

impl fmt::Display for DatabasePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(address) => address.fmt(f),
        }
    }
}

impl Address {
    /// Parses an address.
    ///
    /// # Errors
    /// [`NoAddress`] for anything else, or without a database name.
    pub fn parse(text: &str) -> Result<Self, NoAddress> {
        let url = Url::parse(text).map_err(|_| NoAddress)?;
        let address = Self(url);
        if !SCHEMES.contains(&address.0.scheme()) || address.database().is_empty() {
            return Err(NoAddress);
        }
        Ok(address)
    }

    /// The full address, with the password: for connecting, never for display.
    pub fn secret(&self) -> &str {
        self.0.as_str()
    }

    /// Its parameters and their values, which may be secret.
    pub fn parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.0.query_pairs()
    }

    fn database(&self) -> &str {
        self.0.path().trim_start_matches('/')
    }

    fn host(&self) -> Option<String> {
        let named = self.0.host_str().filter(|host| !host.is_empty());
        let socket = self.0.query_pairs().find(|(key, _)| key == "host");
        let socket = socket.map(|(_, host)| host.into_owned());
        socket.or_else(|| named.map(str::to_owned))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host().unwrap_or_default();
        write!(f, "postgres://{host}")?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", self.database())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("warden.db", "warden.db")]
    #[case("/srv/postgres/warden.db", "/srv/postgres/warden.db")]
    #[case("http://x", "http://x")]
    #[case("postgres://db/warden", "postgres://db/warden")]
    #[case(
        "postgresql://ann:s3cret@db.example.com:5433/warden?sslmode=verify-full",
        "postgres://db.example.com:5433/warden"
    )]
    #[case(
        "postgres:///warden?host=/run/postgresql&password=s3cret",
        "postgres:///run/postgresql/warden"
    )]
    #[case(
        "postgres://ann:s3cret@%2Frun%2Fpg/warden",
        "postgres://%2Frun%2Fpg/warden"
    )]
    fn what_is_shown_holds_no_password(#[case] given: &str, #[case] shown: &str) {
        let place = DatabasePlace::parse(given).unwrap();
        assert_eq!(place.to_string(), shown);
        assert!(!format!("{place:?}").contains("s3cret"));
        assert_eq!(place.file().is_none(), given.starts_with("postgres"));
    }

    #[rstest::rstest]
    #[case("postgres://")]
    #[case("postgres://db")]
    #[case("postgres://db/")]
    #[case("postgres://db:port/warden")]
    fn what_names_no_database_is_no_address(#[case] given: &str) {
        assert_eq!(DatabasePlace::parse(given), Err(NoAddress));
    }
}

//! Diagnosis of a database's location, where `SQLite` reports only a general error.

use std::fs;
use std::io::{self, ErrorKind, Write as _};

use super::IN_MEMORY;

/// The space that `SQLite` needs at once beside the file.
const NEEDED: usize = 64 * 1024;

/// A deficiency of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    Room,
    /// Write permission.
    Writing,
}

impl Lack {
    /// `SQLite`'s code for it.
    pub(super) const fn code(self) -> u32 {
        match self {
            Self::Room => 13,
            Self::Writing => 8,
        }
    }

    fn of(error: &io::Error) -> Option<Self> {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Some(Self::Room)
            }
            ErrorKind::ReadOnlyFilesystem => Some(Self::Writing),
            _ => None,
        }
    }
}

/// Tests by writing a temporary file beside the database. Only called after an error.
pub(super) fn without(database: &str) -> Option<Lack> {
    if database == IN_MEMORY {
        return None;
    }
    let beside = format!("{database}-room-{}", std::process::id());
    let tried = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(&vec![0; NEEDED]));
    let lack = tried.err().as_ref().and_then(Lack::of);
    // It may not exist.
    let _ = fs::remove_file(&beside);
    lack
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_with_room_lacks_nothing_and_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("warden.db");
        assert_eq!(without(database.to_str().unwrap()), None);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_the_system_says_has_its_meaning() {
        let of = |kind: ErrorKind| Lack::of(&io::Error::from(kind));
        for full in [
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::FileTooLarge,
        ] {
            assert_eq!(of(full), Some(Lack::Room), "{full}");
        }
        assert_eq!(of(ErrorKind::ReadOnlyFilesystem), Some(Lack::Writing));
        assert_eq!(of(ErrorKind::PermissionDenied), None);
    }
}

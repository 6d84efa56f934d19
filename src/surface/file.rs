//! Reading of files for `import` and `notice`, only from the command line and the local console.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::answer::UserError;
use crate::app::ImportSource;
use crate::clock::to_millisecond;
use crate::domain::id::shows_nothing;

/// The largest listing.
const LIMIT_MIB: u64 = 64;
/// The largest e-mail.
const NOTICE_LIMIT_MIB: u64 = 8;

/// Reads a whole file; with `dated`, its modification time dates the facts.
pub(super) fn read(path: &str, dated: bool) -> Result<ImportSource, UserError> {
    let failed = |error| failed(path, &error);
    let file = File::open(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if meta.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    let modified = meta
        .modified()
        .ok()
        .map(|at| to_millisecond(DateTime::<Utc>::from(at)));
    let bytes = limited(file, path)?;
    Ok(ImportSource {
        label: path.to_owned(),
        bytes,
        modified: modified.filter(|_| dated),
    })
}

/// Reads a notice from a file, or from standard input with `-`.
pub(super) fn read_notice(path: &str) -> Result<Vec<u8>, UserError> {
    let read = if path == "-" {
        limited_to(NOTICE_LIMIT_MIB, io::stdin().lock(), "standard input")
    } else {
        let file = File::open(path).map_err(|error| failed(path, &error))?;
        limited_to(NOTICE_LIMIT_MIB, file, path)
    };
    match read {
        Ok(bytes) if shows_nothing(&String::from_utf8_lossy(&bytes)) => Err(UserError::EmptyNotice),
        Err(UserError::FileTooLarge { path, limit_mib }) => {
            Err(UserError::NoticeTooLarge { path, limit_mib })
        }
        read => read,
    }
}

/// Whether what was given for the text of a notice is one word that names a file which is there.
pub(super) fn is_there(text: &str) -> bool {
    !text.contains(char::is_whitespace) && Path::new(text).is_file()
}

/// The error in several words that should all be files; `None` when all are.
pub(super) fn all_files(paths: &[String]) -> Option<UserError> {
    if paths.iter().any(|path| path == "-") {
        return Some(UserError::PipedAmongFiles);
    }
    let (files, others): (Vec<_>, Vec<_>) =
        paths.iter().partition(|path| Path::new(path).is_file());
    match (files.first(), others.first()) {
        (_, None) => None,
        (None, Some(other)) => Some(failed(other, &io::ErrorKind::NotFound.into())),
        (Some(file), Some(other)) => Some(UserError::NotAllFiles {
            file: (*file).clone(),
            other: (*other).clone(),
        }),
    }
}

/// Reads a listing from standard input.
pub(super) fn read_from(input: impl Read) -> Result<ImportSource, UserError> {
    let label = "standard input";
    let bytes = limited(input, label)?;
    Ok(ImportSource {
        label: label.to_owned(),
        bytes,
        modified: None,
    })
}

fn failed(path: &str, error: &io::Error) -> UserError {
    UserError::File {
        path: path.to_owned(),
        reason: error.kind(),
    }
}

fn limited(input: impl Read, path: &str) -> Result<Vec<u8>, UserError> {
    limited_to(LIMIT_MIB, input, path)
}

fn limited_to(limit_mib: u64, input: impl Read, path: &str) -> Result<Vec<u8>, UserError> {
    let limit = limit_mib * 1024 * 1024;
    let mut bytes = Vec::new();
    input
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(path, &error))?;
    if bytes.len() as u64 > limit {
        return Err(UserError::FileTooLarge {
            path: path.to_owned(),
            limit_mib,
        });
    }
    Ok(bytes)
}

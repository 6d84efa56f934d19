//! Stands where the system does not tell what is written to a directory.

use std::io;
use std::path::Path;

/// A watch that there is none of.
#[derive(Debug)]
pub(super) enum NoFileWatch {}

impl NoFileWatch {
    pub(super) fn of(_: &Path) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) const fn is_watching(&self) -> bool {
        match *self {}
    }

    pub(super) const fn take_pending(&self) -> bool {
        match *self {}
    }

    pub(super) async fn touched(&self) {
        match *self {}
    }
}

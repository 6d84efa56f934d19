//! The connection of a transaction, and the statements sent around others.

use sqlx::AnyConnection;

use super::connections::{Begun, COMMIT, HeldConnection};
use super::group::{Alone, Lent};
use super::sqlite::BEGIN_READING;
use super::{StoreError, StoreResult};

/// The statements that are sent before and after others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framing {
    pub(super) before: Option<&'static str>,
    pub(super) after: Option<&'static str>,
}

/// The connection of a transaction.
#[derive(Debug)]
pub(super) enum Seat {
    /// A write transaction, with the right to let in the next decision if it had a place in the queue.
    Writing(Begun, Option<Alone>),
    /// The write transaction of a group.
    Lent(Lent),
    Reading(Begun),
    /// A single batch that sees one state of the database; on a file, its statements may be sent together.
    Glance(Option<HeldConnection>),
}

impl Seat {
    pub(super) fn connection(&mut self) -> StoreResult<&mut AnyConnection> {
        match self {
            Self::Writing(tx, _) | Self::Reading(tx) => tx.connection(),
            Self::Lent(lent) => match lent.transaction() {
                Some(tx) => tx.connection(),
                None => Err(StoreError::fault("what was lent was given back")),
            },
            Self::Glance(Some(held)) => held.connection(),
            Self::Glance(None) => Err(StoreError::LookedTwice),
        }
    }

    /// The statements to be sent before and after `many` others.
    pub(super) fn framing(&mut self, many: usize) -> Framing {
        let (before, after) = match self {
            Self::Writing(tx, _) | Self::Reading(tx) => (tx.opening(), None),
            Self::Lent(lent) => match lent.transaction() {
                Some(tx) => (tx.opening(), None),
                None => (None, None),
            },
            Self::Glance(Some(held)) => {
                // Until it has come to its end.
                held.begins();
                if many > 1 {
                    (Some(BEGIN_READING), Some(COMMIT))
                } else {
                    (None, None)
                }
            }
            Self::Glance(None) => (None, None),
        };
        Framing { before, after }
    }

    pub(super) const fn is_untouched(&self) -> bool {
        match self {
            Self::Writing(tx, _) | Self::Reading(tx) => tx.is_untouched(),
            Self::Lent(_) | Self::Glance(_) => false,
        }
    }

    /// Its commit was confirmed.
    pub(super) const fn ended(&mut self) {
        if let Self::Writing(tx, _) | Self::Reading(tx) = self {
            tx.ended();
        }
    }

    /// Whether its commit is a statement, which can be sent with others.
    pub(super) const fn commits_by_statement(&self) -> bool {
        match self {
            Self::Writing(tx, _) | Self::Reading(tx) => tx.is_on_file(),
            Self::Lent(_) | Self::Glance(_) => false,
        }
    }

    /// Records a failure: writes of the whole group may be rolled back.
    pub(super) const fn fail(&mut self) {
        if let Self::Lent(lent) = self {
            lent.failed = true;
        }
    }
}

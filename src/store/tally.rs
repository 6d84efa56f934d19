//! How much the database was asked: what a command costs, for tests and benches.

use std::sync::atomic::{AtomicU64, Ordering};

use super::StoreError;

/// The kinds of failure that are counted.
const FAILURES: [&str; 6] = ["locked", "full", "read-only", "damaged", "disk", "other"];

/// How many decisions share a commit, up to each mark.
pub const GROUP_SIZES: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// What was asked of a database, or of the part of it between two moments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Statements that were run, those that read included, those that begin or end something not.
    pub statements: u64,
    /// Rows that they wrote. What triggers write beside them is not in it: `System::rows_by_triggers`.
    pub rows: u64,
    /// Transactions that were begun.
    pub transactions: u64,
    /// Commits that had something to make last: each waits for the disk.
    pub commits: u64,
}

impl Tally {
    /// What was asked since an earlier moment.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            statements: self.statements.saturating_sub(earlier.statements),
            rows: self.rows.saturating_sub(earlier.rows),
            transactions: self.transactions.saturating_sub(earlier.transactions),
            commits: self.commits.saturating_sub(earlier.commits),
        }
    }
}

/// Counts, for all clones of a store.
#[derive(Debug, Default)]
pub(super) struct Counter {
    statements: AtomicU64,
    rows: AtomicU64,
    transactions: AtomicU64,
    commits: AtomicU64,
    failures: [AtomicU64; FAILURES.len()],
    /// How many commits served at most so many decisions as the mark says, and more than the mark before says.
    groups: [AtomicU64; GROUP_SIZES.len()],
    /// How many decisions that were.
    served: AtomicU64,
}

/// Under which of the kinds a failure is counted.
const fn kind_of(error: &StoreError) -> usize {
    match error {
        StoreError::Locked { .. } => 0,
        StoreError::DiskFull { .. } => 1,
        StoreError::ReadOnly { .. } => 2,
        StoreError::Corrupt { .. } | StoreError::NotADatabase { .. } => 3,
        StoreError::DiskError { .. } | StoreError::CannotOpen { .. } => 4,
        _ => 5,
    }
}

impl Counter {
    pub(super) fn failed(&self, error: &StoreError) {
        if let Some(count) = self.failures.get(kind_of(error)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What failed so far, by its kind.
    pub(super) fn failures(&self) -> [(&'static str, u64); FAILURES.len()] {
        std::array::from_fn(|at| {
            let count = self.failures.get(at);
            let count = count.map_or(0, |count| count.load(Ordering::Relaxed));
            (FAILURES.get(at).copied().unwrap_or_default(), count)
        })
    }

    /// Notes that a commit served so many.
    pub(super) fn served(&self, many: u64) {
        let at = GROUP_SIZES.partition_point(|mark| *mark < many);
        if let Some(count) = self.groups.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.served.fetch_add(many, Ordering::Relaxed);
    }

    /// How many commits served up to so many, by the marks, and how many they served together.
    pub(super) fn groups(&self) -> ([u64; GROUP_SIZES.len()], u64) {
        let each = |at: usize| {
            let count = self.groups.get(at);
            count.map_or(0, |count| count.load(Ordering::Relaxed))
        };
        (
            std::array::from_fn(each),
            self.served.load(Ordering::Relaxed),
        )
    }

    pub(super) fn asked(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn wrote(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    pub(super) fn begun(&self) {
        self.transactions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Tally {
        Tally {
            statements: self.statements.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
            transactions: self.transactions.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
        }
    }
}

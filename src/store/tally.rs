//! How much the database was asked: what a command costs, for tests and benches.

use std::sync::atomic::{AtomicU64, Ordering};

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
}

impl Counter {
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

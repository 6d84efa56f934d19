//! Usage counters of the database: the cost of a command, for tests and benchmarks.

use std::sync::atomic::{AtomicU64, Ordering};

use super::StoreError;

/// The kinds of failures counted.
const FAILURES: [&str; 6] = ["locked", "full", "read-only", "damaged", "disk", "other"];

/// Upper bounds of the buckets of decisions per commit.
pub const GROUP_SIZES: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// The usage of a database, or the difference between two readings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Statements run, including reads, but not the begin and end of transactions.
    pub statements: u64,
    /// Rows written by them, without those of triggers: see `System::rows_by_triggers`.
    pub rows: u64,
    /// Transactions begun.
    pub transactions: u64,
    /// Commits with writes, each of which waits for the disk.
    pub commits: u64,
    /// Times that a transaction has waited for the database: statements that are sent together count once.
    pub hops: u64,
}

impl Tally {
    /// The usage since an earlier reading.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            statements: self.statements.saturating_sub(earlier.statements),
            rows: self.rows.saturating_sub(earlier.rows),
            transactions: self.transactions.saturating_sub(earlier.transactions),
            commits: self.commits.saturating_sub(earlier.commits),
            hops: self.hops.saturating_sub(earlier.hops),
        }
    }
}

/// The counters, shared by all clones of a store.
#[derive(Debug, Default)]
pub(super) struct Counter {
    statements: AtomicU64,
    rows: AtomicU64,
    transactions: AtomicU64,
    commits: AtomicU64,
    hops: AtomicU64,
    failures: [AtomicU64; FAILURES.len()],
    /// The number of commits by bucket of decisions, not cumulative.
    groups: [AtomicU64; GROUP_SIZES.len()],
    /// The total number of decisions.
    served: AtomicU64,
}

/// The index of an error's kind.
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

    /// The numbers of failures so far, by kind.
    pub(super) fn failures(&self) -> [(&'static str, u64); FAILURES.len()] {
        std::array::from_fn(|at| {
            let count = self.failures.get(at);
            let count = count.map_or(0, |count| count.load(Ordering::Relaxed));
            (FAILURES.get(at).copied().unwrap_or_default(), count)
        })
    }

    /// Counts a commit with this number of decisions.
    pub(super) fn served(&self, many: u64) {
        let at = GROUP_SIZES.partition_point(|mark| *mark < many);
        if let Some(count) = self.groups.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.served.fetch_add(many, Ordering::Relaxed);
    }

    /// The numbers of commits by bucket, not cumulative, and the total number of decisions.
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

    pub(super) fn hopped(&self) {
        self.hops.fetch_add(1, Ordering::Relaxed);
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
            hops: self.hops.load(Ordering::Relaxed),
        }
    }
}

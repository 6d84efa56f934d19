//! JSON documents of instances and changes, each stored in one column. SQL does not look inside.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::code::Row;
use super::concern::ConcernRow;
use super::schedule::{Key, Kind};
use super::{StoreError, StoreResult};

/// The version of documents. A changed format gets the next number, and [`read`] a branch for the previous one.
pub(super) const VERSION: u32 = 1;

/// The most bytes of a document.
pub(super) const MOST: usize = 16 * 1024;

/// A document with its version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<T> {
    v: u32,
    data: T,
}

/// Serialises a document.
pub(super) fn write<T: Serialize>(key: &str, data: &T) -> StoreResult<String> {
    let document = Document { v: VERSION, data };
    let text =
        serde_json::to_string(&document).map_err(|error| StoreError::Broken(error.into()))?;
    if text.len() > MOST {
        return Err(StoreError::TooLong {
            of: key.to_owned(),
            bytes: text.len(),
            most: MOST,
        });
    }
    Ok(text)
}

/// Parses a document of any known version.
pub(super) fn read<T: DeserializeOwned>(row: &Row<'_>, text: &str) -> StoreResult<T> {
    let document: Option<Document<T>> = serde_json::from_str(text).ok();
    let known = document.filter(|document| document.v == VERSION);
    row.need("document", known).map(|document| document.data)
}

/// A document in the database, and whether its row is counted: a tracked instance or an open change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StoredDocument {
    pub(super) counts: bool,
    pub(super) text: String,
}

/// The rows that a transaction knows to be in the database, by key, so that only changes are written.
#[derive(Debug, Default)]
pub(super) struct KnownDocuments {
    rows: HashMap<String, StoredDocument>,
    /// The due times of the schedule by key.
    due: HashMap<Key, Option<i64>>,
    /// The concerns of instances.
    concerns: HashMap<String, Vec<ConcernRow>>,
    /// The first number that no change has.
    next: Option<u64>,
}

/// The most documents cached, enough for a few pages.
const MOST_KNOWN: usize = 1_000;

impl KnownDocuments {
    pub(super) fn get(&self, key: &str) -> Option<&StoredDocument> {
        self.rows.get(key)
    }

    /// Records that a row does not exist.
    pub(super) fn learn_absent(&mut self, key: String) {
        let (counts, text) = (false, String::new());
        self.learn(key, StoredDocument { counts, text });
    }

    /// Records that no change, except for cached ones, has this number or a higher one.
    pub(super) const fn learn_next(&mut self, next: u64) {
        self.next = Some(next);
    }

    /// Whether no change, except for cached ones, has this number.
    pub(super) fn is_new(&self, number: u64) -> bool {
        self.next.is_some_and(|next| next <= number)
    }

    /// The due time of an entry; `None` if it is unknown.
    pub(super) fn due(&self, key: &Key) -> Option<Option<i64>> {
        self.due.get(key).copied()
    }

    pub(super) fn learn_due(&mut self, key: Key, due_ms: Option<i64>) {
        self.due.insert(key, due_ms);
    }

    /// Forgets the known due times, so that all are written.
    pub(super) fn forget_due(&mut self) {
        self.due.clear();
    }

    /// Forgets the known due times of a kind of entries, so that all of them are written.
    pub(super) fn forget_due_of(&mut self, kind: Kind) {
        self.due.retain(|(of, _), _| *of != kind.as_str());
    }

    pub(super) fn learn_concerns(&mut self, instance: String, concerns: Vec<ConcernRow>) {
        self.concerns.insert(instance, concerns);
    }

    /// Whether this concern is known to be stored.
    pub(super) fn has_concern(&self, instance: &str, concern: &ConcernRow) -> bool {
        let held = self.concerns.get(instance);
        held.is_some_and(|held| held.contains(concern))
    }

    /// Forgets a row, so that it is written in any case.
    pub(super) fn forget(&mut self, key: &str) {
        self.rows.remove(key);
    }

    pub(super) fn learn(&mut self, key: String, kept: StoredDocument) {
        if self.rows.len() >= MOST_KNOWN {
            *self = Self::default();
        }
        self.rows.insert(key, kept);
    }
}

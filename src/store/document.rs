//! What is kept of an instance or a change as one JSON document: the whole of it, in one column. No SQL looks inside.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::code::Row;
use super::concern::ConcernRow;
use super::schedule::Key;

/// The form that documents are written in. One that is changed gets the next number, and [`read`] an arm for the last.
pub(super) const VERSION: u32 = 1;

/// The most bytes of a document.
pub(super) const MOST: usize = 16 * 1024;

/// A document with the form it is in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<T> {
    v: u32,
    data: T,
}

/// The text of a document.
pub(super) fn write<T: Serialize>(key: &str, data: &T) -> Result<String, StoreError> {
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

/// What a document says, in whatever form it is.
pub(super) fn read<T: DeserializeOwned>(row: &Row<'_>, text: &str) -> Result<T, StoreError> {
    let document: Option<Document<T>> = serde_json::from_str(text).ok();
    let known = document.filter(|document| document.v == VERSION);
    row.need("document", known).map(|document| document.data)
}

/// A document as it is in the database, and whether its row counts: a tracked instance, an open change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StoredDocument {
    pub(super) counts: bool,
    pub(super) text: String,
}

/// What a transaction knows to be in the database, by what names a row, so that only what moved is written.
#[derive(Debug, Default)]
pub(super) struct KnownDocuments {
    rows: HashMap<String, StoredDocument>,
    /// When what is planned is due, by its kind and its subject.
    due: HashMap<Key, Option<i64>>,
    /// What is open of instances.
    concerns: HashMap<String, Vec<ConcernRow>>,
    /// The first number that no change has.
    next: Option<u64>,
}

/// The most documents that are known at a time: those of a few pages.
const MOST_KNOWN: usize = 1_000;

impl KnownDocuments {
    pub(super) fn get(&self, key: &str) -> Option<&StoredDocument> {
        self.rows.get(key)
    }

    /// Notes that there is no such row.
    pub(super) fn learn_absent(&mut self, key: String) {
        let (counts, text) = (false, String::new());
        self.learn(key, StoredDocument { counts, text });
    }

    /// Notes that no change has this number, or a later one, unless it is known.
    pub(super) const fn learn_next(&mut self, next: u64) {
        self.next = Some(next);
    }

    /// Whether no change that is not known has this number.
    pub(super) fn is_new(&self, number: u64) -> bool {
        self.next.is_some_and(|next| next <= number)
    }

    /// When something is due; `None` where that is not known.
    pub(super) fn due(&self, key: &Key) -> Option<Option<i64>> {
        self.due.get(key).copied()
    }

    pub(super) fn learn_due(&mut self, key: Key, due_ms: Option<i64>) {
        self.due.insert(key, due_ms);
    }

    /// Has everything that is planned be written whatever was known of it.
    pub(super) fn forget_due(&mut self) {
        self.due.clear();
    }

    pub(super) fn learn_concerns(&mut self, instance: String, concerns: Vec<ConcernRow>) {
        self.concerns.insert(instance, concerns);
    }

    /// Whether it is known that something open of an instance is kept so.
    pub(super) fn has_concern(&self, instance: &str, concern: &ConcernRow) -> bool {
        let held = self.concerns.get(instance);
        held.is_some_and(|held| held.contains(concern))
    }

    /// Has a row be written whatever was known of it.
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

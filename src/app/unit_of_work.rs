//! The transaction of one decision: saved cases, audit entries and posts commit together, or not at all.

use tracing::Span;

use crate::domain::case::Case;
use crate::domain::id::InstanceId;
use crate::store::{StoreResult, Tx};

/// A case changed by a decision.
pub(super) struct SavedCase {
    /// The case with its new events.
    pub(super) case: Case,
    /// The number of its first event in the workspace's history.
    pub(super) first_event: u64,
}

/// A decision in progress; dropped without a commit, it is rolled back.
pub(super) struct UnitOfWork {
    /// The transaction, for what is read and written besides cases.
    pub(super) tx: Tx,
    kept: Vec<SavedCase>,
    /// The cases that were read, and not saved.
    read: Vec<Case>,
}

impl UnitOfWork {
    /// Begins on a write transaction.
    pub(super) fn new(mut tx: Tx) -> Self {
        tx.records();
        Self {
            tx,
            kept: Vec::new(),
            read: Vec::new(),
        }
    }

    /// The instances with these ids, with their open changes, each read once.
    pub(super) async fn cases(&mut self, ids: &[InstanceId]) -> StoreResult<Vec<Case>> {
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.case(id).await?);
        }
        Ok(found)
    }

    /// An instance with its open change, read once.
    pub(super) async fn case(&mut self, id: &InstanceId) -> StoreResult<Option<Case>> {
        let held = self.read.iter().find(|case| case.instance.id == *id);
        if let Some(held) = held {
            return Ok(Some(held.clone()));
        }
        let read = self.tx.load_case(id).await?;
        self.read.extend(read.clone());
        Ok(read)
    }

    /// Saves a changed case.
    pub(super) async fn keep_case(&mut self, case: &Case) -> StoreResult<()> {
        let span = Span::current();
        span.record("instance", case.instance.id.as_str());
        if let Some(change) = &case.change {
            span.record("change", change.number);
        }
        self.keep_all(vec![case.clone()]).await
    }

    /// Saves changed cases, each of another instance.
    pub(super) async fn keep_all(&mut self, cases: Vec<Case>) -> StoreResult<()> {
        let numbers = self.tx.save_all(&cases).await?;
        let is_saved = |id: &InstanceId| cases.iter().any(|case| case.instance.id == *id);
        self.read.retain(|case| !is_saved(&case.instance.id));
        let kept = cases.into_iter().zip(numbers);
        self.kept
            .extend(kept.map(|(case, first_event)| SavedCase { case, first_event }));
        Ok(())
    }

    /// The cases saved so far.
    pub(super) fn kept(&self) -> &[SavedCase] {
        &self.kept
    }

    /// Whether no case has been saved.
    pub(super) fn is_idle(&self) -> bool {
        self.kept.is_empty()
    }

    /// Commits without an entry in the trail: no case was saved.
    pub(super) async fn commit_unrecorded(self) -> StoreResult<()> {
        self.tx.commit().await
    }

    /// The cases that were read, and not saved.
    pub(super) fn take_read(&mut self) -> Vec<Case> {
        std::mem::take(&mut self.read)
    }

    /// The transaction and the saved cases.
    pub(super) fn into_parts(self) -> (Tx, Vec<SavedCase>) {
        (self.tx, self.kept)
    }
}

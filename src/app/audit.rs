//! The audit trail: listing and verification.

use super::RequestContext;
use super::actor::CONSOLE;
use super::resolve::{self, Naming};
use crate::answer::{Answer, AnswerResult};
use crate::command::{TargetRef, args};
use crate::domain::Timestamp;
use crate::domain::audit::{
    AuditEntry, AuditKey, Head, Tampering, Verified, Verifier, VerifyOptions,
};
use crate::domain::id::{Person, WorkspaceId};
use crate::store::{AuditFilter, Store, StoreResult, Tx};

impl RequestContext<'_> {
    pub(super) async fn audit(&self, tx: &mut Tx, asked: &args::Audit) -> AnswerResult {
        let mut filter = AuditFilter {
            since: asked.since.map(|span| self.now - span.0),
            by: asked.by.as_ref().map(ToString::to_string),
            ..AuditFilter::default()
        };
        if let Some(target) = &asked.target {
            let case = resolve::target(tx, target, Naming::Beginning).await?;
            match target {
                TargetRef::Change(change) | TargetRef::Digits(change, _) => {
                    filter.change = Some(change.0);
                }
                TargetRef::Instance(_) => filter.instance = Some(case.instance.id),
            }
        }
        let page = tx
            .list_audit(&filter, self.settings.page(asked.page))
            .await?;
        let filtered = filter != AuditFilter::default();
        Ok(self
            .info(Answer::Audit { page, filtered })
            .about(filter.change))
    }
}

/// Verifies a workspace's trail, in parts, within one read transaction.
pub async fn check_trail(
    store: &Store,
    workspace: &WorkspaceId,
    terms: VerifyOptions<'_>,
) -> StoreResult<Result<Verified, Tampering>> {
    let mut tx = store.read(workspace).await?;
    let mut verifier = Verifier::new(workspace, terms);
    let mut from = Some(i64::MIN);
    while let Some(at) = from {
        let part = tx.audit_part(at).await?;
        let mut rows = part.rows.iter().peekable();
        while let Some(row) = rows.next() {
            if let Err(found) = verifier.take_row(row) {
                let next = rows.peek().copied();
                return Ok(Err(match next {
                    Some(next) => verifier.second_look(found, row, next),
                    None => found,
                }));
            }
        }
        if let Some(row) = part.unreadable {
            return Ok(Err(verifier.unreadable(row)));
        }
        from = part.next;
    }
    Ok(verifier.finish())
}

/// Appends a first row with the key to every trail that has rows and none with a key; the workspaces of these trails.
pub async fn begin_key(
    store: &Store,
    key: &AuditKey,
    at: Timestamp,
    by: Person,
) -> StoreResult<Vec<WorkspaceId>> {
    let entry = AuditEntry {
        by: Some(by),
        ..AuditEntry::done(at, CONSOLE, "audit begin-key")
    };
    let mut begun = Vec::new();
    for workspace in store.system().workspaces().await? {
        let mut tx = store.write(&workspace).await?;
        if tx.begin_key(&entry, key).await? {
            tx.commit().await?;
            begun.push(workspace);
        }
    }
    Ok(begun)
}

/// The reason why the trail cannot be continued with this key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// The trail was written with a key, and none is set.
    #[error(
        "the audit trail of {0} was written with a key, and WARDEN_AUDIT_KEY is not set: without it nothing can be recorded here. Load it, as the service does (`set -a; . /etc/warden/environment; set +a`), and try again. Only if it is lost for good: keep this database as it is, and begin another with --db"
    )]
    Missing(WorkspaceId),
    /// The trail was written with another key, or its last row was altered.
    #[error(
        "the audit trail of {0} does not end with a row of this WARDEN_AUDIT_KEY: it is another key than the one warden ran with, or the row was changed. Set the right key; `warden audit verify` tells more, and a changed row is mended from a backup"
    )]
    Other(WorkspaceId),
    /// The trail has rows and none with a key, and a key is set.
    #[error(
        "the audit trail of {0} began without a key, and WARDEN_AUDIT_KEY is set: with it, nothing could be recorded here without this key any more. Nothing was recorded. If it is set by mistake: unset it (`unset WARDEN_AUDIT_KEY`). If it is to hold from now on: keep it where it is not lost, end every warden, and run `warden audit begin-key` once"
    )]
    NotBegun(WorkspaceId),
}

/// The purpose for which the trails are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailUse {
    /// Rows with a key are checked with it.
    Read,
    Append,
}

/// Checks that every trail can be read, or continued, with this key, or without one. Reads the last two rows of each workspace.
pub async fn check_key(
    store: &Store,
    key: Option<&AuditKey>,
    purpose: TrailUse,
) -> StoreResult<Result<(), KeyProblem>> {
    for workspace in store.system().workspaces().await? {
        let mut tx = store.read(&workspace).await?;
        let head = tx.audit_head().await?;
        let from = i64::try_from(head.seq).unwrap_or(i64::MAX) - 1;
        let rows = tx.audit_part(from).await?.rows;
        let Some(last) = rows.last() else {
            continue;
        };
        if !last.keyed {
            if key.is_some() && purpose == TrailUse::Append {
                return Ok(Err(KeyProblem::NotBegun(workspace)));
            }
            continue;
        }
        let before = match rows.as_slice() {
            [before, _] => Head {
                hash: before.hash.clone(),
                seq: head.seq - 1,
                workspace: workspace.clone(),
            },
            _ => Head::genesis(&workspace),
        };
        match key {
            None => return Ok(Err(KeyProblem::Missing(workspace))),
            Some(key) if !last.fits(&before, key) => return Ok(Err(KeyProblem::Other(workspace))),
            Some(_) => {}
        }
    }
    Ok(Ok(()))
}

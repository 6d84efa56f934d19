//! The audit trail: who decided what, and whether the trail is sound.

use super::Desk;
use super::resolve::{self, Naming};
use crate::answer::{Answer, Fatal, Reply, UserError};
use crate::command::{Command, TargetRef};
use crate::domain::audit::{Tampering, Terms, Verified, Verifier};
use crate::store::{AuditFilter, Store, StoreError};

impl Desk<'_> {
    pub(super) async fn audit(&self, command: &Command) -> Result<Reply, Fatal> {
        let Command::Audit {
            target,
            since,
            by,
            page,
        } = command
        else {
            return Err(UserError::NothingSaid.into());
        };
        let mut tx = self.read().await?;
        let mut filter = AuditFilter {
            since: since.map(|span| self.now - span.0),
            by: by.as_ref().map(ToString::to_string),
            ..AuditFilter::default()
        };
        if let Some(target) = target {
            let case = resolve::target(&mut tx, target, Naming::Beginning).await?;
            match target {
                TargetRef::Change(change) | TargetRef::Digits(change, _) => {
                    filter.change = Some(change.0);
                }
                TargetRef::Instance(_) => filter.instance = Some(case.instance.id),
            }
        }
        let page = tx.list_audit(&filter, *page).await?;
        let filtered = filter != AuditFilter::default();
        Ok(self
            .info(Answer::Audit { page, filtered })
            .about(filter.change))
    }
}

/// Checks one workspace's trail as it is at this moment, a part at a time.
///
/// # Errors
/// When the database cannot be read.
pub async fn check_trail(
    store: &Store,
    workspace: &str,
    terms: Terms<'_>,
) -> Result<Result<Verified, Tampering>, StoreError> {
    let mut tx = store.read(workspace).await?;
    let mut verifier = Verifier::new(workspace, terms);
    let mut from = Some(i64::MIN);
    while let Some(at) = from {
        let part = tx.audit_part(at).await?;
        let mut rows = part.rows.iter().peekable();
        while let Some(row) = rows.next() {
            if let Err(found) = verifier.take(row) {
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

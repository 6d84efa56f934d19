//! The table `audit`: an append-only chain of rows.

mod list;

pub use list::AuditFilter;
#[cfg(test)]
pub(super) use list::{AuditQuery, CALLED, IS_PERSON, KNOWN_AS, TOUCHED};

use super::sql::StoredId;
use super::system::nowhere;
use super::{StoreError, StoreResult, System, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::audit::{AuditEntry, AuditKey, AuditRow, Head};
use crate::domain::fact::CLOCKS_DIFFER;
use crate::domain::id::WorkspaceId;

macro_rules! columns {
    () => {
        "seq, at_ms, by_id, by_name, surface, message, said, outcome, rules, instance_id, change_number, events, \
         detail, keyed, hash"
    };
}

use columns;

/// Inserts `n` rows.
pub(super) fn insert(n: usize) -> String {
    let rows = sql::tuples(n, 15);
    format!(
        "INSERT INTO audit (workspace, {}) VALUES {rows}",
        columns!()
    )
}
/// The last row of the trail.
pub(super) const HEAD: &str =
    "SELECT seq, hash, keyed, at_ms FROM audit WHERE workspace = $1 ORDER BY seq DESC LIMIT 1";
/// The rows from `$2` on, in order.
pub(super) const ROWS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM audit WHERE workspace = $1 AND seq >= $2 ORDER BY seq LIMIT $3"
);
/// The number of the first row from `$2` on, without its other columns.
pub(super) const NUMBER: &str =
    "SELECT seq FROM audit WHERE workspace = $1 AND seq >= $2 ORDER BY seq LIMIT 1";
/// The first workspace after `$1` with counters or a trail.
pub(super) const NEXT_WORKSPACE: &str = "SELECT MIN(found.workspace) AS workspace FROM \
     (SELECT MIN(workspace) AS workspace FROM workspace WHERE workspace > $1 \
     UNION ALL SELECT MIN(workspace) AS workspace FROM audit WHERE workspace > $1) AS found";

/// The number of rows of a trail in memory at once.
const ROWS_AT_ONCE: i64 = 500;

/// A part of a trail, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPart {
    pub rows: Vec<AuditRow>,
    /// The number of the row after them, if it has values that no program writes; the part ends there.
    pub unreadable: Option<i64>,
    /// The start of the next part; `None` after the last row.
    pub next: Option<i64>,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct HeadRow {
    pub(super) seq: i64,
    pub(super) hash: String,
    pub(super) keyed: i64,
    pub(super) at_ms: i64,
}

/// The end of a trail.
#[derive(Debug, Clone)]
pub(super) struct Trail {
    head: Head,
    /// Whether the last row is keyed.
    keyed: bool,
    /// The time of the last row.
    at_ms: i64,
}

impl Trail {
    /// The end of a workspace's trail, from its last row.
    pub(super) fn read(workspace: &WorkspaceId, last: Option<HeadRow>) -> StoreResult<Self> {
        let Some(last) = last else {
            return Ok(Self {
                head: Head::genesis(workspace),
                keyed: false,
                at_ms: i64::MIN,
            });
        };
        let HeadRow { seq, hash, .. } = last;
        let head = Head {
            workspace: workspace.to_owned(),
            seq: u64::try_from(seq).map_err(|_| damaged(seq, "seq"))?,
            hash,
        };
        Ok(Self {
            head,
            keyed: last.keyed != 0,
            at_ms: last.at_ms,
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
struct StoredRow {
    seq: i64,
    at_ms: i64,
    by_id: Option<String>,
    by_name: Option<String>,
    surface: String,
    message: Option<String>,
    said: String,
    outcome: String,
    rules: String,
    instance_id: Option<String>,
    change_number: Option<i64>,
    events: String,
    detail: Option<String>,
    keyed: i64,
    hash: String,
}

impl StoredRow {
    /// The entry; the row's number when a column has an invalid value.
    fn read(self) -> Result<AuditRow, i64> {
        Ok(AuditRow {
            keyed: match self.keyed {
                0 => false,
                1 => true,
                _ => return Err(self.seq),
            },
            seq: self.seq,
            at_ms: self.at_ms,
            by_id: self.by_id,
            by_name: self.by_name,
            surface: self.surface,
            message: self.message,
            said: self.said,
            outcome: self.outcome,
            rules: self.rules,
            instance_id: self.instance_id,
            change_number: self.change_number,
            events: self.events,
            detail: self.detail,
            hash: self.hash,
        })
    }
}

fn damaged(seq: i64, column: &'static str) -> StoreError {
    StoreError::damaged("audit", format!("row {seq}"), column)
}

impl Tx {
    /// Appends an entry to the trail. The cost does not depend on its length.
    ///
    /// # Errors
    /// [`StoreError::NeedsKey`] without a key if the trail is keyed: verification would report the entry as inserted for good.
    /// [`StoreError::BeganWithoutKey`] with a key if the trail has rows and none with a key: from the entry on it would need the
    /// key for good. Any other [`StoreError`].
    pub async fn append_audit(
        &mut self,
        entry: &AuditEntry,
        key: Option<&AuditKey>,
    ) -> StoreResult<()> {
        self.append_audits(std::slice::from_ref(entry), key).await
    }

    /// Appends entries to the trail, in order.
    ///
    /// # Errors
    /// Like [`Tx::append_audit`].
    pub async fn append_audits(
        &mut self,
        entries: &[AuditEntry],
        key: Option<&AuditKey>,
    ) -> StoreResult<()> {
        let trail = self.end_of_trail().await?;
        let begun = trail.head.seq > 0;
        match (trail.keyed, key) {
            (true, None) => Err(StoreError::NeedsKey {
                workspace: self.workspace(),
            }),
            (false, Some(_)) if begun => Err(StoreError::BeganWithoutKey {
                workspace: self.workspace(),
            }),
            _ => self.append_after(trail, entries, key).await,
        }
    }

    /// Appends the first entry with a key to a trail that has rows and none with a key. From then on the trail needs this key.
    /// Returns whether there is such a trail.
    pub async fn begin_key(&mut self, entry: &AuditEntry, key: &AuditKey) -> StoreResult<bool> {
        let trail = self.end_of_trail().await?;
        if trail.keyed || trail.head.seq == 0 {
            return Ok(false);
        }
        let entries = std::slice::from_ref(entry);
        self.append_after(trail, entries, Some(key)).await?;
        Ok(true)
    }

    async fn append_after(
        &mut self,
        trail: Trail,
        entries: &[AuditEntry],
        key: Option<&AuditKey>,
    ) -> StoreResult<()> {
        if !self.writes() {
            return Err(StoreError::fault(
                "a reading transaction was asked to append",
            ));
        }
        if let Some(first) = entries.first() {
            self.plan_again_after(&trail, first.at).await?;
        }
        let mut head = trail.head;
        let full = || StoreError::fault("the audit trail cannot take an entry");
        let mut rows = Vec::new();
        for entry in entries {
            let row = entry.link(&head, key).ok_or_else(full)?;
            head.seq += 1;
            head.hash.clone_from(&row.hash);
            rows.push(row);
        }
        self.trail = None;
        for batch in sql::pieces(&rows) {
            let mut query = self.statement(insert(batch.len()));
            for row in batch.iter().cloned() {
                query = query
                    .bind(row.seq)
                    .bind(row.at_ms)
                    .bind(row.by_id)
                    .bind(row.by_name)
                    .bind(row.surface)
                    .bind(row.message)
                    .bind(row.said)
                    .bind(row.outcome)
                    .bind(row.rules)
                    .bind(row.instance_id)
                    .bind(row.change_number)
                    .bind(row.events)
                    .bind(row.detail)
                    .bind(i64::from(row.keyed))
                    .bind(row.hash);
            }
            self.later(query).await?;
        }
        let keyed = key.is_some();
        self.recorded = Some(head.clone());
        let at_ms = rows.last().map_or(trail.at_ms, |row| row.at_ms);
        self.trail = Some(Trail { head, keyed, at_ms });
        Ok(())
    }

    /// Schedules the workspace again if its last entry was made, or any process was last seen, by a clock that was ahead: what became
    /// due by that clock is not due any more, and waits for that time. Returns whether it did.
    pub async fn look_for_time_ahead(&mut self, now: Timestamp) -> StoreResult<bool> {
        if self.is_seen_ahead(now).await? {
            self.plan_workspace_again(now).await?;
            return Ok(true);
        }
        let trail = self.end_of_trail().await?;
        self.plan_again_after(&trail, now).await
    }

    async fn plan_again_after(&mut self, trail: &Trail, now: Timestamp) -> StoreResult<bool> {
        let is_ahead = trail.at_ms > (now + CLOCKS_DIFFER).timestamp_millis();
        if is_ahead {
            self.plan_workspace_again(now).await?;
        }
        Ok(is_ahead)
    }

    /// The head of the trail.
    pub async fn audit_head(&mut self) -> StoreResult<Head> {
        Ok(self.end_of_trail().await?.head)
    }

    async fn end_of_trail(&mut self) -> StoreResult<Trail> {
        if let Some(trail) = self.trail.as_ref().filter(|_| self.writes()) {
            return Ok(trail.clone());
        }
        let query = self.rows::<HeadRow>(HEAD);
        let last = self.all(query).await?.pop();
        Trail::read(self.name(), last)
    }

    /// The part of the trail from row `from` on; [`i64::MIN`] starts at the beginning.
    pub async fn audit_part(&mut self, from: i64) -> StoreResult<AuditPart> {
        match self.stored(from, ROWS_AT_ONCE).await {
            Ok(rows) => Ok(part(rows, ROWS_AT_ONCE)),
            // Some row has an unreadable value, such as text that is not UTF-8: find it.
            Err(StoreError::Broken(_)) => self.one_by_one(from).await,
            Err(error) => Err(error),
        }
    }

    async fn stored(&mut self, from: i64, limit: i64) -> StoreResult<Vec<StoredRow>> {
        let query = self.rows::<StoredRow>(ROWS).bind(from).bind(limit);
        self.all(query).await
    }

    async fn one_by_one(&mut self, from: i64) -> StoreResult<AuditPart> {
        let mut all = AuditPart::default();
        let mut from = Some(from);
        while let Some(at) = from {
            let one = match self.stored(at, 1).await {
                Ok(rows) => part(rows, 1),
                Err(error @ StoreError::Broken(_)) => AuditPart {
                    unreadable: Some(self.number(at).await?.ok_or(error)?),
                    ..AuditPart::default()
                },
                Err(error) => return Err(error),
            };
            all.rows.extend(one.rows);
            all.unreadable = one.unreadable;
            all.next = one.next;
            let is_full = all.rows.len() >= usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX);
            from = one.next.filter(|_| !is_full);
        }
        Ok(all)
    }

    async fn number(&mut self, from: i64) -> StoreResult<Option<i64>> {
        let query = self.rows::<(i64,)>(NUMBER).bind(from);
        Ok(self.all(query).await?.first().map(|(seq,)| *seq))
    }
}

/// The rows up to the first unreadable one. Fewer than requested are the last.
fn part(rows: Vec<StoredRow>, asked: i64) -> AuditPart {
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= asked);
    let mut part = AuditPart::default();
    for row in rows {
        match row.read() {
            Ok(row) => part.rows.push(row),
            Err(seq) => {
                part.unreadable = Some(seq);
                return part;
            }
        }
    }
    let last = part.rows.last().filter(|_| is_full);
    part.next = last.and_then(|row| row.seq.checked_add(1));
    part
}

impl System<'_> {
    /// All workspaces with data, by name.
    pub async fn workspaces(&self) -> StoreResult<Vec<WorkspaceId>> {
        let mut all: Vec<WorkspaceId> = Vec::new();
        loop {
            let last = all.last().cloned().unwrap_or_else(nowhere);
            // The only statement across workspaces; it reads only their names.
            let mut tx = self.0.read(&last).await?;
            let query = sql::rows::<(Option<StoredId<WorkspaceId>>,)>(NEXT_WORKSPACE)
                .bind(tx.workspace().to_string());
            let rows = tx.all(query).await?;
            match rows.into_iter().next().and_then(|(workspace,)| workspace) {
                Some(StoredId(next)) => all.push(next),
                None => return Ok(all),
            }
        }
    }
}

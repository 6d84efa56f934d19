//! The table `schedule`: one row per scheduled item. Each workspace's row has its earliest due time, so that finding due work
//! scans neither many rows nor paused workspaces.

use std::collections::BTreeMap;

use super::code::instant;
use super::sql::{Statement, StoredId};
use super::{Served, StoreError, StoreResult, System, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::{InstanceId, WorkspaceId};

/// The kinds of scheduled work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A change is updated.
    Change,
    /// A notice is judged again.
    Notice,
    /// The weekly digest is posted.
    Digest,
    /// The concerns of the workspace as a whole are updated.
    Workspace,
    /// An instance is examined, because something may be due or it was written.
    Instance,
    /// Old rows are pruned.
    Retention,
}

impl Kind {
    /// In the order of execution: later kinds may report decisions of earlier ones.
    pub const ALL: [Self; 6] = [
        Self::Change,
        Self::Notice,
        Self::Digest,
        Self::Workspace,
        Self::Instance,
        Self::Retention,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Notice => "notice",
            Self::Digest => "digest",
            Self::Workspace => "workspace",
            Self::Instance => "instance",
            Self::Retention => "retention",
        }
    }
}

/// The subject of scheduled work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScheduleSubject {
    /// A change by number.
    Change(u64),
    /// A notice by number.
    Notice(u64),
    Digest,
    Workspace,
    Instance(InstanceId),
    /// Pruning of old rows.
    Retention,
}

impl ScheduleSubject {
    const fn kind(&self) -> Kind {
        match self {
            Self::Change(_) => Kind::Change,
            Self::Notice(_) => Kind::Notice,
            Self::Digest => Kind::Digest,
            Self::Workspace => Kind::Workspace,
            Self::Instance(_) => Kind::Instance,
            Self::Retention => Kind::Retention,
        }
    }

    /// The key in the table.
    pub(super) fn key(&self) -> Key {
        (self.kind().as_str(), self.written())
    }

    /// Whether the entry is written once, at the commit.
    const fn is_written_at_the_end(&self) -> bool {
        matches!(self, Self::Change(_) | Self::Instance(_) | Self::Notice(_))
    }

    fn written(&self) -> String {
        match self {
            Self::Change(number) | Self::Notice(number) => number.to_string(),
            Self::Digest | Self::Workspace | Self::Retention => String::new(),
            Self::Instance(id) => id.to_string(),
        }
    }

    fn read(kind: &str, subject: &str) -> Option<Self> {
        let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        match kind {
            Kind::Change => subject.parse().ok().map(Self::Change),
            Kind::Notice => subject.parse().ok().map(Self::Notice),
            Kind::Digest => subject.is_empty().then_some(Self::Digest),
            Kind::Workspace => subject.is_empty().then_some(Self::Workspace),
            Kind::Retention => subject.is_empty().then_some(Self::Retention),
            Kind::Instance => InstanceId::parse(subject).ok().map(Self::Instance),
        }
    }
}

/// The most due entries sorted by team at once.
const SORTED: i64 = 20_000;
/// The due time of an instance that was written: at once.
const AT_ONCE: i64 = 0;

/// Sets the due time of an entry.
pub(super) const SET: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (workspace, kind, subject) DO UPDATE SET due_ms = excluded.due_ms WHERE schedule.due_ms <> excluded.due_ms";

/// Like [`SET`], for `n` entries.
fn set(n: usize) -> String {
    SET.replace("($1, $2, $3, $4)", &sql::tuples(n, 3))
}

/// Sets the due time of a new entry.
pub(super) const BEGIN: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (workspace, kind, subject) DO NOTHING";

/// Removes `n` entries.
pub(super) fn delete(n: usize) -> String {
    let each = (0..n).map(|at| 2 + at * 2);
    let each: Vec<String> = each
        .map(|at| {
            format!(
                "(workspace = $1 AND kind = ${at} AND subject = ${})",
                at + 1
            )
        })
        .collect();
    format!("DELETE FROM schedule WHERE {}", each.join(" OR "))
}

/// Moves all entries of a kind that are due after a moment.
pub(super) const MOVE: &str =
    "UPDATE schedule SET due_ms = $3 WHERE workspace = $1 AND kind = $2 AND due_ms > $4";

/// The due entries of a kind, earliest first.
pub(super) const DUE: &str = "SELECT workspace, kind, subject, due_ms FROM schedule WHERE workspace = $1 AND kind = $2 \
     AND due_ms <= $3 ORDER BY due_ms, subject LIMIT $4";

/// The due instances grouped by team, among the earliest.
pub(super) const BY_TEAM: &str = "SELECT busy.subject AS subject, busy.due_ms AS due_ms, instance.team AS team FROM \
     (SELECT subject, due_ms FROM schedule WHERE workspace = $1 AND kind = 'instance' AND due_ms <= $2 \
     ORDER BY due_ms, subject LIMIT $3) AS busy \
     LEFT JOIN instance ON instance.workspace = $1 AND instance.id = busy.subject \
     ORDER BY instance.team, busy.due_ms, busy.subject LIMIT $4";

/// A due entry of any kind.
pub(super) const ANY: &str = "SELECT workspace, kind, subject, due_ms FROM schedule WHERE workspace = $1 \
     AND due_ms <= $2 ORDER BY due_ms, kind, subject LIMIT 1";

/// The unpaused workspaces with scheduled work, earliest first.
pub(super) const NEXT: &str = "SELECT workspace, due_ms FROM workspace WHERE paused = 0 AND due_ms >= $1 \
     ORDER BY due_ms, workspace LIMIT $2";

/// One workspace, if it is not paused and has scheduled work.
pub(super) const NEXT_OF: &str = "SELECT workspace, due_ms FROM workspace WHERE paused = 0 AND due_ms >= $1 \
     AND workspace = $3 LIMIT $2";

/// The key of an entry: kind and subject.
pub(super) type Key = (&'static str, String);

/// Due times to write; `None` removes the entry.
pub(super) type Plans = BTreeMap<Key, Option<i64>>;

/// The most due times written in one statement.
const MOMENTS: usize = 10;

#[derive(Debug, sqlx::FromRow)]
struct DueRow {
    #[sqlx(try_from = "StoredId<WorkspaceId>")]
    workspace: WorkspaceId,
    kind: String,
    subject: String,
    due_ms: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct ScheduledInstance {
    subject: String,
    due_ms: i64,
    team: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub workspace: WorkspaceId,
    /// The due time; `None` for an instance that was written, which is examined whatever was scheduled.
    pub at: Option<Timestamp>,
    kind: String,
    subject: String,
}

impl Due {
    /// The stored kind of its subject.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The stored name of its subject.
    pub fn named(&self) -> &str {
        &self.subject
    }

    /// The key of the entry, unique in its workspace.
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind, self.subject)
    }

    /// The subject.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], also for a kind unknown to this version.
    pub fn subject(&self) -> StoreResult<ScheduleSubject> {
        ScheduleSubject::read(&self.kind, &self.subject).ok_or_else(|| self.damaged("subject"))
    }

    /// The error for a missing subject.
    pub fn missing(&self) -> StoreError {
        self.damaged("subject")
    }

    fn damaged(&self, column: &'static str) -> StoreError {
        StoreError::damaged(
            "schedule",
            format!("{} {}", self.kind, self.subject),
            column,
        )
    }
}

impl DueRow {
    fn read(self) -> Due {
        // Times out of range are due at once too.
        let at = instant(self.due_ms).filter(|_| self.due_ms > AT_ONCE);
        Due {
            workspace: self.workspace,
            at,
            kind: self.kind,
            subject: self.subject,
        }
    }
}

/// A workspace with scheduled work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upcoming {
    pub workspace: WorkspaceId,
    /// The earliest due time.
    pub at: Timestamp,
}

impl System<'_> {
    /// The unpaused workspaces with scheduled work, earliest first, up to `limit`. What nobody reads is scheduled all the same.
    pub async fn upcoming(&self, served: &Served, limit: u32) -> StoreResult<Vec<Upcoming>> {
        let mut tx = self.glance().await?;
        let only = match served {
            Served::Only(own) => Some(own.to_string()),
            Served::All | Served::AllBut(_) => None,
        };
        let text = only.as_ref().map_or(NEXT, |_| NEXT_OF);
        let query = sql::rows::<(StoredId<WorkspaceId>, i64)>(text)
            .bind(i64::MIN)
            .bind(i64::from(limit));
        let query = match only {
            Some(own) => query.bind(own),
            None => query,
        };
        let rows = tx.all(query).await?;
        let rows = rows
            .into_iter()
            .map(|(StoredId(workspace), due_ms)| Upcoming {
                workspace,
                at: moment(due_ms),
            });
        Ok(rows.collect())
    }

    /// The next due time in these workspaces, as far as they are not paused.
    pub async fn next_due(&self, served: &Served) -> StoreResult<Option<Timestamp>> {
        let first = self.upcoming(served, 1).await?.pop();
        Ok(first.map(|first| first.at))
    }
}

/// A moment, limited to the range of the calendar.
fn moment(ms: i64) -> Timestamp {
    let end = if ms > 0 {
        Timestamp::MAX_UTC
    } else {
        Timestamp::MIN_UTC
    };
    instant(ms).unwrap_or(end)
}

impl Tx {
    fn due_at(&self, text: &'static str, subject: &ScheduleSubject, due_ms: i64) -> Statement {
        self.statement(text)
            .bind(subject.kind().as_str())
            .bind(subject.written())
            .bind(due_ms)
    }

    /// Sets or removes the due time of a subject.
    pub async fn set_due(
        &mut self,
        subject: &ScheduleSubject,
        at: Option<Timestamp>,
    ) -> StoreResult<()> {
        if let Some(at) = at {
            let due_ms = at.timestamp_millis().max(AT_ONCE + 1);
            return self.set_due_ms(subject, due_ms).await;
        }
        let key = subject.key();
        if subject.is_written_at_the_end() {
            self.planned.insert(key, None);
            return Ok(());
        }
        self.unplan(&[key]).await
    }

    async fn unplan(&mut self, keys: &[Key]) -> StoreResult<()> {
        for batch in keys.chunks(MOMENTS) {
            let query = self.statement(delete(batch.len()));
            let query = (batch.iter()).fold(query, |query, (kind, subject)| {
                query.bind(*kind).bind(subject.clone())
            });
            self.later(query).await?;
            self.unplanned();
            for key in batch {
                self.known.learn_due(key.clone(), None);
            }
        }
        Ok(())
    }

    async fn set_due_ms(&mut self, subject: &ScheduleSubject, due_ms: i64) -> StoreResult<()> {
        if subject.is_written_at_the_end() {
            self.planned.insert(subject.key(), Some(due_ms));
            return Ok(());
        }
        let query = self.due_at(SET, subject, due_ms);
        self.later(query).await?;
        self.planned(due_ms);
        Ok(())
    }

    /// The instances that were written and not examined since.
    pub fn written_instances(&self) -> Vec<InstanceId> {
        let at_once = self
            .planned
            .iter()
            .filter(|(_, due)| **due == Some(AT_ONCE));
        let subjects =
            at_once.filter_map(|((kind, subject), _)| ScheduleSubject::read(kind, subject));
        let ids = subjects.filter_map(|subject| match subject {
            ScheduleSubject::Instance(id) => Some(id),
            _ => None,
        });
        ids.collect()
    }

    /// The pending due time of an entry, or its pending removal.
    pub(super) fn pending_due(&self, subject: &ScheduleSubject) -> Option<Option<Timestamp>> {
        let due_ms = *self.planned.get(&subject.key())?;
        Some(due_ms.and_then(instant))
    }

    /// Writes the pending due times that differ from the known ones.
    pub(super) async fn write_plans(&mut self) -> StoreResult<()> {
        let planned = std::mem::take(&mut self.planned);
        self.write_all(planned).await
    }

    /// Like [`Tx::write_plans`], for notices alone: before a statement that moves those in the table.
    pub(super) async fn write_plans_of_notices(&mut self) -> StoreResult<()> {
        let planned = std::mem::take(&mut self.planned).into_iter();
        let (notices, others) = planned.partition(|((kind, _), _)| *kind == Kind::Notice.as_str());
        self.planned = others;
        self.write_all(notices).await?;
        self.known.forget_due_of(Kind::Notice);
        Ok(())
    }

    async fn write_all(&mut self, mut planned: Plans) -> StoreResult<()> {
        planned.retain(|key, due_ms| self.known.due(key) != Some(*due_ms));
        let over = planned.iter().filter(|(_, due_ms)| due_ms.is_none());
        let over: Vec<Key> = over.map(|(key, _)| key.clone()).collect();
        self.unplan(&over).await?;
        let rows: Vec<(Key, i64)> = planned
            .into_iter()
            .filter_map(|(key, due_ms)| Some((key, due_ms?)))
            .collect();
        for batch in rows.chunks(MOMENTS) {
            let query = self.statement(set(batch.len()));
            let query = batch
                .iter()
                .fold(query, |query, ((kind, subject), due_ms)| {
                    query.bind(*kind).bind(subject.clone()).bind(*due_ms)
                });
            self.later(query).await?;
            if let Some(soonest) = batch.iter().map(|(_, due_ms)| *due_ms).min() {
                self.planned(soonest);
            }
            for (key, due_ms) in batch {
                self.known.learn_due(key.clone(), Some(*due_ms));
            }
        }
        Ok(())
    }

    /// Schedules an instance at once, because it was written.
    pub(super) fn look_at_once(&mut self, id: &InstanceId) {
        let key = ScheduleSubject::Instance(id.clone()).key();
        self.planned.insert(key, Some(AT_ONCE));
    }

    /// Sets the due time of a new entry; an existing one is unchanged.
    pub async fn begin_due(&mut self, subject: &ScheduleSubject, at: Timestamp) -> StoreResult<()> {
        let due_ms = at.timestamp_millis();
        if self.run(self.due_at(BEGIN, subject, due_ms)).await? > 0 {
            self.planned(due_ms);
        }
        Ok(())
    }

    /// Moves all existing entries of a kind to a moment; `None`: at once. Costs one write per entry; they are executed in batches
    /// later.
    pub async fn move_all_due(&mut self, kind: Kind, to: Option<Timestamp>) -> StoreResult<()> {
        let to = to.map_or(AT_ONCE, |to| to.timestamp_millis());
        self.move_due_after(kind, i64::MIN, to).await
    }

    /// Moves the entries of a kind that are due after a moment.
    pub(super) async fn move_due_after(
        &mut self,
        kind: Kind,
        after_ms: i64,
        to_ms: i64,
    ) -> StoreResult<()> {
        self.write_plans().await?;
        self.known.forget_due();
        let query = self
            .statement(MOVE)
            .bind(kind.as_str())
            .bind(to_ms)
            .bind(after_ms);
        if self.run(query).await? > 0 {
            self.planned(to_ms);
        }
        Ok(())
    }

    /// Postpones a damaged entry, so that it does not hold up the others.
    pub async fn postpone(&mut self, due: &Due, to: Timestamp) -> StoreResult<()> {
        let query = self
            .statement(SET)
            .bind(due.kind.clone())
            .bind(due.subject.clone())
            .bind(to.timestamp_millis());
        self.later(query).await?;
        self.planned(to.timestamp_millis());
        Ok(())
    }

    /// The due entries of a kind, earliest first, up to `limit`.
    pub async fn due(&mut self, kind: Kind, now: Timestamp, limit: u32) -> StoreResult<Vec<Due>> {
        let query = self
            .rows::<DueRow>(DUE)
            .bind(kind.as_str())
            .bind(now.timestamp_millis())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        Ok(rows.into_iter().map(DueRow::read).collect())
    }

    /// The due instances, earliest first, up to `limit`; if there are more, only whole teams, because messages due together in a
    /// channel are combined.
    pub async fn instances_due(&mut self, now: Timestamp, limit: usize) -> StoreResult<Vec<Due>> {
        let rows = u32::try_from(limit).unwrap_or(u32::MAX);
        let all = self
            .due(Kind::Instance, now, rows.saturating_add(1))
            .await?;
        if all.len() <= limit {
            return Ok(all);
        }
        let query = self
            .rows::<ScheduledInstance>(BY_TEAM)
            .bind(now.timestamp_millis())
            .bind(SORTED)
            .bind(i64::from(rows));
        let mut rows = self.all(query).await?;
        let of = |row: Option<&ScheduledInstance>| row.and_then(|row| row.team.clone());
        let (first, last) = (of(rows.first()), of(rows.last()));
        if first != last {
            // All instances of the last team come with the next batch.
            rows.retain(|row| row.team != last);
        }
        rows.sort_by(|one, other| (one.due_ms, &one.subject).cmp(&(other.due_ms, &other.subject)));
        let workspace = self.workspace();
        let due = rows.into_iter().map(|row| DueRow {
            workspace: workspace.clone(),
            kind: Kind::Instance.as_str().to_owned(),
            subject: row.subject,
            due_ms: row.due_ms,
        });
        Ok(due.map(DueRow::read).collect())
    }

    /// The first due entry in the order of execution.
    pub async fn first_due(&mut self, now: Timestamp) -> StoreResult<Option<Due>> {
        for kind in Kind::ALL {
            if let Some(due) = self.due(kind, now, 1).await?.pop() {
                return Ok(Some(due));
            }
        }
        // A kind known only to a later version.
        let query = self.rows::<DueRow>(ANY).bind(now.timestamp_millis());
        let unknown = self.all(query).await?.pop();
        if unknown.is_none() {
            self.unplanned();
        }
        Ok(unknown.map(DueRow::read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_read_as_it_was_written() {
        let id = InstanceId::parse("MQ_INST_1080056302921134_BXuIbML7").unwrap();
        let all = [
            ScheduleSubject::Change(7),
            ScheduleSubject::Notice(u64::MAX),
            ScheduleSubject::Digest,
            ScheduleSubject::Workspace,
            ScheduleSubject::Instance(id),
        ];
        for subject in all {
            let (kind, written) = (subject.kind().as_str(), subject.written());
            assert_eq!(ScheduleSubject::read(kind, &written), Some(subject));
        }
        for (kind, subject) in [
            ("change", "-1"),
            ("change", ""),
            ("notice", "x"),
            ("digest", "x"),
            ("instance", "x"),
            ("later", ""),
        ] {
            assert_eq!(
                ScheduleSubject::read(kind, subject),
                None,
                "{kind} {subject}"
            );
        }
    }
}

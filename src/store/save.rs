//! Saving of cases and of the workspace's counters.

use super::{ScheduleSubject, StoreError, StoreResult, Totals, Tx, change, sql};
use crate::domain::case::Case;
use crate::domain::id::WorkspaceId;

/// The state of an instance and a change before they are written.
pub(super) const BEFORE: &str = "SELECT \
     (SELECT tracking FROM instance WHERE workspace = $1 AND id = $2) AS tracking, \
     (SELECT status FROM change WHERE workspace = $1 AND number = $3) AS status";

/// Adds to the counters, and updates the workspace's earliest due times.
pub(super) const COUNT: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, due_ms, send_ms) \
     VALUES ($1, $2, $3, $4, $5, (SELECT due_ms FROM schedule WHERE workspace = $1 ORDER BY due_ms LIMIT 1), \
     (SELECT next_ms FROM channel_queue WHERE workspace = $1 AND next_ms IS NOT NULL ORDER BY next_ms LIMIT 1)) \
     ON CONFLICT (workspace) DO UPDATE SET due_ms = excluded.due_ms, send_ms = excluded.send_ms, \
     next_change = CASE WHEN excluded.next_change > workspace.next_change \
     THEN excluded.next_change ELSE workspace.next_change END, \
     tracked = workspace.tracked + excluded.tracked, \
     open_changes = workspace.open_changes + excluded.open_changes, \
     events = workspace.events + excluded.events \
     WHERE workspace.due_ms IS DISTINCT FROM excluded.due_ms OR workspace.send_ms IS DISTINCT FROM excluded.send_ms \
     OR excluded.next_change > workspace.next_change OR excluded.tracked <> 0 OR excluded.open_changes <> 0 \
     OR excluded.events <> 0";

pub(super) const COUNTERS: &str =
    "SELECT next_change, tracked, open_changes, events FROM workspace WHERE workspace = $1";

/// The last recorded policy.
pub(super) const POLICY: &str = "SELECT policy FROM workspace WHERE workspace = $1";

/// Records the policy in effect.
pub(super) const SET_POLICY: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, policy) \
     VALUES ($1, 1, 0, 0, 0, $2) ON CONFLICT (workspace) DO UPDATE SET policy = excluded.policy";

#[derive(Debug, Default, sqlx::FromRow)]
struct BeforeRow {
    tracking: Option<String>,
    status: Option<String>,
}

/// The counted state of a case before it was written.
#[derive(Debug)]
struct Before {
    tracked: bool,
    open: bool,
}

#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct CounterRow {
    pub(super) next_change: i64,
    pub(super) tracked: i64,
    pub(super) open_changes: i64,
    pub(super) events: i64,
}

impl CounterRow {
    /// The counters of a new workspace.
    pub(super) const NONE: Self = Self {
        next_change: 1,
        tracked: 0,
        open_changes: 0,
        events: 0,
    };

    /// Adds the effect of a case.
    fn add(&mut self, case: &Case, before: &Before) -> StoreResult<()> {
        let number = case.change.as_ref().map(|change| change.number);
        self.next_change = self.next_change.max(next_after(number)?);
        self.tracked += i64::from(case.instance.is_tracked()) - i64::from(before.tracked);
        self.open_changes += i64::from(case.open_change().is_some()) - i64::from(before.open);
        self.events += i64::try_from(case.events.len()).unwrap_or(i64::MAX);
        Ok(())
    }

    fn count(column: &'static str, value: i64) -> StoreResult<u64> {
        u64::try_from(value)
            .map_err(|_| StoreError::damaged("workspace", "its counters".to_owned(), column))
    }
}

/// The counters as seen by a transaction, and its changes to them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    now: CounterRow,
    added: CounterRow,
}

impl Counted {
    pub(super) const fn new(now: CounterRow) -> Self {
        Self {
            now,
            added: CounterRow::NONE,
        }
    }

    /// Whether anything changed.
    pub(super) const fn has_moved(&self) -> bool {
        let CounterRow {
            next_change,
            tracked,
            open_changes,
            events,
        } = self.added;
        next_change != 1 || tracked != 0 || open_changes != 0 || events != 0
    }

    fn add(&mut self, added: CounterRow) {
        for sum in [&mut self.now, &mut self.added] {
            sum.next_change = sum.next_change.max(added.next_change);
            sum.tracked += added.tracked;
            sum.open_changes += added.open_changes;
            sum.events += added.events;
        }
    }
}

/// The number after this change, or 1 without one.
fn next_after(number: Option<u64>) -> StoreResult<i64> {
    let number = sql::number(number.unwrap_or(0))?;
    number
        .checked_add(1)
        .ok_or_else(|| StoreError::fault("there are no numbers left"))
}

impl Tx {
    /// Saves one case at once, see [`Tx::save_all`]. Returns the number of its first event.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], [`StoreError::AlreadyOpen`], or any other [`StoreError`].
    pub async fn save(&mut self, case: &Case) -> StoreResult<u64> {
        let first = self.save_all(std::slice::from_ref(case)).await?.pop();
        self.flush().await?;
        first.ok_or_else(|| StoreError::fault("nothing was saved"))
    }

    /// Saves instances with their facts and changes, each once: appends the events to the history, updates the counters,
    /// schedules the changes, and reschedules the reminders. Returns the number of each case's first event. Must be called once
    /// per decision, because a second call would record the events again.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], [`StoreError::AlreadyOpen`], or any other [`StoreError`]; it may come with the next read, or with
    /// the commit.
    pub async fn save_all(&mut self, cases: &[Case]) -> StoreResult<Vec<u64>> {
        if !self.writes() {
            return Err(StoreError::fault(
                "a reading transaction was asked to write",
            ));
        }
        let mut added = CounterRow::NONE;
        for case in cases {
            let before = self.before(case).await?;
            added.add(case, &before)?;
        }
        self.save_instances(cases.iter().map(|case| &case.instance))
            .await?;
        for case in cases {
            if let Some(change) = &case.change {
                self.save_change(&case.instance.id, change).await?;
                self.set_due(&ScheduleSubject::Change(change.number), case.wakes_at())
                    .await?;
            }
            self.look_at_once(&case.instance.id);
            if !case.instance.is_tracked() {
                self.forget_attention(&case.instance.id).await?;
            }
        }
        let mut next = self.count(added).await?;
        let numbered = cases.iter().map(|case| {
            let first = next;
            next = next.saturating_add(i64::try_from(case.events.len()).unwrap_or(i64::MAX));
            (case, first)
        });
        let numbered: Vec<(&Case, i64)> = numbered.collect();
        self.append(&numbered).await?;
        let first = numbered.into_iter().map(|(_, first)| u64::try_from(first));
        first
            .collect::<Result<_, _>>()
            .map_err(|_| StoreError::fault("events are numbered from 1"))
    }

    /// The policy last recorded by [`Tx::set_policy`].
    pub async fn policy(&mut self) -> StoreResult<Option<String>> {
        let query = self.rows::<(Option<String>,)>(POLICY);
        Ok(self.all(query).await?.pop().and_then(|(policy,)| policy))
    }

    /// Records the policy in effect.
    pub async fn set_policy(&mut self, policy: &str) -> StoreResult<()> {
        let query = self.statement(SET_POLICY).bind(policy.to_owned());
        self.later(query).await
    }

    /// The counted state before; cached if the case was loaded.
    async fn before(&mut self, case: &Case) -> StoreResult<Before> {
        let number = case.change.as_ref().map(|change| change.number);
        let number = sql::number(number.unwrap_or(0))?;
        let id = case.instance.id.to_string();
        let instance = self.known.get(&id).map(|known| known.counts);
        let change = self.known.get(&change::key(number, &id));
        let change = match &case.change {
            None => Some(false),
            Some(held) => change
                .map(|known| known.counts)
                .or_else(|| self.known.is_new(held.number).then_some(false)),
        };
        if let (Some(tracked), Some(open)) = (instance, change) {
            return Ok(Before { tracked, open });
        }
        let query = self.rows::<BeforeRow>(BEFORE).bind(id).bind(number);
        let row = self.all(query).await?.pop().unwrap_or_default();
        Ok(Before {
            tracked: row.tracking.as_deref() == Some("tracked"),
            open: row.status.as_deref() == Some("open"),
        })
    }

    /// Updates the counters; returns the number of the first event to append.
    async fn count(&mut self, added: CounterRow) -> StoreResult<i64> {
        let first = self.counters().await?.events.saturating_add(1);
        if let Some(counted) = &mut self.counted {
            counted.add(added);
        }
        Ok(first)
    }

    /// Writes the counters, and updates the workspace's earliest due times.
    pub(super) async fn keep_counters(&mut self, workspace: WorkspaceId) -> StoreResult<()> {
        let counted = match workspace == *self.name() {
            true => self.counted.take(),
            false => None,
        };
        let added = counted.map_or(CounterRow::NONE, |counted| counted.added);
        let query = sql::statement(COUNT)
            .bind(workspace.to_string())
            .bind(added.next_change)
            .bind(added.tracked)
            .bind(added.open_changes)
            .bind(added.events);
        self.later(query).await
    }

    /// The counters as seen by this transaction.
    async fn counters(&mut self) -> StoreResult<CounterRow> {
        if let Some(counted) = &self.counted {
            return Ok(counted.now);
        }
        let query = self.rows::<CounterRow>(COUNTERS);
        let now = self.all(query).await?.pop().unwrap_or(CounterRow::NONE);
        self.counted = Some(Counted::new(now));
        Ok(now)
    }

    /// The number of the next change; used up when a case with that change is saved.
    pub async fn next_number(&mut self) -> StoreResult<u64> {
        let next = CounterRow::count("next_change", self.counters().await?.next_change)?;
        self.known.learn_next(next);
        Ok(next)
    }

    /// The numbers of tracked instances and open changes, read from counters.
    pub async fn totals(&mut self) -> StoreResult<Totals> {
        let row = self.counters().await?;
        Ok(Totals {
            instances: CounterRow::count("tracked", row.tracked)?,
            open_changes: CounterRow::count("open_changes", row.open_changes)?,
        })
    }
}

//! Writing a case, and keeping the workspace's counters right.

use super::{ScheduleSubject, StoreError, Totals, Tx, change, sql};
use crate::domain::case::Case;

/// What is known of an instance and a change before they are written.
pub(super) const BEFORE: &str = "SELECT \
     (SELECT tracking FROM instance WHERE workspace = $1 AND id = $2) AS tracking, \
     (SELECT status FROM change WHERE workspace = $1 AND number = $3) AS status";

/// Moves the counters by the differences given, with the earliest moment of the schedule, and says how many events there then
/// are.
pub(super) const COUNT: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, due_ms) \
     VALUES ($1, $2, $3, $4, $5, (SELECT due_ms FROM schedule WHERE workspace = $1 ORDER BY due_ms LIMIT 1)) \
     ON CONFLICT (workspace) DO UPDATE SET due_ms = excluded.due_ms, \
     next_change = CASE WHEN excluded.next_change > workspace.next_change \
     THEN excluded.next_change ELSE workspace.next_change END, \
     tracked = workspace.tracked + excluded.tracked, \
     open_changes = workspace.open_changes + excluded.open_changes, \
     events = workspace.events + excluded.events RETURNING next_change, tracked, open_changes, events";

/// Reads the counters.
pub(super) const COUNTERS: &str =
    "SELECT next_change, tracked, open_changes, events FROM workspace WHERE workspace = $1";

/// Reads the policy that was last in force.
pub(super) const POLICY: &str = "SELECT policy FROM workspace WHERE workspace = $1";

/// Notes the policy that is in force.
pub(super) const SET_POLICY: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, policy) \
     VALUES ($1, 1, 0, 0, 0, $2) ON CONFLICT (workspace) DO UPDATE SET policy = excluded.policy";

#[derive(Debug, Default, sqlx::FromRow)]
struct BeforeRow {
    tracking: Option<String>,
    status: Option<String>,
}

/// What counted before a case was written.
#[derive(Debug)]
struct Before {
    tracked: bool,
    open: bool,
}

/// By how much the counters move.
#[derive(Debug, Default)]
struct Counted {
    /// The last number of a change.
    number: Option<u64>,
    tracked: i64,
    open: i64,
    events: i64,
}

impl Counted {
    fn add(&mut self, case: &Case, before: &Before) {
        self.number = self
            .number
            .max(case.change.as_ref().map(|change| change.number));
        self.tracked += i64::from(case.instance.is_tracked()) - i64::from(before.tracked);
        self.open += i64::from(case.open_change().is_some()) - i64::from(before.open);
        self.events += i64::try_from(case.events.len()).unwrap_or(i64::MAX);
    }
}

#[derive(Debug, sqlx::FromRow)]
struct CounterRow {
    next_change: i64,
    tracked: i64,
    open_changes: i64,
    events: i64,
}

impl CounterRow {
    fn count(column: &'static str, value: i64) -> Result<u64, StoreError> {
        u64::try_from(value).map_err(|_| StoreError::Damaged {
            table: "workspace",
            key: "its counters".to_owned(),
            column,
        })
    }
}

/// The number of the change after this one, and 1 where there is none.
fn next_after(number: Option<u64>) -> Result<i64, StoreError> {
    let number = sql::number(number.unwrap_or(0))?;
    number
        .checked_add(1)
        .ok_or_else(|| StoreError::fault("there are no numbers left"))
}

impl Tx {
    /// Writes a case: see [`Tx::save_all`]. The number of its first event is returned.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], [`StoreError::AlreadyOpen`], or any other [`StoreError`].
    pub async fn save(&mut self, case: &Case) -> Result<u64, StoreError> {
        let first = self.save_all(std::slice::from_ref(case)).await?.pop();
        first.ok_or_else(|| StoreError::fault("nothing was saved"))
    }

    /// Writes instances with their facts and changes, each once, appends the events to the history, keeps the counters right,
    /// says when time next has something to do with each change, and that reminders are to be planned again. The number that
    /// each one's first event has is returned. To be called once for what a decision did: calling it again would record the
    /// events again.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], [`StoreError::AlreadyOpen`], or any other [`StoreError`].
    pub async fn save_all(&mut self, cases: &[Case]) -> Result<Vec<u64>, StoreError> {
        if !self.writes() {
            return Err(StoreError::fault(
                "a reading transaction was asked to write",
            ));
        }
        let mut counted = Counted::default();
        for case in cases {
            let before = self.before(case).await?;
            counted.add(case, &before);
        }
        let had_moved = self.has_moved();
        self.save_instances(cases.iter().map(|case| &case.instance))
            .await?;
        for case in cases {
            if let Some(change) = &case.change {
                self.save_change(&case.instance.id, change).await?;
                self.set_due(&ScheduleSubject::Change(change.number), case.wakes_at())
                    .await?;
            }
            if !case.instance.is_tracked() {
                self.forget_attention(&case.instance.id).await?;
            }
        }
        self.look_at_once(cases.iter().map(|case| &case.instance.id))
            .await?;
        let mut next = self.count(&counted).await?;
        if !had_moved {
            // The counters' row has the earliest moment along.
            self.has_kept_earliest();
        }
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

    /// The policy that was last in force, as [`Tx::set_policy`] was given it.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn policy(&mut self) -> Result<Option<String>, StoreError> {
        let query = sql::rows::<(Option<String>,)>(POLICY).bind(self.workspace());
        Ok(self.all(query).await?.pop().and_then(|(policy,)| policy))
    }

    /// Notes the policy that is in force.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn set_policy(&mut self, policy: &str) -> Result<(), StoreError> {
        let query = sql::statement(SET_POLICY)
            .bind(self.workspace())
            .bind(policy.to_owned());
        self.run(query).await.map(drop)
    }

    /// What counted before: known, where the case was loaded.
    async fn before(&mut self, case: &Case) -> Result<Before, StoreError> {
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
        let query = sql::rows::<BeforeRow>(BEFORE)
            .bind(self.workspace())
            .bind(id)
            .bind(number);
        let row = self.all(query).await?.pop().unwrap_or_default();
        Ok(Before {
            tracked: row.tracking.as_deref() == Some("tracked"),
            open: row.status.as_deref() == Some("open"),
        })
    }

    /// Moves the counters; the number of the first event that is to be appended.
    async fn count(&mut self, counted: &Counted) -> Result<i64, StoreError> {
        let query = sql::rows::<CounterRow>(COUNT)
            .bind(self.workspace())
            .bind(next_after(counted.number)?)
            .bind(counted.tracked)
            .bind(counted.open)
            .bind(counted.events);
        let rows = self.all(query).await?;
        let counters = rows.first();
        let counters = counters.ok_or_else(|| StoreError::fault("no counters came back"))?;
        Ok(counters.events - counted.events + 1)
    }

    async fn counters(&mut self) -> Result<Option<CounterRow>, StoreError> {
        let query = sql::rows::<CounterRow>(COUNTERS).bind(self.workspace());
        Ok(self.all(query).await?.into_iter().next())
    }

    /// The number that the next change gets; used up when a case with that change is saved.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn next_number(&mut self) -> Result<u64, StoreError> {
        let next = match self.counters().await? {
            None => 1,
            Some(row) => CounterRow::count("next_change", row.next_change)?,
        };
        self.known.learn_next(next);
        Ok(next)
    }

    /// How many instances are tracked and how many changes are open; read from counters, never counted.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn totals(&mut self) -> Result<Totals, StoreError> {
        let Some(row) = self.counters().await? else {
            return Ok(Totals::default());
        };
        Ok(Totals {
            instances: CounterRow::count("tracked", row.tracked)?,
            open_changes: CounterRow::count("open_changes", row.open_changes)?,
        })
    }
}

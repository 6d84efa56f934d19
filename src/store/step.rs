//! The table `change_step`: the steps of a change that are done, in the order they were recorded.

use std::collections::HashMap;

use super::code::{Row, instant, person};
use super::{StoreError, Tx, sql};
use crate::domain::change::{How, Step, StepRecord};

/// Forgets the steps of a change.
pub(super) const DELETE: &str =
    "DELETE FROM change_step WHERE workspace = $1 AND change_number = $2";

/// Adds a step.
pub(super) const INSERT: &str = "INSERT INTO change_step (workspace, change_number, position, step, how, reason, \
     by_id, by_name, at_ms, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Reads the steps of `n` changes.
pub(super) fn select(n: usize) -> String {
    let numbers = sql::placeholders(2, n);
    format!(
        "SELECT change_number, step, how, reason, by_id, by_name, at_ms, evidence FROM change_step \
         WHERE workspace = $1 AND change_number IN ({numbers}) ORDER BY change_number, position"
    )
}

/// A row.
#[derive(Debug, sqlx::FromRow)]
struct StepRow {
    change_number: i64,
    step: String,
    how: String,
    reason: Option<String>,
    by_id: Option<String>,
    by_name: Option<String>,
    at_ms: i64,
    evidence: Option<String>,
}

impl StepRow {
    fn read(self) -> Result<StepRecord, StoreError> {
        let key = format!("change {}", self.change_number);
        let row = Row {
            table: "change_step",
            key: &key,
        };
        let how = match self.how.as_str() {
            "confirmed" => Some(How::Confirmed),
            "shown" => Some(How::Shown),
            "outside" => Some(How::Outside(self.reason)),
            "elapsed" => Some(How::Elapsed),
            _ => None,
        };
        Ok(StepRecord {
            step: row.need("step", Step::from_word(&self.step))?,
            how: row.need("how", how)?,
            by: person(self.by_id.as_deref(), self.by_name.as_deref()),
            at: row.need("at_ms", instant(self.at_ms))?,
            evidence: self.evidence,
        })
    }
}

const fn words(how: &How) -> (&'static str, Option<&String>) {
    match how {
        How::Confirmed => ("confirmed", None),
        How::Shown => ("shown", None),
        How::Outside(reason) => ("outside", reason.as_ref()),
        How::Elapsed => ("elapsed", None),
    }
}

/// The steps of several changes.
#[derive(Debug, Default)]
pub(super) struct Steps(HashMap<i64, Vec<StepRow>>);

impl Steps {
    /// The steps of a change, which are then gone from here.
    pub(super) fn take(&mut self, number: i64) -> Result<Vec<StepRecord>, StoreError> {
        let rows = self.0.remove(&number).unwrap_or_default();
        rows.into_iter().map(StepRow::read).collect()
    }
}

impl Tx {
    pub(super) async fn steps_of(&mut self, numbers: &[i64]) -> Result<Steps, StoreError> {
        let mut steps: HashMap<i64, Vec<StepRow>> = HashMap::new();
        for batch in sql::batches(numbers) {
            let mut query = sql::rows::<StepRow>(select(batch.len())).bind(self.workspace());
            for number in batch {
                query = query.bind(number);
            }
            for row in self.all(query).await? {
                steps.entry(row.change_number).or_default().push(row);
            }
        }
        Ok(Steps(steps))
    }

    pub(super) async fn save_steps(
        &mut self,
        number: i64,
        records: &[StepRecord],
    ) -> Result<(), StoreError> {
        let query = sql::statement(DELETE).bind(self.workspace()).bind(number);
        self.run(query).await?;
        for (position, record) in (1_i64..).zip(records) {
            let (how, reason) = words(&record.how);
            let query = sql::statement(INSERT)
                .bind(self.workspace())
                .bind(number)
                .bind(position)
                .bind(record.step.as_str())
                .bind(how)
                .bind(reason.cloned())
                .bind(record.by.as_ref().map(|by| by.id.to_string()))
                .bind(record.by.as_ref().map(|by| by.name.to_string()))
                .bind(record.at.timestamp_millis())
                .bind(record.evidence.clone());
            self.run(query).await?;
        }
        Ok(())
    }
}

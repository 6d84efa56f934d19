//! The table `look`: who attested the action's present value, in the order they were recorded.

use std::collections::HashMap;

use super::code::{Row, instant, person};
use super::{StoreError, Tx, sql};
use crate::domain::instance::{Instance, Look};

/// Forgets who looked.
pub(super) const DELETE: &str = "DELETE FROM look WHERE workspace = $1 AND instance_id = $2";

/// Adds a look.
pub(super) const INSERT: &str = "INSERT INTO look (workspace, instance_id, position, by_id, by_name, at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6)";

/// Reads the looks at `n` instances.
pub(super) fn select(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "SELECT instance_id, by_id, by_name, at_ms FROM look \
         WHERE workspace = $1 AND instance_id IN ({ids}) ORDER BY instance_id, position"
    )
}

#[derive(Debug, sqlx::FromRow)]
struct LookRow {
    instance_id: String,
    by_id: String,
    by_name: String,
    at_ms: i64,
}

impl LookRow {
    fn read(&self) -> Result<Look, StoreError> {
        let row = Row {
            table: "look",
            key: &self.instance_id,
        };
        Ok(Look {
            by: row.need("by_id", person(Some(&self.by_id), Some(&self.by_name)))?,
            at: row.need("at_ms", instant(self.at_ms))?,
        })
    }
}

/// The looks at several instances.
#[derive(Debug, Default)]
pub(super) struct Looks(HashMap<String, Vec<LookRow>>);

impl Looks {
    /// Fills in who looked.
    pub(super) fn fill(&self, instance: &mut Instance) -> Result<(), StoreError> {
        let rows = self.0.get(instance.id.as_str());
        let looks: Result<Vec<_>, _> = rows.into_iter().flatten().map(LookRow::read).collect();
        instance.looks = looks?;
        Ok(())
    }
}

impl Tx {
    pub(super) async fn looks_of(&mut self, ids: &[String]) -> Result<Looks, StoreError> {
        let mut looks: HashMap<String, Vec<LookRow>> = HashMap::new();
        for batch in sql::batches(ids) {
            let mut query = sql::rows::<LookRow>(select(batch.len())).bind(self.workspace());
            for id in batch {
                query = query.bind(id);
            }
            for row in self.all(query).await? {
                looks.entry(row.instance_id.clone()).or_default().push(row);
            }
        }
        Ok(Looks(looks))
    }

    pub(super) async fn save_looks(&mut self, instance: &Instance) -> Result<(), StoreError> {
        let id = instance.id.to_string();
        let query = sql::statement(DELETE).bind(self.workspace()).bind(id);
        self.run(query).await?;
        for (position, look) in (1_i64..).zip(&instance.looks) {
            let query = sql::statement(INSERT)
                .bind(self.workspace())
                .bind(instance.id.to_string())
                .bind(position)
                .bind(look.by.id.to_string())
                .bind(look.by.name.to_string())
                .bind(look.at.timestamp_millis());
            self.run(query).await?;
        }
        Ok(())
    }
}

//! The table `setting`: what a workspace has set for itself. One read from an index brings all of it.

use super::code::{Row, instant, person};
use super::{StoreError, Tx, sql};
use crate::domain::setting::{Overrides, Set, Setting};

/// Everything that a workspace has set.
pub(super) const OF: &str =
    "SELECT key, value, set_by_id, set_by_name, set_at_ms FROM setting WHERE workspace = $1";

/// Sets one thing.
pub(super) const PUT: &str = "INSERT INTO setting (workspace, key, value, set_by_id, set_by_name, set_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, key) DO UPDATE SET value = excluded.value, \
     set_by_id = excluded.set_by_id, set_by_name = excluded.set_by_name, set_at_ms = excluded.set_at_ms";

#[derive(Debug, sqlx::FromRow)]
struct SettingRow {
    key: String,
    value: String,
    set_by_id: String,
    set_by_name: String,
    set_at_ms: i64,
}

impl SettingRow {
    fn read(&self) -> Result<Set, StoreError> {
        let row = Row {
            table: "setting",
            key: &self.key,
        };
        let by = person(Some(&self.set_by_id), Some(&self.set_by_name));
        Ok(Set {
            setting: row.need("value", Setting::read(&self.key, &self.value))?,
            by: row.need("set_by_id", by)?,
            at: row.need("set_at_ms", instant(self.set_at_ms))?,
        })
    }
}

impl Tx {
    /// What this workspace has set for itself.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn own_settings(&mut self) -> Result<Overrides, StoreError> {
        let query = sql::rows::<SettingRow>(OF).bind(self.workspace());
        let mut own = Overrides::default();
        for row in self.all(query).await? {
            own.put(row.read()?);
        }
        Ok(own)
    }

    /// Sets one thing.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn put_setting(&mut self, set: &Set) -> Result<(), StoreError> {
        let query = sql::statement(PUT)
            .bind(self.workspace())
            .bind(set.setting.key())
            .bind(set.setting.value())
            .bind(set.by.id.to_string())
            .bind(set.by.name.to_string())
            .bind(set.at.timestamp_millis());
        self.run(query).await.map(drop)
    }
}

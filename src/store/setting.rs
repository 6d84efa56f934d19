//! The table `setting`: a workspace's own settings, all read with one index look-up.

use super::audit::{HeadRow, Trail};
use super::code::{Row, instant, person};
use super::save::{Counted, CounterRow};
use super::{StoreResult, Tx};
use crate::domain::setting::{Overrides, Set, Setting};

/// All settings of a workspace.
pub(super) const OF: &str =
    "SELECT key, value, set_by_id, set_by_name, set_at_ms FROM setting WHERE workspace = $1";

/// Like [`OF`], with the counters and the head of the audit trail, which recording a decision needs. Returns at least one row.
pub(super) const TO_RECORD: &str = "SELECT key, value, set_by_id, set_by_name, set_at_ms, next_change, tracked, \
     open_changes, workspace.events AS events, seq, hash, keyed, at_ms FROM (SELECT $1 AS of) AS here \
     LEFT JOIN workspace ON workspace.workspace = here.of \
     LEFT JOIN audit ON audit.workspace = here.of AND audit.seq = (SELECT MAX(seq) FROM audit WHERE workspace = $1) \
     LEFT JOIN setting ON setting.workspace = here.of";

/// Writes a setting.
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

/// A setting, or NULL, and the data needed for recording.
#[derive(Debug, sqlx::FromRow)]
struct RecordingRow {
    key: Option<String>,
    value: Option<String>,
    set_by_id: Option<String>,
    set_by_name: Option<String>,
    set_at_ms: Option<i64>,
    next_change: Option<i64>,
    tracked: Option<i64>,
    open_changes: Option<i64>,
    events: Option<i64>,
    seq: Option<i64>,
    hash: Option<String>,
    keyed: Option<i64>,
    at_ms: Option<i64>,
}

impl RecordingRow {
    fn setting(&self) -> Option<SettingRow> {
        Some(SettingRow {
            key: self.key.clone()?,
            value: self.value.clone()?,
            set_by_id: self.set_by_id.clone()?,
            set_by_name: self.set_by_name.clone()?,
            set_at_ms: self.set_at_ms?,
        })
    }

    fn counters(&self) -> Option<CounterRow> {
        Some(CounterRow {
            next_change: self.next_change?,
            tracked: self.tracked?,
            open_changes: self.open_changes?,
            events: self.events?,
        })
    }

    fn last(&self) -> Option<HeadRow> {
        Some(HeadRow {
            seq: self.seq?,
            hash: self.hash.clone()?,
            keyed: self.keyed?,
            at_ms: self.at_ms?,
        })
    }
}

impl SettingRow {
    fn read(&self) -> StoreResult<Set> {
        let row = Row::of("setting", &self.key);
        let by = person(Some(&self.set_by_id), Some(&self.set_by_name));
        Ok(Set {
            setting: row.need("value", Setting::read(&self.key, &self.value))?,
            by: row.need("set_by_id", by)?,
            at: row.need("set_at_ms", instant(self.set_at_ms))?,
        })
    }
}

impl Tx {
    /// The workspace's own settings.
    pub async fn own_settings(&mut self) -> StoreResult<Overrides> {
        let rows = if std::mem::take(&mut self.records) && self.counted.is_none() {
            self.settings_to_record().await?
        } else {
            let query = self.rows::<SettingRow>(OF);
            self.all_and_expected(query).await?
        };
        let mut own = Overrides::default();
        for row in rows {
            own.put(row.read()?);
        }
        Ok(own)
    }

    async fn settings_to_record(&mut self) -> StoreResult<Vec<SettingRow>> {
        let query = self.rows::<RecordingRow>(TO_RECORD);
        let rows = self.all_and_expected(query).await?;
        if let Some(first) = rows.first() {
            let counters = first.counters().unwrap_or(CounterRow::NONE);
            self.counted = Some(Counted::new(counters));
            self.trail = Some(Trail::read(self.name(), first.last())?);
        }
        Ok(rows.iter().filter_map(RecordingRow::setting).collect())
    }

    pub async fn put_setting(&mut self, set: &Set) -> StoreResult<()> {
        let query = self
            .statement(PUT)
            .bind(set.setting.key())
            .bind(set.setting.value())
            .bind(set.by.id.to_string())
            .bind(set.by.name.to_string())
            .bind(set.at.timestamp_millis());
        self.later(query).await
    }
}

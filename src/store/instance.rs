//! The table `instance`: a document per instance, with columns for look-ups.

use super::code::{Coded, Row, instant};
use super::document::{self, StoredDocument};
use super::tx::ExpectedErrors;
use super::{Called, InstanceMatch, StoreError, StoreResult, TrackingState, Tx, sql};
use crate::domain::fact::Fact;
use crate::domain::id::{InstanceId, InstanceName, Namesake, Region};
use crate::domain::instance::{Edition, Instance, Tracking};

/// Whether a tracked instance of another account has the same name and region (1), whether one was given this name with the end of
/// its id, because a listing has this name, or one like it, for it too (2), and whether one that may stand beside it in a list of
/// the console's has this name, or one that looks like it (4): in the region, or in the account, whose refunds are one list
/// (rule `refund-limits`).
macro_rules! shares_name {
    ($of:literal) => {
        concat!(
            "CASE WHEN EXISTS (SELECT 1 FROM instance n WHERE n.workspace = ",
            $of,
            ".workspace AND n.region = ",
            $of,
            ".region AND n.name_key = ",
            $of,
            ".name_key AND n.account <> ",
            $of,
            ".account AND n.tracking = 'tracked') THEN 1 ELSE 0 END + \
             CASE WHEN EXISTS (SELECT 1 FROM instance n WHERE n.workspace = ",
            $of,
            ".workspace AND n.name_key > ",
            $of,
            ".name_key || '~' AND n.name_key < ",
            $of,
            ".name_key || '~~' AND n.tracking = 'tracked' AND LOWER(n.id) LIKE '%' || SUBSTR(n.name_key, LENGTH(",
            $of,
            ".name_key) + 2)) OR EXISTS (SELECT 1 FROM instance n WHERE n.workspace = ",
            $of,
            ".workspace AND n.tracking = 'tracked' AND n.look_key > ",
            $of,
            ".look_key || '~' AND n.look_key < ",
            $of,
            ".look_key || '~~' AND SUBSTR(n.name, LENGTH(n.name) - 3) = SUBSTR(n.id, LENGTH(n.id) - 3)) \
             THEN 2 ELSE 0 END + \
             CASE WHEN EXISTS (SELECT 1 FROM instance n WHERE n.workspace = ",
            $of,
            ".workspace AND n.tracking = 'tracked' AND n.look_key = ",
            $of,
            ".look_key AND (n.region = ",
            $of,
            ".region OR n.account = ",
            $of,
            ".account) AND n.id <> ",
            $of,
            ".id) THEN 4 ELSE 0 END AS shares_name"
        )
    };
}
pub(super) use shares_name;

macro_rules! columns {
    () => {
        concat!(
            "id, name, region, tracking, described_at_ms, edition, expires_at_ms, commodity_id, name_key, ",
            $crate::store::instance::shares_name!("instance")
        )
    };
}
pub(super) use columns;

/// Inserts or replaces `n` instances.
pub(super) fn upsert(n: usize) -> String {
    let rows = sql::tuples(n, 16);
    format!(
        "INSERT INTO instance (workspace, id, name, region, team, described_at_ms, tracking, \
         edition, expires_at_ms, action, commodity_id, other_commodity_id, decisive_at_ms, name_key, look_key, account, document) \
         VALUES {rows} \
         ON CONFLICT (workspace, id) DO UPDATE SET name = excluded.name, region = excluded.region, team = excluded.team, \
         described_at_ms = excluded.described_at_ms, tracking = excluded.tracking, edition = excluded.edition, \
         expires_at_ms = excluded.expires_at_ms, action = excluded.action, commodity_id = excluded.commodity_id, \
         other_commodity_id = excluded.other_commodity_id, decisive_at_ms = excluded.decisive_at_ms, \
         name_key = excluded.name_key, look_key = excluded.look_key, account = excluded.account, document = excluded.document"
    )
}

/// The look-up columns of `n` instances.
pub(super) fn select(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "SELECT {} FROM instance WHERE workspace = $1 AND id IN ({ids})",
        columns!()
    )
}

/// The look-up columns of an instance, derived from its document only here.
#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct LookUp {
    name: String,
    region: String,
    tracking: String,
    team: Option<String>,
    described_at_ms: Option<i64>,
    edition: Option<String>,
    expires_at_ms: Option<i64>,
    action: Option<String>,
    commodity_id: Option<String>,
    other_commodity_id: Option<String>,
    decisive_at_ms: Option<i64>,
    name_key: String,
    look_key: String,
    account: String,
}

impl LookUp {
    pub(super) fn of(instance: &Instance) -> Self {
        let other = match &instance.commodity_id {
            Fact::Contradictory { other, .. } => Some(&other.value),
            Fact::Unknown { .. } | Fact::Known(_) => None,
        };
        Self {
            name: instance.name.to_string(),
            region: instance.region.to_string(),
            tracking: word(&instance.tracking).to_owned(),
            team: instance.team.as_ref().map(ToString::to_string),
            described_at_ms: instance.described_at.map(|at| at.timestamp_millis()),
            edition: instance.edition.value().map(Coded::encode),
            expires_at_ms: instance.reminded_expiry().map(|at| at.timestamp_millis()),
            action: instance.action.value().map(Coded::encode),
            commodity_id: instance.commodity_id.held().map(|held| held.value.encode()),
            other_commodity_id: other.map(Coded::encode),
            decisive_at_ms: instance.decisive_at().map(|at| at.timestamp_millis()),
            name_key: instance.name.folded(),
            look_key: instance.name.skeleton(),
            account: instance.id.account().to_owned(),
        }
    }

    /// The values with the names of their columns.
    pub(super) fn columns(&self) -> [(&'static str, String); 14] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |number: Option<i64>| number.map_or_else(String::new, |at| at.to_string());
        [
            ("name", self.name.clone()),
            ("region", self.region.clone()),
            ("tracking", self.tracking.clone()),
            ("team", text(&self.team)),
            ("described_at_ms", number(self.described_at_ms)),
            ("edition", text(&self.edition)),
            ("expires_at_ms", number(self.expires_at_ms)),
            ("action", text(&self.action)),
            ("commodity_id", text(&self.commodity_id)),
            ("other_commodity_id", text(&self.other_commodity_id)),
            ("decisive_at_ms", number(self.decisive_at_ms)),
            ("name_key", self.name_key.clone()),
            ("look_key", self.look_key.clone()),
            ("account", self.account.clone()),
        ]
    }
}

/// The column value of a tracking state.
pub(super) const fn word(tracking: &Tracking) -> &'static str {
    match tracking {
        Tracking::Tracked => "tracked",
        Tracking::Lost(_) => "lost",
        Tracking::Removed(_) => "removed",
    }
}

/// A row without its document.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct InstanceRow {
    pub(super) id: String,
    name: String,
    region: String,
    tracking: String,
    described_at_ms: Option<i64>,
    edition: Option<String>,
    expires_at_ms: Option<i64>,
    pub(super) commodity_id: Option<String>,
    pub(super) name_key: String,
    shares_name: i64,
}

impl InstanceRow {
    fn row(&self) -> Row<'_> {
        Row::of("instance", &self.id)
    }

    fn state(&self) -> StoreResult<TrackingState> {
        let state = match self.tracking.as_str() {
            "tracked" => Some(TrackingState::Tracked),
            "lost" => Some(TrackingState::Lost),
            "removed" => Some(TrackingState::Removed),
            _ => None,
        };
        self.row().need("tracking", state)
    }

    /// The look-up result.
    pub(super) fn found(&self) -> StoreResult<InstanceMatch> {
        let Namesake { id, region, name } = self.namesake()?;
        let row = self.row();
        Ok(InstanceMatch {
            id,
            region,
            name,
            tracking: self.state()?,
            edition: row.may("edition", self.edition.as_deref(), Edition::decode)?,
            expires: row.may("expires_at_ms", self.expires_at_ms, instant)?,
            shared: self.shares_name & 1 > 0,
            has_twin: self.shares_name & 2 > 0,
        })
    }

    /// The identity for comparison with other names.
    pub(super) fn namesake(&self) -> StoreResult<Namesake> {
        let row = self.row();
        Ok(Namesake {
            id: row.need("id", InstanceId::parse(&self.id).ok())?,
            name: row.need("name", InstanceName::parse(&self.name).ok())?,
            region: row.need("region", Region::parse(&self.region).ok())?,
        })
    }

    pub(super) fn called(&self) -> StoreResult<Called> {
        let row = self.row();
        Ok(Called {
            namesake: self.namesake()?,
            described_at: row.may("described_at_ms", self.described_at_ms, instant)?,
            is_tracked: self.is_tracked(),
        })
    }

    pub(super) fn is_tracked(&self) -> bool {
        self.tracking == "tracked"
    }
}

impl Tx {
    pub(super) async fn instance_rows(&mut self, ids: &[String]) -> StoreResult<Vec<InstanceRow>> {
        self.all_of(select, ids).await
    }

    /// Writes instances that differ from the database.
    pub(super) async fn save_instances<'a>(
        &mut self,
        all: impl Iterator<Item = &'a Instance>,
    ) -> StoreResult<()> {
        let mut moved = Vec::new();
        for instance in all {
            let text = document::write(instance.id.as_str(), instance)?;
            let known = self.known.get(instance.id.as_str());
            if known.is_none_or(|known| known.text != text) {
                moved.push((instance, text));
            }
        }
        for batch in sql::pieces(&moved) {
            match self.write_instances(batch).await {
                // The statement has written none, so each is tried alone to find the conflict.
                Err(StoreError::NameTaken { .. }) if batch.len() > 1 => {
                    for one in batch.chunks(1) {
                        self.write_instances(one).await?;
                    }
                }
                done => done?,
            }
        }
        for (instance, text) in moved {
            let counts = instance.is_tracked();
            let kept = StoredDocument { counts, text };
            self.known.learn(instance.id.to_string(), kept);
            self.moved_instances.insert(instance.id.to_string());
        }
        Ok(())
    }

    async fn write_instances(&mut self, batch: &[(&Instance, String)]) -> StoreResult<()> {
        let mut query = self.statement(upsert(batch.len()));
        for (instance, text) in batch {
            let found_by = LookUp::of(instance);
            query = query
                .bind(instance.id.to_string())
                .bind(found_by.name)
                .bind(found_by.region)
                .bind(found_by.team)
                .bind(found_by.described_at_ms)
                .bind(found_by.tracking)
                .bind(found_by.edition)
                .bind(found_by.expires_at_ms)
                .bind(found_by.action)
                .bind(found_by.commodity_id)
                .bind(found_by.other_commodity_id)
                .bind(found_by.decisive_at_ms)
                .bind(found_by.name_key)
                .bind(found_by.look_key)
                .bind(found_by.account)
                .bind(text.clone());
        }
        let (region, name) = match batch {
            [(instance, _), ..] => (instance.region.to_string(), instance.name.to_string()),
            [] => return Ok(()),
        };
        let taken = StoreError::NameTaken { region, name };
        // One of several is tried again alone.
        if batch.len() > 1 {
            return self.run_unique(query, || taken).await.map(drop);
        }
        let refusal = ExpectedErrors {
            unique: Some(taken),
            no_row: None,
        };
        self.later_or(query, refusal).await
    }
}

//! The table `instance`.

use super::code::{Coded, Row, instant, person};
use super::{Called, Found, StoreError, TrackingState, Tx, sql};
use crate::domain::id::{InstanceId, InstanceName, Label, Namesake, Region};
use crate::domain::instance::{AtExpiry, Edition, Ended, Instance, Tracking};

macro_rules! columns {
    () => {
        "id, name, region, team, channel, described_at_ms, tracking, ended_at_ms, ended_by_id, ended_by_name, ended_reason, at_expiry, \
         edition, expires_at_ms, action, commodity_id, decisive_at_ms, name_key, look_key, account, unsaid_expires_ms"
    };
}
pub(super) use columns;

/// Writes an instance over whatever was there.
pub(super) const UPSERT: &str = concat!(
    "INSERT INTO instance (workspace, ",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) \
     ON CONFLICT (workspace, id) DO UPDATE SET name = excluded.name, region = excluded.region, team = excluded.team, \
     channel = excluded.channel, described_at_ms = excluded.described_at_ms, tracking = excluded.tracking, ended_at_ms = excluded.ended_at_ms, \
     ended_by_id = excluded.ended_by_id, ended_by_name = excluded.ended_by_name, \
     ended_reason = excluded.ended_reason, at_expiry = excluded.at_expiry, edition = excluded.edition, \
     expires_at_ms = excluded.expires_at_ms, action = excluded.action, commodity_id = excluded.commodity_id, \
     decisive_at_ms = excluded.decisive_at_ms, name_key = excluded.name_key, look_key = excluded.look_key, \
     account = excluded.account, unsaid_expires_ms = excluded.unsaid_expires_ms"
);

/// Reads `n` instances.
pub(super) fn select(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "SELECT {} FROM instance WHERE workspace = $1 AND id IN ({ids})",
        columns!()
    )
}

/// A row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct InstanceRow {
    pub(super) id: String,
    pub(super) name: String,
    region: String,
    team: Option<String>,
    channel: Option<String>,
    described_at_ms: Option<i64>,
    tracking: String,
    ended_at_ms: Option<i64>,
    ended_by_id: Option<String>,
    ended_by_name: Option<String>,
    ended_reason: Option<String>,
    at_expiry: Option<String>,
    edition: Option<String>,
    expires_at_ms: Option<i64>,
    action: Option<String>,
    pub(super) commodity_id: Option<String>,
    decisive_at_ms: Option<i64>,
    pub(super) name_key: String,
    look_key: String,
    account: String,
    unsaid_expires_ms: Option<i64>,
}

/// The word of a tracking state.
pub(super) const fn word(tracking: &Tracking) -> &'static str {
    match tracking {
        Tracking::Tracked => "tracked",
        Tracking::Lost(_) => "lost",
        Tracking::Removed(_) => "removed",
    }
}

impl InstanceRow {
    fn of(instance: &Instance) -> Self {
        let ended = match &instance.tracking {
            Tracking::Tracked => None,
            Tracking::Lost(ended) | Tracking::Removed(ended) => Some(ended),
        };
        Self {
            id: instance.id.to_string(),
            name: instance.name.to_string(),
            region: instance.region.to_string(),
            team: instance.team.as_ref().map(ToString::to_string),
            channel: instance.channel.as_ref().map(ToString::to_string),
            described_at_ms: instance.described_at.map(|at| at.timestamp_millis()),
            tracking: word(&instance.tracking).to_owned(),
            ended_at_ms: ended.map(|ended| ended.at.timestamp_millis()),
            ended_by_id: ended.map(|ended| ended.by.id.to_string()),
            ended_by_name: ended.map(|ended| ended.by.name.to_string()),
            ended_reason: ended.map(|ended| ended.reason.clone()),
            at_expiry: instance.at_expiry.map(|settled| settled.encode()),
            edition: instance.edition.value().map(Coded::encode),
            expires_at_ms: instance.reminded_expiry().map(|at| at.timestamp_millis()),
            action: instance.action.value().map(Coded::encode),
            commodity_id: instance.commodity_id.held().map(|held| held.value.encode()),
            decisive_at_ms: instance.decisive_at().map(|at| at.timestamp_millis()),
            name_key: instance.name.folded(),
            look_key: instance.name.look(),
            account: instance.id.account().to_owned(),
            unsaid_expires_ms: instance.unsaid_expires.map(|at| at.timestamp_millis()),
        }
    }

    fn row(&self) -> Row<'_> {
        Row {
            table: "instance",
            key: &self.id,
        }
    }

    fn names(&self) -> Result<(InstanceId, InstanceName, Region), StoreError> {
        let row = self.row();
        Ok((
            row.need("id", InstanceId::parse(&self.id).ok())?,
            row.need("name", InstanceName::parse(&self.name).ok())?,
            row.need("region", Region::parse(&self.region).ok())?,
        ))
    }

    /// The instance without its facts.
    pub(super) fn read(&self) -> Result<Instance, StoreError> {
        let (id, name, region) = self.names()?;
        let row = self.row();
        let mut instance = Instance::new(id, name, region);
        let label = |text: &str| Label::parse(text).ok();
        instance.team = row.may("team", self.team.as_deref(), label)?;
        instance.channel = row.may("channel", self.channel.as_deref(), label)?;
        instance.described_at = row.may("described_at_ms", self.described_at_ms, instant)?;
        instance.tracking = match self.state()? {
            TrackingState::Tracked => Tracking::Tracked,
            TrackingState::Lost => Tracking::Lost(self.ended()?),
            TrackingState::Removed => Tracking::Removed(self.ended()?),
        };
        instance.at_expiry = row.may("at_expiry", self.at_expiry.as_deref(), AtExpiry::decode)?;
        let unsaid = self.unsaid_expires_ms;
        instance.unsaid_expires = row.may("unsaid_expires_ms", unsaid, instant)?;
        Ok(instance)
    }

    fn state(&self) -> Result<TrackingState, StoreError> {
        let state = match self.tracking.as_str() {
            "tracked" => Some(TrackingState::Tracked),
            "lost" => Some(TrackingState::Lost),
            "removed" => Some(TrackingState::Removed),
            _ => None,
        };
        self.row().need("tracking", state)
    }

    fn ended(&self) -> Result<Ended, StoreError> {
        let row = self.row();
        let by = person(self.ended_by_id.as_deref(), self.ended_by_name.as_deref());
        Ok(Ended {
            at: row.need("ended_at_ms", self.ended_at_ms.and_then(instant))?,
            by: row.need("ended_by_id", by)?,
            reason: row.need("ended_reason", self.ended_reason.clone())?,
        })
    }

    /// What a look-up says of it.
    pub(super) fn found(&self) -> Result<Found, StoreError> {
        let (id, name, region) = self.names()?;
        let row = self.row();
        Ok(Found {
            id,
            region,
            name,
            tracking: self.state()?,
            edition: row.may("edition", self.edition.as_deref(), Edition::decode)?,
            expires: row.may("expires_at_ms", self.expires_at_ms, instant)?,
            shared: false,
        })
    }

    /// What matters beside the names of others.
    pub(super) fn namesake(&self) -> Result<Namesake, StoreError> {
        let (id, name, region) = self.names()?;
        Ok(Namesake { id, region, name })
    }

    pub(super) fn called(&self) -> Result<Called, StoreError> {
        let row = self.row();
        Ok(Called {
            namesake: self.namesake()?,
            described_at: row.may("described_at_ms", self.described_at_ms, instant)?,
            is_tracked: self.is_tracked(),
        })
    }

    /// Where there can be one of the name, but for other accounts.
    pub(super) fn place(&self) -> (&str, &str) {
        (&self.region, &self.name_key)
    }

    pub(super) fn is_tracked(&self) -> bool {
        self.tracking == "tracked"
    }
}

impl Tx {
    pub(super) async fn instance_rows(
        &mut self,
        ids: &[String],
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let mut rows = Vec::new();
        for batch in sql::batches(ids) {
            let mut query = sql::rows(select(batch.len())).bind(self.workspace());
            for id in batch {
                query = query.bind(id);
            }
            rows.extend(self.all(query).await?);
        }
        Ok(rows)
    }

    pub(super) async fn save_instance(&mut self, instance: &Instance) -> Result<(), StoreError> {
        let row = InstanceRow::of(instance);
        let query = sql::statement(UPSERT)
            .bind(self.workspace())
            .bind(row.id)
            .bind(row.name)
            .bind(row.region)
            .bind(row.team)
            .bind(row.channel)
            .bind(row.described_at_ms)
            .bind(row.tracking)
            .bind(row.ended_at_ms)
            .bind(row.ended_by_id)
            .bind(row.ended_by_name)
            .bind(row.ended_reason)
            .bind(row.at_expiry)
            .bind(row.edition)
            .bind(row.expires_at_ms)
            .bind(row.action)
            .bind(row.commodity_id)
            .bind(row.decisive_at_ms)
            .bind(row.name_key)
            .bind(row.look_key)
            .bind(row.account)
            .bind(row.unsaid_expires_ms);
        let taken = || StoreError::NameTaken {
            region: instance.region.to_string(),
            name: instance.name.to_string(),
        };
        self.run_unique(query, taken).await.map(drop)
    }
}

//! The tables `concern` and `told`: the concerns of each instance, so that finding them needs no scan of all instances; and the
//! times of the last notifications.

use super::code::instant;
use super::{StoreError, StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::concern::{Concern, ConcernKind, Opened, Rank, Weight};
use crate::domain::id::{InstanceId, TeamName};
use crate::domain::instance::Instance;

/// The most concerns written in one statement.
const ROWS: usize = 10;

/// Writes `n` concerns of an instance.
fn upsert(n: usize) -> String {
    let rows = (0..n).map(|row| format!("($1, $2, {})", sql::placeholders(3 + row * 8, 8)));
    let rows: Vec<String> = rows.collect();
    format!(
        "INSERT INTO concern (workspace, instance_id, kind, weight, since_ms, by_ms, rank, presses_ms, team, owner) \
         VALUES {} ON CONFLICT (workspace, instance_id, kind) DO UPDATE SET \
         weight = excluded.weight, since_ms = excluded.since_ms, by_ms = excluded.by_ms, rank = excluded.rank, \
         presses_ms = excluded.presses_ms, team = excluded.team, owner = excluded.owner",
        rows.join(", ")
    )
}

/// Removes `n` settled concerns.
pub(super) fn delete(n: usize) -> String {
    let kinds = sql::placeholders(3, n);
    format!("DELETE FROM concern WHERE workspace = $1 AND instance_id = $2 AND kind IN ({kinds})")
}

/// The last moment at which people were notified about an instance.
pub(super) const TOLD: &str = "SELECT at_ms FROM told WHERE workspace = $1 AND instance_id = $2";

/// Records a notification.
const SET_TOLD: &str = "INSERT INTO told (workspace, instance_id, at_ms) VALUES ($1, $2, $3) \
     ON CONFLICT (workspace, instance_id) DO UPDATE SET at_ms = excluded.at_ms";

/// The instances with a concern of a rank and kind.
pub(super) const OF_KIND: &str =
    "SELECT instance_id FROM concern WHERE workspace = $1 AND rank = $2 AND kind = $3";

/// Removes acknowledgements and snoozes of an instance that is no longer tracked.
pub(super) const FORGET: &str = "DELETE FROM attention WHERE workspace = $1 AND instance_id = $2";

const fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Noted => "noted",
        Weight::Open => "open",
    }
}

/// The weight of a stored word; open, where it is none of this version.
pub(super) fn weight_of(stored: Option<&str>) -> Weight {
    match stored {
        Some(noted) if noted == word(Weight::Noted) => Weight::Noted,
        _ => Weight::Open,
    }
}

/// A concern of an instance, as stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ConcernRow {
    pub(super) kind: String,
    pub(super) weight: String,
    pub(super) since_ms: i64,
    pub(super) by_ms: Option<i64>,
    pub(super) rank: i64,
    pub(super) presses_ms: i64,
    pub(super) team: Option<String>,
    pub(super) owner: String,
}

impl ConcernRow {
    fn of(concern: &Concern, team: Option<&TeamName>) -> Self {
        let urgency = concern.urgency();
        Self {
            kind: concern.kind.as_str().to_owned(),
            weight: word(concern.weight).to_owned(),
            since_ms: concern.since.timestamp_millis(),
            by_ms: concern.by.map(|by| by.timestamp_millis()),
            rank: urgency.rank.number(),
            presses_ms: urgency.presses.timestamp_millis(),
            team: team.map(ToString::to_string),
            owner: concern.owner.word(team).to_owned(),
        }
    }
}

/// The concerns of an instance that differ from the stored ones, and those that are settled.
#[derive(Debug)]
pub struct Differing {
    rows: Vec<ConcernRow>,
    over: Vec<ConcernKind>,
}

impl Differing {
    /// The number of statements for storing them.
    pub fn statements(&self) -> u32 {
        let batches = |many: usize| u32::try_from(many.div_ceil(ROWS)).unwrap_or(u32::MAX);
        batches(self.rows.len()).saturating_add(batches(self.over.len()).saturating_mul(2))
    }
}

impl Tx {
    /// The concerns that differ from the stored ones; of each kind the worst.
    pub fn concerns_differ(
        &self,
        instance: &Instance,
        before: &[Opened],
        open: &[Concern],
    ) -> Differing {
        let (id, team) = (&instance.id, instance.team.as_ref());
        let worst = open.iter().enumerate().filter(|(at, concern)| {
            let mut worse = open.iter().take(*at);
            !worse.any(|other| other.kind == concern.kind)
        });
        let rows = worst.map(|(_, concern)| ConcernRow::of(concern, team));
        let rows = rows.filter(|row| !self.known.has_concern(id.as_str(), row));
        let is_open = |kind| open.iter().any(|concern| concern.kind == kind);
        let over = before.iter().map(|opened| opened.kind);
        Differing {
            rows: rows.collect(),
            over: over.filter(|kind| !is_open(*kind)).collect(),
        }
    }

    /// Stores the concerns of an instance, of each kind the worst; nothing is written if nothing changed. Settled ones are
    /// recorded for the next digest.
    pub async fn keep_concerns(
        &mut self,
        instance: &Instance,
        before: &[Opened],
        open: &[Concern],
        now: Timestamp,
    ) -> StoreResult<()> {
        let id = &instance.id;
        let Differing { rows, over } = self.concerns_differ(instance, before, open);
        for batch in rows.chunks(ROWS) {
            let query = self.statement(upsert(batch.len())).bind(id.to_string());
            let query = batch.iter().fold(query, |query, row| {
                query
                    .bind(row.kind.clone())
                    .bind(row.weight.clone())
                    .bind(row.since_ms)
                    .bind(row.by_ms)
                    .bind(row.rank)
                    .bind(row.presses_ms)
                    .bind(row.team.clone())
                    .bind(row.owner.clone())
            });
            self.later(query).await?;
        }
        for batch in over.chunks(ROWS) {
            let query = self.statement(delete(batch.len())).bind(id.to_string());
            let query = batch
                .iter()
                .fold(query, |query, kind| query.bind(kind.as_str()));
            self.later(query).await?;
            self.note_settled(id, batch, now).await?;
        }
        Ok(())
    }

    /// The instances that are recorded as deleted although a listing read since has them.
    pub async fn listed_although_lost(&mut self) -> StoreResult<Vec<InstanceId>> {
        let query = self
            .rows::<(String,)>(OF_KIND)
            .bind(Rank::Ladder.number())
            .bind(ConcernKind::ListedLost.as_str());
        let rows = self.all(query).await?;
        let read = rows.into_iter().map(|(id,)| {
            InstanceId::parse(&id).map_err(|_| StoreError::damaged("concern", id, "instance_id"))
        });
        read.collect()
    }

    /// The last moment at which people were notified about an instance.
    pub async fn last_told(&mut self, id: &InstanceId) -> StoreResult<Option<Timestamp>> {
        let query = self.rows::<(i64,)>(TOLD).bind(id.to_string());
        let row = self.all(query).await?.pop();
        Ok(row.and_then(|(ms,)| instant(ms)))
    }

    /// Records a notification about an instance.
    pub async fn set_told(&mut self, id: &InstanceId, at: Timestamp) -> StoreResult<()> {
        let query = self
            .statement(SET_TOLD)
            .bind(id.to_string())
            .bind(at.timestamp_millis());
        self.later(query).await
    }

    /// Removes acknowledgements and snoozes of an instance that is no longer tracked.
    pub async fn forget_attention(&mut self, id: &InstanceId) -> StoreResult<()> {
        let query = self.statement(FORGET).bind(id.to_string());
        self.later(query).await
    }
}

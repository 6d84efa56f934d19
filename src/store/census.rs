//! Counts for the metrics, computed in parts: a part covers a limited number of instances, in the order of ids.

use super::code::Row;
use super::sql::StoredId;
use super::{StoreResult, System, document, sql};
use crate::domain::Timestamp;
use crate::domain::change::{Change, Step};
use crate::domain::id::WorkspaceId;
use crate::domain::words::words;

/// The most notices counted.
const NOTICES: i64 = 10_000;

const DAY_MS: i64 = 86_400_000;

words! {
    /// The time until an expiry, in classes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Horizon {
        /// Expired.
        Past = "past",
        /// Within a day.
        Day = "1d",
        /// Within a week, but not a day.
        Week = "7d",
        /// Within thirty days, but not a week.
        Month = "30d",
        /// Beyond thirty days.
        Later = "later",
        Unknown = "unknown",
    }
}

/// The last instance of a part; no row for the last part.
pub(super) const BOUND: &str = "SELECT workspace, id FROM instance WHERE (workspace, id) > ($1, $2) \
     ORDER BY workspace, id LIMIT 1 OFFSET $3";

/// The tracked instances of a part. An expiry at `now` counts as past.
pub(super) const INSTANCES: &str = "SELECT edition, action, CASE WHEN expires_at_ms IS NULL THEN 'unknown' \
     WHEN expires_at_ms <= $5 THEN 'past' WHEN expires_at_ms <= $6 THEN '1d' WHEN expires_at_ms <= $7 THEN '7d' \
     WHEN expires_at_ms <= $8 THEN '30d' ELSE 'later' END AS horizon, COUNT(*) AS many, MIN(expires_at_ms) AS first_ms \
     FROM instance WHERE (workspace, id) > ($1, $2) AND (workspace, id) <= ($3, $4) AND tracking = 'tracked' \
     GROUP BY edition, action, horizon";

/// The concerns of the instances of a part.
pub(super) const CONCERNS: &str = "SELECT kind, COUNT(*) AS many, MIN(since_ms) AS since_ms FROM concern \
     WHERE (workspace, instance_id) > ($1, $2) AND (workspace, instance_id) <= ($3, $4) GROUP BY kind";

/// The open changes of the instances of a part.
pub(super) const CHANGES: &str = "SELECT number, document FROM change \
     WHERE (workspace, instance_id) > ($1, $2) AND (workspace, instance_id) <= ($3, $4) AND status = 'open'";

/// The tracked instances of a part that have an expiry, one row each.
pub(super) const EACH: &str = "SELECT workspace, id, edition, action, expires_at_ms FROM instance \
     WHERE (workspace, id) > ($1, $2) AND (workspace, id) <= ($3, $4) AND tracking = 'tracked' \
     AND expires_at_ms IS NOT NULL";

/// Raised, unsettled notices, up to a limit.
pub(super) const RAISED: &str = "SELECT COUNT(*) FROM (SELECT number FROM notice \
     WHERE workspace >= '' AND status = 'raised' AND settled_ms IS NULL LIMIT $1) AS found";

/// Suppressed notices that facts may still raise, up to a limit.
pub(super) const RESTING: &str = "SELECT COUNT(*) FROM (SELECT number FROM notice_instance \
     WHERE workspace >= '' AND rests = 1 LIMIT $1) AS found";

/// The times of the workspaces' last imports: the earliest and the latest. Reads one row per workspace.
pub(super) const IMPORTED: &str =
    "SELECT MIN(imported_at_ms), MAX(imported_at_ms) FROM workspace WHERE workspace >= ''";

/// The number of tracked instances with the same values.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct InstanceCount {
    /// The word of the edition, if known.
    pub edition: Option<String>,
    /// The word of the action, if known.
    pub action: Option<String>,
    /// The word of the [`Horizon`].
    pub horizon: String,
    pub many: i64,
    /// The earliest expiry.
    pub first_ms: Option<i64>,
}

/// The number of concerns of one kind.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ConcernCount {
    pub kind: String,
    pub many: i64,
    /// The start of the oldest.
    pub since_ms: i64,
}

/// The expiry of one instance.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OneExpiry {
    #[sqlx(try_from = "StoredId<WorkspaceId>")]
    pub workspace: WorkspaceId,
    pub id: String,
    pub edition: Option<String>,
    pub action: Option<String>,
    pub expires_at_ms: i64,
}

/// The parameters of a census.
#[derive(Debug, Clone, Copy)]
pub struct CensusTerms {
    pub now: Timestamp,
    /// The most instances per part.
    pub part: u32,
    /// Whether each instance is listed.
    pub each: bool,
}

/// The instance after which a part begins; by default before all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CensusPlace {
    workspace: WorkspaceId,
    id: String,
}

impl Default for CensusPlace {
    fn default() -> Self {
        Self {
            workspace: super::system::nowhere(),
            id: String::new(),
        }
    }
}

/// The counts of a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CensusPart {
    pub instances: Vec<InstanceCount>,
    pub concerns: Vec<ConcernCount>,
    /// The next step of each open change; `None` if unreadable.
    pub steps: Vec<Option<Step>>,
    /// Each instance, if requested.
    pub each: Vec<OneExpiry>,
    /// The start of the next part; `None` after the last.
    pub next: Option<CensusPlace>,
}

impl System<'_> {
    /// Counts one part, across workspaces.
    pub async fn census(&self, from: &CensusPlace, terms: CensusTerms) -> StoreResult<CensusPart> {
        let mut tx = self.read().await?;
        let query = sql::rows::<(StoredId<WorkspaceId>, String)>(BOUND)
            .bind(from.workspace.to_string())
            .bind(from.id.clone())
            .bind(i64::from(terms.part.saturating_sub(1)));
        let next = tx.all(query).await?.pop();
        let next = next.map(|(StoredId(workspace), id)| CensusPlace { workspace, id });
        let last = CensusPlace {
            workspace: char::MAX.to_string().into(),
            id: String::new(),
        };
        let to = next.clone().unwrap_or(last);
        let of_part = [
            from.workspace.to_string(),
            from.id.clone(),
            to.workspace.to_string(),
            to.id.clone(),
        ];
        let query = sql::rows::<InstanceCount>(INSTANCES);
        let query = (of_part.iter()).fold(query, |query, bound| query.bind(bound.clone()));
        let now_ms = terms.now.timestamp_millis();
        let query = [0, 1, 7, 30].iter().fold(query, |query, days| {
            query.bind(now_ms.saturating_add(days * DAY_MS))
        });
        let instances = tx.all(query).await?;
        let query = sql::rows::<ConcernCount>(CONCERNS);
        let query = (of_part.iter()).fold(query, |query, bound| query.bind(bound.clone()));
        let concerns = tx.all(query).await?;
        let query = sql::rows::<(i64, String)>(CHANGES);
        let query = (of_part.iter()).fold(query, |query, bound| query.bind(bound.clone()));
        let changes = tx.all(query).await?;
        let each = if terms.each {
            let query = sql::rows::<OneExpiry>(EACH);
            let query = (of_part.iter()).fold(query, |query, bound| query.bind(bound.clone()));
            tx.all(query).await?
        } else {
            Vec::new()
        };
        let steps = changes.iter();
        let steps = steps.map(|(number, text)| next_step(*number, text));
        Ok(CensusPart {
            instances,
            concerns,
            steps: steps.collect(),
            each,
            next,
        })
    }

    /// The number of raised, unsettled notices, and of suppressed ones that facts may still raise; up to 10,000 each.
    pub async fn notices(&self) -> StoreResult<(u64, u64)> {
        let mut tx = self.read().await?;
        let mut counts = [0, 0];
        for (count, text) in counts.iter_mut().zip([RAISED, RESTING]) {
            let rows = tx.all(sql::rows::<(i64,)>(text).bind(NOTICES)).await?;
            let many: i64 = rows.into_iter().map(|(many,)| many).sum();
            *count = u64::try_from(many).unwrap_or_default();
        }
        let [raised, resting] = counts;
        Ok((raised, resting))
    }
}

/// The next step of a change.
fn next_step(number: i64, text: &str) -> Option<Step> {
    let key = number.to_string();
    let row = Row::of("change", &key);
    let change: Change = document::read(&row, text).ok()?;
    let mut steps = change.kind.steps().into_iter();
    steps.find(|step| change.record(*step).is_none())
}

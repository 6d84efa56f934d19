//! How many there are of everything, counted a part at a time: the count goes through the instances in the order of
//! their ids, and no part is larger than they say.

use super::code::Row;
use super::{StoreError, System, document, sql};
use crate::domain::Timestamp;
use crate::domain::change::{Change, Step};
use crate::domain::instance::words;

/// The most notices that are counted.
const NOTICES: i64 = 10_000;

const DAY_MS: i64 = 86_400_000;

/// How far away an expiry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Horizon {
    /// It is over.
    Past,
    /// Within a day.
    Day,
    /// Within a week, and not within a day.
    Week,
    /// Within thirty days, and not within a week.
    Month,
    /// Beyond thirty days.
    Later,
    /// Nobody knows.
    Unknown,
}

words!(Horizon {
    Past = "past",
    Day = "1d",
    Week = "7d",
    Month = "30d",
    Later = "later",
    Unknown = "unknown",
});

/// How far a part goes: up to the instance that is the last of it; none where it is the last part.
pub(super) const BOUND: &str = "SELECT workspace, id FROM instance WHERE (workspace, id) > ($1, $2) \
     ORDER BY workspace, id LIMIT 1 OFFSET $3";

/// The tracked instances of a part. An expiry at a moment is past then.
pub(super) const INSTANCES: &str = "SELECT edition, action, CASE WHEN expires_at_ms IS NULL THEN 'unknown' \
     WHEN expires_at_ms <= $5 THEN 'past' WHEN expires_at_ms <= $6 THEN '1d' WHEN expires_at_ms <= $7 THEN '7d' \
     WHEN expires_at_ms <= $8 THEN '30d' ELSE 'later' END AS horizon, COUNT(*) AS many, MIN(expires_at_ms) AS first_ms \
     FROM instance WHERE (workspace, id) > ($1, $2) AND (workspace, id) <= ($3, $4) AND tracking = 'tracked' \
     GROUP BY edition, action, horizon";

/// What is open of the instances of a part.
pub(super) const CONCERNS: &str = "SELECT kind, COUNT(*) AS many, MIN(since_ms) AS since_ms FROM concern \
     WHERE (workspace, instance_id) > ($1, $2) AND (workspace, instance_id) <= ($3, $4) GROUP BY kind";

/// The open changes of the instances of a part.
pub(super) const CHANGES: &str = "SELECT number, document FROM change \
     WHERE (workspace, instance_id) > ($1, $2) AND (workspace, instance_id) <= ($3, $4) AND status = 'open'";

/// The tracked instances of a part that expire, each by itself.
pub(super) const EACH: &str = "SELECT workspace, id, edition, action, expires_at_ms FROM instance \
     WHERE (workspace, id) > ($1, $2) AND (workspace, id) <= ($3, $4) AND tracking = 'tracked' \
     AND expires_at_ms IS NOT NULL";

/// Raised notices that nobody has settled, up to so many.
pub(super) const RAISED: &str = "SELECT COUNT(*) FROM (SELECT number FROM notice \
     WHERE workspace >= '' AND status = 'raised' AND settled_ms IS NULL LIMIT $1) AS found";

/// Suppressed notices that facts may still raise, up to so many.
pub(super) const RESTING: &str = "SELECT COUNT(*) FROM (SELECT number FROM notice_instance \
     WHERE workspace >= '' AND rests = 1 LIMIT $1) AS found";

/// When files were last taken: longest ago, and latest. As many rows as there are workspaces.
pub(super) const IMPORTED: &str =
    "SELECT MIN(imported_at_ms), MAX(imported_at_ms) FROM workspace WHERE workspace >= ''";

/// Tracked instances that are alike.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct InstanceCount {
    /// The word of their edition, if it is known.
    pub edition: Option<String>,
    /// The word of their action, if it is known.
    pub action: Option<String>,
    /// The word of their [`Horizon`].
    pub horizon: String,
    pub many: i64,
    /// The earliest of their expiries.
    pub first_ms: Option<i64>,
}

/// What is open, of one kind.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ConcernCount {
    pub kind: String,
    pub many: i64,
    /// Since when the oldest is.
    pub since_ms: i64,
}

/// When one instance expires.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OneExpiry {
    pub workspace: String,
    pub id: String,
    pub edition: Option<String>,
    pub action: Option<String>,
    pub expires_at_ms: i64,
}

/// What is counted, and how much at once.
#[derive(Debug, Clone, Copy)]
pub struct CensusTerms {
    /// The moment it is.
    pub now: Timestamp,
    /// The most instances of a part.
    pub part: u32,
    /// Whether each instance is named.
    pub each: bool,
}

/// Behind which instance a part begins; by default before all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CensusPlace {
    workspace: String,
    id: String,
}

/// What was counted in a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CensusPart {
    pub instances: Vec<InstanceCount>,
    pub concerns: Vec<ConcernCount>,
    /// Which step is next in each open change; `None` where that cannot be read.
    pub steps: Vec<Option<Step>>,
    /// Each instance, where that was asked for.
    pub each: Vec<OneExpiry>,
    /// Where the next part begins; `None` behind the last.
    pub next: Option<CensusPlace>,
}

impl System<'_> {
    /// Counts a part, of all workspaces.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn census(
        &self,
        from: &CensusPlace,
        terms: CensusTerms,
    ) -> Result<CensusPart, StoreError> {
        let mut tx = self.read().await?;
        let query = sql::rows::<(String, String)>(BOUND)
            .bind(from.workspace.clone())
            .bind(from.id.clone())
            .bind(i64::from(terms.part.saturating_sub(1)));
        let next = tx.all(query).await?.pop();
        let next = next.map(|(workspace, id)| CensusPlace { workspace, id });
        let last = CensusPlace {
            workspace: char::MAX.to_string(),
            id: String::new(),
        };
        let to = next.clone().unwrap_or(last);
        let of_part = [&from.workspace, &from.id, &to.workspace, &to.id];
        let query = sql::rows::<InstanceCount>(INSTANCES);
        let query = (of_part.iter()).fold(query, |query, bound| query.bind((*bound).clone()));
        let now_ms = terms.now.timestamp_millis();
        let query = [0, 1, 7, 30].iter().fold(query, |query, days| {
            query.bind(now_ms.saturating_add(days * DAY_MS))
        });
        let instances = tx.all(query).await?;
        let query = sql::rows::<ConcernCount>(CONCERNS);
        let query = (of_part.iter()).fold(query, |query, bound| query.bind((*bound).clone()));
        let concerns = tx.all(query).await?;
        let query = sql::rows::<(i64, String)>(CHANGES);
        let query = (of_part.iter()).fold(query, |query, bound| query.bind((*bound).clone()));
        let changes = tx.all(query).await?;
        let each = if terms.each {
            let query = sql::rows::<OneExpiry>(EACH);
            let query = (of_part.iter()).fold(query, |query, bound| query.bind((*bound).clone()));
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

    /// How many notices are raised and not settled, and how many rest suppressed on what may change; up to 10,000 of each.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn notices(&self) -> Result<(u64, u64), StoreError> {
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

/// The step of a change that nobody has recorded yet.
fn next_step(number: i64, text: &str) -> Option<Step> {
    let key = number.to_string();
    let row = Row {
        table: "change",
        key: &key,
    };
    let change: Change = document::read(&row, text).ok()?;
    let mut steps = change.kind.steps().into_iter();
    steps.find(|step| change.record(*step).is_none())
}

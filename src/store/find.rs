//! Look-ups of instances by id or name.

use std::collections::BTreeMap;

use super::instance::{InstanceRow, columns};
use super::load::{CaseRow, parts, with_open_change};
use super::sql::Rows;
use super::{StoreError, StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::{
    CommodityId, InstanceId, InstanceName, Namesake, Region, called, composed, folded,
};
use crate::domain::instance::Edition;

/// The result of a look-up of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceMatch {
    /// The full id.
    pub id: InstanceId,
    pub region: Region,
    pub name: InstanceName,
    /// Whether it is tracked.
    pub tracking: TrackingState,
    /// The edition, if known.
    pub edition: Option<Edition>,
    /// The expiry; the earlier one if two sources disagree.
    pub expires: Option<Timestamp>,
    /// Whether another instance of the region, in another account, has the same name.
    pub shared: bool,
    /// Whether the vendor's listing gives another tracked instance its name, or one that differs in case or looks like it.
    pub has_twin: bool,
}

impl InstanceMatch {
    /// A unique name: `region/name`, with the account if necessary.
    pub fn handle(&self) -> String {
        format!("{}/{}", self.region, self.called())
    }

    /// Like [`InstanceMatch::handle`], without the region.
    pub fn called(&self) -> String {
        called(&self.id, &self.name, self.shared)
    }
}

/// The current name of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    pub namesake: Namesake,
    /// The time of the last statement about its name.
    pub described_at: Option<Timestamp>,
    /// Whether it is tracked.
    pub is_tracked: bool,
}

/// The tracking state of an instance, without person and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrackingState {
    Tracked,
    /// Deleted at the vendor.
    Lost,
    /// No longer tracked, by decision of a person.
    Removed,
}

/// The most results of a look-up.
const MOST: i64 = 10;

/// By full id, by name with or without region and account, or by commodity id. `$3` is the normalised name, `$4` its region or
/// NULL, `$5` the account or NULL.
///
/// The ids come first, each kind from a covering index: for whole rows, `SQLite` would scan the workspace. Ordering by an
/// expression avoids a scan of the index for that order.
pub(super) const EXACT: &str = concat!(
    parts!(
        "i.name, i.region, i.described_at_ms, i.edition, i.expires_at_ms, i.commodity_id, i.name_key, "
    ),
    with_open_change!(),
    " AND i.id IN (SELECT $2 \
     UNION SELECT id FROM instance WHERE workspace = $1 AND tracking IN ('tracked', 'lost') AND name_key = $3 \
     AND ($4 IS NULL OR region = $4) AND ($5 IS NULL OR account = $5) \
     UNION SELECT id FROM instance WHERE workspace = $1 AND commodity_id = $2) \
     AND (i.id = $2 OR i.tracking <> 'removed') \
     ORDER BY CASE i.tracking WHEN 'tracked' THEN 0 ELSE 1 END, i.name_key, i.region, i.id LIMIT $6"
);

/// The result of a look-up, with the whole case, which is usually needed next.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ExactRow {
    #[sqlx(flatten)]
    row: InstanceRow,
    #[sqlx(flatten)]
    case: CaseRow,
}

/// Tracked instances whose normalised name is between `$4` and `$5`, or whose id or commodity id is between `$2` and `$3`.
pub(super) const PREFIX: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND name_key >= $4 AND name_key < $5 UNION SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND id >= $2 AND id < $3 UNION SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND commodity_id >= $2 AND commodity_id < $3 \
     ORDER BY name_key, region, id LIMIT $6"
);

/// The tracked instances whose id, in lower case, is between `$2` and `$3`.
pub(super) const BEGUN_BY: &str = "SELECT id FROM instance WHERE workspace = $1 AND tracking = 'tracked' \
     AND LOWER(id) >= $2 AND LOWER(id) < $3 ORDER BY LOWER(id) LIMIT $4";

/// The tracked instances whose id, in lower case, is one of `n` texts.
pub(super) fn lower_case(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "SELECT id FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND LOWER(id) IN ({ids})"
    )
}

/// Tracked instances of the region `$4` whose normalised name is between `$2` and `$3`.
pub(super) const PREFIX_IN_REGION: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND region = $4 AND name_key >= $2 AND name_key < $3 \
     ORDER BY name_key LIMIT $5"
);

/// The first tracked instances by name.
pub(super) const FIRST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' ORDER BY name_key, region LIMIT $2"
);

/// The tracked instances with this name, or with one that looks like it.
pub(super) const NAMESAKES: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND id IN (\
     SELECT id FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND name_key = $2 \
     UNION SELECT id FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND look_key = $3) ORDER BY id"
);

/// Like [`NAMESAKES`], for `n` names.
pub(super) fn namesakes(n: usize) -> String {
    let (keys, skeletons) = (sql::placeholders(2, n), sql::placeholders(2 + n, n));
    NAMESAKES
        .replace("name_key = $2", &format!("name_key IN ({keys})"))
        .replace("look_key = $3", &format!("look_key IN ({skeletons})"))
}

/// Gives an instance a placeholder name that nobody can choose, until it is saved.
pub(super) const LET_GO: &str =
    "UPDATE instance SET name = '/' || id, name_key = '/' || id WHERE workspace = $1 AND id = $2";

/// The tracked instances with a commodity id. Not sorted here: for the order of ids SQLite would walk all instances.
pub(super) const BILLED: &str = "SELECT id FROM instance \
     WHERE workspace = $1 AND commodity_id = $2 AND tracking = 'tracked'";

/// The instances with a commodity id that were recorded as deleted.
pub(super) const BILLED_LOST: &str = "SELECT id FROM instance \
     WHERE workspace = $1 AND commodity_id = $2 AND tracking = 'lost'";

/// The tracked instances of a region.
pub(super) const OF_REGION: &str = "SELECT id FROM instance \
     WHERE workspace = $1 AND region = $2 AND tracking = 'tracked' ORDER BY name";

/// The look-up results of rows.
pub(super) fn found(rows: &[InstanceRow]) -> StoreResult<Vec<InstanceMatch>> {
    rows.iter().map(InstanceRow::found).collect()
}

/// The look-up of an instance by a text, or by what precedes the account in it.
pub(super) fn exact(workspace: &str, text: &str, account: Option<&str>) -> Rows<ExactRow> {
    let (region, name) = match text.split_once('/') {
        Some((region, name)) => (Some(region), name),
        None => (None, text),
    };
    let before = account.and_then(|_| name.rsplit_once('@'));
    let name = before.map_or(name, |(name, _)| name);
    sql::rows::<ExactRow>(EXACT)
        .bind(workspace.to_owned())
        .bind(text.to_owned())
        .bind(folded(&composed(name)))
        .bind(region.map(str::to_ascii_lowercase))
        .bind(account.map(ToOwned::to_owned))
        .bind(MOST)
}

impl Tx {
    /// Finds by name ignoring case, `region/name`, `region/name@account`, full id or commodity id; tracked instances first. A
    /// full id matches only that instance. A lost instance is found by name only if no tracked one has that name; a removed one
    /// only by its full id.
    pub async fn find_exact(&mut self, text: &str) -> StoreResult<Vec<InstanceMatch>> {
        let mut found = self.called(text, None).await?;
        // An instance may be called as another one is named with its account: then it is asked which one is meant.
        let name = text.split_once('/').map_or(text, |(_, name)| name);
        if let Some((_, account)) = name.rsplit_once('@') {
            let ahead = std::mem::take(&mut self.ahead);
            found.extend(self.called(text, Some(account)).await?);
            self.ahead.extend(ahead);
            found.sort_by(|one, other| one.id.cmp(&other.id));
            found.dedup_by(|one, other| one.id == other.id);
        }
        Ok(found)
    }

    async fn called(
        &mut self,
        text: &str,
        account: Option<&str>,
    ) -> StoreResult<Vec<InstanceMatch>> {
        let read = self.look_up(text, account).await?;
        let (rows, cases): (Vec<_>, Vec<_>) =
            read.into_iter().map(|read| (read.row, read.case)).unzip();
        self.ahead = cases;
        if let Some(row) = rows.iter().find(|row| row.id == text) {
            return Ok(vec![row.found()?]);
        }
        let by_id = |row: &InstanceRow| row.commodity_id.as_deref() == Some(text);
        let by_id: Vec<bool> = rows.iter().map(by_id).collect();
        let all = found(&rows)?;
        let is_tracked = |one: &InstanceMatch| one.tracking == TrackingState::Tracked;
        if !all.iter().any(is_tracked) {
            return Ok(all);
        }
        let each = by_id.into_iter().zip(all);
        let wanted = each.filter(|(by_id, one)| *by_id || is_tracked(one));
        Ok(wanted.map(|(_, one)| one).collect())
    }

    /// Finds tracked instances whose name, `region/name`, id or commodity id starts with the text, up to 11.
    pub async fn find_prefix(&mut self, text: &str) -> StoreResult<Vec<InstanceMatch>> {
        let rows = self.beginning(text, MOST + 1).await?;
        found(&rows)
    }

    /// Finds tracked instances whose ids are alike to what stands for one in a text ([`InstanceId::is_alike`]): those that it is
    /// the beginning of, up to 11, and those that are its beginning.
    pub async fn find_alike(&mut self, written: &str) -> StoreResult<Vec<InstanceId>> {
        let written = written.to_ascii_lowercase();
        let query = self
            .rows(BEGUN_BY)
            .bind(written.clone())
            .bind(sql::after_prefix(&written))
            .bind(MOST + 1);
        let mut found = self.instance_ids(query).await?;
        let beginnings = InstanceId::LENGTHS.filter_map(|length| written.get(..length));
        let beginnings: Vec<&str> = beginnings.collect();
        for batch in sql::batches(&beginnings) {
            let query = self.rows(lower_case(batch.len()));
            let query = (batch.iter()).fold(query, |query, id| query.bind((*id).to_owned()));
            found.extend(self.instance_ids(query).await?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// The tracked instances with this name ignoring case, or with one that looks like it.
    pub async fn namesakes(&mut self, name: &InstanceName) -> StoreResult<Vec<Namesake>> {
        let query = self
            .rows::<InstanceRow>(NAMESAKES)
            .bind(name.folded())
            .bind(name.skeleton());
        let rows = self.all(query).await?;
        rows.iter().map(InstanceRow::namesake).collect()
    }

    /// The tracked instances with these names, or with ones that look like them.
    pub async fn namesakes_of(&mut self, names: &[InstanceName]) -> StoreResult<Vec<Namesake>> {
        let mut found = BTreeMap::new();
        for batch in sql::batches(names) {
            let query = self.rows::<InstanceRow>(namesakes(batch.len()));
            let query = (batch.iter()).fold(query, |query, name| query.bind(name.folded()));
            let query = (batch.iter()).fold(query, |query, name| query.bind(name.skeleton()));
            for row in self.all(query).await? {
                let namesake = row.namesake()?;
                found.insert(row.id, namesake);
            }
        }
        Ok(found.into_values().collect())
    }

    /// The current names of instances.
    pub async fn called_now(&mut self, ids: &[InstanceId]) -> StoreResult<Vec<Called>> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let rows = self.instance_rows(&ids).await?;
        rows.iter().map(InstanceRow::called).collect()
    }

    /// The look-up results of instances.
    pub async fn found_by_ids(&mut self, ids: &[InstanceId]) -> StoreResult<Vec<InstanceMatch>> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let rows = self.instance_rows(&ids).await?;
        found(&rows)
    }

    /// Frees the name of an instance that is saved with another one later in this transaction.
    pub async fn let_go_of_name(&mut self, id: &InstanceId) -> StoreResult<()> {
        let query = self.statement(LET_GO).bind(id.to_string());
        self.known.forget(id.as_str());
        self.later(query).await
    }

    /// The tracked instances with a commodity id: one, unless it is disputed.
    pub async fn billed_as(&mut self, id: &CommodityId) -> StoreResult<Vec<InstanceId>> {
        self.with_commodity(BILLED, id).await
    }

    /// The instances with a commodity id that were recorded as deleted.
    pub async fn lost_as(&mut self, id: &CommodityId) -> StoreResult<Vec<InstanceId>> {
        self.with_commodity(BILLED_LOST, id).await
    }

    async fn with_commodity(
        &mut self,
        text: &'static str,
        id: &CommodityId,
    ) -> StoreResult<Vec<InstanceId>> {
        let query = self.rows(text).bind(id.to_string());
        let mut found = self.instance_ids(query).await?;
        found.sort();
        Ok(found)
    }

    /// The tracked instances of a region.
    pub async fn region_ids(&mut self, region: &Region) -> StoreResult<Vec<InstanceId>> {
        let query = self.rows(OF_REGION).bind(region.to_string());
        self.instance_ids(query).await
    }

    /// Like [`Tx::all`], for a statement that returns ids of instances.
    pub(super) async fn instance_ids(
        &mut self,
        query: Rows<(String,)>,
    ) -> StoreResult<Vec<InstanceId>> {
        let rows = self.all(query).await?.into_iter();
        let read = |(id,): (String,)| {
            InstanceId::parse(&id).map_err(|_| StoreError::damaged("instance", id, "id"))
        };
        rows.map(read).collect()
    }
}

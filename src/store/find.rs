//! Looking an instance up by what people call it.

use super::instance::{InstanceRow, columns};
use super::{Found, StoreError, TrackingState, Tx, sql};
use crate::domain::id::{CommodityId, InstanceId, InstanceName, Region};

/// The most that a look-up returns.
const MOST: i64 = 10;

/// By full id, by name with or without region, by commodity id. `$3` is the name, `$4` its region or nothing.
///
/// The ids come first, each kind from an index that holds all it needs: asked for whole rows, `SQLite` walks the workspace.
/// Ordered by an expression, it does not walk the index of that order either.
pub(super) const EXACT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND id IN (SELECT $2 \
     UNION SELECT id FROM instance WHERE workspace = $1 AND tracking IN ('tracked', 'lost') AND name = $3 \
     AND ($4 IS NULL OR region = $4) \
     UNION SELECT id FROM instance WHERE workspace = $1 AND commodity_id = $2) \
     AND (id = $2 OR tracking <> 'removed') \
     ORDER BY CASE tracking WHEN 'tracked' THEN 0 ELSE 1 END, name, region, id LIMIT $5"
);

/// Tracked ones whose name, id or commodity id lies between `$2` and `$3`.
pub(super) const PREFIX: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND name >= $2 AND name < $3 UNION SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND id >= $2 AND id < $3 UNION SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND commodity_id >= $2 AND commodity_id < $3 \
     ORDER BY name, region, id LIMIT $4"
);

/// Tracked ones of the region `$4` whose name lies between `$2` and `$3`.
pub(super) const PREFIX_IN_REGION: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND region = $4 AND name >= $2 AND name < $3 \
     ORDER BY name LIMIT $5"
);

/// The first tracked ones by name.
pub(super) const FIRST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' ORDER BY name, region LIMIT $2"
);

/// Who has a name in a region, other than `$4`.
pub(super) const TAKEN: &str = "SELECT id FROM instance \
     WHERE workspace = $1 AND region = $2 AND name = $3 AND tracking = 'tracked' AND id <> $4";

/// Gives an instance a name that nobody can have, until it is saved.
pub(super) const LET_GO: &str =
    "UPDATE instance SET name = '/' || id WHERE workspace = $1 AND id = $2";

/// The tracked ones that are billed under a commodity id.
pub(super) const BILLED: &str = "SELECT id FROM instance \
     WHERE workspace = $1 AND commodity_id = $2 AND tracking = 'tracked' ORDER BY id";

/// The tracked ones of a region.
pub(super) const OF_REGION: &str = "SELECT id FROM instance \
     WHERE workspace = $1 AND region = $2 AND tracking = 'tracked' ORDER BY name";

/// An id alone.
#[derive(Debug, sqlx::FromRow)]
struct IdRow {
    id: String,
}

impl IdRow {
    fn read(&self) -> Result<InstanceId, StoreError> {
        InstanceId::parse(&self.id).map_err(|_| StoreError::Damaged {
            table: "instance",
            key: self.id.clone(),
            column: "id",
        })
    }
}

impl Tx {
    /// Finds by name, `region/name`, full id or commodity id; tracked ones first. One that is lost is found by name only if
    /// no tracked one has it; one that was removed only by its full id.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn find_exact(&mut self, text: &str) -> Result<Vec<Found>, StoreError> {
        let (region, name) = match text.split_once('/') {
            Some((region, name)) => (Some(region), name),
            None => (None, text),
        };
        let query = sql::rows::<InstanceRow>(EXACT)
            .bind(self.workspace())
            .bind(text.to_owned())
            .bind(name.to_owned())
            .bind(region.map(ToOwned::to_owned))
            .bind(MOST);
        let mut found = Vec::new();
        for row in self.all(query).await? {
            let by_id = row.id == text || row.commodity_id.as_deref() == Some(text);
            found.push((by_id, row.found()?));
        }
        let tracked = |(_, found): &(bool, Found)| found.tracking == TrackingState::Tracked;
        if found.iter().any(tracked) {
            found.retain(|each| each.0 || tracked(each));
        }
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }

    /// Finds tracked ones whose name, `region/name`, id or commodity id begins with the text.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn find_prefix(&mut self, text: &str) -> Result<Vec<Found>, StoreError> {
        self.beginning(text, MOST).await
    }

    /// What a person may be about to type: as [`Tx::find_prefix`], with a limit of one's own.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn complete_instances(
        &mut self,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<Found>, StoreError> {
        self.beginning(prefix, i64::from(limit)).await
    }

    async fn beginning(&mut self, prefix: &str, limit: i64) -> Result<Vec<Found>, StoreError> {
        let query = if prefix.is_empty() {
            sql::rows::<InstanceRow>(FIRST).bind(self.workspace())
        } else if let Some((region, name)) = prefix.split_once('/') {
            sql::rows::<InstanceRow>(PREFIX_IN_REGION)
                .bind(self.workspace())
                .bind(name.to_owned())
                .bind(sql::after_prefix(name))
                .bind(region.to_owned())
        } else {
            sql::rows::<InstanceRow>(PREFIX)
                .bind(self.workspace())
                .bind(prefix.to_owned())
                .bind(sql::after_prefix(prefix))
        };
        let rows = self.all(query.bind(limit)).await?;
        rows.iter().map(InstanceRow::found).collect()
    }

    /// The tracked instance, other than `except`, that has a name in a region.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn name_taken(
        &mut self,
        region: &Region,
        name: &InstanceName,
        except: &InstanceId,
    ) -> Result<Option<InstanceId>, StoreError> {
        let query = sql::rows::<IdRow>(TAKEN)
            .bind(self.workspace())
            .bind(region.to_string())
            .bind(name.to_string())
            .bind(except.to_string());
        let rows = self.all(query).await?;
        rows.first().map(IdRow::read).transpose()
    }

    /// Frees the name of an instance that is saved under another one later in this transaction.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn let_go_of_name(&mut self, id: &InstanceId) -> Result<(), StoreError> {
        let query = sql::statement(LET_GO)
            .bind(self.workspace())
            .bind(id.to_string());
        self.run(query).await.map(drop)
    }

    /// The tracked instances that are billed under a commodity id: one, unless people said it of several.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn billed_as(&mut self, id: &CommodityId) -> Result<Vec<InstanceId>, StoreError> {
        let query = sql::rows::<IdRow>(BILLED)
            .bind(self.workspace())
            .bind(id.to_string());
        let rows = self.all(query).await?;
        rows.iter().map(IdRow::read).collect()
    }

    /// The tracked instances of a region.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn region_ids(&mut self, region: &Region) -> Result<Vec<InstanceId>, StoreError> {
        let query = sql::rows::<IdRow>(OF_REGION)
            .bind(self.workspace())
            .bind(region.to_string());
        let rows = self.all(query).await?;
        rows.iter().map(IdRow::read).collect()
    }
}

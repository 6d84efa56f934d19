//! Putting cases together from their rows.

use std::collections::HashMap;

use super::change::{BY_NUMBER, ChangeRow};
use super::instance::InstanceRow;
use super::{StoreError, Tx, sql};
use crate::domain::case::Case;
use crate::domain::change::Change;
use crate::domain::id::InstanceId;

impl Tx {
    /// An instance with its open change, if it has one.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn load_case(&mut self, id: &InstanceId) -> Result<Option<Case>, StoreError> {
        let rows = self.instance_rows(&[id.to_string()]).await?;
        Ok(self.with_open_changes(rows).await?.pop())
    }

    /// Several instances, each with its open change, in any order.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn load_cases(&mut self, ids: &[InstanceId]) -> Result<Vec<Case>, StoreError> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let rows = self.instance_rows(&ids).await?;
        self.with_open_changes(rows).await
    }

    /// An instance with exactly this change, open or not.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn load_change_case(&mut self, number: u64) -> Result<Option<Case>, StoreError> {
        let Ok(number) = i64::try_from(number) else {
            return Ok(None);
        };
        let query = sql::rows::<ChangeRow>(BY_NUMBER)
            .bind(self.workspace())
            .bind(number);
        let rows = self.all(query).await?;
        Ok(self.with_instances(rows).await?.pop())
    }

    /// The open change of an instance.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn open_change_of(&mut self, id: &InstanceId) -> Result<Option<Change>, StoreError> {
        let row = self.open_change_rows(&[id.to_string()]).await?.pop();
        row.map(|row| self.read_change(row)).transpose()
    }

    pub(super) async fn with_open_changes(
        &mut self,
        rows: Vec<InstanceRow>,
    ) -> Result<Vec<Case>, StoreError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let changes = self.open_change_rows(&ids).await?;
        let mut changes: HashMap<String, ChangeRow> = changes
            .into_iter()
            .map(|change| (change.instance_id.clone(), change))
            .collect();
        let pairs = rows.into_iter().map(|row| {
            let change = changes.remove(&row.id);
            (row, change)
        });
        self.gather(pairs.collect()).await
    }

    pub(super) async fn with_instances(
        &mut self,
        changes: Vec<ChangeRow>,
    ) -> Result<Vec<Case>, StoreError> {
        let mut ids: Vec<String> = changes.iter().map(|row| row.instance_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = self.instance_rows(&ids).await?;
        let rows: HashMap<String, InstanceRow> =
            rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        let pairs = changes.into_iter().filter_map(|change| {
            let row = rows.get(&change.instance_id)?.clone();
            Some((row, Some(change)))
        });
        self.gather(pairs.collect()).await
    }

    async fn gather(
        &mut self,
        pairs: Vec<(InstanceRow, Option<ChangeRow>)>,
    ) -> Result<Vec<Case>, StoreError> {
        let mut ids: Vec<String> = pairs.iter().map(|(row, _)| row.id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let facts = self.facts_of(&ids).await?;
        let seen = self.seen_of(&ids).await?;
        let looks = self.looks_of(&ids).await?;
        let mut cases = Vec::with_capacity(pairs.len());
        for (row, change) in pairs {
            let mut instance = row.read()?;
            facts.fill(&mut instance)?;
            if let Some(seen) = seen.get(instance.id.as_str()) {
                instance.freshen(seen);
            }
            looks.fill(&mut instance)?;
            let change = change.map(|row| self.read_change(row)).transpose()?;
            cases.push(Case::new(instance, change));
        }
        Ok(cases)
    }
}

//! Look-ups of other instances with the same commodity id, and of later changes.

use std::collections::HashMap;

use super::{StoreResult, Tx, sql};
use crate::domain::change::Change;
use crate::domain::id::{CommodityId, InstanceId};

/// The tracked instances, except `$3`, with a commodity id from any source.
pub(super) const CLAIMS: &str = "SELECT id FROM instance \
     WHERE workspace = $1 AND tracking = 'tracked' AND id <> $3 AND id IN (\
     SELECT id FROM instance WHERE workspace = $1 AND commodity_id = $2 \
     UNION SELECT id FROM instance WHERE workspace = $1 AND other_commodity_id = $2) \
     ORDER BY id";

/// The number of instances, tracked or not, for each of `n` commodity ids.
pub(super) fn counted(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "SELECT claimed, COUNT(*) FROM (\
         SELECT commodity_id AS claimed, id FROM instance WHERE workspace = $1 AND commodity_id IN ({ids}) \
         UNION SELECT other_commodity_id AS claimed, id FROM instance \
         WHERE workspace = $1 AND other_commodity_id IN ({ids})) AS found GROUP BY claimed"
    )
}

/// The first change of an instance after `$3`.
pub(super) const LATER: &str = "SELECT number FROM change \
     WHERE workspace = $1 AND instance_id = $2 AND number > $3 \
     ORDER BY CASE WHEN status = 'open' THEN 0 ELSE 1 END, number LIMIT 1";

/// The changes of an instance after `$3`, open or not.
pub(super) const ITS: &str = "SELECT number FROM change \
     WHERE workspace = $1 AND instance_id = $2 AND number > $3 ORDER BY number";

impl Tx {
    /// The tracked instances, except `except`, with a commodity id; more than one if it is disputed already.
    pub async fn commodity_claims(
        &mut self,
        id: &CommodityId,
        except: Option<&InstanceId>,
    ) -> StoreResult<Vec<InstanceId>> {
        let query = self
            .rows(CLAIMS)
            .bind(id.to_string())
            .bind(except.map_or_else(String::new, ToString::to_string));
        self.instance_ids(query).await
    }

    /// The number of instances, tracked or not, for each of these commodity ids that any instance has: for one alone, no look-up
    /// is needed.
    pub async fn claims_on(&mut self, ids: &[CommodityId]) -> StoreResult<HashMap<String, i64>> {
        let found = self.all_of(counted, ids).await?;
        Ok(found.into_iter().collect())
    }

    /// The changes of an instance, open or not, the first one first.
    pub async fn changes_of(&mut self, instance: &InstanceId) -> StoreResult<Vec<Change>> {
        let query = self.rows::<(i64,)>(ITS).bind(instance.to_string()).bind(0);
        let mut changes = Vec::new();
        for (number,) in self.all(query).await? {
            let number = u64::try_from(number).unwrap_or_default();
            let case = self.load_change_case(number).await?;
            changes.extend(case.and_then(|case| case.change));
        }
        Ok(changes)
    }

    /// The first change of an instance after this one, of any status.
    pub async fn change_after(
        &mut self,
        instance: &InstanceId,
        number: u64,
    ) -> StoreResult<Option<Change>> {
        let query = self
            .rows::<(i64,)>(LATER)
            .bind(instance.to_string())
            .bind(sql::number(number)?);
        let later = self.all(query).await?;
        let Some(later) = later
            .first()
            .and_then(|(number,)| u64::try_from(*number).ok())
        else {
            return Ok(None);
        };
        let case = self.load_change_case(later).await?;
        Ok(case.and_then(|case| case.change))
    }
}

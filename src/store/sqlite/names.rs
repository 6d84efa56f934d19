//! What a migration leaves to the program: the keys by which names are compared.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::AnyConnection;

use crate::domain::id::{InstanceId, InstanceName, Namesake, Region};
use crate::store::StoreError;

/// The instances without keys; those that are tracked, and were so first, keep their names.
const WITHOUT: &str = "SELECT workspace, id, name, region, tracking FROM instance WHERE name_key = '' \
     ORDER BY workspace, tracking DESC, described_at_ms, id";
const ANY: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM instance WHERE name_key = '' LIMIT 1)";
const FILL: &str = "UPDATE instance SET name = $3, name_key = $4, look_key = $5, account = $6 \
     WHERE workspace = $1 AND id = $2";

/// Whether there are instances without keys.
pub(super) async fn any_without(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> Result<bool, StoreError> {
    let found: sqlx::Result<i64> = sqlx::query_scalar(ANY).fetch_one(connection).await;
    found
        .map(|found| found > 0)
        .map_err(|error| StoreError::explain(error, database))
}

/// Fills the keys. A name that is no name any more becomes one, and of two that are compared as one, the second is shown
/// with the end of its id, as one from a file is.
pub(super) async fn fill(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> Result<(), StoreError> {
    let explain = |error| StoreError::explain(error, database);
    let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(WITHOUT)
        .fetch_all(&mut *connection)
        .await
        .map_err(explain)?;
    let mut held: HashMap<(Region, String), Vec<Namesake>> = HashMap::new();
    let mut within = String::new();
    for (workspace, id, text, region, tracking) in rows {
        if workspace != within {
            held.clear();
            within.clone_from(&workspace);
        }
        // What cannot be read is named, and left out, by anyone who reads it.
        let (Ok(parsed), Ok(region)) = (InstanceId::parse(&id), Region::parse(&region)) else {
            continue;
        };
        let name =
            InstanceName::parse(&text).unwrap_or_else(|_| InstanceName::of_vendor(&text, &parsed));
        // Names that only look alike are told apart already.
        let others = held.entry((region.clone(), name.folded())).or_default();
        let (name, is_tracked) = match tracking.as_str() {
            "tracked" => (name.beside((&parsed, &region), others.iter()).0, true),
            _ => (name, false),
        };
        if is_tracked {
            others.push(Namesake {
                id: parsed.clone(),
                region,
                name: name.clone(),
            });
        }
        sqlx::query(FILL)
            .bind(workspace)
            .bind(id)
            .bind(name.to_string())
            .bind(name.folded())
            .bind(name.look())
            .bind(parsed.account().to_owned())
            .execute(&mut *connection)
            .await
            .map_err(explain)?;
    }
    Ok(())
}

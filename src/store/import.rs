//! The tables `import`, `import_change` and `import_seen`: imports and their effects.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::de::DeserializeOwned;

use super::code::{Row, instant, person};
use super::restoration::last_of;
use super::{StoreError, StoreResult, Tx, document, sql};
use crate::domain::Timestamp;
use crate::domain::id::{InstanceId, Person, Region};
use crate::domain::import::{Counts, LaterFile, Moving, SeenByFiles};
use crate::domain::instance::Instance;

macro_rules! columns {
    () => {
        "number, label, facts_ms, taken_ms, by_id, by_name, region, counts, held, undone_ms, undone_id, undone_name, accounts"
    };
}

/// Inserts or updates an import.
pub(super) const UPSERT: &str = concat!(
    "INSERT INTO import (workspace, ",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (workspace, number) DO UPDATE SET \
     counts = excluded.counts, held = excluded.held, undone_ms = excluded.undone_ms, undone_id = excluded.undone_id, \
     undone_name = excluded.undone_name, accounts = excluded.accounts"
);
pub(super) const LATEST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM import WHERE workspace = $1 ORDER BY number DESC LIMIT $2"
);
/// The number of the last import.
pub(super) const LAST: &str = last_of!("import");
/// An import by number.
pub(super) const BY_NUMBER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM import WHERE workspace = $1 AND number = $2"
);
/// Records the effects of an import on `n` instances.
fn insert_changes(n: usize) -> String {
    let rows = sql::tuples(n, 4);
    format!(
        "INSERT INTO import_change (workspace, number, instance_id, before, after) VALUES {rows} \
         ON CONFLICT (workspace, number, instance_id) DO UPDATE SET after = excluded.after"
    )
}
/// The effects of an import.
pub(super) const CHANGES: &str = "SELECT instance_id, before, after FROM import_change \
     WHERE workspace = $1 AND number = $2 AND instance_id > $3 ORDER BY instance_id LIMIT $4";
/// Removes the effects of older imports.
pub(super) const FORGET: &str = "DELETE FROM import_change WHERE workspace = $1 AND number <= $2";
/// The last number of repeated facts.
pub(super) const LAST_SEEN: &str =
    "SELECT number FROM import_seen WHERE workspace = $1 ORDER BY number DESC LIMIT 1";
/// Inserts repeated facts.
const ADD_SEEN: &str = "INSERT INTO import_seen (workspace, number, import, before, facts) VALUES ($1, $2, $3, $4, $5)";
/// The facts that imports from this one on repeated.
pub(super) const SEEN_SINCE: &str = "SELECT number, import, before, facts FROM import_seen \
     WHERE workspace = $1 AND import >= $2 ORDER BY import, number";
/// Updates repeated facts.
pub(super) const SEEN_OTHERWISE: &str =
    "UPDATE import_seen SET before = $3, facts = $4 WHERE workspace = $1 AND number = $2";
/// The latest import before this one that changed an instance.
pub(super) const LATEST_CHANGE: &str = "SELECT number FROM import_change \
     WHERE workspace = $1 AND number < $2 ORDER BY number DESC LIMIT 1";

/// The effects of later imports on `n` instances, and whether those were undone.
pub(super) fn later(n: usize) -> String {
    let ids = sql::placeholders(3, n);
    format!(
        "SELECT import.number, undone_ms, instance_id, before, after FROM import JOIN import_change \
         ON import_change.workspace = import.workspace AND import_change.number = import.number \
         WHERE import.workspace = $1 AND import.number > $2 AND instance_id IN ({ids}) ORDER BY import.number"
    )
}

/// The facts of an instance that an import repeated, as JSON.
#[derive(sqlx::FromRow)]
struct SeenRow {
    id: String,
    facts: String,
}

/// The facts of `n` instances that imports repeated.
pub(super) fn seen(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "SELECT instance.id, import_seen.facts FROM instance JOIN import_seen \
         ON import_seen.workspace = instance.workspace AND import_seen.number = instance.seen_import \
         WHERE instance.workspace = $1 AND instance.id IN ({ids})"
    )
}

/// Sets the repeated facts of `n` instances.
pub(super) fn mark_seen(n: usize) -> String {
    let ids = sql::placeholders(3, n);
    format!("UPDATE instance SET seen_import = $2 WHERE workspace = $1 AND id IN ({ids})")
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportTaken {
    pub number: u64,
    /// The name of the file.
    pub label: String,
    /// The time of its facts.
    pub at: Timestamp,
    pub taken_at: Timestamp,
    /// The person who imported it.
    pub by: Person,
    /// The region that it lists completely.
    pub region: Option<Region>,
    /// The accounts whose instances of the region it lists completely; empty: all of them.
    pub accounts: BTreeSet<String>,
    /// The counts of its rows by result.
    pub counts: Counts,
    /// Instances missing in it, as long as nobody has accepted that.
    pub held: Vec<InstanceId>,
    /// The person and time of the undo.
    pub undone: Option<(Person, Timestamp)>,
}

impl ImportTaken {
    /// Whether it lists all instances of an account in its region.
    pub fn covers(&self, account: &str) -> bool {
        self.accounts.is_empty() || self.accounts.contains(account)
    }
}

/// The effect of an import on an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportChange {
    pub id: InstanceId,
    /// The state before and after; `None` if the import added the instance.
    pub moved: Option<Moving>,
}

#[derive(Debug, sqlx::FromRow)]
struct ImportRow {
    number: i64,
    label: String,
    facts_ms: i64,
    taken_ms: i64,
    by_id: String,
    by_name: String,
    region: Option<String>,
    counts: String,
    held: Option<String>,
    undone_ms: Option<i64>,
    undone_id: Option<String>,
    undone_name: Option<String>,
    accounts: Option<String>,
}

impl ImportRow {
    fn read(self) -> StoreResult<ImportTaken> {
        let key = format!("import {}", self.number);
        let row = Row::of("import", &key);
        let by = person(Some(&self.by_id), Some(&self.by_name));
        let undone_by = person(self.undone_id.as_deref(), self.undone_name.as_deref());
        let undone = match self.undone_ms {
            None => None,
            Some(ms) => Some((
                row.need("undone_id", undone_by)?,
                row.need("undone_ms", instant(ms))?,
            )),
        };
        let held: Option<Vec<String>> = match &self.held {
            None => Some(Vec::new()),
            Some(text) => serde_json::from_str(text).ok(),
        };
        let held = row.need("held", held)?;
        let accounts = self.accounts.as_deref().map(serde_json::from_str);
        let accounts = row.need("accounts", accounts.transpose().ok())?;
        let held = held.iter().map(|id| InstanceId::parse(id).ok());
        Ok(ImportTaken {
            number: row.need("number", u64::try_from(self.number).ok())?,
            at: row.need("facts_ms", instant(self.facts_ms))?,
            taken_at: row.need("taken_ms", instant(self.taken_ms))?,
            by: row.need("by_id", by)?,
            region: row.may("region", self.region.as_deref(), |text| {
                Region::parse(text).ok()
            })?,
            counts: row.need("counts", serde_json::from_str(&self.counts).ok())?,
            held: row.need("held", held.collect())?,
            undone,
            accounts: accounts.unwrap_or_default(),
            label: self.label,
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
struct ChangeRow {
    instance_id: String,
    before: Option<String>,
    after: Option<String>,
}

impl ChangeRow {
    fn read(&self) -> StoreResult<ImportChange> {
        let row = Row::of("import_change", &self.instance_id);
        let moved = match (&self.before, &self.after) {
            (None, _) => None,
            (Some(before), after) => Some(Moving {
                before: document::read(&row, before)?,
                after: document::read(&row, after.as_deref().unwrap_or_default())?,
            }),
        };
        Ok(ImportChange {
            id: row.need("instance_id", InstanceId::parse(&self.instance_id).ok())?,
            moved,
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
struct LaterRow {
    number: i64,
    undone_ms: Option<i64>,
    instance_id: String,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Debug, sqlx::FromRow)]
struct SeenSinceRow {
    number: i64,
    import: i64,
    before: String,
    facts: String,
}

fn from_json<T: DeserializeOwned>(key: &str, text: &str) -> StoreResult<T> {
    serde_json::from_str(text)
        .map_err(|_| StoreError::damaged("import_change", key.to_owned(), "before"))
}

impl Tx {
    /// The latest imports, newest first.
    pub async fn imports(&mut self, limit: u32) -> StoreResult<Vec<ImportTaken>> {
        let query = self.rows::<ImportRow>(LATEST).bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.into_iter().map(ImportRow::read).collect()
    }

    /// The number of the next import.
    pub async fn next_import_number(&mut self) -> StoreResult<u64> {
        let query = self.rows::<(i64,)>(LAST);
        let last = self.all(query).await?.pop().map_or(0, |(number,)| number);
        let last = u64::try_from(last)
            .map_err(|_| StoreError::damaged("import", last.to_string(), "number"))?;
        Ok(last.saturating_add(1))
    }

    /// An import by number.
    pub async fn import_taken(&mut self, number: u64) -> StoreResult<Option<ImportTaken>> {
        let Ok(number) = i64::try_from(number) else {
            return Ok(None);
        };
        let query = self.rows::<ImportRow>(BY_NUMBER).bind(number);
        let row = self.all(query).await?.pop();
        row.map(ImportRow::read).transpose()
    }

    /// Inserts or updates an import.
    pub async fn save_import(&mut self, taken: &ImportTaken) -> StoreResult<()> {
        let held: Vec<&str> = taken.held.iter().map(InstanceId::as_str).collect();
        let held = (!held.is_empty()).then(|| sql::json(&held)).transpose()?;
        let accounts = (!taken.accounts.is_empty()).then(|| sql::json(&taken.accounts));
        let undone = taken.undone.as_ref();
        let query = self
            .statement(UPSERT)
            .bind(sql::number(taken.number)?)
            .bind(taken.label.clone())
            .bind(taken.at.timestamp_millis())
            .bind(taken.taken_at.timestamp_millis())
            .bind(taken.by.id.to_string())
            .bind(taken.by.name.to_string())
            .bind(taken.region.as_ref().map(ToString::to_string))
            .bind(sql::json(&taken.counts)?)
            .bind(held)
            .bind(undone.map(|(_, at)| at.timestamp_millis()))
            .bind(undone.map(|(by, _)| by.id.to_string()))
            .bind(undone.map(|(by, _)| by.name.to_string()))
            .bind(accounts.transpose()?);
        self.run(query).await.map(drop)
    }

    /// Records the effects of an import on instances, so that it can be undone.
    pub async fn keep_import_changes(
        &mut self,
        number: u64,
        changes: &[ImportChange],
    ) -> StoreResult<()> {
        for batch in sql::pieces(changes) {
            let mut query = self.statement(insert_changes(batch.len()));
            for ImportChange { id, moved } in batch {
                let text = |of: fn(&Moving) -> &Instance| {
                    let text = moved
                        .as_ref()
                        .map(|moved| document::write(id.as_str(), of(moved)));
                    text.transpose()
                };
                query = query
                    .bind(sql::number(number)?)
                    .bind(id.to_string())
                    .bind(text(|moved| &moved.before)?)
                    .bind(text(|moved| &moved.after)?);
            }
            self.run(query).await?;
        }
        Ok(())
    }

    /// The effects of an import, ordered by id after `from`, up to `limit`.
    pub async fn import_changes(
        &mut self,
        number: u64,
        from: Option<&InstanceId>,
        limit: u32,
    ) -> StoreResult<Vec<ImportChange>> {
        let query = self
            .rows::<ChangeRow>(CHANGES)
            .bind(sql::number(number)?)
            .bind(from.map_or_else(String::new, ToString::to_string))
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.iter().map(ChangeRow::read).collect()
    }

    /// Removes the effects of imports up to this number, which can no longer be undone.
    pub async fn forget_imports(&mut self, upto: u64) -> StoreResult<()> {
        let query = self.statement(FORGET).bind(sql::number(upto)?);
        self.run(query).await.map(drop)
    }

    /// The facts of these instances that imports repeated.
    pub async fn seen_of(&mut self, ids: &[String]) -> StoreResult<HashMap<String, SeenByFiles>> {
        let rows: Vec<SeenRow> = self.all_of(seen, ids).await?;
        let read = |row: SeenRow| {
            let facts = from_json(&row.id, &row.facts)?;
            Ok((row.id, facts))
        };
        rows.into_iter().map(read).collect()
    }

    /// Sets the facts of instances that an import repeated, as one number each.
    pub async fn mark_seen(
        &mut self,
        import: u64,
        before: &SeenByFiles,
        after: &SeenByFiles,
        ids: &[String],
    ) -> StoreResult<()> {
        let query = self.rows::<(i64,)>(LAST_SEEN);
        let last = self.all(query).await?.pop().map_or(0, |(number,)| number);
        let number = last.saturating_add(1);
        let query = self
            .statement(ADD_SEEN)
            .bind(number)
            .bind(sql::number(import)?)
            .bind(sql::json(before)?)
            .bind(sql::json(after)?);
        self.run(query).await?;
        for batch in sql::batches(ids) {
            let query = self.statement(mark_seen(batch.len())).bind(number);
            let query = batch.into_iter().fold(query, sql::Statement::bind);
            self.run(query).await?;
        }
        Ok(())
    }

    /// Restores the age of facts before an import repeated them, also if later imports repeated others.
    pub async fn unsee(&mut self, import: u64) -> StoreResult<()> {
        let import = sql::number(import)?;
        let query = self.rows::<SeenSinceRow>(SEEN_SINCE).bind(import);
        let mut otherwise: BTreeMap<SeenByFiles, SeenByFiles> = BTreeMap::new();
        for row in self.all(query).await? {
            let key = row.number.to_string();
            let before: SeenByFiles = from_json(&key, &row.before)?;
            let facts: SeenByFiles = from_json(&key, &row.facts)?;
            let (ground, said) = if row.import == import {
                (before.clone(), before.clone())
            } else {
                let Some(ground) = otherwise.get(&before).cloned() else {
                    continue;
                };
                let said = facts.moved(&before, &ground);
                (ground, said)
            };
            let query = self
                .statement(SEEN_OTHERWISE)
                .bind(row.number)
                .bind(sql::json(&ground)?)
                .bind(sql::json(&said)?);
            self.run(query).await?;
            if facts != said {
                otherwise.insert(facts, said);
            }
        }
        Ok(())
    }

    /// The effects of later imports on these instances, in order. The import `besides` counts as undone.
    pub async fn later_files(
        &mut self,
        number: u64,
        besides: u64,
        ids: &[String],
    ) -> StoreResult<HashMap<String, Vec<LaterFile>>> {
        let (number, besides) = (sql::number(number)?, sql::number(besides)?);
        let mut found: HashMap<String, Vec<LaterFile>> = HashMap::new();
        for batch in sql::batches(ids) {
            let query = self.rows::<LaterRow>(later(batch.len())).bind(number);
            let query = batch.into_iter().fold(query, sql::Rows::bind);
            for row in self.all(query).await? {
                let undone = row.undone_ms.is_some() || row.number == besides;
                let change = ChangeRow {
                    instance_id: row.instance_id,
                    before: row.before,
                    after: row.after,
                };
                let moved = change.read()?.moved;
                let of = found.entry(change.instance_id).or_default();
                of.push(LaterFile { moved, undone });
            }
        }
        Ok(found)
    }

    /// The latest imports that changed an instance, newest first.
    pub async fn changing_imports(&mut self, limit: usize) -> StoreResult<Vec<u64>> {
        let mut found = Vec::new();
        let mut before = i64::MAX;
        while found.len() < limit {
            let query = self.rows::<(i64,)>(LATEST_CHANGE).bind(before);
            let Some((number,)) = self.all(query).await?.pop() else {
                break;
            };
            found.extend(u64::try_from(number));
            before = number;
        }
        Ok(found)
    }
}

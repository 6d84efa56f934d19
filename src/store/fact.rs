//! The table `fact`: one row for each fact of an instance.

use std::collections::HashMap;

use super::code::{Coded, Row, instant, person};
use super::{StoreError, Tx, sql};
use crate::domain::fact::{Fact, Known};
use crate::domain::instance::Instance;
use crate::domain::rules::FactKind;

/// The kind of the row that holds what an import claimed of the action.
const HEARSAY: &str = "action-hearsay";

/// The rows that an instance has.
const ROWS: usize = 10;

/// The columns behind the workspace.
const COLUMNS: usize = 15;

macro_rules! columns {
    () => {
        "instance_id, kind, state, gap, since_ms, value, source, by_id, by_name, at_ms, \
         other_value, other_source, other_by_id, other_by_name, other_at_ms"
    };
}

/// A row.
#[derive(Debug, Default, sqlx::FromRow, serde::Serialize, serde::Deserialize)]
pub(super) struct FactRow {
    instance_id: String,
    kind: String,
    state: String,
    gap: Option<String>,
    since_ms: Option<i64>,
    value: Option<String>,
    source: Option<String>,
    by_id: Option<String>,
    by_name: Option<String>,
    at_ms: Option<i64>,
    other_value: Option<String>,
    other_source: Option<String>,
    other_by_id: Option<String>,
    other_by_name: Option<String>,
    other_at_ms: Option<i64>,
}

impl FactRow {
    fn of<T: Coded>(instance: &Instance, kind: &str, fact: &Fact<T>) -> Self {
        let mut row = Self {
            instance_id: instance.id.to_string(),
            kind: kind.to_owned(),
            ..Self::default()
        };
        match fact {
            Fact::Unknown { gap, since } => {
                "unknown".clone_into(&mut row.state);
                row.gap = Some(gap.encode());
                row.since_ms = since.map(|since| since.timestamp_millis());
            }
            Fact::Known(known) => {
                "known".clone_into(&mut row.state);
                row.hold(known);
            }
            Fact::Contradictory { held, other } => {
                "contradictory".clone_into(&mut row.state);
                row.hold(held);
                row.other_value = Some(other.value.encode());
                row.other_source = Some(other.source.encode());
                row.other_by_id = Some(other.by.id.to_string());
                row.other_by_name = Some(other.by.name.to_string());
                row.other_at_ms = Some(other.at.timestamp_millis());
            }
        }
        row
    }

    fn hold<T: Coded>(&mut self, known: &Known<T>) {
        self.value = Some(known.value.encode());
        self.source = Some(known.source.encode());
        self.by_id = Some(known.by.id.to_string());
        self.by_name = Some(known.by.name.to_string());
        self.at_ms = Some(known.at.timestamp_millis());
    }

    fn read<T: Coded>(&self) -> Result<Fact<T>, StoreError> {
        let key = format!("{} of {}", self.kind, self.instance_id);
        let row = Row {
            table: "fact",
            key: &key,
        };
        match self.state.as_str() {
            "unknown" => Ok(Fact::Unknown {
                gap: row.need("gap", self.gap.as_deref().and_then(Coded::decode))?,
                since: row.may("since_ms", self.since_ms, instant)?,
            }),
            "known" => Ok(Fact::Known(self.held(&row)?)),
            "contradictory" => Ok(Fact::Contradictory {
                held: self.held(&row)?,
                other: self.other(&row)?,
            }),
            _ => row.need("state", None),
        }
    }

    fn held<T: Coded>(&self, row: &Row<'_>) -> Result<Known<T>, StoreError> {
        let by = person(self.by_id.as_deref(), self.by_name.as_deref());
        Ok(Known {
            value: row.need("value", self.value.as_deref().and_then(T::decode))?,
            source: row.need("source", self.source.as_deref().and_then(Coded::decode))?,
            by: row.need("by_id", by)?,
            at: row.need("at_ms", self.at_ms.and_then(instant))?,
        })
    }

    fn other<T: Coded>(&self, row: &Row<'_>) -> Result<Known<T>, StoreError> {
        let by = person(self.other_by_id.as_deref(), self.other_by_name.as_deref());
        let source = self.other_source.as_deref().and_then(Coded::decode);
        Ok(Known {
            value: row.need(
                "other_value",
                self.other_value.as_deref().and_then(T::decode),
            )?,
            source: row.need("other_source", source)?,
            by: row.need("other_by_id", by)?,
            at: row.need("other_at_ms", self.other_at_ms.and_then(instant))?,
        })
    }
}

/// The facts of several instances. One that has no row has never been said.
#[derive(Debug, Default)]
pub(super) struct Facts(HashMap<(String, String), FactRow>);

impl Facts {
    /// Facts that were kept elsewhere.
    pub(super) fn of(rows: Vec<FactRow>) -> Self {
        let key = |row: &FactRow| (row.instance_id.clone(), row.kind.clone());
        Self(rows.into_iter().map(|row| (key(&row), row)).collect())
    }

    /// Fills in the facts of an instance.
    pub(super) fn fill(&self, instance: &mut Instance) -> Result<(), StoreError> {
        instance.edition = self.read(instance, FactKind::Edition.as_str())?;
        instance.expires = self.read(instance, FactKind::Expires.as_str())?;
        instance.action = self.read(instance, FactKind::Action.as_str())?;
        instance.action_hearsay = self.read(instance, HEARSAY)?.known().cloned();
        instance.auto_renew = self.read(instance, FactKind::AutoRenew.as_str())?;
        instance.busy = self.read(instance, FactKind::Busy.as_str())?;
        instance.max_tps = self.read(instance, FactKind::MaxTps.as_str())?;
        instance.commodity_id = self.read(instance, FactKind::CommodityId.as_str())?;
        instance.topics = self.read(instance, FactKind::Topics.as_str())?;
        instance.groups = self.read(instance, FactKind::Groups.as_str())?;
        Ok(())
    }

    fn read<T: Coded>(&self, instance: &Instance, kind: &str) -> Result<Fact<T>, StoreError> {
        let key = (instance.id.to_string(), kind.to_owned());
        self.0.get(&key).map_or(Ok(Fact::never()), FactRow::read)
    }
}

/// The rows of an instance.
pub(super) fn rows_of(instance: &Instance) -> [FactRow; ROWS] {
    let hearsay = instance
        .action_hearsay
        .clone()
        .map_or_else(Fact::never, Fact::Known);
    [
        FactRow::of(instance, FactKind::Edition.as_str(), &instance.edition),
        FactRow::of(instance, FactKind::Expires.as_str(), &instance.expires),
        FactRow::of(instance, FactKind::Action.as_str(), &instance.action),
        FactRow::of(instance, HEARSAY, &hearsay),
        FactRow::of(instance, FactKind::AutoRenew.as_str(), &instance.auto_renew),
        FactRow::of(instance, FactKind::Busy.as_str(), &instance.busy),
        FactRow::of(instance, FactKind::MaxTps.as_str(), &instance.max_tps),
        FactRow::of(
            instance,
            FactKind::CommodityId.as_str(),
            &instance.commodity_id,
        ),
        FactRow::of(instance, FactKind::Topics.as_str(), &instance.topics),
        FactRow::of(instance, FactKind::Groups.as_str(), &instance.groups),
    ]
}

/// Reads the facts of `n` instances.
pub(super) fn select(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "SELECT {} FROM fact WHERE workspace = $1 AND instance_id IN ({ids})",
        columns!()
    )
}

fn upsert() -> String {
    let rows: Vec<String> = (0..ROWS)
        .map(|row| format!("($1, {})", sql::placeholders(2 + row * COLUMNS, COLUMNS)))
        .collect();
    let set: Vec<String> = columns!()
        .split(", ")
        .skip(2)
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    format!(
        "INSERT INTO fact (workspace, {}) VALUES {} ON CONFLICT (workspace, instance_id, kind) DO UPDATE SET {}",
        columns!(),
        rows.join(", "),
        set.join(", ")
    )
}

impl Tx {
    pub(super) async fn facts_of(&mut self, ids: &[String]) -> Result<Facts, StoreError> {
        let mut facts = HashMap::new();
        for batch in sql::batches(ids) {
            let workspace = self.workspace();
            let mut query = sql::rows::<FactRow>(select(batch.len())).bind(workspace);
            for id in batch {
                query = query.bind(id);
            }
            for row in self.all(query).await? {
                facts.insert((row.instance_id.clone(), row.kind.clone()), row);
            }
        }
        Ok(Facts(facts))
    }

    pub(super) async fn save_facts(&mut self, instance: &Instance) -> Result<(), StoreError> {
        let mut query = sql::statement(upsert()).bind(self.workspace());
        for row in rows_of(instance) {
            query = query
                .bind(row.instance_id)
                .bind(row.kind)
                .bind(row.state)
                .bind(row.gap)
                .bind(row.since_ms)
                .bind(row.value)
                .bind(row.source)
                .bind(row.by_id)
                .bind(row.by_name)
                .bind(row.at_ms)
                .bind(row.other_value)
                .bind(row.other_source)
                .bind(row.other_by_id)
                .bind(row.other_by_name)
                .bind(row.other_at_ms);
        }
        self.run(query).await.map(drop)
    }
}

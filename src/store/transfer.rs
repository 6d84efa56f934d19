//! Migration of a whole database into another of any kind: table by table in key order, so that an interrupted migration can
//! continue.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{FromRow, Row as _, ValueRef as _};

use super::sql::{self, Statement};
use super::system::NOWHERE;
use super::{Engine, Store, StoreError, StoreResult, Tx};

/// The tables to move, referenced tables first. `lease` belongs to the processes of one database, and the applied migrations to
/// its schema.
pub(super) const TABLES: &[&str] = &[
    "workspace",
    "instance",
    "change",
    "event",
    "audit",
    "outbox",
    "channel_queue",
    "reminder",
    "attention",
    "notice",
    "notice_instance",
    "intake",
    "setting",
    "card",
    "watch",
    "upload",
    "import",
    "import_change",
    "import_seen",
    "schedule",
    "concern",
    "told",
    "wording",
    "wording_use",
    "heard",
    "settled",
    "observed",
    "workspace_concern",
    "restoration",
];

/// The number of rows per read and per write transaction.
const BATCH: usize = 500;

/// The name of the lease that marks a partly filled database. While it exists, the database cannot be opened otherwise.
const FILLING: &str = "filling";

/// The source of an unfinished migration, or the target of one.
const OTHER_SIDE: &str = "SELECT holder FROM lease WHERE name = $1";

const BEGIN_FILLING: &str =
    "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ($1, $2, 0, 0)";

const END_FILLING: &str = "DELETE FROM lease WHERE name = $1";

/// The name of the lease that says where the content of a database was moved. While it exists, nothing is recorded in it.
const MOVED: &str = "moved";

const MARK_MOVED: &str = "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ($1, $2, 0, 0) \
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder";

/// Whether the database has any data.
const ANYTHING: &str = "SELECT workspace FROM workspace WHERE workspace >= $1 LIMIT 1";

/// The value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ColumnValue {
    Nothing,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row of any table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AnyCells(Vec<ColumnValue>);

impl<'r> FromRow<'r, AnyRow> for AnyCells {
    fn from_row(row: &'r AnyRow) -> sqlx::Result<Self> {
        let cell = |at: usize| -> sqlx::Result<ColumnValue> {
            let value = row.try_get_raw(at)?;
            if value.is_null() {
                return Ok(ColumnValue::Nothing);
            }
            match value.type_info().kind() {
                AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
                    row.try_get(at).map(ColumnValue::Number)
                }
                AnyTypeInfoKind::Blob => row.try_get(at).map(ColumnValue::Bytes),
                AnyTypeInfoKind::Null
                | AnyTypeInfoKind::Bool
                | AnyTypeInfoKind::Real
                | AnyTypeInfoKind::Double
                | AnyTypeInfoKind::Text => row.try_get(at).map(ColumnValue::Text),
            }
        };
        let cells: sqlx::Result<Vec<ColumnValue>> = (0..row.columns().len()).map(cell).collect();
        cells.map(Self)
    }
}

/// A column: its name, type, and position in the primary key, from 1; 0 if it is not part of it.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Column {
    name: String,
    kind: String,
    key: i64,
}

impl Column {
    /// Binds a value. NULL is bound with the column's type, which a database may need to know.
    fn bind(&self, cell: ColumnValue, query: Statement) -> Statement {
        match cell {
            ColumnValue::Number(number) => query.bind(number),
            ColumnValue::Text(text) => query.bind(text),
            ColumnValue::Bytes(bytes) => query.bind(bytes),
            ColumnValue::Nothing => match self.kind.as_str() {
                "TEXT" => query.bind(None::<String>),
                "BLOB" => query.bind(None::<Vec<u8>>),
                _ => query.bind(None::<i64>),
            },
        }
    }
}

/// A table with the columns that both databases have.
#[derive(Debug)]
struct Table {
    name: &'static str,
    columns: Vec<Column>,
    /// The indices of the key's columns, in key order.
    key: Vec<usize>,
}

impl Table {
    fn new(name: &'static str, columns: Vec<Column>) -> Self {
        let mut key: Vec<(i64, usize)> = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.key > 0)
            .map(|(at, column)| (column.key, at))
            .collect();
        key.sort_unstable();
        let key = key.into_iter().map(|(_, at)| at).collect();
        Self { name, columns, key }
    }

    fn names(&self) -> String {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|column| format!("\"{}\"", column.name))
            .collect();
        names.join(", ")
    }

    fn key_names(&self) -> Vec<String> {
        let columns = self.key.iter().filter_map(|&at| self.columns.get(at));
        columns
            .map(|column| format!("\"{}\"", column.name))
            .collect()
    }

    fn key_of(&self, AnyCells(row): &AnyCells) -> Vec<ColumnValue> {
        let cells = self.key.iter().filter_map(|&at| row.get(at));
        cells.cloned().collect()
    }

    /// The rows after a key, or the first ones.
    fn next(&self, after: Option<&[ColumnValue]>) -> sql::Rows<AnyCells> {
        let (names, key) = (self.names(), self.key_names().join(", "));
        let behind = match after {
            None => String::new(),
            Some(after) => format!("WHERE ({key}) > ({})", sql::placeholders(1, after.len())),
        };
        let query = sql::rows(format!(
            "SELECT {names} FROM {} {behind} ORDER BY {key} LIMIT {BATCH}",
            self.name
        ));
        let cells = after.unwrap_or_default().iter().cloned();
        cells.fold(query, |query, cell| match cell {
            ColumnValue::Number(number) => query.bind(number),
            ColumnValue::Text(text) => query.bind(text),
            ColumnValue::Bytes(bytes) => query.bind(bytes),
            // Key columns are never NULL.
            ColumnValue::Nothing => query.bind(None::<String>),
        })
    }

    /// The key of the last row.
    fn last(&self) -> sql::Rows<AnyCells> {
        let key = self.key_names();
        let downwards: Vec<String> = key.iter().map(|name| format!("{name} DESC")).collect();
        sql::rows(format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT 1",
            key.join(", "),
            self.name,
            downwards.join(", ")
        ))
    }

    fn insert(&self, rows: &[AnyCells]) -> Statement {
        let wide = self.columns.len();
        let tuples: Vec<String> = (0..rows.len())
            .map(|row| format!("({})", sql::placeholders(1 + row * wide, wide)))
            .collect();
        let text = format!(
            "INSERT INTO {} ({}) VALUES {}",
            self.name,
            self.names(),
            tuples.join(", ")
        );
        let cells = rows
            .iter()
            .flat_map(|AnyCells(row)| self.columns.iter().zip(row));
        cells.fold(sql::statement(text), |query, (column, cell)| {
            column.bind(cell.clone(), query)
        })
    }
}

/// A running migration. It blocks writes to the source until it is dropped.
#[derive(Debug)]
pub struct Transfer {
    from: Tx,
    source: Store,
    to: Store,
    tables: Vec<Table>,
}

impl Store {
    /// Begins to move this database into another, which must be empty or partly filled by an earlier attempt from the same
    /// `source`.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] when the target has other data, or any other [`StoreError`].
    pub async fn transfer_to(&self, to: &Self, source: &str) -> StoreResult<Transfer> {
        // On a server a transaction sees one moment anyway, and a writer in one workspace keeps nobody out of the others.
        let mut from = match self.engine {
            Engine::Sqlite => self.system().write().await?,
            Engine::Postgres => self.system().read().await?,
        };
        let mut filling = to.system().write().await?;
        let database = Arc::clone(&to.database);
        match other_side(&mut filling, FILLING).await? {
            Some(from) if from == source => {}
            Some(from) => return Err(StoreError::BeingFilled { database, from }),
            None if filling.is_empty().await? => {
                let query = sql::statement(BEGIN_FILLING).bind(FILLING);
                filling.run(query.bind(source.to_owned())).await?;
            }
            None => return Err(StoreError::NotEmpty { database }),
        }
        filling.settle_home(to.engine).await?;
        filling.commit().await?;
        let mut tables = Vec::with_capacity(TABLES.len());
        for &name in TABLES {
            tables.push(Table::new(name, from.columns_of(self.engine, name).await?));
        }
        let (source, to) = (self.clone(), to.clone());
        Ok(Transfer {
            from,
            source,
            to,
            tables,
        })
    }

    /// The source of an unfinished migration into this database.
    async fn filled_from(&self) -> StoreResult<Option<String>> {
        other_side(&mut self.system().glance().await?, FILLING).await
    }
}

impl Store {
    /// Rejects a database on a server that other processes use. One that ended just now is waited for.
    ///
    /// # Errors
    /// [`StoreError::InUse`], or any other [`StoreError`].
    pub async fn check_unused(&self) -> StoreResult<()> {
        if self.engine == Engine::Sqlite {
            return Ok(());
        }
        for wait_ms in [0, 100, 400, 1_500, 3_000, 5_000] {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            let query = sql::rows::<(i64,)>(super::postgres::OTHERS);
            let others = self.system().glance().await?.all(query).await?;
            if others.iter().all(|(others,)| *others == 0) {
                return Ok(());
            }
        }
        Err(StoreError::InUse {
            database: Arc::clone(&self.database),
            by: "another process".to_owned(),
        })
    }

    /// Refreshes a server's statistics of all tables. `ANALYZE` there: without it, until autovacuum comes by, the planner takes full
    /// tables for empty ones.
    pub async fn refresh_statistics(&self) -> StoreResult<()> {
        if self.engine == Engine::Sqlite {
            return Ok(());
        }
        for table in TABLES {
            let mut tx = self.system().write().await?;
            tx.run(sql::statement(format!("ANALYZE {table}"))).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether the content of this database, opened to be moved into `to`, was moved there before.
    pub async fn was_moved_to(&self, to: &Self) -> StoreResult<bool> {
        let moved = other_side(&mut self.system().glance().await?, MOVED).await?;
        let is_filling = to.filled_from().await?.is_some();
        Ok(moved.is_some() && !is_filling && !to.system().glance().await?.is_empty().await?)
    }

    /// Rejects a partly filled database.
    pub(super) async fn check_filled(&self) -> StoreResult<()> {
        match self.filled_from().await? {
            None => Ok(()),
            Some(from) => Err(StoreError::BeingFilled {
                database: Arc::clone(&self.database),
                from,
            }),
        }
    }

    /// Rejects a database whose content was moved, but to this place.
    pub(super) async fn check_moved(&self, to: Option<&str>) -> StoreResult<()> {
        match other_side(&mut self.system().glance().await?, MOVED).await? {
            Some(moved) if to != Some(moved.as_str()) => Err(StoreError::MovedTo {
                database: Arc::clone(&self.database),
                to: moved,
            }),
            Some(_) | None => Ok(()),
        }
    }
}

/// The other side of a migration, as one of the marks names it.
async fn other_side(tx: &mut Tx, mark: &'static str) -> StoreResult<Option<String>> {
    let rows = tx
        .all(sql::rows::<(String,)>(OTHER_SIDE).bind(mark))
        .await?;
    Ok(rows.into_iter().next().map(|(by,)| by))
}

impl Tx {
    async fn is_empty(&mut self) -> StoreResult<bool> {
        let rows = self
            .all(sql::rows::<(String,)>(ANYTHING).bind(NOWHERE))
            .await?;
        Ok(rows.is_empty())
    }

    /// Notes which database of a server this is, so that a copy of it is told from it from now on.
    pub(super) async fn settle_home(&mut self, engine: Engine) -> StoreResult<()> {
        if engine == Engine::Postgres {
            self.run(sql::statement(super::postgres::SETTLE)).await?;
        }
        Ok(())
    }

    async fn columns_of(
        &mut self,
        engine: Engine,
        table: &'static str,
    ) -> StoreResult<Vec<Column>> {
        let query = sql::rows(engine.columns()).bind(table);
        self.all(query).await
    }
}

impl Transfer {
    /// Moves the rows of each table that the target lacks.
    ///
    /// # Errors
    /// Any [`StoreError`]; rows moved so far are kept, and are not moved again.
    pub async fn run(&mut self) -> StoreResult<()> {
        for table in &self.tables {
            let last = self.to.system().glance().await?.all(table.last()).await?;
            let mut after = last.into_iter().next().map(|AnyCells(key)| key);
            loop {
                let batch = self.from.all(table.next(after.as_deref())).await?;
                let Some(last) = batch.last() else { break };
                after = Some(table.key_of(last));
                let mut tx = self.to.system().write().await?;
                for piece in sql::pieces(&batch) {
                    tx.run(table.insert(piece)).await?;
                }
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Compares all rows of both: returns their number, or the first table that differs.
    pub async fn compare(&mut self) -> StoreResult<Result<usize, &'static str>> {
        let mut rows = 0;
        for table in &self.tables {
            let mut after: Option<Vec<ColumnValue>> = None;
            loop {
                let here = self.from.all(table.next(after.as_deref())).await?;
                let glance = self.to.system().glance().await;
                let there = glance?.all(table.next(after.as_deref())).await?;
                if here != there {
                    return Ok(Err(table.name));
                }
                rows += here.len();
                let Some(last) = here.last() else { break };
                after = Some(table.key_of(last));
            }
        }
        Ok(Ok(rows))
    }

    /// Ends the migration: the target, which is at `place`, can be opened from now on, and nothing is recorded in the source any
    /// more: two that go on from the same state would both be believed.
    pub async fn finish(self, place: &str) -> StoreResult<()> {
        let mark = sql::statement(MARK_MOVED)
            .bind(MOVED)
            .bind(place.to_owned());
        let mut source = match self.source.engine {
            Engine::Sqlite => self.from,
            Engine::Postgres => {
                drop(self.from);
                self.source.system().write().await?
            }
        };
        source.run(mark).await?;
        source.commit().await?;
        let mut tx = self.to.system().write().await?;
        tx.run(sql::statement(END_FILLING).bind(FILLING)).await?;
        tx.rings_at_once();
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::place::DatabasePlace;
    use crate::store::server;

    #[tokio::test]
    async fn every_table_is_moved_but_what_belongs_to_one_database() {
        let store = Store::in_memory().await.unwrap();
        let all =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let found = store.system().glance().await.unwrap();
        let found = { found }.all(sql::rows::<(String,)>(all)).await.unwrap();
        let mut found: Vec<String> = found.into_iter().map(|(name,)| name).collect();
        found.retain(|name| name != "lease" && name != "_sqlx_migrations");
        found.sort();
        let mut moved = TABLES.to_vec();
        moved.sort_unstable();
        assert_eq!(moved, found);
    }

    /// A pool opens a second connection while the first is on its way back.
    #[tokio::test]
    async fn several_connections_of_one_process_are_no_other_process() {
        let Some(address) = server::new_database().await else {
            return;
        };
        let place = DatabasePlace::parse(&address).unwrap();
        let store = Store::open_at(&place).await.unwrap();
        let first = store.system().read().await.unwrap();
        let second = store.system().read().await.unwrap();
        store.check_unused().await.unwrap();
        drop((first, second));
    }
}

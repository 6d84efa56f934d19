//! The table `audit`: a chain of rows that only grows.

use super::list::{Value, cut, window};
use super::{Page, Store, StoreError, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::audit::{AuditEntry, AuditKey, AuditLine, AuditRow, Head};
use crate::domain::id::InstanceId;

macro_rules! columns {
    () => {
        "seq, at_ms, by_id, by_name, surface, message, said, outcome, rules, instance_id, change_number, events, \
         detail, keyed, hash"
    };
}

/// Adds a row.
pub(super) const INSERT: &str = concat!(
    "INSERT INTO audit (workspace, ",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
);
/// Where the trail ends.
pub(super) const HEAD: &str =
    "SELECT seq, hash FROM audit WHERE workspace = $1 ORDER BY seq DESC LIMIT 1";
/// The rows from `$2` on, in their order.
pub(super) const ROWS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM audit WHERE workspace = $1 AND seq >= $2 ORDER BY seq LIMIT $3"
);
/// The number of the first row from `$2` on, whatever it holds.
pub(super) const NUMBER: &str =
    "SELECT seq FROM audit WHERE workspace = $1 AND seq >= $2 ORDER BY seq LIMIT 1";
/// Whether somebody with this id did anything.
pub(super) const IS_PERSON: &str =
    "SELECT seq FROM audit WHERE workspace = $1 AND by_id = $2 LIMIT 1";
/// The first workspace behind `$1` that has counters or a trail.
pub(super) const NEXT_WORKSPACE: &str = "SELECT MIN(found.workspace) AS workspace FROM \
     (SELECT MIN(workspace) AS workspace FROM workspace WHERE workspace > $1 \
     UNION ALL SELECT MIN(workspace) AS workspace FROM audit WHERE workspace > $1) AS found";

/// How many rows of a trail are in memory at once.
const ROWS_AT_ONCE: i64 = 500;

/// Which rows of the trail a list shows. Conditions add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About this instance.
    pub instance: Option<InstanceId>,
    /// About this change.
    pub change: Option<u64>,
    /// Not before this instant.
    pub since: Option<Timestamp>,
    /// By the person with this id or, if nobody has it, by those with this name.
    pub by: Option<String>,
}

/// A part of a trail, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPart {
    /// Its rows.
    pub rows: Vec<AuditRow>,
    /// The number of the row behind them, if that holds what no program writes; the part ends there.
    pub unreadable: Option<i64>,
    /// Where the next part begins; `None` behind the last row.
    pub next: Option<i64>,
}

/// The statement of a list, and what to bind behind the workspace, the limit and the offset.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) text: String,
    values: Vec<Value>,
}

impl Listing {
    /// `person` is the column that names whoever did it.
    pub(super) fn of(filter: &AuditFilter, person: &str) -> Result<Self, StoreError> {
        let mut listing = Self {
            text: concat!("SELECT ", columns!(), " FROM audit WHERE workspace = $1").to_owned(),
            values: Vec::new(),
        };
        if let Some(instance) = &filter.instance {
            listing.require("instance_id =", Value::Text(instance.to_string()));
        }
        if let Some(change) = filter.change {
            listing.require("change_number =", Value::Number(sql::number(change)?));
        }
        if let Some(by) = &filter.by {
            listing.require(&format!("{person} ="), Value::Text(by.clone()));
        }
        if let Some(since) = filter.since {
            listing.require("at_ms >=", Value::Number(since.timestamp_millis()));
        }
        let order = " ORDER BY at_ms DESC, seq DESC LIMIT $2 OFFSET $3";
        listing.text.push_str(order);
        Ok(listing)
    }

    fn require(&mut self, condition: &str, value: Value) {
        self.values.push(value);
        let at = self.values.len() + 3;
        self.text.push_str(&format!(" AND {condition} ${at}"));
    }
}

#[derive(Debug, sqlx::FromRow)]
struct HeadRow {
    seq: i64,
    hash: String,
}

#[derive(Debug, sqlx::FromRow)]
struct NumberRow {
    seq: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct WorkspaceRow {
    workspace: Option<String>,
}

#[derive(Debug, sqlx::FromRow)]
struct StoredRow {
    seq: i64,
    at_ms: i64,
    by_id: Option<String>,
    by_name: Option<String>,
    surface: String,
    message: Option<String>,
    said: String,
    outcome: String,
    rules: String,
    instance_id: Option<String>,
    change_number: Option<i64>,
    events: String,
    detail: Option<String>,
    keyed: i64,
    hash: String,
}

impl StoredRow {
    /// The number of the row when a column holds what it cannot hold.
    fn read(self) -> Result<AuditRow, i64> {
        Ok(AuditRow {
            keyed: match self.keyed {
                0 => false,
                1 => true,
                _ => return Err(self.seq),
            },
            seq: self.seq,
            at_ms: self.at_ms,
            by_id: self.by_id,
            by_name: self.by_name,
            surface: self.surface,
            message: self.message,
            said: self.said,
            outcome: self.outcome,
            rules: self.rules,
            instance_id: self.instance_id,
            change_number: self.change_number,
            events: self.events,
            detail: self.detail,
            hash: self.hash,
        })
    }
}

fn damaged(seq: i64, column: &'static str) -> StoreError {
    StoreError::Damaged {
        table: "audit",
        key: format!("row {seq}"),
        column,
    }
}

impl Tx {
    /// Appends an entry to the trail. Costs the same however long the trail is.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn append_audit(
        &mut self,
        entry: &AuditEntry,
        key: Option<&AuditKey>,
    ) -> Result<(), StoreError> {
        if !self.writes() {
            return Err(StoreError::fault(
                "a reading transaction was asked to append",
            ));
        }
        let head = self.audit_head().await?;
        let row = entry.link(&head, key);
        let row = row.ok_or_else(|| StoreError::fault("the audit trail cannot take an entry"))?;
        let query = sql::statement(INSERT)
            .bind(self.workspace())
            .bind(row.seq)
            .bind(row.at_ms)
            .bind(row.by_id)
            .bind(row.by_name)
            .bind(row.surface)
            .bind(row.message)
            .bind(row.said)
            .bind(row.outcome)
            .bind(row.rules)
            .bind(row.instance_id)
            .bind(row.change_number)
            .bind(row.events)
            .bind(row.detail)
            .bind(i64::from(row.keyed))
            .bind(row.hash);
        self.run(query).await.map(drop)
    }

    /// Where the trail ends.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn audit_head(&mut self) -> Result<Head, StoreError> {
        let query = sql::rows::<HeadRow>(HEAD).bind(self.workspace());
        let Some(row) = self.all(query).await?.into_iter().next() else {
            return Ok(Head::genesis(&self.workspace()));
        };
        Ok(Head {
            workspace: self.workspace(),
            seq: u64::try_from(row.seq).map_err(|_| damaged(row.seq, "seq"))?,
            hash: row.hash,
        })
    }

    /// The part of the trail that begins at row `from`; [`i64::MIN`] begins at the beginning.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn audit_part(&mut self, from: i64) -> Result<AuditPart, StoreError> {
        match self.stored(from, ROWS_AT_ONCE).await {
            Ok(rows) => Ok(part(rows, ROWS_AT_ONCE)),
            // One of them holds what cannot be read, such as text that is not UTF-8: find out which.
            Err(StoreError::Broken(_)) => self.one_by_one(from).await,
            Err(error) => Err(error),
        }
    }

    async fn stored(&mut self, from: i64, limit: i64) -> Result<Vec<StoredRow>, StoreError> {
        let query = sql::rows::<StoredRow>(ROWS)
            .bind(self.workspace())
            .bind(from)
            .bind(limit);
        self.all(query).await
    }

    async fn one_by_one(&mut self, from: i64) -> Result<AuditPart, StoreError> {
        let mut all = AuditPart::default();
        let mut from = Some(from);
        while let Some(at) = from {
            let one = match self.stored(at, 1).await {
                Ok(rows) => part(rows, 1),
                Err(error @ StoreError::Broken(_)) => AuditPart {
                    unreadable: Some(self.number(at).await?.ok_or(error)?),
                    ..AuditPart::default()
                },
                Err(error) => return Err(error),
            };
            all.rows.extend(one.rows);
            all.unreadable = one.unreadable;
            all.next = one.next;
            let is_full = all.rows.len() >= usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX);
            from = one.next.filter(|_| !is_full);
        }
        Ok(all)
    }

    async fn number(&mut self, from: i64) -> Result<Option<i64>, StoreError> {
        let query = sql::rows::<NumberRow>(NUMBER)
            .bind(self.workspace())
            .bind(from);
        Ok(self.all(query).await?.first().map(|row| row.seq))
    }

    /// A page of the trail, newest first. Pages are counted from 1.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn list_audit(
        &mut self,
        filter: &AuditFilter,
        page: u32,
    ) -> Result<Page<AuditLine>, StoreError> {
        let person = self.person_column(filter.by.as_deref()).await?;
        let listing = Listing::of(filter, person)?;
        let (limit, offset) = window(page);
        let mut query = sql::rows::<StoredRow>(listing.text)
            .bind(self.workspace())
            .bind(limit)
            .bind(offset);
        for value in listing.values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
            };
        }
        let mut rows = self.all(query).await?;
        let more = cut(&mut rows);
        let lines = rows.into_iter().map(|row| {
            let row = row.read().map_err(|seq| damaged(seq, "keyed"))?;
            let seq = row.seq;
            row.read().map_err(|column| damaged(seq, column))
        });
        let rows = lines.collect::<Result<_, _>>()?;
        Ok(Page { rows, page, more })
    }

    /// The column by which whoever is meant is found.
    async fn person_column(&mut self, by: Option<&str>) -> Result<&'static str, StoreError> {
        let Some(by) = by else {
            return Ok("by_id");
        };
        let query = sql::rows::<NumberRow>(IS_PERSON)
            .bind(self.workspace())
            .bind(by.to_owned());
        let is_id = !self.all(query).await?.is_empty();
        Ok(if is_id { "by_id" } else { "by_name" })
    }
}

/// Rows up to the first one that cannot be read. Fewer than were asked for are the last.
fn part(rows: Vec<StoredRow>, asked: i64) -> AuditPart {
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= asked);
    let mut part = AuditPart::default();
    for row in rows {
        match row.read() {
            Ok(row) => part.rows.push(row),
            Err(seq) => {
                part.unreadable = Some(seq);
                return part;
            }
        }
    }
    let last = part.rows.last().filter(|_| is_full);
    part.next = last.and_then(|row| row.seq.checked_add(1));
    part
}

impl Store {
    /// The workspaces that hold anything, in the order of their names.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        let mut all: Vec<String> = Vec::new();
        loop {
            let last = all.last().map_or("", String::as_str);
            // The one statement that crosses from workspace to workspace: it reads their names.
            let mut tx = self.read(last).await?;
            let query = sql::rows::<WorkspaceRow>(NEXT_WORKSPACE).bind(tx.workspace());
            let rows = tx.all(query).await?;
            match rows.into_iter().next().and_then(|row| row.workspace) {
                Some(next) => all.push(next),
                None => return Ok(all),
            }
        }
    }
}

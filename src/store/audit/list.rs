//! The trail as a list, newest first.

use super::{NumberRow, StoredRow, columns, damaged};
use crate::domain::Timestamp;
use crate::domain::audit::AuditLine;
use crate::domain::id::InstanceId;
use crate::store::list::{Bound, cut, window};
use crate::store::{Page, StoreError, Tx, sql};

/// Whether somebody with this id did anything.
pub(in crate::store) const IS_PERSON: &str =
    "SELECT seq FROM audit WHERE workspace = $1 AND by_id = $2 LIMIT 1";

/// Which rows of the trail a list shows. Conditions add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub instance: Option<InstanceId>,
    pub change: Option<u64>,
    /// Not before this instant.
    pub since: Option<Timestamp>,
    /// By the person with this id or, if nobody has it, by those with this name.
    pub by: Option<String>,
}

/// The statement of a list, and what to bind behind the workspace, the limit and the offset.
#[derive(Debug)]
pub(in crate::store) struct AuditQuery {
    pub(in crate::store) text: String,
    values: Vec<Bound>,
}

impl AuditQuery {
    /// `person` is the column that names anyone who did it.
    pub(in crate::store) fn of(filter: &AuditFilter, person: &str) -> Result<Self, StoreError> {
        let mut listing = Self {
            text: concat!("SELECT ", columns!(), " FROM audit WHERE workspace = $1").to_owned(),
            values: Vec::new(),
        };
        if let Some(instance) = &filter.instance {
            listing.require("instance_id =", Bound::Text(instance.to_string()));
        }
        if let Some(change) = filter.change {
            listing.require("change_number =", Bound::Number(sql::number(change)?));
        }
        if let Some(by) = &filter.by {
            listing.require(&format!("{person} ="), Bound::Text(by.clone()));
        }
        if let Some(since) = filter.since {
            listing.require("at_ms >=", Bound::Number(since.timestamp_millis()));
        }
        let order = " ORDER BY at_ms DESC, seq DESC LIMIT $2 OFFSET $3";
        listing.text.push_str(order);
        Ok(listing)
    }

    fn require(&mut self, condition: &str, value: Bound) {
        self.values.push(value);
        let at = self.values.len() + 3;
        self.text.push_str(&format!(" AND {condition} ${at}"));
    }
}

impl Tx {
    /// A page of the trail, newest first. Pages are counted from 1.
    pub async fn list_audit(
        &mut self,
        filter: &AuditFilter,
        page: u32,
    ) -> Result<Page<AuditLine>, StoreError> {
        let person = self.person_column(filter.by.as_deref()).await?;
        let listing = AuditQuery::of(filter, person)?;
        let (limit, offset) = window(page);
        let mut query = sql::rows::<StoredRow>(listing.text)
            .bind(self.workspace())
            .bind(limit)
            .bind(offset);
        for value in listing.values {
            query = match value {
                Bound::Text(text) => query.bind(text),
                Bound::Number(number) => query.bind(number),
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

    /// The column by which anyone who is meant is found.
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

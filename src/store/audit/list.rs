//! The trail as a list, newest first.

use super::{StoredRow, columns, damaged};
use crate::domain::Timestamp;
use crate::domain::audit::AuditLine;
use crate::domain::id::{InstanceId, Person};
use crate::store::list::{Bound, PageRange};
use crate::store::{Page, StoreResult, Tx, sql};

/// Whether a person with this id is in the trail.
pub(in crate::store) const IS_PERSON: &str =
    "SELECT seq FROM audit WHERE workspace = $1 AND by_id = $2 LIMIT 1";

/// The people with this name in the trail, latest first.
pub(in crate::store) const CALLED: &str = "SELECT by_id, by_name FROM audit WHERE workspace = $1 AND by_name = $2 \
     ORDER BY at_ms DESC, seq DESC LIMIT $3";
/// The latest name of a person.
pub(in crate::store) const KNOWN_AS: &str = "SELECT by_id, by_name FROM audit WHERE workspace = $1 AND by_id = $2 \
     ORDER BY at_ms DESC, seq DESC LIMIT $3";
/// The instances on which a person acted since a moment.
pub(in crate::store) const TOUCHED: &str = "SELECT DISTINCT instance_id FROM audit WHERE workspace = $1 AND by_id = $2 \
     AND at_ms >= $3 AND instance_id IS NOT NULL LIMIT $4";
/// The number of rows read for people with a name.
const NAMED: i64 = 50;
/// The limit of instances on which a person acted.
const MOST_TOUCHED: i64 = 1_000;

#[derive(Debug, sqlx::FromRow)]
struct PersonRow {
    by_id: String,
    by_name: String,
}

/// A filter of the trail. Conditions are combined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub instance: Option<InstanceId>,
    pub change: Option<u64>,
    /// The earliest moment.
    pub since: Option<Timestamp>,
    /// The person with this id or, if there is none, the people with this name.
    pub by: Option<String>,
}

/// The statement of a list, and the values to bind after workspace, limit and offset.
#[derive(Debug)]
pub(in crate::store) struct AuditQuery {
    pub(in crate::store) text: String,
    values: Vec<Bound>,
}

impl AuditQuery {
    /// `person` is the column for the person filter.
    pub(in crate::store) fn of(filter: &AuditFilter, person: &str) -> StoreResult<Self> {
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
    /// A page of the trail, newest first. Pages are numbered from 1.
    pub async fn list_audit(
        &mut self,
        filter: &AuditFilter,
        page: impl Into<PageRange>,
    ) -> StoreResult<Page<AuditLine>> {
        let page = page.into();
        let person = self.person_column(filter.by.as_deref()).await?;
        let listing = AuditQuery::of(filter, person)?;
        let query = page.bind(self.rows::<StoredRow>(listing.text));
        let query = listing.values.into_iter().fold(query, Bound::bind);
        Page::cut(self.all(query).await?, page).read(|row| {
            let row = row.read().map_err(|seq| damaged(seq, "keyed"))?;
            let seq = row.seq;
            row.read().map_err(|column| damaged(seq, column))
        })
    }

    /// The people with this id or, if there are none, with this name.
    pub async fn people_called(&mut self, called: &str) -> StoreResult<Vec<Person>> {
        for (text, most) in [(KNOWN_AS, 1), (CALLED, NAMED)] {
            let query = self
                .rows::<PersonRow>(text)
                .bind(called.to_owned())
                .bind(most);
            let mut people: Vec<Person> = Vec::new();
            for row in self.all(query).await? {
                if !people.iter().any(|known| known.id.as_str() == row.by_id) {
                    people.push(Person {
                        id: row.by_id.into(),
                        name: row.by_name.into(),
                    });
                }
            }
            if !people.is_empty() {
                return Ok(people);
            }
        }
        Ok(Vec::new())
    }

    /// The instances on which a person acted since a moment.
    pub async fn touched_by(
        &mut self,
        person: &Person,
        since: Timestamp,
    ) -> StoreResult<Vec<InstanceId>> {
        let query = self
            .rows::<(String,)>(TOUCHED)
            .bind(person.id.to_string())
            .bind(since.timestamp_millis())
            .bind(MOST_TOUCHED);
        let rows = self.all(query).await?.into_iter();
        let ids = rows.filter_map(|(id,)| InstanceId::parse(&id).ok());
        Ok(ids.collect())
    }

    /// The column that matches the person filter.
    async fn person_column(&mut self, by: Option<&str>) -> StoreResult<&'static str> {
        let Some(by) = by else {
            return Ok("by_id");
        };
        let query = self.rows::<(i64,)>(IS_PERSON).bind(by.to_owned());
        let is_id = !self.all(query).await?.is_empty();
        Ok(if is_id { "by_id" } else { "by_name" })
    }
}

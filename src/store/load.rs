//! Loading of cases: an instance with one of its changes, one row each.

use std::collections::HashSet;

use super::code::Row;
use super::document::{self, StoredDocument};
use super::{ScheduleSubject, StoreResult, Tx, change, instance, sql};
use crate::domain::case::Case;
use crate::domain::change::Change;
use crate::domain::id::InstanceId;
use crate::domain::import::SeenByFiles;
use crate::domain::instance::Instance;

/// The columns of a case: the documents of an instance `i` and a change `c`, and repeated facts.
macro_rules! parts {
    ($more:literal) => {
        concat!(
            "SELECT ",
            $more,
            "i.id, i.tracking, i.document, s.facts AS seen, c.number, c.status, c.document AS change_document, \
             p.due_ms, w.due_ms AS change_due_ms, ",
            $crate::store::instance::shares_name!("i"),
            " FROM "
        )
    };
}
pub(super) use parts;

/// Instances with their open changes, to be followed by a condition on `i`.
macro_rules! with_open_change {
    () => {
        "instance i LEFT JOIN change c ON c.workspace = i.workspace AND c.instance_id = i.id AND c.status = 'open' \
         LEFT JOIN import_seen s ON s.workspace = i.workspace AND s.number = i.seen_import \
         LEFT JOIN schedule p ON p.workspace = i.workspace AND p.kind = 'instance' AND p.subject = i.id \
         LEFT JOIN schedule w ON w.workspace = c.workspace AND w.kind = 'change' AND w.subject = CAST(c.number AS TEXT) \
         WHERE i.workspace = $1"
    };
}
pub(super) use with_open_change;

/// Changes with their instances, to be followed by a condition on `c`.
macro_rules! with_instance {
    () => {
        concat!(
            parts!(""),
            "change c JOIN instance i ON i.workspace = c.workspace AND i.id = c.instance_id \
             LEFT JOIN import_seen s ON s.workspace = i.workspace AND s.number = i.seen_import \
             LEFT JOIN schedule p ON p.workspace = i.workspace AND p.kind = 'instance' AND p.subject = i.id \
             LEFT JOIN schedule w ON w.workspace = c.workspace AND w.kind = 'change' AND w.subject = CAST(c.number AS TEXT) \
             WHERE c.workspace = $1"
        )
    };
}

/// Instances with their open changes, to be followed by a condition on `i`.
pub(super) const WITH_OPEN_CHANGE: &str = concat!(parts!(""), with_open_change!());
/// One change by number.
pub(super) const BY_NUMBER: &str = concat!(with_instance!(), " AND c.number = $2");
/// All changes, newest first.
pub(super) const ALL: &str = concat!(
    with_instance!(),
    " ORDER BY c.number DESC LIMIT $2 OFFSET $3"
);
/// The open changes, newest first. Their numbers come from an index first: for whole rows, `SQLite` would scan the ended changes
/// too.
pub(super) const OPEN: &str = concat!(
    with_instance!(),
    " AND c.number IN (SELECT number FROM change WHERE workspace = $1 AND status = 'open' \
     ORDER BY number DESC LIMIT $2 OFFSET $3) ORDER BY c.number DESC"
);

/// Like [`OPEN`], for instances of the team `$4`: it scans the open changes, because a team may have any number of instances.
pub(super) const OPEN_OF_TEAM: &str = concat!(
    with_instance!(),
    " AND c.number IN (SELECT n.number FROM change n WHERE n.workspace = $1 AND n.status = 'open' AND $4 = \
     (SELECT t.team FROM change o JOIN instance t ON t.workspace = o.workspace AND t.id = o.instance_id \
     WHERE o.workspace = $1 AND o.number = n.number) \
     ORDER BY n.number DESC LIMIT $2 OFFSET $3) ORDER BY c.number DESC"
);

/// `n` instances with their open changes.
pub(super) fn cases(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!("{WITH_OPEN_CHANGE} AND i.id IN ({ids})")
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct CaseRow {
    id: String,
    tracking: String,
    document: String,
    seen: Option<String>,
    number: Option<i64>,
    status: Option<String>,
    change_document: Option<String>,
    due_ms: Option<i64>,
    change_due_ms: Option<i64>,
    shares_name: i64,
}

impl CaseRow {
    fn instance(&self) -> StoreResult<Instance> {
        let row = Row::of("instance", &self.id);
        let mut instance: Instance = document::read(&row, &self.document)?;
        // Saving an instance whose id differs from its row's would overwrite another one.
        let same = |is: bool| is.then_some(());
        row.need("id", same(instance.id.as_str() == self.id))?;
        let tracking = instance::word(&instance.tracking);
        row.need("tracking", same(tracking == self.tracking))?;
        instance.shares_name = self.shares_name & 1 > 0;
        instance.has_twin = self.shares_name & 6 > 0;
        if let Some(seen) = &self.seen {
            let seen: Option<SeenByFiles> = serde_json::from_str(seen).ok();
            instance.freshen(&row.need("seen_import", seen)?);
        }
        Ok(instance)
    }

    fn change(&self, key: &str, number: i64, text: &str) -> StoreResult<Change> {
        let row = Row::of("change", key);
        let change: Change = document::read(&row, text)?;
        let same = |is: bool| is.then_some(());
        row.need("number", same(i64::try_from(change.number) == Ok(number)))?;
        let status = Some(change::word(&change.status));
        row.need("status", same(status == self.status.as_deref()))?;
        Ok(change)
    }
}

impl Tx {
    /// An instance with its open change, if it has one.
    pub async fn load_case(&mut self, id: &InstanceId) -> StoreResult<Option<Case>> {
        let mut ahead = std::mem::take(&mut self.ahead).into_iter();
        if let Some(row) = ahead.find(|row| row.id == id.as_str()) {
            return self.read_case(row).map(Some);
        }
        Ok(self.load_cases(std::slice::from_ref(id)).await?.pop())
    }

    /// Several instances with their open changes, in any order.
    pub async fn load_cases(&mut self, ids: &[InstanceId]) -> StoreResult<Vec<Case>> {
        let rows = self.all_of(cases, ids).await?;
        let read = self.read_cases(rows)?;
        let found: HashSet<&InstanceId> = read.iter().map(|case| &case.instance.id).collect();
        for id in ids.iter().filter(|id| !found.contains(id)) {
            self.known.learn_absent(id.to_string());
        }
        Ok(read)
    }

    /// An instance with this change, open or not.
    pub async fn load_change_case(&mut self, number: u64) -> StoreResult<Option<Case>> {
        let Ok(number) = i64::try_from(number) else {
            return Ok(None);
        };
        let query = self.rows(BY_NUMBER).bind(number);
        let rows = self.all(query).await?;
        Ok(self.read_cases(rows)?.pop())
    }

    /// The cases of rows, which are also cached as the state of the database.
    pub(super) fn read_cases(&mut self, rows: Vec<CaseRow>) -> StoreResult<Vec<Case>> {
        rows.into_iter().map(|row| self.read_case(row)).collect()
    }

    fn read_case(&mut self, row: CaseRow) -> StoreResult<Case> {
        let instance = row.instance()?;
        let planned = ScheduleSubject::Instance(instance.id.clone());
        self.known.learn_due(planned.key(), row.due_ms);
        let change = match (row.number, &row.change_document) {
            (Some(number), Some(text)) => {
                let key = change::key(number, &row.id);
                let change = row.change(&key, number, text)?;
                let counts = change.is_open();
                let text = text.clone();
                self.known.learn(key, StoredDocument { counts, text });
                let planned = ScheduleSubject::Change(change.number);
                self.known.learn_due(planned.key(), row.change_due_ms);
                Some(change)
            }
            _ => None,
        };
        // Repeated facts are written only together with other changes.
        let fresh = row
            .seen
            .as_ref()
            .map(|_| document::write(&row.id, &instance));
        let kept = StoredDocument {
            counts: instance.is_tracked(),
            text: fresh.and_then(Result::ok).unwrap_or(row.document),
        };
        self.known.learn(row.id, kept);
        Ok(Case::new(instance, change))
    }
}

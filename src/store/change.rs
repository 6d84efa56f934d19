//! The tables `change` and `permit`: a change with its latest permit.

use super::approval::Requests;
use super::code::{Row, instant, person};
use super::step::Steps;
use super::{StoreError, Tx, sql};
use crate::domain::approval::BrokenGlass;
use crate::domain::change::{
    Acknowledgement, Change, ChangeKind, Failure, Fingerprint, Permit, PermitState, Route, Status,
    Step, Unsettled,
};
use crate::domain::id::InstanceId;

macro_rules! columns {
    () => {
        "number, instance_id, kind, route, status, failure, reason, opened_by_id, opened_by_name, opened_at_ms, \
         ended_at_ms, unsettled, in_doubt, ack_max_tps, ack_by_id, ack_by_name, ack_at_ms, decided_on, rejected, \
         glass_request, glass_by_id, glass_by_name, glass_at_ms, glass_reason, glass_ticket, owners, before_standard"
    };
}

/// Reads changes; a condition on `c` follows.
macro_rules! select {
    () => {
        "SELECT c.number, c.instance_id, c.kind, c.route, c.status, c.failure, c.reason, c.opened_by_id, \
         c.opened_by_name, c.opened_at_ms, c.ended_at_ms, c.unsettled, c.in_doubt, c.ack_max_tps, c.ack_by_id, c.ack_by_name, \
         c.ack_at_ms, c.decided_on, c.rejected, c.glass_request, c.glass_by_id, c.glass_by_name, c.glass_at_ms, \
         c.glass_reason, c.glass_ticket, c.owners, c.before_standard, p.serial AS permit_serial, p.step AS permit_step, \
         p.holder_id AS permit_holder_id, p.holder_name AS permit_holder_name, \
         p.shown_at_ms AS permit_shown_at_ms, p.state AS permit_state \
         FROM change c LEFT JOIN permit p ON p.workspace = c.workspace AND p.change_number = c.number \
         WHERE c.workspace = $1 "
    };
}

/// Exactly one change.
pub(super) const BY_NUMBER: &str = concat!(select!(), "AND c.number = $2");
/// Every change, newest first.
pub(super) const ALL: &str = concat!(select!(), "ORDER BY c.number DESC LIMIT $2 OFFSET $3");
/// The open changes, newest first. Their numbers come from an index first: asked for whole rows, `SQLite` walks the ended
/// changes too.
pub(super) const OPEN: &str = concat!(
    select!(),
    "AND c.number IN (SELECT number FROM change WHERE workspace = $1 AND status = 'open' \
     ORDER BY number DESC LIMIT $2 OFFSET $3) ORDER BY c.number DESC"
);

/// The open changes of `n` instances.
pub(super) fn open_of(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "{}AND c.number IN (SELECT number FROM change \
         WHERE workspace = $1 AND status = 'open' AND instance_id IN ({ids}))",
        select!()
    )
}

/// Writes a change; one that belongs to another instance is left alone.
pub(super) const UPSERT: &str = concat!(
    "INSERT INTO change (workspace, ",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
     $24, $25, $26, $27, $28) \
     ON CONFLICT (workspace, number) DO UPDATE SET kind = excluded.kind, route = excluded.route, \
     status = excluded.status, failure = excluded.failure, reason = excluded.reason, \
     opened_by_id = excluded.opened_by_id, opened_by_name = excluded.opened_by_name, \
     opened_at_ms = excluded.opened_at_ms, ended_at_ms = excluded.ended_at_ms, unsettled = excluded.unsettled, \
     in_doubt = excluded.in_doubt, \
     ack_max_tps = excluded.ack_max_tps, ack_by_id = excluded.ack_by_id, ack_by_name = excluded.ack_by_name, \
     ack_at_ms = excluded.ack_at_ms, decided_on = excluded.decided_on, rejected = excluded.rejected, \
     glass_request = excluded.glass_request, glass_by_id = excluded.glass_by_id, \
     glass_by_name = excluded.glass_by_name, glass_at_ms = excluded.glass_at_ms, \
     glass_reason = excluded.glass_reason, glass_ticket = excluded.glass_ticket, \
     owners = excluded.owners, before_standard = excluded.before_standard \
     WHERE change.instance_id = excluded.instance_id"
);

/// Writes the latest permit of a change.
pub(super) const UPSERT_PERMIT: &str = "INSERT INTO permit (workspace, change_number, serial, step, holder_id, \
     holder_name, shown_at_ms, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
     ON CONFLICT (workspace, change_number) DO UPDATE SET serial = excluded.serial, step = excluded.step, \
     holder_id = excluded.holder_id, holder_name = excluded.holder_name, shown_at_ms = excluded.shown_at_ms, \
     state = excluded.state";

/// Forgets the permit of a change.
pub(super) const DELETE_PERMIT: &str =
    "DELETE FROM permit WHERE workspace = $1 AND change_number = $2";

/// A row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct ChangeRow {
    pub(super) number: i64,
    pub(super) instance_id: String,
    kind: String,
    route: Option<String>,
    status: String,
    failure: Option<String>,
    reason: Option<String>,
    opened_by_id: String,
    opened_by_name: String,
    opened_at_ms: i64,
    ended_at_ms: Option<i64>,
    unsettled: Option<String>,
    in_doubt: Option<i64>,
    ack_max_tps: Option<i64>,
    ack_by_id: Option<String>,
    ack_by_name: Option<String>,
    ack_at_ms: Option<i64>,
    decided_on: String,
    rejected: i64,
    glass_request: Option<i64>,
    glass_by_id: Option<String>,
    glass_by_name: Option<String>,
    glass_at_ms: Option<i64>,
    glass_reason: Option<String>,
    glass_ticket: Option<String>,
    owners: String,
    before_standard: Option<String>,
    permit_serial: Option<i64>,
    permit_step: Option<String>,
    permit_holder_id: Option<String>,
    permit_holder_name: Option<String>,
    permit_shown_at_ms: Option<i64>,
    permit_state: Option<String>,
}

impl ChangeRow {
    /// The change, its steps taken from `steps`, its request from `requests`.
    pub(super) fn read(
        &self,
        steps: &mut Steps,
        requests: &mut Requests,
    ) -> Result<Change, StoreError> {
        let key = format!("change {}", self.number);
        let row = Row {
            table: "change",
            key: &key,
        };
        let opened_by = person(Some(&self.opened_by_id), Some(&self.opened_by_name));
        let unsettled = self.unsettled.as_deref();
        Ok(Change {
            number: row.need("number", u64::try_from(self.number).ok())?,
            kind: row.need("kind", self.kind())?,
            status: row.need("status", self.status())?,
            opened_by: row.need("opened_by_id", opened_by)?,
            owners: row.need("owners", serde_json::from_str(&self.owners).ok())?,
            opened_at: row.need("opened_at_ms", instant(self.opened_at_ms))?,
            ended_at: row.may("ended_at_ms", self.ended_at_ms, instant)?,
            records: steps.take(self.number)?,
            request: requests.take(self.number)?,
            glass: self.glass(&row)?,
            permit: self.permit(&key)?,
            unsettled: row.may("unsettled", unsettled, |step| self.unsettled(step))?,
            acknowledgement: self.acknowledgement(&row)?,
            decided_on: row
                .need("decided_on", serde_json::from_str(&self.decided_on).ok())
                .map(|values| Fingerprint { values })?,
            before_standard: row.may(
                "before_standard",
                self.before_standard.as_deref(),
                |facts| serde_json::from_str(facts).ok(),
            )?,
        })
    }

    fn kind(&self) -> Option<ChangeKind> {
        match (self.kind.as_str(), self.route.as_deref()) {
            ("upgrade", None) => Some(ChangeKind::Upgrade),
            ("downgrade", Some(route)) => Route::from_word(route).map(ChangeKind::Downgrade),
            _ => None,
        }
    }

    fn status(&self) -> Option<Status> {
        let reason = self.reason.clone();
        match (self.status.as_str(), self.failure.as_deref()) {
            ("open", None) => Some(Status::Open),
            ("done", None) => Some(Status::Done),
            ("cancelled", None) if self.rejected == 1 => reason.map(Status::Rejected),
            ("cancelled", None) => reason.map(Status::Cancelled),
            ("failed", Some("said")) => reason.map(|said| Status::Failed(Failure::Said(said))),
            ("failed", Some("lost")) => reason.map(|said| Status::Failed(Failure::Lost(said))),
            ("failed", Some("presumed-deleted")) => Some(Status::Failed(Failure::PresumedDeleted)),
            _ => None,
        }
    }

    fn unsettled(&self, step: &str) -> Option<Unsettled> {
        let in_doubt = self.in_doubt == Some(1);
        Step::from_word(step).map(|step| Unsettled { step, in_doubt })
    }

    fn permit(&self, key: &str) -> Result<Option<Permit>, StoreError> {
        let Some(serial) = self.permit_serial else {
            return Ok(None);
        };
        let row = Row {
            table: "permit",
            key,
        };
        let holder = person(
            self.permit_holder_id.as_deref(),
            self.permit_holder_name.as_deref(),
        );
        let step = self.permit_step.as_deref().and_then(Step::from_word);
        let state = self
            .permit_state
            .as_deref()
            .and_then(PermitState::from_word);
        let shown_at = self.permit_shown_at_ms.and_then(instant);
        Ok(Some(Permit {
            serial: row.need("serial", u32::try_from(serial).ok())?,
            step: row.need("step", step)?,
            holder: row.need("holder_id", holder)?,
            shown_at: row.need("shown_at_ms", shown_at)?,
            state: row.need("state", state)?,
        }))
    }

    fn glass(&self, row: &Row<'_>) -> Result<Option<BrokenGlass>, StoreError> {
        let Some(request) = self.glass_request else {
            return Ok(None);
        };
        let by = person(self.glass_by_id.as_deref(), self.glass_by_name.as_deref());
        Ok(Some(BrokenGlass {
            request: row.need("glass_request", u32::try_from(request).ok())?,
            by: row.need("glass_by_id", by)?,
            at: row.need("glass_at_ms", self.glass_at_ms.and_then(instant))?,
            reason: row.need("glass_reason", self.glass_reason.clone())?,
            ticket: row.need("glass_ticket", self.glass_ticket.clone())?,
        }))
    }

    fn acknowledgement(&self, row: &Row<'_>) -> Result<Option<Acknowledgement>, StoreError> {
        let Some(max_tps) = self.ack_max_tps else {
            return Ok(None);
        };
        let by = person(self.ack_by_id.as_deref(), self.ack_by_name.as_deref());
        Ok(Some(Acknowledgement {
            max_tps: row.need("ack_max_tps", u32::try_from(max_tps).ok())?,
            by: row.need("ack_by_id", by)?,
            at: row.need("ack_at_ms", self.ack_at_ms.and_then(instant))?,
        }))
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Broken(error.into()))
}

/// The words of a status: state, failure, reason.
fn words(status: &Status) -> (&'static str, Option<&'static str>, Option<&str>) {
    match status {
        Status::Open => ("open", None, None),
        Status::Done => ("done", None, None),
        Status::Cancelled(reason) | Status::Rejected(reason) => ("cancelled", None, Some(reason)),
        Status::Failed(Failure::Said(reason)) => ("failed", Some("said"), Some(reason)),
        Status::Failed(Failure::Lost(reason)) => ("failed", Some("lost"), Some(reason)),
        Status::Failed(Failure::PresumedDeleted) => ("failed", Some("presumed-deleted"), None),
    }
}

impl Tx {
    pub(super) async fn open_change_rows(
        &mut self,
        ids: &[String],
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let mut rows = Vec::new();
        for batch in sql::batches(ids) {
            let mut query = sql::rows(open_of(batch.len())).bind(self.workspace());
            for id in batch {
                query = query.bind(id);
            }
            rows.extend(self.all(query).await?);
        }
        Ok(rows)
    }

    pub(super) async fn save_change(
        &mut self,
        instance: &InstanceId,
        change: &Change,
    ) -> Result<(), StoreError> {
        let number = sql::number(change.number)?;
        let query = self.change_statement(instance, change, number)?;
        let open = || StoreError::AlreadyOpen {
            instance: instance.to_string(),
        };
        if self.run_unique(query, open).await? == 0 {
            return Err(StoreError::fault("the change belongs to another instance"));
        }
        self.save_steps(number, &change.records).await?;
        self.save_request(number, change.request.as_ref()).await?;
        self.save_permit(number, change.permit.as_ref()).await
    }

    fn change_statement(
        &self,
        instance: &InstanceId,
        change: &Change,
        number: i64,
    ) -> Result<sql::Statement, StoreError> {
        let (status, failure, reason) = words(&change.status);
        let kind = match change.kind {
            ChangeKind::Upgrade => "upgrade",
            ChangeKind::Downgrade(_) => "downgrade",
        };
        let ack = change.acknowledgement.as_ref();
        let glass = change.glass.as_ref();
        let decided_on = json(&change.decided_on)?;
        let owners = json(&change.owners)?;
        let before_standard = change.before_standard.as_ref().map(json).transpose()?;
        Ok(sql::statement(UPSERT)
            .bind(self.workspace())
            .bind(number)
            .bind(instance.to_string())
            .bind(kind)
            .bind(change.kind.route().map(|route| route.as_str()))
            .bind(status)
            .bind(failure)
            .bind(reason.map(ToOwned::to_owned))
            .bind(change.opened_by.id.to_string())
            .bind(change.opened_by.name.to_string())
            .bind(change.opened_at.timestamp_millis())
            .bind(change.ended_at.map(|at| at.timestamp_millis()))
            .bind(change.unsettled.map(|unsettled| unsettled.step.as_str()))
            .bind(
                change
                    .unsettled
                    .map(|unsettled| i64::from(unsettled.in_doubt)),
            )
            .bind(ack.map(|ack| i64::from(ack.max_tps)))
            .bind(ack.map(|ack| ack.by.id.to_string()))
            .bind(ack.map(|ack| ack.by.name.to_string()))
            .bind(ack.map(|ack| ack.at.timestamp_millis()))
            .bind(decided_on)
            .bind(i64::from(matches!(change.status, Status::Rejected(_))))
            .bind(glass.map(|glass| i64::from(glass.request)))
            .bind(glass.map(|glass| glass.by.id.to_string()))
            .bind(glass.map(|glass| glass.by.name.to_string()))
            .bind(glass.map(|glass| glass.at.timestamp_millis()))
            .bind(glass.map(|glass| glass.reason.clone()))
            .bind(glass.map(|glass| glass.ticket.clone()))
            .bind(owners)
            .bind(before_standard))
    }

    async fn save_permit(
        &mut self,
        number: i64,
        permit: Option<&Permit>,
    ) -> Result<(), StoreError> {
        let query = match permit {
            None => sql::statement(DELETE_PERMIT)
                .bind(self.workspace())
                .bind(number),
            Some(permit) => sql::statement(UPSERT_PERMIT)
                .bind(self.workspace())
                .bind(number)
                .bind(i64::from(permit.serial))
                .bind(permit.step.as_str())
                .bind(permit.holder.id.to_string())
                .bind(permit.holder.name.to_string())
                .bind(permit.shown_at.timestamp_millis())
                .bind(permit.state.as_str()),
        };
        self.run(query).await.map(drop)
    }
}

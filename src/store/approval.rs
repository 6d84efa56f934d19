//! The tables `request` and `approval`: the latest request of a change, with its approvals in the order they were given.

use std::collections::HashMap;

use super::code::{Row, instant, person};
use super::{StoreError, Tx, sql};
use crate::domain::approval::{Approval, Basis, Request, RequestState, Told};
use crate::domain::change::{Fingerprint, Step};
use crate::domain::id::Label;

/// Writes the latest request of a change.
pub(super) const UPSERT: &str = "INSERT INTO request (workspace, change_number, serial, step, asked_at_ms, needed, \
     attesters, fingerprint, state, told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
     ON CONFLICT (workspace, change_number) DO UPDATE SET serial = excluded.serial, step = excluded.step, \
     asked_at_ms = excluded.asked_at_ms, needed = excluded.needed, attesters = excluded.attesters, \
     fingerprint = excluded.fingerprint, state = excluded.state, told = excluded.told";

/// Forgets the request of a change.
pub(super) const DELETE: &str = "DELETE FROM request WHERE workspace = $1 AND change_number = $2";

/// Forgets the approvals of a change's request.
pub(super) const DELETE_APPROVALS: &str =
    "DELETE FROM approval WHERE workspace = $1 AND change_number = $2";

/// Adds an approval.
pub(super) const INSERT_APPROVAL: &str = "INSERT INTO approval (workspace, change_number, position, by_id, by_name, \
     at_ms, team) VALUES ($1, $2, $3, $4, $5, $6, $7)";

/// Reads the requests of `n` changes.
pub(super) fn select(n: usize) -> String {
    let numbers = sql::placeholders(2, n);
    format!(
        "SELECT change_number, serial, step, asked_at_ms, needed, attesters, fingerprint, state, told FROM request \
         WHERE workspace = $1 AND change_number IN ({numbers})"
    )
}

/// Reads the approvals of `n` changes.
pub(super) fn select_approvals(n: usize) -> String {
    let numbers = sql::placeholders(2, n);
    format!(
        "SELECT change_number, by_id, by_name, at_ms, team FROM approval \
         WHERE workspace = $1 AND change_number IN ({numbers}) ORDER BY change_number, position"
    )
}

#[derive(Debug, sqlx::FromRow)]
struct RequestRow {
    change_number: i64,
    serial: i64,
    step: String,
    asked_at_ms: i64,
    needed: i64,
    attesters: i64,
    fingerprint: String,
    state: String,
    told: String,
}

impl RequestRow {
    fn read(&self, approvals: Vec<ApprovalRow>) -> Result<Request, StoreError> {
        let key = format!("change {}", self.change_number);
        let row = Row {
            table: "request",
            key: &key,
        };
        let approvals: Result<Vec<_>, _> = approvals.iter().map(ApprovalRow::read).collect();
        Ok(Request {
            serial: row.need("serial", u32::try_from(self.serial).ok())?,
            step: row.need("step", Step::from_word(&self.step))?,
            asked_at: row.need("asked_at_ms", instant(self.asked_at_ms))?,
            needed: row.need("needed", u8::try_from(self.needed).ok())?,
            attesters: row.need("attesters", u8::try_from(self.attesters).ok())?,
            basis: row.need("fingerprint", basis(&self.fingerprint))?,
            state: row.need("state", RequestState::from_word(&self.state))?,
            told: row.need("told", Told::from_word(&self.told))?,
            approvals: approvals?,
        })
    }
}

/// What a request rests on. Earlier versions kept the facts alone.
fn basis(text: &str) -> Option<Basis> {
    let facts = || serde_json::from_str::<Fingerprint>(text).ok();
    let of_facts = |facts| Basis { facts, row: None };
    serde_json::from_str(text)
        .ok()
        .or_else(|| facts().map(of_facts))
}

#[derive(Debug, sqlx::FromRow)]
struct ApprovalRow {
    change_number: i64,
    by_id: String,
    by_name: String,
    at_ms: i64,
    team: Option<String>,
}

impl ApprovalRow {
    fn read(&self) -> Result<Approval, StoreError> {
        let key = format!("change {}", self.change_number);
        let row = Row {
            table: "approval",
            key: &key,
        };
        let label = |text: &str| Label::parse(text).ok();
        Ok(Approval {
            by: row.need("by_id", person(Some(&self.by_id), Some(&self.by_name)))?,
            at: row.need("at_ms", instant(self.at_ms))?,
            team: row.may("team", self.team.as_deref(), label)?,
        })
    }
}

/// The requests of several changes.
#[derive(Debug, Default)]
pub(super) struct Requests(HashMap<i64, (RequestRow, Vec<ApprovalRow>)>);

impl Requests {
    /// The request of a change, which is then gone from here.
    pub(super) fn take(&mut self, number: i64) -> Result<Option<Request>, StoreError> {
        let found = self.0.remove(&number);
        found
            .map(|(request, approvals)| request.read(approvals))
            .transpose()
    }
}

impl Tx {
    pub(super) async fn requests_of(&mut self, numbers: &[i64]) -> Result<Requests, StoreError> {
        let mut requests = HashMap::new();
        for batch in sql::batches(numbers) {
            let mut query = sql::rows::<RequestRow>(select(batch.len())).bind(self.workspace());
            for number in &batch {
                query = query.bind(*number);
            }
            for row in self.all(query).await? {
                requests.insert(row.change_number, (row, Vec::new()));
            }
            let text = select_approvals(batch.len());
            let mut query = sql::rows::<ApprovalRow>(text).bind(self.workspace());
            for number in batch {
                query = query.bind(number);
            }
            for row in self.all(query).await? {
                if let Some((_, approvals)) = requests.get_mut(&row.change_number) {
                    approvals.push(row);
                }
            }
        }
        Ok(Requests(requests))
    }

    pub(super) async fn save_request(
        &mut self,
        number: i64,
        request: Option<&Request>,
    ) -> Result<(), StoreError> {
        let forget = sql::statement(DELETE_APPROVALS)
            .bind(self.workspace())
            .bind(number);
        self.run(forget).await?;
        let Some(request) = request else {
            let query = sql::statement(DELETE).bind(self.workspace()).bind(number);
            return self.run(query).await.map(drop);
        };
        let fingerprint = serde_json::to_string(&request.basis)
            .map_err(|error| StoreError::Broken(error.into()))?;
        let query = sql::statement(UPSERT)
            .bind(self.workspace())
            .bind(number)
            .bind(i64::from(request.serial))
            .bind(request.step.as_str())
            .bind(request.asked_at.timestamp_millis())
            .bind(i64::from(request.needed))
            .bind(i64::from(request.attesters))
            .bind(fingerprint)
            .bind(request.state.as_str())
            .bind(request.told.as_str());
        self.run(query).await?;
        for (position, approval) in (1_i64..).zip(&request.approvals) {
            let query = sql::statement(INSERT_APPROVAL)
                .bind(self.workspace())
                .bind(number)
                .bind(position)
                .bind(approval.by.id.to_string())
                .bind(approval.by.name.to_string())
                .bind(approval.at.timestamp_millis())
                .bind(approval.team.as_ref().map(ToString::to_string));
            self.run(query).await?;
        }
        Ok(())
    }
}

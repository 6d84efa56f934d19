//! What is going on beside the facts of an instance that a notice names: a change of it may be what the notice is about.

use chrono::TimeDelta;

use super::Filed;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{ChangeKind, Route, Step};
use crate::domain::id::{InstanceId, Person};
use crate::domain::team::PERMIT_VALID;

/// How long after a step, or a permit for one, a notice may be its echo.
const ECHOES: TimeDelta = TimeDelta::hours(24);

/// What is going on beside the facts of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Of which instance.
    pub instance: InstanceId,
    /// The change whose permit was out, or one of whose steps was confirmed, within a day before the notice.
    pub recent: Option<u64>,
    /// The approved change that waits for the expiry.
    pub waits: Option<Waits>,
}

/// That an approved change waits for the expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// Its number.
    pub change: u64,
    /// Who approved it; nobody where no approvals are needed.
    pub approved_by: Vec<Person>,
}

impl Beside {
    /// What is going on with an instance when a notice of it is told.
    pub fn of(case: &Case, filed: &Filed) -> Self {
        Self {
            instance: case.instance.id.clone(),
            recent: recent(case, filed.received),
            waits: waits(case),
        }
    }
}

fn recent(case: &Case, received: Timestamp) -> Option<u64> {
    let change = case.change.as_ref()?;
    let near = |at: Timestamp| at <= received && received - at <= ECHOES;
    let out = change.permit.as_ref().is_some_and(|permit| {
        permit.shown_at <= received && received - permit.shown_at <= ECHOES + PERMIT_VALID
    });
    let confirmed = change.records.iter().any(|record| near(record.at));
    (out || confirmed).then_some(change.number)
}

fn waits(case: &Case) -> Option<Waits> {
    let change = case.open_change()?;
    if change.kind != ChangeKind::Downgrade(Route::Expiry) || change.exit_confirmed() {
        return None;
    }
    let request = change.request.as_ref();
    let request = request.filter(|request| request.step == Step::AwaitExpiry);
    let approvals = request.map_or(&[][..], |request| request.approvals.as_slice());
    let needed = request.map_or(0, |request| usize::from(request.needed));
    (approvals.len() >= needed).then(|| Waits {
        change: change.number,
        approved_by: approvals
            .iter()
            .map(|approval| approval.by.clone())
            .collect(),
    })
}

//! What is going on beside the facts of an instance that a notice names: a change of it may be what the notice is about.

use chrono::TimeDelta;

use super::NoticeRecord;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{Change, ChangeKind, Route, Step};
use crate::domain::event::{Event, EventKind};
use crate::domain::id::{InstanceId, Person};
use crate::domain::team::PERMIT_VALID;

/// How long after a step, or a permit for one, a notice may be its echo.
const ECHOES: TimeDelta = TimeDelta::hours(24);

/// What is going on beside the facts of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    pub instance: InstanceId,
    /// The change whose permit was out, or one of whose steps was confirmed, within a day before the notice.
    pub recent: Option<u64>,
    /// The change that explains that it is said to be gone.
    pub explains: Option<u64>,
    /// The open change that unsubscribes it, while nobody has said that this is done.
    pub unsubscribes: Option<u64>,
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
    pub fn of(case: &Case, history: &[Event], filed: &NoticeRecord) -> Self {
        let open = case.open_change();
        let unsubscribes = |change: &&Change| {
            change.kind == ChangeKind::Downgrade(Route::Unsubscribe) && !change.exit_confirmed()
        };
        Self {
            instance: case.instance.id.clone(),
            recent: recent(history, filed.received),
            waits: waits(case),
            explains: None,
            unsubscribes: open.filter(unsubscribes).map(|change| change.number),
        }
    }
}

/// The last change that had a permit out, or a step confirmed, within a day before; also one that has ended since.
fn recent(history: &[Event], received: Timestamp) -> Option<u64> {
    let within = |at: Timestamp, span| at <= received && received - at <= span;
    let echoes = |event: &&Event| {
        let out = matches!(event.kind, EventKind::PermitShown { .. });
        let done = matches!(event.kind, EventKind::StepDone { .. });
        out && within(event.at, ECHOES + PERMIT_VALID) || done && within(event.at, ECHOES)
    };
    history
        .iter()
        .filter(echoes)
        .max_by_key(|event| event.at)?
        .change
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

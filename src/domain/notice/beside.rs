//! The context of a notice: changes of its instance that may explain it.

use chrono::TimeDelta;

use super::NoticeRecord;
use crate::Timestamp;
use crate::case::Case;
use crate::change::{Change, ChangeKind, Route, Step};
use crate::event::{Event, EventKind};
use crate::id::{InstanceId, Person};
use crate::team::PERMIT_VALID;

/// The time after a step, or a permit, in which a notice may be its consequence.
const ECHOES: TimeDelta = TimeDelta::hours(24);

/// The changes of an instance that matter for a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    pub instance: InstanceId,
    /// The change with a permit or a completed step in the day before the notice.
    pub recent: Option<u64>,
    /// An open notice that calls it gone.
    pub called_gone: Option<u64>,
    /// The change that explains a report that the instance is gone.
    pub explains: Option<u64>,
    /// The open change that is to unsubscribe it, not yet confirmed.
    pub unsubscribes: Option<u64>,
    /// The approved change that waits for the expiry.
    pub waits: Option<Waits>,
}

/// An approved change that waits for the expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    pub change: u64,
    /// The approvers; none where no approvals are needed.
    pub approved_by: Vec<Person>,
}

impl Beside {
    /// The context of an instance when a notice about it is announced.
    pub fn of(case: &Case, history: &[Event], filed: &NoticeRecord) -> Self {
        let open = case.open_change();
        let unsubscribes = |change: &&Change| {
            change.kind == ChangeKind::Downgrade(Route::Unsubscribe) && !change.exit_confirmed()
        };
        Self {
            instance: case.instance.id.clone(),
            recent: recent(history, filed.received),
            waits: waits(case),
            called_gone: None,
            explains: None,
            unsubscribes: open.filter(unsubscribes).map(|change| change.number),
        }
    }
}

/// The last change with a permit or a completed step in the day before; even if it has ended.
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

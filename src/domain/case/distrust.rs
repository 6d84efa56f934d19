//! What a restored database still says of an instance: what happened since the copy was made is not known, so nothing that
//! lets anybody act, or be quiet, counts any more.

use super::Case;
use crate::domain::Timestamp;
use crate::domain::approval::RequestState;
use crate::domain::change::Fingerprint;
use crate::domain::event::{EventKind, Withdrawal};
use crate::domain::fact::{Fact, Gap};
use crate::domain::id::Person;

impl Case {
    /// Distrusts what is known: the permit that is out, the open request with its approvals, the acceptance of the size and
    /// every observation are void, edition and action are unknown. What was recorded as done stays recorded. Whether an irreversible
    /// step whose permit was shown has happened is unknown.
    ///
    /// Time is not moved before: it would decide by what is not known any more. `state_of` is the moment until which the
    /// database knows what happened, and `leave_out` how many numbers may have been given since.
    pub fn distrust(&mut self, state_of: Timestamp, leave_out: u64, now: Timestamp) {
        let before = self.instance.clone();
        let restored = EventKind::Restored { state_of };
        self.record_event(now, None, restored.clone());
        self.doubt_permitted();
        self.withdraw_permit(Withdrawal::Restored, None, now);
        let instance = &mut self.instance;
        // Why it was unknown already may ask for more than a look.
        if !matches!(instance.edition, Fact::Unknown { .. }) {
            instance.forget_edition(Gap::Restored, now);
        }
        if !matches!(instance.action, Fact::Unknown { .. }) {
            instance.forget_action(Gap::Restored, now);
        }
        instance.observations.clear();
        instance.action_unverified = None;
        self.note_moves(&before, None, now);
        self.void_restored_request(restored, now);
        let decided_on = Fingerprint::of(&self.instance);
        if let Some(change) = self.open_change_mut() {
            change.acknowledgement = None;
            change.decided_on = decided_on;
            change.leave_out(leave_out);
        }
    }

    /// The step of the permit that is out may have happened.
    pub(super) fn doubt_permitted(&mut self) {
        let step = self.permit_out_mut().map(|permit| permit.step);
        let unknown = self
            .open_change_mut()
            .and_then(|change| change.outcome_unknown.as_mut());
        if let Some(unknown) = unknown.filter(|unknown| Some(unknown.step) == step) {
            unknown.permit_lapsed = true;
        }
    }

    fn void_restored_request(&mut self, restored: EventKind, now: Timestamp) {
        let Some(request) = self
            .open_change_mut()
            .and_then(|change| change.request.as_mut())
        else {
            return;
        };
        // One that was used let somebody act before; it is no leave to act again, and is asked for again like this.
        if request.state != RequestState::Open {
            return;
        }
        request.state = RequestState::Void;
        let step = request.step;
        let of: Vec<Person> = request.approvals.drain(..).map(|given| given.by).collect();
        if !of.is_empty() {
            let moved = vec![restored];
            self.record_event(now, None, EventKind::ApprovalsVoided { step, of, moved });
        }
    }
}

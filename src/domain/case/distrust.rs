//! A case after its database was restored: events since the backup are unknown, so nothing that permits an action or suppresses a
//! message counts any more.

use super::Case;
use crate::Timestamp;
use crate::change::Fingerprint;
use crate::event::{EventKind, Withdrawal};
use crate::fact::{Fact, Gap};

impl Case {
    /// Voids the outstanding permit, the open request with its approvals, the acceptance of the size and every observation, and
    /// makes unknown what a change rests on; reminders go on by the expiry of the copy. Recorded steps stay recorded. An irreversible step whose permit was shown has an unknown
    /// outcome.
    ///
    /// The case is not advanced first: that would decide on facts that are no longer known. `state_of` is the moment of the
    /// backup, and `leave_out` the number of serials that may have been given since.
    pub fn distrust(&mut self, state_of: Timestamp, leave_out: u64, now: Timestamp) {
        let before = self.instance.clone();
        let restored = EventKind::Restored { state_of };
        self.record_event(now, None, restored.clone());
        self.doubt_permitted();
        self.withdraw_permit(Withdrawal::Restored, None, now);
        let instance = &mut self.instance;
        // An existing gap may require more than an observation.
        if !matches!(instance.edition, Fact::Unknown { .. }) {
            instance.forget_edition(Gap::Restored, now);
        }
        if !matches!(instance.action, Fact::Unknown { .. }) {
            instance.forget_action(Gap::Restored, now);
        }
        instance.observations.clear();
        instance.action_unverified = None;
        if instance.expires.held().is_some() {
            self.unsay_expiry(Gap::Restored, now);
        }
        // A correction since the copy would be undone by it. A size goes on to count: one that nobody knows blocks nothing.
        let instance = &mut self.instance;
        if instance.auto_renew.held().is_some() {
            instance.auto_renew = Fact::gone(Gap::Restored, now);
        }
        if instance.commodity_id.held().is_some() {
            instance.commodity_id = Fact::gone(Gap::Restored, now);
        }
        self.note_moves(&before, None, now);
        self.void_restored_request(restored, now);
        let decided_on = Fingerprint::of(&self.instance);
        if let Some(change) = self.open_change_mut() {
            change.acknowledgement = None;
            change.decided_on = decided_on;
            change.leave_out(leave_out);
        }
    }

    /// Marks the step of the outstanding permit as possibly done.
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
        // A used request permits nothing more, and is opened again without this.
        if self.request_open_mut().is_some()
            && let Some(voided) = self.set_request_void(vec![restored], None)
        {
            self.record_event(now, None, voided);
        }
    }
}

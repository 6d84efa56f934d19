//! The exit of an instance from its subscription, from its history.

use crate::Timestamp;
use crate::fact::Fact;
use crate::instance::{Edition, Instance};

/// The exit from a subscription, in the documented order: by a recorded step, or by an expiry with a valid observation of
/// Downgrade. Standard afterwards is the expected result; without an exit it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    pub at: Timestamp,
    /// The expiry of that subscription, if known.
    pub expired: Option<Timestamp>,
    /// The change that recorded the unsubscription.
    pub unsubscribed: Option<u64>,
}

impl Instance {
    /// When it was last seen as Platinum, as far as the edition may still be that, if that was after an exit.
    pub fn platinum_after(&self, exit: Exit) -> Option<Timestamp> {
        let said = self.edition.candidates();
        let seen = said.filter(|it| it.value == Edition::Platinum && it.at > exit.at);
        let listed = self.listed_platinum.filter(|at| *at > exit.at);
        seen.map(|it| it.at).max().max(listed)
    }

    /// Whether what was said since an exit speaks against it: the edition is not known any more, an expiry was said, or Platinum
    /// was seen. After an expiry that is still to be expected for 168 h.
    pub(super) fn doubts_exit(&self, exit: Exit) -> bool {
        let unknown = matches!(self.edition, Fact::Unknown { since, .. } if since > Some(exit.at));
        let stays = exit.unsubscribed.is_some() && self.platinum_after(exit).is_some();
        unknown || stays || self.expires_after(exit)
    }

    /// Whether an expiry was said after an exit: after an expiry, another than that.
    pub fn expires_after(&self, exit: Exit) -> bool {
        let mut said = self.expires.candidates();
        let is_new = |value| exit.unsubscribed.is_some() || Some(value) != exit.expired;
        said.any(|said| said.at > exit.at && is_new(said.value))
    }
}

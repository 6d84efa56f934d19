//! That an instance has left a subscription in the order of the manual, as its history tells.

use crate::domain::Timestamp;

/// That an instance has left a subscription: by a step that a change recorded, or by an expiry that found a valid look at
/// Downgrade. Standard that is seen afterwards is what was to be expected; without this it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    pub at: Timestamp,
    /// When the subscription would have expired, or did, where that is known.
    pub expired: Option<Timestamp>,
    /// The change that recorded that it was unsubscribed.
    pub unsubscribed: Option<u64>,
}

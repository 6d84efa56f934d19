//! The exit of an instance from its subscription, from its history.

use crate::Timestamp;

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

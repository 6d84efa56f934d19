//! Delivery without a chat: the schedule runs, and messages wait for a process with a chat.

use super::chat::{Chat, Outgoing, SendError, Sent};
use super::{Delivery, DeliveryOptions, holder};
use crate::app::Warden;
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::store::{HEADLESS, Served};

/// A chat that sends nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoChat;

const WAITS: &str =
    "this process has no chat: what is meant for people waits until one that has a chat runs";

impl Chat for NoChat {
    async fn send(&self, _message: &Outgoing) -> Result<Sent, SendError> {
        Err(SendError::TooMany {
            retry_after: std::time::Duration::from_secs(600),
            reason: WAITS.to_owned(),
        })
    }

    async fn find(
        &self,
        _: &WorkspaceId,
        _: &ChannelId,
        _: &str,
    ) -> Result<Option<Sent>, SendError> {
        Ok(None)
    }

    async fn reachable(&self) -> Result<(), String> {
        Err(WAITS.to_owned())
    }
}

impl Delivery<NoChat> {
    /// Runs the schedule and sends nothing.
    pub fn headless(warden: Warden) -> Self {
        let terms = DeliveryOptions {
            side_by_side: 0,
            ..DeliveryOptions::default()
        };
        Self::new(warden, NoChat, terms, Some(holder(HEADLESS)), Served::All)
    }
}

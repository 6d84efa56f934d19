//! Whether what is posted is being delivered, here or elsewhere.

use super::Delivery;
use super::chat::Chat;
use crate::store::StoreError;

/// Who delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// This process does.
    Delivers,
    /// Another process does; this one takes over when that one ends.
    StandsBy,
    /// This process decides what time decides, and has no chat: what is meant for people waits.
    HasNoChat,
}

/// Why nothing is delivered, as far as this process can tell.
#[derive(Debug, thiserror::Error)]
pub enum NotDelivering {
    /// The database does not answer.
    #[error("the database does not answer")]
    Database(#[source] StoreError),
    /// Nothing can be recorded.
    #[error("the disk that holds the database is full")]
    DiskFull,
    /// The program is ending.
    #[error("the program is ending")]
    Stopping,
    /// No process delivers.
    #[error("nobody delivers what is posted")]
    Nobody,
    /// The chat cannot be posted to.
    #[error("the chat cannot be posted to: {0}")]
    Chat(String),
}

impl From<StoreError> for NotDelivering {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull { .. } => Self::DiskFull,
            error => Self::Database(error),
        }
    }
}

impl<C: Chat> Delivery<C> {
    /// Whether the chat can be posted to.
    pub async fn reaches_chat(&self) -> bool {
        self.inner.chat.reachable().await.is_ok()
    }

    /// Who delivers at this moment. Writes to the database, so that it shows when that does not answer or is full.
    ///
    /// # Errors
    /// [`NotDelivering`].
    pub async fn state(&self) -> Result<DeliveryState, NotDelivering> {
        let inner = &self.inner;
        let now = inner.warden.now();
        inner.store.system().try_to_write(now).await?;
        let delivers = inner.store.system().who_delivers(now).await?;
        if inner.is_stopping() {
            return Err(NotDelivering::Stopping);
        }
        match (&inner.holder, delivers) {
            (Some(own), Some(other)) if *own != other => return Ok(DeliveryState::StandsBy),
            (Some(_), None) => return Err(NotDelivering::Nobody),
            (None, _) | (Some(_), Some(_)) => {}
        }
        if inner.terms.side_by_side == 0 {
            return Ok(DeliveryState::HasNoChat);
        }
        let reachable = inner.chat.reachable().await;
        reachable.map_err(NotDelivering::Chat)?;
        Ok(DeliveryState::Delivers)
    }
}

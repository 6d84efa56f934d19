//! The state of delivery, in this process or another.

use super::Delivery;
use super::chat::Chat;
use crate::store::StoreError;

/// The process that delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// This process.
    Delivers,
    /// Another process; this one takes over when it ends.
    StandsBy,
    /// This process runs the schedule but has no chat, so messages wait.
    HasNoChat,
    /// This process posts at a terminal; messages for servers are posted by a bot.
    PostsAtTerminal,
}

/// The reasons for no delivery, as far as this process knows.
#[derive(Debug, thiserror::Error)]
pub enum NotDelivering {
    /// The database does not respond.
    #[error("the database does not answer")]
    Database(#[source] StoreError),
    /// The disk is full.
    #[error("the disk that holds the database is full")]
    DiskFull,
    /// What is recorded would be in a file that nobody looks for.
    #[error("the database was moved away, replaced or deleted while this process works with it")]
    MovedAway,
    /// What is recorded would rest on an earlier state.
    #[error("the database went back to an earlier state while this process works with it")]
    WentBack,
    #[error("the program is ending")]
    Stopping,
    /// No process holds the lease.
    #[error("nobody delivers what is posted")]
    Nobody,
    #[error("the chat cannot be posted to: {0}")]
    Chat(String),
}

impl From<StoreError> for NotDelivering {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull { .. } => Self::DiskFull,
            StoreError::MovedAway { .. } => Self::MovedAway,
            StoreError::WentBack { .. } => Self::WentBack,
            error => Self::Database(error),
        }
    }
}

impl<C: Chat> Delivery<C> {
    /// Whether the chat can be posted to.
    pub async fn reaches_chat(&self) -> bool {
        self.inner.chat.reachable().await.is_ok()
    }

    /// The process that delivers now. Writes to the database, to detect one that does not respond or is full.
    ///
    /// # Errors
    /// [`NotDelivering`].
    pub async fn state(&self) -> Result<DeliveryState, NotDelivering> {
        let inner = &self.inner;
        let now = inner.warden.now();
        let system = inner.store.system();
        system.try_to_write(now).await?;
        let delivers = system.who_delivers(&inner.served, now).await?;
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
        Ok(match system.leaves_any(&inner.served).await? {
            true => DeliveryState::PostsAtTerminal,
            false => DeliveryState::Delivers,
        })
    }
}

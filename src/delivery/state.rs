//! The state of delivery, in this process or another.

use super::Delivery;
use super::chat::Chat;
use crate::app::LOCAL_WORKSPACE;
use crate::domain::id::WorkspaceId;
use crate::store::{Served, StoreError, StoreResult};

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
    /// New records would go to a file that is no longer used.
    #[error("the database was moved away, replaced or deleted while this process works with it")]
    MovedAway,
    /// New records would be based on an earlier state.
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

/// The reason why nobody hears of what is posted in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// Nothing was ever recorded in it: probably its name is misspelt, or the bot is not on that server yet.
    #[error(
        "there is no server or workspace of that id here: correct it, or invite the bot there first"
    )]
    Unknown,
    /// The bot was removed from the server.
    #[error("the bot was removed from that server: invite it again")]
    Paused,
    /// It is the terminal's own, and this is a bot.
    #[error("it is the terminal's own, which no server sees: put the server's id in its place")]
    AtTerminal,
}

impl<C: Chat> Delivery<C> {
    /// Why nobody hears of what is posted in a workspace, if so.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unheard(&self, workspace: &WorkspaceId) -> StoreResult<Option<Unheard>> {
        let is_local = workspace.as_str() == LOCAL_WORKSPACE;
        if is_local && matches!(self.inner.served, Served::AllBut(_)) {
            return Ok(Some(Unheard::AtTerminal));
        }
        let paused = self.inner.store.system().is_paused(workspace).await?;
        Ok(match paused {
            Some(true) => Some(Unheard::Paused),
            None if !is_local => Some(Unheard::Unknown),
            Some(false) | None => None,
        })
    }

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
